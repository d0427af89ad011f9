//! Pitch, chroma and key against music with known notes.

mod signal;

use signal::{Music, analyzer, place};
use std::f64::consts::TAU;

const RATE: f64 = 48_000.0;
const HOP: usize = 256;

/// The frequency of a MIDI note where A4 is at so many hertz.
fn hertz(note: i32, a4: f64) -> f64 {
    a4 * 2f64.powf(f64::from(note - 69) / 12.0)
}

/// A note with eight harmonics, a soft attack and a decay.
fn note(music: &mut Music, at: f64, seconds: f64, hertz: f64, gain: f64) {
    music.add(at, seconds, |t| {
        let envelope = (t / 0.01).min(1.0) * ((seconds - t) / 0.03).clamp(0.0, 1.0) * (-t / 1.5).exp();
        gain * envelope * (1..=8).map(|h| (TAU * hertz * f64::from(h) * t).sin() / f64::from(h)).sum::<f64>()
    });
}

/// Four chords over and over, two seconds each with their bass, and drums. A chord is its root above the key's note and
/// whether it is minor.
fn progression(key: i32, chords: [(i32, bool); 4], a4: f64, seconds: f64) -> Music {
    let mut music = Music::silence(seconds, RATE);
    for bar in 0..(seconds / 2.0) as usize {
        let (root, minor) = chords[bar % 4];
        let root = (key + root).rem_euclid(12);
        let at = 2.0 * bar as f64;
        for part in [0.0, 1.0] {
            for step in [0, if minor { 3 } else { 4 }, 7] {
                note(&mut music, at + part, 0.95, hertz(60 + (root + step) % 12, a4), 0.05);
            }
            note(&mut music, at + part, 0.9, hertz(36 + root, a4), 0.12);
        }
        for beat in 0..4 {
            music.kick(at + 0.5 * f64::from(beat), 0.5);
            music.hat(at + 0.5 * f64::from(beat) + 0.25, 0.1);
        }
        music.snare(at + 0.5, 0.2);
        music.snare(at + 1.5, 0.2);
    }
    music
}

/// Major: I, vi, IV, V; minor: i, iv, VI, V.
const MAJOR: [(i32, bool); 4] = [(0, false), (9, true), (5, false), (7, false)];
const MINOR: [(i32, bool); 4] = [(0, true), (5, true), (8, false), (7, false)];

/// The key and the confidence at the end.
fn key(music: &Music) -> (i32, f32) {
    let mut heard = (0, 0.0);
    analyzer(music.rate, 1_024).push(&music.samples, &music.samples, |hop| {
        heard = (hop.values[place("key")] as i32, hop.values[place("key-confidence")]);
    });
    heard
}

#[test]
fn the_key_is_heard_in_major_and_minor_under_drums_and_in_any_tuning() {
    for (tonic, a4) in [(0, 440.0), (2, 440.0), (4, 446.0), (5, 432.0), (7, 440.0), (9, 436.0), (11, 444.0)] {
        let (major, confidence) = key(&progression(tonic, MAJOR, a4, 16.0));
        assert_eq!(major, tonic, "major at {a4} Hz, {confidence}");
        assert!(confidence > 0.4, "{confidence}");
        let (minor, confidence) = key(&progression(tonic, MINOR, a4, 16.0));
        assert_eq!(minor, 12 + tonic, "minor at {a4} Hz, {confidence}");
        assert!(confidence > 0.4, "{confidence}");
    }
}

#[test]
fn the_key_holds_through_a_passing_chord_and_follows_a_new_song() {
    let mut music = progression(0, MAJOR, 440.0, 60.0);
    let other = progression(6, MAJOR, 440.0, 60.0);
    music.samples[48_000 * 30..].copy_from_slice(&other.samples[48_000 * 30..]);
    let keys = music.values(1_024, "key");
    let settled: Vec<f32> = keys.iter().filter(|(end, _)| (10.0..30.0).contains(end)).map(|(_, key)| *key).collect();
    assert!(settled.iter().all(|key| *key == 0.0));
    let late: Vec<f32> = keys.iter().filter(|(end, _)| *end > 52.0).map(|(_, key)| *key).collect();
    assert!(late.iter().all(|key| *key == 6.0), "{:?}", late.first());
}

