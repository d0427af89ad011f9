//! Surfaces connected by TCP: the same packets as by UDP, in a stream.

use super::incoming::IncomingKind;
use super::listener::{Listener, PATIENCE};
use super::settings::Settings;
use super::shared::Way;
use crate::clock::host_now;
use crate::edges::kin::Kin;
use crate::edges::liveness::{self, unacknowledged};
use crate::edges::osc::framing::{Framing, Unframer};
use crate::edges::places::{self, Limits, Places, Standing};
use crate::edges::progress::Progress;
use crate::threads::Stop;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use downbeat_protocol::HostTime;
use downbeat_protocol::network::canonical;
use std::collections::BTreeMap;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::Scope;
use std::time::{Duration, Instant};

/// Maximum of connections; one more is closed again. Those that are named or of a trusted network have further places. One
/// that has sent nothing for a minute makes room for one of another host.
const CONNECTIONS: Limits =
    Limits { all: 16, for_kin: 4, at_home: 0, of_host: 8, silence: Some(Duration::from_secs(60)) };
/// Packets that wait for one surface, and are late when it has not read for a while. Otherwise values wait elsewhere, the
/// newest of each.
const WAITING: usize = 32;
/// Pause before trying a port again that was not free.
const AGAIN: Duration = Duration::from_secs(1);
/// Time after which a new connection without a message makes room for others.
const MUTE: Duration = Duration::from_secs(10);
/// Time after which a surface that takes nothing counts as gone.
const STUCK: Duration = Duration::from_secs(5);

/// All connections.
pub struct Streams {
    settings: Settings,
    places: Places,
    open: Mutex<BTreeMap<SocketAddr, Stream>>,
}

/// One of them.
struct Stream {
    outgoing: Sender<Vec<u8>>,
    has_stalled: Arc<AtomicBool>,
    place: places::Place,
}

/// The other end of it: what its own threads need.
struct Place {
    outgoing: Receiver<Vec<u8>>,
    has_stalled: Arc<AtomicBool>,
}

impl Streams {
    /// For a control with these settings.
    pub fn new(settings: Settings) -> Self {
        Self { settings, places: Places::new(CONNECTIONS, Kin::default()), open: Mutex::default() }
    }

    /// Sends a packet to a peer; returns whether there was room. What a surface has stopped to take would come seconds
    /// late, so there is none then. None if the peer is not connected.
    pub fn send(&self, peer: SocketAddr, packet: &[u8]) -> Option<bool> {
        let streams = self.lock();
        let stream = streams.get(&peer)?;
        Some(!stream.has_stalled.load(Relaxed) && stream.outgoing.try_send(packet.to_vec()).is_ok())
    }

    /// A place for one more; none if there is none for it. `leave` ends it when it has to make room for another.
    fn open(&self, peer: SocketAddr, now: HostTime, leave: impl FnOnce() + Send + 'static) -> Option<Place> {
        let standing = if self.settings.trusts(peer.ip()) { Standing::Kin } else { Standing::Stranger };
        let place = self.places.enter(peer.ip(), standing, now, leave)?;
        let (sender, outgoing) = bounded(WAITING);
        let has_stalled = Arc::<AtomicBool>::default();
        let stalled = Arc::clone(&has_stalled);
        self.lock().insert(peer, Stream { outgoing: sender, has_stalled: stalled, place });
        Some(Place { outgoing, has_stalled })
    }

    /// A peer has sent a message; whether that was a command.
    fn hear(&self, peer: SocketAddr, is_command: bool, now: HostTime) {
        if let Some(stream) = self.lock().get(&peer) {
            stream.place.hear(is_command, now);
        }
    }

