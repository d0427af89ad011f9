//! Another program's or device's port, by name, through midir, which gets each message at its moment.

use super::packet::Message;
use super::port::Port;
use crate::clock::host_now;
use crate::dispatch::{Health, LANDS};
use crate::midi_port::{Out, Watch};
use downbeat_protocol::HostTime;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Enough for a late scheduler, too little to miss a correction of the timeline.
const AHEAD: Duration = Duration::from_millis(10);
/// Maximum of waiting messages: a cable carries one message a millisecond.
const WAITING: usize = 256;

/// A port of another program or a device.
pub struct NamedPort {
    watch: Watch<Out>,
    health: Arc<Health>,
    /// By moment, then in the order of sending.
    waiting: BTreeMap<(HostTime, u64), Message>,
    taken: u64,
    connection: Option<u64>,
}

impl NamedPort {
    /// The port that `watch` looks for.
    pub fn new(watch: Watch<Out>, health: Arc<Health>) -> Self {
        Self { watch, health, waiting: BTreeMap::new(), taken: 0, connection: None }
    }
}

impl Port for NamedPort {
    fn ahead(&self) -> Duration {
        AHEAD
    }

    fn has_come_back(&mut self) -> bool {
        let before = std::mem::replace(&mut self.connection, self.watch.connection());
        self.connection.is_some() && self.connection != before
    }

    fn send(&mut self, at: HostTime, message: Message, _: HostTime) {
        if self.waiting.len() >= WAITING {
            return self.health.count_dropped(1);
        }
        self.waiting.insert((at, self.taken), message);
        self.taken += 1;
    }

    fn play(&mut self, now: HostTime) {
        while let Some(first) = self.waiting.first_entry().filter(|first| first.key().0 <= now) {
            let ((at, _), message) = first.remove_entry();
            if message.is_note_on() && now > at + LANDS {
                self.health.count_missed(1);
                continue;
            }
            if self.watch.with(|midi| midi.send(message.bytes()).is_ok()) == Some(true) {
                self.health.count_sent();
                self.health.count_lateness(now.since(at));
            } else {
                self.health.count_dropped(1);
            }
        }
    }

    fn wake_at(&self) -> HostTime {
        self.waiting.first_key_value().map_or(HostTime(i64::MAX), |((at, _), _)| *at)
    }

    fn finish(&mut self) {
        while !self.waiting.is_empty() {
            std::thread::sleep(host_now().until(self.wake_at()));
            self.play(host_now());
        }
    }
}
