//! Clock followers: the network in virtual time, ours, and other methods, reimplemented here.

pub mod exchange;
pub mod link;
pub mod ntp;
pub mod product;
pub mod quickest;
pub mod snapcast;
#[path = "../../../clients/rust/tests/support/world.rs"]
pub mod world;

pub use link::Link;
pub use ntp::Ntp;
pub use quickest::Quickest;
pub use snapcast::Snapcast;
pub use world::{Follows, World};

use crate::network::Conditions;

/// A link between hosts that is like the way there in a world: the same network, for real sockets.
impl From<&World> for Conditions {
    fn from(world: &World) -> Self {
        let ([delay, _], [jitter, _]) = (world.least, world.jitter);
        Self { delay, jitter, burst: world.burst, loss: world.loss, ..Self::default() }
    }
}

/// What an exchange amounts to by itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Exchange {
    /// The middle of the exchange on this machine.
    pub at: i64,
    /// Show time minus this machine's time, if both ways took equally long.
    pub offset: i64,
    /// What both ways took.
    pub round_trip: i64,
}

impl Exchange {
    /// From its four time stamps.
    pub fn of(sent: i64, received: i64, answered: i64, back: i64) -> Self {
        let at = sent + (back - sent) / 2;
        let offset = ((received - sent) + (answered - back)) / 2;
        Self { at, offset, round_trip: (back - sent) - (answered - received) }
    }
}

/// The middle one.
pub(crate) fn median(values: impl Iterator<Item = i64>) -> i64 {
    let mut values: Vec<i64> = values.collect();
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_client::clock::Follower;

    /// The worst error in a network that delays nothing by chance, between clocks that do not drift.
    fn worst<F: Follows>() -> i64 {
        let mut world = World { drift: 0.0, wander: 0.0, jitter: [0.0, 0.0], ..World::new(1) };
        world.errors::<F>(15.0, 60.0).last().copied().unwrap_or(i64::MAX)
    }

    #[test]
    fn where_nothing_disturbs_them_all_of_them_are_right() {
        let worst = [worst::<Follower>(), worst::<Link>(), worst::<Snapcast>(), worst::<Ntp>(), worst::<Quickest>()];
        assert!(worst.iter().all(|error| *error < 1_000), "{worst:?} ns");
    }
}
