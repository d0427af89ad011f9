//! Whole-system tests take turns: two rigs at once on a small machine would disturb each other.

use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

static TURN: RwLock<()> = RwLock::new(());

/// Waits until no other test of this program runs a rig; hold what it gives until the test ends.
pub fn turn() -> RwLockWriteGuard<'static, ()> {
    TURN.write().unwrap_or_else(PoisonError::into_inner)
}

/// The same for a test that others of its kind do not disturb: it has a rig without JACK, ports of its own, and measures no
/// time finer than half a second.
pub fn shared_turn() -> RwLockReadGuard<'static, ()> {
    TURN.read().unwrap_or_else(PoisonError::into_inner)
}
