//! Programs that analyse a file: ours, and aubio for comparison.

use super::said::{Event, Kind, Said};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Something that says what it hears in a file.
pub enum Ears {
    /// `downbeatctl analyse` at a path.
    Downbeat(PathBuf),
    /// aubio's command-line tools, where they are installed.
    Aubio,
}

/// What was said, and what the whole program took for it.
pub struct Answer {
    /// Its events; `cpu` as the program itself told it, where it does.
    pub said: Said,
    /// Seconds of processor time of the whole process: starting, decoding, hearing, printing.
    pub process: f64,
}

impl Ears {
    /// aubio, if its tools are there.
    pub fn aubio() -> Option<Self> {
        let found = |name| Command::new(name).arg("-h").output().is_ok();
        (found("aubiotrack") && found("aubioonset")).then_some(Self::Aubio)
    }

    /// What they tell where they hear it.
    pub fn tells(&self) -> BTreeSet<Kind> {
        match self {
            Self::Downbeat(_) => Kind::ALL.into(),
            Self::Aubio => [Kind::Beat, Kind::Onset].into(),
        }
    }

    /// Hears a file; draws what was heard, where the program can. The processor time is that of everything that is
    /// heard meanwhile.
    pub fn hear(&self, sound: &Path, picture: Option<&Path>) -> Result<Answer, String> {
        match self {
            Self::Downbeat(program) => {
                let mut command = Command::new(program);
                command.arg("analyse").arg(sound);
                if let Some(picture) = picture {
                    command.arg("--plot").arg(picture);
                }
                let (text, process) = run(command)?;
                Ok(Answer { said: Said::read(&text), process })
            }
            Self::Aubio => {
                let (beats, process) = aubio("aubiotrack", sound)?;
                let (onsets, _) = aubio("aubioonset", sound)?;
                let mut said = Said::default();
                said.cpu = process;
                // aubio's tools print times only. What they print counts as said at that time, which is in their
                // favour.
                for (kind, times) in [(Kind::Beat, beats), (Kind::Onset, onsets)] {
                    times.into_iter().for_each(|t| said.add(kind, Event { t, emitted: t }));
                }
                Ok(Answer { said, process })
            }
        }
    }
}

fn aubio(name: &str, sound: &Path) -> Result<(Vec<f64>, f64), String> {
    let mut command = Command::new(name);
    command.arg("-i").arg(sound);
    let (text, process) = run(command)?;
    Ok((text.lines().filter_map(|line| line.trim().parse().ok()).collect(), process))
}

/// Runs a command to its end: what it printed, and its processor time in seconds.
fn run(mut command: Command) -> Result<(String, f64), String> {
    let name = || Path::new(command.get_program()).file_name().map_or_else(String::new, lossy);
    let name = name();
    let before = children();
    let output = command.output().map_err(|error| format!("{name} does not start: {error}"))?;
    if !output.status.success() {
        return Err(format!("{name} failed: {}", String::from_utf8_lossy(&output.stderr).trim()));
    }
    Ok((String::from_utf8_lossy(&output.stdout).into_owned(), children() - before))
}

fn lossy(name: &OsStr) -> String {
    name.to_string_lossy().into_owned()
}

/// Processor time of all children that have ended, in seconds.
fn children() -> f64 {
    getrusage(UsageWho::RUSAGE_CHILDREN)
        .map_or(0.0, |usage| (usage.user_time() + usage.system_time()).num_microseconds() as f64 * 1e-6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_fails_is_named_with_its_reason() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo no ears >&2; exit 3"]);
        assert_eq!(run(command).expect_err("it fails"), "sh failed: no ears");
    }

    #[test]
    fn the_time_of_a_child_is_counted() {
        let mut command = Command::new("sh");
        command.args(["-c", "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; echo done"]);
        let (text, process) = run(command).expect("it runs");
        assert!(text == "done\n" && process > 0.0, "{process}");
    }
}
