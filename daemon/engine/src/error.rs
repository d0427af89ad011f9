//! Why an engine cannot be built.

use super::mapper::ExpressionError;

/// An error in the configuration of an engine.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// A bus has an invalid name.
    #[error("bus `{name}`: {why}")]
    Bus {
        /// The name.
        name: String,
        /// The problem.
        why: &'static str,
    },
    /// A source of notes has an invalid name.
    #[error("midi-source `{name}`: {why}")]
    NoteSource {
        /// The name.
        name: String,
        /// The problem.
        why: &'static str,
    },
    /// `[tempo]` has an invalid value.
    #[error("tempo.{key}: {why}")]
    Tempo {
        /// The key.
        key: &'static str,
        /// The problem.
        why: String,
    },
    /// Two layers have the same name, or a layer starts with a scene that it does not have.
    #[error("layer `{name}`: {why}")]
    Layer {
        /// The place in the list of layers, from 0.
        place: usize,
        /// The layer's name.
        name: String,
        /// The problem.
        why: String,
    },
    /// A parameter has an invalid name or value.
    #[error("parameter `{name}`: {why}")]
    Parameter {
        /// The parameter.
        name: String,
        /// The key in its table; empty for the name itself.
        key: &'static str,
        /// The problem.
        why: String,
    },
    /// A parameter's expression is invalid.
    #[error("parameter `{name}`: {error}")]
    Expression {
        /// The parameter.
        name: String,
        /// The problem.
        error: ExpressionError,
    },
    /// A cue names something unknown, or asks for the impossible.
    #[error("cue `{name}`: {why}")]
    Cue {
        /// The cue.
        name: String,
        /// The path of keys in its table to the error, with list positions as numbers.
        path: Vec<String>,
        /// The problem.
        why: String,
    },
    /// A rule names something unknown, or asks for the impossible.
    #[error("rule `{name}`: {why}")]
    Rule {
        /// The rule.
        name: String,
        /// The path of keys in its table to the error, with list positions as numbers.
        path: Vec<String>,
        /// The problem.
        why: String,
    },
    /// Parameters that use each other in a loop.
    #[error("parameters use each other in a loop: {} uses {}", names.join(" uses "), names.first().map_or("", String::as_str))]
    Circle {
        /// Each uses the next, the last one the first.
        names: Vec<String>,
    },
}

impl EngineError {
    /// The problem without the name of the thing, for messages that give its place.
    pub fn problem(&self) -> String {
        match self {
            Self::Bus { why, .. } | Self::NoteSource { why, .. } => (*why).to_owned(),
            Self::Tempo { why, .. } | Self::Layer { why, .. } | Self::Parameter { why, .. } => why.clone(),
            Self::Cue { why, .. } | Self::Rule { why, .. } => why.clone(),
            Self::Expression { error, .. } => error.to_string(),
            Self::Circle { .. } => self.to_string(),
        }
    }

    /// The path of keys to the error in the configuration, with list positions as numbers.
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
