//! The operator's commands about tempo, beat and bar: obeyed at once, and remembered for later references.

mod advice;
mod correction;
mod taps;

pub use advice::Advice;
pub(super) use correction::Correction;

use super::lead::Override;
use super::level::{fold, same_tempo};
use super::reference::Reference;
use super::sources::Sources;
use super::steering::{Pace, Steering};
use super::target::Target;
use advice::Advices;
use downbeat_protocol::timeline::{TEMPO_MAX, TEMPO_MIN};
use downbeat_protocol::{Beats, ShowTime, Timeline};
use taps::Taps;

/// Maximum nudge, in milliseconds.
const NUDGE_MS: f64 = 10_000.0;

/// The operator's requests about the tempo.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Request {
    /// At this moment, of which the engine may learn later.
    Tap(ShowTime),
    NudgeMs(f64),
    Double,
    Halve,
    TheOne,
    Bpm(f64),
    Listen,
}

/// The operator's settings of tempo, beat and bar.
#[derive(Clone, Debug)]
pub(super) struct Operator {
    taps: Taps,
    overrides: Option<Override>,
    correction: Correction,
    /// The range of reported tempi, if the operator has locked it.
    range: Option<[f64; 2]>,
    advices: Advices,
}

impl Default for Operator {
    fn default() -> Self {
        Self {
            taps: Taps::default(),
            overrides: None,
            correction: Correction::NONE,
            range: None,
            advices: Advices::default(),
        }
    }
}

