//! Free ports for tests.

use std::net::UdpSocket;
use std::sync::atomic::{AtomicU16, Ordering};

/// None of these is ever given out by the system, as its own choice lies above: between asking and using one, nobody
/// gets it by chance.
const FIRST: u16 = 20_000;
const COUNT: u16 = 12_000;
static GIVEN: AtomicU16 = AtomicU16::new(0);

/// A UDP port of the loopback interface that nobody uses now, and that no other test of this program is given. Nor is
/// the port after it, on which a daemon tells the time.
pub fn free_port() -> u16 {
    // Programs that run side by side begin at different places.
    let start = std::process::id().wrapping_mul(98);
    loop {
        let given = GIVEN.fetch_add(2, Ordering::Relaxed);
        assert!(given < COUNT, "all ports from {FIRST} on are in use");
        let port = FIRST + (start.wrapping_add(u32::from(given)) % u32::from(COUNT)) as u16;
        let free = |port| UdpSocket::bind(("127.0.0.1", port)).is_ok();
        if free(port) && free(port + 1) {
            return port;
        }
    }
}
