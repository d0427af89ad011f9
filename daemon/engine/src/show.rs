//! The show's state: turns actions into changes, and refuses unknown names.

mod check;
mod definitions;
mod steps;
mod undo;

use super::settings::check_scene;
use super::{EngineConfig, Messages};
use check::named;
use definitions::Definitions;
use downbeat_protocol::nearest::hint;
use downbeat_protocol::state::{Change, TempoRange};
use downbeat_protocol::{Action, Layer, ShowState, ShowTime, Value, When, plausible, tree};
use std::collections::BTreeMap;
use std::sync::Arc;
use undo::Undo;

/// Maximum number of settings, most of which are what elements of MIDI surfaces have learnt.
const SETTINGS: usize = 1_024;
/// Maximum bytes of their addresses and texts: a state must fit into a message.
const SETTING_BYTES: usize = 128 * 1024;

/// The show's state and its settable items.
#[derive(Clone, Debug)]
pub(super) struct Show {
    state: Arc<ShowState>,
    /// Each parameter's range.
    parameters: BTreeMap<String, [f32; 2]>,
    /// The messages that each output takes.
    outputs: BTreeMap<String, Messages>,
    /// The cues and rules of the configuration.
    configured: Definitions,
    undo: Undo,
}

impl Show {
    /// Layers come from the configuration; the saved state restores their settings, and parameters that still exist.
    pub fn new(config: &EngineConfig, saved: Option<ShowState>) -> Self {
        let parameters: BTreeMap<_, _> =
            config.parameters.iter().map(|(name, parameter)| (name.clone(), parameter.range)).collect();
        let [low, high] = config.tempo.range;
        let configured = TempoRange { low, high, locked: false };
        let mut saved = saved.unwrap_or_else(|| ShowState { tempo_range: configured, ..ShowState::default() });
        if !saved.tempo_range.is_sound() {
            saved.tempo_range = configured;
        }
        let layers = config.layers.iter().map(|layer| restore(layer.into(), &saved)).collect();
        saved.in_hand.retain(|name, _| parameters.contains_key(name));
        let is_setting = |address: &String, value: &mut Value| {
            tree::parse(address, Some(value)).is_ok_and(|action| matches!(action, Some(Action::Set { .. })))
        };
        let mut room = SETTINGS;
        saved.settings.retain(|address, value| {
            let stays = room > 0 && is_setting(address, value);
            room -= usize::from(stays);
            stays
        });
        // The fades are over.
        saved.fades.clear();
        let configured = Definitions { cues: config.cues.clone(), rules: config.rules.clone() };
        configured.merge_into(&mut saved);
        let state = Arc::new(ShowState { layers, ..saved });
        Self { state, parameters, outputs: config.outputs.clone(), configured, undo: Undo::default() }
    }

    /// Of another configuration, while the show runs: running fades and what can be undone stay.
    pub fn adopted(config: &EngineConfig, state: ShowState, before: &Self) -> Self {
        let fades = state.fades.clone();
        let mut show = Self::new(config, Some(state));
        let is_there = |address: &String| match address.strip_prefix("/param/") {
            Some(name) => show.state.in_hand.contains_key(name),
            None => true,
        };
        let fades = fades.into_iter().filter(|(address, _)| is_there(address)).collect();
        Arc::make_mut(&mut show.state).fades = fades;
        show.undo = before.undo.clone();
        show
    }

    /// Takes the leader's whole state: both daemons are meant to share one configuration.
    pub fn replace(&mut self, state: &Arc<ShowState>) {
        self.state = Arc::clone(state);
        self.undo = Undo::default();
    }

    pub fn state(&self) -> &Arc<ShowState> {
        &self.state
    }

