//! The two views of loudness, and freezing them.

mod signal;

use downbeat_analysis::{Analyzer, Settings};
use signal::{Music, analyzer, place};

const RATE: f64 = 48_000.0;

/// Beats with the gain of the drop, then of a breakdown, then silence, then the breakdown again.
fn evening() -> Music {
    let mut music = Music::silence(70.0, RATE);
    music.four_on_the_floor(0.0, 70.0, 120.0);
    for (sample, at) in music.samples.iter_mut().zip(0..) {
        *sample *= match at / 48_000 {
            0..30 => 1.0,
            30..50 => 0.1,
            50..60 => 0.0,
            _ => 0.1,
        };
    }
    music
}

/// Some fields' values for every hop of 512 samples, with its end in seconds.
fn process(music: &Music, names: &[&str]) -> Vec<Vec<(f64, f32)>> {
    let places: Vec<usize> = names.iter().map(|name| place(name)).collect();
    let mut values = vec![Vec::new(); names.len()];
    analyzer(music.rate, 512).push(&music.samples, &music.samples, |hop| {
        let end = hop.end as f64 / music.rate;
        values.iter_mut().zip(&places).for_each(|(values, place)| values.push((end, hop.values[*place])));
    });
    values
}

fn most_and_least(values: &[(f64, f32)], from: f64, to: f64) -> (f32, f32) {
    let within = values.iter().filter(|(end, _)| (from..to).contains(end)).map(|(_, value)| *value);
    within.fold((0.0, 1.0), |(most, least), value| (value.max(most), value.min(least)))
}

#[test]
fn the_short_view_moves_all_the_way_in_a_breakdown_in_which_the_long_view_stays_low() {
    let names = ["level", "level-short", "band.bass", "band-short.bass", "band.mid", "band-short.mid"];
    for views in process(&evening(), &names).chunks(2) {
        let (long, short) = (&views[0], &views[1]);
        let (most, _) = most_and_least(long, 32.0, 50.0);
        assert!(most < 0.2, "{most}");
        for (from, to) in [(10.0, 30.0), (40.0, 50.0), (61.0, 69.0)] {
            let (most, least) = most_and_least(short, from, to);
            assert!(most > 0.9 && least < 0.15, "{least} to {most} from {from} s to {to} s");
        }
        assert_eq!(most_and_least(short, 51.0, 60.0).0, 0.0, "silence");
    }
}

#[test]
fn frozen_levels_stay_scaled_as_they_were() {
    let music = evening();
    let settings = Settings { sample_rate: RATE, ..Settings::default() };
    let mut analyzer = Analyzer::new(&settings).expect("in range");
    let drop = &music.samples[..10 * 48_000];
    let quiet: Vec<f32> = drop.iter().map(|sample| 0.1 * sample).collect();
    analyzer.push(drop, drop, |_| {});
    let loudest = |analyzer: &mut Analyzer, samples: &[f32], times: usize| {
        let mut most = [0.0f32; 4];
        for _ in 0..times {
            most = [0.0; 4];
            analyzer.push(samples, samples, |hop| {
                for (most, name) in most.iter_mut().zip(["level", "level-short", "band.bass", "band-short.bass"]) {
                    *most = most.max(hop.values[place(name)]);
                }
            });
        }
        most
    };
    analyzer.freeze_levels(true);
    let held = loudest(&mut analyzer, &quiet, 3);
    assert!(held.iter().all(|most| *most < 0.2), "{held:?}");
    analyzer.freeze_levels(false);
    // More than any reference remembers: for a band, the gaps between the strokes do not count.
    let released = loudest(&mut analyzer, &quiet, 16);
    assert!(released.iter().all(|most| *most > 0.9), "{released:?}");
}
