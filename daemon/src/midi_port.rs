//! Finds a MIDI port and connects to it, repeatedly.
//!
//! Ports come and go without notice from midir, so a thread looks once a second. A port that has gone and come back
//! between two looks has the same name, but the connection to it is lost, and midir goes on sending into nothing: so the
//! thread looks for the connection, not for the name.
//!
//! With midir's JACK backend it also works around libjack: clients of one process share libjack's map of the server's
//! memory, so one that outlives its server would show the next server's clients dead memory. So it takes a
//! [lease](JackLease) first; when the server is gone, it drops the connection and returns the lease at once, and the
//! daemon's own client waits for that before it joins the next server. For the same reason midir's server must be the
//! daemon's: `$JACK_DEFAULT_SERVER`, or else `default`, the only one that midir knows.

mod flow;
mod inward;
mod out;
mod peers;

pub use inward::{In, Receiver};
pub use out::Out;

use crate::dispatch::Health;
use crate::threads;
use crossbeam_channel::{RecvTimeoutError, Sender, bounded};
use downbeat_audio::pattern::fits;
use downbeat_audio::{JackLease, JackLeases};
use flow::Flow;
use midir::MidiIO;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often to look for the port.
const LOOK: Duration = Duration::from_secs(1);
/// How often to look for it without any MIDI; libjack complains on standard error each time.
const LOOK_RARELY: Duration = Duration::from_secs(3);
/// How often to ask the daemon's own JACK client whether its server is there.
const GLANCE: Duration = Duration::from_millis(50);

/// The direction of the notes: what to do with the port.
pub trait Direction: Send + 'static {
    /// A client of the MIDI system.
    type Client: MidiIO;
    /// A connection; dropping it ends it.
    type Connection: Send + 'static;

    /// A new client, or `None` without MIDI.
    fn client(name: &str) -> Option<Self::Client>;

    /// Connects to a port; without one, opens our own for others to connect to. The error is the reason.
    fn connect(
        &mut self,
        client: Self::Client,
        port: Option<&<Self::Client as MidiIO>::Port>,
    ) -> Result<Self::Connection, String>;

    /// The connection has ended.
    fn disconnected(&mut self) {}
}

/// The wanted port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Our own, for others to connect to.
    Own,
    /// Another's, by a part of its name or by a pattern with `*`.
    Named(String),
}

/// The name of our own port in configurations.
pub const JACK: &str = "jack";

impl From<String> for Wanted {
    fn from(port: String) -> Self {
        if port == JACK { Self::Own } else { Self::Named(port) }
    }
}

/// A handle of the connection; the thread `midi:NAME` looks for the port until this is dropped.
pub struct Watch<D: Direction> {
    shared: Arc<Shared<D>>,
    _open: Sender<()>,
}

struct Shared<D: Direction> {
    connection: Mutex<Connection<D>>,
    leases: Option<JackLeases>,
}

struct Connection<D: Direction> {
    midi: Option<D::Connection>,
    /// The number of connections so far.
    number: u64,
    flow: Flow,
}

impl<D: Direction> Shared<D> {
    fn lock(&self) -> MutexGuard<'_, Connection<D>> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<D: Direction> Watch<D> {
    /// Starts looking for the port of `name` in the configuration. `leases` are those of the daemon's JACK source, if
    /// it has one.
    pub fn start(name: &str, wanted: Wanted, direction: D, leases: Option<JackLeases>, health: Arc<Health>) -> Self {
        let connection = Mutex::new(Connection { midi: None, number: 0, flow: Flow::default() });
        let shared = Arc::new(Shared { connection, leases: leases.clone() });
        let (open, closed) = bounded(0);
        let eye = Eye {
            name: name.into(),
            wanted,
            direction,
            leases,
            lease: None,
            health,
            shared: Arc::clone(&shared),
            found: String::new(),
            before: Vec::new(),
            held: None,
        };
        let (watchdog, thread, eye) = (threads::watchdog(), format!("midi:{name}"), Mutex::new(eye));
        let run = move |thread: &str| {
            watchdog.run(thread, || eye.lock().unwrap_or_else(PoisonError::into_inner).run(&closed));
        };
        let spawned = std::thread::Builder::new().name(thread.clone()).spawn(move || run(&thread));
        if let Err(error) = spawned {
            tracing::error!("{name}: cannot start a thread to look for the MIDI port: {error}");
        }
        Self { shared, _open: open }
    }

    /// The number of the connection, counted from the start; `None` without one.
    pub fn connection(&self) -> Option<u64> {
        let connection = self.shared.lock();
        connection.midi.is_some().then_some(connection.number)
    }
}

