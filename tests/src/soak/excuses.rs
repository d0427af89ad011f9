//! Which faults excuse what, and when.

use std::sync::{Arc, Mutex, PoisonError};

/// A part of the rig that a fault is felt at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The music does not come in: no output has anything to send.
    Audio,
    /// Another daemon takes the lead.
    Lead,
    /// What the desk gets.
    Desk,
    /// What the media server gets.
    Media,
    /// What the MIDI machine gets.
    Midi,
    /// What a node draws.
    Node(usize),
    /// What the tablet is told by a daemon.
    Tablet(usize),
}

/// A fault that is felt at a part for a time, in nanoseconds of the host.
#[derive(Clone, Debug)]
struct Excuse {
    part: Part,
    from: i64,
    to: i64,
}

/// All of them.
#[derive(Clone, Default)]
pub struct Excuses(Arc<Mutex<Vec<Excuse>>>);

impl Excuses {
    /// From now on this part is concerned. Gives the number for [`end`](Self::end).
    pub fn begin(&self, part: Part, from: i64) -> usize {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(Excuse { part, from, to: i64::MAX });
        all.len() - 1
    }

    /// The part has to be right again from a moment on.
    pub fn end(&self, number: usize, at: i64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)[number].to = at;
    }

    /// Whether any of these parts is concerned in a span of time.
    pub fn cover(&self, parts: &[Part], from: i64, to: i64) -> bool {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().any(|it| parts.contains(&it.part) && it.from <= to && from <= it.to)
    }
}
