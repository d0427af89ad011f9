//! The bar: which beat is its first, and how many beats it has.

use crate::rhythm::BarEvidence;

/// A belief over bar lengths and the place in the bar, advanced by one place at each beat: the upper half of the
/// bar-pointer model of F. Krebs, S. Böck, G. Widmer: "An efficient state-space model for joint tempo and meter
/// tracking", ISMIR 2015. The evidence for a downbeat is the net's output for each beat.
#[derive(Clone, Debug)]
pub(super) struct Bar {
    /// Probability of each place of each bar length.
    belief: [[f32; LONGEST]; METRES.len()],
    /// The beat of the belief.
    count: i64,
    /// The usual logarithm of the odds of a downbeat.
    odds: f32,
    subdivision: Subdivision,
    metre: usize,
    /// The place of that beat in the bar.
    place: usize,
    confidence: f32,
    /// Whether a person has set the first beat.
    said: bool,
}

/// The possible bar lengths, with their prior.
const METRES: [(u8, f32); 6] = [(4, 0.76), (3, 0.1), (2, 0.1), (5, 0.03), (6, 0.03), (7, 0.03)];
const LONGEST: usize = 7;
/// Beats in a bar of 6/8, possible only if the beats divide in three.
const COMPOUND: u8 = 2;
/// Beats over which the usual odds of a downbeat are averaged.
const MEMORY_BEATS: f32 = 16.0;
/// The weight of the net's output, as an exponent, by default and after a person has set the first beat.
const TRUST: f32 = 0.6;
const SAID_TRUST: f32 = 0.06;
/// The probability that the metre changes from one beat to the next.
const CHANGE: f32 = 0.002;
/// How much likelier another first beat must be to move the bar.
const MARGIN: f32 = 2.0;
/// The share of the belief kept when the beat moves.
const KEPT: f32 = 0.5;

impl Bar {
    pub fn new() -> Self {
        let mut bar = Self {
            belief: Self::usual(),
            count: 0,
            odds: -1.0,
            subdivision: Subdivision::default(),
            metre: 0,
            place: 0,
            confidence: 0.0,
            said: false,
        };
        bar.decide();
        bar
    }

    fn usual() -> [[f32; LONGEST]; METRES.len()] {
        METRES.map(|(beats, usual)| {
            std::array::from_fn(|k| if k < usize::from(beats) { usual / f32::from(beats) } else { 0.0 })
        })
    }

    /// Takes a tick: the likelihood of any onset, and the phase.
    pub fn process(&mut self, onset: f32, phase: f64) {
        self.subdivision.process(onset, phase);
    }

    /// Takes the net's output for the beat of this count, which is over.
    pub fn judge(&mut self, count: i64, heard: &BarEvidence) {
        self.advance(count - self.count);
        self.count = count;
        let trust = if self.said { SAID_TRUST } else { TRUST };
        let odds = {
            let downbeat = heard.downbeat.clamp(0.02, 0.98);
            (downbeat / (1.0 - downbeat)).ln()
        };
        let usual = self.odds;
        self.odds += (odds - self.odds) / MEMORY_BEATS;
        let ratio = ((odds - usual) * trust).exp();
        let compound = self.subdivision.is_compound();
        let mut total = 0.0;
        for (places, (beats, _)) in self.belief.iter_mut().zip(METRES) {
            places[0] *= ratio;
            if beats == COMPOUND && !compound {
                places.iter_mut().for_each(|place| *place *= 0.3);
            }
            total += places.iter().sum::<f32>();
        }
        self.belief.as_flattened_mut().iter_mut().for_each(|b| *b = (*b / total).max(0.0));
        self.decide();
    }

    /// Advances by a number of beats: one, unless they were counted anew.
    fn advance(&mut self, ahead: i64) {
        let within = |beats: u8| ahead.rem_euclid(i64::from(beats)) as usize;
        let usual = Self::usual();
        for ((places, (beats, _)), usual) in self.belief.iter_mut().zip(METRES).zip(usual) {
            let places = &mut places[..usize::from(beats)];
            places.rotate_right(within(beats));
            for (place, usual) in places.iter_mut().zip(usual) {
                *place = *place * (1.0 - CHANGE) + usual * CHANGE;
            }
        }
        self.place = (self.place + within(self.beats())) % usize::from(self.beats());
    }

