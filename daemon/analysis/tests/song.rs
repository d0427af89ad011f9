//! The demo song, with known truth: the yardstick of the whole system.

mod signal;

use downbeat_analysis::{Pulse, State};
use signal::{analyzer, errors, place, shown};
use std::sync::OnceLock;

struct AnalysedSong {
    truth: downbeat_song::Truth,
    pulses: Vec<(f64, Pulse)>,
    levels: Vec<(f64, f32)>,
}

fn heard() -> &'static AnalysedSong {
    static HEARD: OnceLock<AnalysedSong> = OnceLock::new();
    HEARD.get_or_init(|| {
        let song = downbeat_song::render();
        let rate = f64::from(song.sample_rate);
        let (mut pulses, mut levels) = (Vec::new(), Vec::new());
        analyzer(rate, 256).push(&song.left, &song.right, |hop| {
            pulses.push((hop.end as f64 / rate, hop.pulse));
            levels.push((hop.end as f64 / rate, hop.values[place("level")]));
        });
        AnalysedSong { truth: song.truth, pulses, levels }
    })
}

#[test]
fn beats_are_right_from_eight_seconds_after_the_start_of_each_tempo() {
    let AnalysedSong { truth, pulses, .. } = heard();
    let shown = shown(pulses, f64::from(truth.sample_rate));
    let ends = truth.tempos.iter().skip(1).map(|tempo| tempo.start).chain([truth.beats[truth.beats.len() - 1]]);
    for (tempo, end) in truth.tempos.iter().zip(ends) {
        let within = |beat: &&f64| (tempo.start + 8.0..end).contains(*beat);
        let beats: Vec<f64> = truth.beats.iter().filter(within).copied().collect();
        let errors = errors(&beats, &shown);
        let hits = errors.iter().filter(|error| error.abs() <= 0.025).count();
        assert!(hits as f64 >= 0.95 * beats.len() as f64, "{} BPM: {hits} of {}: {errors:?}", tempo.bpm, beats.len());
    }
}

#[test]
fn the_breakdown_is_told_and_is_quieter_than_the_drop() {
    let AnalysedSong { truth, pulses, levels } = heard();
    let middle = |name: &str| {
        let section = truth.section(name).unwrap_or_else(|| panic!("no {name}"));
        (section.start + section.end) / 2.0
    };
    let state = |at: f64| pulses.iter().find(|(end, _)| *end >= at).expect("in the song").1.state;
    let level = |at: f64| levels.iter().find(|(end, _)| *end >= at).expect("in the song").1;
    assert_eq!(state(middle("drop")), State::Playing);
    assert_eq!(state(middle("breakdown")), State::Breakdown);
    assert_eq!(state(middle("second-drop")), State::Playing);
    assert!(level(middle("breakdown")) < 0.7 * level(middle("drop")));
}
