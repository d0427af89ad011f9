//! Notifies systemd that the node is ready, alive, or stopping. Does nothing without systemd.

use sd_notify::NotifyState;
use std::time::{Duration, Instant};

/// The service manager's view of this node.
pub struct Systemd {
    every: Option<Duration>,
    last: Instant,
}

impl Systemd {
    /// Notifies systemd that the node is ready: its adapter and display are open, and a window shows its first picture.
    pub fn ready() -> Self {
        tell(&[NotifyState::Ready]);
        // A third of the watchdog's time: one late notification must not end the node.
        Self { every: sd_notify::watchdog_enabled().map(|allowed| allowed / 3), last: Instant::now() }
    }

    /// Called only by the frame loop: the watchdog is for a picture that stands still.
    pub fn alive(&mut self) {
        if self.every.is_some_and(|every| self.last.elapsed() >= every) {
            self.last = Instant::now();
            tell(&[NotifyState::Watchdog]);
        }
    }

    /// Notifies systemd that the node stops on purpose.
    pub fn stopping(&self) {
        tell(&[NotifyState::Stopping]);
    }
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "systemd was not reached");
    }
}
