//! Levelling for the moment: a level between the minimum and maximum of the last seconds.

use crate::Settings;

/// Scales a level to `0..=1` between a floor and a peak of the last eight seconds, so that a quiet breakdown moves as
/// much as the drop. Both are percentiles: one click or one gap changes nothing. Silence does not reset them.
#[derive(Clone, Debug)]
pub(crate) struct Swing {
    /// The minimum and maximum of each [`SLOT_SECONDS`] that was not silent.
    least: [f32; SLOTS],
    most: [f32; SLOTS],
    scratch: [f32; SLOTS],
    used: usize,
    at: usize,
    slot: (f32, f32),
    hops_left: usize,
    hops_a_slot: usize,
    target: (f32, f32),
    floor: f32,
    peak: f32,
    follows: f32,
    rises: f32,
    frozen: bool,
}

const SLOTS: usize = 80;
const SLOT_SECONDS: f64 = 0.1;
/// One in this many minima of the slots is below the floor; one in this many maxima is above the peak.
const BELOW: usize = 10;
const ABOVE: usize = 20;
/// The minimum distance from floor to peak, relative to a long view of 1: anything 28 dB below is not worth scaling up.
const LEAST_ROOM: f32 = 0.04;
/// The same relative to the peak: the ripple of a steady sound is not movement.
const LEAST_SHARE: f32 = 0.25;
/// A slot below this, relative to a long view of 1, is silent.
const SILENCE: f32 = 1e-3;
/// How fast floor and peak follow, and how fast the peak rises.
const FOLLOW_SECONDS: f64 = 0.5;
const RISE_SECONDS: f64 = 0.1;

impl Swing {
    /// A swing with the whole of the long view as its initial range.
    pub fn new(settings: &Settings) -> Self {
        let hops_a_slot = settings.hops(SLOT_SECONDS);
        Self {
            least: [0.0; SLOTS],
            most: [0.0; SLOTS],
            scratch: [0.0; SLOTS],
            used: 0,
            at: 0,
            slot: (f32::MAX, 0.0),
            hops_left: hops_a_slot,
            hops_a_slot,
            target: (0.0, 1.0),
            floor: 0.0,
            peak: 1.0,
            follows: 1.0 - settings.decay(FOLLOW_SECONDS),
            rises: 1.0 - settings.decay(RISE_SECONDS),
            frozen: false,
        }
    }

    /// Freezes or releases floor and peak.
    pub fn freeze(&mut self, frozen: bool) {
        self.frozen = frozen;
    }

    /// Takes an amplitude, relative to a long view of 1, and returns its place.
    pub fn ratio(&mut self, amplitude: f32) -> f32 {
        if !self.frozen {
            self.remember(amplitude);
            self.follow();
        }
        let room = (self.peak - self.floor).max(LEAST_SHARE * self.peak).max(LEAST_ROOM);
        let base = (self.peak - room).max(0.0);
        ((amplitude - base) / room).clamp(0.0, 1.0)
    }

    fn remember(&mut self, amplitude: f32) {
        self.slot = (self.slot.0.min(amplitude), self.slot.1.max(amplitude));
        self.hops_left -= 1;
        if self.hops_left > 0 {
            return;
        }
        self.hops_left = self.hops_a_slot;
        let (least, most) = std::mem::replace(&mut self.slot, (f32::MAX, 0.0));
        if most > SILENCE {
            (self.least[self.at], self.most[self.at]) = (least, most);
            self.at = (self.at + 1) % SLOTS;
            self.used = (self.used + 1).min(SLOTS);
            let peak = self.used - 1 - self.used / ABOVE;
            self.target = (
                percentile(&self.least[..self.used], &mut self.scratch, self.used / BELOW),
                percentile(&self.most[..self.used], &mut self.scratch, peak),
            );
        }
    }

    fn follow(&mut self) {
        let (floor, peak) = self.target;
        self.floor += (floor - self.floor) * self.follows;
        self.peak += (peak - self.peak) * if peak > self.peak { self.rises } else { self.follows };
    }
}

/// The value at a rank of `values`, from 0 for the smallest.
fn percentile(values: &[f32], scratch: &mut [f32; SLOTS], place: usize) -> f32 {
    let scratch = &mut scratch[..values.len()];
    scratch.copy_from_slice(values);
    *scratch.select_nth_unstable_by(place, f32::total_cmp).1
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOPS_A_SECOND: usize = 100;

    fn swing() -> Swing {
        Swing::new(&Settings { sample_rate: 48_000.0, hop: 480, ..Settings::default() })
    }

    /// Two strokes a second over a ground; returns the least and the most of the last second.
    fn strokes(swing: &mut Swing, gain: f32, seconds: usize) -> (f32, f32) {
        let stroke = |hop: usize| gain * (0.2 + 0.8 * (-((hop % 50) as f32) / 10.0).exp());
        let ratios: Vec<f32> = (0..seconds * HOPS_A_SECOND).map(|hop| swing.ratio(stroke(hop))).collect();
        let last = &ratios[ratios.len() - HOPS_A_SECOND..];
        last.iter().fold((1.0, 0.0), |(least, most), ratio| (ratio.min(least), ratio.max(most)))
    }

    #[test]
    fn a_breakdown_moves_as_much_as_the_drop() {
        let mut swing = swing();
        for gain in [1.0, 0.1, 1.0] {
            let (least, most) = strokes(&mut swing, gain, 12);
            assert!(least < 0.05 && most > 0.95, "{gain}: {least} to {most}");
        }
    }

    #[test]
    fn what_was_learnt_outlasts_silence() {
        let mut swing = swing();
        strokes(&mut swing, 0.2, 12);
        for _ in 0..600 * HOPS_A_SECOND {
            assert_eq!(swing.ratio(0.0), 0.0);
        }
        assert!(swing.ratio(0.2) > 0.95, "known from before the silence");
    }

    #[test]
    fn the_ripple_of_a_steady_sound_is_no_movement() {
        let mut swing = swing();
        let ratios: Vec<f32> = (0..2_000).map(|hop| swing.ratio(0.5 + 0.01 * (hop % 7) as f32)).collect();
        assert!(ratios[1_500..].iter().all(|ratio| *ratio > 0.5));
    }

    #[test]
    fn what_is_next_to_nothing_stays_dark() {
        let mut swing = swing();
        let (_, most) = strokes(&mut swing, 0.004, 20);
        assert!(most < 0.2, "{most}");
    }

    #[test]
    fn a_frozen_swing_stays_as_it_is() {
        let mut swing = swing();
        strokes(&mut swing, 1.0, 12);
        swing.freeze(true);
        let (_, most) = strokes(&mut swing, 0.3, 60);
        assert!(most < 0.3, "{most}");
    }
}
