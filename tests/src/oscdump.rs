//! liblo's `oscdump`: an independent receiver.

use crate::Process;
use crate::port::free_port;
use std::process::Command;

/// A running oscdump.
pub struct OscDump {
    /// The UDP port that it listens on.
    pub port: u16,
    process: Process,
}

/// One message as oscdump printed it.
#[derive(Clone, Debug)]
pub struct Dumped {
    /// When its line was read, in [`host_now_ns`](crate::host_now_ns).
    pub at: i64,
    /// The address.
    pub address: String,
    /// The type tags.
    pub types: String,
    /// The arguments as printed.
    pub arguments: Vec<String>,
}

impl Dumped {
    /// An argument as a number.
    pub fn number(&self, index: usize) -> f64 {
        self.arguments[index].parse().unwrap_or_else(|_| panic!("no number: {self:?}"))
    }
}

impl OscDump {
    /// Listens on a free port.
    pub fn start() -> Self {
        Self::on(free_port())
    }

    /// Listens on a port.
    pub fn on(port: u16) -> Self {
        let process = Process::start("oscdump", Command::new("oscdump").args(["-L", &port.to_string()]));
        Self { port, process }
    }

    /// All messages so far.
    pub fn messages(&self) -> Vec<Dumped> {
        self.process.lines().into_iter().filter_map(|(at, line)| parse(at, &line)).collect()
    }

    /// The messages so far that went to one address.
    pub fn to(&self, address: &str) -> Vec<Dumped> {
        self.messages().into_iter().filter(|message| message.address == address).collect()
    }
}

/// Lines look like `e9f3b2c1.4a3d70a3 /beat ifif 12 0.000000 0 124.000000`.
fn parse(at: i64, line: &str) -> Option<Dumped> {
    let mut words = line.split_whitespace();
    let (_time, address) = (words.next()?, words.next()?);
    let types = words.next().unwrap_or_default();
    let arguments = words.map(|word| word.trim_matches('"').to_owned()).collect();
    address.starts_with('/').then(|| Dumped { at, address: address.into(), types: types.into(), arguments })
}
