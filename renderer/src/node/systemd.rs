//! Notifies systemd that the node is ready, alive, or stopping. Does nothing without systemd.

use sd_notify::NotifyState;
use std::ffi::OsStr;
use std::time::{Duration, Instant};

/// The service manager's view of this node.
pub struct Systemd {
    /// Whether it has been told that the node is ready.
    told: bool,
    every: Option<Duration>,
    last: Instant,
}

impl Systemd {
    /// Notifies systemd that the node is ready: its adapter and display are open, and a window shows its first picture.
    pub fn ready() -> Self {
        let told = tell(&[NotifyState::Ready]);
        // A third of the watchdog's time: one late notification must not end the node.
        Self { told, every: sd_notify::watchdog_enabled().map(|allowed| allowed / 3), last: Instant::now() }
    }

    /// Whether this process is a service of systemd, which starts it again if it ends.
    pub fn is_service() -> bool {
        let main = std::env::var("SYSTEMD_EXEC_PID").ok();
        is_main(std::env::var_os("NOTIFY_SOCKET").as_deref(), main.as_deref(), std::process::id())
    }

    /// Called only by the frame loop and by a node that rests: the watchdog is for a picture that stands still.
    pub fn alive(&mut self) {
        // A node that systemd never heard of as ready would be ended.
        self.told = self.told || tell(&[NotifyState::Ready]);
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

/// Whether the process with this number is the one that systemd has started, and not something that was started by it: the
/// variables are handed down.
fn is_main(socket: Option<&OsStr>, main: Option<&str>, number: u32) -> bool {
    let is_it = main.is_none_or(|main| main.parse::<u32>() == Ok(number));
    is_it && socket.is_some_and(|socket| !socket.is_empty())
}

/// False if systemd has no room for it at the moment. Drawing does not wait for that.
fn tell(states: &[NotifyState<'_>]) -> bool {
    downbeat_log::notify(states).unwrap_or_else(|error| {
        tracing::debug!(%error, "systemd was not reached");
        true
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_systemd_itself_has_started_is_its_service() {
        let socket = Some(OsStr::new("/run/systemd/notify"));
        assert!(is_main(socket, Some("7"), 7));
        assert!(is_main(socket, None, 7), "before systemd 248");
        assert!(!is_main(socket, Some("6"), 7), "started by hand in a session that is a service");
        assert!(!is_main(None, Some("7"), 7) && !is_main(Some(OsStr::new("")), None, 7));
    }
}
