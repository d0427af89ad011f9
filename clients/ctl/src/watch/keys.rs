//! The keys and their actions.

use super::desk::Desk;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use downbeat_protocol::{Action, ShowState};

/// Each key with its action, as listed in the help; the footer shows the first of each pair.
pub const KEYS: &[(&str, &str)] = &[
    ("q", "quit"),
    ("t", "tap the beat (space too)"),
    ("← →", "nudge 5 ms earlier, later"),
    ("x", "twice the tempo"),
    ("d", "half the tempo"),
    ("1", "the nearest beat is the one"),
    ("h", "hold, release the tempo"),
    ("l", "forget tempo and bar, listen afresh"),
    ("r", "lock, unlock the tempo range"),
    ("v", "freeze, unfreeze the levels"),
    ("b", "blackout on, off"),
    ("f", "freeze, unfreeze the picture"),
    ("Tab", "choose a layer"),
    ("n", "next scene on that layer"),
    ("- +", "its opacity"),
    ("?", "this help"),
];

/// An action of the operator.
#[derive(Clone, Debug, PartialEq)]
pub enum Wish {
    /// Leave the page; the show continues.
    Quit,
    /// A command to the daemon.
    Do(Action),
    /// Choose the next layer.
    NextLayer,
    /// Show or hide the help.
    Help,
}

/// Nudge of the arrow keys, in milliseconds.
const NUDGE_MS: f64 = 5.0;
/// Step of `-` and `+` for an opacity.
const OPACITY_STEP: f32 = 0.05;

/// The action of a key in the current state.
pub fn wish(key: &KeyEvent, state: &ShowState, desk: &Desk) -> Option<Wish> {
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        return (key.code == KeyCode::Char('c')).then_some(Wish::Quit);
    }
    Some(match key.code {
        KeyCode::Char('q') | KeyCode::Esc => Wish::Quit,
        KeyCode::Char('?') => Wish::Help,
        KeyCode::Tab => Wish::NextLayer,
        code => return action(code, state, desk).map(Wish::Do),
    })
}

fn action(code: KeyCode, state: &ShowState, desk: &Desk) -> Option<Action> {
    Some(match code {
        KeyCode::Char('t' | ' ') => Action::Tap,
        KeyCode::Left => Action::Nudge(-NUDGE_MS),
        KeyCode::Right => Action::Nudge(NUDGE_MS),
        KeyCode::Char('x') => Action::Double,
        KeyCode::Char('d') => Action::Halve,
        KeyCode::Char('1') => Action::TheOne,
        KeyCode::Char('h') => Action::Hold(!state.hold),
        KeyCode::Char('l') => Action::Listen,
        KeyCode::Char('r') => Action::TempoLock(!state.tempo_range.locked),
        KeyCode::Char('v') => Action::FreezeLevels(!state.levels_frozen),
        KeyCode::Char('b') => Action::Blackout(!state.blackout),
        KeyCode::Char('f') => Action::Freeze(state.frozen.is_none()),
        KeyCode::Char('n') => {
            let layer = desk.chosen(state)?;
            let place = layer.scenes.iter().position(|scene| *scene == layer.scene).map_or(0, |place| place + 1);
            let scene = layer.scenes.get(place % layer.scenes.len().max(1))?.clone();
            Action::Scene { layer: layer.name.clone(), scene }
        }
        KeyCode::Char('-') => opacity(-OPACITY_STEP, state, desk)?,
        KeyCode::Char('+' | '=') => opacity(OPACITY_STEP, state, desk)?,
        _ => return None,
    })
}

fn opacity(step: f32, state: &ShowState, desk: &Desk) -> Option<Action> {
    let layer = desk.chosen(state)?;
    // Rounded to the step, so that repeated steps end exactly at 0 and 1.
    let opacity = (((layer.opacity + step) / OPACITY_STEP).round() * OPACITY_STEP).clamp(0.0, 1.0);
    Some(Action::Opacity { layer: layer.name.clone(), opacity })
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_protocol::{Blend, Layer};

    fn press(code: KeyCode, state: &ShowState, desk: &Desk) -> Option<Wish> {
        wish(&KeyEvent::new(code, KeyModifiers::NONE), state, desk)
    }

    fn state() -> ShowState {
        let scenes: Vec<String> = vec!["tunnel".into(), "echo".into()];
        let layer = |name: &str| Layer {
            name: name.into(),
            scene: "echo".into(),
            scenes: scenes.clone(),
            opacity: 0.98,
            blend: Blend::Normal,
        };
        ShowState { layers: vec![layer("back"), layer("front")], ..ShowState::default() }
    }

    #[test]
    fn switches_go_to_and_fro() {
        let mut state = state();
        let desk = Desk::default();
        assert_eq!(press(KeyCode::Char('b'), &state, &desk), Some(Wish::Do(Action::Blackout(true))));
        state.blackout = true;
        assert_eq!(press(KeyCode::Char('b'), &state, &desk), Some(Wish::Do(Action::Blackout(false))));
    }

    #[test]
    fn scene_and_opacity_are_those_of_the_chosen_layer() {
        let state = state();
        let mut desk = Desk::default();
        desk.next_layer(&state);
        let scene = Action::Scene { layer: "front".into(), scene: "tunnel".into() };
        assert_eq!(press(KeyCode::Char('n'), &state, &desk), Some(Wish::Do(scene)));
        let full = Action::Opacity { layer: "front".into(), opacity: 1.0 };
        assert_eq!(press(KeyCode::Char('+'), &state, &desk), Some(Wish::Do(full)));
    }

    #[test]
    fn a_layer_without_a_choice_of_scenes_stays_as_it_is() {
        let mut state = state();
        state.layers[0].scenes.clear();
        assert_eq!(press(KeyCode::Char('n'), &state, &Desk::default()), None);
        assert_eq!(press(KeyCode::Char('n'), &ShowState::default(), &Desk::default()), None);
    }

    #[test]
    fn ctrl_c_leaves_and_other_control_keys_do_nothing() {
        let control = |letter| KeyEvent::new(KeyCode::Char(letter), KeyModifiers::CONTROL);
        assert_eq!(wish(&control('c'), &state(), &Desk::default()), Some(Wish::Quit));
        assert_eq!(wish(&control('b'), &state(), &Desk::default()), None);
    }
}
