//! What else the operator asks for, and what the trackers are told of it.

use super::*;

#[test]
fn the_trackers_are_told_what_the_operator_says() {
    let mut stage = Stage::playing(120.0);
    stage.advice();
    stage.obey(Request::Double);
    let told = stage.advice();
    assert!(matches!(told[..], [Advice::Octave(2.0), Advice::Beat(_)]), "{told:?}");
    stage.obey(Request::Bpm(133.0));
    assert_eq!(stage.advice(), [Advice::Tempo(133.0)], "a tempo that nobody hears");
    let one = stage.arbiter.told().beats_at(stage.now).round();
    let at = stage.arbiter.told().time_of(Beats::whole(one));
    stage.obey(Request::TheOne);
    assert_eq!(stage.advice(), [Advice::Downbeat(at)]);
    stage.obey(Request::Listen);
    assert_eq!(stage.advice(), [Advice::Forget]);
    stage.lock(90.0, 130.0, true);
    assert_eq!(stage.advice(), [Advice::Range(Some([90.0, 130.0]))]);
    stage.lock(90.0, 130.0, false);
    assert_eq!(stage.advice(), [Advice::Range(None)]);
}

#[test]
fn new_trackers_are_told_again_what_holds() {
    let mut stage = Stage::playing(80.0);
    stage.lock(70.0, 190.0, true);
    stage.obey(Request::Double);
    stage.advice();
    stage.arbiter.advise_again();
    assert_eq!(stage.advice(), [Advice::Range(Some([70.0, 190.0])), Advice::Tempo(160.0)]);
}

#[test]
fn a_nudge_by_half_a_beat_is_not_doubled_by_a_tracker_that_sees_it_too() {
    let mut stage = Stage::playing(120.0);
    stage.obey(Request::NudgeMs(250.0));
    stage.run(1.0);
    let told = *stage.arbiter.told();
    stage.follow(1.0, 0.0);
    stage.run(5.0);
    assert!(stage.error_to(&told, 0.0).abs() < 12.0, "{} ms", stage.error_to(&told, 0.0));
    assert!(stage.said.is_empty(), "{:?}", stage.said);
}

#[test]
fn listening_anew_forgets_what_was_asked_for() {
    let mut stage = Stage::playing(120.0);
    stage.obey(Request::Halve);
    stage.obey(Request::NudgeMs(-40.0));
    stage.obey(Request::TheOne);
    stage.obey(Request::Bpm(99.0));
    stage.run(1.0);
    stage.obey(Request::Listen);
    assert!(!stage.arbiter.is_beating(stage.now), "no beat until one is found");
    stage.run(2.0);
    assert_eq!(stage.arbiter.lead(), Lead::Audio);
    assert!((stage.arbiter.goal().tempo - 120.0).abs() < 1e-6);
    assert!(stage.error_ms().abs() < 5.0, "{} ms", stage.error_ms());
}

#[test]
fn a_nudge_moves_the_beat_and_stays() {
    let mut stage = Stage::playing(120.0);
    stage.obey(Request::NudgeMs(-30.0));
    stage.run(0.2);
    assert!((stage.error_ms() - 30.0).abs() < 2.0, "{} ms ahead", stage.error_ms());
    stage.run(10.0);
    assert!((stage.error_ms() - 30.0).abs() < 2.0);
    stage.obey(Request::NudgeMs(40.0));
    stage.run(0.2);
    assert!((stage.error_ms() + 10.0).abs() < 2.0, "{} ms ahead", stage.error_ms());
    assert!(stage.arbiter.obey(Request::NudgeMs(f64::NAN), stage.now).is_err());
}

#[test]
fn the_one_is_the_nearest_beat_whatever_the_music_says() {
    let mut stage = Stage::playing(120.0);
    stage.heard.bar_confidence = 0.9;
    stage.run(6.0);
    let beat = stage.arbiter.told().beats_at(stage.now).round();
    stage.obey(Request::TheOne);
    stage.run(10.0);
    assert_eq!(stage.arbiter.told().beat_in_bar(beat), 0);
}

#[test]
fn while_held_nothing_heard_moves_the_timeline() {
    let mut stage = Stage::playing(120.0);
    stage.hold = true;
    stage.run(0.1);
    let held = *stage.arbiter.told();
    stage.music.tempo = 150.0;
    stage.run(10.0);
    assert!((stage.arbiter.told().tempo - held.tempo).abs() < 1e-9);
    assert_eq!(stage.arbiter.lead(), Lead::Hold);
    stage.signal = false;
    stage.run(10.0);
    assert!(stage.arbiter.is_beating(stage.now), "held beats are played in silence");
}

#[test]
fn a_tempo_out_of_range_is_refused() {
    let mut stage = Stage::playing(120.0);
    let refused = stage.arbiter.obey(Request::Bpm(5000.0), stage.now);
    assert_eq!(refused, Err("5000 BPM is out of range; choose 20 to 999 BPM".into()));
    (0..3).for_each(|_| stage.obey(Request::Double));
    assert!(stage.arbiter.obey(Request::Double, stage.now).is_err());
}
