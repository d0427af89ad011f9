//! The parts of a mix, against sounds of one kind and against a song with known stems.

mod signal;

use signal::{Music, analyzer, place};
use std::f64::consts::TAU;

const RATE: f64 = 48_000.0;
const HOP: usize = 256;
const PARTS: [&str; 4] = ["part.drums", "part.bass", "part.vocals", "part.other"];

/// Every part at every hop.
fn parts(left: &[f32], right: &[f32]) -> Vec<[f32; 4]> {
    let places = PARTS.map(place);
    let mut parts = Vec::new();
    analyzer(RATE, HOP).push(left, right, |hop| parts.push(places.map(|place| hop.values[place])));
    parts
}

/// The mean of each part over the second half.
fn means(music: &Music) -> [f32; 4] {
    let parts = parts(&music.samples, &music.samples);
    let later = &parts[parts.len() / 2..];
    std::array::from_fn(|part| later.iter().map(|parts| parts[part]).sum::<f32>() / later.len() as f32)
}

fn drums(music: &mut Music, seconds: f64) {
    for k in 0..(2.0 * seconds) as usize {
        let at = 0.5 * k as f64;
        if k % 2 == 0 {
            music.kick(at, 0.6)
        } else {
            music.snare(at, 0.4)
        }
        music.hat(at + 0.25, 0.3);
    }
}

/// A voice: a buzz with formants and vibrato, as one sings: 6 cycles a second, a semitone wide.
fn voice(music: &mut Music, seconds: f64) {
    let formant = |hertz: f64| [700.0, 1_200.0, 2_600.0].map(|f| 1.0 / (1.0 + ((hertz - f) / 120.0f64).powi(2)));
    music.add(0.0, seconds, |t| {
        let cycles = 330.0 * t - 330.0 * 0.03 / (TAU * 6.0) * (TAU * 6.0 * t).cos();
        let partial = |k: usize| formant(330.0 * k as f64).iter().sum::<f64>() * (TAU * k as f64 * cycles).sin();
        0.15 * (1..12).map(partial).sum::<f64>()
    });
}

#[test]
fn drums_bass_and_chords_are_each_loudest_in_their_own_part() {
    type Sound = fn(&mut Music);
    let sounds: [(usize, Sound); 3] = [
        (0, |music| drums(music, 8.0)),
        (1, |music| music.add(0.0, 8.0, |t| 0.3 * (TAU * 73.4 * t).sin() + 0.1 * (TAU * 146.8 * t).sin())),
        (3, |music| music.chord(0.0, 8.0, 330.0, 0.1)),
    ];
    for (own, sound) in sounds {
        let mut music = Music::silence(8.0, RATE);
        sound(&mut music);
        let means = means(&music);
        let others = (0..4).filter(|part| *part != own).map(|part| means[part]).fold(0.0, f32::max);
        assert!(means[own] > 1.1 * others, "{}: {means:?}", PARTS[own]);
    }
}

#[test]
fn drums_are_heard_through_a_chord_and_the_chord_through_the_drums() {
    let mut music = Music::silence(8.0, RATE);
    drums(&mut music, 8.0);
    music.chord(0.0, 8.0, 330.0, 0.08);
    let parts = parts(&music.samples, &music.samples);
    let at = |seconds: f64| parts[(seconds * RATE) as usize / HOP];
    for beat in [4.0, 5.0, 6.0] {
        // A kick: 40 ms after it begins, against just before it.
        assert!(at(beat + 0.04)[0] > 2.0 * at(beat - 0.03)[0], "{:?} {:?}", at(beat - 0.03), at(beat + 0.04));
        let (before, on) = (at(beat - 0.03)[3], at(beat + 0.04)[3]);
        assert!((on / before - 1.0).abs() < 0.5, "the chord does not jump with the drums: {before} {on}");
    }
}

#[test]
fn a_voice_at_the_side_is_no_lead_vocal() {
    let mut music = Music::silence(6.0, RATE);
    voice(&mut music, 6.0);
    let silent = vec![0.0; music.samples.len()];
    let aside = parts(&music.samples, &silent);
    let mean = aside.iter().map(|parts| parts[2]).sum::<f32>() / aside.len() as f32;
    assert!(mean < 0.1, "{mean}");
}

#[test]
fn gain_makes_no_difference() {
    let render = |gain: f32| {
        let mut music = Music::silence(10.0, RATE);
        drums(&mut music, 10.0);
        music.chord(0.0, 10.0, 330.0, 0.08);
        music.samples.iter_mut().for_each(|sample| *sample *= gain);
        means(&music)
    };
    let [quiet, loud] = [0.1, 1.0].map(render);
    for part in [0, 3] {
        assert!((quiet[part] - loud[part]).abs() < 0.02, "{}: {quiet:?} {loud:?}", PARTS[part]);
    }
}

#[test]
fn a_voice_is_heard_among_the_vocals_and_a_held_chord_is_not() {
    let [voice, chord] = [true, false].map(|sings| {
        let mut music = Music::silence(6.0, RATE);
        if sings {
            voice(&mut music, 6.0)
        } else {
            music.chord(0.0, 6.0, 330.0, 0.1)
        }
        means(&music)
    });
    // With vibrato alone, on a single vowel, most of a voice still counts as held; but a chord has nothing else.
    assert!(voice[2] > 0.3 && voice[2] > 2.0 * chord[2], "{voice:?} {chord:?}");
}

#[test]
fn silence_has_no_parts() {
    assert_eq!(means(&Music::silence(3.0, RATE)), [0.0; 4]);
}

/// How alike two curves are, -1 to 1.
fn correlation(a: &[f32], b: &[f32]) -> f32 {
    let mean = |x: &[f32]| x.iter().sum::<f32>() / x.len() as f32;
    let (ma, mb) = (mean(a), mean(b));
    let sum = |f: &dyn Fn(f32, f32) -> f32| a.iter().zip(b).map(|(a, b)| f(a - ma, b - mb)).sum::<f32>();
    sum(&|a, b| a * b) / (sum(&|a, _| a * a) * sum(&|_, b| b * b)).sqrt().max(1e-9)
}

#[test]
fn the_parts_of_the_song_move_as_its_stems_do() {
    let song = downbeat_song::render();
    let parts = parts(&song.left, &song.right);
    for (part, stem, least) in [(0, "drums", 0.5), (1, "bass", 0.25), (3, "chords", 0.25)] {
        let stem = song.stem(stem).expect("a stem");
        // The stem's loudness over the window that the parts look through.
        let level = |hop: usize| {
            let window = (hop * HOP).saturating_sub(1024)..((hop + 1) * HOP);
            let power = window.clone().map(|k| (stem.left[k] + stem.right[k]).powi(2)).sum::<f32>();
            (power / window.len() as f32).sqrt()
        };
        let truth: Vec<f32> = (0..parts.len()).map(level).collect();
        let heard: Vec<f32> = parts.iter().map(|parts| parts[part]).collect();
        let alike = correlation(&heard, &truth);
        println!("{}: {alike:.2}", PARTS[part]);
        assert!(alike > least, "{}: {alike}", PARTS[part]);
    }
}
