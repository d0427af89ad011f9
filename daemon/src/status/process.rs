//! What this process uses, as Linux counts it: processor time of each thread, memory, files (proc(5)).

use std::collections::BTreeMap;
use std::fs;

/// Ticks per second of the processor times in `/proc`: the same on every Linux of ours.
const TICKS: f64 = 100.0;

/// What a thread has used; threads of one name together.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Thread {
    /// Seconds on a processor.
    pub cpu_seconds: f64,
    /// Seconds ready to run, but waiting for a processor.
    pub waiting_seconds: f64,
}

/// What the process has used.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Process {
    /// Its threads by name, also those that have ended. Linux keeps the first 15 letters.
    pub threads: BTreeMap<String, Thread>,
    /// How many of them run.
    pub running: usize,
    /// Seconds on a processor, also of threads that have ended.
    pub cpu_seconds: f64,
    /// Memory in use, in bytes.
    pub resident_bytes: u64,
    /// The most memory that was ever in use, in bytes.
    pub most_resident_bytes: u64,
    /// Memory that cannot be swapped out, in bytes.
    pub locked_bytes: u64,
    /// Memory that was swapped out, in bytes.
    pub swapped_bytes: u64,
    /// Open files, sockets and devices.
    pub open_files: u64,
    /// Their maximum; nothing without one.
    pub most_files: Option<u64>,
}

/// What all threads have used, also those that have ended: a sum that fell would be taken for a new beginning, and what
/// the others have used for fresh work.
#[derive(Debug, Default)]
pub struct Threads {
    /// Those that ran at the last look, by their number.
    running: BTreeMap<u32, (String, Thread)>,
    /// The sums of those that have ended, by name.
    ended: BTreeMap<String, Thread>,
}

impl Threads {
    /// The sums by name, given those that run now.
    fn add_up(&mut self, now: BTreeMap<u32, (String, Thread)>) -> BTreeMap<String, Thread> {
        for (number, (name, last)) in std::mem::replace(&mut self.running, now) {
            // Linux gives a number again, and a thread may be named only after its start.
            let goes_on = |(known, thread): &(String, Thread)| *known == name && thread.cpu_seconds >= last.cpu_seconds;
            if !self.running.get(&number).is_some_and(goes_on) {
                self.ended.entry(name).or_default().add(last);
            }
        }
        let mut sums = self.ended.clone();
        self.running.values().for_each(|(name, thread)| sums.entry(name.clone()).or_default().add(*thread));
        sums
    }
}

impl Thread {
    fn add(&mut self, other: Self) {
        self.cpu_seconds += other.cpu_seconds;
        self.waiting_seconds += other.waiting_seconds;
    }
}

impl Process {
    /// Reads it. What cannot be read counts as nothing.
    pub fn read(threads: &mut Threads) -> Self {
        let status = text("/proc/self/status");
        let bytes = |key: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
            let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
            kib.unwrap_or(0).saturating_mul(1024)
        };
        let limits = text("/proc/self/limits");
        let files = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
        let now = running();
        Self {
            running: now.len(),
            threads: threads.add_up(now),
            cpu_seconds: ticks(&text("/proc/self/stat")),
            resident_bytes: bytes("VmRSS"),
            most_resident_bytes: bytes("VmHWM"),
            locked_bytes: bytes("VmLck"),
            swapped_bytes: bytes("VmSwap"),
            // The folder that is being read is open meanwhile.
            open_files: fs::read_dir("/proc/self/fd").map_or(0, |all| all.count() as u64).saturating_sub(1),
            most_files: files.and_then(|line| line.split_whitespace().next()?.parse().ok()),
        }
    }
}

/// The threads that run, by their number.
fn running() -> BTreeMap<u32, (String, Thread)> {
    let tasks = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let read = |task: fs::DirEntry| {
        let file = |name: &str| fs::read_to_string(task.path().join(name)).ok();
        // One that has just ended has no files.
        let (name, times) = (file("comm")?, file("schedstat")?);
        let mut times = times.split_whitespace().map(|ns| ns.parse::<u64>().map_or(0.0, |ns| ns as f64 * 1e-9));
        let mut next = || times.next().unwrap_or(0.0);
        let thread = Thread { cpu_seconds: next(), waiting_seconds: next() };
        Some((task.file_name().to_str()?.parse().ok()?, (name.trim_end().to_owned(), thread)))
    };
    tasks.filter_map(read).collect()
}

/// The processor time in a `stat`: user and system. The name before may contain anything.
fn ticks(stat: &str) -> f64 {
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields).split_whitespace();
    let of_both = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok());
    of_both.sum::<u64>() as f64 / TICKS
}

fn text(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;
    use std::time::{Duration, Instant};

    #[test]
    fn a_thread_that_works_is_seen_working() {
        let ((tell, told), (end, ended)) = (channel(), channel::<()>());
        let work = move || {
            let (begun, mut sum) = (Instant::now(), 0_u64);
            while begun.elapsed() < Duration::from_millis(60) {
                sum = sum.wrapping_mul(31).wrapping_add(7);
            }
            tell.send(sum).expect("somebody waits");
            let _ = ended.recv();
        };
        let worker = std::thread::Builder::new().name("seen-working".into()).spawn(work).expect("starts");
        told.recv().expect("it works");
        let process = Process::read(&mut Threads::default());
        drop(end);
        worker.join().expect("ends");
        let thread = process.threads.get("seen-working").expect("its name");
        assert!(thread.cpu_seconds + thread.waiting_seconds > 0.03, "{thread:?}");
        assert!(process.resident_bytes > 1 << 20 && process.most_resident_bytes >= process.resident_bytes);
        assert!(process.open_files >= 3, "{process:?}");
    }

    #[test]
    fn what_a_thread_has_used_stays_in_the_sum_of_its_name() {
        let used = |cpu_seconds| Thread { cpu_seconds, waiting_seconds: 0.0 };
        let now = |all: &[(u32, &str, f64)]| {
            all.iter().map(|(number, name, seconds)| (*number, ((*name).to_owned(), used(*seconds)))).collect()
        };
        let mut threads = Threads::default();
        let sum = |sums: BTreeMap<String, Thread>| sums["out:desk"].cpu_seconds;
        assert!((sum(threads.add_up(now(&[(7, "out:desk", 40.0), (8, "out:desk", 3.0)]))) - 43.0).abs() < 1e-9);
        assert!((sum(threads.add_up(now(&[(8, "out:desk", 4.0)]))) - 44.0).abs() < 1e-9, "one has ended");
        assert!((sum(threads.add_up(now(&[(8, "out:desk", 1.0)]))) - 45.0).abs() < 1e-9, "another has its number");
        assert!((sum(threads.add_up(now(&[(8, "in:tablet", 1.0)]))) - 45.0).abs() < 1e-9, "and another name");
    }

    #[test]
    fn a_name_with_spaces_and_brackets_confuses_nobody() {
        let stat = "7 (a) b (c) S 1 7 7 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 9";
        assert!((ticks(stat) - 3.0).abs() < 1e-9, "{}", ticks(stat));
        assert!(ticks("").abs() < 1e-9);
    }
}
