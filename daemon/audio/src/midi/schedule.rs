//! The callback's side of MIDI: messages waiting for their moment.

use std::{cmp::Reverse, collections::BinaryHeap};

use rtrb::Consumer;

use super::event::{Event, QUEUE};

/// A note that is this late no longer belongs to its beat: ITU-R BT.1359-1 accepts 90 ms between a sound and its picture.
const LATEST_NOTE_NS: i64 = 90_000_000;

/// Messages in order of their due times.
#[derive(Debug)]
pub(crate) struct Schedule {
    incoming: Consumer<Event>,
    /// Never exceeds its initial capacity.
    waiting: BinaryHeap<Reverse<Event>>,
}

impl Schedule {
    pub(super) fn new(incoming: Consumer<Event>) -> Self {
        Self { incoming, waiting: BinaryHeap::with_capacity(QUEUE) }
    }

    /// Writes the messages due in the cycle of `frames` samples that begins at `start_ns` and lasts `length_ns`.
    ///
    /// `write` takes an offset in samples, never less than the last one, and the message; it returns whether there was
    /// room. Messages without room follow in the next cycle. Returns how many were dropped: notes that would begin too
    /// late, and messages that do not fit even into an empty port. Realtime-safe: yes, if `write` is.
    pub(crate) fn play(
        &mut self,
        start_ns: i64,
        length_ns: f64,
        frames: u32,
        mut write: impl FnMut(u32, &[u8]) -> bool,
    ) -> u64 {
        self.fetch();
        let mut port_is_empty = true;
        let mut given_up = 0;
        while let Some(Reverse(event)) = self.waiting.peek() {
            let Some(offset) = offset(event.due_host_ns, start_ns, length_ns, frames) else {
                break;
            };
            if event.starts_a_note() && start_ns.saturating_sub(event.due_host_ns) > LATEST_NOTE_NS {
                given_up += 1;
            } else if write(offset, event.bytes()) {
                port_is_empty = false;
            } else if port_is_empty {
                given_up += 1;
            } else {
                break;
            }
            self.waiting.pop();
        }
        given_up
    }

    fn fetch(&mut self) {
        while self.waiting.len() < QUEUE
            && let Ok(event) = self.incoming.pop()
        {
            self.waiting.push(Reverse(event));
        }
    }
}

