//! The daemon's own JACK port: the process callback plays each message at its sample.

use super::packet::Message;
use super::port::Port;
use super::waiting::Waiting;
use crate::clock::host_now;
use crate::dispatch::Health;
use downbeat_audio::{MidiFull, MidiOut};
use downbeat_protocol::HostTime;
use std::sync::Arc;
use std::time::Duration;

#[cfg(test)]
mod stalls;

/// Enough for a late wake-up and JACK's largest usual period (1024 samples are 21 ms), but short enough for timeline
/// corrections to take effect.
const AHEAD: Duration = Duration::from_millis(50);

/// Places in the queue to JACK that only clocks and transport take: receivers count clocks.
const RESERVED: usize = 256;

/// The way to the process callback.
pub trait Queue: Send {
    /// Whether a server plays the messages.
    fn connected(&self) -> bool;

    /// Free places.
    fn room(&self) -> usize;

    /// Queues a message.
    ///
    /// # Errors
    /// [`MidiFull`] without a free place.
    fn send(&self, at: HostTime, message: Message) -> Result<(), MidiFull>;
}

impl Queue for MidiOut {
    fn connected(&self) -> bool {
        self.connected()
    }

    fn room(&self) -> usize {
        self.room()
    }

    fn send(&self, at: HostTime, message: Message) -> Result<(), MidiFull> {
        self.send(at.0, message.bytes())
    }
}

/// The JACK port of the daemon.
pub struct JackPort<Q = MidiOut> {
    name: String,
    midi: Option<Q>,
    /// What ends or stays, and found no room: JACK runs no cycles, or too much was sent.
    waiting: Waiting,
    /// Whether the error of a full queue is shown.
    is_full: bool,
    health: Arc<Health>,
    connected: bool,
    /// The latest moment of all messages so far.
    last: HostTime,
}

impl<Q: Queue> JackPort<Q> {
    /// The port; without one (the audio comes from a file) it reports so and drops everything.
    pub fn new(name: &str, midi: Option<Q>, health: Arc<Health>) -> Self {
        if midi.is_none() {
            health.set_error(name, "no JACK port: the audio does not come from JACK (`[audio] source`)");
        }
        let (waiting, last) = (Waiting::default(), HostTime(i64::MIN));
        Self { name: name.into(), midi, waiting, is_full: false, health, connected: false, last }
    }

    /// Hands a message over; returns whether there was room.
    fn hand_over(&mut self, at: HostTime, message: Message, now: HostTime) -> bool {
        let Some(Ok(())) = self.midi.as_ref().map(|midi| midi.send(at, message)) else { return false };
        self.health.count_sent();
        self.last = self.last.max(at);
        self.health.count_lateness(now.since(at));
        true
    }

    /// Whether there is room beyond that of clocks.
    fn has_room(&self) -> bool {
        self.midi.as_ref().is_some_and(|midi| midi.room() > RESERVED)
    }

    /// Hands over what has waited for room.
    fn catch_up(&mut self, now: HostTime) {
        while self.has_room()
            && let Some((at, message)) = self.waiting.due(HostTime(i64::MAX))
            && self.hand_over(at, message, now)
        {
            self.waiting.pass();
        }
    }

    fn complain(&mut self) {
        self.is_full = true;
        self.health.set_error(&self.name, MidiFull.to_string());
    }
}

impl<Q: Queue> Port for JackPort<Q> {
    fn ahead(&self) -> Duration {
        AHEAD
    }

    fn send(&mut self, at: HostTime, message: Message, now: HostTime) {
        if !self.connected {
            return self.health.count_dropped(1);
        }
        self.catch_up(now);
        // Nothing overtakes what waits, except clocks.
        let has_room = self.waiting.is_empty() && self.has_room();
        let is_counted = !message.is_note_on() && message.lasting().is_none();
        if (has_room || is_counted) && self.hand_over(at, message, now) {
            return;
        }
        if message.lasting().is_none() || !self.waiting.push(at, message) {
            self.health.count_dropped(1);
        }
        self.complain();
    }

    fn has_come_back(&mut self) -> bool {
        let Some(midi) = &self.midi else { return false };
        let before = std::mem::replace(&mut self.connected, midi.connected());
        if !self.connected {
            self.health.set_error(&self.name, "waiting for the JACK server");
        } else if !before {
            self.health.set_error(&self.name, "");
        }
        let has_come_back = self.connected && !before;
        if has_come_back {
            // Everything that lasts is sent again.
            (self.waiting, self.is_full) = (Waiting::default(), false);
        }
        has_come_back
    }

    fn forget_values(&mut self) {
        self.health.count_dropped(self.waiting.forget_values() as u64);
    }

    /// The process callback plays it.
    fn play(&mut self, now: HostTime) {
        if !self.connected {
            return;
        }
        self.catch_up(now);
        if self.waiting.is_empty() && self.has_room() && std::mem::take(&mut self.is_full) {
            self.health.set_error(&self.name, "");
        }
    }

    fn wake_at(&self) -> HostTime {
        HostTime(i64::MAX)
    }

    fn finish(&mut self) {
        self.catch_up(host_now());
        std::thread::sleep(host_now().until(self.last).min(AHEAD));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_nothing_plays_never_says_that_it_works() {
        for (midi, word) in [(Some(MidiOut::default()), "waiting for the JACK server"), (None, "`[audio] source`")] {
            let health = Arc::new(Health::default());
            let mut port = JackPort::new("desk", midi, Arc::clone(&health));
            assert!(!port.has_come_back());
            assert!(health.error().contains(word), "{}", health.error());
        }
    }
}
