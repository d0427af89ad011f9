//! The role of the hop thread; the newest wins.

use downbeat_engine::Mirrored;
use downbeat_protocol::Command;
use std::sync::{Arc, Mutex, PoisonError};

/// The engine's role from now on.
#[derive(Clone, Debug)]
pub enum Part {
    /// Stand by, ready to continue from here.
    StandBy(Mirrored),
    /// Lead from here, in a term. What the leader did not live to take comes first.
    Lead(u32, Mirrored, Vec<Command>),
}

/// Room for one value. Clones share it; the lock is held only briefly.
#[derive(Clone, Debug, Default)]
pub struct PartSlot(Arc<Mutex<Option<Part>>>);

impl PartSlot {
    /// Sets the role. Replaces one that was not taken yet.
    pub fn put(&self, part: Part) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(part);
    }

    /// Takes the newest role, if there is one.
    pub fn take(&self) -> Option<Part> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
