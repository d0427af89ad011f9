//! The audio is lost, and the beat goes on by the clock.

use super::*;

/// A stage on which music played until the audio was lost.
fn lost(tempo: f64) -> Stage {
    let mut stage = Stage::new(tempo);
    stage.run(8.0);
    stage.said.clear();
    stage.arbiter.hear(Hearing::Lost);
    stage.signal = false;
    stage
}

#[test]
fn the_beat_the_lamp_and_the_confidence_stay_while_the_audio_is_lost() {
    for tempo in [62.0, 124.0, 174.0] {
        let mut stage = lost(tempo);
        let (lock, sure) = (stage.arbiter.locked().locked, stage.arbiter.confidences());
        assert!(lock && sure.pulse > 0.5);
        for left in (1..=9).rev() {
            stage.run(1.0);
            assert!(stage.arbiter.is_beating(stage.now) && stage.arbiter.locked().locked, "{left} s left");
            assert_eq!(stage.arbiter.confidences(), sure);
            let told = stage.arbiter.coasts(stage.now).flatten().expect("it coasts");
            assert!((told as f64 * 1e-9 - f64::from(left)).abs() < 0.1, "{told} ns left, not {left} s");
            assert!(stage.error_ms().abs() < 5.0);
        }
        stage.run(1.1);
        assert!(!stage.arbiter.is_beating(stage.now) && !stage.arbiter.locked().locked);
        let said = ["audio: lost; the beat goes on by the clock", "audio: lost for too long; the beat stops"];
        assert_eq!(stage.said, said);
    }
}

#[test]
fn the_first_guesses_of_a_new_tracker_do_not_move_a_beat_that_was_known() {
    for (wrong, apart) in [(93.0, 0.3), (128.7 * 1.05, 0.1), (62.0, 0.5)] {
        let mut stage = lost(124.0);
        stage.run(3.0);
        stage.arbiter.hear(Hearing::Live);
        stage.signal = true;
        // The player is elsewhere in the bar; the tracker is wrong for a second, and then right.
        let music = stage.music.time_origin.offset((apart * stage.music.beat_ns()) as i64);
        stage.music = Timeline { tempo: wrong, time_origin: music, ..stage.music };
        stage.run(1.0);
        assert!((stage.arbiter.goal().tempo / 124.0 - 1.0).abs() < 0.02, "{wrong}: {:?}", stage.said);
        stage.music = Timeline { tempo: 124.0, ..stage.music };
        for _ in 0..(6.0 * 1e9) as i64 / HOP {
            stage.hop();
            assert!((stage.arbiter.goal().tempo / 124.0 - 1.0).abs() < 0.05, "{wrong}: {:?}", stage.said);
            assert!(stage.arbiter.is_beating(stage.now));
        }
        assert!(stage.error_ms().abs() < 10.0, "{wrong}: {} ms off", stage.error_ms());
    }
}

#[test]
fn another_song_after_the_loss_is_followed_in_the_end() {
    let mut stage = lost(124.0);
    stage.run(3.0);
    stage.arbiter.hear(Hearing::Live);
    stage.signal = true;
    stage.music = Timeline { tempo: 98.0, ..stage.music };
    stage.run(6.0);
    assert!(stage.error_ms().abs() < 10.0 && stage.arbiter.told().tempo == 98.0, "{:?}", stage.said);
}

#[test]
fn silence_is_no_loss_and_says_how_long_the_beat_goes_on() {
    let mut stage = Stage::playing(128.0);
    stage.heard.state = MusicState::Silence;
    stage.run(1.0);
    let left = stage.arbiter.coasts(stage.now).flatten().expect("the empty bar") as f64 * 1e-9;
    assert!(stage.arbiter.is_beating(stage.now) && (0.2..1.0).contains(&left), "{left} s");
    stage.run(1.0);
    assert!(!stage.arbiter.is_beating(stage.now) && stage.arbiter.coasts(stage.now).is_none());
}

#[test]
fn a_server_that_freewheels_suspends_the_beat_for_as_long_as_it_takes() {
    let mut stage = lost(124.0);
    stage.arbiter.hear(Hearing::Suspended);
    stage.run(60.0);
    assert!(stage.arbiter.is_beating(stage.now) && stage.error_ms().abs() < 5.0);
    assert_eq!(stage.arbiter.coasts(stage.now), Some(None));
}
