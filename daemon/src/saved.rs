//! The state that a daemon stores for its next run.

use downbeat_engine::Tick;
use downbeat_protocol::{ShowState, ShowTime, Timeline, plausible};
use serde::{Deserialize, Serialize};
use std::fs;
use std::hash::{BuildHasher, Hasher};
use std::io;

mod file;
mod lenient;

pub use file::StateFile;

/// The format that this build writes.
const VERSION: u32 = 1;
/// Age from which a timeline is not continued, because the music has moved on: 30 s.
const FRESH_NS: i64 = 30_000_000_000;

/// The file's contents.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Saved {
    version: u32,
    /// Identifies the show, for clients.
    #[serde(default = "random")]
    pub epoch: u64,
    /// Identifies the boot: show time counts from it.
    #[serde(default)]
    boot: String,
    /// The settings.
    #[serde(default)]
    pub state: ShowState,
    /// The beat; none in silence.
    #[serde(default)]
    pub timeline: Option<Timeline>,
    /// The time of the snapshot.
    #[serde(default)]
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

    /// Parses a file. Values that cannot be meant are dropped, and their names returned; the error is what makes the
    /// whole file useless.
    pub fn parse(text: &str, boot: &str) -> Result<(Self, Vec<String>), String> {
        let json = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let (saved, mut dropped): (Self, _) = lenient::read(json)?;
        if saved.version != VERSION {
            return Err(format!("it has version {}, not {VERSION}", saved.version));
        }
        let mut saved = saved.for_boot(boot);
        dropped.extend(saved.mend());
        // Without the clock that it belongs to, a timeline means nothing.
        if dropped.iter().any(|name| name == "offset" || name == "at") {
            saved.timeline = None;
        }
        Ok((saved, dropped))
    }

    /// Drops what cannot be meant, and returns the names of that.
    fn mend(&mut self) -> Vec<String> {
        let mut dropped: Vec<String> = self.state.mend().into_iter().map(|name| format!("state.{name}")).collect();
        if self.timeline.take_if(|line| !line.is_sound()).is_some() {
            dropped.push("timeline".into());
        }
        if self.offset.unsigned_abs() > plausible::TIME_NS.unsigned_abs() {
            self.offset = 0;
            dropped.push("offset".into());
        }
        if !self.at.is_plausible() {
            self.at = ShowTime::ZERO;
            dropped.push("at".into());
        }
        if self.term > plausible::TERM {
            self.term = 0;
            dropped.push("term".into());
        }
        dropped
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

    /// The text of the file.
    pub fn text(&self) -> io::Result<String> {
        Ok(serde_json::to_string_pretty(self)?)
    }

    /// A picture that was frozen later than now, as one of another boot, is frozen at this moment: nodes cannot stop at the
    /// same picture in the future.
    pub fn freeze_by(&mut self, now: ShowTime) {
        self.state.frozen = self.state.frozen.map(|at| at.min(now));
    }

    fn for_boot(self, boot: &str) -> Self {
        if self.boot == boot {
            self
        } else {
            // Its moments mean nothing on this clock; that it was frozen does.
            let frozen = self.state.frozen.map(|_| ShowTime(plausible::TIME_NS));
            // The other daemons may still know the show.
            Self { state: ShowState { frozen, ..self.state }, partners: self.partners, ..Self::new(boot) }
        }
    }
}

/// Identifies this boot of the machine; empty if unknown, as if it had never restarted.
pub fn boot() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default().trim().into()
}

/// A number unique to this show: the standard library seeds its hashers from the system's randomness.
pub fn random() -> u64 {
    std::hash::RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saved(boot: &str) -> Saved {
        let state = ShowState { blackout: true, ..ShowState::default() };
        Saved { state, timeline: Some(Timeline::default()), at: ShowTime(5), ..Saved::new(boot) }
    }

    #[test]
    fn after_a_reboot_only_what_was_set_is_left() {
        let saved = saved("boot");
        let (read, _) = Saved::parse(&saved.text().expect("text"), "another boot").expect("sound");
        assert_eq!(read.state, saved.state);
        assert_eq!(read.timeline, None);
        assert_ne!(read.epoch, saved.epoch);
    }

    #[test]
    fn a_picture_that_was_frozen_before_a_reboot_is_frozen_at_the_start() {
        let mut saved = saved("boot");
        saved.state.frozen = Some(ShowTime::from_secs_f64(300.0));
        let text = saved.text().expect("text");
        for (boot, frozen) in [("boot", 300.0), ("another boot", 900.0)] {
            let (mut read, dropped) = Saved::parse(&text, boot).expect("sound");
            assert_eq!(dropped, [""; 0]);
            read.freeze_by(ShowTime::from_secs_f64(900.0));
            assert_eq!(read.state.frozen, Some(ShowTime::from_secs_f64(frozen)), "{boot}");
        }
    }

    #[test]
    fn a_timeline_is_gone_on_with_while_it_is_fresh() {
        let saved = saved("boot");
        assert!(saved.fresh_timeline(ShowTime::from_secs_f64(29.0)).is_some());
        assert!(saved.fresh_timeline(ShowTime::from_secs_f64(31.0)).is_none());
        assert!(saved.fresh_timeline(ShowTime::ZERO).is_none(), "from the future");
    }

    /// A stored file with one value replaced, and the names of what is dropped from it.
    fn with(pointer: &str, value: &str) -> (Saved, Vec<String>) {
        let saved = saved("boot");
        let mut json: serde_json::Value = serde_json::from_str(&saved.text().expect("text")).expect("JSON");
        *json.pointer_mut(pointer).expect(pointer) = serde_json::from_str(value).expect(value);
        let (read, dropped) = Saved::parse(&json.to_string(), "boot").expect("the rest is kept");
        assert!(read.state.blackout, "{pointer}");
        (read, dropped)
    }

    #[test]
    fn a_number_that_cannot_be_meant_costs_its_own_field_and_nothing_else() {
        let numbers = ["9223372036854775807", "-9223372036854775808", "9223372036854775800", "1e30", "\"x\""];
        for number in numbers {
            for (pointer, name) in [
                ("/offset", "offset"),
                ("/at", "at"),
                ("/timeline/time_origin", "timeline"),
                ("/timeline/beat_origin", "timeline"),
                ("/timeline/bar_origin", "timeline"),
                ("/timeline/tempo", "timeline"),
                ("/state/frozen", "state.frozen"),
                ("/term", "term"),
            ] {
                let (read, dropped) = with(pointer, number);
                assert!(dropped.iter().any(|it| it.starts_with(name)), "{pointer} = {number}: {dropped:?}");
                assert_eq!((read.offset, read.term), (0, 0), "{pointer} = {number}");
                if name != "term" && name != "state.frozen" {
                    assert_eq!(read.fresh_timeline(ShowTime(5)), None, "{pointer} = {number}");
                }
            }
        }
        assert_eq!(with("/timeline/tempo", "121.0").1, [""; 0]);
    }
}
