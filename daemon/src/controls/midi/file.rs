//! The tables of a surface file.

use super::element::Turn;
use downbeat_protocol::nearest::by_name;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct File {
    /// Its name by its maker.
    pub name: String,
    /// A part of the name of its port, or a pattern with `*`.
    #[serde(default)]
    pub port: String,
    /// The numbers of colours.
    #[serde(default)]
    pub palette: BTreeMap<String, u8>,
    /// Its elements; similar ones share a table.
    #[serde(default)]
    pub element: Vec<ElementTable>,
    /// Its displays.
    pub display: Option<DisplayTable>,
}

/// `[[element]]`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ElementTable {
    /// Its name; for several, a dot and their number are appended.
    pub name: String,
    /// How it moves.
    pub kind: KindName,
    /// Their notes.
    pub note: Option<Numbers>,
    /// Their controllers.
    pub cc: Option<Numbers>,
    /// The channels of their pitch bends.
    pub pitch_bend: Option<Numbers>,
    /// Their channel, 1 to 16.
    #[serde(default = "first")]
    pub channel: u8,
    /// Whether they send two controllers, the lower half 32 above.
    #[serde(default, rename = "14-bit")]
    pub fine: bool,
    /// The step encoding of an encoder.
    pub relative: Option<Turn>,
    /// Whether they have motors.
    #[serde(default)]
    pub motor: bool,
    /// The notes of a touching hand.
    pub touch_note: Option<Numbers>,
    /// The controllers of a touching hand.
    pub touch_cc: Option<Numbers>,
    /// Their lights.
    pub lamp: Option<LampTable>,
    /// Their rings of lights.
    pub ring: Option<RingTable>,
}

/// Kinds of elements in surface files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum KindName {
    /// Slides, and sends its position.
    Fader,
    /// Turns, and sends its position.
    Knob,
    /// Turns endlessly, and sends relative steps.
    Encoder,
    /// A button.
    Button,
    /// Only shows.
    Meter,
}

impl TryFrom<String> for KindName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        let known = [
            ("fader", Self::Fader),
            ("knob", Self::Knob),
            ("encoder", Self::Encoder),
            ("button", Self::Button),
            ("meter", Self::Meter),
        ];
        by_name("kind of element", &name, &known)
    }
}

impl<'de> Deserialize<'de> for Turn {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        by_name("step encoding", &name, &Self::ALL).map_err(serde::de::Error::custom)
    }
}

/// Numbers from 0 to 127, written as `"48-56"`, `"1, 4, 7"` or both.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Numbers(pub Vec<u8>);

impl TryFrom<String> for Numbers {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a list of numbers from 0 to 127; write \"48-56\" or \"1, 4, 7\"");
        let number = |text: &str| text.trim().parse::<u8>().ok().filter(|it| *it < 128).ok_or_else(wrong);
        let mut numbers = Vec::new();
        for part in text.split(',') {
            match part.split_once('-') {
                Some((first, last)) => numbers.extend(number(first)?..=number(last)?),
                None => numbers.push(number(part)?),
            }
        }
        if numbers.is_empty() { Err(wrong()) } else { Ok(Self(numbers)) }
    }
}

/// `lamp`: the message of each state, `[value]` or `[value, channel]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LampTable {
    /// The notes that light them, if different from those that they send.
    pub note: Option<Numbers>,
    /// The controllers that light them.
    pub cc: Option<Numbers>,
    /// The element sets nothing.
    pub off: Vec<u8>,
    /// The element sets something that is off.
    pub available: Vec<u8>,
    /// It is on.
    pub active: Vec<u8>,
}

/// `ring`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RingTable {
    /// Their controllers.
    pub cc: Numbers,
    /// The values for the ends of the range.
    pub range: [u8; 2],
    /// The value that turns them off.
    #[serde(default)]
    pub off: u8,
    /// The controllers that select their mode.
    pub mode_cc: Option<Numbers>,
    /// The mode.
    #[serde(default)]
    pub mode: u8,
}

/// `[display]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DisplayTable {
    /// The maker's model number.
    pub device: u8,
    /// Their number.
    pub count: u8,
    /// The elements that they belong to.
    pub shows: String,
    /// Their colour.
    pub colour: u8,
}

fn first() -> u8 {
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_ranges_and_lists() {
        let numbers = |text: &str| Numbers::try_from(text.to_owned()).map(|it| it.0);
        assert_eq!(numbers("48-51"), Ok(vec![48, 49, 50, 51]));
        assert_eq!(numbers("1, 4,7-8"), Ok(vec![1, 4, 7, 8]));
        assert!(
            ["", "128", "5-", "9-7", "x"].iter().all(|text| numbers(text).is_err_and(|why| why.contains("0 to 127")))
        );
    }
}
