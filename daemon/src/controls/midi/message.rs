//! Channel messages (MIDI 1.0 Detailed Specification, 4.2.1), as sent by elements.

/// Identifies the element of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId {
    /// Its kind.
    pub kind: MessageKind,
    /// The channel, 0 to 15; none if any.
    pub channel: Option<u8>,
    /// The note or the controller; 0 for a pitch bend, which has none.
    pub number: u8,
}

/// The kind of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MessageKind {
    /// A note, on and off.
    Note,
    /// A controller.
    Controller,
    /// A pitch bend.
    PitchBend,
}

/// One message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its element; the channel is always set.
    pub id: MessageId,
    /// 0 to 127, or 0 to 16383 for a pitch bend. Note off is 0.
    pub value: u16,
}

impl Message {
    /// Parses the bytes; none for messages of other kinds and invalid ones.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let &[status, first, second] = bytes else { return None };
        if first > 127 || second > 127 {
            return None;
        }
        let id = |kind, number| MessageId { kind, channel: Some(status & 0x0F), number };
        let (id, value) = match status & 0xF0 {
            0x80 => (id(MessageKind::Note, first), 0),
            0x90 => (id(MessageKind::Note, first), u16::from(second)),
            0xB0 => (id(MessageKind::Controller, first), u16::from(second)),
            0xE0 => (id(MessageKind::PitchBend, 0), u16::from(second) << 7 | u16::from(first)),
            _ => return None,
        };
        Some(Self { id, value })
    }
}

impl MessageId {
    /// Its message with a value, on the first channel if it has none.
    pub fn encode(&self, value: u16) -> [u8; 3] {
        let channel = self.channel.unwrap_or(0);
        let [upper, lower] = [(value >> 7 & 0x7F) as u8, (value & 0x7F) as u8];
        match self.kind {
            MessageKind::Note => [0x90 | channel, self.number, lower],
            MessageKind::Controller => [0xB0 | channel, self.number, lower],
            MessageKind::PitchBend => [0xE0 | channel, lower, upper],
        }
    }

    /// The same without its channel.
    pub fn on_any_channel(self) -> Self {
        Self { channel: None, ..self }
    }

    /// The name of an element missing from the surface file: `cc.7`, `note.36`, `bend`; on one channel only, `cc.7@3`.
    pub fn parse(name: &str) -> Option<Self> {
        let (name, channel) = match name.split_once('@') {
            Some((name, channel)) => (name, Some(channel.parse::<u8>().ok().filter(|it| (1..=16).contains(it))? - 1)),
            None => (name, None),
        };
        if name == "bend" {
            return Some(Self { kind: MessageKind::PitchBend, channel, number: 0 });
        }
        let (kind, number) = name.split_once('.')?;
        let kind = match kind {
            "cc" => MessageKind::Controller,
            "note" => MessageKind::Note,
            _ => return None,
        };
        Some(Self { kind, channel, number: number.parse().ok().filter(|number| *number < 128)? })
    }
}

impl std::fmt::Display for MessageId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.kind {
            MessageKind::Note => write!(f, "note.{}", self.number)?,
            MessageKind::Controller => write!(f, "cc.{}", self.number)?,
            MessageKind::PitchBend => write!(f, "bend")?,
        }
        self.channel.map_or(Ok(()), |channel| write!(f, "@{}", channel + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bytes_are_read_as_the_specification_says() {
        let read = |bytes: &[u8]| Message::decode(bytes).map(|it| (it.id.to_string(), it.value));
        assert_eq!(read(&[0xB2, 7, 64]), Some(("cc.7@3".into(), 64)));
        assert_eq!(read(&[0x90, 36, 100]), Some(("note.36@1".into(), 100)));
        assert_eq!(read(&[0x8F, 36, 64]), Some(("note.36@16".into(), 0)));
        assert_eq!(read(&[0xE0, 0x7F, 0x7F]), Some(("bend@1".into(), 16_383)));
        assert_eq!([read(&[0xF8]), read(&[0xC0, 1]), read(&[0xB0, 200, 1])], [None, None, None]);
    }

    #[test]
    fn a_raw_name_may_leave_the_channel_out() {
        assert_eq!(MessageId::parse("cc.7").map(|it| it.channel), Some(None));
        assert!(["cc.128", "cc", "cc.7@17", "cc.7@0", "knob.1"].iter().all(|name| MessageId::parse(name).is_none()));
    }

    proptest! {
        #[test]
        fn what_is_read_is_written_again(status in 0x80_u8..=0xFF, first in 0_u8..128, second in 0_u8..128) {
            if let Some(message) = Message::decode(&[status, first, second]) {
                let again = message.id.encode(message.value);
                prop_assert_eq!(Message::decode(&again), Some(message));
                prop_assert_eq!(MessageId::parse(&message.id.to_string()), Some(message.id));
            }
        }
    }
}
