//! Chooses the mono view of two sides that loses nothing.
//!
//! Nearly every mix has its bass in the middle, so that it can be cut in vinyl and moves all woofers; there, left and
//! right show whether they are in phase. A mix with one side reversed has its bass in the difference. Above the bass,
//! width is a matter of taste, and shows polarity only where nearly nothing is left of the sum.

use super::view::{Passage, View};
use crate::biquad::Biquad;
use crate::{Polarity, Settings};
use std::f64::consts::FRAC_1_SQRT_2;

/// The bass, in Hz: not lower, because a record player rumbles out of phase, and not higher, because chords are wide.
const BASS_HERTZ: [f64; 2] = [30.0, 150.0];
/// The range above the bass.
const ABOVE_HERTZ: f64 = 300.0;
/// The top: it has cymbals and consonants, and few pads; and any phase shift above the bass, by a crossover or an
/// all-pass, is complete. At most half of a low sample rate.
const TOP_HERTZ: f64 = 4_000.0;
/// Time constant of the powers: two beats with a bass drum.
const MEMORY_SECONDS: f64 = 0.7;
/// The minimum mean power for a judgement, -70 dB: the tracker hears nothing below it either.
const AUDIBLE: f64 = 1e-7;
/// Bass 20 dB below the rest is leakage of the filters.
const LEAKAGE: f64 = 0.01;
/// How much the difference must exceed the sum in a band for one side to count as reversed: 6 dB. With less it no
/// longer does: in doubt, the wiring is right.
const REVERSED: f64 = 4.0;
/// If bass and top disagree, as after a crossover that inverts one of them, one side alone has both. With a reversed
/// bass, the top counts as normal from twice the power in the sum; in a mix with normal bass, it takes 12 dB for 2 s:
/// with drums and a voice in the middle no stereo effect has as much, though a riser alone may.
const APART: f64 = 2.0;
const CANCELLED: f64 = 16.0;
const CANCELLED_SECONDS: f64 = 2.0;
/// A side 40 dB below the other is dead, and alive again at 30 dB; after this time, since it may be a rest.
const DEAD: f64 = 1e-4;
const ALIVE: f64 = 1e-3;
const DEAD_SECONDS: f64 = 4.0;
/// The louder side stays the louder one until the other has twice its power.
const LOUDER: f64 = 2.0;
/// Sound that starts 20 dB above everything before it starts in silence.
const BEGINS: f64 = 100.0;
/// How long it must last for a judgement, by the bass, or without bass by the rest: a song may start with a wide pad.
const TOLD_SECONDS: f64 = 0.5;
const TOLD_WITHOUT_BASS_SECONDS: f64 = 5.0;
/// After this time without sound, something else may be plugged in.
const FORGET_SECONDS: f64 = 2.0;

/// Analyses both sides and chooses the view. Realtime-safe: yes.
#[derive(Clone, Debug)]
pub(super) struct Judge {
    bass_filters: [[Biquad; 3]; 2],
    above_filters: [Biquad; 2],
    top_filters: [Biquad; 2],
    bass: Powers,
    above: Powers,
    top: Powers,
    sides: [f64; 2],
    keeps: f64,
    hop_seconds: f64,
    view: View,
    reversed: bool,
    /// Whether the bass has confirmed it since the last silence.
    by_bass: bool,
    one_side: bool,
    told: Polarity,
    differs_for: f64,
    /// How long the top alone has been cancelled.
    cancelled_for: f64,
    dead_for: f64,
    quiet_for: f64,
}

/// The mean powers of the sum and of the difference.
#[derive(Clone, Copy, Debug, Default)]
struct Powers {
    sum: f64,
    difference: f64,
}

impl Judge {
    pub fn new(settings: &Settings) -> Self {
        let rate = settings.sample_rate;
        let low = Biquad::low_pass(BASS_HERTZ[1], FRAC_1_SQRT_2, rate);
        let band = [Biquad::high_pass(BASS_HERTZ[0], FRAC_1_SQRT_2, rate), low, low];
        Self {
            bass_filters: [band; 2],
            above_filters: [Biquad::high_pass(ABOVE_HERTZ, FRAC_1_SQRT_2, rate); 2],
            top_filters: [Biquad::high_pass(TOP_HERTZ.min(0.25 * rate), FRAC_1_SQRT_2, rate); 2],
            bass: Powers::default(),
            above: Powers::default(),
            top: Powers::default(),
            sides: [0.0; 2],
            keeps: f64::from(settings.decay(MEMORY_SECONDS)),
            hop_seconds: settings.hop_seconds(),
            view: View::default(),
            reversed: false,
            by_bass: false,
            one_side: false,
            told: Polarity::Normal,
            differs_for: 0.0,
            cancelled_for: 0.0,
            dead_for: 0.0,
            quiet_for: 0.0,
        }
    }

    /// The detected polarity.
    pub fn polarity(&self) -> Polarity {
        self.told
    }

