//! MIDI: clock and transport, notes on musical events, controllers that follow signals.
//!
//! | file | noun |
//! |---|---|
//! | `settings` | the table in the configuration |
//! | `sequence`, `clock`, `note`, `controller`, `signals` | what is played, and when (pure) |
//! | `message` | what cues and rules send |
//! | `packet` | bytes |
//! | `played` | which notes have been played (pure) |
//! | `waiting` | what waits for its moment, or for room (pure) |
//! | `port`, `jack`, `named` | where it goes: the daemon's own JACK port, or any other by name |

mod clock;
mod controller;
mod jack;
pub mod message;
mod named;
mod note;
mod packet;
mod played;
mod port;
pub mod sequence;
pub mod settings;
mod signals;
mod waiting;

use super::{Jack, Output, OutputContext, OutputKind, Sending};
use crate::clock::{ShowClock, host_now};
use crate::dispatch::{Audible, Health, LANDS};
use crate::edges::OpenError;
use crate::midi_port::{JACK, Out, Wanted, Watch};
use downbeat_engine::{Messages, Tick};
use downbeat_protocol::{HostTime, Schema, ShowTime, Value};
use jack::JackPort;
use named::NamedPort;
use played::Played;
use port::Port;
use sequence::Sequence;
use settings::Settings;
use std::sync::Arc;
use std::time::Duration;

/// The kind `midi`.
pub const KIND: OutputKind =
    OutputKind { kind: "midi", audible: Audible::Leading, messages: Messages::Checked(message::check), open };

/// How often the port is checked while there is nothing to play.
const IDLE: Duration = Duration::from_millis(50);

struct Midi {
    name: String,
    settings: Settings,
    schema: Arc<Schema>,
    clock: ShowClock,
    jack: Option<Jack>,
}

fn open(table: config::Value, context: &OutputContext) -> Result<Box<dyn Output>, OpenError> {
    let settings: Settings = table.try_deserialize()?;
    settings.check()?;
    // Names are resolved again when it runs; checking them here refuses wrong ones early.
    Sequence::new(&settings, &context.schema, context.clock.clone(), Duration::ZERO)?;
    Ok(Box::new(Midi {
        name: context.name.clone(),
        settings,
        schema: Arc::clone(&context.schema),
        clock: context.clock.clone(),
        jack: context.jack.clone(),
    }))
}

impl Output for Midi {
    fn target(&self) -> String {
        self.settings.port.clone()
    }

    fn start(self: Box<Self>, health: &Arc<Health>) -> Result<Box<dyn Sending>, OpenError> {
        let port = self.port(health);
        let sequence = Sequence::new(&self.settings, &self.schema, self.clock.clone(), port.ahead())?;
        Ok(Box::new(MidiSending {
            settings: self.settings,
            clock: self.clock,
            sequence,
            port,
            played: Played::default(),
            maintained: host_now(),
        }))
    }
}

struct MidiSending {
    settings: Settings,
    clock: ShowClock,
    sequence: Sequence,
    port: Box<dyn Port>,
    played: Played,
    /// When the port was last checked.
    maintained: HostTime,
}

impl Sending for MidiSending {
    fn wake_at(&self) -> HostTime {
        self.sequence.wake_at().min(self.port.wake_at()).min(self.maintained + IDLE)
    }

    fn change_layout(&mut self, schema: &Schema, now: HostTime) -> Result<(), OpenError> {
        let port = &mut self.port;
        self.sequence.change_layout(&self.settings, schema, now, &mut |at, message| port.send(at, message, now))
    }

    fn take(&mut self, tick: Arc<Tick>) {
        self.sequence.take(tick);
    }

    fn skipped(&mut self, since: HostTime) {
        self.sequence.skipped(since);
    }

    fn send(&mut self, address: &str, value: Option<&Value>, at: ShowTime, now: HostTime, health: &Health) {
        if message::begins_note(address, value) && now > self.clock.host(at) + LANDS {
            return health.count_missed(1);
        }
        let Self { port, played, .. } = self;
        message::messages(address, value, now).for_each(|(at, message)| port.send(at, played.note(message), now));
    }

