//! Another program's or device's port, by name, through midir, which gets each message at its moment.

use super::packet::Message;
use super::port::Port;
use super::waiting::Waiting;
use crate::clock::host_now;
use crate::dispatch::{Health, LANDS};
use crate::midi_port::{Out, Watch};
use downbeat_protocol::HostTime;
use std::sync::Arc;
use std::time::Duration;

/// Enough for a late scheduler, too little to miss a correction of the timeline.
const AHEAD: Duration = Duration::from_millis(10);
/// How long to wait before a port that took nothing is tried again.
const AGAIN: Duration = Duration::from_millis(5);
/// How long the end of the daemon waits for a port that takes nothing.
const GOODBYE: Duration = Duration::from_millis(100);

/// A port of another program or a device.
pub struct NamedPort {
    watch: Watch<Out>,
    health: Arc<Health>,
    waiting: Waiting,
    /// The port took nothing: when to try again.
    again: HostTime,
    connection: Option<u64>,
}

impl NamedPort {
    /// The port that `watch` looks for.
    pub fn new(watch: Watch<Out>, health: Arc<Health>) -> Self {
        Self { watch, health, waiting: Waiting::default(), again: HostTime(i64::MIN), connection: None }
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
        if !self.waiting.push(at, message) {
            self.health.count_dropped(1);
        }
    }

    fn forget_values(&mut self) {
        self.health.count_dropped(self.waiting.forget_values() as u64);
    }

    fn play(&mut self, now: HostTime) {
        while now >= self.again
            && let Some((at, message)) = self.waiting.due(now)
        {
            if message.is_note_on() && now > at + LANDS {
                self.health.count_missed(1);
                self.waiting.pass();
                continue;
            }
            match self.watch.send(message.bytes()) {
                Some(true) => {
                    self.health.count_sent();
                    self.health.count_lateness(now.since(at));
                }
                // It has no room now.
                Some(false) => {
                    self.again = now + AGAIN;
                    return;
                }
                // Whatever it lacks is sent when it comes back.
                None => self.health.count_dropped(1),
            }
            self.waiting.pass();
        }
    }

    fn wake_at(&self) -> HostTime {
        self.waiting.span().map_or(HostTime(i64::MAX), |[first, _]| first.max(self.again))
    }

    fn finish(&mut self) {
        let Some([_, last]) = self.waiting.span() else { return };
        let end = last.max(host_now()) + GOODBYE;
        while !self.waiting.is_empty() && host_now() < end {
            std::thread::sleep(host_now().until(self.wake_at()));
            self.play(host_now());
        }
    }
}
