//! A row of beats, real or hypothetical, for the net of the bars.

use crate::rhythm::{BarEvidence, BarNet, BeatSound, Marks, SLOTS, Sound};

/// Collects the sound of each beat, and runs the net when the beat is over.
pub(super) struct Grid {
    sound: BeatSound,
    memory: Vec<f32>,
    /// The current beat.
    beat: i64,
    /// The net's last output.
    heard: BarEvidence,
}

/// How far a beat's first quarter starts before it, in beats.
const EARLY: f64 = 0.5 / SLOTS as f64;

impl Grid {
    /// For an ear with this many quick and fine bands.
    pub fn new((quick, fine): (usize, usize), net: &BarNet) -> Self {
        Self {
            sound: BeatSound::new(quick, fine),
            memory: vec![0.0; net.memory()],
            beat: 0,
            heard: BarEvidence::default(),
        }
    }

    /// Takes a tick at a place, in beats from the start; a beat has this many seconds. Returns the beat that has just
    /// ended, if any. Realtime-safe: yes.
    pub fn process(
        &mut self,
        place: f64,
        seconds: f64,
        sound: Sound<'_>,
        marks: &Marks,
        net: &mut BarNet,
    ) -> Option<i64> {
        let place = place + EARLY;
        let beat = place.floor();
        let slot = ((place - beat) * SLOTS as f64) as usize;
        let ahead = beat as i64 - self.beat;
        // The beats may move back a little: repeated ticks belong to the current beat.
        if ahead == -1 && slot == SLOTS - 1 {
            return None;
        }
        let mut over = None;
        if ahead != 0 {
            if ahead == 1 && self.sound.is_whole() {
                self.heard = net.process(self.sound.inputs(seconds), &mut self.memory);
                over = Some(self.beat);
            }
            self.sound.clear();
            self.beat = beat as i64;
        }
        self.sound.process(slot.min(SLOTS - 1), sound, marks);
        over
    }

    /// The net's output for the last beat.
    pub fn heard(&self) -> &BarEvidence {
        &self.heard
    }

    /// Forgets everything.
    pub fn forget(&mut self) {
        self.memory.fill(0.0);
        self.sound.clear();
        self.heard = BarEvidence::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BANDS: (usize, usize) = (55, 60);

    /// The beats reported while the place advances in steps of a fiftieth of a beat.
    fn told(grid: &mut Grid, places: impl IntoIterator<Item = f64>) -> Vec<i64> {
        let mut net = BarNet::new();
        let (quick, fine) = (vec![0.1; BANDS.0], vec![0.1; BANDS.1]);
        let sound = Sound { quick: &quick, fine: &fine, rises: &quick };
        places.into_iter().filter_map(|place| grid.process(place, 0.5, sound, &Marks::default(), &mut net)).collect()
    }

    fn steps(from: f64, to: f64) -> impl Iterator<Item = f64> {
        (0..((to - from) * 50.0) as usize).map(move |step| from + step as f64 / 50.0)
    }

    #[test]
    fn each_beat_is_told_once_when_it_is_over() {
        let mut grid = Grid::new(BANDS, &BarNet::new());
        assert_eq!(told(&mut grid, steps(-2.2, 3.95)), [-2, -1, 0, 1, 2, 3]);
    }

    #[test]
    fn a_beat_that_is_moved_back_a_little_is_not_told_again() {
        let mut grid = Grid::new(BANDS, &BarNet::new());
        told(&mut grid, steps(0.0, 2.9));
        assert_eq!(told(&mut grid, steps(2.8, 4.9)), [3, 4]);
    }

    #[test]
    fn beats_that_were_skipped_or_heard_in_part_are_not_told() {
        let mut grid = Grid::new(BANDS, &BarNet::new());
        told(&mut grid, steps(0.0, 1.5));
        assert_eq!(told(&mut grid, steps(5.5, 7.9)), [6, 7]);
    }
}