    fn close(&self, peer: SocketAddr) {
        self.lock().remove(&peer);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<SocketAddr, Stream>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A socket for connections.
///
/// # Errors
/// Another program uses the port, or the address is not of this machine.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = TcpListener::bind(address)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// Takes connections until told to stop. A port that was not free is tried again until it is.
pub fn accept<'scope>(
    (mut socket, address): (io::Result<TcpListener>, SocketAddr),
    streams: &'scope Streams,
    listener: &'scope Listener,
    stop: &'scope AtomicBool,
    threads: &'scope Scope<'scope, '_>,
) {
    let mut retry = Instant::now() + AGAIN;
    while !stop.load(Relaxed) {
        let Ok(listening) = &socket else {
            std::thread::sleep(PATIENCE);
            if Instant::now() >= retry {
                socket = bind(address);
                retry = Instant::now() + AGAIN;
            }
            continue;
        };
        match listening.accept() {
            Ok((stream, peer)) => {
                let peer = canonical(peer);
                // Without it, a surface that was switched off would keep its place until the next write fails.
                let _ = liveness::watch(&stream);
                let serve = move || serve(stream, peer, streams, listener, stop);
                // Not by the peer: its port is another one each time, and the figures of threads would grow without end.
                let name = format!("tcp:{}", listener.name);
                if let Err(error) = std::thread::Builder::new().name(name).spawn_scoped(threads, serve) {
                    listener.complain(format!("{peer}: cannot start a thread for its connection: {error}"));
                }
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => std::thread::sleep(PATIENCE),
            Err(error) => {
                listener.complain(format!("cannot accept a connection: {error}"));
                std::thread::sleep(PATIENCE);
            }
        }
    }
}

/// One connection, from its first byte to its last.
fn serve(stream: TcpStream, peer: SocketAddr, streams: &Streams, listener: &Listener, stop: &AtomicBool) {
    let ending = match stream.try_clone() {
        Ok(ending) => ending,
        Err(error) => return listener.complain(format!("{peer}: cannot serve its connection: {error}")),
    };
    // Both of its threads notice.
    let leave = move || _ = ending.shutdown(Shutdown::Both);
    let Some(place) = streams.open(peer, host_now(), leave) else {
        let Limits { all, of_host, .. } = CONNECTIONS;
        return listener.complain(format!(
            "{peer}: the maximum of surfaces is connected: {of_host} of one host, {all} in all; close some, or name it in \
             feedback-to or trusted, which have further places"
        ));
    };
    let (framing, over) = (OnceLock::new(), AtomicBool::new(false));
    std::thread::scope(|both| {
        let _over = Stop(&over);
        let writer = stream.try_clone().map(|stream| both.spawn(|| write(stream, &place, &framing, &over)));
        let read = writer.and_then(|_| read(&stream, peer, &framing, (streams, listener), stop));
        if let Err(error) = read {
            listener.complain(format!("{peer}: {error}"));
        }
        over.store(true, Relaxed);
        let _ = stream.shutdown(Shutdown::Both);
    });
    streams.close(peer);
    listener.notify_surely(peer, IncomingKind::Disconnected);
}

/// Reads until the peer disconnects or sends nonsense, or the show ends.
fn read(
    mut stream: &TcpStream,
    peer: SocketAddr,
    framing: &OnceLock<Framing>,
    (streams, listener): (&Streams, &Listener),
    stop: &AtomicBool,
) -> io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(STUCK))?;
    let (mut unframer, mut bytes, connected) = (None, [0; 4096], Instant::now());
    let (mut packets, mut is_mute) = (0_u64, true);
    let way = Way::Connection { is_trusted: streams.settings.trusts(peer.ip()) };
    while !stop.load(Relaxed) {
        if is_mute && connected.elapsed() > MUTE {
            return Err(io::Error::other("it connected but sent no message"));
        }
        let came = match stream.read(&mut bytes) {
            Ok(0) => return Ok(()),
            Ok(length) => &bytes[..length],
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted => continue,
                ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => return Ok(()),
                _ => return Err(error),
            },
        };
        let unframer = match &mut unframer {
            Some(unframer) => unframer,
            begun => {
                let found = Framing::of(came[0]).map_err(io::Error::other)?;
                begun.insert(Unframer::new(*framing.get_or_init(|| found)))
            }
        };
        let mut trouble = None;
        let take = &mut |packet: &[u8]| {
            if packets == 0 {
                // A peer that completes a TCP handshake receives what is sent to it.
                listener.notify_surely(peer, IncomingKind::Connected);
            }
            packets += 1;
            let taken = listener.packet(packet, peer, (peer, way));
            if taken.is_osc {
                is_mute = false;
                streams.hear(peer, taken.has_commanded, host_now());
            }
            trouble = taken.trouble.or(trouble.take());
        };
        unframer.push(came, take).map_err(io::Error::other)?;
        if let Some(trouble) = trouble {
            listener.complain(trouble);
        }
    }
    Ok(())
}

