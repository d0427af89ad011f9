//! A tablet that sends to the leader and to the standby.

use super::stage::{Stage, rule, set, with};
use downbeat_protocol::rule::Occasion;

const TABLET: &str = "osc:192.0.2.7:9000";
const STANDBY: &str = "quic:standby of show~";

#[test]
fn a_button_that_both_boxes_hear_acts_once() {
    let flash = rule(Occasion::Key, vec![set("/layer/back/scene", "echo")]);
    let mut stage = Stage::new(&with(&[], &[("flash", flash)]));
    for (presses, ways) in [(1, [TABLET, STANDBY]), (2, [STANDBY, TABLET])] {
        for from in ways {
            stage.send_from(from, "/rule/flash/fire", true);
            stage.run(0.02);
        }
        assert_eq!(stage.count("flash"), presses);
        stage.run(0.5);
    }
    stage.send_from(STANDBY, "/rule/flash/fire", true);
    stage.run(0.02);
    assert_eq!(stage.count("flash"), 3, "one that only the standby hears");
}

#[test]
fn a_fader_is_where_the_finger_is_though_the_standby_passes_its_way_on() {
    let mut stage = Stage::new(&with(&[], &[]));
    for value in [0.25, 0.5, 0.75] {
        stage.send_from(TABLET, "/layer/back/opacity", value);
    }
    for value in [0.25, 0.5] {
        stage.send_from(STANDBY, "/layer/back/opacity", value);
        assert_eq!(stage.state().layers[0].opacity, 0.75);
    }
}
