//! The receiving side: datagrams in, commands through the door.

use super::incoming::{Incoming, IncomingKind, LONGEST};
use super::shared::{Origin, Shared, Way};
use crate::clock::{ShowClock, host_now};
use crate::controls::commands::{Commands, arrived, of_message};
use crate::controls::echoes::{Echoes, is_answer, is_read_only};
use crate::controls::reach::is_pattern;
use crate::controls::senders::Senders;
use crate::controls::share::Shares;
use crate::dispatch::Health;
use crate::door::Door;
use crate::edges::allowance::Allowance;
use crate::edges::osc::decode::{self, Message};
use crate::edges::osc_ports::OscPorts;
use crate::edges::own::is_own;
use crate::threads;
use crossbeam_channel::Sender as Channel;
use downbeat_log::one_line;
use downbeat_protocol::network::canonical;
use downbeat_protocol::tree::{ADDRESS, ActionError};
use downbeat_protocol::{Command, HostTime, Tree, Value, When};
use std::io::ErrorKind;
use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long a read waits before it checks whether to stop.
pub const PATIENCE: Duration = Duration::from_millis(100);
/// How long a complaint stays after the last bad packet.
const COMPLAIN: Duration = Duration::from_secs(10);
/// Maximum of patterns in a packet: each is compared with all addresses.
const PATTERNS: usize = 64;
/// Patterns of those who are not known to receive, at once and per second, together: enough for a fader on a pattern.
const PATTERNS_OF_STRANGERS: (f64, f64) = (128.0, 128.0);
/// The longest UDP datagram.
const DATAGRAM: usize = 65_535;

/// Why a peer may not command the daemon itself.
const NOT_OF_THE_RIG: &str = "only this machine, and surfaces of feedback-to or a trusted network that echo /hello or \
     connect by TCP, may take or give the lead and reload the configuration; or use downbeatctl or the page";

/// Why a message is not obeyed, and what the sender gets to know.
struct Fault {
    why: String,
    answer: Option<IncomingKind>,
}

impl Fault {
    fn answered(why: impl AsRef<str>) -> Self {
        let why = one_line(why.as_ref(), LONGEST);
        Self { answer: Some(IncomingKind::Mistake(why.clone())), why }
    }

    fn unproven(why: impl AsRef<str>) -> Self {
        let why = one_line(why.as_ref(), LONGEST);
        Self { answer: Some(IncomingKind::Unproven(why.clone())), why }
    }
}

/// A packet.
#[derive(Debug, Default)]
pub struct Taken {
    /// Whether it has a message, wrong or right.
    pub is_osc: bool,
    /// Whether a command in it was taken.
    pub has_commanded: bool,
    /// Whether it has the word of a greeting, wrong or right.
    has_greeted: bool,
    /// What is wrong with it, if anything.
    pub trouble: Option<String>,
}

/// The listening thread.
pub struct Listener {
    /// The control's name.
    pub name: String,
    /// The receiving socket.
    pub socket: UdpSocket,
    /// The port for answers, if not the one that a peer sends from.
    pub feedback_port: Option<u16>,
    /// Where all controls take OSC.
    pub osc_ports: OscPorts,
    /// The settable addresses.
    pub tree: Mutex<Arc<Tree>>,
    /// The show clock.
    pub clock: ShowClock,
    /// The clocks of the peers.
    pub senders: Mutex<Senders>,
    /// What all controls and pages were told lately.
    pub echoes: Echoes,
    /// The door for commands, and how much of it each peer has filled.
    pub door: Door,
    pub shares: Mutex<Shares>,
    /// What the answering thread knows of the peers.
    pub shared: Shared,
    /// Reports to the answering thread.
    pub incoming: Channel<Incoming>,
    /// Commands accepted, packets refused.
    pub health: Arc<Health>,
    /// Time of the last complaint.
    pub complained: Mutex<Option<HostTime>>,
    /// How many patterns strangers may send.
    pub patterns: Mutex<Allowance>,
}

/// What strangers may send of patterns.
pub fn patterns_of_strangers(now: HostTime) -> Mutex<Allowance> {
    let (most, per_second) = PATTERNS_OF_STRANGERS;
    Mutex::new(Allowance::new(most, per_second, now))
}

