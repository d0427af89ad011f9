//! Settings of an analyser.

use thiserror::Error;

/// Settings for the analysis of one bus. Checked by [`Analyzer::new`](crate::Analyzer::new).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Samples per second and channel, 8,000 to 192,000.
    pub sample_rate: f64,
    /// Samples per hop, 64 to 1024: the update interval. Does not affect the beat tracker.
    pub hop: usize,
    /// Slowest and fastest tempo that the tracker may report, in beats per minute, within 30 to 300. At least a factor
    /// of
    /// 1.2 apart.
    pub tempo_range: (f64, f64),
}

impl Default for Settings {
    fn default() -> Self {
        Self { sample_rate: 48_000.0, hop: 256, tempo_range: (60.0, 200.0) }
    }
}

/// Why [`Settings`] were refused.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
pub enum SettingsError {
    /// The sample rate is out of range or not a number.
    #[error("cannot analyse a sample rate of {0} Hz: run the audio server at 8000 to 192000 Hz")]
    SampleRate(f64),
    /// The hop is out of range.
    #[error("cannot analyse a hop of {0} samples: choose 64 to 1024")]
    Hop(usize),
    /// The tempo range is empty, too narrow, out of range, or not made of numbers.
    #[error(
        "a tempo range of {0} to {1} BPM cannot be tracked: choose two tempi from 30 to 300 BPM, the second at least \
         1.2 times the first"
    )]
    TempoRange(f64, f64),
}

impl Settings {
    /// Minimum ratio of the ends of the tempo range.
    const LEAST_RANGE: f64 = 1.2;

    pub(crate) fn check(&self) -> Result<(), SettingsError> {
        if !(8_000.0..=192_000.0).contains(&self.sample_rate) {
            return Err(SettingsError::SampleRate(self.sample_rate));
        }
        if !(64..=1024).contains(&self.hop) {
            return Err(SettingsError::Hop(self.hop));
        }
        let (slow, fast) = self.tempo_range;
        let possible = 30.0..=300.0;
        if !(possible.contains(&slow) && possible.contains(&fast) && fast >= slow * Self::LEAST_RANGE) {
            return Err(SettingsError::TempoRange(slow, fast));
        }
        Ok(())
    }

    /// Seconds from one hop to the next.
    pub(crate) fn hop_seconds(&self) -> f64 {
        self.hop as f64 / self.sample_rate
    }

    /// Hops in a duration, at least one.
    pub(crate) fn hops(&self, seconds: f64) -> usize {
        ((seconds / self.hop_seconds()).round() as usize).max(1)
    }

    /// The factor per hop that falls to 1/e in `seconds`.
    pub(crate) fn decay(&self, seconds: f64) -> f32 {
        (-self.hop_seconds() / seconds).exp() as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_out_of_range_is_refused_by_name() {
        let good = Settings::default();
        assert_eq!(good.check(), Ok(()));
        for sample_rate in [7_999.0, 192_001.0, 0.0, -48_000.0, f64::INFINITY] {
            let refused = Settings { sample_rate, ..good }.check();
            assert_eq!(refused, Err(SettingsError::SampleRate(sample_rate)));
        }
        assert!(matches!(Settings { sample_rate: f64::NAN, ..good }.check(), Err(SettingsError::SampleRate(_))));
        for hop in [0, 63, 1025] {
            assert_eq!(Settings { hop, ..good }.check(), Err(SettingsError::Hop(hop)));
        }
        for tempo_range in [(120.0, 120.0), (180.0, 90.0), (29.0, 200.0), (60.0, 301.0), (f64::NAN, 200.0)] {
            let refused = Settings { tempo_range, ..good }.check();
            assert!(matches!(refused, Err(SettingsError::TempoRange(..))), "{tempo_range:?}");
        }
    }
}
