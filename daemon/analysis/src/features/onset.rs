//! Onsets: the start of a sound.

use super::{Entry, Feature};
use crate::field::COUNT_WRAP;
use crate::frame::{Frame, Region};
use crate::{Field, Settings, Unit};

/// For the whole and three regions: a trigger that jumps to 1 at an onset and decays, and a count that steps by one, so
/// that slow readers do not miss one.
pub(super) const ENTRY: Entry = Entry {
    fields: &[
        Field::ratio("onset.full"),
        Field::ratio("onset.low"),
        Field::ratio("onset.mid"),
        Field::ratio("onset.high"),
        count("onset-count.full"),
        count("onset-count.low"),
        count("onset-count.mid"),
        count("onset-count.high"),
    ],
    build: |settings| Box::new(Onsets(Region::ALL.map(|region| Picker::new(region, settings)))),
};

const fn count(name: &'static str) -> Field {
    Field::scalar(name, Unit::Count, (0.0, (COUNT_WRAP - 1) as f32))
}

struct Onsets([Picker; 4]);

impl Feature for Onsets {
    fn process(&mut self, frame: &Frame, values: &mut [f32]) {
        let (triggers, counts) = values.split_at_mut(Region::ALL.len());
        for ((picker, trigger), count) in self.0.iter_mut().zip(triggers).zip(counts) {
            let told = match picker.region {
                Region::Full => frame.ear().ticks().iter().map(|tick| tick.marks.onset).reduce(f32::max),
                _ => None,
            };
            picker.process(frame.strengths().of(picker.region), told);
            *trigger = picker.trigger;
            *count = f32::from(picker.count);
        }
    }
}

/// Picks the onsets of a curve without looking ahead, after S. Böck, F. Krebs, M. Schedl: "Evaluating the online
/// capabilities of onset detection methods", ISMIR 2012: an onset is where the curve is above its recent mean and is
/// the recent maximum, unless one was picked just before. For the whole spectrum the net helps: it often hears what the
/// curve is too coarse for, such as a ghost note under a cymbal.
#[derive(Clone, Debug)]
struct Picker {
    region: Region,
    recent: f32,
    mean: f32,
    mean_keeps: f32,
    recent_keeps: f32,
    /// The last output of the net, and its recent maximum.
    told: f32,
    lively: f32,
    lively_keeps: f32,
    since: usize,
    pause: usize,
    told_pause: usize,
    trigger: f32,
    trigger_keeps: f32,
    count: u16,
}

/// How far the curve must exceed its mean.
const THRESHOLD: f32 = 0.06;
/// The same while the net has recently been surer than [`LIVELY`] of an onset: in music, not in noise. The lower
/// threshold makes the curve quicker.
const LIVELY_THRESHOLD: f32 = 0.025;
const LIVELY: f32 = 0.3;
/// Time in which the net's recent maximum falls to 1/e.
const LIVELY_SECONDS: f64 = 2.0;
/// How far the curve must exceed its mean for the net to be trusted sooner.
const HINT: f32 = 0.01;
/// How sure the net must be, with and without support by the curve, and its minimum rise.
const HINTED: f32 = 0.25;
const TOLD: f32 = 0.6;
const SURER: f32 = 0.05;
/// Time constant of the mean.
const MEAN_SECONDS: f64 = 0.1;
/// How long an earlier, greater value prevents a pick.
const RECENT_SECONDS: f64 = 0.03;
/// Minimum time between two onsets: two strokes of a fast roll are 50 ms apart.
const PAUSE_SECONDS: f64 = 0.04;
/// The net lags the curve by up to 15 ms.
const TOLD_PAUSE_SECONDS: f64 = 0.045;
/// Time in which the trigger falls to 1/e.
const TRIGGER_SECONDS: f64 = 0.06;

impl Picker {
    fn new(region: Region, settings: &Settings) -> Self {
        Self {
            region,
            recent: 0.0,
            mean: 0.0,
            mean_keeps: settings.decay(MEAN_SECONDS),
            recent_keeps: settings.decay(RECENT_SECONDS),
            told: 0.0,
            lively: 0.0,
            lively_keeps: settings.decay(LIVELY_SECONDS),
            since: usize::MAX,
            pause: settings.hops(PAUSE_SECONDS),
            told_pause: settings.hops(TOLD_PAUSE_SECONDS),
            trigger: 0.0,
            trigger_keeps: settings.decay(TRIGGER_SECONDS),
            count: 0,
        }
    }

    /// Takes the curve of a hop, and the net's output if there is one.
    fn process(&mut self, strength: f32, told: Option<f32>) {
        let over = strength - self.mean;
        let threshold = if self.lively > LIVELY { LIVELY_THRESHOLD } else { THRESHOLD };
        let seen = over > threshold && strength >= self.recent && self.since >= self.pause;
        let picked = seen || told.is_some_and(|told| self.is_told(over, told));
        self.told = told.unwrap_or(self.told);
        self.lively = self.told.max(self.lively * self.lively_keeps);
        self.recent = strength.max(self.recent * self.recent_keeps);
        self.mean = strength + (self.mean - strength) * self.mean_keeps;
        if picked {
            self.since = 0;
            self.count = (self.count + 1) % COUNT_WRAP;
            self.trigger = 1.0;
        } else {
            self.since = self.since.saturating_add(1);
            self.trigger *= self.trigger_keeps;
            if self.trigger < 1e-3 {
                self.trigger = 0.0;
            }
        }
    }

    fn is_told(&self, over: f32, told: f32) -> bool {
        let enough = if over > HINT { HINTED } else { TOLD };
        told >= enough && told > self.told + SURER && self.since >= self.told_pause
    }
}