    /// Takes a hop of both sides; returns the view, and the transition to it.
    pub fn process(&mut self, left: &[f32], right: &[f32]) -> (View, Passage) {
        let [bass, above, top] = self.measure(left, right);
        let before = self.bass.all() + self.above.all();
        let now = bass.all() + above.all();
        for (memory, now) in [(&mut self.bass, bass), (&mut self.above, above), (&mut self.top, top)] {
            memory.follow(now, self.keeps);
        }
        self.quiet_for = if now < AUDIBLE { self.quiet_for + self.hop_seconds } else { 0.0 };
        if self.quiet_for >= FORGET_SECONDS {
            self.by_bass = false;
            (self.bass, self.above, self.top, self.sides) = Default::default();
        }
        let view = self.view;
        if self.bass.all() + self.above.all() > AUDIBLE {
            self.judge();
        }
        let begins = now > BEGINS * before;
        let slow = self.dead_for >= DEAD_SECONDS && matches!(view, View::Sum | View::Difference);
        let passage = match (begins, slow) {
            (true, _) => Passage::Cut,
            (false, true) => Passage::Slow,
            (false, false) => Passage::Quick,
        };
        (self.view, passage)
    }

    /// The powers of this hop.
    fn measure(&mut self, left: &[f32], right: &[f32]) -> [Powers; 3] {
        let ([mut bass, mut above, mut top], mut sides) = ([Powers::default(); 3], [0.0; 2]);
        let [bass_left, bass_right] = &mut self.bass_filters;
        let ([above_left, above_right], [top_left, top_right]) = (&mut self.above_filters, &mut self.top_filters);
        for (left, right) in left.iter().zip(right) {
            let (left, right) = (f64::from(*left), f64::from(*right));
            let low_left = bass_left.iter_mut().fold(left, |x, filter| filter.run(x));
            let low_right = bass_right.iter_mut().fold(right, |x, filter| filter.run(x));
            let (high_left, high_right) = (above_left.run(left), above_right.run(right));
            bass.add(low_left, low_right);
            above.add(high_left, high_right);
            top.add(top_left.run(high_left), top_right.run(high_right));
            sides[0] += low_left * low_left + high_left * high_left;
            sides[1] += low_right * low_right + high_right * high_right;
        }
        let filters = self.bass_filters.iter_mut().flatten();
        filters.chain(&mut self.above_filters).chain(&mut self.top_filters).for_each(Biquad::settle);
        let each = 0.25 / left.len() as f64;
        for (memory, now) in self.sides.iter_mut().zip(sides) {
            *memory = settled(*memory * self.keeps + (1.0 - self.keeps) * now / left.len() as f64);
        }
        [bass, above, top].map(|powers| powers.times(each))
    }

    fn judge(&mut self) {
        let has_bass = self.bass.all() > AUDIBLE && self.bass.all() > LEAKAGE * self.above.all();
        self.by_bass |= has_bass;
        if has_bass {
            self.reversed = self.bass.is_reversed(self.reversed);
        } else if !self.by_bass {
            self.reversed = self.above.is_reversed(self.reversed);
        }
        let [left, right] = self.sides;
        let dead = left.min(right) < if self.dead_for > 0.0 { ALIVE } else { DEAD } * left.max(right);
        self.dead_for = if dead { self.dead_for + self.hop_seconds } else { 0.0 };
        let Powers { sum, difference } = self.top;
        let (kept, lost) = if self.reversed { (difference, sum) } else { (sum, difference) };
        // Without bass, everything has been judged already.
        let judged = self.by_bass && !dead && self.top.all() > AUDIBLE;
        let cancelled = judged && !self.reversed && lost > CANCELLED * kept;
        self.cancelled_for = if cancelled { self.cancelled_for + self.hop_seconds } else { 0.0 };
        self.one_side = judged
            && match (self.one_side, self.reversed) {
                (true, _) => lost > kept,
                (false, true) => lost > APART * kept,
                (false, false) => self.cancelled_for >= CANCELLED_SECONDS,
            };
        self.view = if self.one_side || self.dead_for >= DEAD_SECONDS {
            let stays = match self.view {
                View::Left => left * LOUDER >= right,
                View::Right => left >= right * LOUDER,
                View::Sum | View::Difference => left >= right,
            };
            if stays { View::Left } else { View::Right }
        } else if self.reversed {
            View::Difference
        } else {
            View::Sum
        };
        self.tell();
    }

    fn tell(&mut self) {
        let polarity = if self.reversed { Polarity::Reversed } else { Polarity::Normal };
        let patience = if self.by_bass { TOLD_SECONDS } else { TOLD_WITHOUT_BASS_SECONDS };
        self.differs_for = if polarity == self.told { 0.0 } else { self.differs_for + self.hop_seconds };
        if self.differs_for >= patience {
            self.told = polarity;
            self.differs_for = 0.0;
        }
    }
}

impl Powers {
    fn add(&mut self, left: f64, right: f64) {
        self.sum += (left + right) * (left + right);
        self.difference += (left - right) * (left - right);
    }

    fn times(self, factor: f64) -> Self {
        Self { sum: self.sum * factor, difference: self.difference * factor }
    }

    fn follow(&mut self, now: Self, keeps: f64) {
        self.sum = settled(self.sum * keeps + (1.0 - keeps) * now.sum);
        self.difference = settled(self.difference * keeps + (1.0 - keeps) * now.difference);
    }

    /// The mean power of a side.
    fn all(self) -> f64 {
        self.sum + self.difference
    }

    fn is_reversed(self, so_far: bool) -> bool {
        self.difference > if so_far { 1.0 } else { REVERSED } * self.sum
    }
}

/// Ends in zero, not in slow denormal numbers.
fn settled(power: f64) -> f64 {
    if power < 1e-20 { 0.0 } else { power }
}
