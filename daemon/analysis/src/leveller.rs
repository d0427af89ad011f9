//! Automatic levelling with a memory of recent loudness.

use crate::Settings;

/// Scales a level to `0..=1` by the loudest of the last minute and a half, so that a breakdown stays quieter than the
/// drop before it. Silence resets nothing: time only counts while there is sound.
#[derive(Clone, Debug)]
pub(crate) struct Leveller {
    reference_db: f32,
    /// The loudest level of each [`SLOT_SECONDS`] that was not silent.
    slots: [f32; SLOTS],
    scratch: [f32; SLOTS],
    used: usize,
    at: usize,
    loudest_db: f32,
    hops_left: usize,
    hops_a_slot: usize,
    rise: f32,
    fall_db: f32,
    frozen: bool,
}

/// Length of the memory.
const SLOTS: usize = 360;
const SLOT_SECONDS: f64 = 0.25;
/// One in this many of the loudest slots is ignored: a click must not darken the next minute.
const OUTLIERS: usize = 60;
/// Below this there is silence.
const SILENCE_DB: f32 = -70.0;
/// How fast the reference falls when the music gets quieter for good.
const FALL_DB_A_SECOND: f64 = 1.0;
/// How fast it rises.
const RISE_SECONDS: f64 = 0.1;

impl Leveller {
    /// A leveller with an initial reference of `start_db`.
    pub fn new(start_db: f32, settings: &Settings) -> Self {
        let hops_a_slot = settings.hops(SLOT_SECONDS);
        Self {
            reference_db: start_db,
            slots: [SILENCE_DB; SLOTS],
            scratch: [SILENCE_DB; SLOTS],
            used: 0,
            at: 0,
            loudest_db: f32::MIN,
            hops_left: hops_a_slot,
            hops_a_slot,
            rise: 1.0 - settings.decay(RISE_SECONDS),
            fall_db: (FALL_DB_A_SECOND * settings.hop_seconds()) as f32,
            frozen: false,
        }
    }

    /// Whether the reference is frozen.
    pub fn freeze(&mut self, frozen: bool) {
        self.frozen = frozen;
    }

    /// Takes a level in decibels and returns its amplitude relative to the reference, at most 1. The reference is at
    /// least `least_db`, so that hiss in an empty band stays dark.
    pub fn ratio(&mut self, level_db: f32, least_db: f32) -> f32 {
        if !self.frozen {
            self.adapt(level_db);
        }
        let over = level_db - self.reference_db.max(least_db);
        10f32.powf(over.min(0.0) / 20.0)
    }

    /// The level of 1, in decibels.
    pub fn reference_db(&self) -> f32 {
        self.reference_db
    }

    fn adapt(&mut self, level_db: f32) {
        self.remember(level_db);
        let target = self.target(level_db);
        if target > self.reference_db {
            self.reference_db += (target - self.reference_db) * self.rise;
        } else if level_db > SILENCE_DB {
            self.reference_db = (self.reference_db - self.fall_db).max(target);
        }
    }

    fn target(&self, level_db: f32) -> f32 {
        match self.used {
            // No memory yet: the current level.
            0 => level_db.max(self.loudest_db),
            _ => self.scratch[0],
        }
    }

    fn remember(&mut self, level_db: f32) {
        self.loudest_db = self.loudest_db.max(level_db);
        self.hops_left -= 1;
        if self.hops_left > 0 {
            return;
        }
        self.hops_left = self.hops_a_slot;
        let loudest = std::mem::replace(&mut self.loudest_db, f32::MIN);
        if loudest > SILENCE_DB {
            self.slots[self.at] = loudest;
            self.at = (self.at + 1) % SLOTS;
            self.used = (self.used + 1).min(SLOTS);
            self.settle();
        }
    }

    /// Finds the loudest plausible slot, and keeps it at the head of the scratch.
    fn settle(&mut self) {
        let scratch = &mut self.scratch[..self.used];
        scratch.copy_from_slice(&self.slots[..self.used]);
        let place = self.used / OUTLIERS;
        let (_, loudest, _) = scratch.select_nth_unstable_by(place, |a, b| b.total_cmp(a));
        let loudest = *loudest;
        self.scratch[0] = loudest;
    }
}

/// A mean square in decibels, at least -120.
pub(crate) fn decibels(mean_square: f32) -> f32 {
    10.0 * mean_square.max(1e-12).log10()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOPS_A_SECOND: usize = 100;

    fn leveller() -> Leveller {
        Leveller::new(-24.0, &Settings { sample_rate: 48_000.0, hop: 480, ..Settings::default() })
    }

    fn process(leveller: &mut Leveller, level_db: f32, seconds: usize) -> f32 {
        (0..seconds * HOPS_A_SECOND).map(|_| leveller.ratio(level_db, -60.0)).last().unwrap()
    }

    #[test]
    fn a_breakdown_of_a_minute_stays_quieter_than_the_drop() {
        let mut leveller = leveller();
        assert!(process(&mut leveller, -12.0, 30) > 0.99);
        for _ in 0..60 {
            let breakdown = process(&mut leveller, -24.0, 1);
            assert!((breakdown - 0.25).abs() < 0.02, "{breakdown}");
        }
        assert!(process(&mut leveller, -12.0, 1) > 0.97);
    }

    #[test]
    fn a_quieter_evening_is_scaled_up_in_the_end() {
        let mut leveller = leveller();
        process(&mut leveller, -10.0, 30);
        assert!(process(&mut leveller, -30.0, 120) > 0.99);
    }

    #[test]
    fn silence_is_no_reason_to_forget() {
        let mut leveller = leveller();
        process(&mut leveller, -12.0, 30);
        assert!(process(&mut leveller, -120.0, 600) < 1e-5);
        assert!((process(&mut leveller, -24.0, 1) - 0.25).abs() < 0.02);
    }

    #[test]
    fn what_is_expected_outlasts_the_silence_before_the_first_sound() {
        let mut leveller = leveller();
        process(&mut leveller, -120.0, 60);
        assert!((leveller.ratio(-44.0, -60.0) - 0.1).abs() < 0.01);
    }

    #[test]
    fn a_click_does_not_darken_what_follows() {
        let mut leveller = leveller();
        process(&mut leveller, -20.0, 60);
        leveller.ratio(0.0, -60.0);
        assert!(process(&mut leveller, -20.0, 1) > 0.95);
    }

    #[test]
    fn a_frozen_reference_stays_whatever_is_heard_and_learns_again_when_released() {
        let mut leveller = leveller();
        process(&mut leveller, -20.0, 60);
        leveller.freeze(true);
        assert!((process(&mut leveller, -40.0, 300) - 0.1).abs() < 0.005);
        assert_eq!(process(&mut leveller, -5.0, 300), 1.0);
        assert!((process(&mut leveller, -26.0, 1) - 0.5).abs() < 0.02);
        leveller.freeze(false);
        assert!(process(&mut leveller, -40.0, 120) > 0.99);
    }

    #[test]
    fn hiss_below_the_least_reference_stays_dark() {
        let mut leveller = leveller();
        assert!(process(&mut leveller, -69.0, 200) < 0.4);
    }
}