/// The sample of this cycle nearest to a due time; the first for late messages; `None` for later cycles.
fn offset(due_ns: i64, start_ns: i64, length_ns: f64, frames: u32) -> Option<u32> {
    let position = due_ns.saturating_sub(start_ns) as f64 / length_ns * f64::from(frames);
    let nearest = position.round().max(0.0);
    (nearest < f64::from(frames)).then_some(nearest as u32)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::MidiOut;

    const RATE: f64 = 48_000.0;
    const FRAMES: u32 = 128;

    /// Plays `cycles` from host time 0; returns the absolute samples of the messages.
    fn play(schedule: &mut Schedule, cycles: u32) -> Vec<(u32, u8)> {
        let length_ns = f64::from(FRAMES) / RATE * 1e9;
        let mut heard = Vec::new();
        for cycle in 0..cycles {
            let start_ns = (f64::from(cycle) * length_ns).round() as i64;
            schedule.play(start_ns, length_ns, FRAMES, |offset, bytes| {
                heard.push((cycle * FRAMES + offset, bytes[0]));
                true
            });
        }
        heard
    }

    fn due(sample: f64) -> i64 {
        (sample / RATE * 1e9) as i64
    }

    #[test]
    fn a_message_comes_out_at_the_sample_nearest_to_its_due_time() {
        let midi = MidiOut::default();
        let mut schedule = midi.attach();
        for (sample, status) in [(0.0, 1), (100.4, 2), (127.4, 3), (127.6, 4), (1000.0, 5)] {
            midi.send(due(sample), &[status]).unwrap();
        }
        assert_eq!(play(&mut schedule, 10), [(0, 1), (100, 2), (127, 3), (128, 4), (1000, 5)]);
    }

    #[test]
    fn what_is_late_comes_out_at_once() {
        let midi = MidiOut::default();
        let mut schedule = midi.attach();
        midi.send(-5_000_000_000, &[1]).unwrap();
        assert_eq!(play(&mut schedule, 1), [(0, 1)]);
    }

    #[test]
    fn after_a_stall_of_the_server_no_note_begins_late_and_every_note_ends() {
        for (late_ms, played) in [(20, true), (100, false), (241, false), (5_000, false)] {
            let midi = MidiOut::default();
            let mut schedule = midi.attach();
            for message in [&[0x99, 36, 100][..], &[0x89, 36, 0], &[0x99, 36, 0], &[0xB0, 7, 1], &[0xF8]] {
                midi.send(-late_ms * 1_000_000, message).unwrap();
            }
            let mut heard = Vec::new();
            let dropped = schedule.play(0, 1e6, FRAMES, |_, bytes| {
                heard.push(bytes.to_vec());
                true
            });
            assert_eq!((heard.len(), dropped), if played { (5, 0) } else { (4, 1) }, "{late_ms} ms: {heard:?}");
            assert_eq!(heard.contains(&vec![0x99, 36, 100]), played);
        }
    }

    #[test]
    fn a_message_due_now_does_not_wait_behind_one_sent_ahead() {
        let midi = MidiOut::default();
        let mut schedule = midi.attach();
        midi.send(due(1000.0), &[1]).unwrap();
        midi.send(due(10.0), &[2]).unwrap();
        assert_eq!(play(&mut schedule, 10), [(10, 2), (1000, 1)]);
    }

    #[test]
    fn what_finds_no_room_comes_out_in_the_next_cycle() {
        let midi = MidiOut::default();
        let mut schedule = midi.attach();
        for status in 1..=3 {
            midi.send(0, &[status]).unwrap();
        }
        let mut heard = Vec::new();
        for cycle in 0..2 {
            let mut room = 2;
            let given_up = schedule.play(0, 1e6, FRAMES, |_, bytes| {
                if room > 0 {
                    heard.push((cycle, bytes[0]));
                }
                room -= 1;
                room >= 0
            });
            assert_eq!(given_up, 0);
        }
        assert_eq!(heard, [(0, 1), (0, 2), (1, 3)]);
    }

    #[test]
    fn a_port_that_takes_nothing_does_not_hold_up_the_queue_for_ever() {
        let midi = MidiOut::default();
        let mut schedule = midi.attach();
        midi.send(0, &[1]).unwrap();
        assert_eq!(schedule.play(0, 1e6, FRAMES, |_, _| false), 1);
        assert_eq!(schedule.play(0, 1e6, FRAMES, |_, _| true), 0);
    }

    proptest! {
        #[test]
        fn everything_comes_out_once_in_order_and_in_its_cycle(samples in prop::collection::vec(0.0..2000f64, 0..200)) {
            let midi = MidiOut::default();
            let mut schedule = midi.attach();
            for (index, sample) in samples.iter().enumerate() {
                midi.send(due(*sample), &[index as u8]).unwrap();
            }
            let heard = play(&mut schedule, 20);
            let mut expected: Vec<(u32, u8)> =
                samples.iter().enumerate().map(|(index, sample)| (sample.round() as u32, index as u8)).collect();
            expected.sort_by(|a, b| samples[usize::from(a.1)].total_cmp(&samples[usize::from(b.1)]));
            prop_assert_eq!(heard.len(), expected.len());
            for (heard, expected) in heard.iter().zip(&expected) {
                prop_assert!(heard.0.abs_diff(expected.0) <= 1);
            }
            prop_assert!(heard.is_sorted_by_key(|(sample, _)| *sample));
        }
    }
}
