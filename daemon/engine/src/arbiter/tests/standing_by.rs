use super::*;

/// How sure the leader was.
const SURE: Confidences = Confidences { pulse: 0.8, level: 0.7, phase: 0.6, bar: 0.5 };

/// A stage whose arbiter mirrors a leader's line for so long.
fn stood_by(leader: Timeline, seconds: f64, music: f64) -> Stage {
    let mut stage = Stage::new(music);
    let end = stage.now.offset((seconds * 1e9) as i64);
    while stage.now < end {
        stage.arbiter.mirror(leader);
        stage.hop();
    }
    stage
}

/// Runs on, and tells the largest step of the beat against the leader's line, in beats, whole beats left out.
fn step(stage: &mut Stage, leader: &Timeline, seconds: f64) -> f64 {
    let end = stage.now.offset((seconds * 1e9) as i64);
    let mut worst = 0.0f64;
    let mut before = *stage.arbiter.told();
    while stage.now < end {
        stage.hop();
        let told = *stage.arbiter.told();
        worst = worst.max((told.beats_at(stage.now) - before.beats_at(stage.now)).as_f64().abs());
        before = told;
    }
    let apart = (before.beats_at(stage.now) - leader.beats_at(stage.now)).as_f64();
    println!("largest step {worst} beats, in the end {apart} beats from the leader's");
    worst
}

fn music(tempo: f64) -> Timeline {
    Stage::new(tempo).music
}

#[test]
fn the_beat_of_a_leader_that_is_gone_goes_on_without_a_step() {
    for seconds in [0.5, 10.0] {
        let mut stage = stood_by(music(124.0), seconds, 124.0);
        stage.arbiter.take_over(true, false, SURE, stage.now);
        assert!(step(&mut stage, &music(124.0), 12.0) < 0.005);
        assert_eq!(stage.arbiter.lead(), Lead::Audio);
        assert!(stage.arbiter.is_beating(stage.now));
    }
}

#[test]
fn what_the_operator_had_told_the_leader_is_kept() {
    let leader = |tempo: f64, later: f64| {
        let line = music(124.0);
        Timeline { tempo, time_origin: line.time_origin.offset((later * 1e9) as i64), ..line }
    };
    // Twice the tempo, half of it, the other side of the beat, thirty milliseconds late.
    for leader in [leader(248.0, 0.0), leader(62.0, 0.0), leader(124.0, 30.0 / 124.0), leader(124.0, 0.03)] {
        let mut stage = stood_by(leader, 10.0, 124.0);
        stage.arbiter.take_over(true, false, SURE, stage.now);
        assert!(step(&mut stage, &leader, 12.0) < 0.005, "{leader:?}");
        let apart = (stage.arbiter.told().beats_at(stage.now) - leader.beats_at(stage.now)).as_f64();
        assert!(apart.abs() < 0.02, "{leader:?}: {apart}");
        assert_eq!(stage.arbiter.lead(), Lead::Audio);
    }
}

#[test]
fn a_beat_that_was_just_found_wrongly_does_not_move_the_one_that_was_taken_over() {
    let leader = music(124.0);
    let mut stage = stood_by(leader, 0.2, 124.0);
    stage.arbiter.take_over(true, false, SURE, stage.now);
    // For three seconds the tracker has the other side of the beat, then it finds the right one.
    stage.music.time_origin = leader.time_origin.offset(242_000_000);
    assert!(step(&mut stage, &leader, 3.0) < 0.005);
    stage.music = leader;
    assert!(step(&mut stage, &leader, 12.0) < 0.005);
    let apart = (stage.arbiter.told().beats_at(stage.now) - leader.beats_at(stage.now)).as_f64();
    assert!(apart.abs() < 0.02, "{apart}");
}

#[test]
fn a_tracker_that_changes_its_mind_soon_after_moves_nothing() {
    let leader = music(124.0);
    let mut stage = Stage::new(124.0);
    // A new tracker, on the wrong side of the beat for long enough to be believed.
    stage.music.time_origin = leader.time_origin.offset(242_000_000);
    for _ in 0..1_500 {
        stage.arbiter.mirror(leader);
        stage.hop();
    }
    stage.arbiter.take_over(true, false, SURE, stage.now);
    assert!(step(&mut stage, &leader, 1.0) < 0.005);
    stage.music = leader;
    assert!(step(&mut stage, &leader, 20.0) < 0.005);
    let apart = (stage.arbiter.told().beats_at(stage.now) - leader.beats_at(stage.now)).as_f64();
    assert!(apart.abs() < 0.02, "{apart}");
}

#[test]
fn what_is_really_new_is_followed_after_a_while() {
    let mut stage = stood_by(music(124.0), 10.0, 124.0);
    stage.arbiter.take_over(true, false, SURE, stage.now);
    stage.run(6.0);
    stage.music = music(100.0);
    stage.run(16.0);
    assert!((stage.arbiter.goal().tempo - 100.0).abs() < 1.0, "{:?}", stage.arbiter.goal());
}

#[test]
fn a_timeline_that_nothing_agrees_with_is_not_kept_for_ever() {
    let mut stage = stood_by(music(124.0), 1.0, 100.0);
    stage.arbiter.take_over(true, false, SURE, stage.now);
    stage.run(10.0);
    assert_eq!((stage.arbiter.lead(), stage.arbiter.goal().tempo), (Lead::Inherited, 124.0));
    stage.run(6.0);
    assert!((stage.arbiter.goal().tempo - 100.0).abs() < 1.0, "{:?}", stage.arbiter.goal());
}

#[test]
fn a_silent_show_is_taken_over_silent() {
    let mut stage = Stage::new(124.0);
    stage.signal = false;
    stage.arbiter.mirror(music(124.0));
    stage.run(1.0);
    stage.arbiter.take_over(false, false, Confidences::default(), stage.now);
    stage.run(1.0);
    assert!(!stage.arbiter.is_beating(stage.now));
}
