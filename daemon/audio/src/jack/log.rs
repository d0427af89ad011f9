//! Redirects libjack's output from standard error to the daemon's log.

use std::{
    ffi::{CStr, c_char},
    sync::Once,
};

/// Redirects libjack's messages to the log. libjack must be loaded.
pub(super) fn divert() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| ::jack::set_logger(::jack::LoggerType::Custom { info: log, error: log }));
}

/// At the lowest level: libjack reports a missing server as an error, four times a second, and the supervisor logs
/// everything important. With a real-time server, libjack never calls this from a real-time thread (it passes such
/// messages to its own thread).
#[expect(unsafe_code, reason = "libjack's type for a logging function")]
unsafe extern "C" fn log(message: *const c_char) {
    if message.is_null() {
        return;
    }
    // SAFETY: libjack passes a terminated string that lives as long as the call.
    let message = unsafe { CStr::from_ptr(message) }.to_string_lossy();
    tracing::debug!(target: "libjack", "{}", message.trim_end());
}