    fn decide(&mut self) {
        let mut best = (self.metre, self.place);
        for (metre, (beats, _)) in METRES.iter().enumerate() {
            for place in 0..usize::from(*beats) {
                let held = if best == (self.metre, self.place) { MARGIN } else { 1.0 };
                if self.belief[metre][place] > held * self.belief[best.0][best.1] {
                    best = (metre, place);
                }
            }
        }
        (self.metre, self.place) = best;
        self.confidence = self.belief[best.0][best.1];
    }

    /// The beat has moved, so its count says little about the bar.
    pub fn doubt(&mut self) {
        for (belief, usual) in self.belief.as_flattened_mut().iter_mut().zip(Self::usual().as_flattened()) {
            *belief = *belief * KEPT + usual * (1.0 - KEPT);
        }
        self.said = false;
        self.confidence *= KEPT;
    }

    /// The beat of this count is the first of its bar: a person has set it, or beats are counted differently now.
    pub fn begin(&mut self, count: u64, said: bool) {
        self.said |= said;
        for (places, (beats, usual)) in self.belief.iter_mut().zip(METRES) {
            places.fill(0.0);
            places[(self.count - count as i64).rem_euclid(i64::from(beats)) as usize] = usual;
        }
        let beats = i64::from(self.beats());
        self.place = (self.count - count as i64).rem_euclid(beats) as usize;
        self.confidence = if said { 1.0 } else { self.confidence };
    }

    /// Forgets the bar.
    pub fn forget(&mut self) {
        self.belief = Self::usual();
        self.metre = 0;
        self.confidence = 0.0;
        self.said = false;
    }

    /// The probability of the current bar, of the second most likely place, and of the length.
    pub fn beliefs(&self) -> (f32, f32, f32) {
        let all = self.belief.iter().enumerate().flat_map(|(metre, places)| {
            places.iter().enumerate().map(move |(place, belief)| ((metre, place), *belief))
        });
        let other = all.filter(|(at, _)| *at != (self.metre, self.place)).map(|(_, belief)| belief).fold(0.0, f32::max);
        (self.belief[self.metre][self.place], other, self.belief[self.metre].iter().sum())
    }

    /// Whether a person has set the first beat.
    pub fn is_said(&self) -> bool {
        self.said
    }

    pub fn beats(&self) -> u8 {
        METRES[self.metre].0
    }

    /// The place of a count in the bar, from 0.
    pub fn beat(&self, count: u64) -> u8 {
        let beats = i64::from(self.beats());
        let ahead = count as i64 - self.count;
        (self.place as i64 + ahead).rem_euclid(beats) as u8
    }

    pub fn confidence(&self) -> f32 {
        self.confidence
    }
}

/// Whether beats divide in two or in three: by onsets at halves and quarters, or at thirds.
#[derive(Clone, Copy, Debug, Default)]
struct Subdivision {
    thirds: f32,
    halves: f32,
}

impl Subdivision {
    /// Memory per tick: 10 s.
    const KEEPS: f32 = 0.999;
    /// How near to a subdivision an onset belongs to it, in beats.
    const REACH: f64 = 1.0 / 24.0;

    fn process(&mut self, onset: f32, phase: f64) {
        let near = |place: f64| f32::from(u8::from((phase - place).abs() < Self::REACH)) * onset;
        let third = near(1.0 / 3.0).max(near(2.0 / 3.0));
        let half = near(0.5) + 0.5 * (near(0.25) + near(0.75));
        self.thirds = self.thirds * Self::KEEPS + third;
        self.halves = self.halves * Self::KEEPS + half;
    }

    fn is_compound(self) -> bool {
        self.thirds > 3.0 * self.halves && self.thirds > 1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds beats of these counts; every fourth, from 0 on, sounds like a downbeat.
    fn process(bar: &mut Bar, counts: std::ops::Range<i64>) {
        for count in counts {
            bar.judge(
                count,
                &BarEvidence { downbeat: if count % 4 == 0 { 0.8 } else { 0.1 }, right: 1.0, ..BarEvidence::default() },
            );
        }
    }

    #[test]
    fn the_downbeat_stays_where_it_is_when_beats_went_by_unheard() {
        let mut bar = Bar::new();
        process(&mut bar, 0..64);
        assert_eq!((bar.beats(), bar.beat(64), bar.beat(67)), (4, 0, 3));
        process(&mut bar, 81..82);
        assert_eq!((bar.beats(), bar.beat(84), bar.beat(85)), (4, 0, 1));
    }
}