    fn silenced(&mut self, now: HostTime) {
        let port = &mut self.port;
        port.forget_values();
        self.sequence.silenced(now, &mut |at, message| port.send(at, message, now));
    }

    fn run(&mut self, now: HostTime, health: &Health) {
        let Self { port, played, .. } = self;
        if port.has_come_back() {
            // Their ends may have been lost.
            played.take_ends().for_each(|end| port.send(now, end, now));
            self.sequence.interrupted();
        }
        self.sequence.run(now, &mut |at, message| port.send(at, played.note(message), now));
        health.count_missed(self.sequence.take_missed());
        port.play(now);
        self.maintained = now;
    }

    fn end(&mut self, now: HostTime) {
        let port = &mut self.port;
        self.sequence.close(now, &mut |at, message| port.send(at, message, now));
        port.finish();
    }
}

impl Midi {
    fn port(&self, health: &Arc<Health>) -> Box<dyn Port> {
        let (name, port, jack) = (&self.name, &self.settings.port, self.jack.clone());
        if port == JACK {
            return Box::new(JackPort::new(name, jack.map(|jack| jack.midi), Arc::clone(health)));
        }
        let leases = jack.map(|jack| jack.leases);
        let watch = Watch::start(name, Wanted::Named(port.clone()), Out, leases, Arc::clone(health));
        Box::new(NamedPort::new(watch, Arc::clone(health)))
    }
}

#[cfg(test)]
mod tests {
    use super::packet::Message;
    use super::*;
    use std::sync::Mutex;
    use std::sync::atomic::Ordering::Relaxed;

    /// A port that notes what it is to play.
    #[derive(Clone, Default)]
    struct Noting(Arc<Mutex<Vec<Vec<u8>>>>);

    impl Port for Noting {
        fn ahead(&self) -> Duration {
            Duration::ZERO
        }

        fn has_come_back(&mut self) -> bool {
            false
        }

        fn send(&mut self, _: HostTime, message: Message, _: HostTime) {
            self.0.lock().expect("no test has failed").push(message.bytes().to_vec());
        }

        fn forget_values(&mut self) {}

        fn play(&mut self, _: HostTime) {}

        fn wake_at(&self) -> HostTime {
            HostTime(i64::MAX)
        }

        fn finish(&mut self) {}
    }

    #[test]
    fn a_note_of_a_rule_that_comes_too_late_is_counted_and_ends_and_values_are_sent() {
        let file = config::File::from_str("port = 'jack'", config::FileFormat::Toml);
        let table = config::Config::builder().add_source(file).build().expect("TOML");
        let settings: Settings = table.try_deserialize().expect("settings");
        let (clock, noting, health) = (ShowClock::new(7), Noting::default(), Health::default());
        let sequence = Sequence::new(&settings, &Schema::default(), clock.clone(), Duration::ZERO);
        let mut midi = MidiSending {
            settings,
            clock: clock.clone(),
            sequence: sequence.expect("resolves"),
            port: Box::new(noting.clone()),
            played: Played::default(),
            maintained: HostTime::ZERO,
        };
        let (now, silence) = (HostTime(10_000_000_000), Value::from(0.0));
        for (address, value, late_ms) in [
            ("note.60", None, 91),
            ("note.61", None, 89),
            ("note.62", Some(&silence), 5_000),
            ("cc.7", Some(&silence), 5_000),
            ("program.5", None, 5_000),
        ] {
            let at = clock.show(now - Duration::from_millis(late_ms));
            midi.send(address, value, at, now, &health);
        }
        let sent = noting.0.lock().expect("no test has failed").clone();
        let expected: [&[u8]; 5] = [&[0x90, 61, 100], &[0x80, 61, 0], &[0x80, 62, 0], &[0xB0, 7, 0], &[0xC0, 5]];
        assert_eq!(sent, expected);
        assert_eq!(health.missed.load(Relaxed), 1);
    }
}
