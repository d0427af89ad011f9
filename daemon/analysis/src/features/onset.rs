//! Onsets: something begins now.

use super::{Entry, Feature};
use crate::field::COUNT_WRAP;
use crate::frame::{Frame, Region};
use crate::{Field, Settings, Unit};

/// For the whole and three regions: a trigger that jumps to 1 at an onset and decays, and a count that steps by one, so
/// that an onset can be told even by who looks seldom.
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
/// capabilities of onset detection methods", ISMIR 2012: an onset is where the curve stands above its recent mean and
/// is the greatest of the last moments, unless one was picked just before. For the whole spectrum the net helps: what
/// the curve is too coarse for, a ghost note under a cymbal, it often hears.
#[derive(Clone, Debug)]
struct Picker {
    region: Region,
    recent: f32,
    mean: f32,
    mean_keeps: f32,
    recent_keeps: f32,
    /// What the net said last, and how sure of an onset it has lately been.
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

/// How far above its mean the curve must stand.
const THRESHOLD: f32 = 0.06;
/// The same while the net has lately been surer than [`LIVELY`] of an onset: in music, not in noise. Being believed
/// sooner makes the curve quicker.
const LIVELY_THRESHOLD: f32 = 0.025;
const LIVELY: f32 = 0.3;
/// How fast what the net was sure of falls to 1/e.
const LIVELY_SECONDS: f64 = 2.0;
/// How far it must at least stand for the net to be believed sooner.
const HINT: f32 = 0.01;
/// How sure the net must be, with and without a hint of the curve, and by how much it must have become surer.
const HINTED: f32 = 0.25;
const TOLD: f32 = 0.6;
const SURER: f32 = 0.05;
/// How long the mean remembers.
const MEAN_SECONDS: f64 = 0.1;
/// How long a greater value before keeps the curve from being picked.
const RECENT_SECONDS: f64 = 0.03;
/// The least time between two onsets: two strokes of a fast roll are 50 ms apart.
const PAUSE_SECONDS: f64 = 0.04;
/// The net's word comes up to 15 ms later than the curve's.
const TOLD_PAUSE_SECONDS: f64 = 0.045;
/// How fast the trigger falls to 1/e.
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

    /// Hears the curve of a hop, and what the net says where it has said something.
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
