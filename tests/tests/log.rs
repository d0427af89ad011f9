//! A log that cannot be written stops nothing, nor does a service manager that reads nothing, and what strangers send does
//! not fill the log.

use e2e::binaries::binary;
use e2e::port::free_port;
use e2e::{Daemon, song, turn, wait_for};
use nix::pty::openpty;
use nix::sys::signal::Signal;
use nix::unistd::{Pid, pipe};
use rosc::{OscBundle, OscMessage, OscPacket, OscTime, OscType};
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, UdpSocket};
use std::os::unix::net::UnixDatagram;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A daemon that says much, to a standard error of the test's own.
struct Talker {
    child: Child,
    /// The daemon, which a shell may have started.
    process: Pid,
    control: SocketAddr,
    beats: UdpSocket,
    _keys: TempDir,
}

impl Talker {
    fn start(stderr: Stdio) -> Self {
        let mut command = Command::new(binary("downbeatd"));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(stderr);
        Self::start_by(command)
    }

    /// Starts it by a command that ends with its name.
    fn start_by(mut command: Command) -> Self {
        let control: SocketAddr = ([127, 0, 0, 1], free_port()).into();
        let beats = UdpSocket::bind("127.0.0.1:0").expect("a port");
        beats.set_read_timeout(Some(Duration::from_millis(100))).expect("a timeout");
        let keys = TempDir::new().expect("a folder");
        let files = format!("audio.files.main={}", song::mix().display());
        let target = beats.local_addr().expect("bound");
        let table = |key: &str, value: &str| format!("{key}={value}");
        let sets = [
            table("audio.source", "file"),
            files,
            table("audio.repeat", "true"),
            table("server.enabled", "false"),
            table("web.enabled", "false"),
            table("control.tablet.kind", "osc"),
            table("control.tablet.listen", &control.to_string()),
            table("output.desk.kind", "osc"),
            table("output.desk.target", &target.to_string()),
        ];
        for set in &sets {
            command.args(["--set", set]);
        }
        command.env("DOWNBEAT_KEYS", keys.path()).env("RUST_LOG", "trace").current_dir(keys.path());
        let child = command.spawn().expect("downbeatd runs");
        let process = Pid::from_raw(child.id() as i32);
        Self { child, process, control, beats, _keys: keys }
    }

    /// The tablet is answered, also after a flood of packets that each are worth a line; beats go on; the daemon ends
    /// when it is told to.
    fn check(mut self, what: &str) {
        self.is_alive(what, Duration::from_secs(10));
        let stranger = UdpSocket::bind("127.0.0.1:0").expect("a port");
        for number in 0..3000 {
            let bad = message(&format!("/no/such/thing/{number}"), vec![OscType::Float(1.0)]);
            stranger.send_to(&bad, self.control).expect("sent");
        }
        let answered = self.is_alive(what, Duration::from_secs(5));
        let asked = Instant::now();
        nix::sys::signal::kill(self.process, Signal::SIGTERM).expect("it runs");
        let status = wait_for(&format!("the end, with {what}"), Duration::from_secs(5), || {
            self.child.try_wait().expect("a child can be waited for")
        });
        let ended = asked.elapsed();
        println!("{what}: tablet answered after {answered:?}, ended after {ended:?}");
        assert!(status.success(), "{what}: {status}");
        assert!(ended < Duration::from_secs(2), "{what}: it took {ended:?} to end");
    }

    /// A new tablet is greeted, and the desk gets beats. Returns how long that took.
    fn is_alive(&mut self, what: &str, limit: Duration) -> Duration {
        let begun = Instant::now();
        let tablet = UdpSocket::bind("127.0.0.1:0").expect("a port");
        tablet.set_read_timeout(Some(Duration::from_millis(100))).expect("a timeout");
        let mut bytes = [0; 4096];
        wait_for(&format!("an answer to a tablet, with {what}"), limit, || {
            // As a tablet does, which asks again: the daemon may not have come up yet.
            let _ = tablet.send_to(&message("/ping", vec![]), self.control);
            tablet.recv_from(&mut bytes).ok()
        });
        while self.beats.recv(&mut bytes).is_ok_and(|_| begun.elapsed() < Duration::from_millis(50)) {}
        wait_for(&format!("packets at the desk, with {what}"), limit, || self.beats.recv(&mut bytes).ok());
        begun.elapsed()
    }
}

