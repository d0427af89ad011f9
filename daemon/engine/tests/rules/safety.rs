//! Lock, panic and undo.

use crate::stage::{HOP_NS, Stage, cue, press, rule, set, with};
use downbeat_protocol::fade::Span;
use downbeat_protocol::rule::Occasion;
use downbeat_protocol::{Action, Cue, Event, ShowTime, Value};

fn show() -> Stage {
    let fade = Cue { fade: Some(Span::Seconds(2.0)), ..cue(&[("/layer/back/opacity", 0.0.into())]) };
    let safe = Cue { safe: true, ..cue(&[("/layer/front/opacity", 0.25.into())]) };
    let rules = [
        ("beat", rule(Occasion::Beat, vec![set("/param/hue", 0.5)])),
        ("key", rule(Occasion::Key, vec![press("/cue/safe/fire")])),
    ];
    Stage::new(&with(&[("fade", fade), ("safe", safe)], &rules))
}

fn is_refused(said: &[Event]) -> bool {
    matches!(said, [Event::Refused { .. }])
}

#[test]
fn a_locked_show_obeys_only_what_saves_it_and_its_rules_go_on() {
    let mut stage = show();
    stage.send("/show/lock", true);
    let refused: [(&str, Value); 7] = [
        ("/layer/back/opacity", 0.5.into()),
        ("/cue/fade/fire", true.into()),
        ("/rule/key/fire", true.into()),
        ("/rule/beat/mute", true.into()),
        ("/tempo/double", true.into()),
        ("/show/undo", true.into()),
        ("/param/glow", 0.5.into()),
    ];
    for (address, value) in refused {
        assert!(is_refused(&stage.send(address, value)), "{address}");
    }
    assert!(is_refused(&stage.ask(Action::RemoveCue { name: "fade".into() })));
    let obeyed: [(&str, Value); 9] = [
        ("/tempo/tap", true.into()),
        ("/cue/safe/fire", true.into()),
        ("/show/blackout", true.into()),
        ("/show/blackout", false.into()),
        ("/show/freeze", true.into()),
        ("/show/freeze", false.into()),
        ("/show/panic/black", true.into()),
        ("/show/panic/freeze", true.into()),
        ("/show/panic/black", false.into()),
    ];
    for (address, value) in obeyed {
        assert!(!is_refused(&stage.send(address, value)), "{address}");
    }
    stage.send("/show/panic/freeze", false);
    assert_eq!(stage.state().layers[1].opacity, 0.25);
    let before = stage.count("beat");
    stage.run(2.0);
    assert!(stage.count("beat") >= before + 3);
    stage.send("/show/lock", false);
    assert!(!is_refused(&stage.send("/layer/back/opacity", 0.5)));
}

#[test]
fn panic_black_is_dark_at_once_and_stops_rules_and_fades_until_it_is_released() {
    let mut stage = show();
    stage.send("/cue/fade/fire", true);
    stage.send("/next/bar/cue/safe/fire", true);
    stage.run(1.0);
    stage.send("/show/panic/black", true);
    let (count, opacity) = (stage.count("beat"), stage.state().layers[0].opacity);
    assert!(stage.state().blackout && (0.45..0.55).contains(&opacity), "{opacity}");
    stage.run(3.0);
    assert_eq!((stage.count("beat"), stage.state().layers[0].opacity), (count, opacity));
    assert_eq!(stage.state().layers[1].opacity, 1.0, "what waited is forgotten");
    let mut stage = {
        let saved = stage.state().clone();
        let fade = Cue { fade: Some(Span::Seconds(2.0)), ..cue(&[("/layer/back/opacity", 0.0.into())]) };
        let beat = rule(Occasion::Beat, vec![set("/param/hue", 0.5)]);
        Stage::after(&with(&[("fade", fade)], &[("beat", beat)]), Some(saved))
    };
    stage.run(1.0);
    assert!(stage.state().blackout && stage.count("beat") == count, "a restart releases nothing");
    stage.send("/show/panic/black", false);
    stage.run(1.0);
    assert!(!stage.state().blackout && stage.count("beat") > count);
}

#[test]
fn releasing_a_panic_gives_back_what_was_before() {
    let mut stage = show();
    stage.send("/show/blackout", true);
    stage.send("/show/panic/black", true);
    stage.send("/show/panic/black", false);
    assert!(stage.state().blackout, "it was dark before");
    stage.send("/show/freeze", true);
    let frozen: Option<ShowTime> = stage.state().frozen;
    stage.run(0.1);
    stage.send("/show/panic/freeze", true);
    stage.send("/show/panic/freeze", true);
    stage.send("/show/panic/freeze", false);
    assert!(frozen.is_some() && stage.state().frozen == frozen);
    stage.send("/show/freeze", false);
    stage.send("/show/panic/freeze", true);
    assert!(stage.state().frozen.is_some());
    stage.send("/show/panic/freeze", false);
    assert_eq!(stage.state().frozen, None);
}

#[test]
fn the_last_changes_of_people_can_be_taken_back_one_by_one() {
    let mut stage = show();
    let start = stage.state().clone();
    let scenes = ["echo", "spectrum", "tunnel", "echo", "spectrum", "tunnel", "echo", "spectrum", "tunnel", "echo"];
    for scene in scenes {
        stage.send("/layer/back/scene", scene);
    }
    stage.send("/param/glow", 0.5);
    stage.send("/tempo/tap", true);
    let said = stage.send("/show/undo", true);
    assert!(matches!(&said[..], [Event::Changed { by, .. }] if by == "tablet"), "echoed as any change: {said:?}");
    assert!(stage.state().in_hand.is_empty());
    for scene in scenes.iter().rev().skip(1) {
        stage.send("/show/undo", true);
        assert_eq!(stage.state().layers[0].scene, *scene);
    }
    stage.send("/show/undo", true);
    stage.send("/show/undo", true);
    assert_eq!(stage.state().layers, start.layers);
    stage.send("/show/undo", true);
    let said = stage.send("/show/undo", true);
    assert!(matches!(&said[..], [Event::Refused { why, .. }] if why == "nothing to undo"), "{said:?}");
}

#[test]
fn a_fader_that_is_moved_is_one_change_and_so_is_a_cue() {
    let mut stage = show();
    stage.run(1.5);
    stage.send("/show/blackout", true);
    for value in [0.9, 0.8, 0.7, 0.6] {
        stage.send("/layer/back/opacity", value);
        stage.run(0.05);
    }
    stage.send("/show/undo", true);
    assert_eq!(stage.state().layers[0].opacity, 1.0);
    assert!(stage.state().blackout);
    stage.send("/cue/fade/fire", true);
    stage.run(1.0);
    stage.send("/show/undo", true);
    stage.hop(HOP_NS);
    assert_eq!(stage.state().layers[0].opacity, 1.0);
    assert!(stage.state().fades.is_empty(), "its fade is over");
    let opacities = stage.count("beat");
    stage.run(1.0);
    stage.send("/show/undo", true);
    assert!(stage.count("beat") > opacities && !stage.state().blackout, "what rules do is not taken back");
}

#[test]
fn a_definition_can_be_taken_back() {
    let mut stage = show();
    stage.ask(Action::RemoveCue { name: "fade".into() });
    assert!(!stage.state().cues.contains_key("fade"));
    stage.send("/show/undo", true);
    assert!(stage.state().cues.contains_key("fade") && stage.state().edited.cues.is_empty());
}
