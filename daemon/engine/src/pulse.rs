//! Pulses: each beat fires exactly once, whatever happens to the timeline.
//!
//! The [`Timeline`] gives the time of every beat; but it is slewed and corrected while beats are being sent. So the
//! number counts, not the time: [`Pulses`] remembers the last number fired, and the next one is always that plus one,
//! due by the newest timeline. If the timeline steps back, the next pulse waits; if it steps forward, the pulse is due
//! at once. Only a jump of more than a beat, which is a stall, or another song or show rather than a correction, breaks
//! the sequence; it is reported instead of firing a burst. Then only the newest pulse fires, if its moment has come since
//! the last call; those before it are counted. Receivers that only [count](Pulses::counted) pulses get the rest of a bar
//! instead, so that they stay in phase.

use downbeat_protocol::{Beats, ShowTime, Timeline};

/// Counts one kind of pulse: beats, or equal parts of a beat.
#[derive(Clone, Debug)]
pub struct Pulses {
    per_beat: i64,
    /// Whether the receivers only count them.
    counted: bool,
    last: Option<i64>,
    /// The moment up to which they were taken last.
    until: ShowTime,
    running: bool,
}

/// One pulse that is due.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pulse {
    /// Counts pulses from the timeline's beat zero, negative before it.
    pub number: i64,
    /// When it must be seen or heard.
    pub due: ShowTime,
    /// The beat that contains it, as counted by the timeline.
    pub beat: i64,
    /// Its place among the parts of the beat: 0 is on the beat.
    pub part: i64,
    /// The place of the beat in its bar: 0 is the downbeat.
    pub beat_in_bar: u8,
    /// The number of the bar, counted from the bar origin.
    pub bar: i64,
    /// The place of the bar in its phrase: 0 begins the phrase.
    pub bar_in_phrase: i64,
    /// The number of the phrase, counted from the bar origin.
    pub phrase: i64,
    /// Beats per minute.
    pub tempo: f64,
}

/// The result of [`Pulses::take`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Taken {
    /// A pulse is due.
    Pulse(Pulse),
    /// The beat count jumped by more than a beat, or nobody took pulses for so long: they continue from another number.
    Jump {
        /// Fired last.
        from: i64,
        /// The newest one. It fires next if its moment has come since the last call.
        to: i64,
        /// Pulses whose moment has come since the last call, and that never fire.
        missed: u64,
    },
}

impl Pulses {
    /// Pulses of `per_beat` equal parts of a beat: 1 for beats, 24 for MIDI clock. Zero counts as one.
    pub fn new(per_beat: u32) -> Self {
        let per_beat = i64::from(per_beat.max(1));
        Self { per_beat, counted: false, last: None, until: ShowTime::ZERO, running: false }
    }

    /// For receivers that only count pulses: a jump skips whole bars, and the rest of a bar fires.
    pub fn counted(self) -> Self {
        Self { counted: true, ..self }
    }

    /// The next pulse due at or before `until` and not yet taken; `None` if there is none yet.
    ///
    /// To send ahead, pass a later `until`. The first call after [`new`](Self::new) or [`stop`](Self::stop) starts:
    /// earlier pulses do not fire.
    pub fn take(&mut self, line: &Timeline, until: ShowTime) -> Option<Taken> {
        let here = self.number_at(line, until);
        let last = match self.last {
            Some(last) if self.running => last,
            // A pulse sent ahead before a pause is not sent again after it.
            Some(last) if (last - here).abs() <= self.per_beat => last.max(here),
            _ => here,
        };
        let came = if self.running { here - self.number_at(line, self.until) } else { 0 };
        self.running = true;
        self.until = until;
        self.last = Some(last);
        let bar = if self.counted { i64::from(line.beats_per_bar.max(1)) } else { 1 };
        let most = self.per_beat * bar;
        if (here - last).abs() > most {
            let left = if self.counted { (here - last).rem_euclid(most) } else { came.clamp(0, 1) };
            self.last = Some(here - left);
            let missed = u64::try_from(came - left).unwrap_or(0);
            return Some(Taken::Jump { from: last, to: here, missed });
        }
        if here <= last {
            return None;
        }
        self.last = Some(last + 1);
        Some(Taken::Pulse(self.pulse(line, last + 1)))
    }

    /// When the next pulse is due by this timeline; `None` while stopped.
    pub fn next_due(&self, line: &Timeline) -> Option<ShowTime> {
        self.last.filter(|_| self.running).map(|last| line.time_of(self.position(last + 1)))
    }

    /// Treats everything up to `until` as fired, to continue in another's place.
    pub fn pass(&mut self, line: &Timeline, until: ShowTime) {
        self.last = Some(self.number_at(line, until));
        self.until = until;
        self.running = true;
    }

    /// Silence: nothing fires until the next [`take`](Self::take).
    pub fn stop(&mut self) {
        self.running = false;
    }

    /// The position of a pulse; whole beats are exact.
    fn position(&self, number: i64) -> Beats {
        let part = number.rem_euclid(self.per_beat);
        Beats::whole(number.div_euclid(self.per_beat)) + Beats(part * Beats::MICRO / self.per_beat)
    }

    /// The number of the last pulse due at or before `time`. It uses the same [`Timeline::time_of`] as the due time, so
    /// that a thread that slept until then finds the pulse due.
    fn number_at(&self, line: &Timeline, time: ShowTime) -> i64 {
        let beats = line.beats_at(time);
        let guess = beats.floor() * self.per_beat + beats.0.rem_euclid(Beats::MICRO) * self.per_beat / Beats::MICRO;
        if line.time_of(self.position(guess + 1)) <= time {
            guess + 1
        } else if line.time_of(self.position(guess)) > time {
            guess - 1
        } else {
            guess
        }
    }

    fn pulse(&self, line: &Timeline, number: i64) -> Pulse {
        let beat = number.div_euclid(self.per_beat);
        let bar = line.bar_of(beat);
        let bars = i64::from(line.bars_per_phrase.max(1));
        Pulse {
            number,
            due: line.time_of(self.position(number)),
            beat,
            part: number.rem_euclid(self.per_beat),
            beat_in_bar: line.beat_in_bar(beat),
            bar,
            bar_in_phrase: bar.rem_euclid(bars),
            phrase: bar.div_euclid(bars),
            tempo: line.tempo,
        }
    }
}

impl Pulse {
    /// Whether it is the first moment of a beat.
    pub fn is_beat(&self) -> bool {
        self.part == 0
    }

    /// Whether it is the first moment of a bar.
    pub fn is_bar(&self) -> bool {
        self.is_beat() && self.beat_in_bar == 0
    }

    /// Whether it is the first moment of a phrase.
    pub fn is_phrase(&self) -> bool {
        self.is_bar() && self.bar_in_phrase == 0
    }
}

#[cfg(test)]
mod tests;
