//! Bytes that nobody can guess.

use ring::rand::{SecureRandom, SystemRandom};

/// Random bytes of the system's; none where it has none to give.
pub fn secret<const N: usize>() -> Option<[u8; N]> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).ok()?;
    Some(bytes)
}
