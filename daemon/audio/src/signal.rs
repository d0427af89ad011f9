//! Wakes another thread from code that must not block.

use std::{
    ptr,
    sync::atomic::{AtomicU32, Ordering::SeqCst},
    time::Duration,
};

/// An event counter on which a thread can sleep until it changes.
///
/// The standard library's condition variable needs a lock on the notifying side, and its `unpark` needs to know the
/// thread. This is a bare futex: `futex(2)`.
#[derive(Debug, Default)]
pub(crate) struct Signal {
    count: AtomicU32,
    waiting: AtomicU32,
}

impl Signal {
    /// Counts an event and wakes the sleeper. Realtime-safe: yes (at most one system call, which never waits).
    pub(crate) fn notify(&self) {
        // Sequentially consistent, as the waiter mirrors it: it announces itself, then the kernel compares the count.
        // So either we see it waiting here, or it sees the new count there.
        self.count.fetch_add(1, SeqCst);
        if self.waiting.load(SeqCst) > 0 {
            self.wake();
        }
    }

    /// The number of events so far: read it, check for changes, then [`wait`](Self::wait) with it.
    pub(crate) fn seen(&self) -> u32 {
        self.count.load(SeqCst)
    }

    /// Sleeps until there is an event not in `seen`, at most for `timeout`. May wake without reason.
    pub(crate) fn wait(&self, seen: u32, timeout: Duration) {
        self.waiting.fetch_add(1, SeqCst);
        self.sleep(seen, timeout);
        self.waiting.fetch_sub(1, SeqCst);
    }

    #[expect(unsafe_code, reason = "the standard library has no bare futex")]
    fn wake(&self) {
        let operation = libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG;
        // SAFETY: the address is that of a live, aligned 32-bit word; FUTEX_WAKE uses no other argument.
        unsafe {
            libc::syscall(libc::SYS_futex, self.count.as_ptr(), operation, i32::MAX);
        }
    }

    #[expect(unsafe_code, reason = "the standard library has no bare futex")]
    fn sleep(&self, seen: u32, timeout: Duration) {
        let timeout = libc::timespec {
            tv_sec: libc::time_t::try_from(timeout.as_secs()).unwrap_or(libc::time_t::MAX),
            tv_nsec: timeout.subsec_nanos().into(),
        };
        let operation = libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG;
        // SAFETY: both addresses are live for the call; the kernel only reads them.
        unsafe {
            libc::syscall(libc::SYS_futex, self.count.as_ptr(), operation, seen, ptr::from_ref(&timeout));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, thread, time::Instant};

    use super::*;

    #[test]
    fn a_notification_between_looking_and_waiting_is_not_missed() {
        let signal = Signal::default();
        let seen = signal.seen();
        signal.notify();
        let begun = Instant::now();
        signal.wait(seen, Duration::from_secs(10));
        assert!(begun.elapsed() < Duration::from_secs(5));
    }

    #[test]
    fn a_sleeper_is_woken_and_otherwise_sleeps_for_its_time() {
        let signal = Arc::new(Signal::default());
        let begun = Instant::now();
        signal.wait(signal.seen(), Duration::from_millis(30));
        assert!(begun.elapsed() >= Duration::from_millis(30));

        let other = Arc::clone(&signal);
        let seen = signal.seen();
        let waker = thread::spawn(move || other.notify());
        while signal.seen() == seen {
            signal.wait(seen, Duration::from_secs(10));
        }
        waker.join().unwrap();
        assert!(begun.elapsed() < Duration::from_secs(5));
    }
}
