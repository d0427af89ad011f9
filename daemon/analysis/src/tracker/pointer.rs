//! The bar-pointer model: a belief over every tempo and every place in the beat.

use super::estimate::Estimate;
use crate::rhythm::{TEMPI, tempo_place};
use std::f64::consts::TAU;
use std::ops::Range;

/// A hidden Markov model whose states are the ticks of a beat, for every beat length of a whole number of ticks. Each
/// tick the pointer advances by one state; the tempo may only change at the end of a beat. Forward algorithm only, so
/// nothing waits for the future.
///
/// F. Krebs, S. Böck, G. Widmer: "An efficient state-space model for joint tempo and meter tracking", ISMIR 2015, with
/// its tempo transition; beat window and floor are narrower.
pub(super) struct Pointer {
    periods: Vec<usize>,
    /// The first state of each period; one more at the end.
    starts: Vec<usize>,
    /// Probability of each state.
    belief: Vec<f32>,
    /// Probability of each period.
    weights: Vec<f32>,
    /// Probability of going from one period to another at a beat; a row for each destination.
    change: Vec<f32>,
    /// The prior gain of each period per tick.
    pull: Vec<f32>,
    /// The allowed periods.
    allowed: Range<usize>,
    rate: f64,
    leaving: Vec<f32>,
    arriving: Vec<f32>,
    /// The gain of each period per tick from the net.
    felt: Vec<f32>,
    /// The index of each period among the net's tempi.
    places: Vec<(usize, f32)>,
    ticks: u32,
    /// Whether a person has set the tempo: the net's tempi are then ignored.
    preferred: bool,
    /// Cosine and sine of each state's phase.
    circle: Vec<(f32, f32)>,
}

/// The part of a beat in which its onset is expected.
const WINDOW: f64 = 1.0 / 16.0;
/// Stiffness of the tempo: the λ of Krebs et al. A high one helps steady music, a low one ramps and recovery.
const STIFFNESS: f64 = 80.0;
/// Minimum and maximum likelihood of an activation on a beat.
const FLOOR: f32 = 0.001;
const CEILING: f32 = 0.99;
/// Exponent of each tick's likelihood: ticks are not independent, because an onset lasts for several.
const TRUST: f32 = 0.8;
/// Tempi that people tap: log-normal, its middle in BPM and its width in octaves (after D. Moelants: "Preferred tempo
/// reconsidered", ICMPC 2002).
const USUAL_BPM: f64 = 118.0;
const USUAL_OCTAVES: f64 = 0.55;
/// Pull of the usual tempo at each change, as an exponent.
const USUAL_DRAW: f64 = 0.15;
/// Its constant pull, as an exponent per second: it settles the octave if the music leaves it open.
const USUAL_PULL: f64 = 0.3;
/// Pull of a tempo set by a person.
const PREFERRED_PULL: f64 = 1.0;
/// Pull of the net's tempi, as an exponent per second; none counts for less than the minimum share. Updated at this
/// interval in ticks.
const FELT_PULL: f32 = 1.2;
const LEAST_SHARE: f32 = 0.01;
const FEELS_EVERY: u32 = 10;
/// Width of a preferred tempo, in octaves: a song may change its tempo by a fifth.
const PREFERRED_OCTAVES: f64 = 0.25;
/// Precision of a tempo and a beat set by a person, in octaves and in beats: that of tapping.
const BELIEVED_OCTAVES: f64 = 0.03;
const BELIEVED_BEATS: f64 = 0.04;
/// Minimum probability of a state, so that a new tempo is found within seconds, however sure the old one was: higher is
/// quicker, and easier to fool.
const OPEN: f32 = 1e-18;
/// Tempi that differ by less than this share are the same.
const NEAR: f64 = 0.06;
/// The cosine of a tenth of a beat: anything nearer is the same beat.
const NEAR_COSINE: f32 = 0.809;
/// Number of periods beside the best one in the estimate.
const BESIDE: usize = 2;

