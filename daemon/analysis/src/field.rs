//! The fields of a hop.

/// The unit of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A plain number, usually in `[0, 1]`.
    Ratio,
    /// Decibels relative to full scale.
    Decibel,
    /// Loudness units relative to full scale (EBU R128).
    Lufs,
    /// Hertz.
    Hertz,
    /// Beats per minute.
    Bpm,
    /// Position in a cycle, `[0, 1)`; wraps.
    Phase,
    /// Counts events and wraps at [`COUNT_WRAP`].
    Count,
    /// One of a few numbered states.
    State,
}

/// Counters run from 0 to one less than this, so that 16-bit floats are exact.
pub const COUNT_WRAP: u16 = 1024;

/// One named signal of a bus: `len` numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Field {
    /// Dotted name, relative to the bus: `onset.low`.
    pub name: &'static str,
    /// Number of values.
    pub len: usize,
    /// Their unit.
    pub unit: Unit,
    /// The range of its values; `rms` and `peak` exceed 1 when samples exceed full scale.
    pub range: (f32, f32),
}

impl Field {
    /// A single number.
    pub(crate) const fn scalar(name: &'static str, unit: Unit, range: (f32, f32)) -> Self {
        Self { name, len: 1, unit, range }
    }

    /// A single number from 0 to 1.
    pub(crate) const fn ratio(name: &'static str) -> Self {
        Self::scalar(name, Unit::Ratio, (0.0, 1.0))
    }
}
