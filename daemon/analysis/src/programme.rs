//! The level of the programme, to make results independent of gain.

/// Follows the mean of a spectrum's bands, quickly up and slowly down, and returns the factor for them before a
/// logarithmic compression.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Programme {
    reference: f32,
    least: f32,
    rise: f32,
    fall: f32,
}

/// The level of near silence in a band below the programme's mean amplitude, as a factor (34 dB).
const COMPRESSION: f32 = 50.0;
/// How fast the level follows the programme, up and down.
const RISE_SECONDS: f64 = 0.2;
const FALL_SECONDS: f64 = 8.0;

impl Programme {
    /// For spectra every `step` seconds. Programme below the mean amplitude `least` is not scaled up further.
    pub fn new(step: f64, least: f32) -> Self {
        let share = |seconds: f64| 1.0 - (-step / seconds).exp() as f32;
        Self { reference: least, least, rise: share(RISE_SECONDS), fall: share(FALL_SECONDS) }
    }

    /// Takes the bands of a spectrum and returns their factor. Realtime-safe: yes.
    pub fn scale(&mut self, bands: &[f32]) -> f32 {
        let level = bands.iter().sum::<f32>() / bands.len() as f32;
        let speed = if level > self.reference { self.rise } else { self.fall };
        self.reference = (self.reference + (level - self.reference) * speed).max(self.least);
        COMPRESSION / self.reference
    }
}
