//! MIDI bytes (MIDI 1.0 Detailed Specification, 4.2.1): the few messages that Downbeat sends.

/// Clocks in a beat, by definition a quarter note.
pub const CLOCKS_PER_BEAT: u32 = 24;
/// Sixteenths in a beat: the unit of the song position.
pub const SIXTEENTHS_PER_BEAT: i64 = 4;
/// Song positions: 14 bits, after which it wraps.
pub const SONG_POSITIONS: i64 = 1 << 14;

/// One message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message {
    bytes: [u8; 3],
    len: u8,
}

impl Message {
    /// Timing clock, [`CLOCKS_PER_BEAT`] times a beat.
    pub const CLOCK: Self = Self { bytes: [0xF8, 0, 0], len: 1 };
    /// Play from the beginning; the next clock is its first.
    pub const START: Self = Self { bytes: [0xFA, 0, 0], len: 1 };
    /// Play from the song position; the next clock is its first.
    pub const CONTINUE: Self = Self { bytes: [0xFB, 0, 0], len: 1 };
    /// Stop where it is.
    pub const STOP: Self = Self { bytes: [0xFC, 0, 0], len: 1 };

    /// The place to continue from, in sixteenths from the beginning; wraps at [`SONG_POSITIONS`].
    pub fn song_position(sixteenths: i64) -> Self {
        let position = sixteenths.rem_euclid(SONG_POSITIONS);
        Self { bytes: [0xF2, (position & 0x7F) as u8, (position >> 7) as u8], len: 3 }
    }

    /// A note starts. Velocity zero would end it, so the softest is 1.
    pub fn note_on(channel: Channel, note: Seven, velocity: Seven) -> Self {
        Self { bytes: [0x90 | channel.0, note.0, velocity.0.max(1)], len: 3 }
    }

    /// Whether it starts a note.
    pub fn is_note_on(&self) -> bool {
        self.bytes[0] & 0xF0 == 0x90 && self.bytes[2] > 0
    }

    /// A note ends.
    pub fn note_off(channel: Channel, note: Seven) -> Self {
        Self { bytes: [0x80 | channel.0, note.0, 0], len: 3 }
    }

    /// Whether it ends a note.
    pub fn is_note_off(&self) -> bool {
        self.bytes[0] & 0xF0 == 0x80
    }

    /// For what ends or stays (the end of a note, a controller, a program): which one it is of. A receiver that lacks the
    /// newest is wrong for good.
    pub fn lasting(&self) -> Option<[u8; 2]> {
        let [status, number, _] = self.bytes;
        match status & 0xF0 {
            0x80 | 0xB0 => Some([status, number]),
            0xC0 => Some([status, 0]),
            _ => None,
        }
    }

    /// The end of a note that began with this status.
    pub fn end_of(status: u8, note: u8) -> Self {
        Self { bytes: [0x80 | status & 0x0F, note, 0], len: 3 }
    }

    /// A controller changes.
    pub fn control_change(channel: Channel, controller: Seven, value: Seven) -> Self {
        Self { bytes: [0xB0 | channel.0, controller.0, value.0], len: 3 }
    }

    /// A program change, counted from 0.
    pub fn program_change(channel: Channel, program: Seven) -> Self {
        Self { bytes: [0xC0 | channel.0, program.0, 0], len: 2 }
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

/// A channel, numbered 1 to 16.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "u8")]
pub struct Channel(u8);

impl TryFrom<u8> for Channel {
    type Error = String;

    fn try_from(number: u8) -> Result<Self, String> {
        match number {
            1..=16 => Ok(Self(number - 1)),
            _ => Err(format!("MIDI channel {number} is out of range; choose 1 to 16")),
        }
    }
}

/// Seven bits: a note, a velocity, a controller, its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "u8")]
pub struct Seven(u8);

impl Seven {
    /// The nearest valid value; 0 for NaN.
    pub fn nearest(number: f64) -> Self {
        Self(number.round().clamp(0.0, 127.0) as u8)
    }

    /// The upper and lower half of the nearest fourteen-bit value; 0 for NaN.
    pub fn pair(number: f64) -> [Self; 2] {
        let number = number.round().clamp(0.0, 16_383.0) as u16;
        [Self((number >> 7) as u8), Self((number & 0x7F) as u8)]
    }

    /// The controller for the lower half of this one's value: 32 above, for the first 32 controllers.
    pub fn lower_half(self) -> Option<Self> {
        (self.0 < 32).then_some(Self(self.0 + 32))
    }
}

impl TryFrom<u8> for Seven {
    type Error = String;

    fn try_from(number: u8) -> Result<Self, String> {
        if number < 128 { Ok(Self(number)) } else { Err(format!("{number} is out of range; choose 0 to 127")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channel(number: u8) -> Channel {
        Channel::try_from(number).expect("a channel")
    }

    fn seven(number: u8) -> Seven {
        Seven::try_from(number).expect("seven bits")
    }

    #[test]
    fn messages_have_the_bytes_of_the_specification() {
        assert_eq!(Message::CLOCK.bytes(), [0xF8]);
        assert_eq!(Message::START.bytes(), [0xFA]);
        assert_eq!(Message::CONTINUE.bytes(), [0xFB]);
        assert_eq!(Message::STOP.bytes(), [0xFC]);
        assert_eq!(Message::song_position(0x1234).bytes(), [0xF2, 0x34, 0x24]);
        assert_eq!(Message::note_on(channel(10), seven(36), seven(127)).bytes(), [0x99, 36, 127]);
        assert_eq!(Message::note_on(channel(1), seven(36), seven(0)).bytes(), [0x90, 36, 1]);
        assert_eq!(Message::note_off(channel(16), seven(36)).bytes(), [0x8F, 36, 0]);
        assert_eq!(Message::control_change(channel(2), seven(7), seven(64)).bytes(), [0xB1, 7, 64]);
        assert_eq!(Message::program_change(channel(16), seven(5)).bytes(), [0xCF, 5]);
    }

    #[test]
    fn the_song_position_wraps_instead_of_breaking_the_message() {
        assert_eq!(Message::song_position(SONG_POSITIONS + 5), Message::song_position(5));
        assert_eq!(Message::song_position(-1).bytes(), [0xF2, 0x7F, 0x7F]);
    }

    #[test]
    fn numbers_beyond_the_wire_are_refused_or_clamped() {
        assert!(Channel::try_from(0).is_err() && Channel::try_from(17).is_err() && Seven::try_from(128).is_err());
        assert_eq!(Seven::nearest(f64::NAN), seven(0));
        assert_eq!(Seven::nearest(300.0), seven(127));
        assert_eq!(Seven::pair(16_383.0), [seven(127), seven(127)]);
        assert_eq!(Seven::pair(129.0), [seven(1), seven(1)]);
        assert_eq!((seven(7).lower_half(), seven(32).lower_half()), (Some(seven(39)), None));
    }
}
