//! The same music gives the same results however the two sides are wired.

mod signal;

use downbeat_analysis::{Hop, Polarity, Pulse, fields};
use signal::{Dice, Music, analyzer, errors, place, shown};

const RATE: f64 = 48_000.0;
const HOP: usize = 256;
const SECONDS: f64 = 16.0;
const BPM: f64 = 124.0;
/// A tick of the tracker, in seconds: beats of another balance of the same instruments may differ by so much.
const TICK: f64 = 0.01;

/// The middle of a mix, and its sides: a wide synth with an echo.
fn mix(rate: f64) -> [Vec<f32>; 2] {
    let mut middle = Music::silence(SECONDS, rate);
    middle.four_on_the_floor(0.3, SECONDS, BPM);
    let mut side = Music::silence(SECONDS, rate);
    for k in 0..(SECONDS as usize) {
        side.chord(0.3 + k as f64, 0.9, [440.0, 523.3][k % 2], 0.02);
    }
    [middle.samples, side.samples]
}

/// Left and right of a middle and its sides.
fn stereo([middle, side]: &[Vec<f32>; 2]) -> [Vec<f32>; 2] {
    let both = |f: fn(f32, f32) -> f32| middle.iter().zip(side).map(|(m, s)| f(*m, *s)).collect();
    [both(|m, s| m + s), both(|m, s| m - s)]
}

fn scaled(samples: &[f32], gain: f32) -> Vec<f32> {
    samples.iter().map(|sample| gain * sample).collect()
}

/// What an analyser says of two sides.
struct Analysis {
    rate: f64,
    pulses: Vec<(f64, Pulse)>,
    values: Vec<Vec<f32>>,
    polarity: Vec<Polarity>,
}

impl Analysis {
    fn new([left, right]: &[Vec<f32>; 2], rate: f64) -> Self {
        let mut heard = Self { rate, pulses: vec![], values: vec![], polarity: vec![] };
        analyzer(rate, HOP).push(left, right, |hop: Hop<'_>| {
            heard.pulses.push((hop.end as f64 / rate, hop.pulse));
            heard.values.push(hop.values.to_vec());
            heard.polarity.push(hop.polarity);
        });
        heard
    }

    fn beats(&self) -> Vec<f64> {
        shown(&self.pulses, self.rate)
    }

    fn most(&self, name: &str) -> f32 {
        let place = place(name);
        self.values.iter().map(|values| values[place]).fold(0.0, f32::max)
    }

    /// The seconds at which the told polarity changes.
    fn turns(&self) -> Vec<f64> {
        let pairs = self.polarity.windows(2).zip(&self.pulses);
        pairs.filter(|(pair, _)| pair[0] != pair[1]).map(|(_, (end, _))| *end).collect()
    }

    /// Fails unless beats come as early as there, as many, and within so many seconds.
    fn check_beats(&self, control: &Self, apart: f64) {
        let (beats, truth) = (self.beats(), control.beats());
        assert!(truth.len() > 20, "the control has {} beats", truth.len());
        let errors = errors(&truth, &beats);
        let worst = errors.iter().fold(0.0f64, |worst, error| worst.max(error.abs()));
        assert!(worst <= apart, "beats are {worst} s from the control's");
        assert!(beats.len().abs_diff(truth.len()) <= 1, "{} beats, {} in the control", beats.len(), truth.len());
    }

    /// Fails unless all that is computed from one wave, and not of the sides, is the same to the last bit.
    fn check_same(&self, other: &Self) {
        assert_eq!(self.pulses, other.pulses);
        let mut at = 0;
        for field in fields() {
            let of_sides = ["rms", "peak", "loudness", "level", "width", "balance", "cancels", "part"];
            if !of_sides.iter().any(|name| field.name.starts_with(name)) {
                let of = |heard: &Self| -> Vec<f32> {
                    heard.values.iter().flat_map(|values| values[at..at + field.len].to_vec()).collect()
                };
                assert!(of(self) == of(other), "{} differs", field.name);
            }
            at += field.len;
        }
    }
}

