//! OSC over UDP: signals and parameters at a rate, beats ahead of their time, rules for particular desks.
//!
//! | file | noun |
//! |---|---|
//! | `settings` | the table in the configuration |
//! | `layout`, `rule`, `onset` | what is sent, and where to, with every name resolved |
//! | `resolume` | the rules of a profile |
//! | `sequence` | when it leaves (pure) |
//! | [`edges::osc`](crate::edges::osc) | bytes |
//! | `link`, `resolver` | the way to the target |

mod layout;
mod link;
mod onset;
mod resolume;
mod resolver;
mod rule;
mod sequence;
mod settings;

use super::{Output, OutputContext, OutputKind};
use crate::clock::host_now;
use crate::dispatch::{Audible, Feed, Health, LATE};
use crate::edges::OpenError;
use crate::edges::osc::timetag;
use downbeat_protocol::Event;
use layout::Layout;
use link::Link;
use sequence::Sequence;
use settings::{Format, Settings};
use std::sync::Arc;
use std::time::Duration;

/// The kind `osc`.
pub const KIND: OutputKind = OutputKind { kind: "osc", audible: Audible::Leading, open };

/// The link is tended to this often when nothing is heard.
const IDLE: Duration = Duration::from_millis(250);

struct Osc {
    name: String,
    settings: Settings,
    sequence: Sequence,
}

fn open(table: config::Value, context: &OutputContext) -> Result<Box<dyn Output>, OpenError> {
    let settings: Settings = table.try_deserialize()?;
    settings.check()?;
    let layout = Layout::new(&settings, &context.schema)?;
    let plain = settings.profile.is_some();
    let bundles = settings.format.map_or(!plain, |format| format == Format::Bundle);
    let sequence = Sequence::new(&settings, layout, bundles, context.clock.clone(), timetag::wall_offset);
    Ok(Box::new(Osc { name: context.name.clone(), settings, sequence }))
}

impl Output for Osc {
    fn target(&self) -> String {
        self.settings.target.clone()
    }

    fn run(mut self: Box<Self>, feed: Feed, health: Arc<Health>) {
        let mut link = Link::new(&self.name, &self.settings.target, Arc::clone(&health));
        loop {
            let wake = feed.wait(self.sequence.wake_at().min(host_now() + IDLE));
            if wake.closed {
                return;
            }
            for event in &wake.events {
                self.heed(event, &health);
            }
            if let Some(tick) = wake.tick {
                self.sequence.hear(tick);
            }
            let now = host_now();
            self.sequence.run(now, &mut |bytes, leave| {
                if now > leave + LATE {
                    health.count_late();
                }
                link.send(bytes, now);
            });
            link.tend(now);
        }
    }
}

impl Osc {
    /// Rows of another layout follow: what is no longer there is not sent.
    fn heed(&mut self, event: &Event, health: &Health) {
        if let Event::Schema(schema) = event {
            match Layout::new(&self.settings, schema) {
                Ok(layout) => self.sequence.change_layout(layout),
                Err(error) => health.set_error(&self.name, error.to_string()),
            }
        }
    }
}
