//! Stores the show's state in a file, off the hop thread.

use crate::clock::{ShowClock, host_now};
use crate::dispatch::{Feed, Health};
use crate::saved::{Saved, StateFile};
use crate::server::peers::Leadership;
use crate::threads;
use downbeat_engine::Tick;
use downbeat_protocol::HostTime;
use std::sync::Arc;
use std::time::Duration;

/// Delay before a change is written, with all changes in between: moving a fader makes one write.
const SETTLE: Duration = Duration::from_millis(500);
/// Maximum interval between writes, so that the file shows how fresh the timeline is.
const AT_LEAST_EVERY: Duration = Duration::from_secs(5);

/// Keeps the state in a file.
pub struct Keeper {
    file: StateFile,
    saved: Saved,
    leadership: Leadership,
    clock: ShowClock,
    /// When to write.
    due: HostTime,
}

impl Keeper {
    /// Continues from the saved state.
    pub fn new(file: StateFile, saved: Saved, leadership: Leadership, clock: ShowClock) -> Self {
        Self { file, saved, leadership, clock, due: host_now() }
    }

    /// Writes until the feed closes, and then once more.
    pub fn run(mut self, feed: &Feed, health: &Health) {
        let mut newest: Option<Arc<Tick>> = None;
        loop {
            let wake = feed.wait(self.due);
            if let Some(tick) = wake.tick {
                if self.is_news(&tick) {
                    self.due = self.due.min(host_now() + SETTLE);
                }
                newest = Some(tick);
            }
            if wake.closed || host_now() >= self.due {
                self.write(newest.as_deref(), health);
            }
            if wake.closed {
                return;
            }
        }
    }

    /// The beat need not be written at every hop, because it follows from the timeline: only when it no longer does.
    /// Counts of rules are written with the next news, or when there is none for a while.
    fn is_news(&self, tick: &Tick) -> bool {
        let tempo = self.saved.timeline.map_or(0.0, |line| line.tempo);
        !tick.state.is_set_like(&self.saved.state)
            || tick.beating != self.saved.timeline.is_some()
            || (tick.beating && (tick.timeline.tempo / tempo - 1.0).abs() > 0.03)
    }

    fn write(&mut self, tick: Option<&Tick>, health: &Health) {
        self.due = host_now() + AT_LEAST_EVERY;
        let Some(tick) = tick else { return };
        self.saved.update(tick);
        let now = host_now();
        self.saved.offset = self.clock.show(now).0 - now.0;
        self.saved.epoch = self.leadership.epoch();
        self.saved.term = self.leadership.now(0).term;
        self.saved.partners = self.leadership.partners();
        // A disk may take its time.
        let result = threads::unwatched(|| self.file.store(&self.saved));
        let path = self.file.path().display();
        health.set_error("show.state", result.err().map_or(String::new(), |error| format!("{path}: {error}")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dispatch::mailbox;
    use downbeat_protocol::{Row, ShowState, Timeline};
    use std::path::Path;

    fn tick(blackout: bool) -> Arc<Tick> {
        Arc::new(Tick {
            row: Row::default(),
            timeline: Timeline::default(),
            state: Arc::new(ShowState { blackout, ..ShowState::default() }),
            beating: true,
            heard: HostTime::ZERO,
        })
    }

    fn keeper(path: &Path) -> Keeper {
        let (file, saved) = StateFile::load(path, "boot");
        Keeper::new(file, saved, Leadership::alone(1), ShowClock::default())
    }

    #[test]
    fn the_last_state_is_in_the_file_when_the_daemon_ends() {
        let directory = tempfile::TempDir::new().expect("a directory");
        let path = directory.path().join("state.json");
        let health = Arc::new(Health::default());
        let (slot, feed) = mailbox(Arc::clone(&health));
        slot.put(&[], &tick(false));
        slot.put(&[], &tick(true));
        slot.close();
        keeper(&path).run(&feed, &health);
        let (_, saved) = StateFile::load(&path, "boot");
        assert!(saved.state.blackout && saved.timeline.is_some());
    }

    #[test]
    fn a_file_that_cannot_be_written_is_told_and_nothing_ends() {
        let health = Arc::new(Health::default());
        let (slot, feed) = mailbox(Arc::clone(&health));
        slot.put(&[], &tick(true));
        slot.close();
        keeper(Path::new("/nonexistent/state.json")).run(&feed, &health);
        assert!(health.error().starts_with("/nonexistent/state.json: "), "{}", health.error());
    }
}
