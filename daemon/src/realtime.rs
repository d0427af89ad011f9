//! Elevated scheduling for the hop thread.

/// The hop thread's priority: above everything ordinary, below the audio server's threads (JACK uses 10 by default).
const PRIORITY: i32 = 5;

/// Asks the system to run the calling thread before all ordinary ones (`SCHED_FIFO`).
///
/// Fails without permission: `LimitRTPRIO=` in the unit, or an entry in `/etc/security/limits.d`.
pub fn elevate() -> std::io::Result<()> {
    let parameters = libc::sched_param { sched_priority: PRIORITY };
    // SAFETY: `parameters` is valid for reading; 0 is the calling thread.
    #[expect(unsafe_code, reason = "the standard library cannot set a thread's scheduling")]
    let result = unsafe { libc::sched_setscheduler(0, libc::SCHED_FIFO | libc::SCHED_RESET_ON_FORK, &parameters) };
    if result == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
}
