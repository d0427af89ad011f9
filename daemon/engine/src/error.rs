//! Why an engine cannot be built.

use super::mapper::ExpressionError;

/// Something in the configuration that an engine cannot be built from.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// A bus has an impossible name.
    #[error("bus `{name}`: {why}")]
    Bus {
        /// The name.
        name: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A source of notes has an impossible name.
    #[error("midi-source `{name}`: {why}")]
    NoteSource {
        /// The name.
        name: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// `[tempo]` has an impossible value.
    #[error("tempo.{key}: {why}")]
    Tempo {
        /// The key.
        key: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// Two layers have one name, or a layer starts with a scene that it does not have.
    #[error("layer `{name}`: {why}")]
    Layer {
        /// The place in the list of layers, from 0.
        place: usize,
        /// The layer's name.
        name: String,
        /// What is wrong with it.
        why: String,
    },
    /// A parameter has an impossible name or value.
    #[error("parameter `{name}`: {why}")]
    Parameter {
        /// The parameter.
        name: String,
        /// The key in its table; empty for the name itself.
        key: &'static str,
        /// What is wrong.
        why: String,
    },
    /// A parameter's expression cannot be used.
    #[error("parameter `{name}`: {error}")]
    Expression {
        /// The parameter.
        name: String,
        /// What is wrong.
        error: ExpressionError,
    },
    /// A cue names something that is not there, or asks for what cannot be.
    #[error("cue `{name}`: {why}")]
    Cue {
        /// The cue.
        name: String,
        /// The keys in its table that lead to the trouble, and places in lists as numbers.
        path: Vec<String>,
        /// What is wrong.
        why: String,
    },
    /// A rule names something that is not there, or asks for what cannot be.
    #[error("rule `{name}`: {why}")]
    Rule {
        /// The rule.
        name: String,
        /// The keys in its table that lead to the trouble, and places in lists as numbers.
        path: Vec<String>,
        /// What is wrong.
        why: String,
    },
    /// Parameters that use each other in a circle have no values.
    #[error("parameters use each other in a circle: {} uses {}", names.join(" uses "), names.first().map_or("", String::as_str))]
    Circle {
        /// Each uses the next, the last one the first.
        names: Vec<String>,
    },
}

impl EngineError {
    /// What is wrong, without the name of the thing: for where its place is told anyway.
    pub fn problem(&self) -> String {
        match self {
            Self::Bus { why, .. } | Self::NoteSource { why, .. } => (*why).to_owned(),
            Self::Tempo { why, .. } | Self::Layer { why, .. } | Self::Parameter { why, .. } => why.clone(),
            Self::Cue { why, .. } | Self::Rule { why, .. } => why.clone(),
            Self::Expression { error, .. } => error.to_string(),
            Self::Circle { .. } => self.to_string(),
        }
    }

    /// The keys that lead to the trouble in the configuration, and the place in a list as a number.
    pub fn path(&self) -> Vec<String> {
        let path = |keys: &[&str]| keys.iter().filter(|key| !key.is_empty()).map(|key| (*key).to_owned()).collect();
        match self {
            Self::Bus { name, .. } => path(&["bus", name]),
            Self::NoteSource { name, .. } => path(&["midi-source", name]),
            Self::Tempo { key, .. } => path(&["tempo", key]),
            Self::Layer { place, .. } => path(&["layer", &place.to_string()]),
            Self::Parameter { name, key, .. } => path(&["parameter", name, key]),
            Self::Expression { name, .. } => path(&["parameter", name, "expression"]),
            Self::Cue { name, path: inner, .. } => [path(&["cue", name]), inner.clone()].concat(),
            Self::Rule { name, path: inner, .. } => [path(&["rule", name]), inner.clone()].concat(),
            Self::Circle { names } => path(&["parameter", names.first().map_or("", String::as_str), "expression"]),
        }
    }
}
