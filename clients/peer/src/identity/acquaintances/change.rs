//! Changes that are on their way to the file (pure).

use super::{Acquaintance, MOST};

/// What is to become of the known peers.
#[derive(Clone, Debug)]
pub(super) enum Change {
    /// One more, in place of one with the same key, or of the oldest if there are too many.
    Add(Acquaintance),
    /// All with this name, or with a fingerprint that begins like this, go.
    Remove(String),
}

impl Change {
    /// Carries it out. Returns how many it was asked to remove.
    fn carry_out(&self, peers: &mut Vec<Acquaintance>) -> usize {
        match self {
            Self::Add(peer) => {
                peers.retain(|known| known.fingerprint != peer.fingerprint);
                let over = (peers.len() + 1).saturating_sub(MOST);
                peers.drain(..over);
                peers.push(peer.clone());
                0
            }
            Self::Remove(name) => {
                let before = peers.len();
                let by_key = |peer: &Acquaintance| name.len() >= 8 && peer.fingerprint.to_string().starts_with(name);
                peers.retain(|peer| peer.name != *name && !by_key(peer));
                before - peers.len()
            }
        }
    }
}

/// Changes that hold already, although the file does not say so yet: its disk may take long.
#[derive(Debug, Default)]
pub(super) struct Pending {
    /// In their order, each with its ticket and with how many it has removed.
    changes: Vec<(u64, Change, usize)>,
    tickets: u64,
}

impl Pending {
    /// A change holds from now on. Returns its ticket.
    pub fn begin(&mut self, change: Change, peers: &mut Vec<Acquaintance>) -> u64 {
        let removed = change.carry_out(peers);
        self.tickets += 1;
        self.changes.push((self.tickets, change, removed));
        self.tickets
    }

    /// Carries all out once more, in what a file says.
    pub fn carry_out(&mut self, peers: &mut Vec<Acquaintance>) {
        for (_, change, removed) in &mut self.changes {
            // The file may have had more of them.
            *removed = change.carry_out(peers).max(*removed);
        }
    }

    /// A change is in the file, or cannot be. Returns how many it has removed.
    pub fn end(&mut self, ticket: u64) -> usize {
        let place = self.changes.iter().position(|(of, ..)| *of == ticket);
        place.map_or(0, |place| self.changes.remove(place).2)
    }
}
