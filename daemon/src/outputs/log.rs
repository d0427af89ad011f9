//! Logs each bar on the beat, to check that the beat is right and on time.
//!
//! It is also the smallest output: copy it to start another, and list that in [`OUTPUTS`](super::OUTPUTS).

use super::{Output, OutputContext, OutputKind, Sending};
use crate::clock::ShowClock;
use crate::dispatch::{Audible, Health, LANDS, Latency};
use crate::edges::OpenError;
use downbeat_engine::pulse::{Pulses, Taken};
use downbeat_engine::{Messages, Tick};
use downbeat_log::EVERY;
use downbeat_protocol::{HostTime, Schema, ShowTime};
use serde::Deserialize;
use std::sync::Arc;

/// The kind `log`.
pub const KIND: OutputKind = OutputKind { kind: "log", audible: Audible::Always, messages: Messages::Never, open };

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Settings {
    /// How long before its moment each bar is logged.
    #[serde(default)]
    latency_ms: Latency,
}

struct Log {
    name: String,
    clock: ShowClock,
    latency: Latency,
}

fn open(table: config::Value, context: &OutputContext) -> Result<Box<dyn Output>, OpenError> {
    let settings: Settings = table.try_deserialize()?;
    Ok(Box::new(Log { name: context.name.clone(), clock: context.clock.clone(), latency: settings.latency_ms }))
}

impl Output for Log {
    fn target(&self) -> String {
        "the log".into()
    }

    fn start(self: Box<Self>, _health: &Arc<Health>) -> Result<Box<dyn Sending>, OpenError> {
        Ok(Box::new(Writing { log: *self, pulses: Pulses::new(1), tick: None }))
    }
}

struct Writing {
    log: Log,
    pulses: Pulses,
    tick: Option<Arc<Tick>>,
}

impl Sending for Writing {
    fn wake_at(&self) -> HostTime {
        // The next beat leaves then.
        let due = self.tick.as_ref().and_then(|tick| self.pulses.next_due(&tick.timeline));
        due.map_or(HostTime(i64::MAX), |due| self.log.leave(due))
    }

    fn change_layout(&mut self, _schema: &Schema, _now: HostTime) -> Result<(), OpenError> {
        Ok(())
    }

    fn take(&mut self, tick: Arc<Tick>) {
        self.tick = Some(tick);
    }

    fn run(&mut self, now: HostTime, health: &Health) {
        let Some(tick) = self.tick.as_ref().filter(|tick| tick.beating) else { return self.pulses.stop() };
        // Each beat that is due, exactly once, whatever happens to the timeline.
        let until = self.log.clock.show(self.log.latency.arrive(now));
        while let Some(taken) = self.pulses.take(&tick.timeline, until) {
            let pulse = match taken {
                Taken::Pulse(pulse) => pulse,
                Taken::Jump { missed, .. } => {
                    health.count_missed(missed);
                    continue;
                }
            };
            if now > self.log.leave(pulse.due) + LANDS {
                health.count_missed(1);
                continue;
            }
            if pulse.is_bar() {
                tracing::info!(target: EVERY, "{}: bar {} at {:.1} BPM", self.log.name, pulse.bar, pulse.tempo);
                health.count_sent();
            }
            health.count_lateness(now.since(self.log.leave(pulse.due)));
        }
    }
}

impl Log {
    /// When something due at a moment of the show must leave.
    fn leave(&self, due: ShowTime) -> HostTime {
        self.latency.leave(self.clock.host(due))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::host_now;
    use crate::dispatch::Fanout;
    use crate::outputs::policy::{Keeper, Policy};
    use crate::outputs::runner::run;
    use downbeat_engine::Kept;
    use downbeat_protocol::{Beats, Row, Timeline};
    use std::sync::atomic::Ordering::Relaxed;
    use std::time::{Duration, Instant};

    #[test]
    fn every_bar_is_counted_once_it_has_come() {
        let clock = ShowClock::default();
        let log = Log { name: "bars".into(), clock, latency: Latency::default() };
        let (fanout, health) = (Fanout::default(), Arc::new(Health::default()));
        let (feed, theirs) = (fanout.feed(Arc::clone(&health), Audible::Always), Arc::clone(&health));
        let thread = std::thread::spawn(move || {
            let keeper = Keeper::new(Policy::default(), &Schema::default(), Kept::default());
            run("bars", Box::new(log), keeper, &feed, &theirs);
        });
        // A bar lasts 240 ms; the next begins in 40 ms.
        let time_origin = ShowTime(host_now().0);
        let timeline = Timeline { tempo: 999.0, time_origin, bar_origin: Beats::ONE, ..Timeline::default() };
        let tick = Tick { row: Row::default(), timeline, state: Arc::default(), beating: true, heard: host_now() };
        fanout.tick(&Arc::new(tick), true);
        let start = Instant::now();
        while health.sent.load(Relaxed) < 2 {
            assert!(start.elapsed() < Duration::from_secs(5), "no bars");
            std::thread::sleep(Duration::from_millis(1));
        }
        assert!(start.elapsed() >= Duration::from_millis(250), "the second bar is 300 ms away");
        fanout.close();
        thread.join().expect("ends");
    }
}
