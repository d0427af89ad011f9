//! Tone: the shape of the spectrum, the stereo image, the timbre.

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

/// The means of some fields' first values in each of some spans of time, heard at a hop.
fn means<const N: usize>(music: &Music, hop: usize, names: [&str; N], spans: &[(f64, f64)]) -> Vec<[f32; N]> {
    let places = names.map(place);
    let mut sums = vec![([0.0f64; N], 0u32); spans.len()];
    analyzer(music.rate, hop).push(&music.samples, &music.samples, |hop| {
        let end = hop.end as f64 / music.rate;
        for ((sum, count), _) in sums.iter_mut().zip(spans).filter(|(_, (from, to))| (*from..*to).contains(&end)) {
            sum.iter_mut().zip(places).for_each(|(sum, place)| *sum += f64::from(hop.values[place]));
            *count += 1;
        }
    });
    sums.iter().map(|(sum, count)| sum.map(|sum| (sum / f64::from(*count)) as f32)).collect()
}

fn mean(music: &Music, name: &str, from: f64, to: f64) -> f32 {
    means(music, HOP, [name], &[(from, to)])[0][0]
}

#[test]
fn spread_and_roll_off_of_white_noise_follow_its_band_and_of_a_sine_its_pitch() {
    // The amplitude of white noise is even up to 20 kHz (or half the rate): the deviation of an even distribution is
    // its width over the root of 12, and 85 % of it lie below 85 % of its width.
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

const TIMBRE: [&str; 3] = ["timbre.x", "timbre.y", "timbre.z"];

/// Where a sound lies in the space of timbre: the mean over its last three seconds.
fn timbre(music: &Music) -> [f32; 3] {
    let end = music.samples.len() as f64 / music.rate;
    means(music, HOP, TIMBRE, &[(end - 3.0, end)])[0]
}

fn distance(a: [f32; 3], b: [f32; 3]) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f32>().sqrt()
}

/// A held voice, a dark bass, a plucked string, hats, a drum kit, the sea: from one time to another.
fn play(music: &mut Music, instrument: &str, from: f64, to: f64, gain: f64) {
    let voice = |harmonics: i32, hertz: f64, t: f64| {
        (1..=harmonics).map(|h| (TAU * hertz * f64::from(h) * t).sin() / f64::from(h)).sum::<f64>()
    };
    match instrument {
        "voice" => music.add(from, to - from, |t| 0.1 * gain * voice(20, 220.0 + 2.0 * (TAU * 5.0 * t).sin() / 5.0, t)),
        "bass" => music.add(from, to - from, |t| 0.3 * gain * voice(6, 55.0, t)),
        "string" => {
            for stroke in 0..((to - from) * 4.0) as i32 {
                let at = from + 0.25 * f64::from(stroke);
                music.add(at, 0.24, |t| 0.2 * gain * (-t / 0.08).exp() * voice(12, 330.0, t));
            }
        }
        "hats" => (0..((to - from) * 8.0) as i32).for_each(|k| music.hat(from + 0.125 * f64::from(k), 0.4 * gain)),
        "drums" => (0..((to - from) * 2.0) as i32).for_each(|k| {
            music.kick(from + 0.5 * f64::from(k), 0.7 * gain);
            music.snare(from + 0.5 * f64::from(k) + 0.25, 0.3 * gain);
        }),
        "sea" => {
            let mut dice = Dice(8);
            music.add(from, to - from, |_| 0.2 * gain * dice.roll());
        }
        _ => panic!("no {instrument}"),
    }
}

const INSTRUMENTS: [&str; 6] = ["voice", "bass", "string", "hats", "drums", "sea"];

#[test]
fn different_instruments_lie_apart_and_gain_and_sample_rate_do_not_move_them() {
    let place = |instrument, gain, rate| {
        let mut music = Music::silence(5.0, rate);
        play(&mut music, instrument, 0.0, 5.0, gain);
        timbre(&music)
    };
    let places = INSTRUMENTS.map(|instrument| place(instrument, 1.0, RATE));
    for (k, here) in places.iter().enumerate() {
        for (other, there) in places.iter().enumerate().skip(k + 1) {
            let far = distance(*here, *there);
            assert!(far > 0.2, "{} {here:?}, {} {there:?}: {far}", INSTRUMENTS[k], INSTRUMENTS[other]);
        }
        for gain in [0.1, 3.0] {
            let moved = distance(*here, place(INSTRUMENTS[k], gain, RATE));
            assert!(moved < 0.01, "{} by {moved} at a gain of {gain}", INSTRUMENTS[k]);
        }
        // Half of what a listener would take for another instrument; noise has more air at a higher rate.
        let moved = distance(*here, place(INSTRUMENTS[k], 1.0, 44_100.0));
        assert!(moved < 0.1, "{} by {moved} at 44.1 kHz", INSTRUMENTS[k]);
    }
    // Dark and bright, pure and noisy, held and struck.
    let [voice, bass, string, hats, drums, sea] = places;
    assert!(bass[0] < voice[0] && voice[0] < hats[0], "{bass:?} {voice:?} {hats:?}");
    assert!(bass[1] < 0.3 && voice[1] < drums[1] && drums[1] < sea[1], "{bass:?} {voice:?} {drums:?} {sea:?}");
    assert!(voice[2] < 0.1 && sea[2] < 0.1 && string[2] > 0.4 && drums[2] > 0.4, "{string:?} {drums:?}");
}

