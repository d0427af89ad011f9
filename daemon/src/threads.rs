//! The daemon's threads: each has a name, the daemon notices its end, and the watchdog when it hangs.

use crate::clock::host_now;
use crossbeam_channel::{Receiver, Sender, unbounded};
use downbeat_protocol::HostTime;
use std::cell::RefCell;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

/// How often a thread shows at least that it lives.
pub const BEAT_EVERY: Duration = Duration::from_millis(500);

/// Pause after a panic: whatever caused it may come again.
const AGAIN: Duration = Duration::from_millis(100);

/// Threads that have not ended yet.
pub struct Threads {
    names: Vec<String>,
    tell: Sender<String>,
    ended: Receiver<String>,
    watchdog: Watchdog,
}

/// Reports the end of a thread, however it comes.
struct EndNotice {
    name: String,
    tell: Sender<String>,
}

impl Drop for EndNotice {
    fn drop(&mut self) {
        // The receiver is gone only when the process ends anyway.
        let _ = self.tell.send(std::mem::take(&mut self.name));
    }
}

impl Default for Threads {
    fn default() -> Self {
        let (tell, ended) = unbounded();
        Self { names: Vec::new(), tell, ended, watchdog: Watchdog::default() }
    }
}

impl Threads {
    /// Starts a thread of this name. Linux shows its first 15 letters. The watchdog watches it from its first
    /// [`beat`].
    pub fn start(&mut self, name: impl Into<String>, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
        let name = name.into();
        let notice = EndNotice { name: name.clone(), tell: self.tell.clone() };
        let (watchdog, watched) = (self.watchdog.clone(), name.clone());
        thread::Builder::new().name(name.clone()).spawn(move || {
            let _notice = notice;
            let _watched = watchdog.watch(watched);
            work();
        })?;
        self.names.push(name);
        Ok(())
    }

    /// What notices hung threads.
    pub fn watchdog(&self) -> &Watchdog {
        &self.watchdog
    }

    /// Gets the name of each thread that ends.
    pub fn ended(&self) -> &Receiver<String> {
        &self.ended
    }

    /// Removes a thread received from [`ended`](Self::ended).
    pub fn forget(&mut self, name: &str) {
        if let Some(place) = self.names.iter().position(|known| known == name) {
            self.names.remove(place);
        }
    }

    /// Waits at most `limit` for one to end; returns whether it did. Others that end meanwhile are reported as usual.
    pub fn wait_for(&mut self, name: &str, limit: Duration) -> bool {
        let deadline = Instant::now() + limit;
        let mut others = Vec::new();
        let mut ended = !self.names.iter().any(|known| known == name);
        while !ended {
            match self.ended.recv_deadline(deadline) {
                Ok(other) if other != name => others.push(other),
                Ok(_) => ended = true,
                Err(_) => break,
            }
        }
        others.into_iter().for_each(|other| _ = self.tell.send(other));
        // Abandoned or not: another one may have this name.
        self.forget(name);
        ended
    }

    /// Waits at most `limit` for all to end; returns those that have not.
    pub fn wait(mut self, limit: Duration) -> Vec<String> {
        let deadline = Instant::now() + limit;
        while !self.names.is_empty() {
            match self.ended.recv_deadline(deadline) {
                Ok(name) => self.forget(&name),
                Err(_) => break,
            }
        }
        self.names
    }
}

thread_local! {
    /// The heart of this thread, and the watchdog that hears it.
    static OWN: RefCell<Option<(Heart, Watchdog)>> = const { RefCell::new(None) };
}

/// Notices threads that hang. Clones share it.
#[derive(Clone, Default)]
pub struct Watchdog(Arc<Mutex<Vec<Weak<Pulse>>>>);

/// Shows that something lives: a thread, or the tasks of a runtime.
#[derive(Clone)]
pub struct Heart(Arc<Pulse>);

struct Pulse {
    name: String,
    /// The last beat, in nanoseconds of [`HostTime`]; [`RESTS`] while nothing is expected.
    last: AtomicI64,
}

/// No beat is expected: it has not begun, or does what may take long.
const RESTS: i64 = i64::MIN;

/// Tells threads of a scope to stop when it is dropped: also when the thread that waits for them panics, which would
/// otherwise wait for ever.
pub struct Stop<'a>(pub &'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}

/// Ends the watch of a thread.
pub struct Watched(());

impl Drop for Watched {
    fn drop(&mut self) {
        OWN.with_borrow_mut(Option::take);
    }
}

impl Watchdog {
    /// Those without a beat for this long.
    pub fn hung(&self, now: HostTime, patience: Duration) -> Vec<String> {
        let mut pulses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pulses.retain(|pulse| pulse.strong_count() > 0);
        let alive = pulses.iter().filter_map(Weak::upgrade);
        let late = |last: i64| last != RESTS && now > HostTime(last) + patience;
        alive.filter(|pulse| late(pulse.last.load(Relaxed))).map(|pulse| pulse.name.clone()).collect()
    }

