//! The beats of a piece.

/// Beats and their lengths, in seconds.
#[derive(Clone)]
pub struct Grid {
    beats: Vec<(f64, f64)>,
    /// Beats of a bar.
    pub per_bar: usize,
}

/// Silence before the first beat: players need a moment to open a file.
const LEAD_IN: f64 = 0.25;

impl Grid {
    /// A grid of some bars. `bpm` tells the tempo at a beat, given its number and its time.
    pub fn new(per_bar: usize, bars: usize, mut bpm: impl FnMut(usize, f64) -> f64) -> Self {
        let mut time = LEAD_IN;
        let beats = (0..per_bar * bars).map(|beat| {
            let length = 60.0 / bpm(beat, time);
            let start = time;
            time += length;
            (start, length)
        });
        Self { beats: beats.collect(), per_bar }
    }

    /// Moves a bar and all after it away: nothing plays for so many seconds.
    pub fn pause(&mut self, bar: usize, seconds: f64) {
        for (start, _) in self.beats.iter_mut().skip(bar * self.per_bar) {
            *start += seconds;
        }
    }

    /// The time of a place in a bar, from 0 to 1.
    pub fn at(&self, bar: usize, place: f64) -> f64 {
        let beats = place * self.per_bar as f64;
        let whole = (beats.floor().max(0.0) as usize).min(self.per_bar - 1);
        match self.beats.get(bar * self.per_bar + whole) {
            Some((start, length)) => start + (beats - whole as f64) * length,
            None => self.end(),
        }
    }

    /// Every beat.
    pub fn beats(&self) -> Vec<f64> {
        self.beats.iter().map(|(start, _)| *start).collect()
    }

    /// Every first beat of a bar.
    pub fn downbeats(&self) -> Vec<f64> {
        self.beats().into_iter().step_by(self.per_bar).collect()
    }

    /// Where the last bar ends.
    pub fn end(&self) -> f64 {
        self.beats.last().map_or(LEAD_IN, |(start, length)| start + length)
    }

    /// Length of a beat at a time.
    pub fn beat_length(&self, time: f64) -> f64 {
        let next = self.beats.partition_point(|(start, _)| *start <= time);
        self.beats[next.saturating_sub(1)].1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_grid_is_even_and_a_pause_moves_only_what_comes_after_it() {
        let mut grid = Grid::new(4, 4, |_, _| 120.0);
        assert_eq!(grid.beats().len(), 16);
        assert!((grid.at(1, 0.5) - LEAD_IN - 3.0).abs() < 1e-9);
        grid.pause(2, 5.0);
        assert!((grid.at(1, 0.99) - LEAD_IN - 3.98).abs() < 1e-9, "the bar before the pause keeps its length");
        assert!((grid.at(2, 0.0) - LEAD_IN - 9.0).abs() < 1e-9);
        assert_eq!(grid.downbeats().len(), 4);
    }

    #[test]
    fn a_ramp_shortens_beat_after_beat() {
        let grid = Grid::new(4, 8, |_, time| 100.0 * (1.0 + 0.05 * time));
        let beats = grid.beats();
        assert!(beats.windows(3).all(|three| three[2] - three[1] < three[1] - three[0]));
    }
}
