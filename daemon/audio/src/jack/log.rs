//! Redirects libjack's output from standard error to the daemon's log.

use std::{
    ffi::{CStr, c_char},
    sync::Once,
};

/// Directs libjack's messages into the log. libjack must have been loaded.
pub(super) fn divert() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| ::jack::set_logger(::jack::LoggerType::Custom { info: log, error: log }));
}

/// At the lowest level that is kept: libjack calls it an error that there is no server, four times a second. What
/// matters of all this, the supervisor says itself. With a real-time server, libjack never calls this from a real-time
/// thread (it hands such messages to a thread of its own).
#[expect(unsafe_code, reason = "libjack's type for a logging function")]
unsafe extern "C" fn log(message: *const c_char) {
    if message.is_null() {
        return;
    }
    // SAFETY: libjack passes a terminated string that lives as long as the call.
    let message = unsafe { CStr::from_ptr(message) }.to_string_lossy();
    tracing::debug!(target: "libjack", "{}", message.trim_end());
}