impl Watch<Out> {
    /// Sends a message, if there is a connection; whether there was room.
    pub fn send(&self, message: &[u8]) -> Option<bool> {
        let mut connection = self.shared.lock();
        let Connection { midi, flow, .. } = &mut *connection;
        let midi = midi.as_mut()?;
        let has_room = self.shared.leases.as_ref().is_none_or(|leases| flow.takes(leases.cycles(), message.len()));
        Some(has_room && midi.send(message).is_ok())
    }
}

/// The state of the thread.
struct Eye<D: Direction> {
    name: String,
    wanted: Wanted,
    direction: D,
    leases: Option<JackLeases>,
    /// Permission to be a client of the current JACK server.
    lease: Option<JackLease>,
    health: Arc<Health>,
    shared: Arc<Shared<D>>,
    /// The connected port.
    found: String,
    /// Who was at that port before us and may be called as we are: another daemon.
    before: Vec<String>,
    /// Our end of the connection, as the MIDI system calls it; none while it does not say.
    held: Option<String>,
}

/// Why there is no connection.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
enum Missing {
    #[error("no MIDI: is the JACK server (or ALSA's sequencer) running?")]
    System,
    #[error("no MIDI port named `{port}`; {there}")]
    Port { port: String, there: String },
    #[error("cannot connect to the MIDI port `{port}`: {why}")]
    Refused { port: String, why: String },
}

impl<D: Direction> Eye<D> {
    fn run(&mut self, closed: &crossbeam_channel::Receiver<()>) {
        // After a panic, whatever it was connected to.
        self.disconnect();
        let mut look = Instant::now();
        loop {
            if !self.may_connect() {
                self.health.set_error(&self.name, "waiting for the JACK server");
                look = Instant::now();
            } else if Instant::now() >= look {
                let looked = self.look();
                let rarely = looked == Err(Missing::System);
                look = Instant::now() + if rarely { LOOK_RARELY } else { LOOK };
                self.health.set_error(&self.name, looked.err().map(|missing| missing.to_string()).unwrap_or_default());
            }
            if closed.recv_timeout(GLANCE) == Err(RecvTimeoutError::Disconnected) {
                return self.disconnect();
            }
        }
    }

    /// Whether there is a server shared with the daemon's own client, if it uses one. Returns an expired lease.
    fn may_connect(&mut self) -> bool {
        let Some(leases) = &self.leases else { return true };
        if self.lease.as_ref().is_some_and(JackLease::has_expired) {
            self.disconnect();
            self.lease = None;
        } else if self.lease.is_none() {
            self.lease = leases.take();
        }
        self.lease.is_some()
    }

    /// Connects once possible, and disconnects if the port has gone.
    fn look(&mut self) -> Result<(), Missing> {
        let connected = self.shared.lock().midi.is_some();
        // With a lease, the end of the server is announced; our own port cannot end before it.
        if connected && self.wanted == Wanted::Own && self.lease.is_some() {
            return Ok(());
        }
        if connected && let Some(own) = self.own(&self.found, |port| peers::lately(port, self.leases.as_ref())) {
            if self.held.is_none() {
                self.held = newcomer(&own, &self.before);
            }
            if is_lost(self.held.as_deref(), &own) {
                tracing::info!("{}: the MIDI port {} has come back", self.name, self.found);
                self.disconnect();
            } else if self.held.is_some() {
                return Ok(());
            }
        }
        let connected = self.shared.lock().midi.is_some();
        let Some(client) = D::client(&self.client()) else {
            self.disconnect();
            return Err(Missing::System);
        };
        let Wanted::Named(wanted) = &self.wanted else {
            return if connected { Ok(()) } else { self.connect(client, None, String::new()) };
        };
        let ports = client.ports();
        let named: Vec<(String, _)> =
            ports.into_iter().filter_map(|port| Some((client.port_name(&port).ok()?, port))).collect();
        if connected && named.iter().any(|(name, _)| *name == self.found) {
            return Ok(());
        }
        // A port of JACK is called system:midi_capture_1; which device that is, only an alias says.
        let aliases = |name: &str| self.leases.as_ref().map(|leases| leases.aliases(name)).unwrap_or_default();
        let is_it = |name: &str| is_meant(wanted, name) || aliases(name).iter().any(|alias| is_meant(wanted, alias));
        let found = named.iter().find(|(name, _)| is_it(name)).cloned();
        let missing = || {
            let all: Vec<String> = named.iter().map(|(name, _)| with_aliases(name, &aliases(name))).collect();
            let there = if all.is_empty() { "there are none".into() } else { format!("there are {}", all.join(", ")) };
            Missing::Port { port: wanted.clone(), there }
        };
        let found = found.ok_or_else(missing);
        self.disconnect();
        let (name, port) = found?;
        self.connect(client, Some(&port), name)
    }

