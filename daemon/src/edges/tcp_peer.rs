//! A destination by TCP: reconnects forever, and never blocks its output.
//!
//! Its own thread, `tcp:NAME`, resolves the name, connects and writes. Packets wait in a bounded queue, in order; when
//! it is full, or without a connection, they are dropped and counted. What has waited for too long is dropped, too: how
//! long depends on its [`Worth`]. A packet that lasts waits for the next connection, the newest for each address. Once
//! another daemon leads, of all that waits only releases are still sent.

use super::liveness::{self, LOST, unacknowledged};
use super::osc::framing::Framing;
use super::osc_ports::OscPorts;
use super::progress::Progress;
use super::unsent::Unsent;
use super::worth::Worth;
use crate::dispatch::{Health, LANDS};
use crate::realtime::{Rank, elevate};
use crate::threads;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TrySendError, bounded};
use downbeat_peer::backoff::Backoff;
use downbeat_peer::host::host_now;
use downbeat_peer::interface;
use downbeat_protocol::HostTime;
use socket2::{Domain, Protocol, Socket, Type};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// Maximum of packets waiting to be written.
const WAITING: usize = 256;
/// Places of these that only lasting packets may take.
const RESERVED: usize = 64;
/// Delay before the first retry, and the maximum.
const AGAIN: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(8)];
/// Time after which a host that does not answer counts as absent.
const CONNECT: Duration = Duration::from_secs(2);
/// Maximum age of a moving value: after a stall, what is older is dropped.
const STALE: Duration = Duration::from_secs(1);
/// How often to check for a hang-up while nothing is sent.
const IDLE: Duration = Duration::from_millis(250);
/// How often to check that no control of ours has taken the peer's place.
const LOOK: Duration = Duration::from_secs(1);

/// A packet that waits.
struct Packet {
    due: HostTime,
    worth: Worth,
    /// How often another daemon had taken the lead when it was to be sent.
    silences: u64,
    bytes: Vec<u8>,
}

impl Packet {
    /// Whether it is too late to send it.
    fn is_stale(&self, now: HostTime) -> bool {
        match self.worth {
            Worth::Pulse => now > self.due + LANDS,
            Worth::Moving => now > self.due + STALE,
            Worth::Lasting | Worth::Release => false,
        }
    }
}

/// What lasts and could not be written yet.
#[derive(Default)]
struct Kept {
    unsent: Unsent,
    /// How often another daemon has taken the lead, as last seen.
    silences: u64,
}

/// The peer, connected or not.
pub struct TcpPeer {
    waiting: Sender<Packet>,
    health: Arc<Health>,
    /// How often another daemon has taken the lead.
    silences: Arc<AtomicU64>,
    /// Connections so far.
    connections: Arc<AtomicU64>,
    known: u64,
}

impl TcpPeer {
    /// The peer at `host:port`, through a network card if one is named; never one of our `own` controls.
    pub fn new(
        name: &str,
        target: &str,
        interface: Option<String>,
        own: OscPorts,
        framing: Framing,
        health: Arc<Health>,
    ) -> Self {
        let (waiting, packets) = bounded(WAITING);
        let [silences, connections] = [(); 2].map(|()| Arc::new(AtomicU64::new(0)));
        let writer = Writer {
            name: name.to_owned(),
            target: target.to_owned(),
            interface,
            own,
            framing,
            health: Arc::clone(&health),
            silences: Arc::clone(&silences),
            connections: Arc::clone(&connections),
        };
        let (watchdog, thread) = (threads::watchdog(), format!("tcp:{name}"));
        let run = move |thread: &str| watchdog.run(thread, || writer.run(&packets));
        if let Err(error) = std::thread::Builder::new().name(thread.clone()).spawn(move || run(&thread)) {
            health.set_error(name, format!("cannot start a thread to connect: {error}"));
        }
        Self { waiting, health, silences, connections, known: 0 }
    }

