//! OSC over UDP and TCP: commands in, feedback to every sender.
//!
//! | address | direction |
//! |---|---|
//! | everything in the [tree](downbeat_protocol::tree), also behind `/next/beat`, `/next/bar`, `/next/phrase`, and patterns of it | in, and back when it changes |
//! | `/sync` | in: asks for every value |
//! | `/list` pattern | in: asks for addresses; out, for each: address, kind, access, label, then range and unit of a number or the choices; at the end `/list/end` and their count |
//! | `/ping` | in: keep-alive (any message counts) |
//! | `/hello` text | out to a new sender, and back in as proof that it receives |
//! | `/daemon/alive`, `/daemon/version` | out: once a second; once |
//! | `/error` text | out: a refused command, to its sender |
//! | `/signal/…`, `/param/NAME`, `/tempo/bpm`, `/tempo/confidence` | out, while they change |
//! | `/tempo/text`, `/tempo/lock`, `/music/state` | out, for labels and lamps |
//! | `/tempo/locked-why`, `/tempo/source`, `/bus/BUS/state` and all other texts of the status | out, when they change |
//! | `/beat/blink`, `/bar/blink`, and `/beat/1`, `/beat/2`, … by the place in the bar | out: 1 at the beat, 0 shortly after |
//!
//! | file | noun |
//! |---|---|
//! | `settings` | the table in the configuration |
//! | `listener`, `streams` | from messages to commands; connections |
//! | `feedback`, `list`, `peers`, `outbox`, `guard`, `meter`, `fading`, `lights`, `greeting`, `words`, `reports`, `requests` | which peer gets what, and when (pure) |
//! | `shared` | what the receiving threads know of the peers |

mod clocks;
mod fading;
mod feedback;
mod greeting;
mod guard;
mod incoming;
mod lights;
pub mod list;
mod listener;
mod meter;
mod outbox;
mod peers;
mod reminder;
mod reports;
mod requests;
mod settings;
mod shared;
mod streams;
mod words;

use super::{Control, ControlContext, ControlKind};
use crate::clock::host_now;
use crate::dispatch::{Feed, Health};
use crate::edges::OpenError;
use crate::threads::{self, Stop};
use crossbeam_channel::{Receiver, bounded};
use downbeat_protocol::{Event, ShowState, Status, Tree, tree};
use feedback::Feedback;
use incoming::Incoming;
use listener::{Listener, PATIENCE};
use settings::Settings;
use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use streams::Streams;

/// The kind `osc`.
pub const KIND: ControlKind = ControlKind { kind: "osc", open };

/// How often received messages are checked without ticks.
const IDLE: Duration = Duration::from_millis(20);
/// A datagram that the network does not take at once is dropped.
const SEND_PATIENCE: Duration = Duration::from_millis(1);
/// Maximum of received messages between two checks.
const INCOMING: usize = 1024;
/// How long they may take in a turn. Whoever sends without end does not hold up what the others are told.
const TURN: Duration = Duration::from_millis(2);

struct Osc {
    socket: UdpSocket,
    /// None without TCP; an error while another program has the port.
    tcp: Option<io::Result<TcpListener>>,
    address: SocketAddr,
    settings: Settings,
    listener: Listener,
    incoming: Receiver<Incoming>,
    feedback: Feedback,
}

fn open(table: config::Value, context: &ControlContext) -> Result<Box<dyn Control>, OpenError> {
    let settings: Settings = table.try_deserialize()?;
    settings.check()?;
    let listen = settings.listen;
    let failed = |source| OpenError::Io {
        what: format!("cannot listen for OSC at udp {listen} (is another program using the port?)"),
        source,
    };
    let socket = UdpSocket::bind(listen).map_err(failed)?;
    socket.set_read_timeout(Some(PATIENCE)).map_err(failed)?;
    socket.set_write_timeout(Some(SEND_PATIENCE)).map_err(failed)?;
    let address = socket.local_addr().map_err(failed)?;
    let tcp = settings.tcp.then(|| bind_tcp(&context.name, address));
    let (notify, incoming) = bounded(INCOMING);
    let (schema, clock, echoes) = (Arc::clone(&context.schema), context.clock.clone(), context.echoes.clone());
    let feedback = Feedback::new(&context.name, settings.clone(), schema, clock, echoes);
    let listener = Listener {
        name: context.name.clone(),
        socket: socket.try_clone().map_err(failed)?,
        feedback_port: settings.feedback_port,
        osc_ports: context.osc_ports.clone(),
        tree: Mutex::new(Arc::clone(&context.tree)),
        clock: context.clock.clone(),
        senders: Mutex::default(),
        echoes: context.echoes.clone(),
        door: context.door.clone(),
        shares: Mutex::default(),
        shared: feedback.shared(),
        incoming: notify,
        health: Arc::default(),
        complained: Mutex::default(),
        patterns: listener::patterns_of_strangers(host_now()),
    };
    Ok(Box::new(Osc { address, socket, tcp, settings, listener, incoming, feedback }))
}

