//! How surely what is told is right, as everyone is told.

use super::*;

fn sure(stage: &Stage) -> [f32; 4] {
    let Confidences { pulse, level, phase, bar } = stage.arbiter.confidences();
    [pulse, level, phase, bar]
}

#[test]
fn what_leads_says_how_sure_it_is() {
    let mut stage = Stage::new(120.0);
    assert_eq!(sure(&stage), [0.0; 4], "nobody leads");
    stage.heard.bar_confidence = 0.6;
    stage.run(5.0);
    assert_eq!(sure(&stage), [0.9, 0.8, 0.7, 0.6]);
    stage.signal = false;
    stage.run(0.1);
    assert_eq!(sure(&stage), [0.0; 4], "nothing is heard");
}

#[test]
fn what_the_operator_says_is_sure() {
    let mut stage = Stage::playing(120.0);
    stage.hold = true;
    stage.run(0.1);
    assert_eq!(sure(&stage), [1.0; 4]);
    let mut stage = Stage::playing(120.0);
    stage.heard.bar_confidence = 0.6;
    stage.obey(Request::TheOne);
    stage.run(0.1);
    assert_eq!(sure(&stage), [0.9, 0.8, 0.7, 1.0], "only the one was said");
}

#[test]
fn a_bar_that_is_heard_elsewhere_makes_the_told_one_doubtful() {
    let mut stage = Stage::new(120.0);
    stage.heard.bar_confidence = 0.9;
    stage.run(10.0);
    assert_eq!(sure(&stage)[3], 0.9);
    stage.music.bar_origin = Beats::whole(1);
    stage.heard.bar_confidence = 0.4;
    stage.run(4.0);
    assert!((sure(&stage)[3] - 0.2).abs() < 1e-6, "one of three other places: {:?}", sure(&stage));
    stage.heard.bar_confidence = 0.9;
    stage.run(4.0);
    assert_eq!(sure(&stage)[3], 0.9, "the bar has moved there");
}

#[test]
fn bars_of_moved_beats_are_not_known() {
    let mut stage = Stage::playing(120.0);
    stage.heard.bar_confidence = 0.9;
    stage.obey(Request::Halve);
    stage.run(5.0);
    assert_eq!(sure(&stage)[3], 0.0);
}
