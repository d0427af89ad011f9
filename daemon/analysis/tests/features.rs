//! The features against mathematics and the standards.

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

fn last(music: &Music, name: &str) -> f32 {
    music.values(HOP, name).last().expect("a hop").1
}

#[test]
fn the_rms_of_a_full_scale_sine_is_3_decibels_below_its_peak() {
    // The window is short: two cycles of the lowest.
    for (hertz, tolerance) in [(40.0, 0.15), (997.0, 0.02), (9_001.0, 0.02)] {
        let music = sine(1.0, RATE, hertz, 1.0);
        let decibels = 20.0 * last(&music, "rms").log10();
        assert!((decibels + 3.01).abs() < tolerance, "{hertz} Hz: {decibels}");
        assert!((last(&music, "peak") - 1.0).abs() < 0.01);
    }
}

#[test]
fn the_peak_falls_20_decibels_in_a_second_and_a_half() {
    let mut music = Music::silence(1.6, RATE);
    music.samples[100] = -0.8;
    let values = music.values(HOP, "peak");
    assert_eq!(values[0].1, 0.8);
    let (_, later) = values.iter().find(|(end, _)| *end >= 1.5 + values[0].0).expect("long enough");
    assert!((later / 0.08 - 1.0).abs() < 0.02, "{later}");
}

/// EBU Tech 3341, test cases 1 and 2, and the calibration of BS.1770 at other sample rates.
#[test]
fn a_sine_of_997_hertz_reads_its_level_in_lufs_at_every_sample_rate() {
    for rate in [44_100.0, 48_000.0, 88_200.0, 96_000.0, 192_000.0, 16_000.0] {
        for level in [-23.0f64, -33.0] {
            let music = sine(4.0, rate, 997.0, 10f64.powf(level / 20.0));
            for name in ["loudness.momentary", "loudness.short"] {
                let lufs = last(&music, name);
                assert!((f64::from(lufs) - level).abs() < 0.1, "{name} at {rate} Hz: {lufs} for {level}");
            }
        }
    }
}

#[test]
fn one_side_alone_is_3_units_quieter_than_both() {
    let music = sine(4.0, RATE, 997.0, 0.1);
    let silent = vec![0.0; music.samples.len()];
    let mut lufs = 0.0;
    analyzer(RATE, HOP).push(&music.samples, &silent, |hop| lufs = hop.values[place("loudness.short")]);
    assert!((lufs + 23.01).abs() < 0.1, "{lufs}");
}

#[test]
fn momentary_loudness_forgets_after_400_milliseconds_and_short_term_after_3_seconds() {
    let mut music = Music::silence(6.0, RATE);
    music.add(0.0, 2.0, |t| 0.1 * (TAU * 997.0 * t).sin());
    for (name, span) in [("loudness.momentary", 0.4), ("loudness.short", 3.0)] {
        let values = music.values(HOP, name);
        let at = |seconds: f64| values.iter().find(|(end, _)| *end >= seconds).expect("in the music").1;
        assert!(at(2.0 + 0.9 * span) > -45.0, "{name}: {}", at(2.0 + 0.9 * span));
        assert_eq!(at(2.02 + span), -70.0, "{name}");
    }
}

#[test]
fn the_centroid_of_a_sine_is_its_frequency() {
    for (rate, hertz) in [(48_000.0, 200.0), (48_000.0, 1_000.0), (44_100.0, 5_000.0), (96_000.0, 5_000.0)] {
        let centroid = f64::from(last(&sine(0.5, rate, hertz, 0.5), "centroid"));
        assert!((centroid - hertz).abs() < 0.03 * hertz + 12.0, "{hertz} Hz at {rate}: {centroid}");
    }
    assert_eq!(last(&Music::silence(0.5, RATE), "centroid"), 0.0);
}

