//! The listening side: datagrams in, commands through the door.

use super::mirror::{Heard, What};
use crate::clock::{ShowClock, host_now};
use crate::controls::commands::of_message;
use crate::dispatch::Health;
use crate::edges::osc::decode::{self, Message};
use crossbeam_channel::{Sender, TrySendError};
use downbeat_protocol::{Command, HostTime, Tree, When};
use std::io::ErrorKind;
use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long a read waits before it looks whether to stop.
pub const PATIENCE: Duration = Duration::from_millis(100);
/// A complaint stands for this long after the last bad packet.
const COMPLAIN: Duration = Duration::from_secs(10);
/// The longest UDP datagram.
const LONGEST: usize = 65_535;

/// What the listening thread has.
pub struct Listener {
    /// The control's name.
    pub name: String,
    /// Where datagrams come in.
    pub socket: UdpSocket,
    /// The port that answers go to, where it is not the one that a peer sends from.
    pub feedback_port: Option<u16>,
    /// What there is to set.
    pub tree: Mutex<Arc<Tree>>,
    /// The show clock.
    pub clock: ShowClock,
    /// Where commands go.
    pub door: Sender<Command>,
    /// Where those who answer learn of what was heard.
    pub heard: Sender<Heard>,
    /// Commands taken, packets refused.
    pub health: Arc<Health>,
    /// When something was last complained of.
    pub complained: Mutex<Option<HostTime>>,
}

impl Listener {
    /// Reads until told to stop.
    pub fn run(&self, stop: &AtomicBool) {
        let mut bytes = vec![0; LONGEST];
        while !stop.load(Relaxed) {
            let trouble = match self.socket.recv_from(&mut bytes) {
                Ok((length, from)) => {
                    let peer = SocketAddr::new(from.ip(), self.feedback_port.unwrap_or(from.port()));
                    self.packet(&bytes[..length], from, peer)
                }
                Err(error) if is_patience(error.kind()) => None,
                Err(error) => {
                    std::thread::sleep(PATIENCE);
                    Some(format!("cannot read: {error}"))
                }
            };
            match trouble {
                Some(trouble) => self.complain(trouble),
                None => self.stop_complaining(),
            }
        }
    }

    /// There is something else to set from now on.
    pub fn know(&self, tree: Tree) {
        *self.tree.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(tree);
    }

    /// Shows on the status page what is wrong, for a while.
    pub fn complain(&self, trouble: String) {
        self.health.set_error(&self.name, trouble);
        *self.complained.lock().unwrap_or_else(PoisonError::into_inner) = Some(host_now());
    }

    fn stop_complaining(&self) {
        let mut complained = self.complained.lock().unwrap_or_else(PoisonError::into_inner);
        if complained.take_if(|at| host_now() >= *at + COMPLAIN).is_some() {
            self.health.set_error(&self.name, "");
        }
    }

    /// Takes a packet, whose answers go to `peer`; what is wrong with it, if anything.
    pub fn packet(&self, bytes: &[u8], from: SocketAddr, peer: SocketAddr) -> Option<String> {
        let mut trouble = None;
        self.tell(peer, What::Came(bytes.len()));
        decode::read(bytes, &mut |message| {
            let what = match message.map_err(|error| error.to_string()).and_then(|message| self.message(message, peer))
            {
                Ok(what) => what,
                Err(why) => {
                    self.health.count_dropped(1);
                    trouble = Some(format!("{from}: {why}"));
                    Some(What::Mistake(why))
                }
            };
            if let Some(what) = what {
                self.tell(peer, what);
            }
        });
        trouble
    }

    /// Takes a message. What has to be known before the show answers is told first.
    fn message(&self, message: Message, peer: SocketAddr) -> Result<Option<What>, String> {
        match When::split(&message.address).1 {
            "/sync" => return Ok(Some(What::Sync)),
            "/ping" => return Ok(None),
            "/hello" => return Ok(message.value.map(|token| What::Hello(token.to_string()))),
            _ => {}
        }
        let from = format!("{}:{peer}", self.name);
        let tree = Arc::clone(&self.tree.lock().unwrap_or_else(PoisonError::into_inner));
        for (address, command) in of_message(&tree, &self.clock, &message, &from)? {
            self.command(address, command, peer)?;
        }
        Ok(None)
    }

    fn command(&self, address: String, command: Command, peer: SocketAddr) -> Result<(), String> {
        self.tell(peer, What::Set(address));
        match self.door.try_send(command) {
            Ok(()) => {
                self.health.count_sent();
                Ok(())
            }
            Err(TrySendError::Full(_)) => Err("the show is busy; the command was dropped".into()),
            Err(TrySendError::Disconnected(_)) => Err("the show has ended".into()),
        }
    }

    /// The same for what must not get lost: waits a little for room. For threads that serve nobody else.
    pub fn tell_surely(&self, peer: SocketAddr, what: What) {
        let _ = self.heard.send_timeout(Heard { peer, at: host_now(), what }, COMPLAIN);
    }

    /// Whoever answers may be behind; then a peer is answered a little later, or not for this once.
    pub fn tell(&self, peer: SocketAddr, what: What) {
        let _ = self.heard.try_send(Heard { peer, at: host_now(), what });
    }
}

/// Whether reading has only timed out, or reported what became of an answer.
fn is_patience(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted | ErrorKind::ConnectionRefused)
}
