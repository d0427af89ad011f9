//! Notifies systemd that the node is ready, alive, or stopping. Does nothing without systemd.

use sd_notify::NotifyState;
use std::time::{Duration, Instant};

/// The service manager's view of this node.
pub struct Systemd {
    every: Option<Duration>,
    last: Instant,
}

impl Systemd {
    /// Says that the node is ready: it has something to draw with and on.
    pub fn ready() -> Self {
        tell(&[NotifyState::Ready]);
        // A third of what the watchdog allows: one late sign of life is no death.
        Self { every: sd_notify::watchdog_enabled().map(|allowed| allowed / 3), last: Instant::now() }
    }

    /// Called by the frame loop, and only by it: a picture that stands still is what the watchdog is for.
    pub fn alive(&mut self) {
        if self.every.is_some_and(|every| self.last.elapsed() >= every) {
            self.last = Instant::now();
            tell(&[NotifyState::Watchdog]);
        }
    }

    /// Says that the node ends on purpose.
    pub fn stopping(&self) {
        tell(&[NotifyState::Stopping]);
    }
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "systemd was not reached");
    }
}
