//! All signals of one hop.

use crate::{Schema, ShowTime};

/// The numbers of one hop, laid out by a [`Schema`].
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Row {
    /// Counts hops since the epoch began; a gap is a loss.
    pub seq: u64,
    /// When the hop's last sample was captured.
    pub time: ShowTime,
    /// One number after the other, as the schema lists them. Always finite.
    pub values: Box<[f32]>,
}

impl Row {
    /// A row of zeros.
    pub fn zeros(schema: &Schema) -> Self {
        Self { seq: 0, time: ShowTime::ZERO, values: vec![0.0; schema.width()].into() }
    }
}
