//! What the operator wants of the tempo, and how it is done: at once, and remembered for what is heard.

use super::lead::Asked;
use super::steering::Pace;
use super::teaching::same_tempo;
use super::{Bend, Conductor, Heard};
use downbeat_protocol::timeline::{TEMPO_MAX, TEMPO_MIN};
use downbeat_protocol::{Beats, ShowTime, Timeline};

/// How far the operator may nudge the beat at once, in milliseconds.
const NUDGE_MS: f64 = 10_000.0;

/// What the operator wants of the tempo.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Wish {
    Tap,
    NudgeMs(f64),
    Double,
    Halve,
    TheOne,
    Bpm(f64),
    Listen,
}

impl Conductor {
    /// Obeys the operator, at once. Says why the timeline changed, or why it cannot be done.
    pub fn obey(&mut self, wish: Wish, now: ShowTime) -> Result<&'static str, String> {
        if self.inherited.take().is_some() && self.relation.is_settled(now) {
            self.trust_own_ears(now);
        }
        match wish {
            Wish::Tap => self.tap(now),
            Wish::NudgeMs(ms) => return self.nudge(ms, now),
            Wish::Double => return self.multiply(2.0, now).map(|()| "twice the tempo"),
            Wish::Halve => return self.multiply(0.5, now).map(|()| "half the tempo"),
            Wish::TheOne => {
                self.bend = Bend { the_one: true, at: now, ..self.bend };
                let nearest = Beats::whole(self.told().beats_at(now).round());
                self.steering.set_bars(nearest, self.told().beats_per_bar);
                self.teach_bar(nearest);
                return Ok("the one");
            }
            Wish::Bpm(tempo) => return self.set_tempo(tempo, now),
            Wish::Listen => {
                self.listen();
                return Ok("listening anew");
            }
        }
        Ok("tap")
    }

    fn tap(&mut self, now: ShowTime) {
        let tempo = self.taps.tap(now).unwrap_or(self.goal().tempo);
        let beat = Beats::whole(self.told().beats_at(now).round());
        let goal = Timeline { tempo, time_origin: now, beat_origin: beat, ..*self.goal() };
        self.steering.aim(goal, now, Pace::AtOnce);
        self.asked = Some(Asked { manual: false, at: now });
        if self.taps.has_tempo() {
            self.teach_tempo(tempo);
        }
        self.teach_tap(now);
    }

    /// After tapping, what is heard takes over when it means the same tempo: in the tapped octave, and between the
    /// heard beats when that is where the operator tapped.
    pub(super) fn agree_with_taps(&mut self, heard: &Heard, now: ShowTime) {
        let Some(Asked { manual: false, at }) = self.asked else { return };
        if self.taps.is_tapping(now) {
            return;
        }
        let goal = *self.goal();
        let Some(factor) = same_tempo(heard.tempo, goal.tempo) else { return };
        let bend = Bend { factor, level: Some(goal.tempo), offbeat: false, tapped: true, at, ..self.bend };
        self.bend = bend;
        let off = self.target(heard).offset(goal.beats_at(self.target(heard).beat)).as_f64();
        self.bend.offbeat = factor >= 1.0 && off.abs() > 0.25;
        self.asked = None;
    }

    fn nudge(&mut self, ms: f64, now: ShowTime) -> Result<&'static str, String> {
        if ms.is_nan() || ms.abs() > NUDGE_MS {
            return Err(format!("a nudge of {ms} ms is too far: at most {NUDGE_MS} ms"));
        }
        let later = (ms * 1e6).round() as i64;
        let nudged = self.bend.later.saturating_add(later);
        self.bend = Bend { nudged, later: nudged, at: now, ..self.bend };
        let goal = *self.goal();
        self.steering.aim(Timeline { time_origin: goal.time_origin.offset(later), ..goal }, now, Pace::AtOnce);
        Ok("nudge")
    }

    /// The bar's first beat stays one; the other beats fall between the old ones, or every second one falls away.
    fn multiply(&mut self, factor: f64, now: ShowTime) -> Result<(), String> {
        self.change_level(factor, now)?;
        self.bend = Bend { factor: self.bend.factor * factor, level: Some(self.goal().tempo), at: now, ..self.bend };
        self.teach_tempo(self.goal().tempo);
        self.teach_nearest_beat(now);
        Ok(())
    }

    pub(super) fn change_level(&mut self, factor: f64, now: ShowTime) -> Result<(), String> {
        let goal = *self.goal();
        let tempo = goal.tempo * factor;
        if !(TEMPO_MIN..=TEMPO_MAX).contains(&tempo) {
            return Err(format!("{tempo:.0} BPM is out of range: {TEMPO_MIN} to {TEMPO_MAX} BPM"));
        }
        let in_bar = Beats::from_f64((goal.beats_at(now) - goal.bar_origin).as_f64() * factor);
        // The bar origin from which that lies within half a beat of what is told, so that `aim` renumbers nothing.
        let bar_origin = Beats::whole((self.told().beats_at(now) - in_bar - Beats(Beats::MICRO / 2)).floor() + 1);
        let line = Timeline { tempo, time_origin: now, beat_origin: bar_origin + in_bar, bar_origin, ..goal };
        self.steering.set_bars(bar_origin, goal.beats_per_bar);
        self.steering.aim(line, now, Pace::AtOnce);
        Ok(())
    }

    fn set_tempo(&mut self, tempo: f64, now: ShowTime) -> Result<&'static str, String> {
        if !(TEMPO_MIN..=TEMPO_MAX).contains(&tempo) {
            return Err(format!("{tempo} BPM is out of range: {TEMPO_MIN} to {TEMPO_MAX} BPM"));
        }
        self.steering.aim(self.goal().with_tempo(tempo, now), now, Pace::Slew);
        self.asked = Some(Asked { manual: true, at: now });
        self.teach_tempo(tempo);
        Ok("tempo set")
    }
}