#[test]
fn the_same_sound_lies_at_the_same_place_after_hours_of_other_music() {
    // An hour is a matter of state, not of time: after a minute of other sounds and silence every memory has turned
    // over.
    let mut music = Music::silence(95.0, RATE);
    for (k, instrument) in INSTRUMENTS.iter().cycle().take(14).enumerate() {
        let from = 6.0 + 6.0 * k as f64;
        play(&mut music, instrument, from, from + if k % 3 == 2 { 2.0 } else { 6.0 }, [1.0, 0.05, 2.0][k % 3]);
    }
    for instrument in ["voice", "string", "drums"] {
        let mut music = Music { rate: RATE, samples: music.samples.clone() };
        play(&mut music, instrument, 0.0, 5.0, 0.5);
        play(&mut music, instrument, 90.0, 95.0, 0.1);
        let [first, again] = means(&music, HOP, TIMBRE, &[(2.0, 5.0), (92.0, 95.0)])[..] else { panic!("two spans") };
        assert!(first.iter().zip(&again).all(|(a, b)| (a - b).abs() < 0.02), "{instrument}: {first:?} {again:?}");
    }
}

#[test]
fn the_picture_of_a_held_note_stands_still_and_has_its_cycles() {
    let music = sine(3.0, RATE, 140.0, 0.2);
    let first = place("waveform");
    let mut pictures = Vec::new();
    analyzer(RATE, HOP).push(&music.samples, &music.samples, |hop| {
        pictures.push(hop.values[first..first + 32].to_vec());
    });
    let crossings = |wave: &[f32]| wave.windows(2).filter(|pair| pair[0] <= 0.0 && pair[1] > 0.0).count();
    // 21 ms are 2.9 cycles, and the first begins just before the picture.
    for picture in &pictures[400..] {
        assert_eq!(crossings(picture), 2, "{picture:?}");
        let most = picture.iter().fold(0.0f32, |most, x| most.max(x.abs()));
        assert!((0.85..=1.0).contains(&most), "{most}");
        // It begins at a rise: at most one point (a tenth of a cycle) into it.
        assert!((0.0..0.65).contains(&picture[0]), "{picture:?}");
    }
    // What is expected at first comes down by a decibel a second.
    let quiet = sine(25.0, RATE, 140.0, 0.02);
    let quiet = at_end(&quiet, &quiet, "waveform");
    assert!(quiet.iter().any(|x| x.abs() > 0.8), "levelled: {quiet:?}");
}

#[test]
fn the_spectrum_has_one_scale_for_all_bands() {
    let mut music = sine(3.0, RATE, 200.0, 0.3);
    music.add(0.0, 3.0, |t| 0.003 * (TAU * 3_000.0 * t).sin());
    let spectrum = at_end(&music, &music, "spectrum");
    let band = |hertz: f64| (32.0 * (hertz / 30.0).log2() / (16_000f64 / 30.0).log2()) as usize;
    let around = |hertz: f64| spectrum[band(hertz) - 1..=band(hertz) + 1].iter().fold(0.0f32, |most, x| most.max(*x));
    assert!(around(200.0) > 0.95, "{spectrum:?}");
    // 40 dB below: a third of the range of 60 dB is left.
    assert!((around(3_000.0) - 1.0 / 3.0).abs() < 0.05, "{spectrum:?}");
    assert!(spectrum[band(800.0)] < 0.05 && spectrum[band(12_000.0)] < 0.05, "{spectrum:?}");
}

#[test]
fn a_row_fits_twice_into_a_datagram() {
    // 1150 bytes, less 18 for the datagram, 34 for the timeline and 17 for each row; two bytes for each number. Forty
    // numbers are left for musical time and parameters.
    let width: usize = fields().iter().map(|field| field.len).sum();
    assert!(18 + 34 + 2 * (17 + 2 * (width + 40)) <= 1_150, "{width} numbers");
}

#[test]
fn the_hop_makes_no_difference() {
    let mut music = Music::silence(6.0, RATE);
    play(&mut music, "voice", 0.0, 6.0, 0.5);
    play(&mut music, "drums", 0.0, 6.0, 0.5);
    let names = ["timbre.x", "timbre.y", "timbre.z", "level-short", "band-short.bass", "flatness", "spread", "key"];
    let means = |hop| means(&music, hop, names, &[(4.0, 6.0)])[0];
    let usual = means(256);
    for hop in [64, 1_024] {
        for ((name, mean), usual) in names.iter().zip(means(hop)).zip(usual) {
            // A stroke is looked at from 64 or from 6 places: what is left is chance.
            assert!((mean - usual).abs() < 0.06 * usual.max(1.0), "{name} at {hop}: {mean}, not {usual}");
        }
    }
}
