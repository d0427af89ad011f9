//! A log of every frame handed over, for measuring a wall afterwards.
//!
//! Comma-separated values with a line of titles:
//!
//! | column | what |
//! |---|---|
//! | `frame` | its number |
//! | `moment_ns` | the show time that it shows |
//! | `handed_ns` | the show time at which it was handed over to the display |
//! | `host_ns` | the same by `CLOCK_MONOTONIC` of this machine |
//! | `made_of` | the fingerprint of its inputs, 16 hexadecimal digits; empty if they were incomplete |
//! | `luma` | the fingerprint of its luma; empty if pictures are not read back |
//! | `brightness` | its mean luma, `[0, 255]`; empty if pictures are not read back |

mod paper;
mod sheet;

use super::NodeError;
use paper::{Paper, Place};
use sheet::Sheet;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

/// Maximum lines waiting for the thread: a slow disk costs lines, not memory.
const WAITING: usize = 4_096;
/// How long a node waits at its end for the last lines: a disk may hang for ever.
const GOODBYE: Duration = Duration::from_millis(500);

/// One line.
#[derive(Clone, Debug, Default)]
pub struct Line {
    pub frame: i64,
    pub moment_ns: i64,
    pub handed_ns: i64,
    pub host_ns: i64,
    pub made_of: Option<u64>,
    /// Luma's fingerprint and mean.
    pub seen: Option<(u64, f64)>,
}

/// Opens and writes on its own thread, `frames-log`, so that drawing never waits for a disk.
pub struct FramesLog {
    queue: Option<SyncSender<Line>>,
    lost: Arc<AtomicU64>,
    name: String,
    /// Closed when the thread has ended.
    ended: Receiver<()>,
}

impl FramesLog {
    /// Creates or overwrites a file, as soon as that is possible. Until then, the log says that it is not: the wall matters
    /// more than a measurement of it. Goes on with it after its disk was out, or with a new one once it was moved away.
    ///
    /// # Errors
    /// [`NodeError::Thread`].
    pub fn start(path: &Path) -> Result<Self, NodeError> {
        let (file, mut begun) = (path.to_owned(), false);
        let open = move || {
            let opened = if begun { Place::again(&file) } else { Place::create(&file) };
            begun = begun || opened.is_ok();
            opened
        };
        Self::with(path, open)
    }

    fn with<P: Paper>(path: &Path, open: impl FnMut() -> io::Result<P> + Send + 'static) -> Result<Self, NodeError> {
        let (queue, lines) = sync_channel(WAITING);
        let (alive, ended) = sync_channel(0);
        let lost = Arc::new(AtomicU64::new(0));
        let (counted, path) = (Arc::clone(&lost), path.to_owned());
        let name = path.display().to_string();
        let work = move || {
            let _alive = alive;
            Sheet::new(&path, &counted).keep(open, &lines);
        };
        std::thread::Builder::new().name("frames-log".into()).spawn(work).map_err(NodeError::Thread)?;
        Ok(Self { queue: Some(queue), lost, name, ended })
    }

    /// Adds a line; drops and counts it if the file cannot keep up. A gap in the numbers shows it, too.
    pub fn add(&self, line: Line) {
        if self.queue.as_ref().is_some_and(|queue| queue.try_send(line).is_err()) {
            self.lost.fetch_add(1, Relaxed);
        }
    }
}

impl Drop for FramesLog {
    fn drop(&mut self) {
        // Without a sender the thread writes the rest and ends.
        self.queue = None;
        if self.ended.recv_timeout(GOODBYE) == Err(RecvTimeoutError::Timeout) {
            tracing::warn!("display.frames-log: {} does not take the last lines; leaving them", self.name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::time::Instant;

    fn line(frame: i64) -> Line {
        Line { frame, ..Line::default() }
    }

    /// Adds lines until the file has more than so many; its text.
    fn add_until(log: &FramesLog, path: &Path, more_than: usize) -> String {
        let begun = Instant::now();
        for frame in 0.. {
            log.add(line(frame));
            let text = fs::read_to_string(path).unwrap_or_default();
            if text.ends_with('\n') && text.lines().count() > more_than {
                return text;
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "{} has only: {text}", path.display());
            std::thread::sleep(Duration::from_millis(20));
        }
        unreachable!()
    }

    #[test]
    fn a_log_whose_stick_was_out_goes_on_wherever_its_path_leads() {
        let folder = tempfile::tempdir().expect("a folder");
        let [stick, pulled, aside] = ["stick", "pulled", "aside"].map(|name| folder.path().join(name));
        let path = stick.join("frames.csv");
        fs::create_dir(&stick).expect("a folder");
        let log = FramesLog::start(&path).expect("starts");
        let first = add_until(&log, &path, 1);
        fs::rename(&stick, &pulled).expect("pulled out");
        fs::create_dir(&stick).expect("another one");
        let other = add_until(&log, &path, 1);
        let titles = first.lines().next();
        assert!(titles.is_some_and(|titles| titles.starts_with("frame,")) && other.lines().next() == titles);
        let before = fs::read_to_string(pulled.join("frames.csv")).expect("it is on the first");
        fs::rename(&stick, &aside).expect("pulled out");
        fs::rename(&pulled, &stick).expect("back");
        let after = add_until(&log, &path, before.lines().count());
        assert!(after.starts_with(&before), "{before} is not the beginning of {after}");
        assert_eq!(after.matches("frame,").count(), 1, "{after}");
    }

    #[test]
    fn a_file_that_never_opens_holds_up_neither_the_start_nor_the_end() {
        let (_open, opened) = sync_channel::<()>(0);
        let hangs = move || opened.recv().map_err(io::Error::other).and_then(|()| Place::create(Path::new("/share")));
        let log = FramesLog::with(Path::new("/share/frames.csv"), hangs).expect("starts");
        (0..=WAITING as i64).for_each(|frame| log.add(line(frame)));
        assert_eq!(log.lost.load(Relaxed), 1);
        // It ends: the file is still not open.
        drop(log);
    }
}
