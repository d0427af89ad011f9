//! What may hang, such as a file on a share that has gone, on a thread of its own: whoever asked goes on.

use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError, sync_channel};
use std::thread::Builder;
use std::time::Duration;

/// Work on a thread of its own. Dropped before it is done, its result is dropped, too.
pub(super) struct Aside<T>(Receiver<T>);

impl<T: Send + 'static> Aside<T> {
    /// Starts work on the thread `read`; none without a thread.
    pub fn start(work: impl FnOnce() -> T + Send + 'static) -> Option<Self> {
        let (done, result) = sync_channel(1);
        let thread = Builder::new().name("read".into()).spawn(move || drop(done.send(work())));
        thread.is_ok().then_some(Self(result))
    }

    /// Whether there is a result, or there will be none. A result is dropped.
    pub fn is_done(&self) -> bool {
        !matches!(self.0.try_recv(), Err(TryRecvError::Empty))
    }

    /// The result, if it comes in time; else the work goes on.
    ///
    /// # Errors
    /// The work itself, or none if it has died.
    pub fn wait(self, at_most: Duration) -> Result<T, Option<Self>> {
        self.0.recv_timeout(at_most).map_err(|error| match error {
            RecvTimeoutError::Timeout => Some(self),
            RecvTimeoutError::Disconnected => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hangs_is_left_and_asked_again_later() {
        let (go, gone) = sync_channel::<()>(0);
        let work = Aside::start(move || gone.recv().is_ok()).expect("a thread");
        let Err(Some(work)) = work.wait(Duration::from_millis(1)) else { panic!("it cannot be done") };
        assert!(!work.is_done());
        go.send(()).expect("it waits");
        assert!(matches!(work.wait(Duration::from_secs(20)), Ok(true)));
        let dies = Aside::start(|| -> () { std::panic::resume_unwind(Box::new(())) }).expect("a thread");
        assert!(matches!(dies.wait(Duration::from_secs(20)), Err(None)));
    }
}
