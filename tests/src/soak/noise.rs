//! What others send: a thread on the stranger's host, or the tablet's, for as long as a fault lasts.

use super::rig::{CONTROL, CROWD, PAGE, SERVER};
use crate::network::Host;
use crate::surface::{Surface, bundle, message};
use rosc::{OscBundle, OscPacket, OscTime, OscType};
use std::io::Write;
use std::net::{Ipv4Addr, TcpStream, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Something that goes on until it is dropped.
pub struct Noise {
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Noise {
    /// Does something again and again on a host.
    pub fn on<Act: FnMut(&mut fastrand::Rng)>(
        host: &Host,
        every: Duration,
        make: impl FnOnce() -> Act + Send + 'static,
        seed: u64,
    ) -> Self {
        let over = Arc::<AtomicBool>::default();
        let end = Arc::clone(&over);
        let thread = host.inside(|| {
            std::thread::spawn(move || {
                let mut act = make();
                let mut chance = fastrand::Rng::with_seed(seed);
                while !end.load(Relaxed) {
                    act(&mut chance);
                    std::thread::sleep(every);
                }
            })
        });
        Self { over, thread: Some(thread) }
    }
}

impl Drop for Noise {
    fn drop(&mut self) {
        self.over.store(true, Relaxed);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn socket() -> UdpSocket {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).expect("this host has free ports");
    socket.set_nonblocking(true).expect("a socket can be set so");
    socket
}

fn encode(packet: &OscPacket) -> Vec<u8> {
    rosc::encoder::encode(packet).expect("OSC")
}

/// Packets of any kind, a hundred at a time, at every port.
pub fn nonsense(daemon: Ipv4Addr) -> impl FnMut(&mut fastrand::Rng) {
    let socket = socket();
    move |chance| {
        for _ in 0..100 {
            let bytes = match chance.u8(..4) {
                0 => (0..chance.usize(1..1_400)).map(|_| chance.u8(..)).collect(),
                1 => encode(&message(&format!("/no/such/thing/{}", chance.u32(..)), 1.0_f32)),
                2 => encode(&message(&format!("/param/crowd{}\nERROR forged", chance.u8(..)), "text")),
                _ => encode(&message("/lead/take", 1.0_f32)),
            };
            let port = [CONTROL, SERVER, SERVER + 1, PAGE][chance.usize(..4)];
            let _ = socket.send_to(&bytes, (daemon, port));
        }
    }
}

/// Forty tablets of nobody's that say that they are there.
pub fn pings(daemon: Ipv4Addr) -> impl FnMut(&mut fastrand::Rng) {
    let sockets: Vec<UdpSocket> = (0..40).map(|_| socket()).collect();
    let ping = encode(&message("/ping", 1));
    move |_| {
        for socket in &sockets {
            let _ = socket.send_to(&ping, (daemon, CONTROL));
            while socket.recv(&mut [0; 2_048]).is_ok() {}
        }
    }
}

/// Connections that say half of something and stay.
pub fn half_open(daemon: Ipv4Addr) -> impl FnMut(&mut fastrand::Rng) {
    let mut open: Vec<TcpStream> = Vec::new();
    move |chance| {
        let port = [CONTROL, PAGE][chance.usize(..2)];
        let address = (daemon, port).into();
        if open.len() < 200
            && let Ok(mut stream) = TcpStream::connect_timeout(&address, Duration::from_millis(200))
        {
            let _ = stream.write_all(&b"GET /?HOST_INFO HTTP/1.1\r\nHost: "[..chance.usize(1..30)]);
            open.push(stream);
        }
    }
}

/// Pages that are opened, listen to everything, and are not read.
pub fn deaf_pages(daemon: Ipv4Addr) -> impl FnMut(&mut fastrand::Rng) {
    let mut open = Vec::new();
    move |_| {
        if open.len() < 10
            && let Ok(stream) = TcpStream::connect_timeout(&(daemon, PAGE).into(), Duration::from_millis(200))
            && let Ok((mut page, _)) = tungstenite::client(format!("ws://{daemon}:{PAGE}/"), stream)
        {
            let _ = page.send(tungstenite::Message::text(r#"{"COMMAND":"LISTEN","DATA":"/signal/main/level"}"#));
            open.push(page);
        }
    }
}

/// Everything that there is, moved in one packet.
pub fn bursts(daemon: Ipv4Addr) -> impl FnMut(&mut fastrand::Rng) {
    let socket = socket();
    move |chance| {
        let value = |number: usize, to: f32| message(&format!("/param/crowd{number}"), to);
        let all = (0..CROWD).map(|number| value(number, chance.f32())).collect();
        let _ = socket.send_to(&encode(&bundle(all)), (daemon, CONTROL));
        while socket.recv(&mut [0; 2_048]).is_ok() {}
    }
}

/// A bundle from a clock that is some seconds ahead.
pub fn from_the_future(daemon: Ipv4Addr) -> impl FnMut(&mut fastrand::Rng) {
    /// From 1900 to 1970, in seconds (RFC 868).
    const SINCE_1900: u64 = 2_208_988_800;
    let socket = socket();
    move |chance| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let seconds = (now + SINCE_1900 + chance.u64(2..10)) as u32;
        let content = vec![message(&format!("/param/crowd{}", chance.usize(..CROWD)), chance.f32())];
        let packet = OscPacket::Bundle(OscBundle { timetag: OscTime { seconds, fractional: 0 }, content });
        let _ = socket.send_to(&encode(&packet), (daemon, CONTROL));
    }
}

/// Commands for later, more than can wait.
pub fn waiting(daemon: Ipv4Addr) -> impl FnMut(&mut fastrand::Rng) {
    let socket = socket();
    move |chance| {
        let when = ["beat", "bar", "phrase"][chance.usize(..3)];
        let some = (0..100).map(|_| {
            message(&format!("/next/{when}/param/crowd{}", chance.usize(..CROWD)), OscType::Float(chance.f32()))
        });
        let _ = socket.send_to(&encode(&bundle(some.collect())), (daemon, CONTROL));
    }
}

/// A program that sends back all that it is told.
pub fn echo(daemon: Ipv4Addr) -> impl FnMut(&mut fastrand::Rng) {
    let mut surface = Surface::to((daemon, CONTROL).into());
    let mut last = Instant::now() - Duration::from_secs(2);
    move |_| {
        if last.elapsed() > Duration::from_secs(1) {
            last = Instant::now();
            surface.send(&message("/ping", 1));
        }
        surface.receive();
        for (_, address, value) in std::mem::take(&mut surface.came) {
            if let (Some(value), false) = (value, address == "/hello") {
                surface.send(&message(&address, value));
            }
        }
    }
}
