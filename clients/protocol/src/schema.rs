//! The layout of a row: names, lengths, units, ranges.

use serde::{Deserialize, Serialize};

/// The unit of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
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
    /// Beats.
    Beats,
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Milliseconds,
    /// Position in a cycle, `[0, 1)`; wraps.
    Phase,
    /// Counts events and wraps at [`Signal::COUNTER_WRAP`].
    Count,
    /// One of a few numbered states.
    State,
    /// A unit unknown to this build.
    #[serde(other)]
    Unknown,
}

impl Unit {
    /// Its symbol after a number; empty for a plain number.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Bpm => "BPM",
            Self::Milliseconds => "ms",
            Self::Seconds => "s",
            Self::Hertz => "Hz",
            Self::Decibel => "dB",
            Self::Lufs => "LUFS",
            Self::Beats => "beats",
            Self::Ratio | Self::Phase | Self::Count | Self::State | Self::Unknown => "",
        }
    }
}

/// One signal of a row: a name and `len` numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Signal {
    /// Dotted name, e.g. `main.onset.low`.
    pub name: String,
    /// Number of values in the row.
    pub len: u16,
    /// Their unit.
    pub unit: Unit,
    /// The usual range of the values.
    pub range: [f32; 2],
}

impl Signal {
    /// Counters in rows run from 0 to one less than this, so that a 16-bit float holds them exactly.
    pub const COUNTER_WRAP: u64 = 1024;

    /// A signal of one number.
    pub fn scalar(name: impl Into<String>, unit: Unit, range: [f32; 2]) -> Self {
        Self { name: name.into(), len: 1, unit, range }
    }
}

/// The signals of a row, in order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Schema {
    /// In the order of the row's values.
    pub signals: Vec<Signal>,
}

impl Schema {
    /// How many numbers a row has.
    pub fn width(&self) -> usize {
        self.signals.iter().map(|signal| usize::from(signal.len)).sum()
    }

    /// Each signal with the place of its first number.
    pub fn places(&self) -> impl Iterator<Item = (usize, &Signal)> {
        self.signals.iter().scan(0, |at, signal| {
            let place = *at;
            *at += usize::from(signal.len);
            Some((place, signal))
        })
    }

    /// The signal of a name and the place of its first number.
    pub fn find(&self, name: &str) -> Option<(usize, &Signal)> {
        self.places().find(|(_, signal)| signal.name == name)
    }

    /// Identifies this schema in datagrams: a follower drops rows of an unknown schema.
    /// FNV-1a (Fowler, Noll, Vo) over names and lengths.
    pub fn id(&self) -> u32 {
        let bytes = self.signals.iter().flat_map(|s| s.name.bytes().chain([0]).chain(s.len.to_be_bytes()));
        bytes.fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_from_a_newer_daemon_is_kept_as_unknown() {
        let signal = r#"{"name":"x","len":1,"unit":"parsec","range":[0,1]}"#;
        assert_eq!(serde_json::from_str::<Signal>(signal).expect("decodes").unit, Unit::Unknown);
    }

    #[test]
    fn places_follow_lengths_and_the_id_follows_names() {
        let mut mel = Signal::scalar("main.mel", Unit::Ratio, [0.0, 1.0]);
        mel.len = 32;
        let schema = Schema { signals: vec![mel, Signal::scalar("main.rms", Unit::Ratio, [0.0, 1.0])] };
        assert_eq!(schema.find("main.rms").map(|(place, _)| place), Some(32));
        assert_eq!(schema.width(), 33);
        let mut other = schema.clone();
        other.signals[1].name = "main.peak".into();
        assert_ne!(schema.id(), other.id());
    }
}
