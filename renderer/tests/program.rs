//! The program from outside: its output and exit status.

use std::io::{BufRead, BufReader};
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

fn renderer() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_downbeat-renderer"));
    command.env("DOWNBEAT_KEYS", concat!(env!("CARGO_TARGET_TMPDIR"), "/keys"));
    // Nobody answers on the discard port.
    command.args(["--server", "127.0.0.1:9"]).stderr(Stdio::piped()).stdout(Stdio::piped());
    for name in ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET", "DOWNBEAT_LOG"] {
        command.env_remove(name);
    }
    command
}

fn outcome(command: &mut Command) -> (Option<i32>, String) {
    let output = command.output().expect("runs");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

fn wait(child: &mut Child, at_most: Duration) -> Option<ExitStatus> {
    let until = Instant::now() + at_most;
    while Instant::now() < until {
        if let Some(status) = child.try_wait().expect("waits") {
            return Some(status);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    None
}

#[test]
fn a_wrong_configuration_ends_with_78_and_says_where() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("node.toml");
    std::fs::write(&path, "[display]\nfsp = 1\n").expect("writes");
    let (code, said) = outcome(renderer().arg("--config").arg(&path));
    assert_eq!(code, Some(78), "{said}");
    assert!(said.contains("node.toml:2: display.fsp: unknown key; did you mean `fps`?"), "{said}");
}

#[test]
fn what_cannot_be_printed_is_said_and_a_reader_that_has_gone_is_no_error() {
    let full = std::fs::File::options().write(true).open("/dev/full").expect("Linux has it");
    let (code, said) = outcome(renderer().arg("--list-scenes").stdout(full));
    assert_eq!(code, Some(74), "{said}");
    assert!(said.contains("cannot write to standard output"), "{said}");
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    assert_eq!(outcome(renderer().arg("--check").stdout(writer)), (Some(0), String::new()));
}

#[test]
fn no_adapter_ends_with_69_and_says_what_to_install() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = renderer();
    command.arg("--headless").arg(folder.path());
    // As on a machine without any driver: the Vulkan loader finds none, and OpenGL is not tried.
    command
        .env("VK_DRIVER_FILES", "/nowhere.json")
        .env("VK_ICD_FILENAMES", "/nowhere.json")
        .env("WGPU_BACKEND", "vulkan");
    let (code, said) = outcome(&mut command);
    assert_eq!(code, Some(69), "{said}");
    assert!(said.contains("mesa-vulkan-drivers"), "{said}");
}

#[test]
fn no_display_ends_with_69_and_points_to_headless() {
    let (code, said) = outcome(&mut renderer());
    assert_eq!(code, Some(69), "{said}");
    assert!(said.contains("--headless"), "{said}");
}

#[test]
fn a_folder_that_cannot_be_written_ends_with_74() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    std::fs::write(&file, "").expect("writes");
    let (code, said) = outcome(renderer().arg("--headless").arg(file.join("frames")));
    assert_eq!(code, Some(74), "{said}");
}

#[test]
fn it_tells_systemd_that_it_is_ready_and_ends_with_0_when_told_to() {
    let folder = tempfile::tempdir().expect("a folder");
    let socket_path = folder.path().join("notify");
    let socket = UnixDatagram::bind(&socket_path).expect("binds");
    socket.set_read_timeout(Some(Duration::from_secs(30))).expect("takes a time-out");
    let mut command = renderer();
    command.arg("--headless").arg(folder.path().join("frames"));
    command.env("NOTIFY_SOCKET", &socket_path).env("WATCHDOG_USEC", "300000").stderr(Stdio::null());
    let mut child = command.spawn().expect("starts");
    let said = |socket: &UnixDatagram| {
        let mut bytes = [0; 256];
        let len = socket.recv(&mut bytes).expect("systemd is told");
        String::from_utf8_lossy(&bytes[..len]).into_owned()
    };
    assert!(said(&socket).contains("READY=1"));
    assert!(said(&socket).contains("WATCHDOG=1"));
    stop(&child);
    let status = wait(&mut child, Duration::from_secs(5)).expect("ends");
    assert_eq!(status.code(), Some(0));
    assert!(folder.path().join("frames").is_dir());
    assert!(pictures(&folder.path().join("frames")).is_empty(), "without a show there is no frame number");
}

#[test]
fn a_frames_log_without_a_reader_holds_up_neither_the_node_nor_its_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let (pipe, socket_path) = (folder.path().join("frames.csv"), folder.path().join("notify"));
    assert!(Command::new("mkfifo").arg(&pipe).status().is_ok_and(|status| status.success()));
    let socket = UnixDatagram::bind(&socket_path).expect("binds");
    socket.set_read_timeout(Some(Duration::from_secs(30))).expect("takes a time-out");
    let mut command = renderer();
    command.args(["--offscreen", "--frames-log"]).arg(&pipe).env("NOTIFY_SOCKET", &socket_path);
    let mut child = command.spawn().expect("starts");
    let ready = socket.recv(&mut [0; 256]);
    stop(&child);
    let status = wait(&mut child, Duration::from_secs(30));
    let _ = child.kill();
    let said = child.wait_with_output().map(|output| String::from_utf8_lossy(&output.stderr).into_owned());
    let said = said.expect("it has ended");
    assert!(ready.is_ok() && status.is_some_and(|status| status.success()), "{status:?}: {said}");
    assert!(said.contains("frames.csv: a named pipe, not a regular file; drawing without it"), "{said}");
}

#[test]
fn a_service_manager_that_reads_nothing_holds_up_neither_the_node_nor_its_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let socket_path = folder.path().join("notify");
    let socket = UnixDatagram::bind(&socket_path).expect("binds");
    socket.set_read_timeout(Some(Duration::from_secs(30))).expect("takes a time-out");
    fill(&socket_path);
    let mut command = renderer();
    // It says that it has no folder for its log, just before it is ready.
    command.args(["--offscreen", "--frames-log"]).arg(folder.path().join("away/frames.csv"));
    command.env("NOTIFY_SOCKET", &socket_path).env("WATCHDOG_USEC", "300000");
    let mut child = command.spawn().expect("starts");
    let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines().map_while(Result::ok);
    let started = lines.any(|line| line.contains("drawing without it"));
    // The first notification had no room, and comes as soon as there is some.
    let mut bytes = [0; 256];
    let is_ready = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains("READY=1");
    let is_told =
        std::iter::from_fn(|| socket.recv(&mut bytes).ok().map(|length| is_ready(&bytes[..length]))).any(|it| it);
    fill(&socket_path);
    stop(&child);
    let status = wait(&mut child, Duration::from_secs(30));
    let _ = child.kill();
    assert!(started && is_told, "started: {started}, told: {is_told}");
    assert_eq!(status.and_then(|status| status.code()), Some(0), "it ends as without a service manager");
}

/// Sends until there is no room. A socket alone cannot: it may send only so much that is not read.
fn fill(path: &Path) {
    let send = || {
        let socket = UnixDatagram::unbound()?;
        socket.set_nonblocking(true)?;
        socket.send_to(b"STATUS=full", path)
    };
    while send().is_ok() {}
}

fn stop(child: &Child) {
    let status = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().expect("kill runs");
    assert!(status.success());
}

fn pictures(folder: &Path) -> Vec<String> {
    let names =
        std::fs::read_dir(folder).expect("lists").filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    names.filter(|name| name.ends_with(".png")).collect()
}
