//! The loop of every output: waits for its feed, applies the policy, and runs what is due.

use super::Output;
use super::policy::{Keeper, Policy};
use crate::clock::host_now;
use crate::dispatch::{Feed, Health};
use downbeat_protocol::{Event, Schema};
use std::sync::Arc;

/// Runs an output until its feed closes. Reports problems to `health`, and continues.
pub fn run(name: &str, output: Box<dyn Output>, policy: Policy, schema: &Schema, feed: &Feed, health: &Arc<Health>) {
    let mut sending = match output.start(health) {
        Ok(sending) => sending,
        Err(error) => return health.set_error(name, error.to_string()),
    };
    let mut keeper = Keeper::new(policy, schema);
    loop {
        let wake = feed.wait(sending.wake_at());
        for event in &wake.events {
            match &**event {
                // The layout of rows changes: names that are gone are no longer sent.
                Event::Schema(schema) => {
                    keeper = Keeper::new(policy, schema);
                    match sending.change_layout(schema) {
                        Ok(()) => {}
                        Err(error) => health.set_error(name, error.to_string()),
                    }
                }
                Event::Message { output, address, value, .. } if output == name => {
                    sending.send(address, value.as_ref(), host_now(), health);
                }
                _ => {}
            }
        }
        if let Some(tick) = wake.tick {
            sending.take(keeper.apply(tick));
        }
        let now = host_now();
        if wake.closed {
            return sending.end(now);
        }
        sending.run(now, health);
    }
}
