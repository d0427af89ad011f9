//! One control element of a box: moved, pressed or lit.

use super::message::{MessageId, MessageKind};

/// One element of a box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    /// Its name in a rig: `fader.1`.
    pub name: String,
    /// How it moves.
    pub kind: Kind,
    /// The message that it sends; a meter sends none, so this is what it receives.
    pub id: MessageId,
    /// Whether it sends fourteen bits as two controllers, the lower half 32 above.
    pub fine: bool,
    /// The message of a hand touching it.
    pub touch: Option<MessageId>,
    /// Whether it has a motor, moved by the same message that it sends.
    pub motor: bool,
    /// Its light.
    pub lamp: Option<Lamp>,
    /// Its ring of lights.
    pub ring: Option<Ring>,
}

/// How an element moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It sends its position.
    Absolute,
    /// It sends relative steps.
    Relative(Turn),
    /// It sends press and release.
    Button,
    /// It only shows.
    Meter,
}

/// How a relative encoder writes its steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// 1, 2, … up; 127, 126, … down.
    TwosComplement,
    /// 65, 66, … up; 63, 62, … down.
    Offset,
    /// 1, 2, … up; 65, 66, … down.
    SignBit,
    /// 65, 66, … up; 1, 2, … down.
    SignBitUp,
}

impl Turn {
    /// All with their names in surface files.
    pub const ALL: [(&'static str, Self); 4] = [
        ("twos-complement", Self::TwosComplement),
        ("offset", Self::Offset),
        ("sign-bit", Self::SignBit),
        ("sign-bit-up", Self::SignBitUp),
    ];

    /// Steps upwards.
    pub fn steps(self, value: u16) -> i16 {
        let value = (value & 0x7F) as i16;
        let below_64 = value & 0x3F;
        match self {
            Self::TwosComplement if value < 64 => value,
            Self::TwosComplement => value - 128,
            Self::Offset => value - 64,
            Self::SignBit if value < 64 => value,
            Self::SignBit => -below_64,
            Self::SignBitUp if value < 64 => -value,
            Self::SignBitUp => below_64,
        }
    }
}

/// A light and its messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lamp {
    /// Its note or controller; the channel is that of each state.
    pub id: MessageId,
    /// The element sets nothing.
    pub off: Light,
    /// The element sets something that is off.
    pub available: Light,
    /// It is on.
    pub active: Light,
}

/// One state of a lamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Light {
    /// Velocity or value: a brightness or the number of a colour.
    pub value: u8,
    /// The channel on the wire.
    pub channel: u8,
}

/// A ring of lights, or a row of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ring {
    /// Its controller.
    pub id: MessageId,
    /// The values for its ends.
    pub range: [u8; 2],
    /// The value that turns it off.
    pub off: u8,
    /// The controller that selects its mode, and the mode.
    pub mode: Option<(MessageId, u8)>,
}

impl Element {
    /// An element missing from the surface file. A note is a button, lit like most.
    pub fn raw(id: MessageId) -> Self {
        let channel = id.channel.unwrap_or(0);
        let light = |value| Light { value, channel };
        let lamp = Lamp { id, off: light(0), available: light(0), active: light(127) };
        let is_button = id.kind == MessageKind::Note;
        Self {
            name: id.to_string(),
            kind: if is_button { Kind::Button } else { Kind::Absolute },
            id,
            fine: false,
            touch: None,
            motor: false,
            lamp: is_button.then_some(lamp),
            ring: None,
        }
    }

    /// The greatest number that it sends.
    pub fn greatest(&self) -> u16 {
        if self.fine || self.id.kind == MessageKind::PitchBend { 16_383 } else { 127 }
    }

    /// The message, or two, for a position from 0 to 1.
    pub fn at(&self, position: f64) -> Vec<u8> {
        let value = (position.clamp(0.0, 1.0) * f64::from(self.greatest())).round() as u16;
        if !self.fine {
            return self.id.encode(value).into();
        }
        let lower = MessageId { number: self.id.number + 32, ..self.id };
        [self.id.encode(value >> 7), lower.encode(value & 0x7F)].concat()
    }
}

impl Lamp {
    /// The message for one of its states.
    pub fn lit(&self, light: Light) -> Vec<u8> {
        MessageId { channel: Some(light.channel), ..self.id }.encode(u16::from(light.value)).into()
    }
}

impl Ring {
    /// The message that shows a position from 0 to 1; without one it goes dark.
    pub fn at(&self, position: Option<f64>) -> Vec<u8> {
        let [low, high] = self.range.map(f64::from);
        let value = position.map_or(self.off, |it| (low + it.clamp(0.0, 1.0) * (high - low)).round() as u8);
        self.id.encode(u16::from(value)).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_writing_a_turn_counts_up_and_down() {
        let steps = |turn: Turn, values: [u16; 4]| values.map(|value| turn.steps(value));
        assert_eq!(steps(Turn::TwosComplement, [1, 3, 127, 126]), [1, 3, -1, -2]);
        assert_eq!(steps(Turn::Offset, [65, 67, 63, 62]), [1, 3, -1, -2]);
        assert_eq!(steps(Turn::SignBit, [1, 3, 65, 66]), [1, 3, -1, -2]);
        assert_eq!(steps(Turn::SignBitUp, [65, 67, 1, 2]), [1, 3, -1, -2]);
    }

    #[test]
    fn fourteen_bits_go_out_upper_half_first() {
        let id = MessageId { kind: MessageKind::Controller, channel: Some(2), number: 1 };
        let fine = Element { fine: true, ..Element::raw(id) };
        assert_eq!(fine.at(0.5), [0xB2, 1, 64, 0xB2, 33, 0]);
        let bend = MessageId { kind: MessageKind::PitchBend, channel: Some(3), number: 0 };
        assert_eq!(Element::raw(bend).at(1.0), [0xE3, 0x7F, 0x7F]);
        assert_eq!(Element::raw(id).at(2.0), [0xB2, 1, 127]);
    }
}
