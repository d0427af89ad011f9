//! Small deterministic test signals, and their analysis.
#![allow(dead_code, reason = "each test file takes what it needs")]

use downbeat_analysis::{Analyzer, Pulse, Settings, fields};
use std::f64::consts::{PI, TAU};

/// Mono music under construction.
pub struct Music {
    pub rate: f64,
    pub samples: Vec<f32>,
}

/// A pseudo-random generator (xorshift64*, Marsaglia 2003), the same on every machine.
pub struct Dice(pub u64);

impl Dice {
    /// From -1 to 1.
    pub fn roll(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let bits = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11;
        bits as f64 / (1u64 << 52) as f64 - 1.0
    }
}

impl Music {
    pub fn silence(seconds: f64, rate: f64) -> Self {
        Self { rate, samples: vec![0.0; (seconds * rate) as usize] }
    }

    /// Adds a function of the seconds since `from`, for so many seconds.
    pub fn add(&mut self, from: f64, seconds: f64, mut sound: impl FnMut(f64) -> f64) {
        let first = (from * self.rate).ceil() as usize;
        let end = (((from + seconds) * self.rate) as usize).min(self.samples.len());
        for k in first..end.max(first) {
            self.samples[k] += sound(k as f64 / self.rate - from) as f32;
        }
    }

    /// A bass drum: a sine that falls from 160 to 50 Hz, and ends without a click.
    pub fn kick(&mut self, at: f64, gain: f64) {
        self.add(at, 0.3, |t| {
            let cycles = 50.0 * t + 110.0 * 0.03 * (1.0 - (-t / 0.03).exp());
            gain * ((-t / 0.08).exp() - (-0.3f64 / 0.08).exp()) * (TAU * cycles).sin()
        });
    }

    /// A closed hi-hat: bright noise.
    pub fn hat(&mut self, at: f64, gain: f64) {
        let mut dice = Dice(7);
        let mut last = 0.0;
        self.add(at, 0.08, |t| {
            let noise = dice.roll();
            let bright = noise - std::mem::replace(&mut last, noise);
            gain * (-t / 0.02).exp() * bright
        });
    }

    /// A snare: noise and a tone.
    pub fn snare(&mut self, at: f64, gain: f64) {
        let mut dice = Dice(99);
        self.add(at, 0.2, |t| gain * (-t / 0.05).exp() * (0.6 * dice.roll() + 0.4 * (TAU * 190.0 * t).sin()));
    }

    /// A held chord of three notes with a soft attack.
    pub fn chord(&mut self, at: f64, seconds: f64, root: f64, gain: f64) {
        self.add(at, seconds, |t| {
            let envelope = (t / 0.02).min(1.0) * ((seconds - t) / 0.05).clamp(0.0, 1.0);
            let note = |hertz: f64| (TAU * hertz * t).sin() + 0.4 * (TAU * 2.0 * hertz * t).sin();
            gain * envelope * (note(root) + note(root * 1.26) + note(root * 1.5))
        });
    }

    /// Four on the floor from one time to another: kicks on the beats, hats between them, snares on two and four.
    /// Returns the beats.
    pub fn four_on_the_floor(&mut self, from: f64, to: f64, bpm: f64) -> Vec<f64> {
        let beats: Vec<f64> = (0..).map(|k| from + f64::from(k) * 60.0 / bpm).take_while(|beat| *beat < to).collect();
        for (k, beat) in beats.iter().enumerate() {
            self.kick(*beat, 0.7);
            self.hat(beat + 30.0 / bpm, 0.15);
            if k % 2 == 1 {
                self.snare(*beat, 0.3);
            }
            if k % 4 == 0 {
                let root = [220.0, 174.6, 261.6, 196.0][k / 4 % 4];
                self.chord(*beat, (240.0 / bpm).min(to - beat), root, 0.06);
            }
        }
        beats
    }

    /// White noise from one time to another.
    pub fn noise(&mut self, from: f64, to: f64, gain: f64) {
        let mut dice = Dice(3);
        self.add(from, to - from, |_| gain * dice.roll());
    }

