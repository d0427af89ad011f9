//! The sound of the last seconds, to rerun when the beats move.

use crate::rhythm::{Marks, RATE, Sound};

/// The sound and the marks of the last ticks.
pub(super) struct Past {
    sounds: Vec<f32>,
    marks: Vec<Marks>,
    quick: usize,
    fine: usize,
    /// Ticks so far.
    heard: u64,
}

/// Number of ticks kept: six bars at 120 BPM.
const TICKS: usize = (12.0 * RATE) as usize;

impl Past {
    /// For an ear with this many quick and fine bands.
    pub fn new((quick, fine): (usize, usize)) -> Self {
        Self {
            sounds: vec![0.0; TICKS * (2 * quick + fine)],
            marks: vec![Marks::default(); TICKS],
            quick,
            fine,
            heard: 0,
        }
    }

    /// Stores a tick. Realtime-safe: yes.
    pub fn process(&mut self, sound: Sound<'_>, marks: &Marks) {
        let at = (self.heard % TICKS as u64) as usize;
        let width = 2 * self.quick + self.fine;
        let kept = &mut self.sounds[at * width..(at + 1) * width];
        let (quick, rest) = kept.split_at_mut(self.quick);
        let (rises, fine) = rest.split_at_mut(self.quick);
        quick.copy_from_slice(sound.quick);
        rises.copy_from_slice(sound.rises);
        fine.copy_from_slice(sound.fine);
        self.marks[at] = *marks;
        self.heard += 1;
    }

    /// Forgets everything.
    pub fn forget(&mut self) {
        self.heard = 0;
    }

    /// The stored ticks, the oldest first, each with its age in ticks, 0 for the newest. Realtime-safe: yes.
    pub fn ticks(&self) -> impl Iterator<Item = (u64, Sound<'_>, &Marks)> {
        let kept = self.heard.min(TICKS as u64);
        (0..kept).rev().map(|ago| {
            let at = ((self.heard - 1 - ago) % TICKS as u64) as usize;
            let width = 2 * self.quick + self.fine;
            let (quick, rest) = self.sounds[at * width..(at + 1) * width].split_at(self.quick);
            let (rises, fine) = rest.split_at(self.quick);
            (ago, Sound { quick, fine, rises }, &self.marks[at])
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_seconds_come_back_in_order_and_older_ones_are_gone() {
        let mut past = Past::new((2, 1));
        for tick in 0..TICKS + 5 {
            let now = tick as f32;
            let marks = Marks { beat: now, ..Marks::default() };
            past.process(Sound { quick: &[now, 1.0], fine: &[now + 0.5], rises: &[2.0, now] }, &marks);
        }
        let mut expected = 5.0;
        for (ago, sound, marks) in past.ticks() {
            assert_eq!(ago as usize, TICKS + 4 - expected as usize);
            assert_eq!(
                (sound.quick, sound.fine, sound.rises),
                (&[expected, 1.0][..], &[expected + 0.5][..], &[2.0, expected][..])
            );
            assert_eq!(marks.beat, expected);
            expected += 1.0;
        }
        assert_eq!(expected as usize, TICKS + 5);
    }
}
