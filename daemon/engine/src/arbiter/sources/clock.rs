//! A source: another program's or a desk's clock, reported by an input.

use crate::arbiter::reference::Reference;
use downbeat_protocol::ShowTime;

/// How long a reference is valid, in nanoseconds: 2 s. After that a silent source is lost.
const COUNTS: i64 = 2_000_000_000;

/// Another clock.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    name: String,
    priority: i8,
    said: Option<Reference>,
}

impl Clock {
    /// A clock that has reported nothing yet.
    pub fn new(name: &str, priority: i8) -> Self {
        Self { name: name.into(), priority, said: None }
    }

    /// Takes its reference; none if it is known to be lost.
    pub fn update(&mut self, said: Option<Reference>) {
        self.said = said.filter(Reference::is_sound);
    }

    /// Its reference, unless outdated.
    pub fn reference(&self, now: ShowTime) -> Option<Reference> {
        self.said.filter(|said| now.since(said.moment) <= COUNTS)
    }

    /// Its name for the operator.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Sources of a higher priority come first, whatever their confidence. That of all buses is 0.
    pub fn priority(&self) -> i8 {
        self.priority
    }
}
