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

use super::NodeError;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Maximum lines waiting to be written: a slow disk costs lines, not memory.
const WAITING: usize = 4_096;
/// Maximum time of a line in memory.
const FLUSH: Duration = Duration::from_millis(500);

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

/// Writes on its own thread, `frames-log`, so that drawing never waits for a disk.
pub struct FramesLog {
    queue: Option<SyncSender<Line>>,
    thread: Option<JoinHandle<()>>,
}

impl FramesLog {
    /// Creates or overwrites a file.
    ///
    /// # Errors
    /// [`NodeError::FramesLog`]: it cannot be created.
    pub fn create(path: &Path) -> Result<Self, NodeError> {
        let failed = |source| NodeError::FramesLog { path: path.into(), source };
        let mut file = BufWriter::new(std::fs::File::create(path).map_err(failed)?);
        writeln!(file, "frame,moment_ns,handed_ns,host_ns,made_of,luma,brightness").map_err(failed)?;
        file.flush().map_err(failed)?;
        let (queue, lines) = sync_channel(WAITING);
        let name = path.display().to_string();
        let work = move || {
            if let Err(error) = write_all(&mut file, &lines) {
                tracing::warn!(file = name, %error, "no longer logging frames");
            }
        };
        let thread = std::thread::Builder::new().name("frames-log".into()).spawn(work).map_err(NodeError::Thread)?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// Adds a line; drops it if the file cannot keep up.
    pub fn add(&self, line: Line) {
        // A gap in the numbers shows it.
        let _ = self.queue.as_ref().map(|queue| queue.try_send(line));
    }
}

impl Drop for FramesLog {
    fn drop(&mut self) {
        // Without a sender the thread writes the rest and ends.
        self.queue = None;
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn write_all(file: &mut impl Write, lines: &Receiver<Line>) -> io::Result<()> {
    let mut flushed = Instant::now();
    loop {
        match lines.recv_timeout(FLUSH) {
            Ok(line) => write(file, &line)?,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return file.flush(),
        }
        if flushed.elapsed() >= FLUSH {
            file.flush()?;
            flushed = Instant::now();
        }
    }
}

fn write(file: &mut impl Write, line: &Line) -> io::Result<()> {
    let Line { frame, moment_ns, handed_ns, host_ns, made_of, seen } = line;
    let made_of = made_of.map_or(String::new(), |print| format!("{print:016x}"));
    let seen = seen.map_or(",".into(), |(luma, brightness)| format!("{luma:016x},{brightness:.3}"));
    writeln!(file, "{frame},{moment_ns},{handed_ns},{host_ns},{made_of},{seen}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_frame_has_a_line_and_what_is_not_known_is_empty() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("frames.csv");
        let log = FramesLog::create(&path).expect("opens");
        log.add(Line { frame: 7, made_of: Some(0xab), seen: Some((1, 12.5)), ..Line::default() });
        log.add(Line { frame: 8, moment_ns: -5, ..Line::default() });
        drop(log);
        let text = std::fs::read_to_string(&path).expect("reads");
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[1..], ["7,0,0,0,00000000000000ab,0000000000000001,12.500", "8,-5,0,0,,,"]);
        assert_eq!(lines[0].split(',').count(), lines[2].split(',').count());
    }

    #[test]
    fn a_file_that_cannot_be_is_named() {
        let error = FramesLog::create(Path::new("/dev/null/frames.csv")).err().expect("no such folder");
        assert!(error.to_string().contains("/dev/null/frames.csv"), "{error}");
    }
}