    /// A heart of this name, watched from its first beat until it is dropped.
    pub fn heart(&self, name: impl Into<String>) -> Heart {
        let pulse = Arc::new(Pulse { name: name.into(), last: AtomicI64::new(RESTS) });
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(&pulse));
        Heart(pulse)
    }

    /// Watches the calling thread, from its first [`beat`].
    pub fn watch(&self, name: impl Into<String>) -> Watched {
        let heart = self.heart(name);
        OWN.with_borrow_mut(|own| *own = Some((heart, self.clone())));
        Watched(())
    }
}

impl Watchdog {
    /// Does a part of an edge's work on the calling thread: watched, and begun again after a panic, which is in the log
    /// by then.
    pub fn run(&self, name: &str, work: impl Fn()) {
        let _watched = self.watch(name);
        while catch_unwind(AssertUnwindSafe(&work)).is_err() {
            thread::sleep(AGAIN);
        }
    }
}

impl Heart {
    /// It lives.
    pub fn beat(&self) {
        self.0.last.store(host_now().0, Relaxed);
    }

    /// A task that shows that its runtime lives.
    pub async fn go_on_beating(self) {
        loop {
            self.beat();
            tokio::time::sleep(BEAT_EVERY).await;
        }
    }
}

/// The watchdog of the calling thread, for threads that it starts.
pub fn watchdog() -> Watchdog {
    OWN.with_borrow(|own| own.as_ref().map_or_else(Watchdog::default, |(_, watchdog)| watchdog.clone()))
}

/// The calling thread lives. Call it at least every [`BEAT_EVERY`], or not at all.
pub fn beat() {
    OWN.with_borrow(|own| own.iter().for_each(|(heart, _)| heart.beat()));
}

/// Does what may take long, such as writing to a disk, without a bark of the watchdog.
pub fn unwatched<T>(work: impl FnOnce() -> T) -> T {
    OWN.with_borrow(|own| own.iter().for_each(|(heart, _)| heart.0.last.store(RESTS, Relaxed)));
    let result = work();
    beat();
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossbeam_channel::bounded;

    #[test]
    fn whoever_does_not_end_in_time_is_named() {
        let mut threads = Threads::default();
        let (stop, stopped) = unbounded::<()>();
        threads.start("quick", || {}).expect("starts");
        threads
            .start("slow", move || {
                let _ = stopped.recv();
            })
            .expect("starts");
        assert_eq!(threads.wait(Duration::from_millis(200)), ["slow"]);
        drop(stop);
    }

    fn panics() {
        std::panic::resume_unwind(Box::new(()))
    }

    #[test]
    fn a_thread_that_panics_leaves_none_of_its_own_behind() {
        let (done, ended) = bounded(1);
        thread::spawn(move || {
            let stop = AtomicBool::new(false);
            let waits = || {
                thread::scope(|scope| {
                    let _stop = Stop(&stop);
                    scope.spawn(|| {
                        while !stop.load(Relaxed) {
                            thread::yield_now();
                        }
                    });
                    panics();
                })
            };
            let _ = done.send(catch_unwind(AssertUnwindSafe(waits)).is_err());
        });
        assert_eq!(ended.recv_timeout(Duration::from_secs(10)), Ok(true));
    }

    #[test]
    fn work_that_panics_is_begun_again_until_it_ends() {
        let times = AtomicI64::new(0);
        let work = || {
            if times.fetch_add(1, Relaxed) < 2 {
                panics();
            }
        };
        Watchdog::default().run("tcp:desk", work);
        assert_eq!(times.load(Relaxed), 3);
    }

    #[test]
    fn a_thread_that_panics_is_noticed_too() {
        let mut threads = Threads::default();
        threads.start("hop", || std::panic::resume_unwind(Box::new(()))).expect("starts");
        assert_eq!(threads.ended().recv_timeout(Duration::from_secs(5)).as_deref(), Ok("hop"));
    }

    #[test]
    fn a_thread_that_hangs_is_named_until_it_moves_or_ends() {
        let mut threads = Threads::default();
        let watchdog = threads.watchdog().clone();
        let (go, wait) = crossbeam_channel::bounded::<()>(0);
        threads
            .start("out:desk", move || {
                // Before its first beat nothing is expected of it.
                let _ = wait.recv();
                beat();
                let _ = wait.recv();
                let _ = unwatched(|| wait.recv());
                let _ = wait.recv();
            })
            .expect("starts");
        let hung = |after: u64| watchdog.hung(host_now() + Duration::from_secs(after), Duration::from_secs(2));
        let until = |after: u64, is_hung: bool| {
            let begun = Instant::now();
            while hung(after).is_empty() == is_hung {
                assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", hung(after));
                thread::yield_now();
            }
        };
        assert!(hung(60).is_empty());
        go.send(()).expect("it waits");
        until(60, true);
        assert_eq!(hung(60), ["out:desk"]);
        assert!(hung(1).is_empty(), "it has just lived");
        go.send(()).expect("it waits");
        until(60, false);
        go.send(()).expect("it waits");
        until(60, true);
        go.send(()).expect("it waits");
        assert_eq!(threads.ended().recv_timeout(Duration::from_secs(5)).as_deref(), Ok("out:desk"));
        until(60, false);
    }
}