#[test]
fn noise_and_silence_are_in_no_key() {
    let mut noise = Music::silence(20.0, RATE);
    noise.noise(0.0, 20.0, 0.3);
    assert!(key(&noise).1 < 0.25, "{:?}", key(&noise));
    assert_eq!(key(&Music::silence(2.0, RATE)), (0, 0.0));
}

#[test]
fn chroma_shows_the_notes_of_a_chord_and_little_else() {
    for (rate, gain) in [(48_000.0, 0.1), (44_100.0, 0.1), (96_000.0, 0.01), (8_000.0, 0.1)] {
        let mut music = Music::silence(1.5, rate);
        for pitch in [60, 64, 67] {
            let hertz = hertz(pitch, 440.0);
            music.add(0.0, 1.5, |t| gain * ((TAU * hertz * t).sin() + 0.3 * (2.0 * TAU * hertz * t).sin()));
        }
        let mut chroma = [0.0f32; 12];
        let first = place("chroma");
        analyzer(rate, HOP).push(&music.samples, &music.samples, |hop| {
            chroma.copy_from_slice(&hop.values[first..first + 12]);
        });
        for (class, value) in chroma.iter().enumerate() {
            match [0, 4, 7].contains(&class) {
                true => assert!(*value > 0.6, "{class} at {rate} Hz: {chroma:?}"),
                false => assert!(*value < 0.1, "{class} at {rate} Hz: {chroma:?}"),
            }
        }
    }
}

#[test]
fn the_pitch_of_a_voice_is_right_within_5_cents_from_40_to_1000_hertz() {
    for rate in [44_100.0, 48_000.0, 96_000.0, 16_000.0] {
        for wanted in [41.2, 55.0, 82.4, 110.0, 196.0, 329.6, 440.0, 698.5, 987.8] {
            let mut music = Music::silence(1.0, rate);
            note(&mut music, 0.0, 1.0, wanted, 0.2);
            let pitches = music.values(HOP, "pitch");
            let wrong = |pitch: f32| (1_200.0 * (f64::from(pitch) / wanted).log2()).abs() > 5.0;
            let held = pitches.iter().filter(|(end, _)| (0.1..0.9).contains(end));
            let off: Vec<f32> = held.map(|(_, pitch)| *pitch).filter(|pitch| wrong(*pitch)).collect();
            assert!(off.is_empty(), "{wanted} Hz at {rate}: {off:?}");
        }
    }
}

#[test]
fn a_new_note_is_told_within_60_milliseconds_and_a_fundamental_need_not_sound() {
    let mut music = Music::silence(2.0, RATE);
    note(&mut music, 0.0, 1.0, 220.0, 0.2);
    // Only harmonics: a telephone, a small loudspeaker.
    music.add(1.0, 1.0, |t| [3.0, 4.0, 5.0].map(|h| 0.05 * (TAU * 165.0 * h * t).sin()).iter().sum());
    let pitches = music.values(HOP, "pitch");
    let at = |seconds: f64| pitches.iter().find(|(end, _)| *end >= seconds).expect("in the music").1;
    assert!((at(0.06) - 220.0).abs() < 3.0, "{}", at(0.06));
    assert!((at(1.06) - 165.0).abs() < 3.0, "{}", at(1.06));
}

#[test]
fn noise_and_silence_have_no_pitch() {
    let mut music = Music::silence(4.0, RATE);
    music.noise(1.0, 4.0, 0.3);
    let pitched = music.values(HOP, "pitch").iter().filter(|(_, pitch)| *pitch > 0.0).count();
    assert!(pitched < 10, "{pitched}");
    let confidence = music.values(HOP, "pitch-confidence").iter().fold(0.0f32, |most, (_, value)| value.max(most));
    assert!(confidence < 0.6, "{confidence}");
}
