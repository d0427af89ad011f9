//! What of a rig's configuration is on the tablet.

use serde::Deserialize;
use std::collections::BTreeMap;

/// Layers and parameters; the rest of the configuration is passed over, the daemon checks it.
#[derive(Clone, Debug, Deserialize)]
pub struct Rig {
    /// From the bottom up.
    #[serde(default, rename = "layer")]
    pub layers: Vec<Layer>,
    /// By name.
    #[serde(default, rename = "parameter")]
    pub parameters: BTreeMap<String, Parameter>,
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
    /// Reads a configuration.
    ///
    /// # Errors
    /// When the text is no TOML, or a layer has no name or scene.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }
}