    /// Why an action is refused while the show is locked.
    pub fn refuses(&self, action: &Action) -> Option<String> {
        let saves_the_show = match action {
            Action::Tap | Action::Blackout(_) | Action::Freeze(_) | Action::TakeLead | Action::GiveLead => true,
            Action::PanicBlack(_) | Action::PanicFreeze(_) => true,
            Action::FireCue { cue } => self.state.cues.get(cue).is_some_and(|cue| cue.safe),
            Action::Set { address, .. } => address == tree::LOCK,
            _ => false,
        };
        let refused = tree::locked(&self.state) && !saves_the_show;
        refused.then(|| format!("the show is locked; unlock it at `{}`", tree::LOCK))
    }

    /// The change that an action makes; `Err` says why it makes none. Actions on the tempo change nothing here: `None`.
    pub fn step(&self, action: &Action, now: ShowTime) -> Result<Option<Change>, String> {
        Ok(Some(match action {
            Action::Tap
            | Action::Nudge(_)
            | Action::Double
            | Action::Halve
            | Action::TheOne
            | Action::Tempo(_)
            | Action::Listen
            | Action::TakeLead
            | Action::GiveLead
            | Action::Reload
            | Action::Undo
            | Action::PanicBlack(_)
            | Action::PanicFreeze(_) => return Ok(None),
            Action::FireCue { cue } => {
                named("cue", cue, &self.state.cues)?;
                return Ok(None);
            }
            Action::FireRule { rule } => {
                named("rule", rule, &self.state.rules)?;
                return Ok(None);
            }
            Action::Send { output, address, value } => {
                self.check_message(output, address, value.as_ref()).map_err(|(_, why)| why)?;
                return Ok(None);
            }
            Action::DefineCue { name, cue } => self.define_cue(name, cue)?,
            Action::DefineRule { name, rule } => self.define_rule(name, rule)?,
            Action::RemoveCue { name } => self.remove_cue(name)?,
            Action::RemoveRule { name } => self.remove_rule(name)?,
            Action::RevertCue { name } => self.revert_cue(name)?,
            Action::RevertRule { name } => self.revert_rule(name)?,
            Action::Hold(on) => Change::Hold(*on),
            Action::TempoLow(tempo) => Change::TempoRange(self.state.tempo_range.with_low(bpm(*tempo)?)),
            Action::TempoHigh(tempo) => Change::TempoRange(self.state.tempo_range.with_high(bpm(*tempo)?)),
            Action::TempoLock(on) => Change::TempoRange(TempoRange { locked: *on, ..self.state.tempo_range }),
            Action::FreezeLevels(on) => Change::LevelsFrozen(*on),
            Action::Blackout(on) => Change::Blackout(*on),
            // Freezing again keeps the first picture.
            Action::Freeze(on) => Change::Frozen(on.then(|| self.state.frozen.unwrap_or(now))),
            Action::Scene { layer, scene } => {
                let known = self.layer(layer)?;
                check_scene(scene)?;
                if !known.scenes.is_empty() && !known.scenes.contains(scene) {
                    let hint = hint(scene, known.scenes.iter().map(String::as_str));
                    return Err(format!("layer `{layer}` has no scene `{scene}`; {hint}"));
                }
                Change::Scene { layer: layer.clone(), scene: scene.clone() }
            }
            Action::Opacity { layer, opacity } => {
                self.layer(layer)?;
                Change::Opacity { layer: layer.clone(), opacity: number("an opacity", *opacity)?.clamp(0.0, 1.0) }
            }
            Action::Blend { layer, blend } => {
                self.layer(layer)?;
                Change::Blend { layer: layer.clone(), blend: *blend }
            }
            Action::Parameter { name, value } => {
                let [from, to] = self.range(name)?;
                let value = number("a parameter", *value)?.clamp(from.min(to), from.max(to));
                Change::InHand { name: name.clone(), value: Some(value) }
            }
            Action::Set { address, value } => {
                // Commands from the network are checked against the tree, whoever sent them.
                match tree::parse(address, Some(value)).map_err(|error| error.to_string())? {
                    Some(Action::Set { address, value }) => {
                        if self.state.settings.len() >= SETTINGS && !self.state.settings.contains_key(&address) {
                            return Err(format!("the show keeps {SETTINGS} settings at most; forget one first"));
                        }
                        let others = self.state.settings.iter().filter(|(other, _)| **other != address);
                        let bytes: usize = others.map(|(address, value)| bytes_of(address, value)).sum();
                        if bytes + bytes_of(&address, &value) > SETTING_BYTES {
                            return Err(format!(
                                "all settings together have {SETTING_BYTES} bytes at most; forget one first"
                            ));
                        }
                        if let Some((rule, _)) = address.strip_prefix("/rule/").and_then(|it| it.split_once('/')) {
                            named("rule", rule, &self.state.rules)?;
                        }
                        Change::Set { address, value }
                    }
                    _ => return Err(format!("unknown setting `{address}`")),
                }
            }
            Action::Auto { name } => {
                self.range(name)?;
                Change::InHand { name: name.clone(), value: None }
            }
        }))
    }

