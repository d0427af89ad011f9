//! Somebody speaks.

use super::ear::Moment;
use crate::Settings;

pub(super) struct Speech {
    ratio: f32,
}

impl Speech {
    pub fn new(_settings: &Settings) -> Self {
        Self { ratio: 0.0 }
    }

    pub fn hear(&mut self, _moment: &Moment) {}

    pub fn ratio(&self) -> f32 {
        self.ratio
    }
}