    /// Queues a packet that is due at `due`. Never blocks.
    pub fn send(&self, packet: &[u8], due: HostTime, worth: Worth) {
        let room = self.waiting.len() < WAITING - RESERVED || worth.lasts();
        let packet = Packet { due, worth, silences: self.silences.load(Relaxed), bytes: packet.to_owned() };
        match room.then(|| self.waiting.try_send(packet)) {
            Some(Ok(())) => {}
            None | Some(Err(TrySendError::Full(_) | TrySendError::Disconnected(_))) => self.health.count_dropped(1),
        }
    }

    /// Another daemon leads: of what waits, only releases are still sent.
    pub fn silenced(&self) {
        self.silences.fetch_add(1, Relaxed);
    }

    /// Whether it has reconnected, and so missed something. True once.
    pub fn has_come_back(&mut self) -> bool {
        let now = self.connections.load(Relaxed);
        std::mem::replace(&mut self.known, now) != now
    }
}

/// The thread's side.
struct Writer {
    name: String,
    target: String,
    interface: Option<String>,
    /// Where nothing is sent.
    own: OscPorts,
    framing: Framing,
    health: Arc<Health>,
    silences: Arc<AtomicU64>,
    connections: Arc<AtomicU64>,
}

/// The output has closed.
struct Over;

impl Writer {
    /// Runs until the output closes.
    fn run(&self, packets: &Receiver<Packet>) {
        elevate(Rank::Output);
        let [first, longest] = AGAIN;
        let mut backoff = Backoff::new(first, longest);
        let mut kept = Kept::default();
        loop {
            let failed = match self.connect() {
                Ok(stream) => {
                    backoff.reset();
                    self.connections.fetch_add(1, Relaxed);
                    self.health.set_error(&self.name, "");
                    match self.write(stream, packets, &mut kept) {
                        Ok(Over) => return,
                        Err(error) => format!("the connection to {} was lost: {error}", self.target),
                    }
                }
                Err(why) => why,
            };
            self.health.set_error(&self.name, failed);
            let again = Instant::now() + backoff.failed();
            loop {
                match packets.recv_deadline(again) {
                    Ok(packet) => self.keep(packet, &mut kept),
                    Err(RecvTimeoutError::Timeout) => break,
                    Err(RecvTimeoutError::Disconnected) => return,
                }
            }
        }
    }

    /// Without a connection: keeps the newest lasting packet of each address.
    fn keep(&self, packet: Packet, kept: &mut Kept) {
        self.forget_values(kept);
        if self.is_over(&packet) || !packet.worth.lasts() || kept.unsent.put(packet.bytes, packet.worth) {
            self.health.count_dropped(1);
        }
    }

    /// Drops what is kept except releases, if another daemon has taken the lead since the last call.
    fn forget_values(&self, kept: &mut Kept) {
        let silences = self.silences.load(Relaxed);
        if std::mem::replace(&mut kept.silences, silences) != silences {
            self.health.count_dropped(kept.unsent.forget_values() as u64);
        }
    }

    /// Whether another daemon has taken the lead since this packet was to be sent, and it is no release.
    fn is_over(&self, packet: &Packet) -> bool {
        packet.worth != Worth::Release && packet.silences != self.silences.load(Relaxed)
    }

