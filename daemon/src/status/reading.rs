//! Everything that is counted, read at one moment. The difference of two readings is what happened between them.

use super::Roster;
use super::process::{Process, Threads};
use crate::board::Board;
use crate::dispatch::{Counts, Summary};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

/// An output or control: its name and its kind.
pub type Name = (String, String);

/// A reading.
#[derive(Clone, Debug)]
pub struct Reading {
    /// Its moment.
    pub at: Instant,
    /// Finished hops.
    pub hops: u64,
    /// Xruns of JACK.
    pub xruns: u64,
    /// Audio blocks dropped.
    pub audio_dropped: u64,
    /// MIDI messages that JACK refused or lost.
    pub midi_dropped: u64,
    /// Lines missing in the log.
    pub log_lost: u64,
    /// How often the configuration was read.
    pub config_reads: u64,
    /// From the capture of a block to its arrival.
    pub capture: Counts,
    /// From the arrival of a hop's last block until its tick is with everyone.
    pub hop: Counts,
    /// The computing time of a hop.
    pub computing: Counts,
    /// The outputs and the server.
    pub outputs: BTreeMap<Name, OutputReading>,
    /// The controls, the page, the sources of notes.
    pub controls: BTreeMap<Name, ControlReading>,
    /// What the process has used.
    pub process: Process,
}

/// The counters of an output.
#[derive(Clone, Debug, Default)]
pub struct OutputReading {
    /// Which counters they are.
    pub generation: u64,
    /// Messages sent.
    pub sent: u64,
    /// Messages that left late.
    pub late: u64,
    /// Messages not sent because they were too late.
    pub missed: u64,
    /// Messages lost or not sent, also those.
    pub dropped: u64,
    /// How late messages with a moment left.
    pub lateness: Counts,
    /// From the arrival of the newest audio to what was sent then.
    pub handover: Counts,
    /// Whether it works.
    pub up: bool,
}

/// The counters of a control.
#[derive(Clone, Debug, Default)]
pub struct ControlReading {
    /// Which counters they are.
    pub generation: u64,
    /// Commands taken.
    pub commands: u64,
    /// Packets refused.
    pub rejected: u64,
    /// Whether it works.
    pub up: bool,
}

impl Reading {
    /// Reads everything.
    pub fn take(roster: &Roster, board: &Board, threads: &mut Threads) -> Self {
        let (source, stages) = (board.report().source, &board.stages);
        let outputs = roster.outputs().into_iter().map(|entry| {
            let health = &entry.health;
            let reading = OutputReading {
                generation: health.generation(),
                sent: health.sent.load(Relaxed),
                late: health.late.load(Relaxed),
                missed: health.missed.load(Relaxed),
                dropped: health.dropped.load(Relaxed),
                lateness: health.lateness.read(),
                handover: health.handover.read(),
                up: health.error().is_empty(),
            };
            (entry.counted_as(), reading)
        });
        let controls = roster.controls().into_iter().map(|entry| {
            let health = &entry.health;
            let reading = ControlReading {
                generation: health.generation(),
                commands: health.sent.load(Relaxed),
                rejected: health.dropped.load(Relaxed),
                up: health.error().is_empty(),
            };
            (entry.counted_as(), reading)
        });
        Self {
            at: Instant::now(),
            hops: board.hops(),
            xruns: source.xruns,
            audio_dropped: source.dropped,
            midi_dropped: source.midi_dropped,
            log_lost: downbeat_log::lost(),
            config_reads: board.config().1,
            capture: stages.capture.read(),
            hop: stages.hop.read(),
            computing: stages.computing.read(),
            outputs: outputs.collect(),
            controls: controls.collect(),
            process: Process::read(threads),
        }
    }

    /// The figures over the time after an earlier reading; without one, since the start.
    pub fn figures(&self, started: Instant, earlier: Option<&Self>) -> Figures {
        let count = |of: fn(&Self) -> u64| of(self).saturating_sub(earlier.map_or(0, of));
        let spread = |of: fn(&Self) -> &Counts| summary(of(self), earlier.map(of));
        let outputs = self.outputs.iter().map(|(name, now)| {
            // One that has come anew counts from there.
            let then = earlier.and_then(|it| it.outputs.get(name)).filter(|then| then.generation == now.generation);
            let count = |of: fn(&OutputReading) -> u64| of(now).saturating_sub(then.map_or(0, of));
            let figures = OutputFigures {
                sent: count(|it| it.sent),
                late: count(|it| it.late),
                missed: count(|it| it.missed),
                dropped: count(|it| it.dropped),
                lateness: summary(&now.lateness, then.map(|it| &it.lateness)),
                handover: summary(&now.handover, then.map(|it| &it.handover)),
            };
            (name, figures)
        });
        let controls = self.controls.iter().map(|(name, now)| {
            let then = earlier.and_then(|it| it.controls.get(name)).filter(|then| then.generation == now.generation);
            let count = |of: fn(&ControlReading) -> u64| of(now).saturating_sub(then.map_or(0, of));
            (name, ControlFigures { commands: count(|it| it.commands), rejected: count(|it| it.rejected) })
        });
        let seconds = (self.at - earlier.map_or(started, |it| it.at)).as_secs_f64().max(1e-3);
        let share = |now: f64, then: f64| if now >= then { (now - then) / seconds } else { now / seconds };
        let threads = self.process.threads.iter().map(|(name, now)| {
            let then = earlier.and_then(|it| it.process.threads.get(name)).copied().unwrap_or_default();
            let figures = ThreadFigures {
                cpu: share(now.cpu_seconds, then.cpu_seconds),
                waiting: share(now.waiting_seconds, then.waiting_seconds),
            };
            (name.clone(), figures)
        });
        Figures {
            seconds,
            hops: count(|it| it.hops),
            xruns: count(|it| it.xruns),
            audio_dropped: count(|it| it.audio_dropped),
            midi_dropped: count(|it| it.midi_dropped),
            log_lost: count(|it| it.log_lost),
            capture: spread(|it| &it.capture),
            hop: spread(|it| &it.hop),
            computing: spread(|it| &it.computing),
            outputs: by_name(outputs),
            controls: by_name(controls),
            cpu: share(self.process.cpu_seconds, earlier.map_or(0.0, |it| it.process.cpu_seconds)),
            threads: threads.collect(),
        }
    }
}

