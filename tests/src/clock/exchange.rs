//! Exchanges over real sockets. All processes of a machine share one clock, so the leader's drift is simulated, and the
//! follower's error is known to the nanosecond.

use super::Follows;
use crate::bench::{Distribution, Stamped};
use crate::wait::host_now_ns;
use downbeat_client::clock::{Follower, pause};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What the leader's clock gains.
const DRIFT: f64 = 25e-6;
/// How often the follower's clock is looked at.
const LOOK: Duration = Duration::from_millis(5);

/// A clock that drifts from this machine's.
#[derive(Clone, Copy, Debug)]
pub struct Truth {
    begun: i64,
}

impl Truth {
    /// One that begins now.
    pub fn begin() -> Self {
        Self { begun: host_now_ns() }
    }

    /// What it shows at a moment of this machine.
    pub fn at(&self, host: i64) -> i64 {
        7_777_000_000_000 + host + ((host - self.begun) as f64 * DRIFT) as i64
    }
}

/// When a packet came: as the kernel says, or when it was read.
fn came(kernel: bool, stamp: i64) -> i64 {
    if kernel { stamp } else { host_now_ns() }
}

/// Answers pings until it is over.
pub fn lead(socket: &Stamped, truth: Truth, kernel: bool, over: &AtomicBool) {
    let mut bytes = [0; 64];
    while !over.load(Ordering::Relaxed) {
        let Some((stamp, 8, from)) = socket.receive_from(&mut bytes) else { continue };
        let received = truth.at(came(kernel, stamp));
        bytes[8..16].copy_from_slice(&received.to_be_bytes());
        bytes[16..24].copy_from_slice(&truth.at(host_now_ns()).to_be_bytes());
        // Nobody is there any more when the follower has ended.
        let _ = socket.socket().send_to(&bytes[..24], from);
    }
}

/// Follows a leader that the socket is connected to for so many seconds; the errors from the second `from` on.
pub fn follow(socket: &Stamped, truth: Truth, kernel: bool, (from, until): (f64, f64)) -> Distribution {
    let (mut follower, mut errors, mut bytes) = (Follower::new(), Distribution::default(), [0; 64]);
    socket.socket().set_read_timeout(Some(LOOK)).expect("a limit can be set");
    let (begun, mut pings) = (host_now_ns(), 0);
    let mut next = begun;
    loop {
        let now = host_now_ns();
        let seconds = (now - begun) as f64 * 1e-9;
        if seconds >= until {
            return errors;
        }
        if now >= next {
            // A link that is not up yet loses it.
            let _ = socket.socket().send(&host_now_ns().to_be_bytes());
            next += pause(pings).as_nanos() as i64;
            pings += 1;
        }
        if let Some((stamp, 24, _)) = socket.receive_from(&mut bytes) {
            let back = came(kernel, stamp);
            let [sent, received, answered] =
                [0, 8, 16].map(|at| i64::from_be_bytes(std::array::from_fn(|byte| bytes[at + byte])));
            follower.take(sent, received, answered, back);
        }
        if seconds >= from && follower.ready() {
            let host = host_now_ns();
            errors.add((follower.told(host) - truth.at(host)).abs());
        }
    }
}