    /// When a fired cue takes effect by default.
    pub fn start_of(&self, cue: &str) -> When {
        self.state.cues.get(cue).map_or(When::Now, |cue| cue.when)
    }

    /// Makes a change.
    pub fn apply(&mut self, change: &Change) {
        Arc::make_mut(&mut self.state).apply(change);
    }

    /// Records a change that a person is about to make. `time` is that of the last row.
    pub fn remember(&mut self, change: &Change, by: &str, time: ShowTime, now: ShowTime) {
        self.undo.note(change, by, &self.state, time, now);
    }

    /// Forgets how to undo: the clock of those changes is another one.
    pub fn forget_undo(&mut self) {
        self.undo = Undo::default();
    }

    /// Starts a person's change of several steps.
    pub fn begin_change(&mut self) {
        self.undo.open();
    }

    /// Ends a change of several steps.
    pub fn end_change(&mut self, now: ShowTime) {
        self.undo.close(now);
    }

    /// The changes that undo a person's last one.
    pub fn last_back(&mut self) -> Option<Vec<Change>> {
        self.undo.take()
    }

    fn layer(&self, name: &str) -> Result<&Layer, String> {
        let layers = self.state.layers.iter().map(|layer| layer.name.as_str());
        self.state.layer(name).ok_or_else(|| format!("no layer `{name}`; {}", hint(name, layers)))
    }

    fn range(&self, name: &str) -> Result<[f32; 2], String> {
        let names = self.parameters.keys().map(String::as_str);
        self.parameters.get(name).copied().ok_or_else(|| format!("no parameter `{name}`; {}", hint(name, names)))
    }
}

fn restore(layer: Layer, saved: &ShowState) -> Layer {
    let Some(old) = saved.layer(&layer.name) else { return layer };
    let is_name = !old.scene.is_empty() && plausible::is_text(&old.scene);
    let allowed = is_name && (layer.scenes.is_empty() || layer.scenes.contains(&old.scene));
    let scene = if allowed { old.scene.clone() } else { layer.scene };
    let opacity = if old.opacity.is_finite() { old.opacity.clamp(0.0, 1.0) } else { layer.opacity };
    Layer { scene, opacity, blend: old.blend, ..layer }
}

fn bytes_of(address: &str, value: &Value) -> usize {
    address.len() + if let Value::Text(text) = value { text.len() } else { 8 }
}

fn bpm(tempo: f64) -> Result<f64, String> {
    if tempo.is_finite() { Ok(tempo) } else { Err(format!("a tempo is a number, not {tempo}")) }
}

