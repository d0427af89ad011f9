//! Which beat is the first of the bar, and how many beats a bar has.

use crate::knob;

/// A belief over bar lengths and the place in the bar, moved on by one place at each beat: the upper half of the
/// bar-pointer model of F. Krebs, S. Böck, G. Widmer: "An efficient state-space model for joint tempo and meter
/// tracking", ISMIR 2015. What speaks for a downbeat is what the net says of each beat.
#[derive(Clone, Debug)]
pub(super) struct Bar {
    /// Probability of each place of each bar length.
    belief: [[f32; LONGEST]; METRES.len()],
    /// The beat that the belief is about.
    count: u64,
    beat: f32,
    downbeat: f32,
    half: bool,
    metre: usize,
    /// Where in the bar that beat is.
    place: usize,
    confidence: f32,
    knobs: [f32; 4],
}

/// The bar lengths that are told apart, with how usual each is.
const METRES: [(u8, f32); 6] = [(4, 0.76), (3, 0.1), (2, 0.05), (5, 0.03), (6, 0.03), (7, 0.03)];
const LONGEST: usize = 7;
/// How near to a beat a mark belongs to it.
const REACH: f64 = 0.15;

impl Bar {
    pub fn new() -> Self {
        let mut bar = Self {
            belief: Self::usual(),
            count: 0,
            beat: 0.0,
            downbeat: 0.0,
            half: false,
            metre: 0,
            place: 0,
            confidence: 0.0,
            knobs: [knob("BTRUST", 0.7) as f32, knob("BCHANGE", 0.002) as f32, knob("BMARGIN", 2.0) as f32, knob("BDOUBT", 0.5) as f32],
        };
        bar.decide();
        bar
    }

    fn usual() -> [[f32; LONGEST]; METRES.len()] {
        METRES.map(|(beats, usual)| std::array::from_fn(|k| if k < usize::from(beats) { usual / f32::from(beats) } else { 0.0 }))
    }

    /// Hears a tick: how likely a beat and a downbeat are, and the phase and count of the beat that it belongs to.
    pub fn hear(&mut self, beat: f32, downbeat: f32, phase: f64, count: u64) {
        if !(REACH..=1.0 - REACH).contains(&phase) {
            self.beat = self.beat.max(beat);
            self.downbeat = self.downbeat.max(downbeat);
        }
        let half = phase >= 0.5;
        if half && !self.half {
            self.judge(count);
            (self.beat, self.downbeat) = (0.0, 0.0);
        }
        self.half = half;
    }

    fn judge(&mut self, count: u64) {
        let steps = count.saturating_sub(self.count).min(8);
        for _ in 0..steps {
            self.advance();
        }
        self.count = count;
        let [trust, _, margin, _] = self.knobs;
        let share = (self.downbeat / self.beat.max(0.05)).clamp(0.03, 0.9);
        let certain = (self.beat / 0.3).min(1.0);
        let ratio = (3.0 * share / (1.0 - share)).powf(trust * certain);
        let mut total = 0.0;
        for places in &mut self.belief {
            places[0] *= ratio;
            total += places.iter().sum::<f32>();
        }
        self.belief.as_flattened_mut().iter_mut().for_each(|b| *b = (*b / total).max(0.0));
        let _ = margin;
        self.decide();
    }

    fn advance(&mut self) {
        let change = self.knobs[1];
        let usual = Self::usual();
        for ((places, (beats, _)), usual) in self.belief.iter_mut().zip(METRES).zip(usual) {
            let beats = usize::from(beats);
            places[..beats].rotate_right(1);
            for (place, usual) in places[..beats].iter_mut().zip(usual) {
                *place = *place * (1.0 - change) + usual * change;
            }
        }
        let beats = usize::from(METRES[self.metre].0);
        self.place = (self.place + 1) % beats;
    }

    fn decide(&mut self) {
        let mut best = (self.metre, self.place);
        for (metre, (beats, _)) in METRES.iter().enumerate() {
            for place in 0..usize::from(*beats) {
                let held = if best == (self.metre, self.place) { self.knobs[2] } else { 1.0 };
                if self.belief[metre][place] > held * self.belief[best.0][best.1] {
                    best = (metre, place);
                }
            }
        }
        (self.metre, self.place) = best;
        self.confidence = self.belief[best.0][best.1];
    }

    /// The beat was set anew, so that the count says little about the bar.
    pub fn doubt(&mut self) {
        let kept = self.knobs[3];
        for (belief, usual) in self.belief.as_flattened_mut().iter_mut().zip(Self::usual().as_flattened()) {
            *belief = *belief * kept + usual * (1.0 - kept);
        }
        self.confidence *= kept;
    }

    pub fn beats(&self) -> u8 {
        METRES[self.metre].0
    }

    /// Which beat of the bar a count is, from 0.
    pub fn beat(&self, count: u64) -> u8 {
        let beats = i64::from(self.beats());
        let ahead = count as i64 - self.count as i64;
        (self.place as i64 + ahead).rem_euclid(beats) as u8
    }

    pub fn confidence(&self) -> f32 {
        self.confidence
    }
}
