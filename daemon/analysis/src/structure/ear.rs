//! The sound of a hop, in the few numbers that structure needs.

use crate::Settings;
use crate::frame::{Frame, MEL, Region};

/// A hop. Amplitudes are square roots of powers, so that a loud instant does not hide the rest of its beat.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    /// Its length in seconds.
    pub seconds: f32,
    /// The amplitude below [`LOW_HERTZ`] that is new within [`LAG_SECONDS`]: kicks and plucked basses rise, pads do
    /// not.
    pub rise: f32,
    /// The mean amplitude of the mel bands above the low end.
    pub full: f32,
    /// The amplitude of each mel band.
    pub mel: [f32; MEL],
    /// Mean square of the hop itself, not of a window.
    pub square: f32,
    /// Whether a sound starts in it.
    pub onset: bool,
    /// The power below [`DEEP_HERTZ`], where no voice reaches, and all power.
    pub deep: f32,
    pub power: f32,
}

/// The range of kicks and basses.
const LOW_HERTZ: f64 = 150.0;
/// Its lower limit: below there is only rumble.
const LEAST_HERTZ: f64 = 30.0;
/// The limit of the deepest voices.
const DEEP_HERTZ: f64 = 75.0;
/// Rise time of a kick through the window.
const LAG_SECONDS: f64 = 0.045;
/// The first mel band above the low end.
pub(super) const ABOVE_LOW: usize = 2;
/// The minimum strength of an onset, and the minimum time between two.
const ONSET: f32 = 0.12;
const PAUSE_SECONDS: f64 = 0.05;

/// Makes moments from hops.
pub(super) struct Ear {
    past: Vec<f32>,
    at: usize,
    seconds: f32,
    last: f32,
    since: usize,
    pause: usize,
}

impl Ear {
    pub fn new(settings: &Settings) -> Self {
        Self {
            past: vec![0.0; settings.hops(LAG_SECONDS)],
            at: 0,
            seconds: settings.hop_seconds() as f32,
            last: 0.0,
            since: usize::MAX,
            pause: settings.hops(PAUSE_SECONDS),
        }
    }

    pub fn process(&mut self, frame: &Frame) -> Moment {
        let bin = |hertz: f64| ((hertz / frame.bin_hertz()).round() as usize).min(frame.power().len());
        let low = frame.power()[bin(LEAST_HERTZ)..bin(LOW_HERTZ)].iter().sum::<f32>().sqrt();
        let before = self.past.iter().copied().fold(f32::MAX, f32::min);
        self.past[self.at] = low;
        self.at = (self.at + 1) % self.past.len();
        let mel = frame.mel().map(f32::sqrt);
        let above = &mel[ABOVE_LOW..];
        Moment {
            seconds: self.seconds,
            rise: (low - before).max(0.0),
            full: above.iter().sum::<f32>() / above.len() as f32,
            mel,
            square: frame.mono().iter().map(|x| x * x).sum::<f32>() / frame.mono().len() as f32,
            onset: self.pick(frame.strengths().of(Region::Full)),
            deep: frame.power()[..bin(DEEP_HERTZ)].iter().sum(),
            power: frame.power().iter().sum(),
        }
    }

    /// Whether a curve has just started to fall from a relevant peak.
    fn pick(&mut self, strength: f32) -> bool {
        let picked = self.last > ONSET && strength < self.last && self.since >= self.pause;
        self.since = if picked { 0 } else { self.since.saturating_add(1) };
        self.last = strength;
        picked
    }
}