#[test]
fn each_band_hears_its_own_sine_and_no_other() {
    let bands: Vec<_> = fields().iter().filter(|field| field.name.starts_with("band.")).map(|f| f.name).collect();
    let middles = [40.0, 90.0, 180.0, 360.0, 1_000.0, 2_900.0, 5_700.0, 12_000.0];
    for (own, hertz) in bands.iter().zip(middles) {
        // First all of them, so that every leveller knows its band; then one.
        let mut music = Music::silence(6.0, RATE);
        for middle in middles {
            music.add(0.0, if middle == hertz { 6.0 } else { 5.0 }, |t| 0.1 * (TAU * middle * t).sin());
        }
        for band in &bands {
            let value = last(&music, band);
            // The lowest bands are hardly wider than what a window of 43 ms can tell apart.
            let lowest = |name: &str| ["band.sub", "band.bass", "band.low"].contains(&name);
            let leak = if lowest(own) && lowest(band) { 0.25 } else { 0.1 };
            match band == own {
                true => assert!(value > 0.8, "{band} of {hertz} Hz: {value}"),
                false => assert!(value < leak, "{band} of {hertz} Hz: {value}"),
            }
        }
    }
}

#[test]
fn the_mel_spectrum_of_a_sine_has_its_peak_in_the_band_of_that_pitch() {
    // Mel band k is centred 1/33 of the way from 30 Hz to 16 kHz on the mel scale for each step.
    let mel = |hertz: f64| 2595.0 * (1.0 + hertz / 700.0).log10();
    for hertz in [150.0, 1_000.0, 7_000.0] {
        let music = sine(3.0, RATE, hertz, 0.3);
        let mut spectrum = [0.0f32; 32];
        let first = place("mel");
        analyzer(RATE, HOP).push(&music.samples, &music.samples, |hop| {
            spectrum.copy_from_slice(&hop.values[first..first + 32]);
        });
        let loudest = (0..32).max_by(|a, b| spectrum[*a].total_cmp(&spectrum[*b])).unwrap();
        let wanted = 33.0 * (mel(hertz) - mel(30.0)) / (mel(16_000.0) - mel(30.0)) - 1.0;
        assert!((loudest as f64 - wanted).abs() <= 1.0, "{hertz} Hz: {loudest}, not {wanted}");
    }
}

#[test]
fn flux_is_near_one_where_sound_begins_in_silence_and_near_zero_in_a_held_note() {
    let mut music = Music::silence(2.0, RATE);
    music.add(1.0, 1.0, |t| 0.3 * (TAU * 440.0 * t).sin());
    let values = music.values(HOP, "flux");
    let most = |from: f64, to: f64| values.iter().filter(|v| (from..to).contains(&v.0)).fold(0.0f32, |m, v| m.max(v.1));
    assert_eq!(most(0.0, 1.0), 0.0);
    assert!(most(1.0, 1.05) > 0.9, "{}", most(1.0, 1.05));
    assert!(most(1.2, 2.0) < 0.05, "{}", most(1.2, 2.0));
}

#[test]
fn level_keeps_a_breakdown_quieter_than_the_drop_and_rises_again_with_it() {
    let mut music = Music::silence(75.0, RATE);
    let mut dice = Dice(5);
    music.add(0.0, 75.0, |t| dice.roll() * if (20.0..60.0).contains(&t) { 0.06 } else { 0.24 });
    let values = music.values(1024, "level");
    let at = |seconds: f64| values.iter().find(|(end, _)| *end >= seconds).expect("in the music").1;
    assert!(at(19.0) > 0.9);
    assert!((0.2..0.3).contains(&at(25.0)) && (0.2..0.3).contains(&at(59.0)), "{} {}", at(25.0), at(59.0));
    assert!(at(61.0) > 0.9);
}

#[test]
fn every_stroke_is_one_onset_in_the_regions_where_it_sounds() {
    let mut music = Music::silence(22.0, RATE);
    for kick in (0..20).map(|k| 1.0 + f64::from(k)) {
        music.kick(kick, 0.7);
        music.hat(kick + 0.5, 0.2);
    }
    assert_eq!(last(&music, "onset-count.full"), 40.0);
    assert_eq!(last(&music, "onset-count.low"), 20.0, "hats are not low");
    for (region, first) in [("low", 1.0), ("high", 1.5), ("full", 1.0), ("full", 1.5)] {
        let triggers = music.values(HOP, &format!("onset.{region}"));
        for stroke in (0..20).map(|k| first + f64::from(k)) {
            let (end, _) = triggers.iter().find(|(end, trigger)| *end > stroke && *trigger == 1.0).expect("an onset");
            assert!(end - stroke < 0.025, "{region} at {stroke} s is {:.1} ms late", 1e3 * (end - stroke));
        }
        let (_, rest) = triggers.iter().find(|(end, _)| *end > first + 0.45).expect("in the music");
        assert!(*rest < 0.01, "{region}: {rest}");
    }
}
