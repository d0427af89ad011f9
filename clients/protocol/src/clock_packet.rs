//! Packets of the clock port: a question and its answer over plain UDP, sealed with a key of the QUIC session.
//!
//! All numbers are big-endian. A question is as long as its answer, so the port cannot amplify a flood.
//!
//! ```text
//! question  'q' | session u64 | counter u64 | sent i64 | 16 zero bytes              | seal (16 bytes)
//! answer    'a' | session u64 | counter u64 | sent i64 | received i64 | answered i64 | seal (16 bytes)
//! ```
//!
//! `sent` is the asker's clock, `received` and `answered` are show time. The counter rises with every question of a
//! session; an answer carries that of its question. A receiver drops a packet whose counter is not above the last one:
//! it was replayed, or overtaken by a newer one and worthless.
//!
//! Both ends of a QUIC session export [`SECRET_LEN`] bytes from it (RFC 5705, RFC 8446 section 7.5) with the label
//! [`LABEL`] and an empty context: the first eight are the session's number, the rest is the key of a [`Seal`]. The key
//! is as secret as the session and ends with it.

use crate::{HostTime, ShowTime};

/// Bytes of a packet, in either direction.
pub const LEN: usize = 1 + 5 * 8 + SEAL_LEN;
/// Bytes of a seal.
pub const SEAL_LEN: usize = 16;
/// Bytes that both ends export from a session.
pub const SECRET_LEN: usize = 8 + KEY_LEN;
/// Bytes of a key.
pub const KEY_LEN: usize = 32;
/// The label of the export, with the prefix of unregistered labels (RFC 5705, section 4).
pub const LABEL: &[u8] = b"EXPERIMENTAL downbeat clock 1";

const QUESTION: u8 = b'q';
const ANSWER: u8 = b'a';

/// A message authentication code under a secret key: the first 16 bytes of HMAC-SHA256.
pub trait Seal {
    /// The code of some bytes.
    fn seal(&self, bytes: &[u8]) -> [u8; SEAL_LEN];
}

/// A request for the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    /// The asker's QUIC session.
    pub session: u64,
    /// Higher than in any earlier question of the session.
    pub counter: u64,
    /// When it left, by the asker's clock.
    pub sent: HostTime,
}

/// The answer to a [`Question`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What was asked.
    pub question: Question,
    /// When the question came.
    pub received: ShowTime,
    /// When this left.
    pub answered: ShowTime,
}

/// Why a packet is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PacketError {
    /// Its length is wrong.
    #[error("a clock packet has {LEN} bytes, not {0}")]
    Length(usize),
    /// Its first byte is wrong.
    #[error("unexpected kind of clock packet")]
    Kind,
    /// Its seal was not made with the session's key.
    #[error("a clock packet with a wrong seal")]
    Forged,
    /// A time that cannot be meant.
    #[error("a clock packet with an impossible time")]
    Impossible,
}

impl Question {
    /// Its bytes under a key.
    pub fn encode(&self, key: &impl Seal) -> [u8; LEN] {
        sealed(QUESTION, self, [0, 0], key)
    }

    /// The session of a packet, not verified yet: it selects the key to try.
    pub fn session(bytes: &[u8]) -> Result<u64, PacketError> {
        kind(bytes, QUESTION)?;
        Ok(number(bytes, 0) as u64)
    }

    /// The question in a packet that was sealed with this key.
    pub fn decode(bytes: &[u8], key: &impl Seal) -> Result<Self, PacketError> {
        opened(bytes, QUESTION, key)?;
        Ok(question(bytes))
    }
}

impl Answer {
    /// Its bytes under a key.
    pub fn encode(&self, key: &impl Seal) -> [u8; LEN] {
        sealed(ANSWER, &self.question, [self.received.0, self.answered.0], key)
    }

    /// The answer in a packet that was sealed with this key.
    pub fn decode(bytes: &[u8], key: &impl Seal) -> Result<Self, PacketError> {
        opened(bytes, ANSWER, key)?;
        let [received, answered] = [3, 4].map(|place| ShowTime(number(bytes, place)));
        let question = question(bytes);
        if !(question.sent.is_plausible() && received.is_plausible() && answered.is_plausible()) {
            return Err(PacketError::Impossible);
        }
        Ok(Self { question, received, answered })
    }
}

fn sealed(kind: u8, question: &Question, times: [i64; 2], key: &impl Seal) -> [u8; LEN] {
    let mut bytes = [0; LEN];
    bytes[0] = kind;
    let numbers = [question.session as i64, question.counter as i64, question.sent.0, times[0], times[1]];
    for (place, number) in bytes[1..].chunks_exact_mut(8).zip(numbers) {
        place.copy_from_slice(&number.to_be_bytes());
    }
    let seal = key.seal(&bytes[..LEN - SEAL_LEN]);
    bytes[LEN - SEAL_LEN..].copy_from_slice(&seal);
    bytes
}

