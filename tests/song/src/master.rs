//! Levels, limiter and the sum.

use crate::synth::{RATE, Stereo, samples};
use crate::{LENGTH, Stem};
use std::collections::VecDeque;

/// No sample of the mix is above: −1.2 dBFS.
const CEILING: f64 = 0.871;

/// What every stem is raised by to bring the song to −14 LUFS; then each stem's own level.
const GAIN: f64 = 0.80;
const LEVELS: [f64; 4] = [0.58, 0.58, 0.78, 0.52];

/// How far the limiter looks ahead, and how fast it lets go.
const LOOK_AHEAD: f64 = 0.0015;
const RELEASE: f64 = 0.08;

/// Steps of a 24-bit sample in one.
const STEPS: f64 = 8_388_608.0;

/// Sets the levels and limits. The limiter hears the mix and turns all stems down alike; then each sample is rounded
/// to 24 bits, so that the stems add up to the mix without any rounding.
pub fn finish(stems: [(&'static str, Stereo); 4]) -> Vec<Stem> {
    let mut mix = Stereo::silence(LENGTH);
    for ((_, stem), level) in stems.iter().zip(LEVELS) {
        mix.mix(stem, (GAIN * level) as f32);
    }
    let gains = limit(&mix);
    let round = |side: Vec<f32>, level: f64| {
        let scaled = side.iter().zip(&gains).enumerate();
        let scaled = scaled.map(|(at, (sample, gain))| f64::from(*sample) * level * gain * ending(at));
        scaled.map(|sample| ((sample * STEPS).round() / STEPS) as f32).collect()
    };
    let finished = stems.into_iter().zip(LEVELS).map(|((name, stem), level)| Stem {
        name,
        left: round(stem.left, GAIN * level),
        right: round(stem.right, GAIN * level),
    });
    finished.collect()
}

/// The mix of finished stems.
pub fn sum(stems: &[Stem]) -> (Vec<f32>, Vec<f32>) {
    let side =
        |pick: fn(&Stem) -> &Vec<f32>| (0..LENGTH).map(|at| stems.iter().map(|stem| pick(stem)[at]).sum()).collect();
    (side(|stem| &stem.left), side(|stem| &stem.right))
}

/// A finished sample as a 24-bit number.
pub fn to_24_bits(sample: f32) -> i32 {
    (f64::from(sample) * STEPS) as i32
}

/// The last half second fades, so that the reverberation does not break off.
fn ending(at: usize) -> f64 {
    ((LENGTH - at) as f64 / samples(0.5) as f64).min(1.0)
}

/// The gain at each sample that keeps the mix below the ceiling: down before each peak, slowly back after it.
fn limit(mix: &Stereo) -> Vec<f64> {
    let needed = mix.left.iter().zip(&mix.right).map(|(left, right)| {
        let peak = f64::from(left.abs().max(right.abs()));
        // A hair under, for what rounding to 24 bits may add.
        if peak > CEILING { (CEILING - 1e-6) / peak } else { 1.0 }
    });
    let back = 1.0 / (RELEASE * RATE);
    let mut gain = 1.0f64;
    let released: Vec<f64> = needed
        .map(|needed| {
            gain = needed.min(gain + (1.0 - gain) * back);
            gain
        })
        .collect();
    smooth(&released, samples(LOOK_AHEAD))
}

/// The mean over `width` samples before of the least over `width` samples ahead: never above the input, and without
/// corners.
fn smooth(gains: &[f64], width: usize) -> Vec<f64> {
    let at = |index: usize| gains[index.min(gains.len() - 1)];
    let mut least: VecDeque<(usize, f64)> = VecDeque::new();
    let mut means = VecDeque::from(vec![1.0; width]);
    let mut smoothed = Vec::with_capacity(gains.len());
    for ahead in 0..gains.len() + width {
        while least.back().is_some_and(|(_, gain)| *gain >= at(ahead)) {
            least.pop_back();
        }
        least.push_back((ahead, at(ahead)));
        let Some(now) = ahead.checked_sub(width) else { continue };
        while least.front().is_some_and(|(index, _)| *index < now) {
            least.pop_front();
        }
        means.pop_front();
        means.push_back(least.front().map_or(1.0, |(_, gain)| *gain));
        smoothed.push(means.iter().sum::<f64>() / width as f64);
    }
    smoothed
}
