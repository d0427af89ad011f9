//! The state that a daemon stores for its next run.

use downbeat_engine::Tick;
use downbeat_protocol::{ShowState, ShowTime, Timeline};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::hash::{BuildHasher, Hasher};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The format that this build writes.
const VERSION: u32 = 1;
/// Age from which a timeline is not continued, because the music has moved on: 30 s.
const FRESH_NS: i64 = 30_000_000_000;

/// The file's contents.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Saved {
    version: u32,
    /// Identifies the show, for clients.
    pub epoch: u64,
    /// Identifies the boot: show time counts from it.
    boot: String,
    /// The settings.
    pub state: ShowState,
    /// The beat; none in silence.
    pub timeline: Option<Timeline>,
    /// The time of the snapshot.
    pub at: ShowTime,
    /// How often the show's leader had changed.
    #[serde(default)]
    pub term: u32,
    /// Other daemons of this show, which may lead it by now.
    #[serde(default)]
    pub partners: Vec<String>,
    /// Show time minus this machine's time, in nanoseconds.
    #[serde(default)]
    pub offset: i64,
}

impl Saved {
    /// A new show.
    pub fn new(boot: &str) -> Self {
        Self {
            version: VERSION,
            epoch: random(),
            boot: boot.into(),
            state: ShowState::default(),
            timeline: None,
            at: ShowTime::ZERO,
            term: 0,
            partners: Vec::new(),
            offset: 0,
        }
    }

    /// The content of the file, as far as valid in this run of the machine: after a reboot show time restarts, so the
    /// epoch is new and the beat unknown. Moves an invalid file aside with a warning.
    pub fn load(path: &Path, boot: &str) -> Self {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => {
                if error.kind() != io::ErrorKind::NotFound {
                    tracing::warn!("show.state: cannot read {}: {error}; starting a new show", path.display());
                }
                return Self::new(boot);
            }
        };
        Self::parse(&text, boot).unwrap_or_else(|why| set_aside(path, boot, &why))
    }

    /// Parses a file. The error is what is wrong.
    pub fn parse(text: &str, boot: &str) -> Result<Self, String> {
        match serde_json::from_str::<Self>(text) {
            Ok(saved) if saved.version == VERSION => Ok(saved.for_boot(boot)),
            Ok(saved) => Err(format!("it has version {}, not {VERSION}", saved.version)),
            Err(error) => Err(error.to_string()),
        }
    }

    /// The current state.
    pub fn update(&mut self, tick: &Tick) {
        self.state = ShowState::clone(&tick.state);
        self.timeline = tick.beating.then_some(tick.timeline);
        self.at = tick.row.time;
    }

    /// The timeline to continue, if it is fresh enough.
    pub fn fresh_timeline(&self, now: ShowTime) -> Option<Timeline> {
        self.timeline.filter(|line| line.is_sound() && (0..=FRESH_NS).contains(&now.since(self.at)))
    }

    /// Writes the file atomically: a reader sees the whole old or the whole new one, even after a power cut.
    pub fn store(&self, path: &Path) -> io::Result<()> {
        let text = self.text()?;
        let draft = beside(path, "new");
        let mut file = File::create(&draft)?;
        file.write_all(text.as_bytes())?;
        file.sync_data()?;
        fs::rename(&draft, path)
    }

    /// The text of the file.
    pub fn text(&self) -> io::Result<String> {
        Ok(serde_json::to_string_pretty(self)?)
    }

    fn for_boot(self, boot: &str) -> Self {
        if self.boot == boot {
            self
        } else {
            // The other daemons may still know the show.
            Self { state: self.state, partners: self.partners, ..Self::new(boot) }
        }
    }
}

/// Identifies this boot of the machine; empty if unknown, as if it had never restarted.
pub fn boot() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default().trim().into()
}

fn set_aside(path: &Path, boot: &str, why: &str) -> Saved {
    let aside = beside(path, "bad");
    let kept = match fs::rename(path, &aside) {
        Ok(()) => format!("keeping it as {}", aside.display()),
        Err(error) => format!("cannot move it aside: {error}"),
    };
    tracing::warn!("show.state: {} is invalid ({why}); {kept}, starting a new show", path.display());
    Saved::new(boot)
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    name.into()
}

/// A number unique to this show: the standard library seeds its hashers from the system's randomness.
pub fn random() -> u64 {
    std::hash::RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    fn stored(boot: &str) -> (TempDir, PathBuf, Saved) {
        let directory = TempDir::new().expect("a directory");
        let path = directory.path().join("state.json");
        let state = ShowState { blackout: true, ..ShowState::default() };
        let saved = Saved { state, timeline: Some(Timeline::default()), at: ShowTime(5), ..Saved::new(boot) };
        saved.store(&path).expect("stored");
        (directory, path, saved)
    }

    #[test]
    fn what_was_stored_is_loaded() {
        let (_directory, path, saved) = stored("boot");
        assert_eq!(Saved::load(&path, "boot"), saved);
    }

    #[test]
    fn after_a_reboot_only_what_was_set_is_left() {
        let (_directory, path, saved) = stored("boot");
        let loaded = Saved::load(&path, "another boot");
        assert_eq!(loaded.state, saved.state);
        assert_eq!(loaded.timeline, None);
        assert_ne!(loaded.epoch, saved.epoch);
    }

    #[test]
    fn a_timeline_is_gone_on_with_while_it_is_fresh() {
        let (.., saved) = stored("boot");
        assert!(saved.fresh_timeline(ShowTime::from_secs_f64(29.0)).is_some());
        assert!(saved.fresh_timeline(ShowTime::from_secs_f64(31.0)).is_none());
        assert!(saved.fresh_timeline(ShowTime::ZERO).is_none(), "from the future");
    }

    #[test]
    fn a_file_that_makes_no_sense_is_set_aside() {
        let (directory, path, _) = stored("boot");
        fs::write(&path, "{\"version\": 1, \"epo").expect("written");
        assert_eq!(Saved::load(&path, "boot").state, ShowState::default());
        assert!(!path.exists() && directory.path().join("state.json.bad").exists());
    }

    #[test]
    fn without_a_file_a_show_begins() {
        let (_directory, path, saved) = stored("boot");
        fs::remove_file(&path).expect("removed");
        let fresh = Saved::load(&path, "boot");
        assert_eq!(fresh.state, ShowState::default());
        assert_ne!(fresh.epoch, saved.epoch);
    }
}
