//! What is heard leads.

use super::*;

#[test]
fn the_beat_that_is_heard_is_told_within_five_milliseconds() {
    for tempo in [62.0, 97.3, 128.0, 174.0] {
        let mut stage = Stage::new(tempo);
        stage.run(2.0);
        for _ in 0..2000 {
            stage.hop();
            assert!(stage.error_ms().abs() < 5.0, "{} ms off at {tempo} BPM", stage.error_ms());
        }
        assert_eq!(stage.said, ["audio: beat found"]);
        assert_eq!(stage.arbiter.lead(), Lead::Audio);
    }
}

#[test]
fn a_step_in_tempo_is_followed_within_two_beats() {
    for (from, to) in [(120.0, 140.0), (128.0, 96.0), (100.0, 174.0)] {
        let mut stage = Stage::playing(from);
        stage.music = Timeline { tempo: to, time_origin: stage.now.offset(77_000_000), ..stage.music };
        stage.run(2.0 * 60.0 / to + 0.35);
        assert!(stage.error_ms().abs() < 10.0, "{} ms off from {from} to {to}", stage.error_ms());
        assert_eq!(stage.said, ["audio: new tempo"]);
    }
}

#[test]
fn a_tracker_that_shakes_does_not_shake_the_timeline() {
    let mut stage = Stage::playing(120.0);
    let mut told = Vec::new();
    for hop in 0..1000 {
        // 8 ms early, then 8 ms late, changing every quarter of a second.
        let shake = if hop / 47 % 2 == 0 { 8_000_000 } else { -8_000_000 };
        let music = stage.music;
        stage.music.time_origin = music.time_origin.offset(shake);
        stage.hop();
        stage.music = music;
        told.push(stage.arbiter.told().tempo);
    }
    assert!(told.iter().all(|tempo| (tempo / 120.0 - 1.0).abs() <= 0.0201));
    assert!(stage.said.is_empty());
}

#[test]
fn a_tempo_that_rests_is_told_to_the_last_bit_though_its_beats_shake() {
    let mut stage = Stage::playing(127.5);
    for hop in 0..10_000 {
        // Up to 2 ms early or late, for a quarter of a second each.
        let shake = hop / 47 * 7_919_000 % 4_000_001 - 2_000_000;
        let music = stage.music;
        stage.music.time_origin = music.time_origin.offset(shake);
        stage.hop();
        stage.music = music;
        assert_eq!(stage.arbiter.told().tempo, 127.5, "at hop {hop}");
        assert!(stage.error_ms().abs() < 3.0, "{} ms off", stage.error_ms());
    }
}

#[test]
fn a_whim_of_the_tracker_is_ignored_and_a_new_phase_is_believed() {
    let mut stage = Stage::playing(120.0);
    let before = stage.music;
    stage.music.time_origin = before.time_origin.offset(200_000_000);
    stage.run(0.2);
    stage.music = before;
    stage.run(1.0);
    assert!(stage.said.is_empty() && stage.error_ms().abs() < 1.0);
    stage.music.time_origin = before.time_origin.offset(200_000_000);
    stage.run(1.5);
    assert!(stage.error_ms().abs() < 5.0);
    assert_eq!(stage.said, ["audio: beat corrected"]);
}

#[test]
fn beats_stop_soon_after_the_music_and_the_tempo_stays() {
    let mut stage = Stage::new(128.0);
    assert!(!stage.arbiter.is_beating(stage.now));
    stage.run(6.0);
    assert!(stage.arbiter.is_beating(stage.now));
    stage.heard.state = MusicState::Breakdown;
    stage.heard.confidence = 0.05;
    stage.run(20.0);
    assert!(stage.arbiter.is_beating(stage.now), "a breakdown keeps its beat");
    stage.signal = false;
    // An empty bar of 1.875 s.
    stage.run(1.9);
    assert!(!stage.arbiter.is_beating(stage.now));
    assert_eq!(stage.arbiter.goal().tempo, 128.0);
    assert_eq!(stage.arbiter.lead(), Lead::Nobody);
}

#[test]
fn a_beat_that_was_hardly_sure_is_not_carried_on() {
    let mut stage = Stage::new(128.0);
    stage.run(2.0);
    assert!(stage.arbiter.is_beating(stage.now));
    stage.heard.state = MusicState::Breakdown;
    stage.heard.confidence = 0.05;
    stage.run(3.0);
    assert!(!stage.arbiter.is_beating(stage.now), "noise that was taken for a beat has no breakdown");
}

#[test]
fn music_without_a_beat_loses_it_in_the_end() {
    let mut stage = Stage::playing(128.0);
    stage.heard.confidence = 0.05;
    stage.run(9.0);
    assert!(stage.arbiter.is_beating(stage.now));
    stage.run(2.0);
    assert!(!stage.arbiter.is_beating(stage.now));
}

#[test]
fn a_heard_downbeat_moves_the_bar_but_no_beat() {
    let mut stage = Stage::playing(120.0);
    stage.heard.bar_confidence = 0.9;
    stage.music.bar_origin = stage.music.bar_origin + Beats::whole(2);
    stage.run(5.0);
    let told = stage.arbiter.told();
    let music_bar = stage.music.bar_phase(stage.now);
    assert!((told.bar_phase(stage.now) - music_bar).abs() < 0.01);
    assert!(stage.said.iter().all(|why| *why == "audio: downbeat"), "{:?}", stage.said);
}

#[test]
fn a_restarted_arbiter_goes_on_in_the_same_beat() {
    let stage = Stage::playing(128.0);
    let line = *stage.arbiter.told();
    let mut restarted = Stage { arbiter: Stage::new(120.0).arbiter, ..stage };
    restarted.now = restarted.now.offset(1_500_000_000);
    restarted.arbiter.resume(line, restarted.now);
    restarted.signal = false;
    restarted.run(1.0);
    assert!(restarted.arbiter.is_beating(restarted.now));
    assert!(restarted.error_ms().abs() < 1.0);
    restarted.signal = true;
    restarted.run(1.0);
    assert!(restarted.said.is_empty(), "nothing to correct");
}
