//! Assumptions of the whole system's tests.

use super::*;
use std::sync::OnceLock;

/// Rendered once for all tests here.
fn song() -> &'static Song {
    static SONG: OnceLock<Song> = OnceLock::new();
    SONG.get_or_init(render)
}

/// Mean power of both sides between two times, in dB below full scale.
fn level(left: &[f32], right: &[f32], from: f64, to: f64) -> f64 {
    let range = (from * f64::from(SAMPLE_RATE)) as usize..(to * f64::from(SAMPLE_RATE)) as usize;
    let power = |side: &[f32]| side[range.clone()].iter().map(|x| f64::from(x * x)).sum::<f64>();
    10.0 * ((power(left) + power(right)) / (2.0 * range.len() as f64) + 1e-12).log10()
}

#[test]
fn every_machine_renders_the_same_song() {
    assert_eq!(
        song().fingerprint(),
        FINGERPRINT,
        "the music changed: if that was meant, put the new hash in FINGERPRINT"
    );
}

#[test]
fn stems_add_up_to_the_mix_exactly_and_in_any_order() {
    let song = song();
    for at in 0..LENGTH {
        let stems = || song.stems.iter().map(|stem| stem.left[at]);
        assert_eq!(stems().sum::<f32>(), song.left[at], "sample {at}");
        assert_eq!(stems().rev().sum::<f32>(), song.left[at], "sample {at} backwards");
    }
}

#[test]
fn the_mix_keeps_below_minus_one_decibel() {
    let peak = song().left.iter().chain(&song().right).fold(0.0f32, |peak, x| peak.max(x.abs()));
    assert!((0.7..0.8912).contains(&peak), "{peak}");
}

#[test]
fn the_power_of_the_drums_rises_at_every_kick() {
    let drums = song().stem("drums").expect("a drum stem");
    for kick in &song().truth.onsets["kick"] {
        let before = level(&drums.left, &drums.right, kick - 0.008, kick - 0.001);
        let after = level(&drums.left, &drums.right, *kick, kick + 0.012);
        assert!(after > before + 4.0, "at {kick:.3} s: {before:.1} dB, then {after:.1} dB");
    }
}

#[test]
fn four_kicks_strike_each_bar_of_the_drops_on_the_beats() {
    let truth = &song().truth;
    for name in ["drop", "second-drop"] {
        let part = truth.section(name).expect("a part of the form");
        let beats = truth.beats.iter().filter(|beat| (part.start..part.end).contains(*beat));
        let struck = beats.clone().filter(|beat| truth.onsets["kick"].contains(beat)).count();
        assert!(struck + 1 >= beats.count(), "{name}");
    }
}

#[test]
fn beats_are_even_at_each_tempo_and_downbeats_are_every_fourth() {
    let truth = &song().truth;
    let change = truth.tempos[1].start;
    for pair in truth.beats.windows(2) {
        let bpm = if pair[0] < change { truth.tempos[0].bpm } else { truth.tempos[1].bpm };
        assert!((pair[1] - pair[0] - 60.0 / bpm).abs() < 2.0 / f64::from(SAMPLE_RATE), "{pair:?}");
    }
    let fourth: Vec<f64> = truth.beats.iter().copied().step_by(4).collect();
    assert_eq!(fourth, truth.downbeats);
    assert!(truth.downbeats.contains(&change), "the tempo changes at a downbeat");
}

#[test]
fn the_breakdown_is_clearly_quieter_than_the_drops() {
    let song = song();
    let part = |name| {
        let part = song.truth.section(name).expect("a part of the form");
        level(&song.left, &song.right, part.start, part.end)
    };
    assert!(part("breakdown") + 6.0 < part("drop"));
    assert!(part("breakdown") + 6.0 < part("second-drop"));
    assert!(part("intro") + 1.0 < part("drop"));
}

#[test]
fn files_are_written_once_and_again_when_one_is_broken() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = write(song(), folder.path()).expect("written");
    let stamp = |path: &std::path::Path| path.metadata().and_then(|data| data.modified()).expect("a file");
    let first = stamp(&files.mix);
    assert!(ensure(folder.path()).expect("there").truth == song().truth);
    assert_eq!(stamp(&files.mix), first, "nothing was to do");
    std::fs::write(&files.stems[0].1, "broken").expect("broken");
    ensure(folder.path()).expect("mended");
    assert!(files.stems[0].1.metadata().expect("a file").len() > 1_000_000);
    let names = std::fs::read_dir(folder.path()).expect("a folder").count();
    assert_eq!(names, 6, "no half-written files are left");
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::NamedTempFile::new().expect("a file where a folder should be");
    let error = write(song(), folder.path()).expect_err("no folder");
    assert!(error.to_string().contains(&folder.path().display().to_string()), "{error}");
}
