//! One MIDI message and when it is due.

use std::cmp::Ordering;

/// Maximum of messages waiting for the callback: 40 times what a MIDI cable carries in a cycle.
pub(super) const QUEUE: usize = 1024;

/// A short MIDI message with its due time. Ordered by that, then by the order of sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Event {
    /// `CLOCK_MONOTONIC` in nanoseconds.
    pub(super) due_host_ns: i64,
    /// The number of earlier messages.
    pub(super) number: u64,
    bytes: [u8; 3],
    length: u8,
}

impl Event {
    /// A message, or `None` unless it has 1 to 3 bytes.
    pub(super) fn new(due_host_ns: i64, number: u64, message: &[u8]) -> Option<Self> {
        let mut bytes = [0; 3];
        bytes.get_mut(..message.len()).filter(|bytes| !bytes.is_empty())?.copy_from_slice(message);
        Some(Self { due_host_ns, number, bytes, length: message.len() as u8 })
    }

    /// Whether it starts a note, which only makes sense at its moment. Ends of notes, controllers and clocks count however
    /// late they are.
    pub(super) fn starts_a_note(&self) -> bool {
        matches!(self.bytes(), [status, _, velocity] if status & 0xF0 == 0x90 && *velocity > 0)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or(&[])
    }
}

impl Ord for Event {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.due_host_ns, self.number).cmp(&(other.due_host_ns, other.number))
    }
}

impl PartialOrd for Event {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_messages_of_one_to_three_bytes_are_events() {
        assert_eq!(Event::new(0, 0, &[]), None);
        assert_eq!(Event::new(0, 0, &[0xF0, 1, 2, 0xF7]), None);
        for message in [&[0xF8][..], &[0xC0, 5], &[0x90, 60, 100]] {
            assert_eq!(Event::new(0, 0, message).unwrap().bytes(), message);
        }
    }
}
