//! The receiving side: datagrams in, commands through the door.

use super::feedback::{Incoming, IncomingKind};
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

/// How long a read waits before it checks whether to stop.
pub const PATIENCE: Duration = Duration::from_millis(100);
/// How long a complaint stays after the last bad packet.
const COMPLAIN: Duration = Duration::from_secs(10);
/// The longest UDP datagram.
const LONGEST: usize = 65_535;

/// The listening thread.
pub struct Listener {
    /// The control's name.
    pub name: String,
    /// The receiving socket.
    pub socket: UdpSocket,
    /// The port for answers, if not the one that a peer sends from.
    pub feedback_port: Option<u16>,
    /// The settable addresses.
    pub tree: Mutex<Arc<Tree>>,
    /// The show clock.
    pub clock: ShowClock,
    /// The door for commands.
    pub door: Sender<Command>,
    /// Reports to the answering thread.
    pub incoming: Sender<Incoming>,
    /// Commands accepted, packets refused.
    pub health: Arc<Health>,
    /// Time of the last complaint.
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

    fn tree(&self) -> Arc<Tree> {
        Arc::clone(&self.tree.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The settable addresses have changed.
    pub fn know(&self, tree: Tree) {
        *self.tree.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(tree);
    }

    /// Shows a fault on the status page for a while.
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

    /// Takes a packet, whose answers go to `peer`; returns what is wrong with it, if anything.
    pub fn packet(&self, bytes: &[u8], from: SocketAddr, peer: SocketAddr) -> Option<String> {
        let mut trouble = None;
        self.notify(peer, IncomingKind::Bytes(bytes.len()));
        decode::read(bytes, &mut |message| {
            let kind = match message.map_err(|error| error.to_string()).and_then(|message| self.message(message, peer))
            {
                Ok(kind) => kind,
                Err(why) => {
                    self.health.count_dropped(1);
                    trouble = Some(format!("{from}: {why}"));
                    Some(IncomingKind::Mistake(why))
                }
            };
            if let Some(kind) = kind {
                self.notify(peer, kind);
            }
        });
        trouble
    }

    /// Takes a message. Reports what the answering thread must know before the show answers.
    fn message(&self, message: Message, peer: SocketAddr) -> Result<Option<IncomingKind>, String> {
        match When::split(&message.address).1 {
            "/sync" => return Ok(Some(IncomingKind::Sync)),
            "/list" => {
                let wanted = message.value.map_or_else(|| "/".to_owned(), |wanted| wanted.to_string());
                return Ok(Some(IncomingKind::List(self.tree(), wanted)));
            }
            "/ping" => return Ok(None),
            "/hello" => return Ok(message.value.map(|token| IncomingKind::Hello(token.to_string()))),
            _ => {}
        }
        let from = format!("{}:{peer}", self.name);
        let tree = self.tree();
        for (address, command) in of_message(&tree, &self.clock, &message, &from)? {
            self.command(address, command, peer)?;
        }
        Ok(None)
    }

    fn command(&self, address: String, command: Command, peer: SocketAddr) -> Result<(), String> {
        self.notify(peer, IncomingKind::Set(address));
        match self.door.try_send(command) {
            Ok(()) => {
                self.health.count_sent();
                Ok(())
            }
            Err(TrySendError::Full(_)) => Err("the show is busy; the command was dropped".into()),
            Err(TrySendError::Disconnected(_)) => Err("the show has ended".into()),
        }
    }

    /// The same for messages that must not be lost: waits a little for room. For threads that serve only one peer.
    pub fn notify_surely(&self, peer: SocketAddr, kind: IncomingKind) {
        let _ = self.incoming.send_timeout(Incoming { peer, at: host_now(), kind }, COMPLAIN);
    }

    /// The answering thread may be behind; then a peer is answered a little later, or not this once.
    pub fn notify(&self, peer: SocketAddr, kind: IncomingKind) {
        let _ = self.incoming.try_send(Incoming { peer, at: host_now(), kind });
    }
}

/// Whether reading has only timed out, or reported the fate of an answer.
fn is_patience(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted | ErrorKind::ConnectionRefused)
}
