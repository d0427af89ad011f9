//! Lines on their way into the file.

use super::paper::Paper;
use super::{Line, NodeError};
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// Maximum bytes that a full disk has refused: a minute of frames.
const REFUSED: usize = 512 << 10;
/// Maximum time of a line in memory.
const FLUSH: Duration = Duration::from_millis(500);
/// How often to try to open a file: its folder may be on a disk that is mounted late, or was out.
const AGAIN: Duration = Duration::from_secs(1);
/// How often to look whether the file is still at its path.
const LOOK: Duration = Duration::from_secs(1);
const TITLES: &str = "frame,moment_ns,handed_ns,host_ns,made_of,luma,brightness\n";

/// Lines, and the file that they go into.
pub struct Sheet<'a> {
    path: &'a Path,
    lost: &'a AtomicU64,
    /// The lost lines that have been told.
    told: u64,
    /// What is not written yet. What a full disk refuses stays here and comes later, so that no line is torn.
    rest: Vec<u8>,
    /// The bytes of the titles in it. They come first.
    titles: usize,
    /// Whether the beginning of the first line in it is written.
    torn: bool,
    /// Whether it is told that the file cannot be opened or written, and nothing has been written since.
    trouble: bool,
    /// When to open the file next, at the earliest.
    next: Instant,
}

impl<'a> Sheet<'a> {
    /// Counts what does not get into the file.
    pub fn new(path: &'a Path, lost: &'a AtomicU64) -> Self {
        let (rest, next) = (Vec::new(), Instant::now());
        Self { path, lost, told: 0, rest, titles: 0, torn: false, trouble: false, next }
    }

    /// Writes lines until there is no sender, and opens the file as often as that takes.
    pub fn keep<P: Paper>(mut self, mut open: impl FnMut() -> io::Result<P>, lines: &Receiver<Line>) {
        while let Some(mut paper) = self.open(&mut open, lines) {
            if self.fill(&mut paper, lines) {
                break;
            }
        }
        self.end();
    }

    /// Opens the file, however often that takes. Lines are lost meanwhile. None if there is no sender any more.
    fn open<P>(&mut self, open: &mut impl FnMut() -> io::Result<P>, lines: &Receiver<Line>) -> Option<P> {
        self.let_go();
        loop {
            while Instant::now() < self.next {
                match lines.recv_timeout(self.next.saturating_duration_since(Instant::now())) {
                    Ok(_) => {
                        self.lost.fetch_add(1, Relaxed);
                    }
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => return None,
                }
            }
            let outcome = open();
            self.next = Instant::now() + AGAIN;
            match outcome {
                Ok(paper) => return Some(paper),
                Err(source) if !self.trouble => {
                    let error = NodeError::FramesLog { path: self.path.to_owned(), source };
                    tracing::error!("{error}; drawing without it until that works");
                    self.trouble = true;
                }
                Err(_) => {}
            }
        }
    }

