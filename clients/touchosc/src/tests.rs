//! The layout that is in the tree.

use super::*;
use downbeat_protocol::{Value, tree};
use std::collections::BTreeSet;
use std::path::Path;

/// The rig that it is for.
const RIG: &str = include_str!("../../../config/examples/demo.toml");

/// The file.
const COMMITTED: &[u8] = include_bytes!("../downbeat.tosc");

fn controls() -> Vec<Control> {
    layout(&Rig::parse("demo.toml", RIG).expect("a rig"))
}

#[test]
fn the_file_is_what_the_generator_writes() {
    let (committed, _) = read(COMMITTED).expect("a layout");
    let message = "run: cargo run -p downbeat-touchosc -- config/examples/demo.toml clients/touchosc/downbeat.tosc \
                   --preview clients/touchosc/preview.svg";
    assert!(committed == document(&controls()).expect("written"), "{message}");
    let picture =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("preview.svg")).expect("a picture");
    assert!(picture == preview(&controls()).expect("drawn"), "{message}");
}

#[test]
fn everything_that_it_sends_can_be_set() {
    let (_, messages) = read(COMMITTED).expect("a layout");
    for message in messages.iter().filter(|message| message.sends) {
        let value = match message.argument.as_str() {
            "CONSTANT" => message.value.parse().expect("a number"),
            _ => f64::from(message.range[1]),
        };
        let action = tree::parse(&message.address, Some(&Value::Number(value)));
        assert!(matches!(action, Ok(Some(_))), "{message:?}: {action:?}");
    }
}

#[test]
fn everything_that_it_follows_is_told() {
    let rig = Rig::parse("demo.toml", RIG).expect("a rig");
    let fields = downbeat_analysis::fields();
    let signals = fields.iter().map(|field| format!("/signal/main/{}", field.name.replace('.', "/")));
    let words = ["/tempo/text", "/tempo/lock", "/tempo/confidence", "/music/state", "/error"].map(String::from);
    let switches = ["/tempo/hold", "/tempo/range/lock", "/levels/freeze", "/show/freeze", "/show/blackout"];
    let ends = ["/tempo/range/low", "/tempo/range/high"];
    let beats = (1..=4).map(|beat| format!("/beat/{beat}"));
    let scene = |layer: &Layer| layer.scenes.iter().map(|it| format!("/layer/{}/scene/{it}", layer.name)).collect();
    let scenes: Vec<Vec<String>> = rig.layers.iter().map(scene).collect();
    let opacities = rig.layers.iter().map(|layer| format!("/layer/{}/opacity", layer.name));
    let parameters = rig.parameters.keys().flat_map(|name| [format!("/param/{name}"), format!("/param/{name}/auto")]);
    let told: BTreeSet<String> = signals
        .chain(words)
        .chain(switches.into_iter().chain(ends).map(String::from))
        .chain(beats)
        .chain(scenes.into_iter().flatten())
        .chain(opacities)
        .chain(parameters)
        .collect();
    let (_, messages) = read(COMMITTED).expect("a layout");
    for message in messages.iter().filter(|message| message.receives) {
        assert!(told.contains(&message.address), "nobody tells {}", message.address);
    }
}

#[test]
fn everything_that_the_operator_needs_is_there() {
    let (document, messages) = read(COMMITTED).expect("a layout");
    let sends = |address: &str| messages.iter().any(|message| message.sends && message.address == address);
    for address in [
        "/tempo/tap",
        "/tempo/nudge",
        "/tempo/double",
        "/tempo/halve",
        "/tempo/one",
        "/tempo/hold",
        "/tempo/range/low",
        "/tempo/range/high",
        "/tempo/range/lock",
        "/tempo/listen",
        "/levels/freeze",
        "/show/blackout",
        "/show/freeze",
        "/layer/back/scene/tunnel",
        "/layer/back/opacity",
        "/param/glow",
    ] {
        assert!(sends(address), "{address}");
    }
    assert!(document.contains("sendOSC('/sync')"), "the tablet asks for everything when it is loaded");
}

#[test]
fn controls_lie_on_the_page_and_have_names_of_their_own() {
    let controls = controls();
    let names: BTreeSet<&str> = controls.iter().map(|control| control.name.as_str()).collect();
    assert_eq!(names.len(), controls.len());
    for Control { name, frame, .. } in &controls {
        assert!(frame.x >= 0.0 && frame.x + frame.w <= WIDTH, "{name}: {frame:?}");
        assert!(frame.y >= 0.0 && frame.y + frame.h <= HEIGHT, "{name}: {frame:?}");
    }
}

#[test]
fn what_is_touched_is_big_enough_for_a_thumb() {
    let touched = |kind: &Kind| matches!(kind, Kind::Button | Kind::Pad | Kind::Switch | Kind::Fader);
    for Control { name, frame, .. } in controls().iter().filter(|control| touched(&control.kind)) {
        assert!(frame.w >= 40.0 && frame.h >= 40.0, "{name}: {frame:?}");
    }
}

#[test]
fn what_is_touched_does_not_lie_under_or_over_anything_else_that_is_touched() {
    let touched = |kind: &Kind| matches!(kind, Kind::Button | Kind::Pad | Kind::Switch | Kind::Fader);
    let controls = controls();
    let touched: Vec<_> = controls.iter().filter(|control| touched(&control.kind)).collect();
    for (index, one) in touched.iter().enumerate() {
        for other in &touched[index + 1..] {
            let (a, b) = (one.frame, other.frame);
            let apart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
            assert!(apart, "{} and {}", one.name, other.name);
        }
    }
}

#[test]
fn a_parameter_of_a_layer_has_a_fader_of_its_own() {
    let rig = Rig::parse("rig.toml", "[parameter.back.zoom]\nrange = [1, 4]\n[parameter.glow]\n").expect("a rig");
    let faders: Vec<_> = rig.parameters.iter().map(|(name, parameter)| (name.as_str(), parameter.range)).collect();
    assert_eq!(faders, [("back.zoom", [1.0, 4.0]), ("glow", [0.0, 1.0])]);
}

#[test]
fn a_rig_that_cannot_be_used_is_refused_with_its_line() {
    let told = |text: &str| Rig::parse("rig.toml", text).expect_err("refused").to_string();
    assert_eq!(
        told("[[layer]]\nname = \"back\"\n"),
        "rig.toml:1: layer.0: the key `scene` is missing\n    1 | [[layer]]"
    );
    let range = told("[parameter.glow]\nrange = \"wide\"\n");
    assert!(range.starts_with("rig.toml:2: parameter.glow.range: "), "{range}");
    let missing = Rig::read(Path::new("/nowhere/rig.toml")).expect_err("refused").to_string();
    assert!(missing.starts_with("/nowhere/rig.toml: cannot be read: "), "{missing}");
}
