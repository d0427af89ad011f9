//! What uses the file, for those who must not wait for its disk: on a thread of its own.

use super::{Acquaintance, Acquaintances, FolderError};
use std::time::Duration;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

/// How long a change may take to be stored before whoever asked is told that its disk hangs: longer than a lock is
/// waited for.
const PATIENCE: Duration = Duration::from_secs(4);

impl Acquaintances {
    /// As [`add`](Self::add): the peer is known at once, and only this call waits until it is stored, for a few
    /// seconds. Needs a runtime with time.
    ///
    /// # Errors
    /// As there; or the disk hangs.
    pub async fn add_aside(&self, peer: Acquaintance) -> Result<(), FolderError> {
        self.aside(move |known| known.add(peer)).await
    }

    /// As [`remove`](Self::remove): the peers are unknown at once, and only this call waits until that is stored, for
    /// a few seconds. Needs a runtime with time.
    ///
    /// # Errors
    /// As there; or the disk hangs.
    pub async fn remove_aside(&self, name: String) -> Result<usize, FolderError> {
        self.aside(move |known| known.remove(&name)).await
    }

    /// As [`reload`](Self::reload): it may take as long as the disk likes. Needs a runtime.
    ///
    /// # Errors
    /// As there.
    pub async fn reload_aside(&self) -> Result<(), String> {
        if self.0.place.is_none() {
            return Ok(());
        }
        let known = self.clone();
        // A panic is in the log by then, and the next look may go well.
        spawn_blocking(move || known.reload()).await.unwrap_or(Ok(()))
    }

    async fn aside<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Self) -> Result<T, FolderError> + Send + 'static,
    ) -> Result<T, FolderError> {
        let Some((folder, name)) = &self.0.place else { return change(self) };
        let known = self.clone();
        match timeout(PATIENCE, spawn_blocking(move || change(&known))).await {
            Ok(Ok(stored)) => stored,
            // It goes on without us.
            Ok(Err(_)) | Err(_) => Err(FolderError::Hangs { path: folder.file(name).display().to_string() }),
        }
    }
}
