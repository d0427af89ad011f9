//! The daemon's threads: each has a name, and the daemon notices its end.

use crossbeam_channel::{Receiver, Sender, unbounded};
use std::io;
use std::thread;
use std::time::{Duration, Instant};

/// Threads that have not ended yet.
pub struct Threads {
    names: Vec<String>,
    tell: Sender<String>,
    ended: Receiver<String>,
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
        Self { names: Vec::new(), tell, ended }
    }
}

impl Threads {
    /// Starts a thread of this name. Linux shows its first 15 letters.
    pub fn start(&mut self, name: impl Into<String>, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
        let name = name.into();
        let notice = EndNotice { name: name.clone(), tell: self.tell.clone() };
        thread::Builder::new().name(name.clone()).spawn(move || {
            let _notice = notice;
            work();
        })?;
        self.names.push(name);
        Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn a_thread_that_panics_is_noticed_too() {
        let mut threads = Threads::default();
        threads.start("hop", || std::panic::resume_unwind(Box::new(()))).expect("starts");
        assert_eq!(threads.ended().recv_timeout(Duration::from_secs(5)).as_deref(), Ok("hop"));
    }
}
