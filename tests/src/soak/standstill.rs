//! When the machine itself stood still, or was so busy that nothing of the rig could have been on time.

use crate::host_now_ns;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often it looks at the clock.
const LOOK: Duration = Duration::from_millis(5);
/// A gap of so much is noted: a cycle of JACK at 512 samples is a third of it.
const NOTED_NS: i64 = 30_000_000;
/// Above every thread of the rig (`SCHED_FIFO`, sched(7)): what holds this thread up holds up all of them.
const PRIORITY: i32 = 95;

type Spans = Arc<Mutex<Vec<(i64, i64)>>>;

/// A thread that does nothing but look at the clock.
pub struct Standstill {
    spans: Spans,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Standstill {
    /// Starts it.
    pub fn watch() -> Self {
        let (spans, stop) = (Spans::default(), Arc::<AtomicBool>::default());
        let (into, until) = (Arc::clone(&spans), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            let parameter = libc::sched_param { sched_priority: PRIORITY };
            // Without the right to do it, it looks as an ordinary thread, and sees more.
            #[expect(unsafe_code, reason = "nix knows no scheduling policies; the parameter lives through the call")]
            let _ = unsafe { libc::sched_setscheduler(0, libc::SCHED_FIFO, &raw const parameter) };
            let mut last = host_now_ns();
            while !until.load(Relaxed) {
                std::thread::sleep(LOOK);
                let now = host_now_ns();
                if now - last > NOTED_NS {
                    into.lock().unwrap_or_else(PoisonError::into_inner).push((last, now));
                }
                last = now;
            }
        });
        Self { spans, stop, thread: Some(thread) }
    }

    /// From when to when nothing could run, in [`host_now_ns`].
    pub fn spans(&self) -> Vec<(i64, i64)> {
        self.spans.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Standstill {
    fn drop(&mut self) {
        self.stop.store(true, Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
