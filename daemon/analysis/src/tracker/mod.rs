//! The beat tracker.
//!
//! The tracker runs on the ticks of the trained ear, 100 a second of audio, whatever the hop and the sample rate. At
//! each tick the [`Pointer`] weighs every tempo and phase by the ear's output, the [`Flywheel`] turns that into an even
//! beat, [`Rest`] holds a tempo that has long been the same, [`Contrast`] measures how far the beat stands out,
//! [`Bars`] finds the downbeat, and the [`Judge`] rates the confidence of it all. The [`Gate`] decides whether there is
//! music. [`Taught`] holds the operator's hints.

mod bar;
mod bars;
mod certainty;
mod contrast;
mod estimate;
mod flywheel;
mod gate;
mod grid;
mod line;
mod pad;
mod past;
mod pointer;
mod rest;
mod teaching;

use crate::frame::Frame;
use crate::rhythm::{LATE_SECONDS, RATE, Rhythm, Sound, Tick};
use crate::{Pulse, Settings, State};
use bars::Bars;
use certainty::{Evidence, Judge, MULTIPLES};
use contrast::Contrast;
use flywheel::Flywheel;
use gate::Gate;
use pointer::Pointer;
use rest::Rest;
use teaching::Taught;

/// How far to look back when the beat moves. Further back another beat may have been right, and speech finds more that
/// fits by chance.
const LOOK_BACK_SECONDS: f64 = 1.0;

/// Tracks the beat of one bus.
pub(crate) struct Tracker {
    pointer: Pointer,
    flywheel: Flywheel,
    rest: Rest,
    contrast: Contrast,
    judge: Judge,
    bars: Bars,
    gate: Gate,
    taught: Taught,
    /// Samples heard.
    heard: u64,
    samples_a_tick: f64,
}

impl Tracker {
    /// A tracker for an ear with this many quick and fine bands.
    pub fn new(settings: &Settings, bands: (usize, usize)) -> Self {
        Self {
            pointer: Pointer::new(RATE, settings.tempo_range),
            flywheel: Flywheel::new(RATE, settings.tempo_range),
            rest: Rest::new(RATE),
            contrast: Contrast::new(1.0 / RATE),
            judge: Judge::new(),
            bars: Bars::new(bands),
            gate: Gate::new(settings),
            taught: Taught::new(settings.tempo_range),
            heard: 0,
            samples_a_tick: settings.sample_rate / RATE,
        }
    }

    /// Takes a hop. Realtime-safe: yes.
    pub fn process(&mut self, frame: &Frame) {
        self.heard += frame.mono().len() as u64;
        for (tick, sound) in frame.ear().ticks().iter().zip(frame.ear().sounds()) {
            self.tick(tick, sound, frame.ear().rhythm());
        }
        self.gate.process(
            frame,
            gate::Ear {
                music: self.judge.music(),
                steady: self.judge.is_steady(),
                missed: self.judge.missed_seconds(),
                beat: self.flywheel.period() / RATE,
                bar: f64::from(self.bars.bar.beats()) * self.flywheel.period() / RATE,
            },
        );
        self.forget_after_silence(frame.mono().len());
    }

    fn tick(&mut self, tick: &Tick, sound: Sound<'_>, rhythm: &Rhythm) {
        let (now, marks) = (tick.number as f64, &tick.marks);
        self.gate.feel(tick.drive);
        let estimate = self.pointer.tick(marks.beat, &rhythm.tempi);
        let anew = self.flywheel.process(now, estimate, marks.beat);
        self.rest.process(now, marks.beat, &self.flywheel, anew);
        let ((phase, last), period) = (self.flywheel.last(now), self.flywheel.period());
        let place = last as f64 + phase;
        if anew {
            self.look_back(place - 1.0 / period, period);
            self.bars.process_again(place - 1.0 / period, period);
            self.judge.reset();
        }
        self.contrast.process(marks.beat, phase, period);
        self.bars.bar.process(marks.onset, phase);
        if let Some(ratio) = self.bars.process(place, period, sound, marks) {
            self.judge.judge(self.bars.heard());
            if !self.taught.placed() {
                self.pointer.weigh(phase, ratio);
            }
            for (times, ratio) in self.bars.levels() {
                self.pointer.weigh_period(period * times, ratio);
            }
        }
        self.judge.process(marks.beat, tick.drive, phase, period);
        if self.judge.is_due() {
            self.judge.weigh(&Evidence {
                music: tick.music,
                rhythm,
                period,
                contrast: self.contrast.measures(),
                told: self.pointer.belief(period, phase),
                others: MULTIPLES.map(|times| self.pointer.belief(period / times, phase).0),
                bar: self.bars.bar.beliefs(),
                beats_per_bar: self.bars.bar.beats(),
            });
        }
    }

    /// The evidence for and against the beat, for training.
    pub fn evidence(&self) -> &[f32] {
        self.judge.inputs()
    }

    /// The beats have moved; the last moments show whether the new ones sound like beats. Takes another beat's place
    /// now, and another period, in ticks.
    fn look_back(&mut self, place: f64, period: f64) {
        self.contrast.reset();
        let recent = self.bars.past().ticks().filter(|(ago, ..)| (*ago as f64) < LOOK_BACK_SECONDS * RATE);
        for (ago, _, marks) in recent {
            let place = place - ago as f64 / period;
            self.contrast.process(marks.beat, place - place.floor(), period);
        }
    }

    /// The time in ticks, as the ear hears it: including its delay.
    fn now(&self) -> f64 {
        self.heard as f64 / self.samples_a_tick
    }

    /// The current belief.
    pub fn pulse(&self) -> Pulse {
        let state = self.gate.state();
        let delay = LATE_SECONDS * RATE;
        let at = self.now() + delay;
        let (beat, count) = self.rest.nearest(at).unwrap_or_else(|| self.flywheel.nearest(at));
        let audible = matches!(state, State::Playing | State::Breakdown);
        let certainty = self.judge.certainty();
        let sure = |probability: f32| if audible { probability } else { 0.0 };
        Pulse {
            state,
            tempo: 60.0 * RATE / self.rest.period().unwrap_or(self.flywheel.period()),
            confidence: sure(certainty.pulse),
            level_confidence: sure(certainty.level),
            phase_confidence: sure(certainty.phase),
            beat: (beat - delay) * self.samples_a_tick,
            beats_per_bar: self.bars.bar.beats(),
            beat_in_bar: self.bars.bar.beat(count),
            bar_confidence: sure(if self.bars.bar.is_said() { self.bars.bar.confidence() } else { certainty.one }),
            absent: self.gate.absent(),
            // `Structure` sets it.
            phrase_bars: 8,
            bar_in_phrase: 0,
            phrase_confidence: 0.0,
        }
    }
}