impl Pointer {
    /// A pointer that only knows the usual tempi. `rate` is in ticks per second, `range` in BPM.
    pub fn new(rate: f64, range: (f64, f64)) -> Self {
        let shortest = (60.0 * rate / range.1).floor() as usize;
        let longest = (60.0 * rate / range.0).ceil() as usize;
        let periods: Vec<usize> = (shortest..=longest).collect();
        let starts: Vec<usize> = std::iter::once(0)
            .chain(periods.iter().scan(0, |end, period| {
                *end += period;
                Some(*end)
            }))
            .collect();
        let usual: Vec<f64> = periods.iter().map(|period| usual(60.0 * rate / *period as f64)).collect();
        let total: f64 = usual.iter().sum();
        let spread = |(period, usual): (&usize, &f64)| {
            let share = (usual / total / *period as f64) as f32;
            std::iter::repeat_n(share, *period)
        };
        let circle = periods.iter().flat_map(|period| {
            let angle = move |state| TAU * state as f64 / *period as f64;
            (0..*period).map(move |state| (angle(state).cos() as f32, angle(state).sin() as f32))
        });
        Self {
            belief: periods.iter().zip(&usual).flat_map(spread).collect(),
            weights: vec![0.0; periods.len()],
            change: changes(&periods, &usual),
            felt: vec![1.0; periods.len()],
            places: periods.iter().map(|period| place_of(60.0 * rate / *period as f64)).collect(),
            ticks: 0,
            preferred: false,
            pull: usual.iter().map(|usual| usual.powf(USUAL_PULL / rate) as f32).collect(),
            leaving: vec![0.0; periods.len()],
            arriving: vec![0.0; periods.len()],
            circle: circle.collect(),
            allowed: 0..periods.len(),
            rate,
            periods,
            starts,
        }
    }

    /// Advances by one tick with this `activation` (0 to 1). Realtime-safe: yes.
    pub fn tick(&mut self, activation: f32, tempi: &[f32; TEMPI]) -> Estimate {
        self.advance();
        self.ticks += 1;
        if self.ticks == FEELS_EVERY {
            self.ticks = 0;
            if !self.preferred {
                self.feel(tempi);
            }
        }
        self.observe(activation);
        self.estimate()
    }

    /// Limits the periods, in ticks, to a range; the nearest one if none lies between. Realtime-safe: yes.
    pub fn restrict(&mut self, shortest: f64, longest: f64) {
        let last = self.periods.len() - 1;
        let first = self.periods.partition_point(|period| (*period as f64) < shortest.floor()).min(last);
        let end = self.periods.partition_point(|period| (*period as f64) <= longest.ceil());
        self.allowed = first..end.max(first + 1);
    }

    /// Prefers periods near one, in ticks; without one, those that people tap. Realtime-safe: yes.
    pub fn prefer(&mut self, period: Option<f64>) {
        self.preferred = period.is_some();
        self.felt.fill(1.0);
        for (pull, place) in self.pull.iter_mut().zip(&self.periods) {
            let here = 60.0 * self.rate / *place as f64;
            let likely = match period {
                Some(period) => bell((*place as f64 / period).log2() / PREFERRED_OCTAVES),
                None => usual(here),
            };
            let pulls = if period.is_some() { PREFERRED_PULL } else { USUAL_PULL };
            *pull = likely.powf(pulls / self.rate) as f32;
        }
    }

    /// Sets a period, in ticks, and a phase. Realtime-safe: yes.
    pub fn believe(&mut self, period: f64, phase: f64) {
        for (place, length) in self.periods.iter().enumerate() {
            let likely = bell((*length as f64 / period).log2() / BELIEVED_OCTAVES);
            let states = &mut self.belief[self.starts[place]..self.starts[place + 1]];
            for (number, state) in states.iter_mut().enumerate() {
                let away = number as f64 / *length as f64 - phase;
                let there = bell((away - away.round()) / BELIEVED_BEATS);
                *state = ((likely * there) as f32).max(OPEN);
            }
        }
    }

    /// Makes beats half a beat away from this phase this many times likelier, at any tempo near the present one.
    /// Realtime-safe: yes.
    pub fn weigh(&mut self, phase: f64, ratio: f32) {
        let best = self.allowed.start + greatest(&self.weights[self.allowed.clone()]);
        let angle = TAU * (phase + super::flywheel::AHEAD);
        let (x, y) = (angle.cos() as f32, angle.sin() as f32);
        let states = self.states(self.places_near(self.periods[best] as f64));
        for (state, (cos, sin)) in self.belief[states.clone()].iter_mut().zip(&self.circle[states]) {
            if cos * x + sin * y < 0.0 {
                *state = (*state * ratio).max(OPEN);
            }
        }
    }

    /// Makes a period in ticks, and those near it, this many times likelier. Realtime-safe: yes.
    pub fn weigh_period(&mut self, period: f64, ratio: f32) {
        let states = self.states(self.places_near(period));
        self.belief[states].iter_mut().for_each(|state| *state = (*state * ratio).max(OPEN));
    }

    /// The indices of the periods with the same tempo as one, in ticks.
    fn places_near(&self, period: f64) -> Range<usize> {
        let place = |ticks: f64| self.periods.partition_point(|period| (*period as f64) < ticks);
        let (first, end) = (place(period * (1.0 - NEAR)), place((period * (1.0 + NEAR)).next_up()));
        first..end
    }

    /// The states of some periods, by their indices.
    fn states(&self, places: Range<usize>) -> Range<usize> {
        self.starts[places.start]..self.starts[places.end]
    }

