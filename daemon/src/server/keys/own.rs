//! The daemon's own key, its known peers, and devices waiting to pair.

use super::codes::Codes;
use super::passes::Passes;
use super::waiting::Waiting;
use downbeat_peer::identity::{Acquaintances, Identity, KeyFolder, PEERS};
use std::sync::Arc;

/// Who this daemon is and whom it serves. Clones share it.
#[derive(Clone, Debug)]
pub struct Keys {
    /// Its own key.
    pub identity: Arc<Identity>,
    /// Who is paired with it.
    pub known: Acquaintances,
    /// Who shows a code.
    pub waiting: Waiting,
    /// The codes that browsers may come in by.
    pub codes: Codes,
    /// What links to layouts carry.
    pub passes: Passes,
}

impl Keys {
    /// Those in a folder; the usual one when it is empty.
    ///
    /// # Errors
    /// In words: a file that others may read, or that makes no sense.
    pub fn load(folder: &str) -> Result<Self, String> {
        let folder = KeyFolder::find(folder);
        let identity = Identity::load(&folder, "daemon").map_err(|error| error.to_string())?;
        let known = Acquaintances::load(&folder, PEERS)?;
        Ok(Self { known, ..Self::new(identity) })
    }

    /// For as long as this program runs; nobody is known.
    ///
    /// # Panics
    /// Where the system has no random numbers.
    pub fn passing() -> Self {
        let identity = Identity::new().unwrap_or_else(|error| unreachable!("a key of the usual kind: {error}"));
        Self::new(identity)
    }

    fn new(identity: Identity) -> Self {
        Self {
            identity: Arc::new(identity),
            known: Acquaintances::none(),
            waiting: Waiting::default(),
            codes: Codes::default(),
            passes: Passes::default(),
        }
    }
}
