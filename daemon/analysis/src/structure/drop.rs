//! The kick and the bass come back.

use super::cell::Cells;
use super::ear::Moment;
use super::grid::Grid;
use crate::Settings;
use crate::field::COUNT_WRAP;

/// What a drop is judged by, beside the hop itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scene {
    pub build_up: f32,
    pub breakdown: f32,
    /// Beats for which it has lasted.
    pub broken_beats: f32,
    /// How hard the low end strikes and how full it sounds above in a usual beat.
    pub usual_rise: f32,
    pub usual_fullness: f32,
    /// How surely this is speech or applause.
    pub foreign: f32,
    /// How near the next phrase is, 0 to 1.
    pub phrase_near: f32,
}

/// Waits for the first kick of a drop.
pub(super) struct Drop {
    /// What has been built up and broken down, held over the rest before the drop.
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
    count: u16,
    pub debug: [f32; 6],
}

const SLOTS: usize = 40;
const SLOT_SECONDS: f32 = 0.05;
/// How long what led to the drop is held.
const HOLD_SECONDS: f64 = 1.5;
/// Two drops are at least so far apart.
const PAUSE_SECONDS: f32 = 10.0;
/// How fast the trigger falls to 1/e.
const TRIGGER_SECONDS: f64 = 0.06;

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
            count: 0,
            debug: [0.0; 6],
        }
    }

    /// Hears a hop, and says whether a drop begins in it.
    pub fn hear(&mut self, moment: &Moment, scene: &Scene, grid: &Grid, _cells: &Cells) -> bool {
        self.since += moment.seconds;
        self.build_up = scene.build_up.max(self.build_up * self.keeps);
        self.breakdown = (scene.breakdown * ramp(scene.broken_beats, 6.0, 14.0)).max(self.breakdown * self.keeps);
        let recent = self.recent(moment);
        let built = ramp(self.build_up, 0.35, 0.85);
        let ready = 1.0 - (1.0 - 0.95 * built) * (1.0 - 0.7 * self.breakdown);
        let ready = ready * (1.0 - scene.foreign);
        self.probability = ready * (0.4 + 0.6 * scene.phrase_near * scene.phrase_near);
        let (offset, downbeat) = grid.offset();
        let place = if grid.step().sure {
            let near = offset.abs() < 0.2;
            if near && downbeat { 1.0 } else if near { 0.8 } else { 0.62 }
        } else {
            0.8
        };
        let strike = moment.rise / scene.usual_rise.max(1e-6);
        let contrast = moment.rise / recent.max(1e-6);
        let full = moment.full / scene.usual_fullness.max(1e-6);
        // The low end has hardly been heard before.
        let first = 1.0 + 0.4 * ramp(strike, 2.0, 4.0);
        let impact = first * ramp(strike, 0.4, 0.7) * ramp(contrast, 1.2, 2.0) * ramp(full, 0.3, 0.6);
        self.debug = [ready, place, strike, contrast, full, impact];
        let dropped = self.since >= PAUSE_SECONDS && ready * place * impact > 0.45;
        if (strike>0.3 && self.since>1.0) && std::env::var("DBG2").is_ok() { eprintln!("  cand bu {:.2} bd {:.2} ready {:.2} place {:.2} strike {:.2} contrast {:.2} full {:.2} impact {:.2} off {:?}", self.build_up, self.breakdown, self.debug[0], self.debug[1], self.debug[2], self.debug[3], self.debug[4], self.debug[5], grid.offset()); }
        if dropped {
            if std::env::var("DBG").is_ok() { eprintln!("DROP bu {:.2} bd {:.2} ready {:.2} place {:.2} strike {:.2} contrast {:.2} full {:.2} impact {:.2} off {:?}", self.build_up, self.breakdown, self.debug[0], self.debug[1], self.debug[2], self.debug[3], self.debug[4], self.debug[5], grid.offset()); }
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

    /// The hardest rise of the last two seconds, without the last tenth.
    fn recent(&mut self, moment: &Moment) -> f32 {
        self.slot_seconds += moment.seconds;
        if self.slot_seconds >= SLOT_SECONDS {
            self.slot_seconds -= SLOT_SECONDS;
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

/// 0 up to one value, 1 from another on.
fn ramp(value: f32, none: f32, whole: f32) -> f32 {
    ((value - none) / (whole - none)).clamp(0.0, 1.0)
}