impl Drop for Talker {
    fn drop(&mut self) {
        // A shell waits for the daemon: while it is there, so is that.
        if self.child.try_wait().is_ok_and(|status| status.is_none()) {
            let _ = nix::sys::signal::kill(self.process, Signal::SIGKILL);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn message(address: &str, args: Vec<OscType>) -> Vec<u8> {
    let packet = OscPacket::Message(OscMessage { addr: address.into(), args });
    rosc::encoder::encode(&packet).expect("a message")
}

#[test]
fn a_paused_terminal_stops_nothing() {
    let terminal = openpty(None, None).expect("a terminal");
    let mut keyboard = File::from(terminal.master);
    let talker = Talker::start(terminal.slave.into());
    // Something has come, so the terminal is open; then Ctrl-S.
    assert!(keyboard.read(&mut [0; 16]).expect("a line") > 0);
    keyboard.write_all(b"\x13").expect("a key");
    talker.check("a paused terminal");
}

#[test]
fn a_terminal_that_stops_what_writes_in_the_background_stops_nothing() {
    let terminal = openpty(None, None).expect("a terminal");
    let stdin = terminal.slave.try_clone().expect("a copy");
    // A shell as somebody has it on a terminal of its own: it starts the daemon in the background, and ends with it.
    let script = "stty tostop; \"$@\" < /dev/null > /dev/null & echo $!; wait $!";
    let mut command = Command::new("setsid");
    command.args(["--ctty", "sh", "-m", "-c", script, "sh"]).arg(binary("downbeatd"));
    command.stdin(stdin).stdout(Stdio::piped()).stderr(terminal.slave);
    let mut talker = Talker::start_by(command);
    let mut said = String::new();
    BufReader::new(talker.child.stdout.take().expect("piped")).read_line(&mut said).expect("the daemon's number");
    talker.process = Pid::from_raw(said.trim().parse().unwrap_or_else(|_| panic!("no number: {said:?}")));
    talker.check("a terminal that stops what writes in the background");
}

#[test]
fn a_service_manager_that_reads_nothing_stops_nothing() {
    let folder = TempDir::new().expect("a folder");
    let address = folder.path().join("notify");
    let _unread = UnixDatagram::bind(&address).expect("a socket");
    // Until there is no room. A socket alone cannot: it may send only so much that is not read.
    let send = || {
        let socket = UnixDatagram::unbound()?;
        socket.set_nonblocking(true)?;
        socket.send_to(b"STATUS=full", &address)
    };
    while send().is_ok() {}
    let mut command = Command::new(binary("downbeatd"));
    command.env("NOTIFY_SOCKET", &address).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    Talker::start_by(command).check("a service manager that reads nothing");
}

#[test]
fn a_reader_that_does_not_read_or_is_gone_stops_nothing() {
    let (reader, writer) = pipe().expect("a pipe");
    Talker::start(writer.into()).check("a reader that does not read");
    drop(reader);
    let (reader, writer) = pipe().expect("a pipe");
    drop(reader);
    Talker::start(writer.into()).check("a reader that is gone");
}

#[test]
fn a_full_disk_stops_nothing() {
    // full(4): every write fails for want of space.
    let full = File::options().write(true).open("/dev/full").expect("Linux has it");
    Talker::start(full.into()).check("a full disk");
}

#[test]
fn a_node_draws_on_whatever_becomes_of_its_log() {
    let _turn = turn();
    let (folder, nodes) = (TempDir::new().expect("a folder"), free_port());
    let listen = format!("[server]\nlisten = \"127.0.0.1:{nodes}\"\nannounce = false\n[web]\nenabled = false\n");
    let _daemon = Daemon::start(&listen, None);
    let terminal = openpty(None, None).expect("a terminal");
    let mut keyboard = File::from(terminal.master);
    // The terminal is paused before the first line.
    keyboard.write_all(b"\x13").expect("a key");
    let (reader, writer) = pipe().expect("a pipe");
    drop(reader);
    let full = File::options().write(true).open("/dev/full").expect("Linux has it");
    for (stderr, what) in [
        (Stdio::from(terminal.slave), "a paused terminal"),
        (Stdio::from(writer), "a reader that is gone"),
        (Stdio::from(full), "a full disk"),
    ] {
        let pictures = folder.path().join(what);
        std::fs::create_dir(&pictures).expect("a folder");
        let mut command = Command::new(binary("downbeat-renderer"));
        let server = format!("127.0.0.1:{nodes}");
        command.args(["--server", &server, "--canvas", "160x90", "--fps", "30", "--every", "5", "--headless"]);
        command.arg(&pictures).env("DOWNBEAT_KEYS", folder.path()).env("DOWNBEAT_LOG", "trace");
        let mut node = command.stdout(Stdio::null()).stderr(stderr).spawn().expect("downbeat-renderer runs");
        let drawn = || (std::fs::read_dir(&pictures).expect("it is there").count() > 3).then_some(());
        wait_for(&format!("pictures, with {what}"), Duration::from_secs(30), drawn);
        let asked = Instant::now();
        nix::sys::signal::kill(Pid::from_raw(node.id() as i32), Signal::SIGTERM).expect("it runs");
        let ended = wait_for("its end", Duration::from_secs(5), || node.try_wait().expect("it can be waited for"));
        println!("{what}: the node drew, and ended after {:?}", asked.elapsed());
        assert!(ended.success() && asked.elapsed() < Duration::from_secs(2), "{what}: {ended}");
    }
}

/// A daemon is sent many packets; what it logged.
fn log_after(packets: impl IntoIterator<Item = Vec<u8>>) -> String {
    let control = free_port();
    let daemon = Daemon::start(
        &format!(
            "[audio]\nsource = \"file\"\nfiles = {{ main = {:?} }}\nrepeat = true\n[server]\nenabled = false\n[web]\n\
             enabled = false\n[control.tablet]\nkind = \"osc\"\nlisten = \"127.0.0.1:{control}\"\n",
            song::mix()
        ),
        None,
    );
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    socket.set_read_timeout(Some(Duration::from_millis(200))).expect("a timeout");
    for packet in packets {
        socket.send_to(&packet, ("127.0.0.1", control)).expect("sent");
    }
    // What was sent before has been read when this is answered.
    let other = UdpSocket::bind("127.0.0.1:0").expect("a port");
    other.set_read_timeout(Some(Duration::from_millis(200))).expect("a timeout");
    wait_for("an answer", Duration::from_secs(10), || {
        let _ = other.send_to(&message("/ping", vec![]), ("127.0.0.1", control));
        other.recv(&mut [0; 4096]).ok()
    });
    let lines: Vec<String> = daemon.process.lines().into_iter().map(|(_, line)| line).collect();
    let text = lines.join("\n");
    println!("{} lines, {} bytes", lines.len(), text.len());
    text
}

#[test]
fn what_strangers_send_is_summed_up() {
    // A phone tells how it is held; another program its own feedback; a scanner anything.
    let phone = |_: usize| message("/accxyz", vec![OscType::Float(0.1); 3]);
    let program = |i: usize| message(&format!("/composition/layers/{}/position", i % 5), vec![OscType::Float(0.1)]);
    let scanner = |i: usize| (0..64).map(|at| (at * i) as u8).collect();
    let log = log_after((0..1200).map(|i| [phone(i), program(i), scanner(i)][i % 3].clone()));
    assert!(log.lines().count() < 25, "{log}");
}

#[test]
fn an_address_as_long_as_a_packet_is_cut() {
    let long = |i: usize| format!("/{}{i}", "x".repeat(60_000));
    let log = log_after((0..200).map(|i| message(&long(i), vec![OscType::Float(1.0)])));
    assert!(log.len() < 10_000, "{} bytes", log.len());
}

#[test]
fn no_packet_forges_a_line() {
    let line = "2026-01-01T00:00:00Z ERROR the show has ended";
    let bundle = |address: &str| {
        let content = vec![OscPacket::Message(OscMessage { addr: address.into(), args: vec![OscType::Int(1)] })];
        let timetag = OscTime { seconds: 0, fractional: 1 };
        rosc::encoder::encode(&OscPacket::Bundle(OscBundle { timetag, content })).expect("a bundle")
    };
    let log = log_after([
        message(&format!("/a\n{line}"), vec![OscType::Float(1.0)]),
        message("/cue/go", vec![OscType::String(format!("no\r\n{line}"))]),
        bundle(&format!("/b\u{2028}{line}")),
        message("/show/blackout", vec![OscType::String(format!("\u{1b}[2J\u{1b}[1;1H{line}"))]),
    ]);
    let forged: Vec<&str> = log.lines().filter(|it| it.starts_with("2026-01-01")).collect();
    assert!(forged.is_empty(), "{log}");
    assert!(!log.contains('\u{1b}') && !log.contains('\u{2028}'), "{log:?}");
}
