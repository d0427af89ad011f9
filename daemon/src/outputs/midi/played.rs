//! Which notes a port has played: when it has been away, the end of one of them may be lost, and it would sound for ever.
//! Pure.

use super::packet::Message;
use std::collections::BTreeSet;

/// Notes that were begun since the port last came back. At most 16 channels of 128 notes.
#[derive(Debug, Default)]
pub struct Played(BTreeSet<[u8; 2]>);

impl Played {
    /// Notes a message that is played.
    pub fn note(&mut self, message: Message) -> Message {
        if let (true, [status, note, _]) = (message.is_note_on(), message.bytes()) {
            self.0.insert([*status, *note]);
        }
        message
    }

    /// The ends of all of them, once.
    pub fn take_ends(&mut self) -> impl Iterator<Item = Message> {
        std::mem::take(&mut self.0).into_iter().map(|[status, note]| Message::end_of(status, note))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outputs::midi::packet::{Channel, Seven};

    #[test]
    fn what_was_begun_is_ended_once_when_the_port_is_back() {
        let (channel, seven) = (Channel::try_from(10).expect("one"), |number| Seven::try_from(number).expect("seven"));
        let mut played = Played::default();
        for note in [36, 36, 40] {
            played.note(Message::note_on(channel, seven(note), seven(90)));
            played.note(Message::note_off(channel, seven(note)));
        }
        played.note(Message::control_change(channel, seven(7), seven(1)));
        let ends: Vec<_> = played.take_ends().collect();
        assert_eq!(ends, [36, 40].map(|note| Message::note_off(channel, seven(note))));
        assert_eq!(played.take_ends().count(), 0);
    }
}
