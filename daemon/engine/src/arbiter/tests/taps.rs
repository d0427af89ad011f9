//! The operator taps.

use super::*;

#[test]
fn a_tap_sets_the_beat_at_once() {
    let mut stage = Stage::new(120.0);
    stage.signal = false;
    stage.run(1.0);
    stage.tap(4, 0.6);
    stage.run(0.4);
    let tapped = Timeline { tempo: 100.0, time_origin: stage.now.offset(-400_000_000), ..Timeline::default() };
    assert!(stage.error_to(&tapped, 0.0).abs() < 10.0, "{} ms", stage.error_to(&tapped, 0.0));
    assert!((stage.arbiter.goal().tempo - 100.0).abs() < 1.0);
    assert_eq!(stage.arbiter.lead(), Lead::Tap);
    assert!(stage.arbiter.is_beating(stage.now), "tapped beats are played in silence");
}

#[test]
fn after_tapping_what_is_heard_takes_over_in_the_tapped_octave() {
    let mut stage = Stage::playing(120.0);
    stage.tap(5, 1.0);
    stage.run(4.0);
    assert_eq!(stage.arbiter.lead(), Lead::Audio);
    assert!((stage.arbiter.goal().tempo - 60.0).abs() < 1e-6);
}

#[test]
fn tapping_between_the_heard_beats_keeps_them_between() {
    let mut stage = Stage::playing(120.0);
    // To the middle between two beats.
    let to_go = (stage.music.beats_at(stage.now) + Beats::from_f64(0.5)).phase(Beats::ONE);
    stage.run((1.0 - to_go) * 0.5);
    stage.tap(5, 0.5);
    stage.run(5.0);
    assert_eq!(stage.arbiter.lead(), Lead::Audio);
    assert!(stage.error_to(&stage.music, 0.5).abs() < 5.0, "{} ms", stage.error_to(&stage.music, 0.5));
}

#[test]
fn a_tapped_tempo_that_is_not_heard_leads_until_the_next_song() {
    let mut stage = Stage::playing(120.0);
    stage.tap(5, 0.7);
    stage.run(10.0);
    assert_eq!(stage.arbiter.lead(), Lead::Tap);
    stage.signal = false;
    stage.run(5.0);
    stage.signal = true;
    stage.run(1.0);
    assert_eq!(stage.arbiter.lead(), Lead::Audio);
    assert!(stage.error_ms().abs() < 5.0);
}

#[test]
fn a_tap_that_comes_twice_leaves_the_tempo_and_the_music_takes_over_again() {
    let mut stage = Stage::playing(120.0);
    for again_ms in [0, 3, 40, 140] {
        stage.tap(1, 1.0);
        stage.now = stage.now.offset(again_ms * 1_000_000);
        stage.tap(1, 1.0);
        assert!((stage.arbiter.goal().tempo - 120.0).abs() < 1.0, "after {again_ms} ms: {:?}", stage.arbiter.goal());
        stage.run(5.0);
        assert_eq!(stage.arbiter.lead(), Lead::Audio, "after {again_ms} ms");
    }
}

#[test]
fn taps_that_the_engine_learns_of_late_count_when_they_were_made() {
    let mut stage = Stage::new(120.0);
    stage.signal = false;
    stage.run(4.0);
    for ago_ms in [1_800, 1_200, 600] {
        stage.obey(Request::Tap(stage.now.offset(-ago_ms * 1_000_000)));
    }
    assert!((stage.arbiter.goal().tempo - 100.0).abs() < 1e-6, "{:?}", stage.arbiter.goal());
    let to_go = stage.arbiter.goal().beats_at(stage.now).phase(Beats::ONE);
    assert!(!(1e-6..=1.0 - 1e-6).contains(&to_go), "the beat is a beat after the last tap, now: {to_go}");
}

#[test]
fn taps_are_taken_into_the_locked_range_by_octaves_or_leave_the_tempo() {
    let mut stage = Stage::playing(120.0);
    stage.lock(100.0, 140.0, true);
    stage.tap(4, 1.0);
    assert!((stage.arbiter.goal().tempo - 120.0).abs() < 0.5, "60 is 120: {:?}", stage.arbiter.goal());
    stage.run(4.0);
    stage.tap(4, 60.0 / 80.0);
    assert!((100.0..=140.0).contains(&stage.arbiter.goal().tempo), "no octave of 80: {:?}", stage.arbiter.goal());
}

#[test]
fn what_was_asked_for_in_the_silence_holds_for_the_next_song() {
    let mut stage = Stage::playing(120.0);
    stage.signal = false;
    stage.run(3.0);
    stage.obey(Request::Bpm(90.0));
    stage.run(3.0);
    stage.signal = true;
    stage.run(1.0);
    assert_eq!(stage.arbiter.lead(), Lead::Manual);
    assert_eq!(stage.arbiter.goal().tempo, 90.0);
}

#[test]
fn taps_teach_the_octave_and_where_the_beat_is_unless_the_tracker_knows_better() {
    let mut stage = Stage::playing(120.0);
    stage.advice();
    // To a place well beside the beats and the middles between them.
    let to_go = (stage.music.beats_at(stage.now) + Beats::from_f64(0.75)).phase(Beats::ONE);
    stage.run((1.0 - to_go) * 0.5);
    stage.tap(3, 1.0);
    let told = stage.advice();
    assert!(
        matches!(told[..], [Advice::Beat(_), Advice::Octave(0.5), Advice::Beat(_), Advice::Octave(0.5), _]),
        "{told:?}"
    );
    assert_eq!(told.last(), Some(&Advice::Beat(stage.now)));
    stage.run(3.12);
    stage.advice();
    stage.tap(1, 1.0);
    assert_eq!(stage.advice(), [], "on the beat");
}
