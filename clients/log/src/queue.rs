//! The queue of lines, and the thread that writes them.
//!
//! It keeps the order. When it is full, because the terminal is paused or the disk is slow, the newest line is dropped
//! and counted. A line that cannot be written counts, too. When writing works again, a line says how many are missing.

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use std::io::{ErrorKind, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

/// Maximum of waiting lines.
const WAITING: usize = 1024;
/// How long to wait for a writer that has no room at the moment: standard error may be set to not block.
const AGAIN: Duration = Duration::from_millis(20);

/// How often to say what was left out.
const SUM_UP: Duration = Duration::from_secs(60);

/// The sending end. Clones share the queue.
#[derive(Clone)]
pub struct Queue {
    lines: Sender<Item>,
    /// Lines for which there was no room.
    dropped: Arc<AtomicU64>,
    /// Lines that could not be written.
    failed: Arc<AtomicU64>,
}

enum Item {
    /// A line, and how many were dropped before it.
    Line(String, u64),
    /// The end of all lines, and how many were dropped until then.
    Flush(Sender<()>, u64),
}

impl Queue {
    /// Starts the thread that writes, and once a minute adds the texts of what was `left_out`. Without it (no memory for
    /// a thread) every line is lost and counted.
    pub fn start(writer: impl Write + Send + 'static, left_out: impl FnMut() -> Vec<String> + Send + 'static) -> Self {
        let (lines, waiting) = bounded(WAITING);
        let failed = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&failed);
        let _ = thread::Builder::new().name("log".into()).spawn(move || write(writer, &waiting, &counted, left_out));
        Self { lines, dropped: Arc::default(), failed }
    }

    /// Appends a text that ends with a newline. Never waits.
    pub fn push(&self, text: String) {
        if self.lines.try_send(Item::Line(text, self.dropped.load(Relaxed))).is_err() {
            self.dropped.fetch_add(1, Relaxed);
        }
    }

    /// Waits until everything is written, and what was left out or is missing is told, at most this long.
    pub fn flush(&self, patience: Duration) {
        let (deadline, (done, finished)) = (Instant::now() + patience, bounded(1));
        if self.lines.send_deadline(Item::Flush(done, self.dropped.load(Relaxed)), deadline).is_ok() {
            let _ = finished.recv_deadline(deadline);
        }
    }

    /// Lines lost since the start.
    pub fn lost(&self) -> u64 {
        self.dropped.load(Relaxed) + self.failed.load(Relaxed)
    }
}

fn write(
    mut writer: impl Write,
    waiting: &Receiver<Item>,
    failed: &AtomicU64,
    mut left_out: impl FnMut() -> Vec<String>,
) {
    // The lines whose loss has been written down.
    let (mut told, mut next) = (0, Instant::now() + SUM_UP);
    let mut tell_missing = |writer: &mut _, dropped: u64| {
        let lost = dropped + failed.load(Relaxed);
        if lost > told && put(writer, &format!("({} lines of the log are missing here)\n", lost - told)) {
            told = lost;
        }
    };
    loop {
        match waiting.recv_deadline(next) {
            Ok(Item::Line(line, dropped)) => {
                tell_missing(&mut writer, dropped);
                if !put(&mut writer, &line) {
                    failed.fetch_add(1, Relaxed);
                }
            }
            Ok(Item::Flush(done, dropped)) => {
                left_out().iter().for_each(|line| _ = put(&mut writer, line));
                tell_missing(&mut writer, dropped);
                let _ = done.try_send(());
            }
            Err(RecvTimeoutError::Timeout) => {
                next = Instant::now() + SUM_UP;
                left_out().iter().for_each(|line| _ = put(&mut writer, line));
            }
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// Writes a text; returns whether it worked. If only the beginning was written, the rest is lost: the next line then
/// begins in the middle of one.
fn put(writer: &mut impl Write, text: &str) -> bool {
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        match writer.write(rest) {
            Ok(0) => return false,
            Ok(written) => rest = &rest[written..],
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // Holds up this thread, and so at most this queue.
            Err(error) if error.kind() == ErrorKind::WouldBlock => thread::sleep(AGAIN),
            Err(_) => return false,
        }
    }
    writer.flush().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;
    use std::sync::Mutex;
    use std::time::Instant;

    /// A writer that fails while told to, and blocks while its gate is closed.
    #[derive(Clone, Default)]
    struct Paper {
        text: Arc<Mutex<Vec<u8>>>,
        full: Arc<Mutex<bool>>,
        gate: Arc<Mutex<()>>,
    }

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _open = self.gate.lock().expect("a gate");
            if *self.full.lock().expect("a flag") {
                return Err(ErrorKind::StorageFull.into());
            }
            self.text.lock().expect("a text").extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Paper {
        fn read(&self) -> String {
            String::from_utf8(self.text.lock().expect("a text").clone()).expect("text")
        }

        /// The lines that are missing by what is written, in one place or several.
        fn missing(&self) -> u64 {
            let told = |line: &str| line.strip_prefix('(')?.split(' ').next()?.parse::<u64>().ok();
            self.read().lines().filter_map(told).sum()
        }
    }

    #[test]
    fn a_writer_that_is_stuck_holds_up_nobody_and_the_missing_lines_are_counted() {
        let paper = Paper::default();
        let closed = paper.gate.lock().expect("a gate");
        let queue = Queue::start(paper.clone(), Vec::new);
        let begun = Instant::now();
        (0..3000).for_each(|number| queue.push(format!("{number}\n")));
        queue.flush(Duration::from_millis(10));
        assert!(begun.elapsed() < Duration::from_secs(5), "it waited");
        // One line is in the hands of the writer, which may have come for it late.
        let lost = queue.lost();
        assert!((3000 - WAITING as u64 - 1..=3000 - WAITING as u64).contains(&lost), "{lost}");
        drop(closed);
        queue.flush(Duration::from_secs(5));
        queue.push("last\n".into());
        queue.flush(Duration::from_secs(5));
        let text = paper.read();
        assert_eq!(paper.missing(), lost, "{text}");
        assert!(text.ends_with("last\n"));
    }

    #[test]
    fn what_is_missing_at_the_end_is_told_at_the_end() {
        let paper = Paper::default();
        let left_out = || vec!["left out 1177 lines, the last: bad\n".to_owned()];
        let queue = Queue::start(paper.clone(), left_out);
        let closed = paper.gate.lock().expect("a gate");
        (0..2 * WAITING).for_each(|_| queue.push("bad\n".into()));
        let lost = queue.lost();
        assert!(lost > 0);
        drop(closed);
        queue.flush(Duration::from_secs(60));
        let text = paper.read();
        assert!(text.contains("left out 1177 lines, the last: bad\n"), "{text}");
        assert_eq!(paper.missing(), lost, "{text}");
    }

    #[test]
    fn a_full_disk_costs_lines_and_nothing_else() {
        let paper = Paper::default();
        let queue = Queue::start(paper.clone(), Vec::new);
        *paper.full.lock().expect("a flag") = true;
        (0..10).for_each(|number| queue.push(format!("{number}\n")));
        queue.flush(Duration::from_secs(5));
        assert_eq!(queue.lost(), 10);
        *paper.full.lock().expect("a flag") = false;
        queue.push("again\n".into());
        queue.flush(Duration::from_secs(5));
        assert_eq!(paper.read(), "(10 lines of the log are missing here)\nagain\n");
    }
}
