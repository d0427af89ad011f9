//! MIDI surfaces: boxes with faders, knobs, buttons, lights and displays.
//!
//! A surface file describes a box, the rig maps its elements, and the show's settings hold learnt bindings, so that
//! they are stored and reach a standby. Faders without motors pick a value up when they pass it; motors, rings, lights
//! and displays follow the show.
//!
//! | file | noun |
//! |---|---|
//! | `settings`, `assignment` | the table in the configuration, and a line of its map |
//! | `file`, `layout`, `element`, `display` | what a surface file says, and what the box has (pure) |
//! | `message` | bytes in and out (pure) |
//! | `surface`, `slot` | a running box, and one of its elements (pure) |
//! | `returns` | whether a box sends back what its lights are told (pure) |
//! | `binding`, `pick_up`, `learning` | positions and values; pick-up of values; which element to learn (pure) |
//! | `port` | the way in; the way out is that of all MIDI |

pub mod assignment;
mod binding;
mod display;
mod element;
mod file;
pub mod layout;
mod learning;
mod message;
mod pick_up;
mod port;
mod returns;
mod settings;
mod slot;
pub mod surface;

use super::share::Shares;
use super::{Control, ControlContext, ControlKind};
use crate::clock::host_now;
use crate::dispatch::{Feed, Health};
use crate::door::Door;
use crate::edges::{OpenError, cadence};
use crate::midi_port::{In, Out, Wanted, Watch};
use crate::threads::{self, Stop};
use crossbeam_channel::{Receiver, RecvTimeoutError, bounded};
use downbeat_audio::JackLeases;
use downbeat_protocol::Command;
use port::{Arrival, Arrivals};
use settings::Settings;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use surface::{Parts, Surface};

/// The kind `midi`.
pub const KIND: ControlKind = ControlKind { kind: "midi", open };

/// How often the box is checked without ticks.
const IDLE: Duration = Duration::from_millis(20);
/// How long a thread waits for a message before it checks whether to stop.
const PATIENCE: Duration = Duration::from_millis(100);
/// Maximum of waiting messages.
const ARRIVALS: usize = 1024;
/// Time for JACK to play the last messages in its next cycles; there is no confirmation.
const GOODBYE: Duration = Duration::from_millis(60);

struct Midi {
    name: String,
    wanted: [Wanted; 2],
    surface: Surface,
    door: Door,
    leases: Option<JackLeases>,
}

fn open(table: config::Value, context: &ControlContext) -> Result<Box<dyn Control>, OpenError> {
    let settings: Settings = table.try_deserialize()?;
    settings.check()?;
    let layout = settings.layout()?;
    let wanted = settings.ports(&layout)?;
    let assigned = settings.assignments(&layout, &context.tree)?;
    let parts = Parts {
        name: context.name.clone(),
        clock: context.clock.clone(),
        layout,
        assigned,
        period: cadence::period(settings.rate_hz),
        tree: Arc::clone(&context.tree),
        schema: Arc::clone(&context.schema),
    };
    Ok(Box::new(Midi {
        name: context.name.clone(),
        wanted,
        surface: Surface::new(parts),
        door: context.door.clone(),
        leases: context.leases.clone(),
    }))
}

impl Control for Midi {
    fn listens(&self) -> String {
        match &self.wanted[0] {
            Wanted::Own => format!("downbeat-{}:in", self.name),
            Wanted::Named(port) => port.clone(),
        }
    }

    fn run(self: Box<Self>, feed: &Feed, health: &Arc<Health>) {
        let Self { name, wanted, surface, door, leases } = *self;
        let [from, to] = wanted;
        let (arrivals, arrived) = bounded(ARRIVALS);
        // Input and output have separate faults; the page shows both.
        let ways = [Arc::new(Health::default()), Arc::new(Health::default())];
        let inward = In(Arrivals { arrivals, health: Arc::clone(health) });
        let inward = Watch::start(&name, from, inward, leases.clone(), Arc::clone(&ways[0]));
        let outward = Watch::start(&format!("{name}-out"), to, Out, leases, Arc::clone(&ways[1]));
        let (stop, own) = (AtomicBool::new(false), Health::default());
        let desk = Desk { name: &name, surface: Mutex::new(surface), door: &door, shares: Mutex::default(), health };
        let (watchdog, thread) = (threads::watchdog(), format!("recv:{name}"));
        std::thread::scope(|scope| {
            let _stop = Stop(&stop);
            let receive = || watchdog.run(&thread, || desk.receive(&arrived, &stop));
            if let Err(error) = std::thread::Builder::new().name(thread.clone()).spawn_scoped(scope, receive) {
                return health.set_error(&name, format!("cannot start a thread to listen: {error}"));
            }
            desk.maintain(feed, (&inward, &outward), |trouble| {
                own.set_error(&name, trouble);
                let all = [ways[0].error(), ways[1].error(), own.error()];
                health.show_error(&all.into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join("; "));
            });
        });
    }
}