    /// The probability of a tempo near a period in ticks, and, given that, of a beat near a phase. Realtime-safe: yes.
    pub fn belief(&self, period: f64, phase: f64) -> (f32, f32) {
        let angle = TAU * (phase + super::flywheel::AHEAD);
        let (x, y) = (angle.cos() as f32, angle.sin() as f32);
        let places = self.places_near(period);
        let tempo: f32 = self.weights[places.clone()].iter().sum();
        let states = self.states(places);
        let there = self.belief[states.clone()].iter().zip(&self.circle[states]);
        let beat: f32 = there.filter(|(_, (cos, sin))| cos * x + sin * y > NEAR_COSINE).map(|(state, _)| state).sum();
        (tempo, if tempo > 0.0 { (beat / tempo).min(1.0) } else { 0.0 })
    }

    /// Forgets everything except the usual tempi. Realtime-safe: yes.
    pub fn forget(&mut self) {
        for (place, length) in self.periods.iter().enumerate() {
            let share = usual(60.0 * self.rate / *length as f64) / *length as f64;
            self.belief[self.starts[place]..self.starts[place + 1]].fill(share as f32);
        }
    }

    /// Updates the net's tempi.
    fn feel(&mut self, tempi: &[f32; TEMPI]) {
        let mut greatest = 0.0f32;
        for (felt, (place, part)) in self.felt.iter_mut().zip(&self.places) {
            let share = tempi[*place] * (1.0 - part) + tempi[*place + 1] * part;
            *felt = (share + LEAST_SHARE).powf(FELT_PULL / self.rate as f32);
            greatest = greatest.max(*felt);
        }
        self.felt.iter_mut().for_each(|felt| *felt /= greatest);
    }

    fn advance(&mut self) {
        for (leaving, end) in self.leaving.iter_mut().zip(&self.starts[1..]) {
            *leaving = self.belief[end - 1];
        }
        let rows = self.change.chunks_exact(self.periods.len());
        for (arriving, row) in self.arriving.iter_mut().zip(rows) {
            *arriving = row.iter().zip(&self.leaving).map(|(change, leaving)| change * leaving).sum();
        }
        let last = self.belief.len() - 1;
        self.belief.copy_within(..last, 1);
        for (arriving, start) in self.arriving.iter().zip(&self.starts) {
            self.belief[*start] = *arriving;
        }
    }

    fn observe(&mut self, activation: f32) {
        let on = activation.clamp(FLOOR, CEILING);
        let off = (1.0 - on) / (1.0 / WINDOW as f32 - 1.0);
        let ratio = (on / off).powf(TRUST);
        let mut total = 0.0;
        for (place, period) in self.periods.iter().enumerate() {
            let states = &mut self.belief[self.starts[place]..self.starts[place + 1]];
            if !self.allowed.contains(&place) {
                states.fill(0.0);
                self.weights[place] = 0.0;
                continue;
            }
            let window = (*period as f64 * WINDOW).ceil() as usize;
            let pull = self.pull[place] * self.felt[place];
            states.iter_mut().for_each(|state| *state *= pull);
            states[..window].iter_mut().for_each(|state| *state *= ratio);
            self.weights[place] = states.iter().sum();
            total += self.weights[place];
        }
        let scale = 1.0 / total;
        self.belief.iter_mut().for_each(|state| *state = (*state * scale).max(OPEN));
        self.weights.iter_mut().for_each(|weight| *weight *= scale);
    }

    /// The circular mean around the best state: finer than a tick.
    fn estimate(&self) -> Estimate {
        let best = self.allowed.start + greatest(&self.weights[self.allowed.clone()]);
        let near = best.saturating_sub(BESIDE).max(self.allowed.start)..(best + BESIDE + 1).min(self.allowed.end);
        let peak = self.starts[best] + greatest(&self.belief[self.starts[best]..self.starts[best + 1]]);
        let (peak_x, peak_y) = self.circle[peak];
        let states = self.starts[near.start]..self.starts[near.end];
        let (mut x, mut y) = (0.0, 0.0);
        for (state, (cos, sin)) in self.belief[states.clone()].iter().zip(&self.circle[states]) {
            // Another mode, half a beat away, must not pull the mean to where there is no beat.
            if cos * peak_x + sin * peak_y > 0.0 {
                x += state * cos;
                y += state * sin;
            }
        }
        let weight: f32 = self.weights[near.clone()].iter().sum();
        let moment: f32 = near.map(|place| self.weights[place] * self.periods[place] as f32).sum();
        Estimate { period: f64::from(moment / weight), phase: (f64::from(y).atan2(f64::from(x)) / TAU).rem_euclid(1.0) }
    }
}

