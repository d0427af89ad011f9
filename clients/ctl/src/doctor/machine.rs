//! The machine that is looked at: its files and its programs.

use std::fs;
use std::io::Read;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long a program may usually take.
const PATIENCE: Duration = Duration::from_secs(3);

/// What a program answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Its standard output.
    Done(String),
    /// It failed.
    Failed,
    /// It took too long.
    Slow,
    /// It is not installed.
    Absent,
}

/// What `env`, `runuser`, `pw-jack` and shells end with if there is no such program.
const NOT_FOUND: i32 = 127;

/// Asks a program with arguments, and waits so long.
pub type Ask = fn(&str, &[&str], Duration) -> Answer;

/// A machine.
pub struct Machine {
    root: PathBuf,
    ask: Ask,
}

impl Machine {
    /// The one that we run on.
    pub fn this() -> Self {
        Self { root: "/".into(), ask }
    }

    /// One whose files lie in a folder.
    #[cfg(test)]
    pub fn at(root: PathBuf, ask: Ask) -> Self {
        Self { root, ask }
    }

    /// A path of the machine.
    pub fn path(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }

    /// The text of a file without its last line break; empty if it cannot be read.
    pub fn text(&self, path: &str) -> String {
        let bytes = fs::read(self.path(path)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).trim_end().to_owned()
    }

    /// The names in a folder, in order; none if it cannot be read.
    pub fn names(&self, path: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(path)).into_iter().flatten().flatten();
        let mut names: Vec<_> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// Whether there is such a file or folder.
    pub fn has(&self, path: &str) -> bool {
        self.path(path).exists()
    }

    /// The numbers of the processes with one of these names.
    pub fn processes(&self, wanted: &[&str]) -> Vec<(u32, String)> {
        let numbers = self.names("/proc").into_iter().filter_map(|name| name.parse::<u32>().ok());
        let named = numbers.map(|number| (number, self.text(&format!("/proc/{number}/comm"))));
        named.filter(|(_, name)| wanted.contains(&name.as_str())).collect()
    }

    /// What a program answers.
    pub fn ask(&self, program: &str, arguments: &[&str]) -> Answer {
        self.ask_for(PATIENCE, program, arguments)
    }

    /// The same with a program that may take longer or shorter.
    pub fn ask_for(&self, patience: Duration, program: &str, arguments: &[&str]) -> Answer {
        (self.ask)(program, arguments, patience)
    }
}

fn ask(program: &str, arguments: &[&str], patience: Duration) -> Answer {
    let mut command = Command::new(program);
    // jack_lsp would start a server.
    command.args(arguments).env("JACK_NO_START_SERVER", "1").env("LC_ALL", "C");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let Ok(mut child) = command.spawn() else { return Answer::Absent };
    let Some(mut output) = child.stdout.take() else { return Answer::Failed };
    // Read meanwhile: whoever says much would wait for us.
    let reader = thread::spawn(move || {
        let mut text = Vec::new();
        let _ = output.read_to_end(&mut text);
        String::from_utf8_lossy(&text).into_owned()
    });
    let end = Instant::now() + patience;
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => {
                return reader.join().map_or(Answer::Failed, Answer::Done);
            }
            Ok(None) if Instant::now() < end => thread::sleep(Duration::from_millis(10)),
            Ok(Some(status)) if status.code() == Some(NOT_FOUND) => return Answer::Absent,
            Ok(Some(_)) => return Answer::Failed,
            still => {
                let _ = child.kill();
                let _ = child.wait();
                return if still.is_ok() { Answer::Slow } else { Answer::Failed };
            }
        }
    }
}

/// Machines for tests.
#[cfg(test)]
pub mod made {
    use super::*;
    use tempfile::TempDir;

    /// A machine with these files, on which no program is installed.
    pub fn machine(files: &[(&str, &str)]) -> (TempDir, Machine) {
        with_programs(files, |_, _, _| Answer::Absent)
    }

    /// The same with programs.
    pub fn with_programs(files: &[(&str, &str)], ask: Ask) -> (TempDir, Machine) {
        let folder = TempDir::new().expect("a folder of the test's own");
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(path, text).expect("written");
        }
        let machine = Machine::at(folder.path().to_owned(), ask);
        (folder, machine)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_fails_is_told_from_one_that_takes_too_long_and_one_that_is_absent() {
        let machine = Machine::this();
        assert_eq!(machine.ask("false", &[]), Answer::Failed);
        assert_eq!(machine.ask_for(Duration::ZERO, "sleep", &["60"]), Answer::Slow);
        assert_eq!(machine.ask("no-such-program", &[]), Answer::Absent);
        assert_eq!(machine.ask("env", &["A=b", "no-such-program"]), Answer::Absent);
        assert_eq!(machine.ask("echo", &["hello"]), Answer::Done("hello\n".into()));
    }
}