/// What the threads of a surface share.
struct Desk<'a> {
    name: &'a str,
    surface: Mutex<Surface>,
    door: &'a Door,
    shares: Mutex<Shares>,
    health: &'a Health,
}

impl Desk<'_> {
    fn lock(&self) -> MutexGuard<'_, Surface> {
        self.surface.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes messages from the box as they arrive, until told to stop.
    fn receive(&self, arrived: &Receiver<Arrival>, stop: &AtomicBool) {
        let mut refused = Vec::new();
        while !stop.load(Relaxed) {
            threads::beat();
            if !self.turn(arrived, &mut refused) {
                return;
            }
        }
    }

    /// Takes the next message, if one comes soon. Returns whether more may come.
    ///
    /// `refused` are the releases that the door had no room for. They are tried again: what they end would stay on.
    fn turn(&self, arrived: &Receiver<Arrival>, refused: &mut Vec<Command>) -> bool {
        refused.retain(|release| !self.send(release.clone()));
        let commands = match arrived.recv_timeout(if refused.is_empty() { PATIENCE } else { IDLE }) {
            Ok(Arrival::Message(bytes, at)) => self.lock().receive(&bytes, at),
            Ok(Arrival::Gone) => Ok(self.lock().gone(host_now())),
            Err(RecvTimeoutError::Timeout) => return true,
            Err(RecvTimeoutError::Disconnected) => return false,
        };
        let commands = commands.unwrap_or_else(|why| {
            tracing::warn!("{}: {why}", self.name);
            self.health.count_dropped(1);
            Vec::new()
        });
        refused.retain(|release| commands.iter().all(|newer| newer.from != release.from));
        for command in commands {
            if self.send(command.clone()) {
                continue;
            }
            if self.lock().is_let_up(&command.from) {
                refused.push(command);
            } else {
                self.health.count_dropped(1);
            }
        }
        true
    }

    /// Sends a command. Returns whether there was room.
    fn send(&self, command: Command) -> bool {
        let sent = self.shares.lock().unwrap_or_else(PoisonError::into_inner).send(self.door, command).is_ok();
        if sent {
            self.health.count_sent();
        }
        sent
    }

    /// Updates the box from the show until the feed closes. Reports faults to `trouble`.
    fn maintain(&self, feed: &Feed, (inward, outward): (&Watch<In<Arrivals>>, &Watch<Out>), trouble: impl Fn(String)) {
        let send = &mut |bytes: &[u8]| outward.send(bytes) == Some(true);
        let mut there = (None, None);
        loop {
            let deadline = self.lock().wake_at().min(host_now() + IDLE);
            let wake = feed.wait(deadline);
            let now = host_now();
            let mut surface = self.lock();
            if wake.closed {
                surface.dark().iter().all(|bytes| send(bytes));
                drop(surface);
                std::thread::sleep(if outward.connection().is_some() { GOODBYE } else { Duration::ZERO });
                return;
            }
            // When either port comes back, the box was away.
            let before = std::mem::replace(&mut there, (inward.connection(), outward.connection()));
            if before != there {
                surface.connected(now);
            }
            wake.events.iter().for_each(|event| surface.observe(event, now));
            if wake.coalesced {
                surface.missed_changes();
            }
            if let Some(tick) = wake.tick {
                surface.watch(tick);
            }
            surface.tell(now, send);
            let wrong = surface.trouble(now);
            drop(surface);
            trouble(wrong);
        }
    }
}

#[cfg(test)]
mod tests;