impl Listener {
    /// Reads until told to stop.
    pub fn run(&self, stop: &AtomicBool) {
        let mut bytes = vec![0; DATAGRAM];
        while !stop.load(Relaxed) {
            threads::beat();
            let trouble = match self.socket.recv_from(&mut bytes) {
                Ok((length, from)) => {
                    let from = canonical(from);
                    let peer = self.answers_to(from);
                    self.packet(&bytes[..length], from, (peer, Way::Datagram)).trouble
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

    /// Where answers to a sender go: never to a control of this daemon, which would take them for commands.
    fn answers_to(&self, from: SocketAddr) -> SocketAddr {
        let port = self.feedback_port.filter(|port| !(self.osc_ports.has(*port) && is_own(from.ip())));
        let mut peer = from;
        peer.set_port(port.unwrap_or(from.port()));
        peer
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

    /// Takes a packet, whose answers go to `peer`.
    pub fn packet(&self, bytes: &[u8], from: SocketAddr, (peer, way): (SocketAddr, Way)) -> Taken {
        let (mut packet, mut patterns) = (Taken::default(), 0);
        let origin = self.shared.origin(peer, way);
        self.echoes.meet(origin.sender, host_now());
        self.notify(origin, IncomingKind::Bytes(bytes.len()));
        decode::read(bytes, &mut |message| {
            packet.is_osc |= message.is_ok();
            let taken = message.map_err(|error| Fault::answered(error.to_string())).and_then(|message| {
                if is_pattern(&message.address) {
                    patterns += 1;
                    self.may_match(patterns, origin)?;
                }
                self.message(message, origin, &mut packet)
            });
            let kind = match taken {
                Ok(kind) => kind,
                Err(fault) => {
                    self.health.count_dropped(1);
                    packet.trouble = Some(format!("{from}: {}", fault.why));
                    fault.answer
                }
            };
            if let Some(kind) = kind {
                self.notify(origin, kind);
            }
        });
        packet
    }

    /// Whether another pattern of a packet is compared with the addresses, which takes its time.
    fn may_match(&self, patterns: usize, origin: Origin) -> Result<(), Fault> {
        threads::beat();
        if patterns > PATTERNS {
            return Err(Fault::answered(format!("more than {PATTERNS} patterns in a packet")));
        }
        let is_allowed = || self.patterns.lock().unwrap_or_else(PoisonError::into_inner).take(host_now());
        if origin.sender.is_known || origin.is_of_the_rig || is_allowed() {
            return Ok(());
        }
        let (_, rate) = PATTERNS_OF_STRANGERS;
        Err(Fault::answered(format!(
            "more than {rate} patterns a second; those of surfaces that echo /hello are not limited"
        )))
    }

    /// Takes a message. Reports what the answering thread must know before the show answers.
    fn message(&self, message: Message, origin: Origin, packet: &mut Taken) -> Result<Option<IncomingKind>, Fault> {
        if message.address.len() > ADDRESS {
            return Err(too_long(message.address.len()));
        }
        let (_, plain) = When::split(&message.address);
        let sender = origin.sender;
        let peer = sender.peer;
        match plain {
            "/sync" => return Ok(Some(IncomingKind::Sync)),
            // The entries of a list have more arguments than a request for one.
            "/list" if message.has_more => return Ok(None),
            "/list" => return self.list(message.value).map(Some),
            "/ping" => return Ok(None),
            "/hello" => return Ok(message.value.and_then(|word| self.hello(word.to_string(), peer, packet))),
            // What daemons tell is no mistake of whoever sends it: an answer would be answered in turn.
            address if is_answer(address) || sender.is_known && is_read_only(address) => {
                self.echoes.repeats(sender, host_now());
                return Ok(None);
            }
            _ => {}
        }
        let mark = match (origin.is_of_the_rig, sender.is_known) {
            (true, _) => Command::OF_THE_RIG.to_string(),
            (false, true) => String::new(),
            (false, false) => Command::UNPROVEN.to_string(),
        };
        let from = format!("{}:{peer}{mark}", self.name);
        let tree = self.tree();
        let taken = {
            let mut senders = self.senders.lock().unwrap_or_else(PoisonError::into_inner);
            of_message(&tree, &self.clock, &mut senders, &message, (peer.ip(), &from))
        };
        let waits = |taken: &Commands| taken.commands.iter().any(|(_, command)| command.when != When::Now);
        // Others are told little, and may be forged.
        let is_told = sender.is_known && !taken.as_ref().is_ok_and(waits);
        if let (true, Some(value), Some(node)) = (is_told, &message.value, tree.find(plain)) {
            self.notify(origin, IncomingKind::Tried(Box::new(node.clone()), value.clone()));
        }
        let Commands { commands, warning } = taken.map_err(Fault::answered)?;
        if let Some(warning) = warning {
            self.complain(warning);
        }
        let is_one = commands.len() == 1;
        for (address, command) in commands {
            // A prefix or the time tag may have set another moment.
            let is_now = command.when == When::Now;
            if let (true, Some(value)) = (is_now && is_one && address == plain, &message.value)
                && self.echoes.is_echo(&tree, (&address, value, &command.what), sender, host_now())
            {
                continue;
            }
            let at = if let When::At(at) = command.when { Some(self.clock.host(at)) } else { None };
            self.command(&address, command, origin)?;
            packet.has_commanded = true;
            if let (false, Some(value)) = (is_now, &message.value) {
                self.echoes.schedules(&address, value, sender, host_now(), at);
            }
        }
        Ok(None)
    }

    /// The first word in a packet, if it is the peer's own: a wrong one is worth no place in the queue, and a second one
    /// no time.
    fn hello(&self, word: String, peer: SocketAddr, packet: &mut Taken) -> Option<IncomingKind> {
        let is_first = !std::mem::replace(&mut packet.has_greeted, true);
        let is_own = is_first && self.shared.greeting().is_word(&word, peer, host_now());
        is_own.then_some(IncomingKind::Hello(word))
    }

    fn list(&self, wanted: Option<Value>) -> Result<IncomingKind, Fault> {
        let wanted = wanted.map_or_else(|| "/".to_owned(), |wanted| wanted.to_string());
        match wanted.len() {
            length if length > ADDRESS => Err(too_long(length)),
            _ => Ok(IncomingKind::List(self.tree(), wanted)),
        }
    }

    fn command(&self, address: &str, command: Command, origin: Origin) -> Result<(), Fault> {
        if command.what.is_about_daemon() && !origin.may_lead {
            return Err(Fault::unproven(format!("{address}: {NOT_OF_THE_RIG}")));
        }
        self.notify(origin, IncomingKind::Set(address.to_owned()));
        let mut shares = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        shares.send(&self.door, arrived(command, self.clock.now())).map_err(Fault::answered)?;
        self.health.count_sent();
        Ok(())
    }

    /// The same for messages that must not be lost: waits a little for room. For threads that serve only one peer.
    pub fn notify_surely(&self, peer: SocketAddr, kind: IncomingKind) {
        let _ = self.incoming.send_timeout(Incoming { peer, at: host_now(), kind }, COMPLAIN);
    }

    /// The answering thread may be behind; then a peer is answered a little later, or not this once. Half of the room is
    /// for peers that are known, and for those that have just shown that they receive, who take half of that at most.
    fn notify(&self, origin: Origin, kind: IncomingKind) {
        let (room, waiting) = (self.incoming.capacity().unwrap_or(usize::MAX), self.incoming.len());
        let most = if matches!(kind, IncomingKind::Hello(_)) { room - room / 4 } else { room / 2 };
        if waiting >= most && !origin.sender.is_known {
            return;
        }
        let _ = self.incoming.try_send(Incoming { peer: origin.sender.peer, at: host_now(), kind });
    }
}

fn too_long(length: usize) -> Fault {
    Fault::answered(ActionError::LongAddress(length).to_string())
}

/// Whether reading has only timed out, or reported the fate of an answer.
fn is_patience(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted | ErrorKind::ConnectionRefused)
}

#[cfg(test)]
mod tests;
