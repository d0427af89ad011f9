//! The grid of true beats: its place around a moment, and where the music has none.

use super::music::Music;

/// True beats this much farther apart than those around them have a pause between them.
const PAUSE: f64 = 1.5;
/// So many intervals around a moment tell its tempo.
const AROUND: usize = 4;

impl Music {
    /// Seconds between beats around a moment: the middle of the nearest intervals. Nothing where there are none.
    pub fn period(&self, at: f64) -> Option<f64> {
        let next = self.beats.partition_point(|beat| *beat <= at);
        let reach = self.beats.get(next.saturating_sub(AROUND + 1)..(next + AROUND + 1).min(self.beats.len()))?;
        let mut near: Vec<(f64, f64)> =
            reach.windows(2).map(|pair| ((0.5 * (pair[0] + pair[1]) - at).abs(), pair[1] - pair[0])).collect();
        near.sort_by(|one, other| one.0.total_cmp(&other.0));
        near.truncate(AROUND);
        (!near.is_empty()).then(|| super::quantiles::median(near.into_iter().map(|(_, interval)| interval)))
    }

    /// Whether the music has a beat at a moment: it lies between two true beats with no pause between them.
    pub fn has_pulse(&self, at: f64) -> bool {
        let next = self.beats.partition_point(|beat| *beat <= at);
        let around = next.checked_sub(1).and_then(|last| Some(self.beats.get(next)? - self.beats[last]));
        around.zip(self.period(at)).is_some_and(|(interval, period)| interval <= PAUSE * period)
    }

    /// Each true beat with the length of the interval that it opens, in seconds; pauses and the last beat are left out.
    pub fn intervals(&self) -> impl Iterator<Item = (f64, f64)> {
        self.beats
            .windows(2)
            .filter(|pair| self.has_pulse(0.5 * (pair[0] + pair[1])))
            .map(|pair| (pair[0], pair[1] - pair[0]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Beats every half second, a pause of three seconds, and beats every 0.4 s.
    fn music() -> Music {
        let first = (0..20).map(|beat| 0.5 * f64::from(beat));
        let second = (0..20).map(|beat| 12.5 + 0.4 * f64::from(beat));
        Music { beats: first.chain(second).collect(), ..Music::default() }
    }

    #[test]
    fn the_period_is_that_of_the_beats_around() {
        let period = |at| music().period(at).map(|period| (period * 1e6).round() / 1e6);
        assert_eq!([period(-3.0), period(5.1), period(9.4), period(17.0)], [0.5, 0.5, 0.5, 0.4].map(Some));
        assert_eq!(Music::default().period(1.0), None);
    }

    #[test]
    fn before_after_and_in_a_pause_there_is_no_pulse() {
        let music = music();
        let found = [-0.1, 0.0, 5.2, 9.6, 11.0, 12.6, 20.0, 20.2].map(|at| music.has_pulse(at));
        assert_eq!(found, [false, true, true, false, false, true, true, false]);
        assert_eq!(music.intervals().count(), 38);
    }

    #[test]
    fn human_beats_have_a_pulse_however_uneven() {
        let uneven = |beat: u32| 0.5 * f64::from(beat) + [0.0, 0.04, -0.03][beat as usize % 3];
        let music = Music { beats: (0..40).map(uneven).collect(), ..Music::default() };
        assert!((1..190).all(|tenth| music.has_pulse(0.1 * f64::from(tenth))));
    }
}
