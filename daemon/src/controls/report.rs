//! Where everything settable stands, as addresses and values: what a control tells its peers.

use downbeat_protocol::state::{Change, TempoRange};
use downbeat_protocol::{Layer, ShowState, Value};

/// An address and what is there.
pub type Entry = (String, Value);

/// What a change did, given the state after it.
pub fn of_change(change: &Change, state: &ShowState) -> Vec<Entry> {
    match change {
        Change::Blackout(on) => vec![("/show/blackout".into(), (*on).into())],
        Change::Frozen(at) => vec![("/show/freeze".into(), at.is_some().into())],
        Change::Hold(on) => vec![("/tempo/hold".into(), (*on).into())],
        Change::TempoRange(range) => tempo_range(range),
        Change::LevelsFrozen(on) => vec![("/levels/freeze".into(), (*on).into())],
        Change::Scene { layer, .. } => state.layer(layer).map(scene).unwrap_or_default(),
        Change::Opacity { layer, opacity } => vec![(format!("/layer/{layer}/opacity"), (*opacity).into())],
        Change::Blend { layer, blend } => vec![(format!("/layer/{layer}/blend"), blend.name().into())],
        Change::InHand { name, value } => {
            let taken = value.map(|value| (format!("/param/{name}"), value.into()));
            taken.into_iter().chain([(format!("/param/{name}/auto"), value.is_none().into())]).collect()
        }
        Change::Unknown(_) => Vec::new(),
    }
}

/// Everything that is set.
pub fn of_state(state: &ShowState) -> Vec<Entry> {
    let mut all = vec![
        ("/show/blackout".into(), state.blackout.into()),
        ("/show/freeze".into(), state.frozen.is_some().into()),
        ("/tempo/hold".into(), state.hold.into()),
        ("/levels/freeze".into(), state.levels_frozen.into()),
    ];
    all.extend(tempo_range(&state.tempo_range));
    for layer in &state.layers {
        all.extend(scene(layer));
        all.push((format!("/layer/{}/opacity", layer.name), layer.opacity.into()));
        all.push((format!("/layer/{}/blend", layer.name), layer.blend.name().into()));
    }
    for (name, value) in &state.in_hand {
        all.push((format!("/param/{name}"), (*value).into()));
    }
    all
}

/// Both ends, since one may have pushed the other.
fn tempo_range(range: &TempoRange) -> Vec<Entry> {
    vec![
        ("/tempo/range/low".into(), Value::Number(range.low)),
        ("/tempo/range/high".into(), Value::Number(range.high)),
        ("/tempo/range/lock".into(), range.locked.into()),
    ]
}

/// A layer's scene as a text, and as one button for each scene that there is to choose from.
fn scene(layer: &Layer) -> Vec<Entry> {
    let text = (format!("/layer/{}/scene", layer.name), Value::from(layer.scene.as_str()));
    let button = |scene: &String| {
        let lit = u8::from(*scene == layer.scene);
        (format!("/layer/{}/scene/{scene}", layer.name), Value::Number(lit.into()))
    };
    std::iter::once(text).chain(layer.scenes.iter().map(button)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_protocol::{Action, Blend};

    fn state() -> ShowState {
        let layer = Layer {
            name: "back".into(),
            scene: "tunnel".into(),
            scenes: vec!["spectrum".into(), "tunnel".into()],
            opacity: 0.5,
            blend: Blend::Add,
        };
        ShowState { layers: vec![layer], in_hand: [("glow".into(), 0.25)].into(), ..ShowState::default() }
    }

    #[test]
    fn everything_that_is_reported_can_be_set_to_what_is_reported() {
        for (address, value) in of_state(&state()) {
            assert!(Action::parse(&address, Some(&value)).is_ok(), "{address} {value}");
        }
    }

    #[test]
    fn the_button_of_the_scene_that_shows_is_lit_and_the_others_are_not() {
        let change = Change::Scene { layer: "back".into(), scene: "tunnel".into() };
        let told = of_change(&change, &state());
        let expected = [
            ("/layer/back/scene", Value::from("tunnel")),
            ("/layer/back/scene/spectrum", Value::Number(0.0)),
            ("/layer/back/scene/tunnel", Value::Number(1.0)),
        ];
        assert_eq!(told, expected.map(|(address, value)| (address.to_owned(), value)));
    }

    #[test]
    fn a_parameter_given_back_says_that_it_is_on_its_own() {
        let change = Change::InHand { name: "glow".into(), value: None };
        assert_eq!(of_change(&change, &state()), [("/param/glow/auto".to_owned(), Value::Bool(true))]);
    }
}