    fn connect(&self) -> Result<TcpStream, String> {
        let unreachable = |error: io::Error| match error.kind() {
            ErrorKind::ConnectionRefused => {
                format!("nothing listens at tcp {} (is the program running, and is this its port?)", self.target)
            }
            _ => format!("cannot reach tcp {}: {error}", self.target),
        };
        let all: Vec<SocketAddr> = self.target.to_socket_addrs().map_err(unreachable)?.collect();
        let mut failed = unreachable(io::Error::new(ErrorKind::NotFound, "the name has no address"));
        for address in all {
            if let Err(why) = self.own.refuse(address) {
                failed = format!("cannot send to tcp {}: {why}", self.target);
                continue;
            }
            let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP));
            let socket = socket.map_err(unreachable)?;
            if let Some(interface) = &self.interface {
                interface::bind(&socket, interface).map_err(|error| error.to_string())?;
            }
            match socket.connect_timeout(&address.into(), CONNECT).and_then(|()| set_up(&socket)) {
                Ok(()) => return Ok(socket.into()),
                Err(error) => failed = unreachable(error),
            }
        }
        Err(failed)
    }

    fn write(&self, mut stream: TcpStream, packets: &Receiver<Packet>, kept: &mut Kept) -> io::Result<Over> {
        let (mut answers, mut is_first, mut progress) = ([0; 1024], true, Progress::default());
        let (to, mut look) = (stream.peer_addr()?, Instant::now());
        loop {
            if Instant::now() >= look {
                look += LOOK;
                // A control may be opened later than this, and a machine may get another address.
                self.own.refuse(to).map_err(io::Error::other)?;
            }
            self.forget_values(kept);
            let next = match kept.unsent.take() {
                Some((bytes, worth)) => Ok(Packet { due: HostTime::ZERO, worth, silences: kept.silences, bytes }),
                None => packets.recv_timeout(IDLE),
            };
            let now = host_now();
            let has_stalled = progress.has_stalled(unacknowledged(&stream), now);
            match next {
                Ok(packet) if self.is_over(&packet) => self.health.count_dropped(1),
                Ok(packet) if packet.is_stale(now) => self.health.count_missed(1),
                Ok(packet) if has_stalled && !packet.worth.lasts() => self.health.count_dropped(1),
                Ok(packet) => {
                    let (first, bytes) = (std::mem::take(&mut is_first), &packet.bytes);
                    let framed = if first { self.framing.first(bytes) } else { self.framing.frame(bytes) };
                    if let Err(error) = stream.write_all(&framed) {
                        self.keep(packet, kept);
                        return Err(error);
                    }
                    progress.write(framed.len());
                    self.health.count_sent();
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(Over),
            }
            // Replies are ignored; a hang-up is not.
            stream.set_nonblocking(true)?;
            match stream.read(&mut answers) {
                Ok(0) => return Err(io::Error::new(ErrorKind::UnexpectedEof, "it hung up")),
                Ok(_) => {}
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
                Err(error) => return Err(error),
            }
            stream.set_nonblocking(false)?;
        }
    }
}

fn set_up(socket: &Socket) -> io::Result<()> {
    socket.set_write_timeout(Some(LOST))?;
    liveness::watch(socket)
}

#[cfg(test)]
mod tests {
    use super::super::osc::framing::Unframer;
    use super::*;
    use std::net::TcpListener;

