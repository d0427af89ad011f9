//! Pairing of two strangers: the client shows a code, and an operator types it at the daemon.
//!
//! ```text
//! client                                   daemon
//!   hello                          ->
//!                                  <-      place: two digits that name this connection among all that wait
//!   share                          ->
//!   [shows the code: place + secret]       [the operator types the code]
//!                                  <-      share, proof
//!   [keeps the daemon's key] proof ->      [keeps the client's key]
//! ```
//!
//! The six digits of the secret are the password of a SPAKE2 exchange (RFC 9382 describes the family; the crate
//! `spake2` over Ed25519), whose two names are the keys' fingerprints. Each proof is an HMAC-SHA256 under the key that
//! it yields, over the prover and a secret of the TLS connection (RFC 5705). So an attacker between the two, with its
//! own keys, has one guess in a million for each code that an operator types, and learns nothing from the traffic; and
//! each end knows that the other one has the code.

use super::Fingerprint;
use ring::hmac;
use spake2::{Ed25519Group, Identity as Name, Password, Spake2};

/// The digits of a code: two for the place, six that are secret.
pub const DIGITS: usize = 8;
const SECRET_DIGITS: u32 = 6;
const PLACES: u8 = 100;

/// The code that the operator reads and types.
#[derive(Clone, PartialEq, Eq)]
pub struct Code {
    place: u8,
    secret: u32,
}

impl Code {
    /// A code for a place, with a secret drawn by `random`, any number.
    pub fn new(place: u8, random: u64) -> Self {
        Self { place: place % PLACES, secret: (random % 10u64.pow(SECRET_DIGITS)) as u32 }
    }

    /// Parses a typed code; ignores spaces and dashes between the digits.
    pub fn parse(text: &str) -> Option<Self> {
        let digits: String = text.chars().filter(|letter| !matches!(letter, ' ' | '-')).collect();
        let right = digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit());
        let number: u32 = right.then(|| digits.parse().ok()).flatten()?;
        Some(Self { place: (number / 10u32.pow(SECRET_DIGITS)) as u8, secret: number % 10u32.pow(SECRET_DIGITS) })
    }

    /// The place among the waiting clients.
    pub fn place(&self) -> u8 {
        self.place
    }

    /// As displayed: `12 345 678`.
    pub fn shown(&self) -> String {
        format!("{:02} {:03} {:03}", self.place, self.secret / 1_000, self.secret % 1_000)
    }

    fn password(&self) -> Password {
        Password::new(format!("{:06}", self.secret))
    }
}

impl std::fmt::Debug for Code {
    /// Without the secret, to keep it out of logs.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Code({:02} ...)", self.place)
    }
}

/// The two keys and the connection of a pairing.
#[derive(Clone, Copy, Debug)]
pub struct Subject {
    /// The client's key.
    pub client: Fingerprint,
    /// The daemon's key.
    pub daemon: Fingerprint,
    /// The secret of their connection.
    pub binding: [u8; 32],
}

/// Why a pairing failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PairingError {
    /// The message is not one of the exchange.
    #[error(
        "malformed pairing message: the other side speaks another version, or something interferes between the two"
    )]
    Garbled,
    /// The codes differ, or someone is intercepting the connection.
    #[error("the code is wrong, or someone is intercepting the connection")]
    Wrong,
}

/// The client's side, while its code is shown.
pub struct Shown {
    state: Spake2<Ed25519Group>,
    subject: Subject,
}

/// The daemon's side, once the code is typed.
#[derive(Debug)]
pub struct Typed {
    key: Vec<u8>,
    subject: Subject,
}

impl Shown {
    /// Starts a pairing. Returns the share to send.
    pub fn begin(code: &Code, subject: Subject) -> (Self, Vec<u8>) {
        let (client, daemon) = names(&subject);
        let (state, share) = Spake2::<Ed25519Group>::start_a(&code.password(), &client, &daemon);
        (Self { state, subject }, share)
    }

    /// Takes the daemon's share and proof. Returns the client's proof.
    pub fn finish(self, share: &[u8], proof: &[u8]) -> Result<Vec<u8>, PairingError> {
        let key = self.state.finish(share).map_err(|_| PairingError::Garbled)?;
        check(&key, "daemon", &self.subject, proof)?;
        Ok(prove(&key, "client", &self.subject))
    }
}

