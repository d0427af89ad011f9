//! The key of the clock port, from the QUIC session.

use downbeat_protocol::clock_packet::{LABEL, SEAL_LEN, SECRET_LEN, Seal};
use quinn::Connection;
use ring::hmac;

/// The number and key of a session, the same at both ends.
#[derive(Clone)]
pub struct Key {
    session: u64,
    key: hmac::Key,
}

impl Key {
    /// The key of a connection. None before its handshake is done.
    pub fn of(connection: &Connection) -> Option<Self> {
        let mut secret = [0; SECRET_LEN];
        connection.export_keying_material(&mut secret, LABEL, &[]).ok()?;
        Some(Self::from_secret(&secret))
    }

    /// From the exported bytes.
    pub fn from_secret(secret: &[u8; SECRET_LEN]) -> Self {
        let (session, key) = secret.split_at(8);
        let session = u64::from_be_bytes(std::array::from_fn(|byte| session[byte]));
        Self { session, key: hmac::Key::new(hmac::HMAC_SHA256, key) }
    }

    /// The session's number. Not secret: every packet carries it.
    pub fn session(&self) -> u64 {
        self.session
    }
}

impl Seal for Key {
    fn seal(&self, bytes: &[u8]) -> [u8; SEAL_LEN] {
        let tag = hmac::sign(&self.key, bytes);
        std::array::from_fn(|byte| tag.as_ref()[byte])
    }
}

impl std::fmt::Debug for Key {
    /// Excludes the secret: it may end up in a log.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Key").field("session", &self.session).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seal_is_the_beginning_of_hmac_sha256() {
        // RFC 4231, test case 1, with its key of 20 bytes filled up by the zeros that HMAC appends anyway.
        let mut secret = [0; SECRET_LEN];
        secret[8..28].fill(0x0b);
        let expected = [0xb0, 0x34, 0x4c, 0x61, 0xd8, 0xdb, 0x38, 0x53, 0x5c, 0xa8, 0xaf, 0xce, 0xaf, 0x0b, 0xf1, 0x2b];
        assert_eq!(Key::from_secret(&secret).seal(b"Hi There"), expected);
    }

    #[test]
    fn a_key_is_not_written_into_logs() {
        let key = Key::from_secret(&[0xab; SECRET_LEN]);
        assert_eq!(format!("{key:?}"), format!("Key {{ session: {}, .. }}", 0xabab_abab_abab_abab_u64));
    }
}