impl Operator {
    /// Obeys at once. Returns why the timeline changed, or why the request is impossible.
    pub fn obey(
        &mut self,
        request: Request,
        steering: &mut Steering,
        sources: &Sources,
        now: ShowTime,
    ) -> Result<&'static str, String> {
        match request {
            Request::Tap(moment) => Ok(self.tap(moment, steering, sources, now)),
            Request::NudgeMs(ms) => self.nudge(ms, steering, now),
            Request::Double => self.multiply(2.0, steering, sources, now).map(|()| "twice the tempo"),
            Request::Halve => self.multiply(0.5, steering, sources, now).map(|()| "half the tempo"),
            Request::TheOne => Ok(self.begin_bar(steering, sources, now)),
            Request::Bpm(tempo) => self.set_tempo(tempo, steering, sources, now),
            Request::Listen => Ok(self.listen(sources)),
        }
    }

    /// Limits the reported tempo of references to a range; without one, any. The current tempo moves there at once;
    /// returns why, if it does.
    pub fn limit(
        &mut self,
        range: Option<[f64; 2]>,
        steering: &mut Steering,
        sources: &Sources,
        now: ShowTime,
    ) -> Option<&'static str> {
        if range == self.range {
            return None;
        }
        self.range = range;
        self.advices.all(Advice::Range(range), sources);
        let range = range?;
        self.correction.limit(range);
        let factor = fold(steering.goal().tempo, range);
        if self.overrides.is_some() || factor == 1.0 || steering.change_level(factor, now).is_err() {
            return None;
        }
        self.advise_nearest_beat(steering, sources, now);
        Some("moved into the locked range")
    }

    /// The timeline is held as it is: its tempo is right.
    pub fn hold(&mut self, steering: &Steering, sources: &Sources) {
        self.advices.tempo(steering.goal().tempo, sources);
    }

    /// Another song starts after a silence. Requests from before the silence are over; those made in it were meant for
    /// this song.
    pub fn begin_song(&mut self, silent_since: ShowTime) {
        if self.correction.is_before(silent_since) {
            self.correction = Correction::NONE;
        }
        self.overrides = self.overrides.filter(|it| it.at >= silent_since);
    }

    /// Another daemon led; whether the operator had set its tempo.
    pub fn take_over(&mut self, manual: bool, now: ShowTime) {
        self.overrides = manual.then_some(Override { manual, at: now });
    }

    /// Corrects references like this from now on.
    pub fn correct(&mut self, correction: Correction) {
        self.correction = correction;
    }

    /// Reduces the correction to what a reference still needs.
    pub fn settle(&mut self, reference: &Reference, goal: &Timeline) {
        self.correction.settle(reference, self.range, goal);
    }

    /// After tapping, a reference takes over when it means the same tempo: in the tapped octave, and between its own
    /// beats if the operator tapped there.
    pub fn agree_with_taps(&mut self, reference: &Reference, goal: &Timeline, now: ShowTime) {
        let Some(Override { manual: false, at }) = self.overrides else { return };
        if self.taps.is_tapping(now) {
            return;
        }
        let Some(factor) = same_tempo(reference.tempo, goal.tempo) else { return };
        self.correction.tapped(reference, factor, goal, at);
        self.overrides = None;
    }

    /// The correction of references.
    pub fn correction(&self) -> &Correction {
        &self.correction
    }

    /// The operator's own tempo, if it overrides all references.
    pub fn overrides(&self) -> Option<Override> {
        self.overrides
    }

    /// The advice for trackers.
    pub fn advice(&mut self) -> impl Iterator<Item = (usize, Advice)> + '_ {
        self.advices.take()
    }

    /// The trackers are new: repeats advice that still holds.
    pub fn advise_again(&mut self, sources: &Sources) {
        self.advices.all(Advice::Range(self.range), sources);
        if let Some(level) = self.correction.level() {
            self.advices.all(Advice::Tempo(level), sources);
        }
    }

    fn tap(&mut self, moment: ShowTime, steering: &mut Steering, sources: &Sources, now: ShowTime) -> &'static str {
        let Some(reference) = self.taps.tap(steering.goal().tempo, self.range, moment) else { return "tap" };
        let target = Target { tempo: reference.tempo, beat: reference.beat(), unit: Beats::ONE };
        steering.aim(target.line(steering.told()), now, Pace::AtOnce);
        self.overrides = Some(Override { manual: false, at: now });
        if self.taps.has_tempo() {
            self.advices.tempo(reference.tempo, sources);
        }
        self.advices.tap(self.correction.heard(moment), sources);
        "tap"
    }

    fn nudge(&mut self, ms: f64, steering: &mut Steering, now: ShowTime) -> Result<&'static str, String> {
        if ms.is_nan() || ms.abs() > NUDGE_MS {
            return Err(format!("a nudge of {ms} ms is out of range; choose -{NUDGE_MS} to {NUDGE_MS} ms"));
        }
        let later = (ms * 1e6).round() as i64;
        self.correction.nudge(later, now);
        let goal = *steering.goal();
        steering.aim(Timeline { time_origin: goal.time_origin.offset(later), ..goal }, now, Pace::AtOnce);
        Ok("nudge")
    }

    /// The bar's first beat stays; the other beats fall between the old ones, or every second one is dropped.
    fn multiply(
        &mut self,
        factor: f64,
        steering: &mut Steering,
        sources: &Sources,
        now: ShowTime,
    ) -> Result<(), String> {
        steering.change_level(factor, now)?;
        let tempo = steering.goal().tempo;
        self.correction.multiply(factor, tempo, now);
        self.advices.tempo(tempo, sources);
        self.advise_nearest_beat(steering, sources, now);
        Ok(())
    }

    fn begin_bar(&mut self, steering: &mut Steering, sources: &Sources, now: ShowTime) -> &'static str {
        self.correction.set_the_one(now);
        let told = *steering.told();
        let nearest = Beats::whole(told.beats_at(now).round());
        steering.set_bars(nearest, told.beats_per_bar);
        let at = self.correction.heard(steering.told().time_of(nearest));
        self.advices.all(Advice::Downbeat(at), sources);
        "the one"
    }

    fn set_tempo(
        &mut self,
        tempo: f64,
        steering: &mut Steering,
        sources: &Sources,
        now: ShowTime,
    ) -> Result<&'static str, String> {
        if !(TEMPO_MIN..=TEMPO_MAX).contains(&tempo) {
            return Err(format!("{tempo} BPM is out of range; choose {TEMPO_MIN} to {TEMPO_MAX} BPM"));
        }
        steering.aim(steering.goal().with_tempo(tempo, now), now, Pace::Slew);
        self.overrides = Some(Override { manual: true, at: now });
        self.advices.tempo(tempo, sources);
        Ok("tempo set")
    }

    /// Forgets everything learnt or set about tempo and bar.
    fn listen(&mut self, sources: &Sources) -> &'static str {
        self.correction = Correction::NONE;
        self.overrides = None;
        self.taps = Taps::default();
        self.advices.all(Advice::Forget, sources);
        "listening afresh"
    }

    /// The reported beats are right.
    fn advise_nearest_beat(&mut self, steering: &Steering, sources: &Sources, now: ShowTime) {
        let goal = steering.goal();
        let beat = goal.time_of(Beats::whole(goal.beats_at(now).round()));
        self.advices.all(Advice::Beat(self.correction.heard(beat)), sources);
    }
}
