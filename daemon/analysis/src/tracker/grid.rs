//! A row of beats, real or supposed, that the net of the bars listens to.

use crate::rhythm::{BarEvidence, BarNet, BeatSound, Marks, SLOTS, Sound};

/// Gathers what sounds in each beat, and asks the net when the beat is over.
pub(super) struct Grid {
    sound: BeatSound,
    memory: Vec<f32>,
    /// The beat that is being gathered.
    beat: i64,
    /// What the net said last.
    heard: BarEvidence,
}

/// A beat's first quarter begins so much before it, in beats.
const EARLY: f64 = 0.5 / SLOTS as f64;

impl Grid {
    /// For what an ear of so many quick and fine bands hears.
    pub fn new((quick, fine): (usize, usize), net: &BarNet) -> Self {
        Self {
            sound: BeatSound::new(quick, fine),
            memory: vec![0.0; net.memory()],
            beat: 0,
            heard: BarEvidence::default(),
        }
    }

    /// Hears a tick at a place, in beats from the start; a beat has so many seconds. Returns the beat that is over, once
    /// it is. Realtime-safe: yes.
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
        // The beats may be moved back a little: what is heard again belongs to the one that is being gathered.
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

    /// What the net said of the last beat.
    pub fn heard(&self) -> &BarEvidence {
        &self.heard
    }

    /// Nothing that was heard counts any more.
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

    /// The beats that are told while the place moves on in steps of a fiftieth of a beat.
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
