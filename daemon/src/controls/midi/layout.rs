//! The elements of a box, from its surface file.

use super::display::Displays;
use super::element::{Element, Kind, Lamp, Light, Ring};
use super::file::{ElementTable, File, KindName, LampTable, Numbers, RingTable};
use super::message::{MessageId, MessageKind};
use crate::edges::OpenError;
use downbeat_config::{Fault, Layers, surface, surfaces, text};
use downbeat_protocol::nearest::hint;
use std::collections::BTreeMap;
use std::path::Path;

/// The elements of a box.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    /// Its name by its maker; empty for a box without a file.
    pub name: String,
    /// The name of its port; empty if unknown.
    pub port: String,
    /// The colours of its lamps, by name.
    pub palette: BTreeMap<String, u8>,
    /// Its elements.
    pub elements: Vec<Element>,
    /// Its displays.
    pub displays: Option<Displays>,
}

impl Layout {
    /// The layout in a rig: a shipped one, or a file.
    ///
    /// # Errors
    /// If it is unknown, or the file is invalid.
    pub fn find(name: &str) -> Result<Self, OpenError> {
        if name.contains('/') || name.ends_with(".toml") {
            // On a stick that is not plugged in yet, it comes later.
            let unreadable = |source| OpenError::Io { what: format!("cannot read `{name}`"), source };
            let bytes = downbeat_files::read(Path::new(name), text::LONGEST).map_err(unreadable)?;
            let text = text::decode(bytes).map_err(|why| OpenError::Value(format!("`{name}`: {why}")))?;
            return Ok(Self::parse(name, &text)?);
        }
        match surface(name) {
            Some(text) => Ok(Self::parse(&format!("config/surfaces/{name}.toml"), &text)?),
            None => {
                let known = surfaces();
                let hint = hint(name, known.iter().map(String::as_str));
                Err(OpenError::Value(format!("unknown surface `{name}`, and not a .toml file either; {hint}")))
            }
        }
    }

    /// Parses a surface file; `origin` names it in messages.
    ///
    /// # Errors
    /// If it is invalid, with the line.
    pub fn parse(origin: &str, text: &str) -> Result<Self, Fault> {
        let layers = Layers::of_text(origin, text)?;
        let file: File = layers.deserialize()?;
        let mut elements: Vec<Element> = Vec::new();
        for (place, table) in file.element.iter().enumerate() {
            let wrong = |(key, problem): (&str, String)| layers.fault(&["element", &place.to_string(), key], problem);
            for element in made(table).map_err(wrong)? {
                if elements.iter().any(|known| known.name == element.name) {
                    return Err(wrong(("name", format!("duplicate element `{}`", element.name))));
                }
                if element.kind != Kind::Meter
                    && let Some(other) = elements.iter().find(|it| it.id == element.id && it.kind != Kind::Meter)
                {
                    let problem = format!("`{}` sends the same as `{}`: {}", element.name, other.name, element.id);
                    return Err(wrong(("name", problem)));
                }
                elements.push(element);
            }
        }
        let displays = file.display.map(|table| Displays {
            device: table.device,
            count: table.count,
            shows: table.shows,
            colour: table.colour,
        });
        Ok(Self { name: file.name, port: file.port, palette: file.palette, elements, displays })
    }
}