/// The same port, for connections. While another program uses it, UDP is served alone.
fn bind_tcp(name: &str, address: SocketAddr) -> io::Result<TcpListener> {
    let warn = |error: &io::Error| {
        tracing::warn!(
            "control.{name}: cannot listen for OSC at tcp {address}: {error}. Does another program use the port? Only UDP is \
             listened to until it is free; `tcp = false` silences this"
        );
    };
    streams::bind(address).inspect_err(warn)
}

impl Control for Osc {
    fn listens(&self) -> String {
        format!("udp{} {}", if self.tcp.is_some() { " and tcp" } else { "" }, self.address)
    }

    fn osc_place(&self) -> Option<SocketAddr> {
        Some(self.address)
    }

    fn run(mut self: Box<Self>, feed: &Feed, health: &Arc<Health>) {
        self.listener.health = Arc::clone(health);
        let name = self.listener.name.clone();
        let (stop, streams) = (AtomicBool::new(false), Streams::new(self.settings.clone()));
        let (listener, tcp, address) = (&self.listener, self.tcp.take(), self.address);
        let (watchdog, thread) = (threads::watchdog(), format!("recv:{name}"));
        std::thread::scope(|scope| {
            // However this ends, the threads end with it: until then it could not be opened again.
            let _stop = Stop(&stop);
            let listen = || watchdog.run(&thread, || listener.run(&stop));
            if let Err(error) = std::thread::Builder::new().name(thread.clone()).spawn_scoped(scope, listen) {
                return health.set_error(&name, format!("cannot start a thread to listen: {error}"));
            }
            if let Some(tcp) = tcp {
                let (streams, stop) = (&streams, &stop);
                let accept = move || streams::accept((tcp, address), streams, listener, stop, scope);
                if let Err(error) =
                    std::thread::Builder::new().name(format!("accept:{name}")).spawn_scoped(scope, accept)
                {
                    health.set_error(&name, format!("cannot start a thread to accept connections: {error}"));
                }
            }
            answer((&self.socket, &streams), &mut self.feedback, (&self.incoming, listener), feed, health);
        });
    }
}

/// Takes what has been received, for a turn at most. Returns whether there is more.
fn take_turn(incoming: &Receiver<Incoming>, mut take: impl FnMut(&Incoming)) -> bool {
    let end = host_now() + TURN;
    // As many as have a place: that many may come while the first are taken.
    for _ in 0..INCOMING {
        let Ok(next) = incoming.try_recv() else { return false };
        take(&next);
        if host_now() >= end {
            break;
        }
    }
    !incoming.is_empty()
}

/// Sends feedback to the peers, until the feed closes.
fn answer(
    (socket, streams): (&UdpSocket, &Streams),
    feedback: &mut Feedback,
    (incoming, listener): (&Receiver<Incoming>, &Listener),
    feed: &Feed,
    health: &Health,
) {
    // A failed answer is ignored: peers are tablets that come and go. One that has no room gets the newest later.
    let tell = &mut |peer: SocketAddr, bytes: &[u8]| match streams.send(peer, bytes) {
        Some(has_room) => has_room,
        None => !socket.send_to(bytes, peer).is_err_and(|error| error.kind() == ErrorKind::WouldBlock),
    };
    let mut state: Option<Arc<ShowState>> = None;
    let mut is_behind = false;
    loop {
        let idle = if is_behind { Duration::ZERO } else { IDLE };
        let wake = feed.wait(feedback.wake_at().min(host_now() + idle));
        if wake.closed {
            return;
        }
        is_behind = take_turn(incoming, |incoming| feedback.receive(incoming, tell));
        let now = host_now();
        wake.events.iter().for_each(|event| feedback.observe(event, now, tell));
        if let Some(tick) = wake.tick {
            let is_named_alike =
                |last: &Arc<ShowState>| Arc::ptr_eq(last, &tick.state) || tree::same_names(last, &tick.state);
            let other_layout = wake.events.iter().any(|event| matches!(**event, Event::Schema(_)));
            // Patterns also match what was defined while the show runs.
            if other_layout || state.as_ref().is_some_and(|last| !is_named_alike(last)) {
                listener.know(Tree::new(&tick.state, feedback.schema(), &Status::default()));
            }
            state = Some(Arc::clone(&tick.state));
            feedback.take(tick, wake.coalesced);
        }
        feedback.run(host_now(), tell);
        health.count_missed(feedback.take_missed());
        health.count_dropped(feedback.take_refused());
    }
}
