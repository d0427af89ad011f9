//! Messages that wait for their moment, or for room. Pure.
//!
//! Beyond a limit, what is worth something only at its moment is refused. What ends or stays never is: without the end of
//! a note, or the last value of a controller, a receiver is wrong for good. Beyond the limit, only the newest waits for
//! each note, controller and program; MIDI has 4112 of them.

use super::packet::Message;
use downbeat_protocol::HostTime;
use std::collections::BTreeMap;

/// Maximum of waiting messages: a cable carries one message a millisecond.
const WAITING: usize = 256;
/// The same for clocks and transport, which receivers count.
const COUNTED: usize = 4 * WAITING;

/// The messages of one port.
#[derive(Default)]
pub struct Waiting {
    /// By moment, then in the order of sending.
    messages: BTreeMap<(HostTime, u64), Message>,
    /// The newest of what [lasts](Message::lasting).
    newest: BTreeMap<[u8; 2], (HostTime, u64)>,
    taken: u64,
}

impl Waiting {
    /// Takes a message; returns whether there was room.
    pub fn push(&mut self, at: HostTime, message: Message) -> bool {
        let place = (at, self.taken);
        if let Some(which) = message.lasting() {
            let before = self.newest.insert(which, place);
            if let Some(before) = before.filter(|_| self.messages.len() >= WAITING) {
                self.messages.remove(&before);
            }
        } else {
            let most = if message.is_note_on() { WAITING } else { COUNTED };
            if self.messages.len() - self.newest.len() >= most {
                return false;
            }
        }
        self.messages.insert(place, message);
        self.taken += 1;
        true
    }

    /// The first one due by now.
    pub fn due(&self, now: HostTime) -> Option<(HostTime, Message)> {
        let ((at, _), message) = self.messages.first_key_value()?;
        (*at <= now).then_some((*at, *message))
    }

    /// The first one is done with.
    pub fn pass(&mut self) {
        if let Some((place, message)) = self.messages.pop_first()
            && let Some(which) = message.lasting()
            && self.newest.get(&which) == Some(&place)
        {
            self.newest.remove(&which);
        }
    }

    /// Forgets controllers and programs; the ends of notes stay. Returns how many that were.
    pub fn forget_values(&mut self) -> usize {
        let before = self.messages.len();
        self.messages.retain(|_, message| message.lasting().is_none() || message.is_note_off());
        let messages = &self.messages;
        self.newest.retain(|_, (at, taken)| messages.contains_key(&(*at, *taken)));
        before - self.messages.len()
    }

    /// When the first and the last one are due; none if nothing waits.
    pub fn span(&self) -> Option<[HostTime; 2]> {
        let ((first, _), _) = self.messages.first_key_value()?;
        let ((last, _), _) = self.messages.last_key_value()?;
        Some([*first, *last])
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outputs::midi::packet::{Channel, Seven};

    fn seven(number: u8) -> Seven {
        Seven::try_from(number).expect("seven bits")
    }

    fn channel(number: u8) -> Channel {
        Channel::try_from(number).expect("a channel")
    }

    fn all(waiting: &mut Waiting) -> Vec<Vec<u8>> {
        let mut all = Vec::new();
        while let Some((_, message)) = waiting.due(HostTime(i64::MAX)) {
            all.push(message.bytes().to_vec());
            waiting.pass();
        }
        assert!(waiting.is_empty() && waiting.newest.is_empty());
        all
    }

    #[test]
    fn three_hundred_controllers_all_arrive_with_their_last_values_and_notes_end() {
        let mut waiting = Waiting::default();
        for (moment, value) in [(0, 1), (1, 2), (2, 3)] {
            for number in 0..300_u16 {
                let channel = channel(1 + (number / 100) as u8);
                let message = Message::control_change(channel, seven((number % 100) as u8), seven(value));
                assert!(waiting.push(HostTime(moment), message));
            }
        }
        assert!(waiting.push(HostTime(3), Message::note_off(channel(10), seven(36))));
        let sent = all(&mut waiting);
        assert!(sent.len() <= WAITING + 301, "{}", sent.len());
        let mut last: BTreeMap<[u8; 2], u8> = sent.iter().map(|bytes| ([bytes[0], bytes[1]], bytes[2])).collect();
        assert_eq!((last.remove(&[0x89, 36]), last.len()), (Some(0), 300));
        assert!(last.values().all(|value| *value == 3), "{last:?}");
    }

    #[test]
    fn while_there_is_room_every_value_arrives_in_the_order_of_moments() {
        let mut waiting = Waiting::default();
        for (at, value) in [(5, 127), (5, 0), (3, 9)] {
            assert!(waiting.push(HostTime(at), Message::control_change(channel(1), seven(7), seven(value))));
        }
        assert_eq!(waiting.span(), Some([HostTime(3), HostTime(5)]));
        assert_eq!(waiting.due(HostTime(2)), None);
        assert_eq!(all(&mut waiting), [[0xB0, 7, 9], [0xB0, 7, 127], [0xB0, 7, 0]]);
    }

    #[test]
    fn the_ends_of_notes_outlive_controllers_and_programs() {
        let mut waiting = Waiting::default();
        for message in [
            Message::control_change(channel(1), seven(7), seven(9)),
            Message::program_change(channel(1), seven(5)),
            Message::note_off(channel(10), seven(36)),
        ] {
            assert!(waiting.push(HostTime(0), message));
        }
        assert_eq!(waiting.forget_values(), 2);
        assert_eq!(all(&mut waiting), [[0x89, 36, 0]]);
    }

    #[test]
    fn what_is_worth_something_only_at_its_moment_is_refused_beyond_the_limit() {
        let mut waiting = Waiting::default();
        let note = Message::note_on(channel(1), seven(60), seven(90));
        let taken = (0..1000).filter(|_| waiting.push(HostTime(0), note)).count();
        assert_eq!(taken, WAITING);
        assert!(waiting.push(HostTime(0), Message::CLOCK), "receivers count clocks");
    }
}