    /// Calls `step` until it returns something; a deadline rather than a hope.
    fn until<T>(what: &str, mut step: impl FnMut() -> Option<T>) -> T {
        let start = Instant::now();
        loop {
            if let Some(found) = step() {
                return found;
            }
            assert!(start.elapsed() < Duration::from_secs(20), "waited in vain for {what}");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// The first packets of a connection.
    fn read(listener: &TcpListener, framing: Framing, count: usize) -> Vec<Vec<u8>> {
        let (mut stream, _) = listener.accept().expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
        let (mut unframer, mut packets, mut bytes) = (Unframer::new(framing), Vec::new(), [0; 256]);
        while packets.len() < count {
            let length = stream.read(&mut bytes).expect("more");
            assert!(length > 0, "it hung up");
            unframer.push(&bytes[..length], &mut |packet| packets.push(packet.to_vec())).expect("framed");
        }
        packets
    }

    #[test]
    fn packets_arrive_whole_and_in_order_in_either_framing() {
        for framing in [Framing::Length, Framing::Slip] {
            let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
            let target = listener.local_addr().expect("bound").to_string();
            let health = Arc::new(Health::default());
            let mut peer =
                TcpPeer::new("desk", &target, Some("lo".into()), OscPorts::default(), framing, Arc::clone(&health));
            until("a connection", || peer.has_come_back().then_some(()));
            assert!(!peer.has_come_back(), "once");
            let sent = [&b"/first\0\0,\0\0\0"[..], b"/second\xC0\xDB,\0\0\0", b"/third\0\0,\0\0\0"];
            sent.iter().for_each(|packet| peer.send(packet, host_now(), Worth::Moving));
            assert_eq!(read(&listener, framing, 3), sent);
            until("the count", || (health.sent.load(Relaxed) == 3).then_some(()));
        }
    }

    #[test]
    fn what_has_waited_too_long_is_dropped_rather_than_sent_late() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let target = listener.local_addr().expect("bound").to_string();
        let health = Arc::new(Health::default());
        let mut peer = TcpPeer::new("desk", &target, None, OscPorts::default(), Framing::Slip, Arc::clone(&health));
        until("a connection", || peer.has_come_back().then_some(()));
        peer.send(b"/beat\0\0\0,\0\0\0", host_now() - 2 * LANDS, Worth::Pulse);
        peer.send(b"/level\0\0,\0\0\0", host_now() - 2 * STALE, Worth::Moving);
        peer.send(b"/off\0\0\0\0,\0\0\0", host_now() - 60 * STALE, Worth::Lasting);
        peer.send(b"/next\0\0\0,\0\0\0", host_now(), Worth::Moving);
        assert_eq!(read(&listener, Framing::Slip, 2), [b"/off\0\0\0\0,\0\0\0", b"/next\0\0\0,\0\0\0"]);
        assert_eq!(health.dropped.load(Relaxed), 2);
    }

    #[test]
    fn a_button_is_released_when_the_desk_is_back() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("bound");
        drop(listener);
        let health = Arc::new(Health::default());
        let peer =
            TcpPeer::new("desk", &address.to_string(), None, OscPorts::default(), Framing::Slip, Arc::clone(&health));
        until("the complaint", || (!health.error().is_empty()).then_some(()));
        peer.send(b"/beat\0\0\0,\0\0\0", host_now(), Worth::Pulse);
        let bundle = |address: &str| {
            let length = 16_u32.to_be_bytes();
            [&b"#bundle\0\0\0\0\0\0\0\0\x01"[..], &length, address.as_bytes(), b"\0\0\0,i\0\0\0\0\0\0"].concat()
        };
        let released = [b"/hold\0\0\0,i\0\0\0\0\0\0".to_vec(), bundle("/left"), bundle("/down")];
        peer.send(b"/hold\0\0\0,i\0\0\0\0\0\x01", host_now(), Worth::Lasting);
        released.iter().for_each(|packet| peer.send(packet, host_now(), Worth::Lasting));
        until("a drop", || (health.dropped.load(Relaxed) == 1).then_some(()));
        let listener = TcpListener::bind(address).expect("the same port");
        assert_eq!(read(&listener, Framing::Slip, 3), released, "the last word to each address");
    }

