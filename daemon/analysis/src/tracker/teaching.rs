//! The operator's hints to the tracker.

use super::Tracker;
use super::contrast::Contrast;
use crate::rhythm::{LATE_SECONDS, RATE};
use crate::{Hint, State};

/// The hints, and how long they hold.
#[derive(Clone, Debug)]
pub(super) struct Taught {
    /// The tempi that can be tracked, in BPM.
    whole: (f64, f64),
    /// The tempi that may be reported, in BPM.
    range: (f64, f64),
    /// The preferred period, in ticks; the level is everything within half an octave of it.
    preferred: Option<f64>,
    /// Whether a person has set the beat: no net overrides it.
    placed: bool,
    /// The start of the silence, in samples.
    silent: u64,
    /// Whether there was a hint in this silence: it is meant for the next song.
    said_in_silence: bool,
}

/// Silence after which music is another song; a break inside a song is shorter.
const SONG_GAP_SECONDS: f64 = 4.0;
/// A level covers this factor around the preferred tempo.
const LEVEL: f64 = std::f64::consts::SQRT_2;
/// The distance from the present beat, in beats, from which a tap means another one; a nearer one is imprecise.
const ELSEWHERE: f64 = 0.2;
/// A position further from now than this is ignored for the present beat, in seconds.
const NEAR_SECONDS: f64 = 60.0;
/// Possible meanings of a tempo outside the range, the most common confusion first.
const MULTIPLES: [f64; 8] = [1.0, 2.0, 0.5, 4.0, 0.25, 1.5, 2.0 / 3.0, 3.0];

impl Taught {
    pub fn new(whole: (f64, f64)) -> Self {
        Self { whole, range: whole, preferred: None, placed: false, silent: 0, said_in_silence: false }
    }

    /// Whether a person has set the beat.
    pub fn placed(&self) -> bool {
        self.placed
    }

    /// The shortest and the longest period to report, in ticks.
    fn periods(&self) -> (f64, f64) {
        (60.0 * RATE / self.range.1, 60.0 * RATE / self.range.0)
    }

    /// The most likely period in the range for another one.
    fn fold(&self, period: f64) -> f64 {
        let (shortest, longest) = self.periods();
        let inside = |period: &f64| (shortest..=longest).contains(period);
        MULTIPLES.map(|times| period / times).into_iter().find(inside).unwrap_or(period.clamp(shortest, longest))
    }
}

impl Tracker {
    /// Applies a hint. Realtime-safe: yes.
    pub fn hint(&mut self, hint: Hint) {
        self.taught.said_in_silence = true;
        match hint {
            Hint::Tempo(tempo) if tempo.is_finite() && tempo > 0.0 => self.go_to(self.taught.fold(60.0 * RATE / tempo)),
            Hint::Octave(factor) if factor.is_finite() && factor > 0.0 => {
                let period = self.flywheel.period();
                let (shortest, longest) = self.taught.periods();
                let other = period / factor;
                self.go_to(if (shortest..=longest).contains(&other) { other } else { period });
            }
            Hint::Range(slow, fast) => self.lock(slow, fast),
            Hint::Beat(position) => {
                if let Some(place) = self.place_of(position) {
                    self.move_beat(place);
                }
            }
            Hint::Downbeat(position) => {
                if let Some(place) = self.place_of(position) {
                    self.bars.bar.begin(self.flywheel.nearest(place).1, true);
                    self.taught.placed = true;
                }
            }
            Hint::Forget => self.forget(),
            Hint::Tempo(_) | Hint::Octave(_) => {}
        }
    }

    /// The next song: hints for the last one no longer hold.
    pub(super) fn forget_after_silence(&mut self, samples: usize) {
        if matches!(self.gate.state(), State::Playing | State::Breakdown) {
            self.taught.silent = 0;
            self.taught.said_in_silence = false;
            return;
        }
        self.taught.silent += samples as u64;
        let over = self.taught.silent as f64 >= SONG_GAP_SECONDS * RATE * self.samples_a_tick;
        if over && !self.taught.said_in_silence {
            self.taught.placed = false;
            if self.taught.preferred.is_some() {
                self.prefer(None);
            }
        }
    }

    /// Continues with another period from the current beat and bar, and prefers it.
    fn go_to(&mut self, period: f64) {
        let now = self.now();
        let (mut beat, mut count) = self.flywheel.nearest(now);
        let old = self.flywheel.period();
        let in_bar = u64::from(self.bars.bar.beat(count));
        let downbeat = beat - in_bar as f64 * old;
        if period > 1.5 * old && in_bar % 2 == 1 {
            // Of every two beats, the one that starts the bar stays.
            beat -= old;
            count = count.saturating_sub(1);
        }
        self.flywheel.set(beat, count, period);
        self.rest.reset();
        self.bars.bar.begin(self.flywheel.nearest(downbeat).1, false);
        self.believe();
        self.prefer(Some(period));
    }

    fn lock(&mut self, slow: f64, fast: f64) {
        let whole = self.taught.whole;
        let (low, high) = (slow.max(whole.0), fast.min(whole.1));
        // If no trackable tempo is in the range, the caller must fold the reported one.
        self.taught.range = if slow > 0.0 && fast.is_finite() && low < high { (low, high) } else { whole };
        let (shortest, longest) = self.taught.periods();
        let period = self.flywheel.period();
        let inside = self.taught.fold(period);
        self.flywheel.restrict(shortest, longest);
        let preferred = self.taught.preferred.filter(|period| (shortest..=longest).contains(period));
        if inside == period {
            self.prefer(preferred);
        } else {
            self.go_to(inside);
            self.prefer(None);
        }
    }

    /// A beat lies there: the tempo stays.
    fn move_beat(&mut self, place: f64) {
        let (beat, count) = self.flywheel.nearest(place);
        if (place - beat).abs() > ELSEWHERE * self.flywheel.period() {
            self.flywheel.set(place, count, self.flywheel.period());
            self.rest.reset();
        }
        self.taught.placed = true;
        self.believe();
    }

    fn forget(&mut self) {
        self.prefer(None);
        self.taught.placed = false;
        self.pointer.forget();
        self.flywheel.forget();
        self.rest.reset();
        self.contrast = Contrast::new(1.0 / RATE);
        self.judge.forget();
        self.bars.forget();
    }

    /// Aligns the pointer with the flywheel. Its beat is the start of its window.
    fn believe(&mut self) {
        let phase = self.flywheel.last(self.now()).0 + super::flywheel::AHEAD;
        self.pointer.believe(self.flywheel.period(), phase);
    }

    fn prefer(&mut self, period: Option<f64>) {
        self.taught.preferred = period;
        self.pointer.prefer(period);
        let (shortest, longest) = self.taught.periods();
        match period {
            Some(period) => self.pointer.restrict(shortest.max(period / LEVEL), longest.min(period * LEVEL)),
            None => self.pointer.restrict(shortest, longest),
        }
    }

    /// A position in samples as a time in ticks, including the ear's delay.
    fn place_of(&self, position: f64) -> Option<f64> {
        let place = position / self.samples_a_tick + LATE_SECONDS * RATE;
        (place - self.now()).abs().le(&(NEAR_SECONDS * RATE)).then_some(place)
    }
}