    fn connect(
        &mut self,
        client: D::Client,
        port: Option<&<D::Client as MidiIO>::Port>,
        name: String,
    ) -> Result<(), Missing> {
        // What the daemon's own client knows may still be of the connection before.
        let before = self.own(&name, peers::now).unwrap_or_default();
        let midi = self.direction.connect(client, port).map_err(|why| Missing::Refused { port: name.clone(), why })?;
        self.held = self.own(&name, peers::now).and_then(|own| newcomer(&own, &before));
        (self.found, self.before) = (name, before);
        let mut connection = self.shared.lock();
        connection.midi = Some(midi);
        connection.number += 1;
        Ok(())
    }

    /// The name of our client.
    fn client(&self) -> String {
        format!("downbeat-{}", self.name)
    }

    /// The ends at a port that are called as ours is; `None` if it cannot be known, or for our own port.
    fn own(&self, port: &str, peers: impl FnOnce(&str) -> Option<Vec<String>>) -> Option<Vec<String>> {
        if self.wanted == Wanted::Own {
            return None;
        }
        Some(peers::of_client(peers(port)?, &self.client()))
    }

    /// Closing may take libjack a while; users of the connection do not wait for it.
    fn disconnect(&mut self) {
        let midi = self.shared.lock().midi.take();
        if midi.is_some() {
            drop(midi);
            self.direction.disconnected();
        }
    }
}

/// The only end that has come to a port: ours. With another at the same moment, nobody says whose is whose.
fn newcomer(now: &[String], before: &[String]) -> Option<String> {
    let mut new = now.iter().filter(|end| !before.contains(end));
    new.next().filter(|_| new.next().is_none()).cloned()
}

/// Whether the connection has gone: our end is no longer there.
fn is_lost(held: Option<&str>, own: &[String]) -> bool {
    held.is_some_and(|held| own.iter().all(|end| end != held))
}

/// A port's name, and its other names.
fn with_aliases(name: &str, aliases: &[String]) -> String {
    if aliases.is_empty() { name.into() } else { format!("{name} ({})", aliases.join(", ")) }
}

/// Whether a port is the wanted one: by pattern, or by a part of its name in any case.
fn is_meant(wanted: &str, name: &str) -> bool {
    if wanted.contains('*') { fits(wanted, name) } else { name.to_lowercase().contains(&wanted.to_lowercase()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

    /// A direction whose first look for MIDI fails as a bug does.
    struct Broken;

    static LOOKS: AtomicU32 = AtomicU32::new(0);

    impl Direction for Broken {
        type Client = midir::MidiInput;
        type Connection = ();

        fn client(_: &str) -> Option<midir::MidiInput> {
            match LOOKS.fetch_add(1, Relaxed) {
                0 => std::panic::resume_unwind(Box::new(())),
                _ => None,
            }
        }

        fn connect(&mut self, _: midir::MidiInput, _: Option<&midir::MidiInputPort>) -> Result<(), String> {
            Err("there is no client".into())
        }
    }

    #[test]
    fn a_thread_that_panics_looks_for_its_port_again() {
        let health = Arc::new(Health::default());
        let watch = Watch::start("desk", Wanted::Own, Broken, None, Arc::clone(&health));
        let begun = Instant::now();
        while !health.error().contains("no MIDI") {
            assert!(begun.elapsed() < Duration::from_secs(10), "it does not look again: {}", health.error());
            std::thread::sleep(Duration::from_millis(5));
        }
        assert_eq!((LOOKS.load(Relaxed), watch.connection()), (2, None));
    }

    fn ends(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_connection_is_lost_when_our_end_is_no_longer_at_the_port() {
        let held = Some("downbeat-desk-01:out");
        assert!(!is_lost(held, &ends(&["downbeat-desk:out", "downbeat-desk-01:out"])));
        assert!(is_lost(held, &ends(&["downbeat-desk:out"])), "that of another daemon");
        assert!(is_lost(held, &[]));
        assert!(!is_lost(None, &ends(&["downbeat-desk:out"])), "nothing was known");
    }

    #[test]
    fn our_end_is_the_one_that_was_not_at_the_port_before() {
        let (other, both) = (ends(&["downbeat-desk:out"]), ends(&["downbeat-desk:out", "downbeat-desk-01:out"]));
        assert_eq!(newcomer(&other, &[]).as_deref(), Some("downbeat-desk:out"));
        assert_eq!(newcomer(&both, &other).as_deref(), Some("downbeat-desk-01:out"));
        assert_eq!(newcomer(&other, &other), None, "the MIDI system does not say yet");
        assert_eq!(newcomer(&both, &[]), None, "two at once");
    }

    #[test]
    fn a_port_is_meant_by_a_part_of_its_name_or_by_a_pattern() {
        assert!(is_meant("launchpad", "Launchpad Mini MK3:Launchpad Mini MK3 MIDI 1 20:0"));
        assert!(is_meant("midi-monitor:*", "midi-monitor:input"));
        assert!(!is_meant("*:out", "midi-monitor:input"));
    }
}
