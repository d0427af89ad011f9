//! The daemon's own JACK port: the process callback plays each message at its sample.

use super::packet::Message;
use super::port::Port;
use crate::clock::host_now;
use crate::dispatch::Health;
use downbeat_audio::MidiOut;
use downbeat_protocol::HostTime;
use std::sync::Arc;
use std::time::Duration;

/// Enough for a late wake-up and JACK's largest usual period (1024 samples are 21 ms), but short enough for timeline
/// corrections to take effect.
const AHEAD: Duration = Duration::from_millis(50);

/// The JACK port of the daemon.
pub struct JackPort {
    name: String,
    midi: Option<MidiOut>,
    health: Arc<Health>,
    connected: bool,
    /// The latest moment of all messages so far.
    last: HostTime,
}

impl JackPort {
    /// The port; without one (the audio comes from a file) it reports so and drops everything.
    pub fn new(name: &str, midi: Option<MidiOut>, health: Arc<Health>) -> Self {
        if midi.is_none() {
            health.set_error(name, "no JACK port: the audio does not come from JACK (`[audio] source`)");
        }
        Self { name: name.into(), midi, health, connected: false, last: HostTime(i64::MIN) }
    }
}

impl Port for JackPort {
    fn ahead(&self) -> Duration {
        AHEAD
    }

    fn send(&mut self, at: HostTime, message: Message, now: HostTime) {
        let Some(midi) = self.midi.as_ref().filter(|_| self.connected) else { return self.health.count_dropped(1) };
        match midi.send(at.0, message.bytes()) {
            Ok(()) => {
                self.health.count_sent();
                self.last = self.last.max(at);
                self.health.count_lateness(now.since(at));
            }
            Err(full) => {
                self.health.count_dropped(1);
                self.health.set_error(&self.name, full.to_string());
            }
        }
    }

    fn has_come_back(&mut self) -> bool {
        let Some(midi) = &self.midi else { return false };
        let before = std::mem::replace(&mut self.connected, midi.connected());
        if !self.connected {
            self.health.set_error(&self.name, "waiting for the JACK server");
        } else if !before {
            self.health.set_error(&self.name, "");
        }
        self.connected && !before
    }

    /// The process callback plays it.
    fn play(&mut self, _: HostTime) {}

    fn wake_at(&self) -> HostTime {
        HostTime(i64::MAX)
    }

    fn finish(&mut self) {
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
