//! MIDI: clock and transport, notes on musical events, controllers that follow signals.
//!
//! | file | noun |
//! |---|---|
//! | `settings` | the table in the configuration |
//! | `sequence`, `clock`, `note`, `controller`, `signals` | what is played, and when (pure) |
//! | `packet` | bytes |
//! | `port`, `jack`, `named` | where it goes: the daemon's own JACK port, or any other by name |

mod clock;
mod controller;
mod jack;
mod named;
mod note;
mod packet;
mod port;
mod sequence;
mod settings;
mod signals;

use super::{Jack, Output, OutputContext, OutputKind};
use crate::clock::{ShowClock, host_now};
use crate::dispatch::{Audible, Feed, Health};
use crate::edges::OpenError;
use crate::midi_port::{Out, Wanted, Watch};
use downbeat_protocol::{Event, Schema};
use jack::JackPort;
use named::NamedPort;
use port::Port;
use sequence::Sequence;
use settings::Settings;
use std::sync::Arc;
use std::time::Duration;

/// The kind `midi`.
pub const KIND: OutputKind = OutputKind { kind: "midi", audible: Audible::Leading, open };

/// The name by which the configuration means the daemon's own port.
const JACK: &str = "jack";
/// The port is tended to this often when nothing is heard.
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
    // Names are resolved again when it runs; here they are to be refused early.
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

    fn run(self: Box<Self>, feed: Feed, health: Arc<Health>) {
        let mut port = self.port(&health);
        let sequence = Sequence::new(&self.settings, &self.schema, self.clock.clone(), port.ahead());
        let mut sequence = match sequence {
            Ok(sequence) => sequence,
            Err(error) => return health.set_error(&self.name, error.to_string()),
        };
        loop {
            let idle = host_now() + IDLE;
            let wake = feed.wait(sequence.wake_at().min(port.wake_at()).min(idle));
            for event in &wake.events {
                if let Event::Schema(schema) = &**event
                    && let Err(error) = sequence.change_layout(&self.settings, schema)
                {
                    health.set_error(&self.name, error.to_string());
                }
            }
            if let Some(tick) = wake.tick {
                sequence.hear(tick);
            }
            let now = host_now();
            if port.has_come_back() {
                sequence.interrupted();
            }
            if wake.closed {
                sequence.close(now, &mut |at, message| port.send(at, message, now));
                port.finish();
                return;
            }
            sequence.run(now, &mut |at, message| port.send(at, message, now));
            port.play(now);
        }
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
