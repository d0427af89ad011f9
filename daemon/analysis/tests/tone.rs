//! What a sound is like: the shape of its spectrum, its place between the loudspeakers, its timbre.

mod signal;

use downbeat_analysis::fields;
use signal::{Dice, Music, analyzer, place};
use std::f64::consts::TAU;

const RATE: f64 = 48_000.0;
const HOP: usize = 256;

fn sine(seconds: f64, rate: f64, hertz: f64, amplitude: f64) -> Music {
    let mut music = Music::silence(seconds, rate);
    music.add(0.0, seconds, |t| amplitude * (TAU * hertz * t).sin());
    music
}

fn noise(seconds: f64, rate: f64, gain: f64, seed: u64) -> Music {
    let mut music = Music::silence(seconds, rate);
    let mut dice = Dice(seed);
    music.add(0.0, seconds, |_| gain * dice.roll());
    music
}

/// A field's values at the end of a stereo sound.
fn at_end(left: &Music, right: &Music, name: &str) -> Vec<f32> {
    let (first, len) = (place(name), fields().iter().find(|field| field.name == name).expect("a field").len);
    let mut values = Vec::new();
    analyzer(left.rate, HOP).push(&left.samples, &right.samples, |hop| {
        values = hop.values[first..first + len].to_vec();
    });
    values
}

fn last(music: &Music, name: &str) -> f32 {
    at_end(music, music, name)[0]
}

/// The mean of a field's first value from one time to another.
fn mean(music: &Music, name: &str, from: f64, to: f64) -> f32 {
    let values = music.values(HOP, name);
    let within: Vec<f32> = values.iter().filter(|(end, _)| (from..to).contains(end)).map(|(_, value)| *value).collect();
    within.iter().sum::<f32>() / within.len() as f32
}

#[test]
fn spread_and_roll_off_of_white_noise_follow_its_band_and_of_a_sine_its_pitch() {
    // The amplitude of white noise is even up to 20 kHz (or half the rate): the deviation of an even distribution is its
    // width over the root of 12, and 85 % of it lie below 85 % of its width.
    for (rate, top) in [(48_000.0, 20_000.0), (22_050.0, 11_025.0)] {
        let noise = noise(3.0, rate, 0.3, 3);
        let (spread, roll_off) = (mean(&noise, "spread", 1.0, 3.0), mean(&noise, "roll-off", 1.0, 3.0));
        assert!((f64::from(spread) / (top / 12f64.sqrt()) - 1.0).abs() < 0.03, "{spread}");
        assert!((f64::from(roll_off) / (0.85 * top) - 1.0).abs() < 0.03, "{roll_off}");
    }
    for rate in [44_100.0, 48_000.0, 96_000.0] {
        let sine = sine(1.0, rate, 1_000.0, 0.3);
        // Two bins of 23 Hz on each side: what the window makes of a line.
        assert!((last(&sine, "roll-off") - 1_000.0).abs() < 50.0, "{}", last(&sine, "roll-off"));
        assert!(last(&sine, "spread") < 150.0, "{}", last(&sine, "spread"));
    }
}

#[test]
fn flatness_tells_noise_from_tones() {
    let white = mean(&noise(3.0, RATE, 0.1, 3), "flatness", 1.0, 3.0);
    assert!((0.9..=1.0).contains(&white), "{white}");
    let mut chord = Music::silence(2.0, RATE);
    chord.chord(0.0, 2.0, 440.0, 0.1);
    let tones = mean(&chord, "flatness", 0.5, 1.8);
    assert!(tones < 0.05, "{tones}");
    assert_eq!(last(&Music::silence(0.5, RATE), "flatness"), 0.0);
}

#[test]
fn one_sound_in_the_middle_or_panned_has_no_width_and_unrelated_sides_have_all() {
    let (one, other) = (noise(2.0, RATE, 0.2, 3), noise(2.0, RATE, 0.2, 4));
    let mut quiet = noise(2.0, RATE, 0.2, 3);
    quiet.samples.iter_mut().for_each(|sample| *sample *= 0.5);
    let mut opposite = noise(2.0, RATE, 0.2, 3);
    opposite.samples.iter_mut().for_each(|sample| *sample = -*sample);
    for band in ["full", "mid", "highmid", "high", "air"] {
        let width = |left, right| at_end(left, right, &format!("width.{band}"))[0];
        assert!(width(&one, &one) < 0.01 && width(&one, &quiet) < 0.02);
        // The mean of 0.15 s of a band that is a hundred bins wide leaves this much to chance.
        assert!(width(&one, &other) > 0.8, "{band}: {}", width(&one, &other));
        assert!(width(&one, &opposite) > 0.99);
    }
}

#[test]
fn balance_says_on_which_side_each_band_is() {
    let silent = Music::silence(1.0, RATE);
    let (low, high) = (sine(1.0, RATE, 180.0, 0.3), sine(1.0, RATE, 6_000.0, 0.3));
    let balance = |left, right, band: &str| at_end(left, right, &format!("balance.{band}"))[0];
    assert!(balance(&low, &high, "low") < -0.99 && balance(&low, &high, "high") > 0.99);
    assert!(balance(&low, &high, "full").abs() < 0.2, "the low one is heard in its neighbours too");
    assert!(balance(&silent, &high, "full") > 0.99);
    assert!(balance(&low, &low, "low").abs() < 0.01);
    assert_eq!(balance(&silent, &silent, "full"), 0.0);
    // Half the amplitude on the right is 6 dB: (1/4 - 1) / (1/4 + 1).
    let half = sine(1.0, RATE, 180.0, 0.15);
    assert!((balance(&low, &half, "low") + 0.6).abs() < 0.02);
}

#[test]
fn cepstral_coefficients_do_not_know_the_level_and_the_first_tells_dark_from_bright() {
    let coefficients = |gain: f64, hertz: f64| {
        let mut music = noise(1.0, RATE, gain, 3);
        music.add(0.0, 1.0, |t| 10.0 * gain * (TAU * hertz * t).sin());
        at_end(&music, &music, "mfcc")
    };
    let (loud, quiet) = (coefficients(0.09, 200.0), coefficients(0.0009, 200.0));
    assert!(loud.iter().zip(&quiet).all(|(loud, quiet)| (loud - quiet).abs() < 0.01), "{loud:?} {quiet:?}");
    let bright = coefficients(0.09, 8_000.0);
    assert!(loud[0] > bright[0] + 0.1, "{} {}", loud[0], bright[0]);
    assert!(at_end(&Music::silence(0.2, RATE), &Music::silence(0.2, RATE), "mfcc").iter().all(|value| *value == 0.0));
}