    #[test]
    fn a_desk_that_is_back_after_another_daemon_took_the_lead_gets_releases_and_no_old_values() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("bound");
        drop(listener);
        let health = Arc::new(Health::default());
        let peer =
            TcpPeer::new("desk", &address.to_string(), None, OscPorts::default(), Framing::Slip, Arc::clone(&health));
        until("the complaint", || (!health.error().is_empty()).then_some(()));
        peer.send(b"/level\0\0,i\0\0\0\0\0\x01", host_now(), Worth::Lasting);
        peer.send(b"/hold\0\0\0,i\0\0\0\0\0\0", host_now(), Worth::Release);
        peer.send(b"/beat\0\0\0,\0\0\0", host_now(), Worth::Pulse);
        until("a drop", || (health.dropped.load(Relaxed) == 1).then_some(()));
        peer.silenced();
        // This daemon leads again.
        peer.send(b"/lamp\0\0\0,i\0\0\0\0\0\x01", host_now(), Worth::Lasting);
        let listener = TcpListener::bind(address).expect("the same port");
        let come = read(&listener, Framing::Slip, 2);
        assert_eq!(come, [b"/hold\0\0\0,i\0\0\0\0\0\0", b"/lamp\0\0\0,i\0\0\0\0\0\x01"]);
        assert_eq!(health.dropped.load(Relaxed), 2);
    }

    #[test]
    fn what_waits_in_the_queue_when_another_daemon_takes_the_lead_is_over_except_releases() {
        let (silences, health) = (Arc::new(AtomicU64::new(0)), Arc::new(Health::default()));
        let (target, connections) = ("127.0.0.1:9".to_owned(), Arc::default());
        let (name, own, framing) = ("desk".to_owned(), OscPorts::default(), Framing::Slip);
        let theirs = (Arc::clone(&silences), Arc::clone(&health));
        let writer =
            Writer { name, target, interface: None, own, framing, silences: theirs.0, health: theirs.1, connections };
        let packet = |worth, silences| Packet { due: HostTime::ZERO, worth, silences, bytes: b"/x".to_vec() };
        silences.store(1, Relaxed);
        let worths = [Worth::Pulse, Worth::Moving, Worth::Lasting, Worth::Release];
        assert_eq!(worths.map(|worth| writer.is_over(&packet(worth, 0))), [true, true, true, false]);
        assert_eq!(worths.map(|worth| writer.is_over(&packet(worth, 1))), [false; 4]);
        let mut kept = Kept::default();
        writer.keep(packet(Worth::Lasting, 0), &mut kept);
        assert_eq!((kept.unsent.is_empty(), health.dropped.load(Relaxed)), (true, 1));
        writer.keep(packet(Worth::Lasting, 1), &mut kept);
        assert!(!kept.unsent.is_empty(), "this daemon leads again");
    }

    #[test]
    fn a_desk_that_is_off_is_named_and_one_that_hung_up_is_connected_again() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("bound");
        drop(listener);
        let health = Arc::new(Health::default());
        let mut peer =
            TcpPeer::new("desk", &address.to_string(), None, OscPorts::default(), Framing::Slip, Arc::clone(&health));
        until("the complaint", || health.error().contains(&format!("nothing listens at tcp {address}")).then_some(()));
        peer.send(b"lost", host_now(), Worth::Moving);
        until("a drop", || (health.dropped.load(Relaxed) == 1).then_some(()));
        let listener = TcpListener::bind(address).expect("the same port");
        until("a connection", || peer.has_come_back().then_some(()));
        assert_eq!(health.error(), "");
        peer.send(b"/one\0\0\0\0,\0\0\0", host_now(), Worth::Moving);
        // Which ends the connection from the other side.
        assert_eq!(read(&listener, Framing::Slip, 1).len(), 1);
        until("the complaint", || health.error().contains("was lost").then_some(()));
        until("another connection", || peer.has_come_back().then_some(()));
        peer.send(b"/two\0\0\0\0,\0\0\0", host_now(), Worth::Moving);
        assert_eq!(read(&listener, Framing::Slip, 1), [b"/two\0\0\0\0,\0\0\0"]);
    }

    #[test]
    fn a_network_card_that_is_not_there_is_named() {
        let health = Arc::new(Health::default());
        let _peer = TcpPeer::new(
            "desk",
            "127.0.0.1:9",
            Some("nosuch0".into()),
            OscPorts::default(),
            Framing::Slip,
            Arc::clone(&health),
        );
        until("the complaint", || health.error().contains("`nosuch0`").then_some(()));
    }

    #[test]
    fn no_connection_is_made_to_a_control_of_ours_however_its_address_is_written() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("bound");
        let own = OscPorts::default();
        own.enter("tablet", address);
        let health = Arc::new(Health::default());
        let target = format!("127.1:{}", address.port());
        let mut peer = TcpPeer::new("desk", &target, None, own.clone(), Framing::Slip, Arc::clone(&health));
        until("the complaint", || health.error().contains("[control.tablet]").then_some(()));
        assert!(!peer.has_come_back(), "nothing has connected");
        own.remove("tablet");
        until("a connection", || peer.has_come_back().then_some(()));
        own.enter("tablet", address);
        until("the complaint", || health.error().contains("[control.tablet]").then_some(()));
    }
}
