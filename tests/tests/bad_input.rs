//! Bad input gets a clear error that names the thing and the place; the show continues wherever possible.

use e2e::port::free_port;
use e2e::{Daemon, JackServer, OscDump, Process, binaries::binary, song, turn, wait_for};
use std::net::UdpSocket;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(10);

/// Runs the daemon on a configuration that it cannot serve: its exit code and what it said.
fn refused(config: &str) -> (Option<i32>, String) {
    let directory = tempfile::tempdir().expect("a directory of the test's own");
    let path = directory.path().join("bad.toml");
    std::fs::write(&path, config).expect("a directory of the test's own can be written");
    let mut process = Process::start("downbeatd", Command::new(binary("downbeatd")).arg("--config").arg(&path));
    let status = process.wait(SOON);
    // The pipe may still hold the last line when the process is gone.
    wait_for("a word of explanation", SOON, || process.text().contains("error").then_some(()));
    (status.code(), process.text())
}

#[test]
fn an_unknown_key_is_named_with_its_line_and_the_nearest_known_one() {
    let (code, said) = refused("[audio]\nsource = \"file\"\n[tempo]\nrangge = [60, 200]\n");
    assert_eq!(code, Some(78), "{said}");
    assert!(said.contains("bad.toml:4") && said.contains("rangge") && said.contains("range"), "{said}");
}

#[test]
fn an_unknown_signal_in_an_expression_is_named_with_the_nearest_known_one() {
    let (code, said) = refused("[parameter.glow]\nexpression = \"2 * main.band.bas\"\n");
    assert_eq!(code, Some(78), "{said}");
    assert!(
        said.contains("bad.toml:2") && said.contains("main.band.bas`") && said.contains("main.band.bass"),
        "{said}"
    );
}

#[test]
fn an_audio_file_that_cannot_be_read_is_named() {
    let directory = tempfile::tempdir().expect("a directory of the test's own");
    let path = directory.path().join("broken.flac");
    std::fs::write(&path, "this is no music").expect("a directory of the test's own can be written");
    // Files of a configuration may come later; one that somebody has just typed is mistyped.
    let config = directory.path().join("booth.toml");
    std::fs::write(&config, format!("[audio]\nsource = \"file\"\nfiles = {{ main = {path:?} }}\n")).expect("written");
    let (song, config) = (path.display().to_string(), config.display().to_string());
    for (arguments, named) in [
        (["--audio", "/no/such/song.wav"].as_slice(), "/no/such/song.wav"),
        (&["--audio", &song], "broken.flac"),
        (&["--check", "--config", &config], "broken.flac"),
    ] {
        let output = Command::new(binary("downbeatd")).args(arguments).output().expect("it runs");
        assert_eq!(output.status.code(), Some(66), "{arguments:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(named), "{arguments:?}");
    }
}

#[test]
fn without_jack_the_daemon_says_so_and_serves_everything_else() {
    let _turn = turn();
    let server = JackServer::absent();
    let dump = OscDump::start();
    let config = format!(
        "[output.meters]\nkind = \"osc\"\ntarget = \"127.0.0.1:{}\"\nrate-hz = 20\nsignals = [\"main.rms\"]\n",
        dump.port
    );
    let mut daemon = Daemon::start(&config, Some(&server));
    daemon.process.wait_for_line("JACK", SOON);
    wait_for("meters at rest", SOON, || dump.to("/signal/main/rms").last().map(|it| assert_eq!(it.number(0), 0.0)));
    daemon.process.signal(15);
    assert!(daemon.process.wait(SOON).success());
}

#[test]
fn garbage_at_every_door_changes_nothing() {
    let _turn = turn();
    let (osc, nodes) = (free_port(), free_port());
    let dump = OscDump::start();
    let config = format!(
        r#"
        [audio]
        source = "file"
        files = {{ main = {:?} }}
        [output.meters]
        kind = "osc"
        target = "127.0.0.1:{}"
        events = ["beat"]
        [server]
        listen = "127.0.0.1:{nodes}"
        [control.tablet]
        kind = "osc"
        listen = "127.0.0.1:{osc}"
        "#,
        song::mix(),
        dump.port
    );
    let mut daemon = Daemon::start(&config, None);
    let socket = UdpSocket::bind("127.0.0.1:0").expect("loopback has free ports");
    let packets: [&[u8]; 6] = [
        b"",
        b"/",
        b"#bundle\0\0\0\0\0\0\0\0\x01\xff\xff\xff\xff",
        b"/tempo/tap\0\0,q\0\0",
        &[0xff; 1400],
        b"/tempo/bpm\0\0,f\0\0",
    ];
    for round in 0..200 {
        for door in [osc, nodes] {
            let _ = socket.send_to(packets[round % packets.len()], ("127.0.0.1", door));
        }
    }
    let before = dump.to("/beat").len();
    wait_for("beats after the garbage", Duration::from_secs(20), || {
        (dump.to("/beat").len() > before + 4).then_some(())
    });
    assert!(daemon.process.runs());
}

#[test]
fn a_node_without_a_graphics_adapter_says_what_to_install() {
    let mut command = Command::new(binary("downbeat-renderer"));
    let nowhere = Path::new("/nonexistent");
    command
        .env("VK_DRIVER_FILES", nowhere)
        .env("VK_ICD_FILENAMES", nowhere)
        .env("__EGL_VENDOR_LIBRARY_FILENAMES", nowhere);
    command.args(["--headless", "/tmp", "--server", "127.0.0.1:1"]).env("WGPU_BACKEND", "vulkan");
    let mut process = Process::start("downbeat-renderer", &mut command);
    assert_eq!(process.wait(SOON).code(), Some(69), "{}", process.text());
    process.wait_for_line("mesa-vulkan-drivers", SOON);
}