#[test]
fn a_mix_is_heard_as_its_middle_to_the_last_bit() {
    let sides = stereo(&mix(RATE));
    let middle: Vec<f32> = sides[0].iter().zip(&sides[1]).map(|(left, right)| 0.5 * (left + right)).collect();
    let heard = Analysis::new(&sides, RATE);
    heard.check_same(&Analysis::new(&[middle.clone(), middle], RATE));
    assert!(heard.polarity.iter().all(|polarity| *polarity == Polarity::Normal));
}

#[test]
fn a_reversed_side_changes_nothing_at_any_sample_rate() {
    for rate in [16_000.0, 44_100.0, RATE, 96_000.0] {
        let [left, right] = stereo(&mix(rate));
        let control = Analysis::new(&[left.clone(), right.clone()], rate);
        let reversed = Analysis::new(&[left.clone(), scaled(&right, -1.0)], rate);
        reversed.check_same(&control);
        // Half a second after the sound, and a beat for it to be sure.
        assert!(reversed.turns().len() == 1 && reversed.turns()[0] < 1.5, "{rate}: {:?}", reversed.turns());
        assert_eq!(reversed.values.last().unwrap()[place("cancels")], 1.0);
        Analysis::new(&[scaled(&left, -1.0), right], rate).check_beats(&control, 0.001);
    }
}

#[test]
fn a_mono_pair_that_cancels_is_heard_from_its_first_beat() {
    let [middle, _] = mix(RATE);
    let control = Analysis::new(&[middle.clone(), middle.clone()], RATE);
    let reversed = Analysis::new(&[middle.clone(), scaled(&middle, -1.0)], RATE);
    reversed.check_same(&control);
    assert_eq!(reversed.most("width.full"), 1.0);
    assert_eq!(reversed.most("part.vocals"), control.most("part.vocals"));
}

#[test]
fn one_side_may_be_much_quieter() {
    let [left, right] = stereo(&mix(RATE));
    let control = Analysis::new(&[left.clone(), right.clone()], RATE);
    for gain in [0.1, -0.1, 0.3, -0.3] {
        let heard = Analysis::new(&[left.clone(), scaled(&right, gain)], RATE);
        heard.check_beats(&control, TICK);
        assert!(heard.most("band.bass") > 0.9);
    }
}

/// -57 dBFS on one side is music; half of it would be silence.
#[test]
fn a_dead_side_does_not_make_quiet_music_silent() {
    let [middle, _] = mix(RATE);
    let mean_square = middle.iter().map(|x| x * x).sum::<f32>() / middle.len() as f32;
    let gain = 10f32.powf(-57.0 / 20.0) / mean_square.sqrt();
    let (quiet, dead) = (scaled(&middle, gain), vec![0.0; middle.len()]);
    for sides in [[quiet.clone(), dead.clone()], [dead, quiet]] {
        let heard = Analysis::new(&sides, RATE);
        let beats = heard.beats();
        assert!(beats.iter().filter(|beat| **beat > 8.0).count() >= 15, "{beats:?}");
        assert!(heard.polarity.iter().all(|polarity| *polarity == Polarity::Normal));
    }
}

#[test]
fn a_side_that_is_reversed_while_it_plays_costs_no_beat() {
    let [left, mut right] = stereo(&mix(RATE));
    let control = Analysis::new(&[left.clone(), right.clone()], RATE);
    let (from, to) = (6.0, 11.0);
    right[(from * RATE) as usize..(to * RATE) as usize].iter_mut().for_each(|sample| *sample *= -1.0);
    let heard = Analysis::new(&[left, right], RATE);
    heard.check_beats(&control, 0.025);
    let turns = heard.turns();
    assert!(turns.len() == 2 && turns[0] - from < 2.5 && turns[1] - to < 2.5, "{turns:?}");
}