/// Sends the packets that wait for a surface. Its framing is known from its first byte; until then nothing is sent.
fn write(mut stream: TcpStream, place: &Place, framing: &OnceLock<Framing>, over: &AtomicBool) {
    let mut progress = Progress::default();
    while !over.load(Relaxed) {
        match place.outgoing.recv_timeout(PATIENCE) {
            Ok(packet) => {
                let Some(framing) = framing.get() else { continue };
                let framed = framing.frame(&packet);
                if stream.write_all(&framed).is_err() {
                    // The reader notices that, too.
                    let _ = stream.shutdown(Shutdown::Both);
                    return;
                }
                progress.write(framed.len());
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        place.has_stalled.store(progress.has_stalled(unacknowledged(&stream), host_now()), Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use socket2::SockRef;

    fn settings(text: &str) -> Settings {
        let file = config::File::from_str(text, config::FileFormat::Toml);
        let settings = config::Config::builder().add_source(file).build().expect("TOML");
        settings.try_deserialize().expect("settings")
    }

    fn on(host: u8, port: u16) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, host], port))
    }

    #[test]
    fn connections_that_say_nothing_make_room_for_another_host_and_the_rig_for_nobody() {
        let streams = Streams::new(settings("feedback-to = ['192.0.2.7:9001']\ntrusted = ['192.0.2.128/25']"));
        let at = |seconds: i64| HostTime(seconds * 1_000_000_000);
        let ended = Arc::new(Mutex::new(Vec::new()));
        let open = |host, port, seconds| {
            let ended = Arc::clone(&ended);
            let leave = move || ended.lock().expect("no panics").push(on(host, port));
            streams.open(on(host, port), at(seconds), leave).is_some()
        };
        assert!((1..=16).all(|host| open(host + 40, 1, 0)));
        assert!(!open(68, 1, 59), "all are new, and each host has one");
        assert!(open(200, 1, 59) && open(7, 1, 59), "of a trusted network, and named");
        (2..=16).for_each(|host| streams.hear(on(host + 40, 1), false, at(50)));
        assert!(open(68, 1, 61), "of one that has said nothing for a minute");
        assert_eq!(*ended.lock().expect("no panics"), [on(41, 1)]);
        assert!(!open(69, 1, 109) && open(69, 1, 110));
    }

    #[test]
    fn two_hosts_that_take_all_places_and_keep_pinging_leave_one_to_a_tablet_that_then_plays() {
        let streams = Streams::new(settings(""));
        let at = |seconds: i64| HostTime(seconds * 1_000_000_000);
        let has_ended = Arc::<AtomicBool>::default();
        let open = |host, port, seconds| {
            let ended = Arc::clone(&has_ended);
            let leave = move || _ = ended.fetch_or(host == 7, Relaxed);
            streams.open(on(host, port), at(seconds), leave).is_some()
        };
        assert!((1..=8).all(|port| open(66, port, 0) && open(67, port, 0)));
        (1..=8).for_each(|port| [66, 67].iter().for_each(|host| streams.hear(on(*host, port), false, at(30))));
        assert!(open(7, 1, 31), "the tablet");
        streams.hear(on(7, 1), true, at(32));
        assert!(!open(66, 9, 91), "a host that has many takes none of another's");
        assert!((100..200).filter(|host| open(*host, 1, 91)).count() > 0 && !has_ended.load(Relaxed));
    }

    #[test]
    fn a_surface_that_takes_nothing_is_told_nothing_old_when_it_is_back() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let mut surface = TcpStream::connect(listener.local_addr().expect("bound")).expect("it listens");
        let (stream, peer) = listener.accept().expect("it has connected");
        // Little room there and much here: what the system takes is not what gets through.
        SockRef::from(&surface).set_recv_buffer_size(4_096).expect("a socket can be set so");
        SockRef::from(&stream).set_send_buffer_size(1 << 20).expect("a socket can be set so");
        let streams = Streams::new(settings(""));
        let place = streams.open(peer, host_now(), || ()).expect("a place");
        let (framing, over) = (OnceLock::from(Framing::Length), AtomicBool::new(false));
        std::thread::scope(|scope| {
            scope.spawn(|| write(stream, &place, &framing, &over));
            // It reads nothing, so at last nothing gets through any more.
            let begun = Instant::now();
            let mut sent = 0_u32;
            while !place.has_stalled.load(Relaxed) {
                assert!(begun.elapsed() < Duration::from_secs(20), "{sent} packets, and it has not stalled");
                sent += u32::from(streams.send(peer, &[0; 1_000]) == Some(true));
                // As meters come; a burst would fill the system's room first.
                std::thread::sleep(Duration::from_millis(2));
            }
            assert_eq!(streams.send(peer, b"old"), Some(false), "it would come late");
            // It is back, and reads everything.
            surface.set_read_timeout(Some(Duration::from_millis(10))).expect("a socket can be set so");
            let (begun, mut bytes) = (Instant::now(), vec![0; 1 << 20]);
            while streams.send(peer, b"new") != Some(true) {
                assert!(begun.elapsed() < Duration::from_secs(20), "it is told nothing more");
                let _ = surface.read(&mut bytes);
            }
            over.store(true, Relaxed);
        });
    }
}