/// By the bare name. Where two have the same, the second one's says its kind, too.
fn by_name<'a, T>(all: impl Iterator<Item = (&'a Name, T)>) -> BTreeMap<String, T> {
    let mut found = BTreeMap::new();
    for ((name, kind), figures) in all {
        let key = if found.contains_key(name) { format!("{name} ({kind})") } else { name.clone() };
        found.insert(key, figures);
    }
    found
}

fn summary(now: &Counts, then: Option<&Counts>) -> Summary {
    then.map_or(*now, |then| now.since(then)).summary()
}

/// The figures over a stretch of time.
#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    /// Its length.
    pub seconds: f64,
    /// Finished hops.
    pub hops: u64,
    /// Xruns of JACK.
    pub xruns: u64,
    /// Audio blocks dropped.
    pub audio_dropped: u64,
    /// MIDI messages that JACK refused or lost.
    pub midi_dropped: u64,
    /// Lines missing in the log.
    pub log_lost: u64,
    /// From the capture of a block to its arrival.
    pub capture: Summary,
    /// From the arrival of a hop's last block until its tick is with everyone.
    pub hop: Summary,
    /// The computing time of a hop.
    pub computing: Summary,
    /// The outputs and the server by name.
    pub outputs: BTreeMap<String, OutputFigures>,
    /// The controls, the page, the sources of notes by name.
    pub controls: BTreeMap<String, ControlFigures>,
    /// Processors used, 1 for a whole one.
    pub cpu: f64,
    /// The threads by name.
    pub threads: BTreeMap<String, ThreadFigures>,
}

/// The figures of an output; see [`OutputReading`].
#[derive(Clone, Debug, Serialize)]
pub struct OutputFigures {
    pub sent: u64,
    pub late: u64,
    pub missed: u64,
    pub dropped: u64,
    pub lateness: Summary,
    pub handover: Summary,
}

/// The figures of a control; see [`ControlReading`].
#[derive(Clone, Debug, Serialize)]
pub struct ControlFigures {
    pub commands: u64,
    pub rejected: u64,
}

/// The figures of a thread.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ThreadFigures {
    /// Processors used, 1 for a whole one.
    pub cpu: f64,
    /// Share of the time that it was ready to run, but waited for a processor.
    pub waiting: f64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dispatch::Health;
    use crate::status::{Entry, Section};
    use std::sync::Arc;

    fn enter(roster: &Roster, section: Section, sent: u64, missed: u64) {
        let health = Arc::new(Health::default());
        roster.enter(Entry { section, name: "desk".into(), kind: "osc".into(), health: Arc::clone(&health) });
        health.count_sent_many(sent);
        health.count_missed(missed);
        (0..sent).for_each(|_| health.count_lateness(1_000_000));
    }

    #[test]
    fn two_of_one_name_have_figures_of_their_own() {
        let roster = Roster::default();
        for (section, kind, commands) in [(Section::Notes, "midi-source", 3), (Section::Controls, "midi", 5)] {
            let health = Arc::new(Health::default());
            health.count_sent_many(commands);
            roster.enter(Entry { section, name: "keys".into(), kind: kind.into(), health });
        }
        let reading = Reading::take(&roster, &Board::default(), &mut Threads::default());
        let controls = reading.figures(Instant::now(), None).controls;
        assert_eq!((controls["keys"].commands, controls["keys (midi-source)"].commands), (5, 3));
    }

    #[test]
    fn figures_go_on_over_a_reopening_and_begin_anew_with_another_of_the_same_name() {
        let (roster, board) = (Roster::default(), Board::default());
        let figures = |then: Option<&Reading>| {
            let figures = Reading::take(&roster, &board, &mut Threads::default()).figures(Instant::now(), then);
            let (output, control) = (&figures.outputs["desk"], &figures.controls["desk"]);
            let output = (output.sent, output.missed, output.lateness.count);
            (output, (control.commands, control.rejected))
        };
        let both = |sent, missed| {
            [Section::Outputs, Section::Controls].into_iter().for_each(|it| enter(&roster, it, sent, missed));
        };
        both(100, 7);
        let then = Reading::take(&roster, &board, &mut Threads::default());
        // It is opened again, and sends fewer than before.
        both(30, 2);
        assert_eq!(figures(Some(&then)), ((30, 2, 30), (30, 2)), "the last minute");
        assert_eq!(figures(None), ((130, 9, 130), (130, 9)), "since the start");
        // It goes, and comes back later, and sends more than before.
        [Section::Outputs, Section::Controls].into_iter().for_each(|section| roster.remove(section, "desk"));
        both(200, 8);
        assert_eq!(figures(Some(&then)), ((200, 8, 200), (200, 8)));
    }
}
