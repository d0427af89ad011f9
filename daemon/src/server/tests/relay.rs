//! A link that can be cut: relays datagrams between one client and the daemon.

use std::net::UdpSocket;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub struct Relay {
    pub port: u16,
    cut: Arc<AtomicBool>,
    ended: Arc<AtomicBool>,
    /// The client's packets.
    pub tape: Arc<Mutex<Vec<Vec<u8>>>>,
    /// The sockets that the daemon sees, one per client.
    pub fronts: Arc<Mutex<Vec<UdpSocket>>>,
}

impl Relay {
    pub fn to(daemon: u16) -> Self {
        let near = UdpSocket::bind("127.0.0.1:0").expect("a socket");
        let port = near.local_addr().expect("bound").port();
        let (cut, ended) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        near.set_read_timeout(Some(Duration::from_millis(20))).expect("set");
        let tape = Arc::<Mutex<Vec<Vec<u8>>>>::default();
        let fronts = Arc::<Mutex<Vec<UdpSocket>>>::default();
        let relay = Self {
            port,
            cut: Arc::clone(&cut),
            ended: Arc::clone(&ended),
            tape: Arc::clone(&tape),
            fronts: Arc::clone(&fronts),
        };
        std::thread::spawn(move || pass(&near, daemon, (&cut, &ended), &tape, &fronts));
        relay
    }

    /// Loses everything, or nothing.
    pub fn cut(&self, cut: bool) {
        self.cut.store(cut, Relaxed);
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.ended.store(true, Relaxed);
    }
}

/// Each client address gets its own socket towards the daemon, as behind a router.
fn pass(
    near: &UdpSocket,
    daemon: u16,
    (cut, ended): (&Arc<AtomicBool>, &Arc<AtomicBool>),
    tape: &Mutex<Vec<Vec<u8>>>,
    fronts: &Mutex<Vec<UdpSocket>>,
) {
    let mut far: Vec<(std::net::SocketAddr, UdpSocket)> = Vec::new();
    let mut bytes = [0; 2048];
    while !ended.load(Relaxed) {
        let Ok((len, client)) = near.recv_from(&mut bytes) else { continue };
        if cut.load(Relaxed) {
            continue;
        }
        if !far.iter().any(|(known, _)| *known == client) {
            let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
            socket.connect(("127.0.0.1", daemon)).expect("connects");
            socket.set_read_timeout(Some(Duration::from_millis(20))).expect("set");
            fronts.lock().expect("not poisoned").push(socket.try_clone().expect("cloned"));
            let (back, near) = (socket.try_clone().expect("cloned"), near.try_clone().expect("cloned"));
            let (cut, ended) = (Arc::clone(cut), Arc::clone(ended));
            std::thread::spawn(move || {
                let mut bytes = [0; 2048];
                while !ended.load(Relaxed) {
                    if let Ok(len) = back.recv(&mut bytes)
                        && !cut.load(Relaxed)
                    {
                        let _ = near.send_to(&bytes[..len], client);
                    }
                }
            });
            far.push((client, socket));
        }
        if let Some((_, socket)) = far.iter().find(|(known, _)| *known == client) {
            tape.lock().expect("not poisoned").push(bytes[..len].to_vec());
            let _ = socket.send(&bytes[..len]);
        }
    }
}