    /// Something like speech: syllables of a buzzing voice and of hiss, of uneven length, with pauses.
    pub fn speech(&mut self, from: f64, to: f64) {
        let mut dice = Dice(2024);
        let mut at = from;
        while at < to - 0.5 {
            let length = 0.12 + 0.09 * dice.roll();
            let (pitch, vowel) = (120.0 + 25.0 * dice.roll(), 700.0 + 350.0 * dice.roll());
            let mut hiss = Dice(dice.0);
            let voiced = dice.roll() > -0.5;
            self.add(at, length, |t| {
                let envelope = (PI * t / length).sin();
                let buzz: f64 = (1..20)
                    .map(|h| f64::from(h) * pitch)
                    .map(|hertz| (TAU * hertz * t).sin() / (1.0 + ((hertz - vowel) / 300.0).powi(2)))
                    .sum();
                0.2 * envelope * if voiced { buzz } else { 0.5 * hiss.roll() }
            });
            at += length + 0.03 + 0.03 * dice.roll() + if dice.roll() > 0.7 { 0.35 + 0.2 * dice.roll() } else { 0.0 };
        }
    }

    /// A pulse for every hop, with its end in seconds.
    pub fn pulses(&self, hop: usize) -> Vec<(f64, Pulse)> {
        let mut pulses = Vec::new();
        analyzer(self.rate, hop).push(&self.samples, &self.samples, |hop| {
            pulses.push((hop.end as f64 / self.rate, hop.pulse));
        });
        pulses
    }

    /// One field's first value for every hop, with its end in seconds.
    pub fn values(&self, hop: usize, name: &str) -> Vec<(f64, f32)> {
        let place = place(name);
        let mut values = Vec::new();
        analyzer(self.rate, hop).push(&self.samples, &self.samples, |hop| {
            values.push((hop.end as f64 / self.rate, hop.values[place]));
        });
        values
    }
}

pub fn analyzer(sample_rate: f64, hop: usize) -> Analyzer {
    Analyzer::new(&Settings { sample_rate, hop, ..Settings::default() }).expect("settings in range")
}

/// Where a field's first value is.
pub fn place(name: &str) -> usize {
    let mut at = 0;
    for field in fields() {
        if field.name == name {
            return at;
        }
        at += field.len;
    }
    panic!("no field {name}");
}

/// The beats that an audience is shown: each when it comes nearest to the end of a hop while the tracker is sure.
pub fn shown(pulses: &[(f64, Pulse)], rate: f64) -> Vec<f64> {
    let mut beats: Vec<f64> = Vec::new();
    for (end, pulse) in pulses.iter().filter(|(_, pulse)| pulse.is_beating()) {
        let (beat, period) = (pulse.beat / rate, 60.0 / pulse.tempo);
        if *end >= beat && beats.last().is_none_or(|last| beat > last + 0.5 * period) {
            beats.push(beat);
        }
    }
    beats
}

/// For each true beat, how much later the nearest of the others is, in seconds.
pub fn errors(truth: &[f64], shown: &[f64]) -> Vec<f64> {
    let nearest = |beat: &f64| {
        shown.iter().map(|other| other - beat).min_by(|a, b| a.abs().total_cmp(&b.abs())).unwrap_or(f64::INFINITY)
    };
    truth.iter().map(nearest).collect()
}

pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::INFINITY)
}

/// Samples at another rate, by a windowed sinc that cuts off below both Nyquist frequencies.
pub fn resampled(samples: &[f32], from: f64, to: f64) -> Vec<f32> {
    const REACH: f64 = 16.0;
    let cutoff = 0.94 * (to / from).min(1.0);
    let reach = REACH / cutoff;
    // The kernel, sampled so finely that the nearest place is exact enough (-60 dB).
    const FINE: f64 = 512.0;
    let kernel: Vec<f32> = (0..=(reach * FINE) as usize)
        .map(|k| {
            let x = k as f64 / FINE;
            let sinc = if k == 0 { 1.0 } else { (PI * cutoff * x).sin() / (PI * cutoff * x) };
            (cutoff * sinc * (0.5 + 0.5 * (PI * x / reach).cos())) as f32
        })
        .collect();
    let length = (samples.len() as f64 * to / from) as usize;
    (0..length)
        .map(|k| {
            let at = k as f64 * from / to;
            let first = (at - reach).ceil().max(0.0) as usize;
            let end = ((at + reach) as usize + 1).min(samples.len());
            let weight = |place: usize| kernel[(((place as f64 - at).abs() * FINE) as usize).min(kernel.len() - 1)];
            (first..end).map(|place| samples[place] * weight(place)).sum()
        })
        .collect()
}
