//! Names of signals, resolved in the schema.

use crate::edges::OpenError;
use crate::edges::value_sender::Source;
use downbeat_config::nearest::hint;
use downbeat_protocol::{Row, Schema};

/// The index of a signal's number in the row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place(usize);

impl Place {
    /// Resolves a name; an unknown one is an error that suggests the nearest.
    pub fn find(schema: &Schema, name: &str) -> Result<Self, OpenError> {
        let unknown = || {
            let known = schema.signals.iter().map(|signal| signal.name.as_str());
            OpenError::Value(format!("unknown signal or parameter `{name}`: {}", hint(name, known)))
        };
        schema.find(name).map(|(place, _)| Self(place)).ok_or_else(unknown)
    }

    /// As a source of values.
    pub fn source(self) -> Source {
        Source::Column { place: self.0, counts: false }
    }

    /// Its number; `None` if it is not finite.
    pub fn of(self, row: &Row) -> Option<f64> {
        row.values.get(self.0).map(|value| f64::from(*value)).filter(|value| value.is_finite())
    }
}
