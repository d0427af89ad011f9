//! The scenes. One file and one shader per scene, one line in [`SCENES`].
//!
//! A scene is a function of the numbers in `shaders/common.wgsl` and of its own parameters, which its shader calls by
//! name: `intensity()`.

mod echo;
mod flash;
mod safe;
mod solid;
mod spectrum;
mod test_card;
mod tunnel;

use crate::moment::scalar;
use downbeat_protocol::Schema;

pub use safe::SAFE;
pub use test_card::{Card, GLYPHS, Glyph, TEST_CARD};

/// Every scene that a layer can show.
pub const SCENES: &[Scene] =
    &[spectrum::SCENE, tunnel::SCENE, echo::SCENE, solid::SCENE, flash::SCENE, TEST_CARD, SAFE];

/// A visual program.
#[derive(Clone, Copy, Debug)]
pub struct Scene {
    /// Its name in layers.
    pub name: &'static str,
    /// WGSL with `fn scene(at: vec2f) -> vec4f`, where `at` is in canvas pixels, and `fn tick(at: vec2f) -> vec4f` if it has a
    /// memory.
    pub shader: &'static str,
    /// Its parameters, at most [`Scene::PARAMETERS`].
    pub parameters: &'static [Parameter],
    /// Whether it builds on its last picture. See [`Memory`](crate::gpu::Memory).
    pub remembers: bool,
}

/// A parameter of a scene.
///
/// The value is the row's `param.LAYER.NAME`, or else its `param.NAME`, or else the default.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its name, and that of its function in the shader: lower case letters, digits and underscores.
    pub name: &'static str,
    /// The value without a mapping.
    pub default: f32,
    /// The range; other values are clamped.
    pub range: [f32; 2],
    /// Its effect, for the operator.
    pub help: &'static str,
}

impl Scene {
    /// Maximum number of parameters.
    pub const PARAMETERS: usize = 16;

    /// The scene with a name.
    pub fn find(name: &str) -> Option<&'static Self> {
        SCENES.iter().find(|scene| scene.name == name)
    }

    /// The values of its parameters on a layer, in the order of their declaration.
    pub fn values(&self, layer: &str, schema: &Schema, row: &[f32]) -> [f32; Self::PARAMETERS] {
        let mut values = [0.0; Self::PARAMETERS];
        for (value, parameter) in values.iter_mut().zip(self.parameters) {
            let name = parameter.name;
            let mapped = scalar(schema, row, &format!("param.{layer}.{name}"))
                .or_else(|| scalar(schema, row, &format!("param.{name}")));
            let [low, high] = parameter.range;
            *value = mapped.filter(|value| value.is_finite()).unwrap_or(parameter.default).clamp(low, high);
        }
        values
    }
}

/// One line for the scene and one for each parameter.
impl std::fmt::Display for Scene {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{}", self.name)?;
        for Parameter { name, default, range: [low, high], help } in self.parameters {
            writeln!(f, "  {name:10} {low} to {high}, {default} unless mapped: {help}")?;
        }
        Ok(())
    }
}

const fn parameter(name: &'static str, default: f32, range: [f32; 2], help: &'static str) -> Parameter {
    Parameter { name, default, range, help }
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_protocol::{Signal, Unit};

    #[test]
    fn a_layers_own_parameter_wins_over_the_shared_one_and_that_over_the_default() {
        let signal = |name: &str| Signal::scalar(name, Unit::Ratio, [0.0, 1.0]);
        let schema = Schema { signals: vec![signal("param.hue"), signal("param.back.hue")] };
        let scene = Scene::find("tunnel").expect("a scene");
        let hue = scene.parameters.iter().position(|parameter| parameter.name == "hue").expect("has a hue");
        assert_eq!(scene.values("back", &schema, &[0.25, 0.75])[hue], 0.75);
        assert_eq!(scene.values("front", &schema, &[0.25, 0.75])[hue], 0.25);
        assert_eq!(scene.values("front", &schema, &[])[hue], scene.parameters[hue].default);
        assert_eq!(scene.values("front", &schema, &[f32::NAN, 0.0])[hue], scene.parameters[hue].default);
    }

    #[test]
    fn names_are_unique_and_defaults_lie_in_their_ranges() {
        for (index, scene) in SCENES.iter().enumerate() {
            assert!(SCENES[..index].iter().all(|other| other.name != scene.name), "{}", scene.name);
            assert!(scene.parameters.len() <= Scene::PARAMETERS, "{}", scene.name);
            for Parameter { name, default, range: [low, high], .. } in scene.parameters {
                assert!((low..=high).contains(&default), "{} {name}", scene.name);
            }
        }
    }
}
