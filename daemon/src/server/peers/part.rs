//! The part that the standing gives to the hop thread; the newest wins.

use downbeat_engine::Mirrored;
use std::sync::{Arc, Mutex, PoisonError};

/// What the engine is to do from now on.
#[derive(Clone, Debug)]
pub enum Part {
    /// Stand by, and be ready to go on from here.
    StandBy(Mirrored),
    /// Lead from here on, in a term.
    Lead(u32, Mirrored),
}

/// A place for one word. Clones share it; the lock is held for as long as it takes to put or take.
#[derive(Clone, Debug, Default)]
pub struct PartSlot(Arc<Mutex<Option<Part>>>);

impl PartSlot {
    /// Says what to be. A word that was not taken yet is replaced.
    pub fn put(&self, part: Part) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(part);
    }

    /// Takes the newest word, if there is one.
    pub fn take(&self) -> Option<Part> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
