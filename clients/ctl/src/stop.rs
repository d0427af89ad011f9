//! Ctrl-C and `kill`, as a flag that long work polls.
//!
//! Work may be stuck where it polls nothing: in a write to a paused terminal or to a pipe that nobody reads, which the
//! signal does not interrupt for good, or in a read from a share that has gone. So time ends the process, too.

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::{flag, low_level};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

/// How long the process may take to end by itself.
const GOODBYE: Duration = Duration::from_secs(1);
/// The exit status of what was cancelled.
const CANCELLED: i32 = 130;

/// Whether to stop. A second Ctrl-C ends the process at once, and the first one after a second.
#[derive(Clone, Default)]
pub struct Stop {
    asked: Arc<AtomicBool>,
}

impl Stop {
    /// Listens for the signals from now on.
    ///
    /// # Errors
    /// If the system refuses the handlers.
    pub fn listen() -> std::io::Result<Self> {
        Self::listen_and(|| ())
    }

    /// The same, and `leave`s before time ends the process. It must not wait for what may be stuck.
    ///
    /// # Errors
    /// If the system refuses the handlers, or a thread.
    pub fn listen_and(leave: impl FnOnce() + Send + 'static) -> std::io::Result<Self> {
        let stop = Self::default();
        for signal in [SIGINT, SIGTERM] {
            flag::register_conditional_shutdown(signal, CANCELLED, Arc::clone(&stop.asked))?;
            flag::register(signal, Arc::clone(&stop.asked))?;
        }
        let mut signals = Signals::new([SIGINT, SIGTERM])?;
        let wait = move || {
            if signals.forever().next().is_some() {
                thread::sleep(GOODBYE);
                leave();
                low_level::exit(CANCELLED);
            }
        };
        thread::Builder::new().name("signals".into()).spawn(wait)?;
        Ok(stop)
    }

    /// Whether a stop was requested.
    pub fn asked(&self) -> bool {
        self.asked.load(Relaxed)
    }
}