fn number(what: &str, value: f32) -> Result<f32, String> {
    if value.is_finite() { Ok(value) } else { Err(format!("{what} is a number, not {value}")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{LayerConfig, ParameterConfig};

    fn config() -> EngineConfig {
        let layer = LayerConfig {
            name: "back".into(),
            scene: "tunnel".into(),
            scenes: vec!["tunnel".into(), "echo".into()],
            opacity: 1.0,
            blend: Default::default(),
        };
        let glow = ParameterConfig { range: [0.0, 2.0], ..ParameterConfig::default() };
        EngineConfig { layers: vec![layer], parameters: [("glow".into(), glow)].into(), ..EngineConfig::default() }
    }

    fn step(action: Action) -> Result<Option<Change>, String> {
        Show::new(&config(), None).step(&action, ShowTime(7))
    }

    #[test]
    fn what_is_not_there_is_refused_with_what_is() {
        let scene = |layer: &str, scene: &str| step(Action::Scene { layer: layer.into(), scene: scene.into() });
        assert_eq!(scene("bakc", "echo"), Err("no layer `bakc`; did you mean `back`?".into()));
        assert_eq!(scene("back", "fire"), Err("layer `back` has no scene `fire`; expected one of tunnel, echo".into()));
        let value = Action::Parameter { name: "flow".into(), value: 1.0 };
        assert_eq!(step(value), Err("no parameter `flow`; did you mean `glow`?".into()));
    }

    #[test]
    fn a_value_is_taken_into_its_range_and_no_number_is_refused() {
        let set = |value| step(Action::Parameter { name: "glow".into(), value });
        assert_eq!(set(9.0), Ok(Some(Change::InHand { name: "glow".into(), value: Some(2.0) })));
        assert!(set(f32::NAN).is_err_and(|why| why.contains("not NaN")));
    }

    #[test]
    fn a_saved_state_holds_as_far_as_it_still_fits() {
        let mut saved = ShowState { blackout: true, ..ShowState::default() };
        saved.layers.push(Layer { scene: "gone".into(), opacity: 0.5, ..Layer::from(&config().layers[0]) });
        saved.in_hand = [("glow".into(), 1.5), ("old".into(), 1.0)].into();
        saved.settings = [("/show/lock".into(), true.into()), ("/show/gone".into(), 3.0.into())].into();
        let show = Show::new(&config(), Some(saved));
        assert_eq!(show.state().settings, [("/show/lock".into(), true.into())].into());
        assert_eq!(show.state().layers[0].scene, "tunnel");
        assert_eq!(show.state().layers[0].opacity, 0.5);
        assert_eq!(show.state().in_hand, [("glow".into(), 1.5)].into());
        assert!(show.state().blackout);
    }

    #[test]
    fn a_layer_that_takes_any_scene_takes_none_that_would_burst_a_message() {
        let mut config = config();
        config.layers[0].scenes.clear();
        let show = Show::new(&config, None);
        let set = |scene: &str| show.step(&Action::Scene { layer: "back".into(), scene: scene.into() }, ShowTime(7));
        assert!(set("anything").is_ok());
        for scene in ["x".repeat(257), "\u{1}".into(), "a\nb".into()] {
            assert!(set(&scene).is_err_and(|why| why.contains("at most 256 bytes")), "{}", scene.len());
            // From an older Downbeat's file.
            let old = Layer { scene, ..Layer::from(&config.layers[0]) };
            let saved = ShowState { layers: vec![old], ..ShowState::default() };
            assert_eq!(Show::new(&config, Some(saved)).state().layers[0].scene, "tunnel");
        }
    }

    #[test]
    fn however_much_is_learnt_it_fits_into_a_message() {
        let mut show = Show::new(&config(), None);
        let refused = (0..SETTINGS).find_map(|number| {
            let address = format!("/control/{}/learnt/{number}", "\"".repeat(200));
            let what = Action::Set { address, value: Value::Text("\\".repeat(250)) };
            show.step(&what, ShowTime(7)).map(|change| show.apply(&change.expect("a change"))).err()
        });
        assert!(refused.expect("refused").contains("131072 bytes"));
        let json = |address: &String, value: &Value| 2 * bytes_of(address, value);
        assert!(show.state().settings.iter().map(|(address, value)| json(address, value)).sum::<usize>() <= 1 << 18);
    }

    #[test]
    fn freezing_again_keeps_the_first_moment() {
        let mut show = Show::new(&config(), None);
        show.apply(&Change::Frozen(Some(ShowTime(3))));
        assert_eq!(show.step(&Action::Freeze(true), ShowTime(9)), Ok(Some(Change::Frozen(Some(ShowTime(3))))));
    }
}