#[test]
fn other_wires_after_a_pause_are_found_with_the_first_beat() {
    let [left, right] = stereo(&mix(RATE));
    let pause = vec![0.0; (3.0 * RATE) as usize];
    let twice = |second: f32| {
        [
            [left.clone(), pause.clone(), left.clone()].concat(),
            [right.clone(), pause.clone(), scaled(&right, second)].concat(),
        ]
    };
    let (control, heard) = (Analysis::new(&twice(1.0), RATE), Analysis::new(&twice(-1.0), RATE));
    heard.check_beats(&control, 0.002);
}

/// Wide and out of phase, and louder than all that is in the middle above the bass.
#[test]
fn sound_out_of_phase_over_bass_in_the_middle_is_no_reversed_side() {
    let mut middle = Music::silence(SECONDS, RATE);
    middle.four_on_the_floor(0.3, SECONDS, BPM);
    let mut side = Music::silence(SECONDS, RATE);
    side.chord(0.3, SECONDS - 0.3, 330.0, 0.2);
    let mut dice = Dice(5);
    side.add(0.3, SECONDS, |t| 0.05 * dice.roll() * (1.0 - (t * BPM / 60.0).fract()));
    let sides = stereo(&[middle.samples, side.samples]);
    let sum: Vec<f32> = sides[0].iter().zip(&sides[1]).map(|(left, right)| 0.5 * (left + right)).collect();
    let heard = Analysis::new(&sides, RATE);
    heard.check_same(&Analysis::new(&[sum.clone(), sum], RATE));
    assert!(heard.turns().is_empty());
}

/// An all-pass of first order: as it is far below `hertz`, reversed far above.
fn all_pass(samples: &[f32], hertz: f64) -> Vec<f32> {
    let warp = (std::f64::consts::PI * hertz / RATE).tan();
    let a = (warp - 1.0) / (warp + 1.0);
    let (mut x1, mut y1) = (0.0, 0.0);
    let step = |x: &f32| {
        let y = a * f64::from(*x) + x1 - a * y1;
        (x1, y1) = (f64::from(*x), y);
        y as f32
    };
    samples.iter().map(step).collect()
}

#[test]
fn a_side_that_is_reversed_in_a_part_of_the_spectrum_loses_none() {
    let [left, right] = stereo(&mix(RATE));
    let control = Analysis::new(&[left.clone(), right.clone()], RATE);
    for gain in [-1.0, 1.0] {
        let heard = Analysis::new(&[left.clone(), scaled(&all_pass(&right, 300.0), gain)], RATE);
        // And the all-pass is late by some milliseconds where it turns.
        heard.check_beats(&control, 1.5 * TICK);
        for band in ["band.bass", "band.mid", "band.air"] {
            assert!(heard.most(band) > 0.9 * control.most(band), "{gain}, {band}: {}", heard.most(band));
        }
        let count = |heard: &Analysis| heard.values.last().unwrap()[place("hit-count.hat")];
        assert!(count(&heard) > 0.8 * count(&control), "{gain}: {} of {} hats", count(&heard), count(&control));
    }
}

#[test]
fn instruments_on_one_side_each_are_heard_together() {
    let [mut left, mut right] = [Music::silence(SECONDS, RATE), Music::silence(SECONDS, RATE)];
    for k in 0..30 {
        let beat = 0.3 + f64::from(k) * 60.0 / BPM;
        left.kick(beat, 0.7);
        right.hat(beat + 30.0 / BPM, 0.15);
        if k % 2 == 1 {
            right.snare(beat, 0.3);
        }
    }
    let sides = [left.samples, right.samples];
    let sum: Vec<f32> = sides[0].iter().zip(&sides[1]).map(|(left, right)| 0.5 * (left + right)).collect();
    Analysis::new(&sides, RATE).check_same(&Analysis::new(&[sum.clone(), sum], RATE));
}