    /// Writes lines until there is no sender, and returns true; false if the file is to be opened again.
    fn fill(&mut self, paper: &mut impl Paper, lines: &Receiver<Line>) -> bool {
        self.begin(paper);
        if !self.write(paper) {
            return false;
        }
        let (mut written, mut looked) = (Instant::now(), Instant::now());
        loop {
            match lines.recv_timeout(FLUSH) {
                Ok(line) => self.add(&line),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    self.write(paper);
                    return true;
                }
            }
            if looked.elapsed() >= LOOK {
                if !paper.is_there() {
                    let path = self.path.display();
                    tracing::warn!("display.frames-log: {path} is gone, or another file; opening it until that works");
                    self.trouble = true;
                    return false;
                }
                looked = Instant::now();
            }
            if written.elapsed() >= FLUSH {
                if !self.write(paper) {
                    return false;
                }
                written = Instant::now();
            }
        }
    }

    /// An empty file begins with the titles.
    fn begin(&mut self, paper: &impl Paper) {
        if paper.was_blank() {
            drop(self.rest.splice(..0, TITLES.bytes()));
            self.titles = TITLES.len();
        }
    }

    /// What is not written goes into another file, or comes after the last whole line of the same.
    fn let_go(&mut self) {
        if self.titles > 0 {
            drop(self.rest.drain(..self.titles));
        } else if self.torn {
            let half = self.rest.iter().position(|byte| *byte == b'\n').map_or(self.rest.len(), |end| end + 1);
            drop(self.rest.drain(..half));
            self.lost.fetch_add(1, Relaxed);
        }
        (self.titles, self.torn) = (0, false);
    }

    fn end(mut self) {
        self.let_go();
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

    /// Writes what it can. False if the file is to be opened again: its disk is not only full, but may be out.
    fn write(&mut self, paper: &mut impl Write) -> bool {
        if self.rest.is_empty() {
            return true;
        }
        let outcome = self.write_rest(paper);
        let path = self.path.display();
        match outcome {
            Ok(()) => {
                if std::mem::take(&mut self.trouble) {
                    tracing::info!("display.frames-log: writing {path} now");
                }
                self.tell_lost();
                true
            }
            Err(error) => {
                if !std::mem::replace(&mut self.trouble, true) {
                    tracing::warn!("display.frames-log: cannot write {path}: {error}; trying again until it works");
                }
                matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::WouldBlock)
            }
        }
    }

    fn write_rest(&mut self, paper: &mut impl Write) -> io::Result<()> {
        while !self.rest.is_empty() {
            match paper.write(&self.rest) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(written) => {
                    self.titles = self.titles.saturating_sub(written);
                    self.torn = self.rest.drain(..written).next_back().is_some_and(|byte| byte != b'\n');
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        paper.flush()
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
    use super::super::paper::Place;
    use super::*;
    use std::sync::mpsc::sync_channel;
    use std::sync::{Arc, Mutex};

    /// A disk with room for so many bytes, and what it says when there is none.
    #[derive(Clone)]
    struct Disk(Arc<Mutex<(String, usize)>>, ErrorKind);

    impl Disk {
        fn new(room: usize, refusal: ErrorKind) -> Self {
            Self(Arc::new(Mutex::new((String::new(), room))), refusal)
        }

        fn make_room(&self, bytes: usize) {
            self.0.lock().expect("whole").1 = bytes;
        }

        fn text(&self) -> String {
            self.0.lock().expect("whole").0.clone()
        }
    }

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let (text, room) = &mut *self.0.lock().expect("whole");
            let taken = bytes.len().min(*room);
            if taken == 0 {
                return Err(self.1.into());
            }
            *room -= taken;
            text.push_str(std::str::from_utf8(&bytes[..taken]).expect("letters"));
            Ok(taken)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Paper for Disk {
        fn was_blank(&self) -> bool {
            self.text().is_empty()
        }

        fn is_there(&self) -> bool {
            true
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
        Sheet::new(&path, &lost).keep(|| Place::create(&path), &lines);
        let text = std::fs::read_to_string(&path).expect("reads");
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[1..], ["7,0,0,0,00000000000000ab,0000000000000001,12.500", "8,-5,0,0,,,"]);
        assert_eq!(lines[0].split(',').count(), lines[2].split(',').count());
        assert_eq!(lost.load(Relaxed), 0);
    }

    #[test]
    fn a_disk_that_is_full_for_a_while_costs_nothing() {
        let lost = AtomicU64::new(0);
        // The disk is full in the middle of the second line.
        let room = TITLES.len() + text(&line(1)).len() + 3;
        let mut disk = Disk::new(room, ErrorKind::StorageFull);
        let mut sheet = Sheet::new(Path::new("frames.csv"), &lost);
        sheet.begin(&disk);
        for frame in 1..=3 {
            sheet.add(&line(frame));
            assert!(sheet.write(&mut disk), "the file stays open");
        }
        assert!(sheet.trouble);
        disk.make_room(usize::MAX);
        sheet.add(&line(4));
        assert!(sheet.write(&mut disk) && !sheet.trouble);
        let all: String = (1..=4).map(|frame| text(&line(frame))).collect();
        assert_eq!(disk.text(), format!("{TITLES}{all}"));
        assert_eq!(lost.load(Relaxed), 0);
    }

    #[test]
    fn what_a_full_disk_costs_in_the_end_is_counted_and_lines_stay_whole() {
        let lost = AtomicU64::new(0);
        let mut disk = Disk::new(usize::MAX, ErrorKind::StorageFull);
        let mut sheet = Sheet::new(Path::new("frames.csv"), &lost);
        sheet.begin(&disk);
        let frames = (2 * REFUSED / text(&line(1_000_000)).len()) as i64;
        (0..frames).for_each(|frame| sheet.add(&line(1_000_000 + frame)));
        assert!(sheet.write(&mut disk));
        let written = disk.text().lines().count() as u64 - 1;
        assert!(lost.load(Relaxed) > 0 && written > 0);
        assert_eq!(written + lost.load(Relaxed), frames as u64);
        // And at the end.
        disk.make_room(0);
        sheet.add(&line(1));
        let (_, none) = sync_channel(1);
        let told = lost.load(Relaxed);
        assert!(sheet.fill(&mut disk, &none));
        sheet.end();
        assert_eq!(lost.load(Relaxed), told + 1);
    }

    #[test]
    fn a_file_whose_folder_comes_late_is_written_from_then_on_and_what_is_missing_is_counted() {
        let (lost, path) = (AtomicU64::new(0), Path::new("frames.csv"));
        let disk = Disk::new(usize::MAX, ErrorKind::StorageFull);
        let (queue, lines) = sync_channel(2);
        let mut tries = 0;
        let mut late = || {
            tries += 1;
            if tries > 1 { Ok(disk.clone()) } else { Err(ErrorKind::NotFound.into()) }
        };
        let mut sheet = Sheet::new(path, &lost);
        queue.send(line(1)).expect("there is room");
        let mut paper = sheet.open(&mut late, &lines).expect("it is there");
        assert_eq!((tries, lost.load(Relaxed)), (2, 1));
        queue.send(line(2)).expect("there is room");
        drop(queue);
        assert!(sheet.fill(&mut paper, &lines));
        sheet.end();
        assert_eq!(disk.text(), format!("{TITLES}{}", text(&line(2))));
        assert_eq!(lost.load(Relaxed), 1);
        let mut never = || Err::<Disk, io::Error>(ErrorKind::NotFound.into());
        assert!(Sheet::new(path, &lost).open(&mut never, &lines).is_none(), "at the end");
    }

    #[test]
    fn a_disk_that_was_out_is_written_again_and_no_line_is_torn() {
        let lost = AtomicU64::new(0);
        // It is pulled out in the middle of the second line.
        let room = TITLES.len() + text(&line(1)).len() + 3;
        let disk = Disk::new(room, ErrorKind::Other);
        let (queue, lines) = sync_channel(4);
        (1..=3).for_each(|frame| queue.send(line(frame)).expect("there is room"));
        let (mut queue, mut times) = (Some(queue), 0);
        let open = || {
            times += 1;
            if times == 2 {
                // It is back, with what is whole. One more frame comes.
                let (text, room) = &mut *disk.0.lock().expect("whole");
                text.truncate(text.rfind('\n').map_or(0, |end| end + 1));
                *room = usize::MAX;
                assert!(queue.take().is_some_and(|queue| queue.send(line(4)).is_ok()));
            }
            Ok(disk.clone())
        };
        Sheet::new(Path::new("frames.csv"), &lost).keep(open, &lines);
        let kept: String = [1, 3, 4].map(|frame| text(&line(frame))).concat();
        assert_eq!(disk.text(), format!("{TITLES}{kept}"));
        assert_eq!((times, lost.load(Relaxed)), (2, 1));
    }
}
