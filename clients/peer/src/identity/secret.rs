//! Unguessable bytes.

use ring::rand::{SecureRandom, SystemRandom};

/// Random bytes from the system; none if it provides none.
pub fn secret<const N: usize>() -> Option<[u8; N]> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).ok()?;
    Some(bytes)
}
