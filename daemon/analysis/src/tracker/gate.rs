//! Whether there is music at all.

use crate::frame::Frame;
use crate::leveller::decibels;
use crate::{Settings, State};

/// Decides the [`State`], with hysteresis in level and in time so that it does not flicker.
#[derive(Clone, Debug)]
pub(super) struct Gate {
    state: State,
    hop_seconds: f32,
    /// For how long nothing but digital zero, nothing audible, and no drive has been heard, in seconds.
    zero: f32,
    quiet: f32,
    undriven: f32,
    drive: f32,
    usual_drive: f32,
    drive_keeps: f32,
    usual_keeps: f32,
    usual_rises: f32,
}

/// No sample beyond this: nothing is connected. A microphone's own noise is louder.
const ZERO: f32 = 1e-5;
/// Silence begins below this level and ends above the other, in dBFS (mean square).
const SILENT_DB: f32 = -60.0;
const AUDIBLE_DB: f32 = -56.0;
const SILENT_SECONDS: f32 = State::SILENT_SECONDS as f32;
/// How fast the drive is forgotten: two beats without one are no breakdown.
const DRIVE_SECONDS: f64 = 1.5;
/// How fast the usual drive is learnt and forgotten.
const USUAL_RISE_SECONDS: f64 = 4.0;
const USUAL_SECONDS: f64 = 90.0;
/// A breakdown begins when this share of the usual drive is left for so long, and ends at the other share.
const BREAKDOWN: f32 = 0.4;
const DRIVEN: f32 = 0.6;
const BREAKDOWN_SECONDS: f32 = 1.0;

impl Gate {
    pub fn new(settings: &Settings) -> Self {
        Self {
            state: State::NoSignal,
            hop_seconds: settings.hop_seconds() as f32,
            zero: SILENT_SECONDS,
            quiet: SILENT_SECONDS,
            undriven: 0.0,
            drive: 0.0,
            usual_drive: 0.0,
            drive_keeps: settings.decay(DRIVE_SECONDS),
            usual_keeps: settings.decay(USUAL_SECONDS),
            usual_rises: 1.0 - settings.decay(USUAL_RISE_SECONDS),
        }
    }

    /// The hardest drive since the last hop.
    pub fn feel(&mut self, drive: f32) {
        self.drive = self.drive.max(drive);
    }

    /// Hears a hop.
    pub fn hear(&mut self, frame: &Frame) {
        let peak = frame.sides().into_iter().flatten().fold(0.0f32, |peak, x| peak.max(x.abs()));
        let mean_square = frame.mono().iter().map(|x| x * x).sum::<f32>() / frame.mono().len() as f32;
        self.zero = if peak < ZERO { self.zero + self.hop_seconds } else { 0.0 };
        let silent = matches!(self.state, State::Silence | State::NoSignal);
        let audible_db = if silent { AUDIBLE_DB } else { SILENT_DB };
        let quiet = decibels(mean_square) < audible_db;
        self.quiet = if quiet { self.quiet + self.hop_seconds } else { 0.0 };
        self.follow_drive();
        self.state = if self.zero >= SILENT_SECONDS {
            State::NoSignal
        } else if self.quiet >= SILENT_SECONDS {
            State::Silence
        } else if self.undriven >= BREAKDOWN_SECONDS {
            State::Breakdown
        } else {
            State::Playing
        };
    }

    fn follow_drive(&mut self) {
        self.drive *= self.drive_keeps;
        if self.quiet > 0.0 {
            return;
        }
        self.usual_drive *= self.usual_keeps;
        self.usual_drive += (self.drive - self.usual_drive).max(0.0) * self.usual_rises;
        let share = if self.state == State::Breakdown { DRIVEN } else { BREAKDOWN };
        self.undriven = if self.drive < share * self.usual_drive { self.undriven + self.hop_seconds } else { 0.0 };
    }

    pub fn state(&self) -> State {
        self.state
    }
}
