//! Beat-by-beat evidence: where the bars start, and whether the beats are the right ones.

use super::bar::Bar;
use super::grid::Grid;
use super::past::Past;
use crate::rhythm::{BarEvidence, BarNet, Marks, RATE, Sound};

/// Runs the net of the bars on the beats, and also on beats half a beat away.
pub(super) struct Bars {
    /// Its conclusion.
    pub bar: Bar,
    net: BarNet,
    beats: Grid,
    halves: Grid,
    past: Past,
}

const HALF: f64 = 0.5;
/// The least probability that counts, and the maximum evidence of one beat about other beats, as a logarithm.
const LEAST: f32 = 0.01;
const MOST: f32 = 2.0;

impl Bars {
    /// For an ear with this many quick and fine bands.
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

    /// Takes a tick at a place, in beats from the start, with a beat of `period` ticks. When a beat is over, returns
    /// how many times likelier the pulse is half a beat away. Realtime-safe: yes.
    pub fn process(&mut self, place: f64, period: f64, sound: Sound<'_>, marks: &Marks) -> Option<f32> {
        self.past.process(sound, marks);
        let over = self.beats.process(place, period / RATE, sound, marks, &mut self.net);
        self.halves.process(place + HALF, period / RATE, sound, marks, &mut self.net);
        self.bar.judge(over?, self.beats.heard());
        Some(times_as_likely(self.halves.heard().right, self.beats.heard().right))
    }

    /// Reruns the last seconds: the beats have moved, so the sound was cut into the wrong parts. Takes another beat's
    /// place now, and another period, in ticks. Realtime-safe: yes.
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

    /// How many times likelier than the current period the net finds others, each as a multiple of it: the current
    /// beats are twice as many as people tap, or half as many.
    pub fn levels(&self) -> [(f64, f32); 2] {
        let heard = self.beats.heard();
        [(2.0, times_as_likely(heard.double, heard.right)), (0.5, times_as_likely(heard.half, heard.right))]
    }

    /// The net's output for the last beat.
    pub fn heard(&self) -> &BarEvidence {
        self.beats.heard()
    }

    /// The last seconds.
    pub fn past(&self) -> &Past {
        &self.past
    }

    /// Forgets everything. Realtime-safe: yes.
    pub fn forget(&mut self) {
        self.bar.forget();
        self.beats.forget();
        self.halves.forget();
        self.past.forget();
    }
}

/// The likelihood ratio of two hypotheses, limited to the evidence of one beat.
fn times_as_likely(one: f32, other: f32) -> f32 {
    (one.max(LEAST).ln() - other.max(LEAST).ln()).clamp(-MOST, MOST).exp()
}
