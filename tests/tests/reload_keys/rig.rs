//! A daemon that plays music while its configuration changes, with a desk that is never concerned.

use crate::table::{How, Row};
use e2e::binaries::binary;
use e2e::port::free_port;
use e2e::surface::ask;
use e2e::{JackServer, OscDump, Process, host_now_ns, song, wait_for};
use std::cell::Cell;
use std::fs;
use std::io::Read;
use std::net::TcpListener;
use std::process::{Command, Output};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use tempfile::TempDir;

pub const SOON: Duration = Duration::from_secs(15);

/// The daemon, its configuration, and what it talks to.
pub struct Rig {
    pub folder: TempDir,
    pub server: u16,
    pub page: u16,
    pub tablet: u16,
    /// The port of the last change that asked for one.
    pub free: Cell<u16>,
    /// The desk beside.
    pub desk: OscDump,
    /// The target of the output by UDP.
    pub other: OscDump,
    /// The first byte of each connection by TCP.
    pub connections: Receiver<u8>,
    pub daemon: Process,
    begun: i64,
}

impl Rig {
    /// Starts everything, and waits for the beat. Without a JACK server there is no MIDI.
    pub fn start(jack: Option<&JackServer>) -> Self {
        let folder = TempDir::new().expect("a folder");
        let [server, page, tablet] = [free_port(), free_port(), free_port()];
        let (desk, other) = (OscDump::start(), OscDump::start());
        let (tcp, connections) = receiver();
        let base = include_str!("base.toml");
        let ports = [("{server}", server), ("{page}", page), ("{tablet}", tablet), ("{tcp}", tcp)];
        let ports = ports.into_iter().chain([("{desk}", desk.port), ("{other}", other.port)]);
        let base = ports.fold(base.to_owned(), |text, (name, port)| text.replace(name, &port.to_string()));
        let base = base.replace("{song}", &song::mix().display().to_string());
        fs::write(folder.path().join("show.toml"), base).expect("written");
        fs::create_dir(folder.path().join("show.toml.d")).expect("made");
        certificates(&folder);
        let mut command = Command::new(binary("downbeatd"));
        command.arg("--config").arg(folder.path().join("show.toml")).env("DOWNBEAT_KEYS", folder.path().join("keys"));
        // No other one shall be found.
        command.env("JACK_DEFAULT_SERVER", jack.map_or("downbeat-none", |jack| &jack.name));
        let daemon = Process::start("downbeatd", &mut command);
        daemon.wait_for_line("downbeatd: ready", SOON);
        wait_for("beats", SOON, || (desk.to("/beat").len() > 2).then_some(()));
        let begun = host_now_ns();
        Self { folder, server, page, tablet, free: Cell::new(0), desk, other, connections, daemon, begun }
    }

    /// Writes one change into the drop-in beside the configuration; an empty text is none. It ends with a comment: one that
    /// only gets shorter looks as if it was cut off.
    pub fn write(&self, change: &str) {
        let free = if change.contains("{free}") { free_port() } else { self.free.get() };
        self.free.set(free);
        let text = change
            .replace("{free}", &free.to_string())
            .replace("{other}", &self.other.port.to_string())
            .replace("{folder}", &self.folder.path().display().to_string())
            .replace("{song}", &song::mix().display().to_string());
        fs::write(self.folder.path().join("show.toml.d").join("change.toml"), format!("{text}\n# The change.\n"))
            .expect("written");
    }

    /// What `downbeatctl reload` says.
    pub fn reload(&self) -> Result<String, String> {
        let output = self.ctl(&["reload"]);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
    }

    /// Sends a command that has to be obeyed.
    pub fn command(&self, arguments: &[&str]) {
        let output = self.ctl(&[&["command"], arguments].concat());
        assert!(output.status.success(), "{arguments:?}: {output:?}");
    }

    /// What `downbeatctl` answers.
    pub fn ctl(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(binary("downbeatctl"));
        command.args(arguments).args(["--server", &format!("127.0.0.1:{}", self.server)]);
        command.env("DOWNBEAT_KEYS", self.folder.path().join("keys")).output().expect("downbeatctl runs")
    }

    /// Changes one key, and asserts what is said.
    pub fn change(&self, row: &Row) {
        if !row.before.is_empty() {
            self.write(row.before);
            self.reload().unwrap_or_else(|why| panic!("{}, before it: {why}", row.key));
        }
        self.write(&row.text);
        assert_eq!(self.reload(), Ok(row.how.words()), "{}: {}", row.key, row.text);
    }

    /// Takes it back, and asserts what is said. Not where nothing was changed yet.
    pub fn take_back(&self, row: &Row) {
        if matches!(row.how, How::Restart(_)) {
            return;
        }
        self.write("");
        // The page tells, unless it is elsewhere.
        let said = if row.key.starts_with("web.") { self.reload() } else { Ok(self.hang_up()) };
        assert_eq!(said, Ok(row.taken_back()), "{}, taken back", row.key);
    }

    /// Asks by a signal, as `systemctl reload` does; what the page says.
    fn hang_up(&self) -> String {
        let status = || ask(self.page, "/status")["status"].clone();
        let before = status()["config_reads"].clone();
        self.daemon.signal(libc::SIGHUP);
        wait_for("the configuration to be read", SOON, || {
            let status = status();
            (status["config_reads"] != before).then(|| status["config"].as_str().unwrap_or_default().to_owned())
        })
    }

    /// Every beat came to the desk beside, once and in order, and the daemon found nothing wrong with itself.
    pub fn assert_undisturbed(&mut self) {
        let now = host_now_ns();
        let beats = wait_for("a beat after the last change", SOON, || {
            let beats: Vec<_> = self.desk.to("/beat").into_iter().filter(|beat| beat.at > self.begun).collect();
            (beats.len() > 2 && beats.last()?.at > now).then_some(beats)
        });
        let beats: Vec<i64> = beats.iter().map(|beat| beat.number(0) as i64).collect();
        let gaps: Vec<_> = beats.windows(2).filter(|pair| pair[1] != pair[0] + 1).collect();
        assert!(gaps.is_empty(), "{gaps:?} in {beats:?}");
        println!("{} beats at the desk beside, none missing", beats.len());
        assert!(self.daemon.runs());
        for (_, line) in self.daemon.lines() {
            assert!(!line.contains(" ERROR ") && !line.contains("panic"), "{line}");
        }
    }
}

/// A peer by TCP: its port, and the first byte of each connection.
fn receiver() -> (u16, Receiver<u8>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("bound").port();
    let (first, connections) = channel();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let first = first.clone();
            std::thread::spawn(move || {
                let mut byte = [0];
                if stream.read_exact(&mut byte).is_ok() && first.send(byte[0]).is_ok() {
                    let _ = std::io::copy(&mut stream, &mut std::io::sink());
                }
            });
        }
    });
    (port, connections)
}

/// Two certificates with their keys.
fn certificates(folder: &TempDir) {
    for name in ["one", "two"] {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("made");
        let write = |extension: &str, text: String| {
            fs::write(folder.path().join(format!("{name}.{extension}")), text).expect("written");
        };
        write("pem", made.cert.pem());
        write("key", made.signing_key.serialize_pem());
    }
}
