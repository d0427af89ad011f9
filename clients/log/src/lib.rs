//! The log of every program.
//!
//! A terminal that is paused with Ctrl-S or stops what writes in the background, a reader that has gone, or a full disk
//! must not stop a show. So a line goes into a bounded [`queue`], and a thread of its own writes it: what does not fit is
//! dropped and counted. What comes from outside cannot forge a line ([`text`]), and cannot fill the disk ([`limit`]).
//! What the service manager is told waits for nobody either ([`notify`]).
//!
//! `tracing-appender` has such a queue too, but prints to standard output when it is dropped while its writer is stuck,
//! which blocks on the same terminal.

mod layer;
pub mod limit;
mod output;
mod panic;
pub mod queue;
mod service;
mod standard_error;
pub mod text;

use layer::Lines;
use limit::Limit;
use queue::Queue;
use std::io::{IsTerminal, Write, stderr};
use std::os::unix::fs::MetadataExt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

pub use layer::EVERY;
pub use output::print;
pub use service::notify;
pub use text::one_line;

/// How long a program waits at its end for its last lines to be written.
const GOODBYE: Duration = Duration::from_millis(200);

/// The queue of this process.
static QUEUE: OnceLock<Queue> = OnceLock::new();

/// What a program logs.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The environment variable with the filter, as `info` or `warn,downbeatd=debug`.
    pub variable: &'static str,
    /// The filter without it.
    pub filter: &'static str,
    /// Whether lines begin with the time. The journal has its own.
    pub times: bool,
}

/// Logs until it is dropped. Keep it in `main`: it gives the last lines a moment to be written, and tells what was left
/// out.
#[must_use = "the log ends when this is dropped"]
pub struct Log(());

impl Drop for Log {
    fn drop(&mut self) {
        flush();
    }
}

/// Gives the last lines a moment to be written, for a program that ends without leaving `main`.
pub fn flush() {
    if let Some(queue) = QUEUE.get() {
        queue.flush(GOODBYE);
    }
}

/// Starts the log of this process, to standard error. Panics of threads go there, too. Only the first call counts.
pub fn start(settings: Settings) -> Log {
    standard_error::stop_for_no_terminal();
    let journal = is_journal();
    let style = layer::Style {
        times: settings.times && !journal,
        colours: stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none(),
        priorities: journal,
    };
    let limit = Arc::new(Mutex::new(Limit::default()));
    let asked = Arc::clone(&limit);
    let left_out = move || {
        let lines = asked.lock().unwrap_or_else(PoisonError::into_inner).left_out();
        lines.iter().filter_map(|line| style.dress(tracing::Level::WARN, line).ok()).collect()
    };
    let queue = QUEUE.get_or_init(|| Queue::start(standard_error::take(), left_out));
    let filter = EnvFilter::try_from_env(settings.variable).unwrap_or_else(|_| EnvFilter::new(settings.filter));
    // Another log can only have been started in a test.
    let _ = tracing_subscriber::registry().with(filter).with(Lines::new(queue.clone(), style, limit)).try_init();
    panic::log_panics();
    Log(())
}

/// Whether standard error is the journal, which has its own times, and reads a priority from the beginning of a line
/// (sd-daemon(3), `JOURNAL_STREAM` in systemd.exec(5)).
fn is_journal() -> bool {
    let Ok(stream) = std::env::var("JOURNAL_STREAM") else { return false };
    std::fs::metadata(standard_error::PATH).is_ok_and(|file| stream == format!("{}:{}", file.dev(), file.ino()))
}

/// Writes a line as it is to standard error: whether a program is ready, or why it ends. Never fails, and never blocks
/// once the log has started.
pub fn say(line: &str) {
    match QUEUE.get() {
        Some(queue) => queue.push(format!("{line}\n")),
        None => drop(writeln!(stderr(), "{line}")),
    }
}

/// Lines lost since the start, because they could not be written in time.
pub fn lost() -> u64 {
    QUEUE.get().map_or(0, Queue::lost)
}