impl Typed {
    /// Takes the code and the client's share. Returns the daemon's share and proof.
    pub fn begin(code: &Code, subject: Subject, share: &[u8]) -> Result<(Self, Vec<u8>, Vec<u8>), PairingError> {
        let (client, daemon) = names(&subject);
        let (state, own) = Spake2::<Ed25519Group>::start_b(&code.password(), &client, &daemon);
        let key = state.finish(share).map_err(|_| PairingError::Garbled)?;
        let proof = prove(&key, "daemon", &subject);
        Ok((Self { key, subject }, own, proof))
    }

    /// Verifies the client's proof.
    pub fn finish(&self, proof: &[u8]) -> Result<(), PairingError> {
        check(&self.key, "client", &self.subject, proof)
    }
}

fn names(subject: &Subject) -> (Name, Name) {
    (Name::new(subject.client.bytes()), Name::new(subject.daemon.bytes()))
}

fn words(who: &str, subject: &Subject) -> Vec<u8> {
    [b"downbeat pairing ", who.as_bytes(), &subject.binding].concat()
}

fn prove(key: &[u8], who: &str, subject: &Subject) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), &words(who, subject)).as_ref().to_vec()
}

fn check(key: &[u8], who: &str, subject: &Subject, proof: &[u8]) -> Result<(), PairingError> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    hmac::verify(&key, &words(who, subject), proof).map_err(|_| PairingError::Wrong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn subject(client: &str, daemon: &str, connection: u8) -> Subject {
        let of = |name: &str| Fingerprint::of(name.as_bytes());
        Subject { client: of(client), daemon: of(daemon), binding: [connection; 32] }
    }

    /// The whole dialogue; the client's view and the daemon's.
    fn pair(shown: (&Code, Subject), typed: (&Code, Subject)) -> Result<(), PairingError> {
        let (client, share) = Shown::begin(shown.0, shown.1);
        let (daemon, own, proof) = Typed::begin(typed.0, typed.1, &share)?;
        daemon.finish(&client.finish(&own, &proof)?)
    }

    #[test]
    fn the_right_code_makes_two_acquainted_and_any_other_does_not() {
        let (code, both) = (Code::new(7, 123_456), subject("node", "daemon", 1));
        assert_eq!(pair((&code, both), (&code, both)), Ok(()));
        for wrong in [123_457, 0, 999_999] {
            assert_eq!(pair((&code, both), (&Code::new(7, wrong), both)), Err(PairingError::Wrong));
        }
    }

    #[test]
    fn whoever_sits_between_the_two_is_found_out_although_the_code_is_right() {
        let code = Code::new(7, 123_456);
        let (to_client, to_daemon) = (subject("node", "between", 1), subject("between", "daemon", 2));
        assert!(pair((&code, to_client), (&code, to_daemon)).is_err());
        // Even with both keys stolen the connections differ.
        let (to_client, to_daemon) = (subject("node", "daemon", 1), subject("node", "daemon", 2));
        assert_eq!(pair((&code, to_client), (&code, to_daemon)), Err(PairingError::Wrong));
    }

    #[test]
    fn a_proof_cannot_be_sent_back_as_ones_own() {
        let (code, both) = (Code::new(7, 5), subject("node", "daemon", 1));
        let (_client, share) = Shown::begin(&code, both);
        let (daemon, _own, proof) = Typed::begin(&code, both, &share).expect("a share");
        assert_eq!(daemon.finish(&proof), Err(PairingError::Wrong));
    }

    #[test]
    fn a_code_is_read_as_people_write_it() {
        let code = Code::new(3, 4_005_006);
        assert_eq!(code.shown(), "03 005 006");
        for text in ["03 005 006", "03005006", "03-005-006"] {
            assert_eq!(Code::parse(text), Some(code.clone()));
        }
        for wrong in ["", "3005006", "030050061", "03 005 00x", "٠٣٠٠٥٠٠٦"] {
            assert_eq!(Code::parse(wrong), None, "{wrong}");
        }
        assert!(!format!("{code:?}").contains("006"));
    }

    proptest! {
        #[test]
        fn garbage_is_an_error_and_never_a_panic(
            share in proptest::collection::vec(any::<u8>(), 0..80), proof in proptest::collection::vec(any::<u8>(), 0..80),
        ) {
            let (code, both) = (Code::new(7, 5), subject("node", "daemon", 1));
            if let Ok((daemon, ..)) = Typed::begin(&code, both, &share) {
                prop_assert!(daemon.finish(&proof).is_err());
            }
            prop_assert!(Shown::begin(&code, both).0.finish(&share, &proof).is_err());
        }
    }
}
