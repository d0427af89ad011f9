//! Hits: strokes of kick, snare and hat, in a mix or solo.

use super::{Entry, Feature};
use crate::field::COUNT_WRAP;
use crate::frame::{Frame, Region};
use crate::rhythm::{RATE, Strokes};
use crate::{Field, Settings, Unit};

/// For each drum: a trigger that jumps to 1 at a hit and decays, a count that steps by one, the strength of the last
/// hit and its confidence. Detected by the net of strokes, mostly 10 to 25 ms after the stroke.
pub(super) const ENTRY: Entry = Entry {
    fields: &[
        Field::ratio("hit.kick"),
        Field::ratio("hit.snare"),
        Field::ratio("hit.hat"),
        count("hit-count.kick"),
        count("hit-count.snare"),
        count("hit-count.hat"),
        Field::ratio("hit-strength.kick"),
        Field::ratio("hit-strength.snare"),
        Field::ratio("hit-strength.hat"),
        Field::ratio("hit-confidence.kick"),
        Field::ratio("hit-confidence.snare"),
        Field::ratio("hit-confidence.hat"),
    ],
    build: |settings| Box::new(Hits(DRUMS.map(|drum| Striker::new(drum, settings)))),
};

const fn count(name: &'static str) -> Field {
    Field::scalar(name, Unit::Count, (0.0, (COUNT_WRAP - 1) as f32))
}

/// The settings of one drum.
#[derive(Clone, Copy)]
struct Drum {
    mark: fn(&Strokes) -> f32,
    /// The minimum likelihood.
    least: f32,
    /// The minimum relative to the surest recent strokes: rolls and brushes are never as sure as a backbeat, and beside
    /// a backbeat, half as sure is another drum.
    share: f32,
    /// The region of its strength.
    region: Region,
}

const DRUMS: [Drum; 3] = [
    Drum { mark: |strokes| strokes.kick, least: 0.45, share: 0.7, region: Region::Low },
    Drum { mark: |strokes| strokes.snare, least: 0.2, share: 0.53, region: Region::Mid },
    Drum { mark: |strokes| strokes.hat, least: 0.26, share: 0.0, region: Region::High },
];

struct Hits([Striker; DRUMS.len()]);

impl Feature for Hits {
    fn process(&mut self, frame: &Frame, values: &mut [f32]) {
        let mut parts = values.chunks_exact_mut(DRUMS.len());
        let mut part = || parts.next().unwrap_or_default();
        let (triggers, counts, strengths, confidences) = (part(), part(), part(), part());
        for (place, striker) in self.0.iter_mut().enumerate() {
            striker.process(frame);
            triggers[place] = striker.trigger;
            counts[place] = f32::from(striker.count);
            strengths[place] = striker.strength;
            confidences[place] = striker.confidence;
        }
    }
}

/// Waits for a mark to rise above its threshold.
struct Striker {
    drum: Drum,
    /// Ticks since the last hit.
    since: u32,
    /// Whether the mark has been low since then.
    ready: bool,
    /// The surest recent mark.
    surest: f32,
    surest_keeps: f32,
    last: f32,
    trigger: f32,
    trigger_keeps: f32,
    strength: f32,
    confidence: f32,
    count: u16,
}

/// The assumed confidence of a drum's strokes before the first.
const USUAL: f32 = 0.6;
/// How long a sure stroke is remembered, in seconds.
const SUREST_SECONDS: f64 = 10.0;
/// Minimum time between two hits of a drum: a fast roll.
const PAUSE_SECONDS: f64 = 0.05;
/// A mark that rises again by this much, without having been low, is another hit.
const AGAIN: f32 = 0.15;
/// Time in which the trigger falls to 1/e.
const TRIGGER_SECONDS: f64 = 0.06;

impl Striker {
    fn new(drum: Drum, settings: &Settings) -> Self {
        Self {
            drum,
            since: u32::MAX,
            ready: true,
            surest: USUAL,
            surest_keeps: (-1.0 / (RATE * SUREST_SECONDS)).exp() as f32,
            last: 0.0,
            trigger: 0.0,
            trigger_keeps: settings.decay(TRIGGER_SECONDS),
            strength: 0.0,
            confidence: 0.0,
            count: 0,
        }
    }

    fn process(&mut self, frame: &Frame) {
        self.trigger *= self.trigger_keeps;
        if self.trigger < 1e-3 {
            self.trigger = 0.0;
        }
        for tick in frame.ear().ticks() {
            let mark = (self.drum.mark)(&tick.strokes);
            self.since = self.since.saturating_add(1);
            let threshold = (self.drum.share * self.surest).max(self.drum.least);
            self.surest = (self.surest * self.surest_keeps).max(mark);
            self.ready |= mark < threshold || mark > self.last + AGAIN;
            if mark >= threshold && self.ready && f64::from(self.since) >= PAUSE_SECONDS * RATE {
                self.strike(mark);
            }
            self.last = mark;
            if self.since <= 2 {
                // Mark and sound keep rising for two ticks.
                self.confidence = self.confidence.max(mark);
                self.strength = self.strength.max(frame.strengths().of(self.drum.region));
            }
        }
    }

    fn strike(&mut self, mark: f32) {
        self.ready = false;
        self.since = 0;
        self.trigger = 1.0;
        self.count = (self.count + 1) % COUNT_WRAP;
        self.confidence = mark;
        self.strength = 0.0;
    }
}
