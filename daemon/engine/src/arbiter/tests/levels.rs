//! The operator chooses among the tempi that are heard.

use super::*;

#[test]
fn twice_and_half_the_tempo_stick_and_keep_the_bar() {
    for (request, tempo) in [(Request::Double, 240.0), (Request::Halve, 60.0)] {
        for extra in 0..9 {
            let mut stage = Stage::playing(120.0);
            stage.run(0.23 * f64::from(extra));
            let bar_before = stage.arbiter.told().next_multiple(stage.now, Beats::whole(4));
            let downbeat = stage.arbiter.told().time_of(bar_before);
            stage.obey(request);
            stage.run(5.0);
            let told = *stage.arbiter.told();
            assert_eq!(stage.arbiter.goal().tempo, tempo);
            assert_eq!(stage.arbiter.lead(), Lead::Audio);
            let phase = (told.beats_at(downbeat) - told.bar_origin).as_f64();
            let unit = if tempo > 120.0 { 4.0 } else { 2.0 };
            let off = phase / unit - (phase / unit).round();
            assert!(off.abs() < 0.02, "the downbeat is {off} off after {request:?} ({extra})");
        }
    }
}

#[test]
fn whatever_level_the_tracker_goes_to_the_one_asked_for_is_told() {
    for (request, told) in [(Request::Double, 180.0), (Request::Halve, 45.0)] {
        let mut stage = Stage::playing(90.0);
        stage.obey(request);
        let factor = told / 90.0;
        // It follows, goes back, falls to the other side, and comes back again.
        for step in [1.0, factor, 1.0 / factor, 1.0 / factor, factor] {
            stage.follow(step, 0.0);
            for _ in 0..600 {
                stage.hop();
                assert!((stage.arbiter.told().tempo / told - 1.0).abs() < 0.021, "{request:?}: {:?}", stage.said);
            }
        }
        assert!(stage.said.is_empty(), "{request:?}: {:?}", stage.said);
        assert_eq!(stage.arbiter.lead(), Lead::Audio);
    }
}

#[test]
fn a_song_that_drifts_takes_the_level_asked_for_with_it() {
    let mut stage = Stage::playing(90.0);
    stage.obey(Request::Double);
    for _ in 0..40 {
        stage.music = stage.music.with_tempo(stage.music.tempo * 1.005, stage.now);
        stage.run(0.5);
    }
    assert!((stage.arbiter.goal().tempo / (2.0 * stage.music.tempo) - 1.0).abs() < 0.01);
}

#[test]
fn held_means_that_the_level_is_right() {
    let mut stage = Stage::playing(120.0);
    stage.advice();
    stage.arbiter.apply(&Change::Hold(true), stage.now);
    assert_eq!(stage.advice(), [Advice::Octave(1.0)]);
    stage.arbiter.apply(&Change::Hold(false), stage.now);
    assert!(stage.advice().is_empty());
}

#[test]
fn a_locked_range_moves_the_tempo_into_it_at_once_and_keeps_it_there() {
    for (low, high, told) in [(60.0, 90.0, 70.0), (200.0, 300.0, 280.0)] {
        let mut stage = Stage::playing(140.0);
        stage.lock(low, high, true);
        assert_eq!(stage.said, ["moved into the locked range"]);
        // This tracker stays where it was.
        for _ in 0..1000 {
            stage.hop();
            assert!((stage.arbiter.told().tempo / told - 1.0).abs() < 0.021, "{}", stage.arbiter.told().tempo);
        }
        stage.lock(low, high, false);
        stage.run(2.0);
        assert!((stage.arbiter.goal().tempo - 140.0).abs() < 0.1, "open again: what is heard");
    }
}

#[test]
fn a_range_that_is_locked_after_a_level_was_chosen_has_the_last_word() {
    let mut stage = Stage::playing(90.0);
    stage.obey(Request::Double);
    stage.lock(60.0, 100.0, true);
    stage.run(2.0);
    assert!((stage.arbiter.goal().tempo - 90.0).abs() < 0.1, "{}", stage.arbiter.goal().tempo);
    stage.obey(Request::Double);
    stage.run(2.0);
    assert!((stage.arbiter.goal().tempo - 180.0).abs() < 0.1, "the last request is the one that counts");
}
