//! The configuration of an engine.

use super::mapper::Curve;
use super::{EngineError, Role};
use downbeat_protocol::nearest::{by_name, hint};
use downbeat_protocol::timeline::{TEMPO_MAX, TEMPO_MIN};
use downbeat_protocol::{Blend, Cue, Layer, Rule, Signal, Value, plausible};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;

/// The configuration of an engine.
#[derive(Clone, Debug, Default)]
pub struct EngineConfig {
    /// The names of the buses, in the order of [`Engine::hear`](super::Engine::hear).
    pub buses: Vec<String>,
    /// The role of each bus, in the same order; by default from its name.
    pub roles: Vec<Role>,
    /// The signals of each bus, named relative to it. See [`bus_fields`](crate::listener::bus_fields).
    pub fields: Vec<Signal>,
    /// The names of the sources of notes, in the order of [`Engine::play`](super::Engine::play).
    pub note_sources: Vec<String>,
    /// Clocks that may set the timeline beside the buses' beat trackers: [`Source::Clock`](super::Source::Clock) counts
    /// them in this order.
    pub clocks: Vec<ClockConfig>,
    /// How tempo and bars are counted.
    pub tempo: TempoConfig,
    /// The layers, lowest first.
    pub layers: Vec<LayerConfig>,
    /// The parameters by name.
    pub parameters: BTreeMap<String, ParameterConfig>,
    /// The cues by name.
    pub cues: BTreeMap<String, Cue>,
    /// The rules by name.
    pub rules: BTreeMap<String, Rule>,
    /// The outputs that cues and rules may name, and what each takes.
    pub outputs: BTreeMap<String, Messages>,
}

/// Which messages an output takes from cues and rules.
#[derive(Clone, Copy, Debug)]
pub enum Messages {
    /// None: its kind has no messages.
    Never,
    /// Any, but it sends none: the output is disabled.
    Disabled,
    /// Those that its kind supports.
    Checked(CheckMessage),
}

/// Checks a message to an address with a value; the error is the reason.
pub type CheckMessage = fn(address: &str, value: Option<&Value>) -> Result<(), String>;

/// Another program's or a desk's clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockConfig {
    /// Its name for the operator.
    pub name: String,
    /// Clocks of a higher priority come first, whatever their confidence. Beat trackers have priority 0: a clock below
    /// that leads only if no tracker is sure.
    pub priority: i8,
}

/// Maximum time for which a beat may continue without audio: what drifts longer is another beat.
const LONGEST_COAST_S: f64 = 600.0;

/// `[tempo]`.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TempoConfig {
    /// Slowest and fastest tempo to look for in the music, in beats per minute.
    pub range: [f64; 2],
    /// Beats in a bar until the music says otherwise, 1 to 32.
    pub beats_per_bar: u8,
    /// Bars in a phrase, 1 to 64.
    pub bars_per_phrase: u8,
    /// Seconds for which the beat continues by the clock after the audio was lost, 0 to 600.
    pub coast_s: f64,
}

impl Default for TempoConfig {
    fn default() -> Self {
        Self { range: [60.0, 200.0], beats_per_bar: 4, bars_per_phrase: 4, coast_s: 10.0 }
    }
}

/// `[[layer]]`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LayerConfig {
    /// The layer's name.
    pub name: String,
    /// The scene that it shows at the start.
    pub scene: String,
    /// The scenes for the operator to choose from; any if empty.
    #[serde(default)]
    pub scenes: Vec<String>,
    /// 0 is invisible, 1 is full.
    #[serde(default = "full")]
    pub opacity: f32,
    /// How it blends with the layers below.
    #[serde(default, deserialize_with = "blend")]
    pub blend: Blend,
}

fn blend<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Blend, D::Error> {
    by_name("blend mode", &String::deserialize(deserializer)?, &Blend::ALL).map_err(D::Error::custom)
}

fn full() -> f32 {
    1.0
}

