//! Nothing to hear.

use super::ear::Moment;
use crate::Settings;
use crate::leveller::decibels;

/// Follows the level into silence, slowly enough for a rest in the music.
pub(super) struct Silence {
    ratio: f32,
    /// Seconds for which it has been silent.
    seconds: f32,
    falls: f32,
    rises: f32,
}

/// Between these levels, in dBFS, it is more and more silent.
const AUDIBLE_DB: f32 = -58.0;
const SILENT_DB: f32 = -64.0;
/// How long it takes to believe it, and to end it.
const RISE_SECONDS: f64 = 0.6;
const FALL_SECONDS: f64 = 0.05;
/// A rest in the music is shorter.
const LONG_SECONDS: f32 = 2.5;

impl Silence {
    pub fn new(settings: &Settings) -> Self {
        Self {
            ratio: 1.0,
            seconds: LONG_SECONDS,
            falls: 1.0 - settings.decay(FALL_SECONDS),
            rises: 1.0 - settings.decay(RISE_SECONDS),
        }
    }

    pub fn process(&mut self, moment: &Moment) {
        let target = ((AUDIBLE_DB - decibels(moment.square)) / (AUDIBLE_DB - SILENT_DB)).clamp(0.0, 1.0);
        let speed = if target > self.ratio { self.rises } else { self.falls };
        self.ratio += (target - self.ratio) * speed;
        self.seconds = if self.ratio > 0.5 { (self.seconds + moment.seconds).min(LONG_SECONDS) } else { 0.0 };
    }

    /// Whether it is silent for so long that the piece is over; before a drop there may be a bar of rest.
    pub fn is_long(&self) -> bool {
        self.seconds >= LONG_SECONDS
    }

    pub fn ratio(&self) -> f32 {
        self.ratio
    }
}
