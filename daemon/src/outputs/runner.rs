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
