//! The form: parts, bars, tempos, and their places in samples.

use crate::synth::{RATE, samples};

/// Silence before the first beat.
const LEAD_IN: f64 = 0.25;

/// Sixteenths of a bar.
pub const STEPS: usize = 16;

/// Beats of a bar.
pub const BEATS: usize = 4;

/// Tempos by their first bar, in beats per minute.
pub const TEMPOS: [(usize, f64); 2] = [(0, 124.0), (32, 140.0)];

/// A part of the song.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// What it is called in the truth.
    pub name: &'static str,
    /// First bar.
    pub first: usize,
    /// The bar after its last.
    pub end: usize,
}

/// The parts in order, without gaps.
pub const PARTS: [Part; 6] = [
    Part { name: "intro", first: 0, end: 8 },
    Part { name: "build-up", first: 8, end: 12 },
    Part { name: "drop", first: 12, end: 24 },
    Part { name: "breakdown", first: 24, end: 32 },
    Part { name: "second-drop", first: 32, end: 47 },
    Part { name: "end", first: 47, end: 48 },
];

/// The bar of the last hit, which rings out: the last beat is its first.
pub const LAST_BAR: usize = 47;

/// The sample of a bar and a sixteenth in it, which may have fractions and reach into the bars after.
pub fn sample_at(bar: usize, step: f64) -> usize {
    samples(seconds_at(bar as f64 + step / STEPS as f64))
}

/// The position of a sample in bars.
pub fn bar_at(sample: usize) -> f64 {
    let time = sample as f64 / RATE;
    let (first, bpm) = TEMPOS.iter().rev().find(|(bar, _)| seconds_at(*bar as f64) <= time).unwrap_or(&TEMPOS[0]);
    *first as f64 + ((time - seconds_at(*first as f64)) / bar_seconds(*bpm)).max(0.0)
}

/// Length of a beat in samples at a sample's tempo.
pub fn beat_samples(sample: usize) -> usize {
    let bar = bar_at(sample);
    let bpm = TEMPOS.iter().rev().find(|(first, _)| *first as f64 <= bar).unwrap_or(&TEMPOS[0]).1;
    samples(60.0 / bpm)
}

fn seconds_at(bar: f64) -> f64 {
    let mut seconds = LEAD_IN;
    for (index, (first, bpm)) in TEMPOS.iter().enumerate() {
        let end = TEMPOS.get(index + 1).map_or(f64::INFINITY, |(next, _)| *next as f64);
        seconds += (bar.min(end) - *first as f64).max(0.0) * bar_seconds(*bpm);
    }
    seconds
}

fn bar_seconds(bpm: f64) -> f64 {
    BEATS as f64 * 60.0 / bpm
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tempo_steps_at_a_downbeat() {
        let beat = |bar, step| sample_at(bar, step + 4.0) - sample_at(bar, step);
        assert!(beat(31, 12.0).abs_diff(samples(60.0 / 124.0)) <= 1);
        assert!(beat(32, 0.0).abs_diff(samples(60.0 / 140.0)) <= 1);
    }

    #[test]
    fn a_sample_knows_its_bar() {
        for bar in 0..48 {
            assert!((bar_at(sample_at(bar, 8.0)) - bar as f64 - 0.5).abs() < 1e-4, "bar {bar}");
        }
    }

    #[test]
    fn the_parts_follow_each_other_without_gaps() {
        assert!(PARTS.windows(2).all(|pair| pair[0].end == pair[1].first));
        assert_eq!(PARTS[5].end, LAST_BAR + 1);
    }
}
