//! Receivers of the outputs: a desk by UDP, a media server by TCP, and a machine that follows MIDI clock.

use crate::bench::Stamped;
use crate::host_now_ns;
use nix::sys::socket::setsockopt;
use nix::sys::socket::sockopt::RcvBufForce;
use rosc::{OscPacket, OscType};
use std::io::{ErrorKind, Read};
use std::net::{Ipv4Addr, TcpListener, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How often a thread looks whether it should end.
const LOOK: Duration = Duration::from_millis(50);

/// Beats that came: when, in [`host_now_ns`], and their numbers.
#[derive(Clone, Default)]
pub struct Beats(Arc<Mutex<Vec<(i64, i64)>>>);

impl Beats {
    /// One came.
    pub fn add(&self, at: i64, number: i64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((at, number));
    }

    /// All that came from a moment on.
    pub fn since(&self, from: i64) -> Vec<(i64, i64)> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().filter(|(at, _)| *at >= from).copied().collect()
    }

    /// How many came.
    pub fn count(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    fn take(&self, at: i64, packet: &[u8]) {
        let Ok((_, OscPacket::Message(message))) = rosc::decoder::decode_udp(packet) else { return };
        if let ("/beat", Some(OscType::Int(number))) = (message.addr.as_str(), message.args.first()) {
            self.add(at, i64::from(*number));
        }
    }
}

/// What a desk does with what it is sent.
#[derive(Default)]
pub struct Switches {
    /// It does not read.
    pub stalls: AtomicBool,
    /// It is switched off: its connections break, its port is closed.
    pub off: AtomicBool,
    over: AtomicBool,
}

/// A receiver. It ends with its owner.
pub struct Desk {
    /// What came.
    pub beats: Beats,
    /// What it does.
    pub switches: Arc<Switches>,
}

impl Desk {
    /// One by UDP at a port. To be called on its host.
    pub fn udp(port: u16) -> Self {
        let desk = Self { beats: Beats::default(), switches: Arc::default() };
        let (beats, switches) = (desk.beats.clone(), Arc::clone(&desk.switches));
        std::thread::spawn(move || {
            let mut buffer = [0; 65_536];
            while !switches.over.load(Relaxed) {
                if switches.off.load(Relaxed) {
                    std::thread::sleep(LOOK);
                    continue;
                }
                let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, port)).expect("the desk's host has the port");
                // It is the rig that is tested, not how soon this thread gets a processor.
                let room = setsockopt(&socket, RcvBufForce, &(8 << 20));
                room.expect("root may have a large buffer");
                let socket = Stamped::of(socket);
                while !switches.over.load(Relaxed) && !switches.off.load(Relaxed) {
                    if switches.stalls.load(Relaxed) {
                        std::thread::sleep(LOOK);
                    } else if let Some((at, packet)) = socket.receive(&mut buffer) {
                        beats.take(at, packet);
                    }
                }
            }
        });
        desk
    }

    /// One by TCP at a port, with the length before each packet (OSC 1.0). To be called on its host.
    pub fn tcp(port: u16) -> Self {
        let desk = Self { beats: Beats::default(), switches: Arc::default() };
        let (beats, switches) = (desk.beats.clone(), Arc::clone(&desk.switches));
        std::thread::spawn(move || {
            while !switches.over.load(Relaxed) {
                if switches.off.load(Relaxed) {
                    std::thread::sleep(LOOK);
                    continue;
                }
                let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).expect("the desk's host has the port");
                listener.set_nonblocking(true).expect("a socket can be set so");
                while !switches.over.load(Relaxed) && !switches.off.load(Relaxed) {
                    let Ok((stream, _)) = listener.accept() else {
                        std::thread::sleep(LOOK);
                        continue;
                    };
                    let (beats, switches) = (beats.clone(), Arc::clone(&switches));
                    std::thread::spawn(move || read(stream, &beats, &switches));
                }
            }
        });
        desk
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.switches.over.store(true, Relaxed);
    }
}

/// Reads a connection until it ends.
fn read(mut stream: TcpStream, beats: &Beats, switches: &Switches) {
    stream.set_nonblocking(false).expect("a socket can be set so");
    stream.set_read_timeout(Some(LOOK)).expect("a socket can be set so");
    let (mut buffer, mut waiting) = ([0; 65_536], Vec::new());
    while !switches.over.load(Relaxed) && !switches.off.load(Relaxed) {
        if switches.stalls.load(Relaxed) {
            std::thread::sleep(LOOK);
            continue;
        }
        match stream.read(&mut buffer) {
            Ok(0) => return,
            Ok(length) => waiting.extend_from_slice(&buffer[..length]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => continue,
            Err(_) => return,
        }
        let now = host_now_ns();
        while let Some((head, rest)) = waiting.split_first_chunk::<4>() {
            let length = u32::from_be_bytes(*head) as usize;
            let Some(packet) = rest.get(..length) else { break };
            beats.take(now, packet);
            waiting.drain(..4 + length);
        }
    }
}