/// An invalid key of an element, and why.
type Wrong = (&'static str, String);

/// The elements of a table: one per number.
fn made(table: &ElementTable) -> Result<Vec<Element>, Wrong> {
    let (message, numbers) = match (&table.note, &table.cc, &table.pitch_bend) {
        (Some(numbers), None, None) => (MessageKind::Note, numbers),
        (None, Some(numbers), None) => (MessageKind::Controller, numbers),
        (None, None, Some(channels)) => (MessageKind::PitchBend, channels),
        _ => return Err(("name", "set one of `note`, `cc` and `pitch-bend`".into())),
    };
    let channel = on_the_wire(table.channel).ok_or_else(|| ("channel", no_channel(table.channel)))?;
    let count = numbers.0.len();
    let touch = match (&table.touch_note, &table.touch_cc) {
        (Some(notes), _) => Some((MessageKind::Note, same_count(notes, count, "touch-note")?)),
        (None, Some(controllers)) => Some((MessageKind::Controller, same_count(controllers, count, "touch-cc")?)),
        (None, None) => None,
    };
    if table.fine && (message != MessageKind::Controller || numbers.0.iter().any(|number| *number >= 32)) {
        return Err(("14-bit", "only controllers 0 to 31 have an LSB".into()));
    }
    let kind = match (table.kind, table.relative) {
        (KindName::Fader | KindName::Knob, None) => Kind::Absolute,
        (KindName::Encoder, Some(turn)) => Kind::Relative(turn),
        (KindName::Encoder, None) => {
            return Err(("kind", "an encoder needs `relative`: how it sends steps".into()));
        }
        (KindName::Button, None) => Kind::Button,
        (KindName::Meter, None) => Kind::Meter,
        (_, Some(_)) => return Err(("relative", "only an encoder is relative".into())),
    };
    let lamps = table.lamp.as_ref().map(|lamp| lamps(lamp, (message, numbers), channel)).transpose()?;
    let rings = table.ring.as_ref().map(|ring| rings(ring, count, channel)).transpose()?;
    let mut made = Vec::new();
    for (place, number) in numbers.0.iter().copied().enumerate() {
        let id = match message {
            MessageKind::PitchBend => {
                let channel = on_the_wire(number).ok_or_else(|| ("pitch-bend", no_channel(number)))?;
                MessageId { kind: message, channel: Some(channel), number: 0 }
            }
            _ => MessageId { kind: message, channel: Some(channel), number },
        };
        made.push(Element {
            name: if count == 1 { table.name.clone() } else { format!("{}.{}", table.name, place + 1) },
            kind,
            id,
            fine: table.fine,
            touch: touch.as_ref().map(|(kind, numbers)| MessageId {
                kind: *kind,
                channel: Some(channel),
                number: numbers[place],
            }),
            motor: table.motor,
            lamp: lamps.as_ref().map(|lamps| lamps[place].clone()),
            ring: rings.as_ref().map(|rings| rings[place].clone()),
        });
    }
    Ok(made)
}

fn lamps(table: &LampTable, own: (MessageKind, &Numbers), channel: u8) -> Result<Vec<Lamp>, Wrong> {
    let (kind, numbers) = match (&table.note, &table.cc) {
        (Some(notes), _) => (MessageKind::Note, notes),
        (None, Some(controllers)) => (MessageKind::Controller, controllers),
        (None, None) => own,
    };
    let numbers = same_count(numbers, own.1.0.len(), "lamp")?;
    let light = |light: &[u8]| match *light {
        [value @ 0..=127] => Ok(Light { value, channel }),
        [value @ 0..=127, channel] => {
            let channel = on_the_wire(channel).ok_or_else(|| ("lamp", no_channel(channel)))?;
            Ok(Light { value, channel })
        }
        _ => Err(("lamp", "write [value] or [value, channel], with values from 0 to 127".into())),
    };
    let [off, available, active] = [light(&table.off)?, light(&table.available)?, light(&table.active)?];
    let lamp = |number| Lamp { id: MessageId { kind, channel: None, number }, off, available, active };
    Ok(numbers.into_iter().map(lamp).collect())
}

fn rings(table: &RingTable, count: usize, channel: u8) -> Result<Vec<Ring>, Wrong> {
    let id = |number| MessageId { kind: MessageKind::Controller, channel: Some(channel), number };
    if table.range.iter().chain([&table.off, &table.mode]).any(|value| *value > 127) {
        return Err(("ring", "choose values from 0 to 127".into()));
    }
    let modes = table.mode_cc.as_ref().map(|modes| same_count(modes, count, "ring")).transpose()?;
    let modes = modes.unwrap_or_default();
    let numbers = same_count(&table.cc, count, "ring")?;
    let ring = |(place, number): (usize, &u8)| Ring {
        id: id(*number),
        range: table.range,
        off: table.off,
        mode: modes.get(place).map(|number| (id(*number), table.mode)),
    };
    Ok(numbers.iter().enumerate().map(ring).collect())
}

fn same_count(numbers: &Numbers, count: usize, key: &'static str) -> Result<Vec<u8>, Wrong> {
    match numbers.0.len() {
        found if found == count => Ok(numbers.0.clone()),
        found => Err((key, format!("expected {count} numbers, one per element, found {found}"))),
    }
}

/// A channel 1 to 16, as its number in a message.
fn on_the_wire(channel: u8) -> Option<u8> {
    (1..=16).contains(&channel).then(|| channel - 1)
}

fn no_channel(channel: u8) -> String {
    format!("{channel} is not a MIDI channel; use 1 to 16")
}

#[cfg(test)]
mod tests;