/// The index below a tempo, and the fraction to the next.
fn place_of(bpm: f64) -> (usize, f32) {
    let place = tempo_place(bpm).clamp(0.0, (TEMPI - 1) as f64 - 1e-3);
    (place as usize, place.fract() as f32)
}

/// The index of the greatest value.
fn greatest(values: &[f32]) -> usize {
    (0..values.len()).max_by(|a, b| values[*a].total_cmp(&values[*b])).unwrap_or(0)
}

/// The prior of a tempo, 1 for the most usual.
fn usual(bpm: f64) -> f64 {
    bell((bpm / USUAL_BPM).log2() / USUAL_OCTAVES)
}

/// 1 in the middle, falling off by standard deviations.
fn bell(deviation: f64) -> f64 {
    (-0.5 * deviation * deviation).exp()
}

fn changes(periods: &[usize], usual: &[f64]) -> Vec<f32> {
    let count = periods.len();
    let mut change = vec![0.0; count * count];
    for (from, old) in periods.iter().enumerate() {
        let likely = |(new, usual): (&usize, &f64)| {
            let ratio = *new as f64 / *old as f64;
            (-STIFFNESS * (ratio - 1.0).abs()).exp() * usual.powf(USUAL_DRAW)
        };
        let total: f64 = periods.iter().zip(usual).map(likely).sum();
        for (to, pair) in periods.iter().zip(usual).enumerate() {
            change[to * count + from] = (likely(pair) / total) as f32;
        }
    }
    change
}

#[cfg(test)]
mod tests {
    use super::super::flywheel::AHEAD;
    use super::*;

    fn track(pointer: &mut Pointer, ticks: std::ops::Range<usize>, is_beat: impl Fn(usize) -> bool) -> Estimate {
        // A mark of the net is three ticks wide.
        let mark = |tick: usize| match (is_beat(tick), is_beat(tick + 1) || tick > 0 && is_beat(tick - 1)) {
            (true, _) => 0.8,
            (_, true) => 0.4,
            _ => 0.02,
        };
        ticks.map(|tick| pointer.tick(mark(tick), &[0.0; TEMPI])).last().unwrap()
    }

    #[test]
    fn a_steady_beat_is_found_with_its_phase() {
        let mut pointer = Pointer::new(100.0, (60.0, 200.0));
        let estimate = track(&mut pointer, 0..1021, |tick| tick % 50 == 0);
        assert!((estimate.period - 50.0).abs() < 0.3, "{estimate:?}");
        // The onset is somewhere in the beat window, a sixteenth of the beat.
        assert!((0.4..0.4 + 1.0 / 16.0).contains(&estimate.phase), "{estimate:?}");
    }

    #[test]
    fn a_tempo_between_two_whole_periods_is_told_to_a_part_of_a_tick() {
        let mut pointer = Pointer::new(100.0, (60.0, 200.0));
        let estimate = track(&mut pointer, 0..3000, |tick| (tick as f64 / 46.875).fract() < 1.0 / 46.875);
        assert!((estimate.period - 46.875).abs() < 0.5, "{estimate:?}");
    }

    #[test]
    fn the_half_of_the_beat_that_is_said_to_be_likelier_is_believed_in_the_end() {
        let mut pointer = Pointer::new(100.0, (60.0, 200.0));
        let is_beat = |tick: usize| tick.is_multiple_of(50) || tick > 1000 && tick % 50 == 25;
        let before = track(&mut pointer, 0..1530, is_beat);
        for beat in 0..32 {
            let start = 1530 + 50 * beat;
            let estimate = track(&mut pointer, start..start + 50, is_beat);
            let away = (before.phase - estimate.phase).rem_euclid(1.0);
            pointer.weigh(before.phase - AHEAD, if (away - 0.5).abs() < 0.1 { 1.0 } else { 7.0 });
        }
        let after = track(&mut pointer, 3130..3180, is_beat);
        assert!(((after.phase - before.phase).rem_euclid(1.0) - 0.5).abs() < 0.05, "{before:?} {after:?}");
        assert!((after.period - 50.0).abs() < 0.3, "{after:?}");
    }

    #[test]
    fn beliefs_stay_numbers_through_an_hour_of_nothing() {
        let mut pointer = Pointer::new(100.0, (60.0, 200.0));
        let estimate = track(&mut pointer, 0..360_000, |_| false);
        assert!(estimate.period.is_finite() && estimate.phase.is_finite());
        assert!(pointer.belief.iter().all(|state| state.is_finite() && *state > 0.0));
    }

    #[test]
    fn the_double_and_the_half_of_a_usual_tempo_are_less_usual() {
        assert!(usual(120.0) > usual(60.0) && usual(120.0) > usual(240.0));
    }
}
