//! OSC in a stream of bytes, in either common framing: each packet after its length (OSC 1.0), or between END bytes as
//! in SLIP (OSC 1.1; J. Romkey, RFC 1055). Pure.

use serde::Deserialize;

/// The longest packet, as in a UDP datagram.
const LONGEST: usize = 65_535;
const END: u8 = 0xC0;
const ESC: u8 = 0xDB;
const ESC_END: u8 = 0xDC;
const ESC_ESC: u8 = 0xDD;

/// How packets are framed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Framing {
    /// Each after its length in four bytes.
    Length,
    /// Each between END bytes.
    #[default]
    Slip,
}

/// Why the rest of a stream is unreadable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FramingError {
    /// Neither framing starts like this.
    #[error("neither length-prefixed nor SLIP-framed OSC: it begins with byte {0}")]
    Unknown(u8),
    /// Longer than any packet.
    #[error("a packet of more than {LONGEST} bytes")]
    TooLong,
}

impl Framing {
    /// The framing of a stream that starts with this byte: only the length of an impossibly long packet starts with
    /// anything but 0.
    pub fn of(first: u8) -> Result<Self, FramingError> {
        match first {
            0 => Ok(Self::Length),
            END | b'/' | b'#' => Ok(Self::Slip),
            other => Err(FramingError::Unknown(other)),
        }
    }

    /// The first packet of a stream. It starts without END, which is optional there: liblo 0.31 mistakes the framing
    /// when END comes before a bundle.
    pub fn first(self, packet: &[u8]) -> Vec<u8> {
        let framed = self.frame(packet);
        if self == Self::Slip { framed[1..].to_vec() } else { framed }
    }

    /// A packet, framed.
    pub fn frame(self, packet: &[u8]) -> Vec<u8> {
        match self {
            Self::Length => [&(packet.len() as u32).to_be_bytes(), packet].concat(),
            Self::Slip => {
                let mut framed = Vec::with_capacity(packet.len() + 2);
                framed.push(END);
                for byte in packet {
                    match *byte {
                        END => framed.extend([ESC, ESC_END]),
                        ESC => framed.extend([ESC, ESC_ESC]),
                        other => framed.push(other),
                    }
                }
                framed.push(END);
                framed
            }
        }
    }
}

/// Extracts packets from a stream.
#[derive(Debug)]
pub struct Unframer {
    framing: Framing,
    /// The bytes of the next packet so far, including its length if that comes first.
    begun: Vec<u8>,
    escaped: bool,
}

impl Unframer {
    /// At the start of a stream.
    pub fn new(framing: Framing) -> Self {
        Self { framing, begun: Vec::new(), escaped: false }
    }

    /// Adds bytes, and passes each complete packet to `each`.
    pub fn push(&mut self, bytes: &[u8], each: &mut impl FnMut(&[u8])) -> Result<(), FramingError> {
        match self.framing {
            Framing::Length => self.push_lengths(bytes, each),
            Framing::Slip => bytes.iter().try_for_each(|byte| self.push_slip(*byte, each)),
        }
    }

    fn push_lengths(&mut self, bytes: &[u8], each: &mut impl FnMut(&[u8])) -> Result<(), FramingError> {
        self.begun.extend_from_slice(bytes);
        let mut at = 0;
        while let Some((length, rest)) = self.begun[at..].split_first_chunk::<4>() {
            let length = u32::from_be_bytes(*length) as usize;
            if length > LONGEST {
                return Err(FramingError::TooLong);
            }
            let Some(packet) = rest.get(..length) else { break };
            each(packet);
            at += 4 + length;
        }
        self.begun.drain(..at);
        Ok(())
    }

    fn push_slip(&mut self, byte: u8, each: &mut impl FnMut(&[u8])) -> Result<(), FramingError> {
        match (byte, std::mem::take(&mut self.escaped)) {
            (END, _) => {
                // Two ENDs in a row enclose nothing.
                if !self.begun.is_empty() {
                    each(&self.begun);
                    self.begun.clear();
                }
                return Ok(());
            }
            (ESC, false) => self.escaped = true,
            (ESC_END, true) => self.begun.push(END),
            (ESC_ESC, true) => self.begun.push(ESC),
            (other, _) => self.begun.push(other),
        }
        if self.begun.len() > LONGEST { Err(FramingError::TooLong) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(stream: &[u8], step: usize) -> Result<Vec<Vec<u8>>, FramingError> {
        let Some(first) = stream.first() else { return Ok(Vec::new()) };
        let (mut unframer, mut packets) = (Unframer::new(Framing::of(*first)?), Vec::new());
        for piece in stream.chunks(step) {
            unframer.push(piece, &mut |packet| packets.push(packet.to_vec()))?;
        }
        Ok(packets)
    }

    proptest! {
        #[test]
        fn packets_come_out_as_they_went_in_however_the_stream_is_cut(
            packets in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..300), 1..8),
            step in 1usize..400,
        ) {
            for framing in [Framing::Length, Framing::Slip] {
                let stream: Vec<u8> = packets.iter().flat_map(|packet| framing.frame(packet)).collect();
                prop_assert_eq!(read(&stream, step), Ok(packets.clone()));
            }
        }

        #[test]
        fn garbage_is_an_error_or_nothing_and_never_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
            let _ = read(&bytes, 7);
        }
    }

    #[test]
    fn old_senders_that_begin_without_an_end_are_understood() {
        assert_eq!(read(b"/a\0\0\xC0/b\0\0\xC0", 3), Ok(vec![b"/a\0\0".to_vec(), b"/b\0\0".to_vec()]));
    }

    #[test]
    fn a_stream_that_is_not_osc_is_refused_before_it_fills_the_memory() {
        assert_eq!(read(b"GET / HTTP/1.1\r\n", 16), Err(FramingError::Unknown(b'G')));
        assert_eq!(read(&[0, 1, 0, 0, 9], 5), Err(FramingError::TooLong));
        let endless: Vec<u8> = std::iter::once(END).chain(std::iter::repeat_n(b'a', LONGEST + 1)).collect();
        assert_eq!(read(&endless, 1000), Err(FramingError::TooLong));
    }
}
