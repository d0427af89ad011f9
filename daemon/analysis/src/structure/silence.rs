//! Silence.

use super::ear::Moment;
use crate::Settings;
use crate::leveller::decibels;

/// Follows the level into silence, slowly enough for a rest in the music.
pub(super) struct Silence {
    ratio: f32,
    /// Seconds of silence so far.
    seconds: f32,
    falls: f32,
    rises: f32,
}

/// Silence fades in between these levels, in dBFS.
const AUDIBLE_DB: f32 = -58.0;
const SILENT_DB: f32 = -64.0;
/// Time to accept it, and to end it.
const RISE_SECONDS: f64 = 0.6;
const FALL_SECONDS: f64 = 0.05;
/// The longest rest in the music.
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

    /// Whether the silence is long enough to end the piece; before a drop there may be a bar of rest.
    pub fn is_long(&self) -> bool {
        self.seconds >= LONG_SECONDS
    }

    pub fn ratio(&self) -> f32 {
        self.ratio
    }
}
