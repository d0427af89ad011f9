//! A child process: keeps its output, and ends with its owner.

use crate::wait::{host_now_ns, wait_for};
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A line that a process wrote and when it was read, in [`host_now_ns`].
pub type Line = (i64, String);

/// A running program with both its outputs collected line by line.
pub struct Process {
    name: String,
    child: Child,
    lines: Arc<Mutex<Vec<Line>>>,
}

impl Process {
    /// Starts `command`; `name` is for messages.
    pub fn start(name: &str, command: &mut Command) -> Self {
        if !command.get_envs().any(|(name, _)| name == "DOWNBEAT_KEYS") {
            // Not the machine's own.
            command.env("DOWNBEAT_KEYS", std::env::temp_dir().join(format!("downbeat-keys-{}", std::process::id())));
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| {
            panic!(
                "cannot start {name} ({:?}): {error}; `make test` installs what the tests need",
                command.get_program()
            )
        });
        let lines = Arc::default();
        collect(child.stdout.take().expect("piped"), Arc::clone(&lines));
        collect(child.stderr.take().expect("piped"), Arc::clone(&lines));
        Self { name: name.into(), child, lines }
    }

    /// All lines so far, from both outputs.
    pub fn lines(&self) -> Vec<Line> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// All lines so far as one text.
    pub fn text(&self) -> String {
        self.lines().into_iter().map(|(_, line)| line + "\n").collect()
    }

    /// Waits until a line contains `text` and gives that line.
    pub fn wait_for_line(&self, text: &str, limit: Duration) -> Line {
        // Its whole output is shown when this panics: see `drop`.
        let what = format!("`{text}` from {}", self.name);
        wait_for(&what, limit, || self.lines().into_iter().find(|(_, line)| line.contains(text)))
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal.
    pub fn signal(&self, signal: i32) {
        // SAFETY: the child has not been waited for, so its id is still its own.
        #[expect(unsafe_code, reason = "the standard library sends no signal but SIGKILL")]
        unsafe {
            libc::kill(self.child.id() as i32, signal);
        }
    }

    /// Ends it at once, as a crash would, and waits until it is gone.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Its exit status, once it has ended by itself or by a signal.
    pub fn wait(&mut self, limit: Duration) -> ExitStatus {
        let name = self.name.clone();
        let child = &mut self.child;
        wait_for(&format!("the end of {name}"), limit, || child.try_wait().expect("a child can be waited for"))
    }

    /// Whether it still runs.
    pub fn runs(&mut self) -> bool {
        self.child.try_wait().expect("a child can be waited for").is_none()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("---- {} said:\n{}", self.name, self.text());
        }
    }
}

fn collect(output: impl Read + Send + 'static, into: Arc<Mutex<Vec<Line>>>) {
    std::thread::spawn(move || {
        let mut reader = BufReader::new(output);
        let mut bytes = Vec::new();
        while matches!(reader.read_until(b'\n', &mut bytes), Ok(1..)) {
            let line = String::from_utf8_lossy(&bytes).trim_end().to_owned();
            into.lock().unwrap_or_else(PoisonError::into_inner).push((host_now_ns(), line));
            bytes.clear();
        }
    });
}
