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
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

/// Maximum lines waiting for the thread: a slow disk costs lines, not memory.
const WAITING: usize = 4_096;
/// Maximum bytes that a full disk has refused: a minute of frames.
const REFUSED: usize = 512 << 10;
/// Maximum time of a line in memory.
const FLUSH: Duration = Duration::from_millis(500);
/// How often to try to open a file: its folder may be on a disk that is mounted late.
const AGAIN: Duration = Duration::from_secs(1);
/// How long a node waits at its end for the last lines: a disk may hang for ever.
const GOODBYE: Duration = Duration::from_millis(500);
const TITLES: &str = "frame,moment_ns,handed_ns,host_ns,made_of,luma,brightness\n";

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
    /// more than a measurement of it.
    ///
    /// # Errors
    /// [`NodeError::Thread`].
    pub fn start(path: &Path) -> Result<Self, NodeError> {
        let file = path.to_owned();
        Self::with(path, move || downbeat_files::create(&file))
    }

    fn with<W: Write>(path: &Path, open: impl FnMut() -> io::Result<W> + Send + 'static) -> Result<Self, NodeError> {
        let (queue, lines) = sync_channel(WAITING);
        let (alive, ended) = sync_channel(0);
        let lost = Arc::new(AtomicU64::new(0));
        let (counted, path) = (Arc::clone(&lost), path.to_owned());
        let name = path.display().to_string();
        let work = move || {
            let _alive = alive;
            if let Some(file) = opened(open, &lines, &path, &counted) {
                Sheet::new(file, &path, &counted).fill(&lines);
            }
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

/// Opens the file, however often that takes. Lines are lost meanwhile. None if there is no sender any more.
fn opened<W>(
    mut open: impl FnMut() -> io::Result<W>,
    lines: &Receiver<Line>,
    path: &Path,
    lost: &AtomicU64,
) -> Option<W> {
    let mut is_told = false;
    loop {
        match open() {
            Ok(file) => {
                if is_told {
                    tracing::info!("display.frames-log: writing {} now", path.display());
                }
                return Some(file);
            }
            Err(source) if !is_told => {
                let error = NodeError::FramesLog { path: path.to_owned(), source };
                tracing::error!("{error}; drawing without it until that works");
                is_told = true;
            }
            Err(_) => {}
        }
        let next = Instant::now() + AGAIN;
        loop {
            match lines.recv_timeout(next.saturating_duration_since(Instant::now())) {
                Ok(_) => {
                    lost.fetch_add(1, Relaxed);
                }
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
    }
}

/// A file that is being written.
struct Sheet<'a, W> {
    file: W,
    path: &'a Path,
    /// What is not written yet. What a full disk refuses stays here and comes later, so that no line is torn.
    rest: Vec<u8>,
    /// Whether the last write failed.
    refused: bool,
    lost: &'a AtomicU64,
    /// The lost lines that have been told.
    told: u64,
}

impl<'a, W: Write> Sheet<'a, W> {
    fn new(file: W, path: &'a Path, lost: &'a AtomicU64) -> Self {
        Self { file, path, rest: TITLES.into(), refused: false, lost, told: 0 }
    }

    /// Writes lines until there is no sender.
    fn fill(mut self, lines: &Receiver<Line>) {
        self.write();
        let mut written = Instant::now();
        loop {
            match lines.recv_timeout(FLUSH) {
                Ok(line) => self.add(&line),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if written.elapsed() >= FLUSH {
                self.write();
                written = Instant::now();
            }
        }
        self.write();
        let unwritten = self.rest.iter().filter(|byte| **byte == b'\n').count();
        self.lost.fetch_add(unwritten as u64, Relaxed);
        self.tell_lost();
    }

    fn add(&mut self, line: &Line) {
        if self.rest.len() > REFUSED {
            self.lost.fetch_add(1, Relaxed);
        } else {
            self.rest.extend(text(line).bytes());
        }
    }

    fn write(&mut self) {
        let outcome = self.write_rest();
        let path = self.path.display();
        match &outcome {
            Err(error) if !self.refused => {
                tracing::warn!("display.frames-log: cannot write {path}: {error}; trying again until it works");
            }
            Ok(()) if self.refused => tracing::info!("display.frames-log: writing {path} again"),
            _ => {}
        }
        self.refused = outcome.is_err();
        if !self.refused {
            self.tell_lost();
        }
    }

    fn write_rest(&mut self) -> io::Result<()> {
        while !self.rest.is_empty() {
            match self.file.write(&self.rest) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(written) => drop(self.rest.drain(..written)),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.file.flush()
    }

    fn tell_lost(&mut self) {
        let lost = self.lost.load(Relaxed);
        if lost > self.told {
            let (count, path) = (lost - self.told, self.path.display());
            tracing::warn!(
                "display.frames-log: {count} frames are missing in {path}: its disk was away, full or too slow"
            );
            self.told = lost;
        }
    }
}

fn text(line: &Line) -> String {
    let Line { frame, moment_ns, handed_ns, host_ns, made_of, seen } = line;
    let made_of = made_of.map_or(String::new(), |print| format!("{print:016x}"));
    let seen = seen.map_or(",".into(), |(luma, brightness)| format!("{luma:016x},{brightness:.3}"));
    format!("{frame},{moment_ns},{handed_ns},{host_ns},{made_of},{seen}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;
    use std::sync::Mutex;

    /// A disk with room for so many bytes.
    #[derive(Clone, Default)]
    struct Disk(Arc<Mutex<(String, usize)>>);

    impl Disk {
        fn make_room(&self, bytes: usize) {
            self.0.lock().expect("whole").1 = bytes;
        }
    }

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let (text, room) = &mut *self.0.lock().expect("whole");
            let taken = bytes.len().min(*room);
            if taken == 0 {
                return Err(ErrorKind::StorageFull.into());
            }
            *room -= taken;
            text.push_str(std::str::from_utf8(&bytes[..taken]).expect("letters"));
            Ok(taken)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn line(frame: i64) -> Line {
        Line { frame, ..Line::default() }
    }

    #[test]
    fn each_frame_has_a_line_and_what_is_not_known_is_empty() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("frames.csv");
        let lost = AtomicU64::new(0);
        let (queue, lines) = sync_channel(2);
        let known = Line { frame: 7, made_of: Some(0xab), seen: Some((1, 12.5)), ..Line::default() };
        queue.send(known).expect("there is room");
        queue.send(Line { frame: 8, moment_ns: -5, ..Line::default() }).expect("there is room");
        drop(queue);
        Sheet::new(downbeat_files::create(&path).expect("opens"), &path, &lost).fill(&lines);
        let text = std::fs::read_to_string(&path).expect("reads");
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[1..], ["7,0,0,0,00000000000000ab,0000000000000001,12.500", "8,-5,0,0,,,"]);
        assert_eq!(lines[0].split(',').count(), lines[2].split(',').count());
        assert_eq!(lost.load(Relaxed), 0);
    }

    #[test]
    fn a_disk_that_is_full_for_a_while_costs_nothing() {
        let (disk, lost) = (Disk::default(), AtomicU64::new(0));
        // The disk is full in the middle of the second line.
        disk.make_room(TITLES.len() + text(&line(1)).len() + 3);
        let mut sheet = Sheet::new(disk.clone(), Path::new("frames.csv"), &lost);
        for frame in 1..=3 {
            sheet.add(&line(frame));
            sheet.write();
        }
        assert!(sheet.refused);
        disk.make_room(usize::MAX);
        sheet.add(&line(4));
        sheet.write();
        let all: String = (1..=4).map(|frame| text(&line(frame))).collect();
        assert_eq!(disk.0.lock().expect("whole").0, format!("{TITLES}{all}"));
        assert_eq!(lost.load(Relaxed), 0);
    }

    #[test]
    fn what_a_full_disk_costs_in_the_end_is_counted_and_lines_stay_whole() {
        let (disk, lost) = (Disk::default(), AtomicU64::new(0));
        let mut sheet = Sheet::new(disk.clone(), Path::new("frames.csv"), &lost);
        let frames = (2 * REFUSED / text(&line(1_000_000)).len()) as i64;
        (0..frames).for_each(|frame| sheet.add(&line(1_000_000 + frame)));
        disk.make_room(usize::MAX);
        sheet.write();
        let written = disk.0.lock().expect("whole").0.lines().count() as u64 - 1;
        assert!(lost.load(Relaxed) > 0 && written > 0);
        assert_eq!(written + lost.load(Relaxed), frames as u64);
        // And at the end.
        disk.make_room(0);
        sheet.add(&line(1));
        let (_, none) = sync_channel(1);
        let told = lost.load(Relaxed);
        sheet.fill(&none);
        assert_eq!(lost.load(Relaxed), told + 1);
    }

    #[test]
    fn a_file_whose_folder_comes_late_is_written_from_then_on_and_what_is_missing_is_counted() {
        let (disk, lost, path) = (Disk::default(), AtomicU64::new(0), Path::new("frames.csv"));
        disk.make_room(usize::MAX);
        let (queue, lines) = sync_channel(2);
        let mut tries = 0;
        let late = || {
            tries += 1;
            if tries > 1 { Ok(disk.clone()) } else { Err(ErrorKind::NotFound.into()) }
        };
        queue.send(line(1)).expect("there is room");
        let file = opened(late, &lines, path, &lost).expect("it is there");
        assert_eq!((tries, lost.load(Relaxed)), (2, 1));
        queue.send(line(2)).expect("there is room");
        drop(queue);
        Sheet::new(file, path, &lost).fill(&lines);
        assert_eq!(disk.0.lock().expect("whole").0, format!("{TITLES}{}", text(&line(2))));
        assert_eq!(lost.load(Relaxed), 1);
        assert!(opened(|| Err::<Disk, _>(ErrorKind::NotFound.into()), &lines, path, &lost).is_none(), "at the end");
    }

    #[test]
    fn a_file_that_never_opens_holds_up_neither_the_start_nor_the_end() {
        let (_open, opened) = sync_channel::<()>(0);
        let hangs = move || opened.recv().map(|()| Vec::new()).map_err(io::Error::other);
        let log = FramesLog::with(&PathBuf::from("/share/frames.csv"), hangs).expect("starts");
        (0..=WAITING as i64).for_each(|frame| log.add(line(frame)));
        assert_eq!(log.lost.load(Relaxed), 1);
        // It ends: the file is still not open.
        drop(log);
    }
}
