//! Drops: kick and bass return.

use super::ear::Moment;
use super::grid::Grid;
use super::ramp;
use crate::Settings;
use crate::field::COUNT_WRAP;

/// The context of a drop, besides the hop itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scene {
    pub build_up: f32,
    pub breakdown: f32,
    /// Its length in beats.
    pub broken_beats: f32,
    /// The strength of the low end and the fullness above it in a usual beat.
    pub usual_rise: f32,
    pub usual_fullness: f32,
    /// The likelihood of speech or applause.
    pub foreign: f32,
    /// The nearness of the next phrase, 0 to 1.
    pub phrase_near: f32,
}

/// Detects the first kick of a drop.
pub(super) struct Drop {
    /// The build-up and breakdown so far, held over the rest before the drop.
    build_up: f32,
    breakdown: f32,
    keeps: f32,
    /// The hardest rise in the low end of each [`SLOT_SECONDS`].
    slots: [f32; SLOTS],
    slot: usize,
    slot_seconds: f32,
    /// Seconds since the last drop.
    since: f32,
    probability: f32,
    trigger: f32,
    trigger_keeps: f32,
    /// The recent fullness: a kick's click comes before its weight.
    full: f32,
    full_keeps: f32,
    count: u16,
}

const SLOTS: usize = 26;
const SLOT_SECONDS: f32 = 0.05;
/// How long the lead-up to the drop is held.
const HOLD_SECONDS: f64 = 1.5;
/// Minimum time between two drops.
const PAUSE_SECONDS: f32 = 6.0;
/// Time constant of the fullness.
const FULL_SECONDS: f64 = 0.1;
/// Time in which the trigger falls to 1/e.
const TRIGGER_SECONDS: f64 = 0.06;

/// The range of progress in which a build-up makes a drop likely, and its likelihood.
const BUILT: (f32, f32) = (0.35, 0.85);
const BUILT_TRUST: f32 = 0.95;
/// The range of beats in which a breakdown makes a drop likely, and its likelihood.
const BROKEN_BEATS: (f32, f32) = (6.0, 14.0);
const BROKEN_TRUST: f32 = 0.75;
/// The share of the likelihood left far from the next phrase.
const FAR: f32 = 0.4;
/// The product of likelihood, place and impact that counts as a drop.
const ENOUGH: f32 = 0.45;
/// The minimum amplitude for comparisons.
const LEAST: f32 = 1e-6;

impl Drop {
    pub fn new(settings: &Settings) -> Self {
        Self {
            build_up: 0.0,
            breakdown: 0.0,
            keeps: settings.decay(HOLD_SECONDS),
            slots: [0.0; SLOTS],
            slot: 0,
            slot_seconds: 0.0,
            since: PAUSE_SECONDS,
            probability: 0.0,
            trigger: 0.0,
            trigger_keeps: settings.decay(TRIGGER_SECONDS),
            full: 0.0,
            full_keeps: settings.decay(FULL_SECONDS),
            count: 0,
        }
    }

    /// Takes a hop; returns whether a drop starts in it.
    pub fn process(&mut self, moment: &Moment, scene: &Scene, grid: &Grid) -> bool {
        self.since += moment.seconds;
        self.build_up = scene.build_up.max(self.build_up * self.keeps);
        let broken = scene.breakdown * ramp(scene.broken_beats, BROKEN_BEATS.0, BROKEN_BEATS.1);
        self.breakdown = broken.max(self.breakdown * self.keeps);
        let built = ramp(self.build_up, BUILT.0, BUILT.1);
        let ready = 1.0 - (1.0 - BUILT_TRUST * built) * (1.0 - BROKEN_TRUST * self.breakdown);
        let ready = ready * (1.0 - scene.foreign);
        self.probability = ready * (FAR + (1.0 - FAR) * scene.phrase_near * scene.phrase_near);
        let impact = self.impact(moment, scene, built);
        let dropped = self.since >= PAUSE_SECONDS && ready * place(grid) * impact > ENOUGH;
        if dropped {
            self.since = 0.0;
            self.count = (self.count + 1) % COUNT_WRAP;
            self.trigger = 1.0;
            (self.build_up, self.breakdown, self.probability) = (0.0, 0.0, 0.0);
        } else {
            self.trigger *= self.trigger_keeps;
            if self.trigger < 1e-3 {
                self.trigger = 0.0;
            }
        }
        dropped
    }

    /// How much this hop is like the first kick of a drop: the low end is as strong as with drums, and has not been for
    /// a while, and the whole is full. Without a build-up it must be as full as the music before.
    fn impact(&mut self, moment: &Moment, scene: &Scene, built: f32) -> f32 {
        let recent = self.recent(moment);
        self.full = moment.full.max(self.full * self.full_keeps);
        let strike = moment.rise / scene.usual_rise.max(LEAST);
        let contrast = moment.rise / recent.max(LEAST);
        let full = self.full / scene.usual_fullness.max(LEAST);
        // The first drop of a set: hardly any low end so far.
        let first = 1.0 + 0.4 * ramp(strike, 2.0, 4.0);
        first * ramp(strike, 0.4, 0.7) * ramp(contrast, 1.2, 2.0) * ramp(full, 0.6 - 0.3 * built, 0.95 - 0.35 * built)
    }

    /// The hardest rise of the last second or more, without the last tenth.
    fn recent(&mut self, moment: &Moment) -> f32 {
        self.slot_seconds += moment.seconds;
        if self.slot_seconds >= SLOT_SECONDS {
            self.slot_seconds %= SLOT_SECONDS;
            self.slot = (self.slot + 1) % SLOTS;
            self.slots[self.slot] = 0.0;
        }
        self.slots[self.slot] = self.slots[self.slot].max(moment.rise);
        (2..SLOTS).map(|back| self.slots[(self.slot + SLOTS - back) % SLOTS]).fold(0.0, f32::max)
    }

    pub fn trigger(&self) -> f32 {
        self.trigger
    }

    pub fn count(&self) -> u16 {
        self.count
    }

    pub fn probability(&self) -> f32 {
        self.probability
    }
}

/// How well a drop fits here: on a downbeat, on another beat, or in between. After a long breakdown the beat may be
/// wrong, so even an offbeat drop still counts.
fn place(grid: &Grid) -> f32 {
    let (offset, downbeat) = grid.offset();
    match (grid.step().sure, offset.abs() < NEAR_BEATS, downbeat) {
        (false, ..) => 0.8,
        (true, true, true) => 1.0,
        (true, true, false) => 0.8,
        (true, false, _) => 0.65,
    }
}

/// The distance that counts as on the beat.
const NEAR_BEATS: f32 = 0.2;
