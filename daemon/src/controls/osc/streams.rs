//! Surfaces connected by TCP: the same packets as by UDP, in a stream.

use super::feedback::IncomingKind;
use super::listener::{Listener, PATIENCE};
use crate::edges::liveness;
use crate::edges::osc::framing::{Framing, Unframer};
use crossbeam_channel::{Receiver, Sender, bounded};
use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::Scope;
use std::time::{Duration, Instant};

/// Maximum of connections; one more is closed again.
const CONNECTIONS: usize = 16;
/// Packets that wait for one surface. One that does not read loses the newest.
const WAITING: usize = 1024;
/// Time after which a silent new connection makes room for others.
const MUTE: Duration = Duration::from_secs(10);
/// Time after which a surface that takes nothing counts as gone.
const STUCK: Duration = Duration::from_secs(5);

/// All connections. Clones share them.
#[derive(Clone, Default)]
pub struct Streams(Arc<Mutex<BTreeMap<SocketAddr, Sender<Vec<u8>>>>>);

impl Streams {
    /// Sends a packet to a peer; returns whether there was room. None if the peer is not connected.
    pub fn send(&self, peer: SocketAddr, packet: &[u8]) -> Option<bool> {
        let streams = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Some(streams.get(&peer)?.try_send(packet.to_vec()).is_ok())
    }

    /// A place for one more; none if all are taken.
    fn open(&self, peer: SocketAddr) -> Option<Receiver<Vec<u8>>> {
        let mut streams = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (sender, receiver) = bounded(WAITING);
        (streams.len() < CONNECTIONS).then(|| streams.insert(peer, sender)).map(|_| receiver)
    }

    fn close(&self, peer: SocketAddr) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&peer);
    }
}

/// Takes connections until told to stop.
pub fn accept<'scope>(
    socket: &TcpListener,
    streams: &'scope Streams,
    listener: &'scope Listener,
    stop: &'scope AtomicBool,
    threads: &'scope Scope<'scope, '_>,
) {
    while !stop.load(Relaxed) {
        match socket.accept() {
            Ok((stream, peer)) => {
                // Without it, a surface that was switched off would keep its place until the next write fails.
                let _ = liveness::watch(&stream);
                let serve = move || serve(stream, peer, streams, listener, stop);
                let name = format!("tcp:{}", peer.port());
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
    let Some(outgoing) = streams.open(peer) else {
        return listener.complain(format!("{peer}: {CONNECTIONS} surfaces are connected, the maximum"));
    };
    let (framing, over) = (OnceLock::new(), AtomicBool::new(false));
    std::thread::scope(|both| {
        let writer = stream.try_clone().map(|stream| both.spawn(|| write(stream, &outgoing, &framing, &over)));
        let read = writer.and_then(|_| read(&stream, peer, &framing, listener, stop));
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
    listener: &Listener,
    stop: &AtomicBool,
) -> std::io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(STUCK))?;
    let (mut unframer, mut bytes, connected) = (None, [0; 4096], Instant::now());
    while !stop.load(Relaxed) {
        if unframer.is_none() && connected.elapsed() > MUTE {
            return Err(std::io::Error::other("it connected but sent nothing"));
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
                let found = Framing::of(came[0]).map_err(std::io::Error::other)?;
                // A peer that completes a TCP handshake receives what is sent to it.
                listener.notify_surely(peer, IncomingKind::Connected);
                begun.insert(Unframer::new(*framing.get_or_init(|| found)))
            }
        };
        let mut trouble = None;
        let take = &mut |packet: &[u8]| trouble = listener.packet(packet, peer, peer).or(trouble.take());
        unframer.push(came, take).map_err(std::io::Error::other)?;
        if let Some(trouble) = trouble {
            listener.complain(trouble);
        }
    }
    Ok(())
}

/// Sends the packets that wait for a surface. Its framing is known from its first byte; until then nothing is sent.
fn write(mut stream: TcpStream, outgoing: &Receiver<Vec<u8>>, framing: &OnceLock<Framing>, over: &AtomicBool) {
    while !over.load(Relaxed) {
        let Ok(packet) = outgoing.recv_timeout(PATIENCE) else { continue };
        if framing.get().is_some_and(|framing| stream.write_all(&framing.frame(&packet)).is_err()) {
            // The reader notices that, too.
            let _ = stream.shutdown(Shutdown::Both);
            return;
        }
    }
}