impl From<&LayerConfig> for Layer {
    fn from(config: &LayerConfig) -> Self {
        Self {
            name: config.name.clone(),
            scene: config.scene.clone(),
            scenes: config.scenes.clone(),
            opacity: config.opacity.clamp(0.0, 1.0),
            blend: config.blend,
        }
    }
}

/// `[parameter.NAME]`: signal → expression → curve → attack and release → range.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct ParameterConfig {
    /// An expression over signals, clamped to 0 to 1. Without it only a person moves the parameter.
    pub expression: Option<String>,
    /// The shape between the expression and the parameter.
    pub curve: Curve,
    /// The parameter at 0 and at 1; the first may be greater.
    pub range: [f32; 2],
    /// Time in which the parameter covers 63 % of a rise, in milliseconds.
    pub attack_ms: f32,
    /// Time in which the parameter covers 63 % of a fall, in milliseconds.
    pub release_ms: f32,
    /// Its value until something moves it; by default the first end of its range.
    pub default: Option<f32>,
}

impl Default for ParameterConfig {
    fn default() -> Self {
        Self {
            expression: None,
            curve: Curve::Linear,
            range: [0.0, 1.0],
            attack_ms: 0.0,
            release_ms: 0.0,
            default: None,
        }
    }
}

/// Refuses invalid settings; names of buses and parameters are checked where they are used.
pub(super) fn check(config: &EngineConfig) -> Result<(), EngineError> {
    let tempo = &config.tempo;
    let [slow, fast] = tempo.range;
    if !(slow >= TEMPO_MIN && fast <= TEMPO_MAX && slow < fast) {
        let why = format!("{slow} to {fast} BPM is not a range; choose a lower and a higher tempo, e.g. [60, 200]");
        return Err(EngineError::Tempo { key: "range", why });
    }
    if !(0.0..=LONGEST_COAST_S).contains(&tempo.coast_s) {
        let why = format!("{} is out of range; choose 0 to {LONGEST_COAST_S} seconds", tempo.coast_s);
        return Err(EngineError::Tempo { key: "coast-s", why });
    }
    if !(1..=32).contains(&tempo.beats_per_bar) {
        let why = format!("{} is out of range; a bar has 1 to 32 beats", tempo.beats_per_bar);
        return Err(EngineError::Tempo { key: "beats-per-bar", why });
    }
    if !(1..=64).contains(&tempo.bars_per_phrase) {
        let why = format!("{} is out of range; a phrase has 1 to 64 bars", tempo.bars_per_phrase);
        return Err(EngineError::Tempo { key: "bars-per-phrase", why });
    }
    for (place, layer) in config.layers.iter().enumerate() {
        let wrong = |why: String| Err(EngineError::Layer { place, name: layer.name.clone(), why });
        if config.layers[..place].iter().any(|earlier| earlier.name == layer.name) {
            return wrong("two layers have this name".into());
        }
        if layer.name.is_empty() || layer.name.contains(['/', ' ', '.']) {
            return wrong("a layer's name is a part of addresses: no spaces, slashes or dots".into());
        }
        let scenes = || layer.scenes.iter().chain([&layer.scene]);
        if let Some(why) = scenes().find_map(|scene| check_scene(scene).err()) {
            return wrong(why);
        }
        if !layer.scenes.is_empty() && !layer.scenes.contains(&layer.scene) {
            let hint = hint(&layer.scene, layer.scenes.iter().map(String::as_str));
            return wrong(format!("scene `{}` is not in `scenes`; {hint}", layer.scene));
        }
        if !(0.0..=1.0).contains(&layer.opacity) {
            return wrong(format!("an opacity of {} is out of range; 0 is invisible, 1 is full", layer.opacity));
        }
    }
    Ok(())
}

/// Refuses a name that no scene can have.
pub(super) fn check_scene(scene: &str) -> Result<(), String> {
    let why = || format!("a scene's name has at most {} bytes and no control characters", plausible::TEXT);
    plausible::is_text(scene).then_some(()).ok_or_else(why)
}
