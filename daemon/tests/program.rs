//! The program from outside: its output and exit status.

#[path = "../../tests/src/port.rs"]
mod port;

use port::free_port;
use std::fs::{self, DirBuilder, File};
use std::io::Write;
use std::net::UdpSocket;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The exit status of the daemon with a flag, and what it said.
fn outcome(flag: &str, stdout: impl Into<Stdio>) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_downbeatd"));
    let output = command.arg(flag).stdout(stdout).stderr(Stdio::piped()).output().expect("downbeatd runs");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn what_cannot_be_printed_is_said_and_a_reader_that_has_gone_is_no_error() {
    for flag in ["--check", "--describe", "--defaults"] {
        let full = File::options().write(true).open("/dev/full").expect("Linux has it");
        let (code, said) = outcome(flag, full);
        assert_eq!(code, Some(74), "{flag}: {said}");
        assert!(said.contains("error: cannot write to standard output: "), "{flag}: {said}");
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        assert_eq!(outcome(flag, writer), (Some(0), String::new()), "{flag}");
    }
}

/// A daemon with a folder of its own, for its configuration, its state and its keys.
struct Daemon {
    child: Child,
    folder: TempDir,
}

impl Daemon {
    /// Starts it with a quiet sound and some tables, after something has been prepared for its process.
    fn start(tables: &str, prepare: impl FnOnce(u32, &Path)) -> Self {
        let folder = TempDir::new().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        DirBuilder::new().mode(0o700).create(path("keys")).expect("made");
        fs::write(path("quiet.wav"), quiet()).expect("written");
        let audio = "[audio]\nsource = \"file\"\nfiles = { main = \"quiet.wav\" }\nrepeat = true\n";
        let show = "[show]\nstate = \"state.json\"\nwatch = false\n";
        fs::write(path("show.toml"), format!("{show}{audio}{tables}")).expect("written");
        // The process is known before it is a daemon's.
        let mut command = Command::new("sh");
        command.args(["-c", "read go; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_downbeatd"), "--config", "show.toml"]);
        command.current_dir(folder.path()).env("DOWNBEAT_KEYS", path("keys")).env_remove("RUST_LOG");
        let log = File::create(path("log")).expect("made");
        let mut child = command.stdin(Stdio::piped()).stderr(log).spawn().expect("sh runs");
        prepare(child.id(), &path("keys"));
        child.stdin.take().expect("piped").write_all(b"go\n").expect("it waits");
        Self { child, folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn log(&self) -> String {
        fs::read_to_string(self.path("log")).expect("it is there")
    }

    /// Waits for something; no machine is too slow for that.
    fn wait_for<T>(&mut self, what: &str, mut condition: impl FnMut(&mut Self) -> Option<T>) -> T {
        let begun = Instant::now();
        loop {
            if let Some(found) = condition(self) {
                return found;
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "no {what}: {}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn signal(&self, name: &str) {
        let kill = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status();
        assert!(kill.is_ok_and(|status| status.success()));
    }

    fn end(&mut self) -> ExitStatus {
        self.wait_for("end", |this| this.child.try_wait().expect("it can be waited for"))
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A second of silence: WAVE with one channel of 16 bits at 48 kHz.
fn quiet() -> Vec<u8> {
    const BYTES: u32 = 96_000;
    let mut wav = b"RIFF".to_vec();
    wav.extend((36 + BYTES).to_le_bytes());
    wav.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    wav.extend(48_000_u32.to_le_bytes());
    wav.extend(BYTES.to_le_bytes());
    wav.extend(b"\x02\0\x10\0data");
    wav.extend(BYTES.to_le_bytes());
    wav.resize(44 + BYTES as usize, 0);
    wav
}

/// A file that hangs whoever opens it for writing, as one on a share that has gone: nobody reads it.
fn make_hanging(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().is_ok_and(|status| status.success()));
}

const ALONE: &str = "[server]\nenabled = false\n[web]\nenabled = false\n";

#[test]
fn a_daemon_that_hangs_in_its_start_ends_when_it_is_told_to() {
    let server = "[server]\nlisten = \"127.0.0.1:0\"\nannounce = false\n[web]\nenabled = false\n";
    let mut daemon = Daemon::start(server, |id, keys| make_hanging(&keys.join(format!("daemon.pem.{id}.new"))));
    // SIGTERM is the fifteenth bit of the caught ones.
    let catches = |this: &mut Daemon| {
        let status = fs::read_to_string(format!("/proc/{}/status", this.child.id())).ok()?;
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"))?;
        let caught = u64::from_str_radix(caught.trim(), 16).ok()?;
        (caught & (1 << 14) != 0).then_some(())
    };
    daemon.wait_for("handler of signals", catches);
    daemon.signal("TERM");
    assert_eq!(daemon.end().code(), Some(143), "{}", daemon.log());
    assert!(daemon.log().contains("did not stop within 1.7s of signal 15"), "{}", daemon.log());
}

#[test]
fn a_daemon_that_hangs_in_a_change_of_its_configuration_ends_when_it_is_told_to_and_stores_its_state() {
    let mut daemon = Daemon::start(ALONE, |_, _| ());
    daemon.wait_for("start", |this| this.log().contains("downbeatd: ready").then_some(()));
    let mut kept = fs::read_dir(daemon.path("keys")).expect("a folder").flatten().map(|entry| entry.path());
    let kept = kept.find(|path| path.extension().is_some_and(|it| it == "json")).expect("a copy is kept");
    make_hanging(&PathBuf::from(format!("{}.{}.new", kept.display(), daemon.child.id())));
    let show = fs::read_to_string(daemon.path("show.toml")).expect("there");
    fs::write(daemon.path("show.toml"), format!("{show}[output.bars]\nkind = \"log\"\n")).expect("written");
    daemon.signal("HUP");
    daemon.wait_for("change", |this| this.log().contains("configuration: read again for SIGHUP").then_some(()));
    // Whatever is stored from now on is stored at the end.
    let state = daemon.path("state.json");
    daemon.wait_for("state", |_| fs::remove_file(&state).ok());
    daemon.signal("TERM");
    let status = daemon.end();
    assert!(matches!(status.code(), Some(0 | 143)), "{status}: {}", daemon.log());
    assert!(state.exists(), "{}", daemon.log());
    assert!(!daemon.log().contains("has died"), "{}", daemon.log());
}

#[test]
fn the_log_tells_at_the_end_what_it_has_left_out() {
    let port = free_port();
    let control = format!("[control.tablet]\nkind = \"osc\"\nlisten = \"127.0.0.1:{port}\"\n");
    let mut daemon = Daemon::start(&format!("{ALONE}{control}"), |_, _| ());
    daemon.wait_for("start", |this| this.log().contains("downbeatd: ready").then_some(()));
    let packet = |address: &str| {
        let message = rosc::OscMessage { addr: address.into(), args: Vec::new() };
        rosc::encoder::encode(&rosc::OscPacket::Message(message)).expect("a packet")
    };
    let [stranger, tablet] = [(); 2].map(|()| UdpSocket::bind("127.0.0.1:0").expect("a port"));
    for number in 0..50 {
        stranger.send_to(&packet(&format!("/no/such/{number}")), ("127.0.0.1", port)).expect("sent");
    }
    // What was sent before has been read when this is answered.
    tablet.set_read_timeout(Some(Duration::from_millis(200))).expect("a timeout");
    daemon.wait_for("answer", |_| {
        tablet.send_to(&packet("/ping"), ("127.0.0.1", port)).expect("sent");
        tablet.recv(&mut [0; 4096]).ok()
    });
    daemon.signal("TERM");
    assert!(daemon.end().success(), "{}", daemon.log());
    let told = daemon.log().lines().any(|line| line.contains("left out 4") && line.contains("/no/such/49"));
    assert!(told, "{}", daemon.log());
}
