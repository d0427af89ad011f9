//! Music with people talking over it, and what remains when it ends.

mod signal;

use downbeat_analysis::{Pulse, State};
use signal::{Music, errors, shown};
use std::f64::consts::TAU;

const RATE: f64 = 48_000.0;
const HOP: usize = 256;
const BPM: f64 = 124.0;
const BAR: f64 = 240.0 / BPM;

/// Hum of 50 Hz and its overtones.
fn hum(music: &mut Music, seconds: f64, gain: f64) {
    music
        .add(0.0, seconds, |t| gain * [1.0, 2.0, 3.0, 5.0].map(|k| (TAU * 50.0 * k * t).sin() / k).iter().sum::<f64>());
}

fn state_at(pulses: &[(f64, Pulse)], seconds: f64) -> State {
    pulses.iter().find(|(end, _)| *end >= seconds).expect("heard").1.state
}

#[test]
fn after_the_last_beat_of_a_song_one_empty_bar_is_carried_whatever_is_left_of_the_sound() {
    // Far below the song and not far below it; all but the first are louder than what counts as silence.
    for gain in [0.000_3, 0.003, 0.01] {
        let mut music = Music::silence(60.0, RATE);
        let beats = music.four_on_the_floor(0.5, 25.0, BPM);
        music.noise(0.0, 60.0, gain);
        hum(&mut music, 60.0, gain);
        let pulses = music.pulses(HOP);
        let last = beats[beats.len() - 1];
        let late: Vec<f64> =
            shown(&pulses, RATE).into_iter().filter(|beat| *beat > last + BAR + 0.5 * 60.0 / BPM).collect();
        assert!(late.is_empty(), "{gain}: {late:?} after {last}");
        assert_eq!(state_at(&pulses, last - 1.0), State::Playing, "{gain}");
        assert_eq!(state_at(&pulses, last + 5.0), State::Silence, "{gain}");
        let absent = pulses[pulses.len() - 1].1.absent;
        assert!((absent - (60.0 - last)).abs() < 2.5, "{gain}: absent for {absent} s");
    }
}

#[test]
fn people_who_talk_over_the_music_do_not_stop_the_beat() {
    let mut music = Music::silence(40.0, RATE);
    let beats = music.four_on_the_floor(0.5, 39.5, BPM);
    music.speech(0.0, 40.0);
    let shown = shown(&music.pulses(HOP), RATE);
    let beats: Vec<f64> = beats.into_iter().filter(|beat| *beat > 6.0).collect();
    let hits = errors(&beats, &shown).iter().filter(|error| error.abs() <= 0.03).count();
    assert!(hits * 10 >= beats.len() * 9, "{hits} of {}", beats.len());
}
