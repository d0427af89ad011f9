//! Detects music.

use super::pad::Pad;
use crate::frame::Frame;
use crate::leveller::decibels;
use crate::{Pulse, Settings, State};

/// Decides the [`State`], with hysteresis in level and time against flicker. A loud sound is not yet music: people,
/// applause, hum and hiss are not, at any level; and music stays music with people talking over it.
#[derive(Clone, Debug)]
pub(super) struct Gate {
    state: State,
    hop_seconds: f32,
    /// How long there has been only digital zero, nothing audible, and no drive, in seconds.
    zero: f32,
    quiet: f32,
    undriven: f32,
    drive: f32,
    usual_drive: f32,
    drive_keeps: f32,
    usual_keeps: f32,
    usual_rises: f32,
    /// The usual mean square, and how long it has been far below it, in seconds.
    usual_level: f32,
    level_rises: f32,
    level_falls: f32,
    hushed: f64,
    pad: Pad,
    /// Whether there is music.
    musical: bool,
    /// Time since there was last music, in seconds.
    absent: f64,
}

/// The evidence of the trained ear.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ear {
    /// The likelihood of music with a beat, now and over the last half second.
    pub music: (f32, f32),
    /// Whether there is a pulse, whatever it sounds like.
    pub steady: bool,
    /// Seconds since a beat was last heard.
    pub missed: f64,
    /// Length of a beat and of a bar in seconds.
    pub beat: f64,
    pub bar: f64,
}

/// A silence of this many seconds is more than a gap between two beats.
const GAP_SECONDS: f32 = 0.3;
/// How fast the usual level is learnt and forgotten.
const LEVEL_RISE_SECONDS: f64 = 1.0;
const LEVEL_FALL_SECONDS: f64 = 20.0;
/// A level this far below, 24 dB, does not belong to this song: an idle room, say.
const HUSHED: f32 = 0.004;

/// Maximum sample without a connection. A microphone's own noise is louder.
const ZERO: f32 = 1e-5;
/// Silence starts below this level and ends above the other, in dBFS (mean square).
const SILENT_DB: f32 = -60.0;
const AUDIBLE_DB: f32 = -56.0;
const SILENT_SECONDS: f32 = State::SILENT_SECONDS as f32;
/// Time constant of the drive: two beats without drive are not a breakdown.
const DRIVE_SECONDS: f64 = 1.5;
/// How fast the usual drive is learnt and forgotten.
const USUAL_RISE_SECONDS: f64 = 4.0;
const USUAL_SECONDS: f64 = 90.0;
/// A breakdown starts when this share of the usual drive remains for this long, and ends at the other share.
const BREAKDOWN: f32 = 0.4;
const DRIVEN: f32 = 0.6;
const BREAKDOWN_SECONDS: f32 = 1.0;
/// Music starts at this likelihood, and ends below the other after this many beats without one …
const MUSIC: f32 = 0.5;
const NO_MUSIC: f32 = 0.35;
const MISSED_BEATS: f64 = 1.5;
/// … and, unless it is surely music, after a whole bar without a beat: pads that carry a breakdown are sure.
const CARRIED: f32 = 0.9;

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
            usual_level: 0.0,
            level_rises: 1.0 - settings.decay(LEVEL_RISE_SECONDS),
            level_falls: 1.0 - settings.decay(LEVEL_FALL_SECONDS),
            hushed: 0.0,
            pad: Pad::new(settings),
            musical: false,
            absent: f64::INFINITY,
        }
    }

    /// The hardest drive since the last hop.
    pub fn feel(&mut self, drive: f32) {
        self.drive = self.drive.max(drive);
    }

    /// Takes a hop.
    pub fn process(&mut self, frame: &Frame, ear: Ear) {
        let peak = frame.sides().into_iter().flatten().fold(0.0f32, |peak, x| peak.max(x.abs()));
        let mean_square = frame.mono().iter().map(|x| x * x).sum::<f32>() / frame.mono().len() as f32;
        self.zero = if peak < ZERO { self.zero + self.hop_seconds } else { 0.0 };
        let silent = self.quiet >= SILENT_SECONDS;
        let audible_db = if silent { AUDIBLE_DB } else { SILENT_DB };
        let quiet = decibels(mean_square) < audible_db;
        self.quiet = if quiet { self.quiet + self.hop_seconds } else { 0.0 };
        self.follow_drive();
        self.follow_level(mean_square);
        let (now, lately) = ear.music;
        self.pad.process(frame);
        let held = self.pad.is_held();
        let gone = lately < NO_MUSIC && ear.missed >= MISSED_BEATS * ear.beat && !held && !ear.steady;
        let missed = ear.missed.max(self.hushed);
        let carried = (lately >= CARRIED || held) && self.quiet < GAP_SECONDS;
        let over = missed >= ear.bar - Pulse::BAR_ENDS_BEATS * ear.beat && !carried;
        self.musical =
            if self.musical { !(gone || over) } else { (ear.steady || now >= MUSIC && lately >= NO_MUSIC) && !over };
        self.absent = match self.musical {
            true if self.quiet <= 0.0 => 0.0,
            // A gap between two beats is not an end.
            true if self.quiet < GAP_SECONDS => self.absent + f64::from(self.hop_seconds),
            // Music found to be over ended with the last beat heard.
            _ => missed.max(self.absent + f64::from(self.hop_seconds)),
        };
        self.state = if self.zero >= SILENT_SECONDS {
            State::NoSignal
        } else if self.quiet >= SILENT_SECONDS || !self.musical {
            State::Silence
        } else if self.undriven >= BREAKDOWN_SECONDS {
            State::Breakdown
        } else {
            State::Playing
        };
    }

    fn follow_level(&mut self, mean_square: f32) {
        let speed = if mean_square > self.usual_level { self.level_rises } else { self.level_falls };
        self.usual_level += (mean_square - self.usual_level) * speed;
        let hushed = mean_square < HUSHED * self.usual_level;
        self.hushed = if hushed { self.hushed + f64::from(self.hop_seconds) } else { 0.0 };
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

    /// Time since there was last music, in seconds, as far as known now.
    pub fn absent(&self) -> f64 {
        self.absent
    }
}