fn kind(bytes: &[u8], expected: u8) -> Result<(), PacketError> {
    match bytes {
        [kind, ..] if bytes.len() == LEN && *kind == expected => Ok(()),
        _ if bytes.len() != LEN => Err(PacketError::Length(bytes.len())),
        _ => Err(PacketError::Kind),
    }
}

fn opened(bytes: &[u8], expected: u8, key: &impl Seal) -> Result<(), PacketError> {
    kind(bytes, expected)?;
    let (said, seal) = bytes.split_at(LEN - SEAL_LEN);
    // Compares all bytes, so that the time it takes tells a forger nothing.
    let differing = key.seal(said).iter().zip(seal).fold(0u8, |differing, (ours, theirs)| differing | (ours ^ theirs));
    if differing == 0 { Ok(()) } else { Err(PacketError::Forged) }
}

fn question(bytes: &[u8]) -> Question {
    let [session, counter, sent] = [0, 1, 2].map(|place| number(bytes, place));
    Question { session: session as u64, counter: counter as u64, sent: HostTime(sent) }
}

/// One of the numbers of a packet of the right length.
fn number(bytes: &[u8], place: usize) -> i64 {
    i64::from_be_bytes(std::array::from_fn(|byte| bytes[1 + 8 * place + byte]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// No protection at all, but every byte counts.
    struct Sum(u8);

    impl Seal for Sum {
        fn seal(&self, bytes: &[u8]) -> [u8; SEAL_LEN] {
            let mut seal = [self.0; SEAL_LEN];
            for (place, byte) in bytes.iter().enumerate() {
                let lane = &mut seal[place % SEAL_LEN];
                *lane = lane.rotate_left(1) ^ byte;
            }
            seal
        }
    }

    const QUESTION: Question = Question { session: 7, counter: 0x0102, sent: HostTime(-2) };

    #[test]
    fn the_bytes_of_a_question_are_these() {
        let bytes = QUESTION.encode(&Sum(0));
        assert_eq!(bytes.len(), 57);
        assert_eq!(bytes[..25], *b"q\0\0\0\0\0\0\0\x07\0\0\0\0\0\0\x01\x02\xff\xff\xff\xff\xff\xff\xff\xfe");
        assert_eq!(bytes[25..41], [0; 16]);
    }

    #[test]
    fn an_answer_is_as_long_as_its_question_and_cannot_pass_for_one() {
        let answer = Answer { question: QUESTION, received: ShowTime(3), answered: ShowTime(i64::MAX / 100) };
        let bytes = answer.encode(&Sum(1));
        assert_eq!(bytes.len(), QUESTION.encode(&Sum(1)).len());
        assert_eq!(Answer::decode(&bytes, &Sum(1)), Ok(answer));
        assert_eq!(Question::decode(&bytes, &Sum(1)), Err(PacketError::Kind));
        assert_eq!(Answer::decode(&bytes, &Sum(2)), Err(PacketError::Forged));
    }

    #[test]
    fn an_answer_with_a_time_that_cannot_be_meant_is_refused() {
        for end in [i64::MAX, i64::MIN, 1 << 62] {
            let answer = Answer { question: QUESTION, received: ShowTime(end), answered: ShowTime(end) };
            assert_eq!(Answer::decode(&answer.encode(&Sum(1)), &Sum(1)), Err(PacketError::Impossible));
        }
    }

    proptest! {
        #[test]
        fn what_is_sealed_comes_back_and_no_changed_bit_does(
            session: u64, counter: u64, sent: i64, key: u8, place in 0..LEN, bit in 0u8..8,
        ) {
            let question = Question { session, counter, sent: HostTime(sent) };
            let mut bytes = question.encode(&Sum(key));
            prop_assert_eq!(Question::session(&bytes), Ok(session));
            prop_assert_eq!(Question::decode(&bytes, &Sum(key)), Ok(question));
            bytes[place] ^= 1 << bit;
            prop_assert!(Question::decode(&bytes, &Sum(key)).is_err());
        }

        #[test]
        fn garbage_of_any_length_is_an_error_and_never_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..120)) {
            let _ = Question::session(&bytes);
            if bytes.len() != LEN {
                prop_assert_eq!(Question::decode(&bytes, &Sum(0)), Err(PacketError::Length(bytes.len())));
                prop_assert_eq!(Answer::decode(&bytes, &Sum(0)), Err(PacketError::Length(bytes.len())));
            }
        }
    }
}
