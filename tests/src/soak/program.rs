//! A program of the rig, started again when it ends, as systemd would.

use super::usage::Usage;
use crate::host_now_ns;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::collections::VecDeque;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long after its end it is started again.
const AGAIN: Duration = Duration::from_secs(1);
/// How many of its last lines are kept for a report.
const TAIL: usize = 40;

/// What it wrote.
#[derive(Default)]
pub struct Output {
    /// In bytes.
    pub bytes: AtomicU64,
    /// In lines.
    pub lines: AtomicU64,
    /// Lines with a panic in them.
    pub panics: AtomicU64,
    /// Nobody reads it now.
    pub blocked: AtomicBool,
    sent_away: Mutex<Vec<i64>>,
    tail: Mutex<VecDeque<String>>,
}

impl Output {
    /// When it said that somebody was sent away because they did not read.
    pub fn sent_away(&self) -> Vec<i64> {
        self.sent_away.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A program that is kept running.
pub struct Program {
    /// What it is called in the report.
    pub name: String,
    /// What it wrote, in all its lives.
    pub output: Arc<Output>,
    /// Ends that nobody asked for: what is known of each.
    pub crashes: Vec<String>,
    /// How often it was started.
    pub starts: u32,
    /// What it uses, life by life.
    pub usage: Vec<Usage>,
    command: Box<dyn FnMut(u32) -> Command + Send>,
    child: Option<Child>,
    log: PathBuf,
    ended: Instant,
    since: Instant,
    held: bool,
}

impl Program {
    /// Starts one. `command` is asked for each life, by its number; `folder` gets its log.
    pub fn start(name: &str, folder: &Path, command: impl FnMut(u32) -> Command + Send + 'static) -> Self {
        let now = Instant::now();
        let mut program = Self {
            name: name.into(),
            output: Arc::default(),
            crashes: Vec::new(),
            starts: 0,
            usage: Vec::new(),
            command: Box::new(command),
            child: None,
            log: folder.join(format!("{name}.log")),
            ended: now,
            since: now,
            held: false,
        };
        program.launch();
        program
    }

    fn launch(&mut self) {
        let mut command = (self.command)(self.starts);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{}: {error}", self.name));
        let log = File::options().create(true).append(true).open(&self.log);
        let log = Arc::new(log.unwrap_or_else(|error| panic!("{}: {error}", self.log.display())));
        collect(child.stdout.take().expect("piped"), &self.output, &log);
        collect(child.stderr.take().expect("piped"), &self.output, &log);
        self.child = Some(child);
        self.starts += 1;
        self.since = Instant::now();
        self.usage.push(Usage::default());
    }

    /// Notices its end and starts it again; to be called often.
    pub fn tend(&mut self) {
        if let Some(child) = &mut self.child
            && let Ok(Some(status)) = child.try_wait()
        {
            self.child = None;
            self.ended = Instant::now();
            let tail = self.output.tail.lock().unwrap_or_else(PoisonError::into_inner);
            let last: Vec<&str> = tail.iter().rev().take(8).rev().map(String::as_str).collect();
            let lived = self.since.elapsed().as_secs();
            self.crashes.push(format!(
                "{} ended by itself after {lived} s ({status}):\n{}",
                self.name,
                last.join("\n")
            ));
        }
        if self.child.is_none() && !self.held && self.ended.elapsed() > AGAIN {
            self.launch();
        }
    }

    /// Ends it as a power cut would, and keeps it down until [`release`](Self::release) when it is held.
    pub fn kill(&mut self, held: bool) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
        self.ended = Instant::now();
        self.held = held;
    }

    /// Lets it start again.
    pub fn release(&mut self) {
        self.held = false;
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        if let Some(id) = self.id() {
            let _ = kill(Pid::from_raw(id as i32), signal);
        }
    }

    /// Its number, while it runs.
    pub fn id(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// How long it has run.
    pub fn age(&self) -> Duration {
        if self.child.is_some() { self.since.elapsed() } else { Duration::ZERO }
    }

    /// Notes what it uses now.
    pub fn sample(&mut self) {
        if let (Some(id), Some(usage)) = (self.id(), self.usage.last_mut()) {
            usage.sample(id, self.since.elapsed());
        }
    }

    /// All that it used: `name,life,age in seconds,megabytes,descriptors,threads`, line by line.
    pub fn usage_csv(&self) -> String {
        let lives = self.usage.iter().enumerate();
        let lines = lives.flat_map(|(life, usage)| usage.samples.iter().map(move |it| (life, it)));
        lines.fold(String::new(), |mut text, (life, (age, megabytes, descriptors, threads))| {
            let _ = writeln!(text, "{},{life},{age:.0},{megabytes:.2},{descriptors},{threads}", self.name);
            text
        })
    }

    /// Asks it to end, and how long that took; nothing when it was not there, or did not.
    pub fn end(&mut self, limit: Duration) -> Option<Duration> {
        let begun = Instant::now();
        self.signal(Signal::SIGTERM);
        let mut child = self.child.take()?;
        while begun.elapsed() < limit {
            if let Ok(Some(_)) = child.try_wait() {
                return Some(begun.elapsed());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let _ = child.kill();
        let _ = child.wait();
        None
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill(true);
    }
}

fn collect(output: impl Read + Send + 'static, into: &Arc<Output>, log: &Arc<File>) {
    let (into, log) = (Arc::clone(into), Arc::clone(log));
    std::thread::spawn(move || {
        let mut reader = BufReader::new(output);
        let mut bytes = Vec::new();
        loop {
            while into.blocked.load(Relaxed) {
                std::thread::sleep(Duration::from_millis(20));
            }
            if !matches!(reader.read_until(b'\n', &mut bytes), Ok(1..)) {
                return;
            }
            let _ = (&*log).write_all(&bytes);
            into.bytes.fetch_add(bytes.len() as u64, Relaxed);
            into.lines.fetch_add(1, Relaxed);
            let line = String::from_utf8_lossy(&bytes).trim_end().to_owned();
            into.panics.fetch_add(u64::from(line.contains("panicked")), Relaxed);
            if line.contains("too slow") {
                into.sent_away.lock().unwrap_or_else(PoisonError::into_inner).push(host_now_ns());
            }
            let mut tail = into.tail.lock().unwrap_or_else(PoisonError::into_inner);
            tail.push_back(line);
            if tail.len() > TAIL {
                tail.pop_front();
            }
            bytes.clear();
        }
    });
}
