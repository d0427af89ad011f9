//! Leaving a JACK server, dead or alive.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

use super::link::Link;

/// Time to close before a warning.
const USUAL: Duration = Duration::from_secs(1);

/// Time for libjack's threads to leave our callbacks.
const SETTLE: Duration = Duration::from_millis(20);

/// Closes a client on its own thread and waits for the end, or for shutdown.
///
/// libjack ends its threads by `pthread_cancel`, asynchronously, and cancelling a thread inside Rust code aborts the
/// process. It waits for the end of a cycle first, but not if the server has died. So the shutdown callback that woke
/// us gets a moment to return.
///
/// Closing asks the server, and blocks forever if that hangs. Abandoning the client is not an option: jackd2's libjack
/// maps the server's memory once per process and releases it with the last client; a new client beside an abandoned one
/// would see the memory of the dead server. So it must wait.
pub(super) fn close<T: Send + 'static>(client: T, link: &Link) {
    thread::sleep(SETTLE);
    let closed = Arc::new(AtomicBool::new(false));
    let (theirs, supervisor) = (Arc::clone(&closed), Arc::clone(&link.supervisor));
    let spawned = thread::Builder::new().name("jack-close".to_owned()).spawn(move || {
        drop(client);
        theirs.store(true, Relaxed);
        supervisor.notify();
    });
    if spawned.is_err() {
        // The closure, and the client in it, has been dropped on this thread.
        return;
    }
    let begun = Instant::now();
    let mut has_complained = false;
    loop {
        let seen = link.supervisor.seen();
        if closed.load(Relaxed) || (has_complained && link.quit.load(Relaxed)) {
            return;
        }
        if !has_complained && begun.elapsed() >= USUAL {
            has_complained = true;
            let text = "libjack hangs while leaving its server: restart that server";
            tracing::warn!("{text}");
            link.status().text = text.to_owned();
        }
        link.supervisor.wait(seen, USUAL);
    }
}
