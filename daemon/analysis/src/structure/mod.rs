//! The form of the piece: sections, build-ups, drops, breakdowns, phrases, and anything but music.
//!
//! Everything here is causal. [`Grid`] turns the pulse into beats, or into half seconds where there is no beat; each
//! becomes a [`Cell`] of what was heard during it, and the parts judge the row of cells. Only [`Drop`] listens
//! to every hop, because a drop must be told with its first kick.

mod applause;
mod breakdown;
mod buildup;
mod cell;
mod drop;
mod ear;
mod grid;
mod phrase;
mod sections;
mod silence;
mod speech;

use crate::field::COUNT_WRAP;
use crate::frame::Frame;
use crate::{Field, Pulse, Settings, Unit};
use applause::Applause;
use breakdown::Breakdown;
use buildup::BuildUp;
use cell::{Cells, Gathering};
use drop::{Drop, Scene};
use ear::Ear;
use grid::Grid;
use phrase::Phrase;
use sections::Sections;
use silence::Silence;
use speech::Speech;

/// The fields of [`Structure`], in order.
pub(crate) const FIELDS: &[Field] = &[
    count("section-count"),
    Field::ratio("section-novelty"),
    Field::ratio("build-up"),
    Field::ratio("drop"),
    count("drop-count"),
    Field::ratio("drop-probability"),
    Field::ratio("breakdown"),
    Field::ratio("silence"),
    Field::ratio("applause"),
    Field::ratio("speech"),
];

const fn count(name: &'static str) -> Field {
    Field::scalar(name, Unit::Count, (0.0, (COUNT_WRAP - 1) as f32))
}

/// Follows the structure of the music on one bus.
pub(crate) struct Structure {
    ear: Ear,
    grid: Grid,
    gathering: Gathering,
    cells: Cells,
    sections: Sections,
    breakdown: Breakdown,
    build_up: BuildUp,
    drop: Drop,
    phrase: Phrase,
    silence: Silence,
    applause: Applause,
    speech: Speech,
}

impl Structure {
    pub fn new(settings: &Settings) -> Self {
        Self {
            ear: Ear::new(settings),
            grid: Grid::new(settings),
            gathering: Gathering::default(),
            cells: Cells::new(),
            sections: Sections::new(),
            breakdown: Breakdown::new(),
            build_up: BuildUp::new(),
            drop: Drop::new(settings),
            phrase: Phrase::new(),
            silence: Silence::new(settings),
            applause: Applause::new(settings),
            speech: Speech::new(settings),
        }
    }

    /// Takes a hop that ends after `end` samples, with the tracker's view of it, and writes the [`FIELDS`].
    /// Realtime-safe: yes.
    pub fn process(&mut self, frame: &Frame, end: u64, pulse: &mut Pulse, values: &mut [f32]) {
        let moment = self.ear.process(frame);
        self.silence.process(&moment);
        self.applause.process(&moment, frame, pulse, self.silence.ratio());
        self.speech.process(&moment, pulse, self.applause.flatness(), self.silence.ratio());
        let quiet = self.silence.is_long();

        let step = self.grid.process(end as f64, pulse);
        if let Some(step) = step {
            self.cells.push(self.gathering.finish(step));
            self.breakdown.step(&self.cells, quiet);
            self.build_up.step(&self.cells, quiet);
            let changed = self.sections.step(&self.cells, quiet);
            self.phrase.step(&step, self.sections.novelty(), changed);
            if changed && self.breakdown.ratio() < ARRIVED {
                self.build_up.forget(self.sections.age());
            }
        }
        self.gathering.process(&moment);

        let scene = Scene {
            build_up: self.build_up.progress(),
            breakdown: self.breakdown.ratio(),
            broken_beats: self.breakdown.beats(),
            usual_rise: self.breakdown.usual_rise(),
            usual_fullness: self.breakdown.usual_fullness(),
            foreign: self.speech.ratio().max(self.applause.ratio()),
            phrase_near: self.phrase.nearness(&self.grid),
        };
        if self.drop.process(&moment, &scene, &self.grid) {
            self.build_up.end();
            self.breakdown.end();
            self.sections.drop();
            self.phrase.anchor(&self.grid);
        }

        (pulse.phrase_bars, pulse.bar_in_phrase) = self.phrase.place();
        pulse.phrase_confidence =
            if pulse.is_beating() { self.phrase.confidence() * pulse.bar_confidence } else { 0.0 };
        let now = [
            f32::from(self.sections.count()),
            self.sections.novelty(),
            self.build_up.progress(),
            self.drop.trigger(),
            f32::from(self.drop.count()),
            self.drop.probability(),
            self.breakdown.ratio(),
            self.silence.ratio(),
            self.applause.ratio(),
            self.speech.ratio(),
        ];
        values.copy_from_slice(&now);
    }
}

/// With less of a breakdown than this at its start, a section is the goal of a build-up rather than its beginning.
const ARRIVED: f32 = 0.5;

/// 0 up to one value, 1 from another.
fn ramp(value: f32, none: f32, whole: f32) -> f32 {
    ((value - none) / (whole - none)).clamp(0.0, 1.0)
}
