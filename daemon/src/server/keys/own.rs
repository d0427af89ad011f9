//! The daemon's own key, its known peers, and devices waiting to pair.

use super::codes::Codes;
use super::passes::Passes;
use super::waiting::Waiting;
use downbeat_peer::identity::{Acquaintances, Identity, KeyFolder, PEERS};
use std::sync::Arc;

/// This daemon's identity and its peers. Clones share it.
#[derive(Clone, Debug)]
pub struct Keys {
    /// Its own key.
    pub identity: Arc<Identity>,
    /// Its paired peers.
    pub known: Acquaintances,
    /// Devices that show a code.
    pub waiting: Waiting,
    /// Valid codes for browsers.
    pub codes: Codes,
    /// What links to layouts carry.
    pub passes: Passes,
}

impl Keys {
    /// From a folder; the default one if empty. What cannot be used, because it is damaged or others may read it, is
    /// returned as messages: without its own key the daemon has one for this run, and without the list of its peers it
    /// knows none until that is mended.
    pub fn load(folder: &str) -> (Self, Vec<String>) {
        let folder = KeyFolder::find(folder);
        let mut troubles = Vec::new();
        let keys = match Identity::load(&folder, "daemon") {
            Ok(identity) => {
                if identity.is_new() && identity.is_kept() {
                    tracing::warn!(
                        "show.keys: no key was in {}, so a new one was made. At a first start that is right. Otherwise its disk was \
                         not mounted yet: mount it and restart the daemon; nodes that know the old key refuse this one",
                        folder.file("").display()
                    );
                }
                Self::new(identity)
            }
            Err(error) => {
                troubles.push(format!("{error}; then restart the daemon"));
                Self::passing()
            }
        };
        let known = Acquaintances::load(&folder, PEERS);
        troubles.extend(known.trouble());
        (Self { known, ..keys }, troubles)
    }

    /// For this run only, without known peers.
    ///
    /// # Panics
    /// If the system has no random numbers.
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
