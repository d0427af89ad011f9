//! Assumptions of the benchmarks.

use super::*;
use std::sync::OnceLock;

/// Rendered once for all tests here.
fn house() -> &'static Piece {
    static HOUSE: OnceLock<Piece> = OnceLock::new();
    HOUSE.get_or_init(|| render("house_124").expect("a piece"))
}

/// Mean power between two times, in dB below full scale; `low` counts only what lies below 150 Hz.
fn level(piece: &Piece, from: f64, to: f64, low: bool) -> f64 {
    let range = (from * 48_000.0) as usize..(to * 48_000.0) as usize;
    let mut filters = [(); 2].map(|()| downbeat_song::synth::Filter::new(150.0, 0.7));
    let mut power = 0.0;
    for sample in &piece.sound.left[range.clone()] {
        let sample = f64::from(*sample);
        let once = filters[0].low(sample);
        let heard = if low { filters[1].low(once) } else { sample };
        power += heard * heard;
    }
    10.0 * (power / range.len() as f64 + 1e-12).log10()
}

#[test]
fn a_piece_is_the_same_each_time() {
    let again = render("house_124").expect("a piece");
    assert!(again.sound.left == house().sound.left && again.sound.right == house().sound.right);
    assert_eq!(again.truth, house().truth);
}

#[test]
fn the_sound_rises_at_every_kick_of_a_drop() {
    let piece = house();
    let drop = piece.truth.sections.iter().find(|part| part.name == "drop").expect("a drop");
    let kicks: Vec<f64> =
        piece.truth.drums.kick.iter().copied().filter(|kick| (drop.start..drop.end).contains(kick)).collect();
    assert_eq!(kicks.len(), 32, "four on the floor of eight bars");
    for kick in kicks {
        let (before, after) = (level(piece, kick - 0.02, kick - 0.001, true), level(piece, kick, kick + 0.03, true));
        assert!(after > before + 2.0, "at {kick:.3} s: {before:.1} dB, then {after:.1} dB");
    }
}

#[test]
fn kick_and_bass_return_at_every_drop() {
    for name in ["house_124", "drum_and_bass_174"] {
        let piece = render(name).expect("a piece");
        assert_eq!(piece.truth.drops.len(), 2, "{name}");
        for drop in &piece.truth.drops {
            let bar = piece.truth.beats[4] - piece.truth.beats[0];
            let (before, after) = (level(&piece, drop - bar, *drop, true), level(&piece, *drop, drop + bar, true));
            assert!(after > before + 6.0, "{name} at {drop:.1} s: {before:.1} dB, then {after:.1} dB");
            assert!(piece.truth.drums.kick.iter().any(|kick| (kick - drop).abs() < 0.02), "{name}: a kick opens it");
            assert!(piece.truth.downbeats.contains(drop), "{name}: a drop begins a bar");
        }
    }
}

#[test]
fn sections_follow_each_other_from_the_start_to_the_end() {
    let truth = &house().truth;
    assert_eq!(truth.sections.first().map(|part| part.start), Some(0.0));
    assert_eq!(truth.sections.last().map(|part| part.end), Some(truth.duration));
    assert!(truth.sections.windows(2).all(|pair| pair[0].end == pair[1].start && pair[0].name != pair[1].name));
}

#[test]
fn the_truth_is_in_order_and_inside_the_piece() {
    for name in ["ramp_fast_100", "gap_127", "cut_124_141", "hip_hop_86", "seven_eight_184"] {
        let truth = render(name).expect("a piece").truth;
        let drums = &truth.drums;
        for times in [&truth.beats, &truth.downbeats, &drums.kick, &drums.snare, &drums.hat] {
            assert!(times.windows(2).all(|pair| pair[0] < pair[1]), "{name}");
            assert!(times.iter().all(|time| (0.0..truth.duration).contains(time)), "{name}");
        }
        assert!(truth.downbeats.iter().all(|time| truth.beats.contains(time)), "{name}: a downbeat is a beat");
        assert!(truth.beats.len() > 40, "{name}: {} beats", truth.beats.len());
    }
}

#[test]
fn a_cut_goes_from_one_tempo_to_another_within_a_bar() {
    let truth = render("cut_124_141").expect("a piece").truth;
    let cut = truth.sections[1].start;
    let near = |time: f64| truth.beats.iter().any(|beat| (beat - time).abs() < 1e-4);
    assert!(near(cut) && near(cut + 60.0 / 141.0), "the second record begins on its beat");
    let last = truth.beats.iter().rfind(|beat| **beat < cut - 0.01).expect("a beat");
    assert!((cut - last - 30.0 / 124.0).abs() < 1e-3, "the first one is cut between two beats");
}

#[test]
fn what_has_no_beat_says_so_and_is_heard() {
    for name in ["speech_one", "applause", "crowd", "pink_noise", "drone"] {
        let piece = render(name).expect("a piece");
        assert!(piece.truth.no_beat && piece.truth.beats.is_empty(), "{name}");
        assert!(level(&piece, 1.0, 40.0, false) > -40.0, "{name}");
    }
    let silence = render("silence").expect("a piece");
    assert!(silence.sound.left.iter().chain(&silence.sound.right).all(|sample| *sample == 0.0));
}

#[test]
fn the_quiet_piece_is_forty_decibels_below_the_others() {
    let quiet = render("quiet_123").expect("a piece");
    let level = level(&quiet, 5.0, 30.0, false);
    assert!((-62.0..-48.0).contains(&level), "{level:.1} dB");
}

#[test]
fn an_unknown_name_is_no_piece() {
    assert!(render("polka").is_none());
    assert!(names().len() >= 48);
}
