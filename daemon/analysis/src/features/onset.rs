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
    fn hear(&mut self, frame: &Frame, values: &mut [f32]) {
        let (triggers, counts) = values.split_at_mut(Region::ALL.len());
        for ((picker, trigger), count) in self.0.iter_mut().zip(triggers).zip(counts) {
            let told = match picker.region {
                Region::Full => frame.ear().ticks().iter().map(|tick| tick.marks.onset).fold(-1.0, f32::max),
                _ => -1.0,
            };
            picker.hear(frame.strengths().of(picker.region), told);
            *trigger = picker.trigger;
            *count = f32::from(picker.count);
        }
    }
}

/// Picks the onsets of a curve without looking ahead, after S. Böck, F. Krebs, M. Schedl: "Evaluating the online
/// capabilities of onset detection methods", ISMIR 2012: an onset is where the curve stands above its recent mean and
/// is the greatest of the last moments, unless one was picked just before.
#[derive(Clone, Debug)]
struct Picker {
    region: Region,
    recent: f32,
    mean: f32,
    mean_keeps: f32,
    recent_keeps: f32,
    since: usize,
    pause: usize,
    trigger: f32,
    trigger_keeps: f32,
    count: u16,
    knobs: [f32; 4],
    told: f32,
    hold: usize,
}

/// How far above its mean the curve must stand.
const THRESHOLD: f32 = 0.05;
/// How long the mean remembers.
const MEAN_SECONDS: f64 = 0.1;
/// How long a greater value before keeps the curve from being picked.
const RECENT_SECONDS: f64 = 0.03;
/// The least time between two onsets: two strokes of a fast roll are 50 ms apart.
const PAUSE_SECONDS: f64 = 0.04;
/// How fast the trigger falls to 1/e.
const TRIGGER_SECONDS: f64 = 0.06;

impl Picker {
    fn new(region: Region, settings: &Settings) -> Self {
        Self {
            region,
            recent: 0.0,
            mean: 0.0,
            mean_keeps: settings.decay(crate::knob("OMEAN", MEAN_SECONDS)),
            recent_keeps: settings.decay(crate::knob("ORECENT", RECENT_SECONDS)),
            since: usize::MAX,
            pause: settings.hops(crate::knob("OPAUSE", PAUSE_SECONDS)),
            trigger: 0.0,
            trigger_keeps: settings.decay(TRIGGER_SECONDS),
            count: 0,
            knobs: [crate::knob("OTHR", 0.05) as f32, crate::knob("ONET", 0.5) as f32, crate::knob("ORISE", 0.05) as f32, crate::knob("OGATE", -2.0) as f32],
            told: 0.0,
            hold: settings.hops(crate::knob("OHOLD", 0.045)),
        }
    }

    fn last_told(&self) -> f32 {
        self.told
    }

    fn hear(&mut self, strength: f32, told: f32) {
        let picked = strength > self.mean + self.knobs[0] && strength >= self.recent && self.since >= self.pause;
        let need = if strength > self.mean + crate::knob("OLOW", 9.0) as f32 { crate::knob("OMID", 0.3) as f32 } else { self.knobs[1] };
        let told_now = told >= need && told > self.told + self.knobs[2] && self.since >= self.hold;
        if told >= 0.0 { self.told = told; }
        let picked = picked && (self.region != Region::Full || self.last_told() > self.knobs[3] ) || told_now;
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
}
