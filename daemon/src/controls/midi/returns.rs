//! Whether a box sends back what its lights are told: through MIDI thru, or ports that are connected in a circle. Pure.
//!
//! What comes back looks like a press, which would change the light again, for ever. Through a circle everything comes
//! back, in order. So a box is suspected from the moment when it is connected until it keeps a message to itself, and again
//! when two in a row have come back. A change of a light that shows what its own button sets is never taken for a press
//! within a moment: no finger is as quick, unlike one that taps along with a light that blinks on the beat, or one that
//! presses when a light is told once more what it shows, as after each release.

use super::message::Message;
use downbeat_protocol::HostTime;
use std::collections::VecDeque;
use std::time::Duration;

/// The longest way round: one of JACK's longest periods out and one in, and a slow cable.
const WAY_ROUND: Duration = Duration::from_millis(150);
/// How long the message that changed a light is no press, even of a box that is not suspected.
const MOMENT: Duration = Duration::from_millis(50);
/// Maximum of messages that may come back.
const SENT: usize = 256;
/// So many in a row are a suspicion; and so many are worth a report.
const SUSPICIOUS: u32 = 2;
const SURE: u32 = 8;

/// A message to a light.
#[derive(Clone, Copy, Debug)]
struct Sent {
    message: Message,
    at: HostTime,
    /// The light shows that already.
    is_repeat: bool,
}

/// The messages to the lights of one box, and what comes back of them.
#[derive(Debug)]
pub struct Returns {
    sent: VecDeque<Sent>,
    /// Number of messages in a row that have come back.
    row: u32,
    /// Nothing has stayed away since the box was connected.
    is_new: bool,
    /// When the last one came back.
    last: HostTime,
}

impl Default for Returns {
    fn default() -> Self {
        Self { sent: VecDeque::new(), row: 0, is_new: true, last: HostTime(i64::MIN) }
    }
}

impl Returns {
    /// A light is told something; `is_repeat` is whether it shows that already.
    pub fn sent(&mut self, bytes: &[u8], is_repeat: bool, now: HostTime) {
        self.expire(now);
        if self.sent.len() >= SENT {
            self.sent.pop_front();
        }
        self.sent.extend(Message::decode(bytes).map(|message| Sent { message, at: now, is_repeat }));
    }

    /// Whether a message of the box is one that was sent, come back; each counts once. `is_own` tells that its light shows
    /// what the element sets.
    pub fn has(&mut self, message: Message, is_own: bool, now: HostTime) -> bool {
        self.expire(now);
        let Some(place) = self.sent.iter().position(|sent| sent.message == message) else { return false };
        if place > 0 {
            self.keeps_to_itself();
        }
        let sent = self.sent.drain(..=place).next_back();
        let is_too_quick = sent.is_some_and(|sent| !sent.is_repeat && now <= sent.at + MOMENT);
        (self.row, self.last) = (self.row.saturating_add(1), now);
        self.is_new || self.row >= SUSPICIOUS || is_own && is_too_quick
    }

    /// Whether nearly everything comes back, and lately.
    pub fn is_sure(&self, now: HostTime, lately: Duration) -> bool {
        self.row >= SURE && now <= self.last + lately
    }

    fn expire(&mut self, now: HostTime) {
        while self.sent.front().is_some_and(|sent| now > sent.at + WAY_ROUND) {
            self.sent.pop_front();
            self.keeps_to_itself();
        }
    }

    fn keeps_to_itself(&mut self) {
        (self.row, self.is_new) = (0, false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> HostTime {
        HostTime::ZERO + Duration::from_millis(ms)
    }

    fn note(velocity: u8) -> Message {
        Message::decode(&[0x90, 36, velocity]).expect("a note")
    }

    /// A box that has kept something to itself.
    fn quiet() -> Returns {
        let mut returns = Returns::default();
        returns.sent(&[0x90, 1, 0], false, at(0));
        returns
    }

    #[test]
    fn each_message_comes_back_once_and_another_velocity_is_a_finger() {
        let mut returns = quiet();
        returns.sent(&[0x90, 36, 127], false, at(1_000));
        assert!(!returns.has(note(100), true, at(1_010)));
        assert!(returns.has(note(127), true, at(1_040)));
        assert!(!returns.has(note(127), true, at(1_045)), "only one was sent");
        returns.sent(&[0x90, 36, 0], false, at(1_500));
        returns.sent(&[0x90, 36, 127], false, at(2_000));
        assert!(!returns.has(note(127), true, at(2_060)), "that late only a box does it that is suspected");
    }

    #[test]
    fn a_finger_may_press_when_a_light_is_told_once_more_and_a_circle_is_still_seen() {
        let mut returns = quiet();
        returns.sent(&[0x90, 36, 127], true, at(1_000));
        assert!(!returns.has(note(127), true, at(1_020)), "a finger");
        returns.sent(&[0x90, 36, 127], true, at(1_100));
        assert!(returns.has(note(127), true, at(1_120)), "two in a row");
    }

    #[test]
    fn who_taps_along_with_a_light_is_heard_and_a_circle_is_not() {
        let mut returns = quiet();
        for beat in 1..50 {
            returns.sent(&[0x90, 36, 127], false, at(beat * 500));
            assert!(!returns.has(note(127), false, at(beat * 500 + 30)), "beat {beat}");
            returns.sent(&[0x90, 36, 0], false, at(beat * 500 + 100));
        }
        let mut heard = 0;
        for beat in 100..120 {
            for (velocity, ms) in [(127, 0), (0, 100)] {
                returns.sent(&[0x90, 36, velocity], false, at(beat * 500 + ms));
                heard += usize::from(!returns.has(note(velocity), false, at(beat * 500 + ms + 90)));
            }
        }
        assert_eq!(heard, 1);
        assert!(returns.is_sure(at(60_000), Duration::from_secs(10)));
    }
}
