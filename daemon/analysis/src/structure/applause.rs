//! Clapping hands.

use super::ear::Moment;
use crate::Settings;
use crate::frame::Frame;

pub(super) struct Applause {
    ratio: f32,
}

impl Applause {
    pub fn new(_settings: &Settings) -> Self {
        Self { ratio: 0.0 }
    }

    pub fn hear(&mut self, _moment: &Moment, _frame: &Frame) {}

    pub fn ratio(&self) -> f32 {
        self.ratio
    }
}
