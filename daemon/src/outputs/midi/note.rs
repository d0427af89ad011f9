//! Notes that follow the music. Pure: time is an argument.

use super::packet::{Channel, Message, Seven};
use super::settings::{self, Velocity};
use super::signals::Place;
use crate::edges::OpenError;
use crate::edges::value_sender::counted;
use downbeat_engine::pulse::Pulse;
use downbeat_protocol::{HostTime, Row, Schema};
use std::time::Duration;

/// One rule, with its names resolved, and the note that it plays.
#[derive(Clone, Debug)]
pub struct Note {
    on: On,
    channel: Channel,
    note: Seven,
    velocity: Strength,
    length: Duration,
    release: Option<HostTime>,
}

#[derive(Clone, Debug)]
enum On {
    Beat,
    Bar,
    Phrase,
    /// The counter of onsets, and its last reading.
    Onset(Place, Option<f64>),
}

#[derive(Clone, Copy, Debug)]
enum Strength {
    Fixed(Seven),
    Signal(Place),
}

impl Note {
    /// Resolves a rule.
    pub fn new(rule: &settings::Note, schema: &Schema) -> Result<Self, OpenError> {
        let on = match rule.on.split('.').collect::<Vec<_>>().as_slice() {
            ["beat"] => On::Beat,
            ["bar"] => On::Bar,
            ["phrase"] => On::Phrase,
            ["onset", bus, band] => On::Onset(Place::find(schema, &format!("{bus}.onset-count.{band}"))?, None),
            _ => {
                let text =
                    format!("a note cannot be played on `{}`: it takes beat, bar, phrase or onset.BUS.BAND", rule.on);
                return Err(OpenError::Value(text));
            }
        };
        let velocity = match &rule.velocity {
            Velocity::Number(number) => Strength::Fixed(*number),
            Velocity::Name(name) => Strength::Signal(Place::find(schema, name)?),
        };
        let length = Duration::from_millis(rule.length_ms.max(1).into());
        Ok(Self { on, channel: rule.channel, note: rule.note, velocity, length, release: None })
    }

    /// Whether it plays at this beat.
    pub fn is_on(&self, pulse: &Pulse) -> bool {
        match self.on {
            On::Beat => pulse.is_beat(),
            On::Bar => pulse.is_bar(),
            On::Phrase => pulse.is_phrase(),
            On::Onset(..) => false,
        }
    }

    /// The number of its onsets since the last call.
    pub fn onsets(&mut self, row: &Row) -> u64 {
        let On::Onset(counter, last) = &mut self.on else { return 0 };
        let Some(now) = counter.of(row) else { return 0 };
        last.replace(now).map_or(0, |last| counted(last, now))
    }

    /// Goes on where the same note was in an earlier layout.
    pub fn continue_from(&mut self, earlier: &Self) {
        if let (On::Onset(_, last), On::Onset(_, before)) = (&mut self.on, &earlier.on) {
            *last = *before;
        }
    }

    /// Others play meanwhile: the next reading of its counter is the first one.
    pub fn begin_anew(&mut self) {
        if let On::Onset(_, last) = &mut self.on {
            *last = None;
        }
    }

    /// Plays it, after ending a note that still sounds.
    pub fn play(&mut self, row: &Row, at: HostTime, send: &mut impl FnMut(HostTime, Message)) {
        if self.release.take().is_some() {
            send(at, Message::note_off(self.channel, self.note));
        }
        let velocity = match self.velocity {
            Strength::Fixed(velocity) => velocity,
            Strength::Signal(place) => Seven::nearest(1.0 + 126.0 * place.of(row).unwrap_or(1.0).clamp(0.0, 1.0)),
        };
        send(at, Message::note_on(self.channel, self.note, velocity));
        self.release = Some(at + self.length);
    }

    /// Ends the note if due by `until`.
    pub fn end(&mut self, until: HostTime, send: &mut impl FnMut(HostTime, Message)) {
        if let Some(at) = self.release.take_if(|at| *at <= until) {
            send(at, Message::note_off(self.channel, self.note));
        }
    }

    /// Ends the note now; one that was handed over before its moment, no sooner than it begins.
    pub fn cut(&mut self, now: HostTime, send: &mut impl FnMut(HostTime, Message)) {
        if let Some(release) = self.release.take() {
            send(now.max(release - self.length), Message::note_off(self.channel, self.note));
        }
    }

    /// When the current note ends.
    pub fn release(&self) -> Option<HostTime> {
        self.release
    }
}
