//! What is heard beat by beat: where the bars begin, and whether the beats are the right ones.

use super::bar::Bar;
use super::grid::Grid;
use super::past::Past;
use crate::rhythm::{BarEvidence, BarNet, Marks, RATE, Sound};

/// Lets the net of the bars hear the beats, and beside them what they would be if the pulse lay half a beat away.
pub(super) struct Bars {
    /// What is made of it.
    pub bar: Bar,
    net: BarNet,
    beats: Grid,
    halves: Grid,
    past: Past,
}

const HALF: f64 = 0.5;
/// The least probability that is taken at its word, and how much one beat can say of the other beats, as a logarithm.
const LEAST: f32 = 0.01;
const MOST: f32 = 2.0;

impl Bars {
    /// Hears an ear of so many quick and fine bands.
    pub fn new(bands: (usize, usize)) -> Self {
        let net = BarNet::new();
        Self {
            bar: Bar::new(),
            beats: Grid::new(bands, &net),
            halves: Grid::new(bands, &net),
            past: Past::new(bands),
            net,
        }
    }

    /// Hears a tick at a place, in beats from the start, where a beat has `period` ticks. When a beat is over, returns
    /// how many times as likely it is that the pulse lies half a beat away. Realtime-safe: yes.
    pub fn process(&mut self, place: f64, period: f64, sound: Sound<'_>, marks: &Marks) -> Option<f32> {
        self.past.process(sound, marks);
        let over = self.beats.process(place, period / RATE, sound, marks, &mut self.net);
        self.halves.process(place + HALF, period / RATE, sound, marks, &mut self.net);
        self.bar.judge(over?, self.beats.heard());
        Some(times_as_likely(self.halves.heard().right, self.beats.heard().right))
    }

    /// Hears the last seconds again: the beats lie elsewhere than was thought, and what was heard was cut into the wrong
    /// parts. This is another beat's place now, and another period, in ticks. Realtime-safe: yes.
    pub fn process_again(&mut self, place: f64, period: f64) {
        self.bar.doubt();
        self.beats.forget();
        self.halves.forget();
        for (ago, sound, marks) in self.past.ticks() {
            let place = place - ago as f64 / period;
            if let Some(beat) = self.beats.process(place, period / RATE, sound, marks, &mut self.net) {
                self.bar.judge(beat, self.beats.heard());
            }
            self.halves.process(place + HALF, period / RATE, sound, marks, &mut self.net);
        }
    }

    /// How many times as likely as the period of the beats that were heard the net finds another one, each as a multiple of it:
    /// these are twice as many as people tap, or half as many.
    pub fn levels(&self) -> [(f64, f32); 2] {
        let heard = self.beats.heard();
        [(2.0, times_as_likely(heard.double, heard.right)), (0.5, times_as_likely(heard.half, heard.right))]
    }

    /// What the net said of the last beat.
    pub fn heard(&self) -> &BarEvidence {
        self.beats.heard()
    }

    /// The last seconds.
    pub fn past(&self) -> &Past {
        &self.past
    }

    /// Nothing that was heard counts any more. Realtime-safe: yes.
    pub fn forget(&mut self) {
        self.bar.forget();
        self.beats.forget();
        self.halves.forget();
        self.past.forget();
    }
}

/// How many times as likely one thing is as another, as far as one beat can say.
fn times_as_likely(one: f32, other: f32) -> f32 {
    (one.max(LEAST).ln() - other.max(LEAST).ln()).clamp(-MOST, MOST).exp()
}
