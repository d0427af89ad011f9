//! The loop of every output: waits for its feed, applies the policy, and runs what is due.

use super::Output;
use super::policy::Keeper;
use crate::clock::host_now;
use crate::dispatch::{Feed, Health};
use crate::realtime::{Rank, elevate};
use downbeat_protocol::Event;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

/// Runs an output until its feed closes. Reports problems to `health`, and continues.
pub fn run(name: &str, output: Box<dyn Output>, mut keeper: Keeper, feed: &Feed, health: &Arc<Health>) {
    elevate(Rank::Output);
    let mut sending = match output.start(health) {
        Ok(sending) => sending,
        Err(error) => return health.set_error(name, error.to_string()),
    };
    let mut heard = None;
    loop {
        let wake = feed.wait(sending.wake_at());
        if wake.silenced {
            heard = None;
            sending.silenced(host_now());
        }
        for event in &wake.events {
            match &**event {
                // The layout of rows changes: names that are gone are no longer sent.
                Event::Schema(schema) => {
                    keeper.change_layout(schema);
                    match sending.change_layout(schema, host_now()) {
                        Ok(()) => {}
                        Err(error) => health.set_error(name, error.to_string()),
                    }
                }
                Event::Message { output, address, value, at, .. } if output == name => {
                    sending.send(address, value.as_ref(), *at, host_now(), health);
                }
                _ => {}
            }
        }
        if let Some(tick) = wake.tick {
            heard = Some(tick.heard);
            sending.take(keeper.apply(tick));
            if let Some(since) = wake.since {
                sending.skipped(since);
            }
        }
        let now = host_now();
        if wake.closed {
            return sending.end(now);
        }
        let before = health.sent.load(Relaxed);
        sending.run(now, health);
        if let Some(heard) = heard.filter(|_| health.sent.load(Relaxed) != before) {
            health.handover.record(host_now().since(heard));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dispatch::{Audible, Fanout};
    use crate::edges::OpenError;
    use crate::outputs::Sending;
    use crate::outputs::policy::Policy;
    use downbeat_engine::{Kept, Tick};
    use downbeat_protocol::{HostTime, Row, Schema, Timeline};
    use std::sync::Mutex;

    /// An output that notes what it is told.
    #[derive(Clone, Default)]
    struct Noting(Arc<Mutex<Vec<&'static str>>>);

    impl Noting {
        fn note(&self, what: &'static str) {
            self.0.lock().expect("no test has failed").push(what);
        }
    }

    impl Output for Noting {
        fn target(&self) -> String {
            "the test".into()
        }

        fn start(self: Box<Self>, _: &Arc<Health>) -> Result<Box<dyn Sending>, OpenError> {
            Ok(self)
        }
    }

    impl Sending for Noting {
        fn wake_at(&self) -> HostTime {
            HostTime(i64::MAX)
        }

        fn change_layout(&mut self, _: &Schema, _: HostTime) -> Result<(), OpenError> {
            self.note("a layout");
            Ok(())
        }

        fn take(&mut self, _: Arc<Tick>) {
            self.note("a tick");
        }

        fn silenced(&mut self, _: HostTime) {
            self.note("silence");
        }

        fn run(&mut self, _: HostTime, _: &Health) {}
    }

    #[test]
    fn who_has_the_lead_again_sends_the_new_tick_by_the_new_layout_and_nothing_from_before() {
        let (fanout, noting) = (Fanout::default(), Noting::default());
        let (health, policy) = (Arc::new(Health::default()), Policy::default());
        let feed = fanout.feed(Arc::clone(&health), Audible::Leading);
        let (timeline, state) = (Timeline::default(), Arc::default());
        let tick = Arc::new(Tick { row: Row::default(), timeline, state, beating: true, heard: HostTime::ZERO });
        fanout.tick(&tick, true);
        fanout.fall_silent();
        fanout.hop(&[Arc::new(Event::Schema(Schema::default()))], &tick, false);
        fanout.tick(&tick, true);
        fanout.close();
        let keeper = Keeper::new(policy, &Schema::default(), Kept::default());
        run("desk", Box::new(noting.clone()), keeper, &feed, &health);
        assert_eq!(*noting.0.lock().expect("no test has failed"), ["silence", "a layout", "a tick"]);
    }
}
