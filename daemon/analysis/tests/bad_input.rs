//! Whatever the input, the output is usable.

mod signal;

use downbeat_analysis::{Analyzer, Settings, fields};
use proptest::prelude::*;
use signal::{Dice, Music, analyzer, shown};

/// Fails unless all values of a hop are numbers in their range and the pulse is within the settings.
fn check(hop: &downbeat_analysis::Hop<'_>, settings: &Settings) {
    let mut at = 0;
    for field in fields() {
        for value in &hop.values[at..at + field.len] {
            // Samples may lie up to 24 dB above full scale, and levels with them.
            let (low, high) = match field.name {
                "rms" | "peak" => (0.0, Analyzer::LIMIT),
                "loudness.momentary" | "loudness.short" => (-70.0, 35.0),
                _ => field.range,
            };
            assert!(value.is_finite() && (low..=high).contains(value), "{} is {value}", field.name);
        }
        at += field.len;
    }
    assert_eq!(at, hop.values.len());
    let pulse = hop.pulse;
    assert!((settings.tempo_range.0..=settings.tempo_range.1).contains(&pulse.tempo), "{pulse:?}");
    assert!((0.0..=1.0).contains(&pulse.confidence) && (0.0..=1.0).contains(&pulse.bar_confidence), "{pulse:?}");
    assert!(pulse.beat_in_bar < pulse.beats_per_bar, "{pulse:?}");
    assert!([4, 8, 16].contains(&pulse.phrase_bars) && pulse.bar_in_phrase < pulse.phrase_bars, "{pulse:?}");
    assert!((0.0..=1.0).contains(&pulse.phrase_confidence), "{pulse:?}");
    let period = 60.0 / pulse.tempo * settings.sample_rate;
    assert!((pulse.beat - hop.end as f64).abs() <= 0.51 * period, "{pulse:?} at {}", hop.end);
}

fn sample() -> impl Strategy<Value = f32> {
    prop_oneof![
        8 => -1.0f32..=1.0,
        2 => -100.0f32..=100.0,
        1 => Just(f32::NAN),
        1 => Just(f32::INFINITY),
        1 => Just(f32::NEG_INFINITY),
        1 => Just(f32::MAX),
        1 => Just(f32::MIN_POSITIVE / 2.0),
        1 => any::<f32>(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn garbage_gives_numbers_in_range(
        pattern in prop::collection::vec((sample(), sample(), 1usize..2_000), 1..40),
        hop in 64usize..=1024,
        rate in 8_000.0f64..=192_000.0,
    ) {
        let settings = Settings { sample_rate: rate, hop, ..Settings::default() };
        let mut analyzer = Analyzer::new(&settings).expect("in range");
        for (left, right, count) in pattern {
            analyzer.push(&vec![left; count], &vec![right; count], |hop| check(&hop, &settings));
        }
    }

    #[test]
    fn garbage_of_single_samples_gives_numbers_in_range(
        left in prop::collection::vec(sample(), 4_000),
        right in prop::collection::vec(sample(), 4_000),
    ) {
        let settings = Settings::default();
        let mut analyzer = Analyzer::new(&settings).expect("in range");
        for _ in 0..4 {
            analyzer.push(&left, &right, |hop| check(&hop, &settings));
        }
    }

    #[test]
    fn how_samples_are_cut_into_calls_makes_no_difference(cuts in prop::collection::vec(0usize..3_000, 1..30)) {
        let mut music = Music::silence(1.0, 48_000.0);
        music.four_on_the_floor(0.1, 1.0, 200.0);
        let mut whole = Vec::new();
        analyzer(48_000.0, 256).push(&music.samples, &music.samples, |hop| whole.push((hop.end, hop.values.to_vec(), hop.pulse)));
        let mut cut = Vec::new();
        let mut analyzer = analyzer(48_000.0, 256);
        let mut rest = music.samples.as_slice();
        for length in cuts.into_iter().cycle().map(|cut| cut + 1) {
            let (now, later) = rest.split_at(length.min(rest.len()));
            analyzer.push(now, now, |hop| cut.push((hop.end, hop.values.to_vec(), hop.pulse)));
            rest = later;
            if rest.is_empty() {
                break;
            }
        }
        prop_assert_eq!(whole, cut);
    }
}

#[test]
fn every_sample_rate_and_hop_in_range_runs() {
    for sample_rate in
        [8_000.0, 11_025.0, 16_000.0, 22_050.0, 32_000.0, 44_100.0, 48_000.0, 88_200.0, 96_000.0, 192_000.0]
    {
        let mut music = Music::silence(1.5, sample_rate);
        music.four_on_the_floor(0.2, 1.5, 128.0);
        for hop in [64, 100, 256, 441, 1024] {
            let settings = Settings { sample_rate, hop, ..Settings::default() };
            let mut hops = 0;
            let mut analyzer = Analyzer::new(&settings).expect("in range");
            analyzer.push(&music.samples, &music.samples, |hop| {
                check(&hop, &settings);
                hops += 1;
            });
            assert_eq!(hops, music.samples.len() / hop);
        }
    }
}

#[test]
fn twenty_decibels_more_or_less_make_no_difference_to_beats_and_levels() {
    let found = [-20.0, 0.0, 20.0].map(|gain: f64| {
        let mut music = Music::silence(40.0, 48_000.0);
        music.four_on_the_floor(0.5, 39.5, 126.0);
        let factor = (0.3 * 10f64.powf(gain / 20.0)) as f32;
        music.samples.iter_mut().for_each(|sample| *sample *= factor);
        let beats = shown(&music.pulses(256), music.rate);
        let levels = ["level", "band.bass"].map(|name| {
            let late = music.values(256, name).split_off(6_500);
            late.iter().fold(0.0f32, |most, (_, value)| most.max(*value))
        });
        (beats, levels)
    });
    let (beats, _) = &found[1];
    for (others, levels) in &found {
        assert!(levels.iter().all(|level| *level > 0.7), "{levels:?}");
        let errors = signal::errors(&beats[8..], others);
        assert!(errors.iter().all(|error| error.abs() < 0.010), "{errors:?}");
    }
}

#[test]
fn after_a_burst_of_garbage_everything_recovers() {
    let mut music = Music::silence(70.0, 48_000.0);
    music.four_on_the_floor(0.5, 69.5, 126.0);
    let mut dice = Dice(11);
    for sample in &mut music.samples[480_000..504_000] {
        *sample = if dice.roll() > 0.0 { f32::NAN } else { f32::INFINITY };
    }
    let late: Vec<f32> =
        music.values(256, "onset-count.low").iter().filter(|(end, _)| *end > 40.0).map(|v| v.1).collect();
    let onsets = late.last().unwrap() - late.first().unwrap();
    assert!((onsets - 62.0).abs() <= 3.0, "{onsets}");
    let pulses = music.pulses(256);
    let sure = pulses.iter().filter(|(end, _)| *end > 20.0).all(|(_, pulse)| pulse.is_beating());
    assert!(sure);
}

#[test]
fn an_offset_and_clipping_do_not_hide_the_beat() {
    let mut music = Music::silence(20.0, 48_000.0);
    let beats = music.four_on_the_floor(0.5, 19.5, 126.0);
    music.samples.iter_mut().for_each(|sample| *sample = (6.0 * *sample + 0.5).clamp(-1.0, 1.0));
    let truth: Vec<f64> = beats.into_iter().filter(|beat| *beat > 8.0).collect();
    let errors = signal::errors(&truth, &shown(&music.pulses(256), 48_000.0));
    assert!(errors.iter().all(|error| error.abs() < 0.025), "{errors:?}");
}
