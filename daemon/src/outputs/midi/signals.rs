//! Names of signals, resolved in the schema.

use crate::edges::OpenError;
use crate::edges::value_sender::Source;
use downbeat_config::nearest::hint;
use downbeat_protocol::{Row, Schema};

/// The place of a signal's number in the row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place(usize);

impl Place {
    /// Of the signal of this name; an unknown name is an error that offers the nearest.
    pub fn find(schema: &Schema, name: &str) -> Result<Self, OpenError> {
        let unknown = || {
            let known = schema.signals.iter().map(|signal| signal.name.as_str());
            OpenError::Value(format!("there is no signal or parameter `{name}`: {}", hint(name, known)))
        };
        schema.find(name).map(|(place, _)| Self(place)).ok_or_else(unknown)
    }

    /// As what a value is sent from.
    pub fn source(self) -> Source {
        Source::Column { place: self.0, counts: false }
    }

    /// Its number; `None` when it is not finite.
    pub fn of(self, row: &Row) -> Option<f64> {
        row.values.get(self.0).map(|value| f64::from(*value)).filter(|value| value.is_finite())
    }
}
