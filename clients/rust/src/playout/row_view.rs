//! The signals at one moment.

use downbeat_protocol::{Schema, ShowTime, Timeline};
use std::sync::Arc;

/// The signals at one moment of the show, with their schema.
#[derive(Clone, Debug, PartialEq)]
pub struct RowView {
    /// The moment.
    pub time: ShowTime,
    /// The row at or before it.
    pub seq: u64,
    /// The timeline in force when that row was made.
    pub timeline: Timeline,
    /// 1 while rows arrive, decaying to 0 when they stop: scales the movement of the picture.
    pub presence: f32,
    /// The schema of the numbers.
    pub schema: Arc<Schema>,
    /// The numbers, in the order of the schema. Always finite.
    pub values: Vec<f32>,
}

impl RowView {
    /// The number, or the first of the numbers, of a name such as `main.band.low`.
    pub fn value(&self, name: &str) -> Option<f32> {
        self.values(name)?.first().copied()
    }

    /// All numbers of a name such as `main.mel`.
    pub fn values(&self, name: &str) -> Option<&[f32]> {
        let (place, signal) = self.schema.find(name)?;
        self.values.get(place..place + usize::from(signal.len))
    }
}
