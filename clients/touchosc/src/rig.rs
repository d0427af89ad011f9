//! What of a rig's configuration is on the tablet.

use downbeat_config::{Fault, Layers, Program, Sources, Value};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// Layers and parameters; the rest of the configuration is passed over, the daemon checks it.
#[derive(Clone, Debug)]
pub struct Rig {
    /// From the bottom up.
    pub layers: Vec<Layer>,
    /// By name.
    pub parameters: BTreeMap<String, Parameter>,
}

/// The tables that it is read from.
#[derive(Deserialize)]
struct Tables {
    #[serde(default)]
    layer: Vec<Layer>,
    #[serde(default)]
    parameter: BTreeMap<String, Value>,
}

/// `[[layer]]`.
#[derive(Clone, Debug, Deserialize)]
pub struct Layer {
    /// Its name.
    pub name: String,
    /// The scene that it shows at the start.
    pub scene: String,
    /// The scenes to choose from.
    #[serde(default)]
    pub scenes: Vec<String>,
}

/// `[parameter.NAME]`.
#[derive(Clone, Debug, Deserialize)]
pub struct Parameter {
    /// Both ends of its fader.
    #[serde(default = "unit")]
    pub range: [f32; 2],
}

fn unit() -> [f32; 2] {
    [0.0, 1.0]
}

impl Rig {
    /// Reads a configuration of the daemon, its drop-ins too.
    ///
    /// # Errors
    /// When a file cannot be read or is no TOML, or a layer has no name or scene.
    pub fn read(file: &Path) -> Result<Self, Fault> {
        let sources = Sources { file: Some(file.to_owned()), ..Sources::default() };
        Self::from_layers(&Layers::read(Program::Daemon, &sources)?)
    }

    /// Reads the text of a configuration; `origin` is what messages call it.
    ///
    /// # Errors
    /// When the text is no TOML, or a layer has no name or scene.
    pub fn parse(origin: &str, text: &str) -> Result<Self, Fault> {
        Self::from_layers(&Layers::over_defaults(Program::Daemon, origin, text)?)
    }

    fn from_layers(layers: &Layers) -> Result<Self, Fault> {
        let tables: Tables = layers.deserialize()?;
        Ok(Self { layers: tables.layer, parameters: layers.named("parameter", tables.parameter)? })
    }
}
