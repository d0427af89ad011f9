//! liblo's tools as peers: independent of us, and the most common OSC implementation.

use downbeat_protocol::HostTime;
use downbeatd::clock::host_now;
use std::io::{BufRead, BufReader};
use std::net::{TcpStream, UdpSocket};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Waits for something that must happen.
pub fn until<T>(what: &str, mut check: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = check() {
            return found;
        }
        assert!(start.elapsed() < Duration::from_secs(10), "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Sends one message with `oscsend`, from a port of its own.
pub fn oscsend(port: u16, arguments: &[&str]) {
    let port = port.to_string();
    let status = Command::new("oscsend").args(["127.0.0.1", &port]).args(arguments).status();
    assert!(status.expect("oscsend is in the package liblo-tools").success());
}

/// A message that `oscdump` printed, and when it did.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub at: HostTime,
    pub address: String,
    pub arguments: String,
}

/// A running `oscdump`.
pub struct OscDump {
    child: Child,
    lines: Arc<Mutex<Vec<Line>>>,
}

impl OscDump {
    /// Listens on a UDP port; returns when it does.
    pub fn listen(port: u16) -> Self {
        let dump = Self::start(&port.to_string());
        until("oscdump to take its port", || UdpSocket::bind(("0.0.0.0", port)).is_err().then_some(()));
        dump
    }

    /// Takes connections at a TCP port.
    pub fn accept(port: u16) -> Self {
        let dump = Self::start(&format!("osc.tcp://:{port}/"));
        until("oscdump to take connections", || TcpStream::connect(("127.0.0.1", port)).ok());
        dump
    }

    fn start(place: &str) -> Self {
        let mut command = Command::new("oscdump");
        let command = command.args(["-L", place]).stdout(Stdio::piped());
        let mut child = command.spawn().expect("oscdump is in the package liblo-tools");
        let output = BufReader::new(child.stdout.take().expect("piped"));
        let lines = Arc::new(Mutex::new(Vec::new()));
        let theirs = Arc::clone(&lines);
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                theirs.lock().expect("no panics").extend(parse(&line));
            }
        });
        Self { child, lines }
    }

    /// What has come so far at an address.
    pub fn at(&self, address: &str) -> Vec<Line> {
        let lines = self.lines.lock().expect("no panics");
        lines.iter().filter(|line| line.address == address).cloned().collect()
    }
}

impl Drop for OscDump {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `e9f3b2c1.4a3d70a3 /beat ifif 12 0.000000 0 124.000000`
fn parse(line: &str) -> Option<Line> {
    let (_, rest) = line.split_once(' ')?;
    let (address, arguments) = rest.split_once(' ').unwrap_or((rest, ""));
    Some(Line { at: host_now(), address: address.into(), arguments: arguments.into() })
}
