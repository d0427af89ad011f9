//! A surface by UDP: it sends OSC, shows what it is told, and echoes the word as the layouts' scripts do.

use crate::wait_for;
use rosc::{OscBundle, OscMessage, OscPacket, OscTime, OscType};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

/// A message.
pub fn message(address: &str, argument: impl Into<OscType>) -> OscPacket {
    OscPacket::Message(OscMessage { addr: address.into(), args: vec![argument.into()] })
}

/// A bundle for now.
pub fn bundle(content: Vec<OscPacket>) -> OscPacket {
    OscPacket::Bundle(OscBundle { timetag: OscTime { seconds: 0, fractional: 1 }, content })
}

/// A tablet.
pub struct Surface {
    /// Its socket.
    pub socket: UdpSocket,
    daemon: SocketAddr,
    /// Whether it shows that it receives.
    pub echoes: bool,
    /// The last first argument by address, and when it came.
    pub shows: BTreeMap<String, (OscType, Instant)>,
    /// Everything that came, in order.
    pub came: Vec<(Instant, String, Option<OscType>)>,
    /// The bytes that came, and that were sent.
    pub bytes: [usize; 2],
}

impl Surface {
    /// One at an address of this machine, for the daemon's control at a port.
    pub fn at(ip: &str, port: u16) -> Self {
        let ip: IpAddr = ip.parse().expect("an address");
        Self::from(ip, ([127, 0, 0, 1], port).into())
    }

    /// One on this host, for a daemon's control anywhere.
    pub fn to(daemon: SocketAddr) -> Self {
        Self::from(Ipv4Addr::UNSPECIFIED.into(), daemon)
    }

    fn from(ip: IpAddr, daemon: SocketAddr) -> Self {
        let socket = UdpSocket::bind((ip, 0)).expect("this machine has free ports");
        socket.set_nonblocking(true).expect("a socket can be set so");
        Self { socket, daemon, echoes: true, shows: BTreeMap::new(), came: Vec::new(), bytes: [0; 2] }
    }

    /// One that is told everything already.
    pub fn welcomed(ip: &str, port: u16) -> Self {
        let mut surface = Self::at(ip, port);
        wait_for("a surface to be told everything", Duration::from_secs(20), || {
            surface.send(&message("/ping", 1));
            surface.receive();
            surface.shows.contains_key("/show/blackout").then_some(())
        });
        surface
    }

    /// Sends a packet.
    pub fn send(&mut self, packet: &OscPacket) {
        self.send_bytes(&rosc::encoder::encode(packet).expect("plain messages encode"));
    }

    /// Sends anything.
    pub fn send_bytes(&mut self, bytes: &[u8]) {
        self.bytes[1] += bytes.len();
        // A full buffer loses packets, as networks do.
        let _ = self.socket.send_to(bytes, self.daemon);
    }

    /// Takes in what has come.
    pub fn receive(&mut self) {
        let mut buffer = [0; 65_536];
        while let Ok(length) = self.socket.recv(&mut buffer) {
            self.bytes[0] += length;
            match rosc::decoder::decode_udp(&buffer[..length]).expect("the daemon sends OSC").1 {
                OscPacket::Message(message) => self.show(message),
                OscPacket::Bundle(_) => panic!("the daemon sends surfaces no bundles"),
            }
        }
    }

    fn show(&mut self, message: OscMessage) {
        let now = Instant::now();
        if message.addr == "/hello" && self.echoes {
            self.send(&OscPacket::Message(message.clone()));
        }
        let first = message.args.into_iter().next();
        self.came.push((now, message.addr.clone(), first.clone()));
        if let Some(first) = first {
            self.shows.insert(message.addr, (first, now));
        }
    }

    /// Receives for a while.
    pub fn watch(&mut self, time: Duration) {
        let end = Instant::now() + time;
        while Instant::now() < end {
            self.receive();
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// The number that it shows at an address.
    pub fn number(&self, address: &str) -> Option<f64> {
        number(&self.shows.get(address)?.0)
    }

    /// The messages so far at an address.
    pub fn count(&self, address: &str) -> usize {
        self.came.iter().filter(|(_, it, _)| it == address).count()
    }

    /// The longest time without a message at an address since a moment.
    pub fn longest_gap(&self, address: &str, since: Instant) -> Duration {
        let times = self.came.iter().filter(|(at, it, _)| it == address && *at >= since).map(|(at, ..)| *at);
        let times: Vec<Instant> = [since].into_iter().chain(times).chain([Instant::now()]).collect();
        times.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or_default()
    }
}

/// A number or a switch as a number.
pub fn number(value: &OscType) -> Option<f64> {
    match value {
        OscType::Float(value) => Some(f64::from(*value)),
        OscType::Double(value) => Some(*value),
        OscType::Int(value) => Some(f64::from(*value)),
        OscType::Bool(value) => Some(f64::from(u8::from(*value))),
        _ => None,
    }
}

/// The JSON that the web server of this machine answers.
pub fn ask(port: u16, path: &str) -> serde_json::Value {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the daemon serves");
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    let end = answer.windows(4).position(|it| it == b"\r\n\r\n").expect("a head");
    serde_json::from_slice(&answer[end + 4..]).unwrap_or_default()
}

/// The value at an address, as OSCQuery tells it.
pub fn value(port: u16, address: &str) -> serde_json::Value {
    ask(port, &format!("{address}?VALUE"))["VALUE"][0].clone()
}
