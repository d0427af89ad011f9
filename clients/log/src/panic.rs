//! Panics go to the log: the standard hook writes to the terminal itself, and blocks with it.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::{PanicHookInfo, set_hook};
use std::thread;

/// Logs the panic of any thread from now on.
pub fn log_panics() {
    set_hook(Box::new(|info| {
        let thread = thread::current();
        let name = thread.name().unwrap_or("without a name");
        let place = info.location().map_or_else(String::new, |place| format!(" at {place}"));
        tracing::error!("the thread {name} panicked{place}: {}; this is a bug in Downbeat", reason(info));
        let trace = Backtrace::capture();
        if trace.status() == BacktraceStatus::Captured {
            crate::say(&trace.to_string());
        }
    }));
}

fn reason<'a>(info: &'a PanicHookInfo<'_>) -> &'a str {
    let payload = info.payload();
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("no reason given")
}
