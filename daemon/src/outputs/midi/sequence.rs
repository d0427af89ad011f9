//! What one MIDI port plays, and when. Pure: time is an argument.

use super::clock::Clock;
use super::controller::Controller;
use super::note::Note;
use super::packet::Message;
use super::settings::Settings;
use crate::clock::ShowClock;
use crate::dispatch::{LANDS, Latency};
use crate::edges::OpenError;
use crate::edges::cadence::Cadence;
use crate::edges::refresh::Refresh;
use downbeat_engine::Tick;
use downbeat_engine::pulse::{Pulses, Taken};
use downbeat_protocol::{HostTime, Schema};
use std::sync::Arc;
use std::time::Duration;

/// The schedule of one port.
pub struct Sequence {
    show: ShowClock,
    latency: Latency,
    /// How long before its moment a message is handed over.
    ahead: Duration,
    clock: Clock,
    beats: Pulses,
    notes: Vec<Note>,
    controllers: Vec<Controller>,
    tick: Option<Arc<Tick>>,
    /// When the earliest row was heard whose events may still have to be sent.
    since: HostTime,
    fresh: bool,
    rates: Cadence,
    /// Which controllers are sent once more.
    refresh: Refresh,
    /// Beats and onsets that could no longer land near their moment.
    missed: u64,
}

impl Sequence {
    /// The schedule for a table's settings.
    pub fn new(settings: &Settings, schema: &Schema, show: ShowClock, ahead: Duration) -> Result<Self, OpenError> {
        let (notes, controllers) = rules(settings, schema)?;
        Ok(Self {
            show: show.clone(),
            latency: settings.latency_ms,
            ahead,
            clock: Clock::new(show, settings.latency_ms, settings.clock, settings.transport),
            beats: Pulses::new(1),
            notes,
            controllers,
            tick: None,
            since: HostTime::ZERO,
            fresh: false,
            rates: Cadence::hz(settings.rate_hz),
            refresh: Refresh::default(),
            missed: 0,
        })
    }

    /// The number of beats and clocks since the last call that were not sent because they were too late.
    pub fn take_missed(&mut self) -> u64 {
        std::mem::take(&mut self.missed) + self.clock.take_missed()
    }

    /// The layout of rows has changed; the clock continues, and notes end.
    pub fn change_layout(
        &mut self,
        settings: &Settings,
        schema: &Schema,
        now: HostTime,
        send: &mut impl FnMut(HostTime, Message),
    ) -> Result<(), OpenError> {
        let (mut notes, mut controllers) = rules(settings, schema)?;
        self.end_notes(now, send);
        // What counted between the last row and the first of this layout is played.
        notes.iter_mut().zip(&self.notes).for_each(|(note, earlier)| note.continue_from(earlier));
        controllers.iter_mut().zip(&self.controllers).for_each(|(it, earlier)| it.continue_from(earlier));
        (self.notes, self.controllers) = (notes, controllers);
        self.tick = None;
        self.fresh = false;
        Ok(())
    }

    /// Takes the newest tick.
    pub fn take(&mut self, tick: Arc<Tick>) {
        self.since = tick.heard;
        self.tick = Some(tick);
        self.fresh = true;
    }

    /// Earlier ticks went by unseen, the first of them heard at `since`: what has been counted may be as old as that.
    pub fn skipped(&mut self, since: HostTime) {
        self.since = self.since.min(since);
    }

    /// The port was away: resends the song position and the controllers.
    pub fn interrupted(&mut self) {
        self.clock.interrupted();
        self.controllers.iter_mut().for_each(Controller::forget);
    }

    /// Another daemon leads: nothing is sent until the next tick, except the ends of notes. The receivers hear from it
    /// meanwhile, so the next reading is the first again.
    pub fn silenced(&mut self, now: HostTime, send: &mut impl FnMut(HostTime, Message)) {
        self.clock.stop(now, send);
        self.beats.stop();
        (self.tick, self.fresh) = (None, false);
        self.notes.iter_mut().for_each(Note::begin_anew);
        self.controllers.iter_mut().for_each(Controller::forget);
    }

    /// When [`run`](Self::run) is next needed unless a tick comes first.
    pub fn wake_at(&self) -> HostTime {
        let line = self.tick.as_ref().map(|tick| &tick.timeline);
        let clock = line.and_then(|line| self.clock.next_leave(line));
        let beat = line.and_then(|line| self.beats.next_due(line));
        let beat = beat.map(|due| self.latency.leave(self.show.host(due)));
        let notes = self.notes.iter().filter_map(Note::release);
        let ahead = clock.into_iter().chain(beat).chain(notes).min().map(|at| at - self.ahead);
        let controllers = (self.fresh && !self.controllers.is_empty()).then_some(self.rates.next());
        ahead.into_iter().chain(controllers).min().unwrap_or(HostTime(i64::MAX))
    }

    /// Passes on everything to play until `now` plus the lead time, each message with its moment.
    pub fn run(&mut self, now: HostTime, send: &mut impl FnMut(HostTime, Message)) {
        let until = now + self.ahead;
        if let Some(tick) = self.tick.clone() {
            if tick.beating {
                self.clock.run(&tick.timeline, now, until, send);
                self.run_beats(&tick, now, until, send);
            } else {
                self.clock.stop(now, send);
                self.beats.stop();
            }
            if std::mem::take(&mut self.fresh) {
                self.run_rows(&tick, now, send);
            }
        }
        self.notes.iter_mut().for_each(|note| note.end(until, send));
    }

    /// Ends all sounding notes.
    pub fn close(&mut self, now: HostTime, send: &mut impl FnMut(HostTime, Message)) {
        self.clock.stop(now, send);
        self.end_notes(now, send);
    }

    fn end_notes(&mut self, now: HostTime, send: &mut impl FnMut(HostTime, Message)) {
        self.notes.iter_mut().for_each(|note| note.cut(now, send));
    }

    fn run_beats(&mut self, tick: &Tick, now: HostTime, until: HostTime, send: &mut impl FnMut(HostTime, Message)) {
        let show_until = self.show.show(self.latency.arrive(until));
        while let Some(taken) = self.beats.take(&tick.timeline, show_until) {
            let pulse = match taken {
                Taken::Pulse(pulse) => pulse,
                Taken::Jump { missed, .. } => {
                    self.missed += missed;
                    continue;
                }
            };
            let at = self.latency.leave(self.show.host(pulse.due));
            if now > at + LANDS {
                self.missed += 1;
                continue;
            }
            self.notes.iter_mut().filter(|note| note.is_on(&pulse)).for_each(|note| note.play(&tick.row, at, send));
        }
    }

    fn run_rows(&mut self, tick: &Tick, now: HostTime, send: &mut impl FnMut(HostTime, Message)) {
        let is_late = now > self.since + LANDS;
        for note in &mut self.notes {
            match note.onsets(&tick.row) {
                0 => {}
                onsets if is_late => self.missed += onsets,
                _ => note.play(&tick.row, now, send),
            }
        }
        if self.rates.take(now) {
            let due = self.refresh.take(now, self.controllers.len());
            self.controllers[due].iter_mut().for_each(Controller::forget);
            self.controllers.iter_mut().for_each(|it| it.follow(&tick.row, now, &mut |message| send(now, message)));
        } else {
            self.fresh = true;
        }
    }
}

fn rules(settings: &Settings, schema: &Schema) -> Result<(Vec<Note>, Vec<Controller>), OpenError> {
    let notes = settings.notes.iter().map(|note| Note::new(note, schema)).collect::<Result<_, _>>()?;
    let controllers = settings.cc.iter().map(|cc| Controller::new(cc, schema)).collect::<Result<_, _>>()?;
    Ok((notes, controllers))
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_protocol::{Row, Signal, Timeline, Unit};

    const MS: i64 = 1_000_000;

    fn settings(toml: &str) -> Settings {
        let file = config::File::from_str(&format!("port = 'jack'\n{toml}"), config::FileFormat::Toml);
        let table = config::Config::builder().add_source(file).build().expect("TOML");
        table.try_deserialize().expect("settings")
    }

    fn sequence(toml: &str) -> Sequence {
        let names = [("main.onset-count.low", Unit::Count), ("main.onset-strength.low", Unit::Ratio)];
        let schema = Schema { signals: names.map(|(name, unit)| Signal::scalar(name, unit, [0.0, 1.0])).into() };
        let settings = settings(toml);
        settings.check().expect("sound");
        Sequence::new(&settings, &schema, ShowClock::default(), Duration::from_millis(50)).expect("resolves")
    }

    fn tick(beating: bool, values: [f32; 2]) -> Arc<Tick> {
        let row = Row { values: values.into(), ..Row::default() };
        let timeline = Timeline::default();
        Arc::new(Tick { row, timeline, state: Arc::default(), beating, heard: HostTime::ZERO })
    }

    fn run(sequence: &mut Sequence, ms: i64) -> Vec<(i64, Vec<u8>)> {
        let mut sent = Vec::new();
        sequence.run(HostTime(ms * MS), &mut |at, message| sent.push((at.0 / MS, message.bytes().to_vec())));
        sent
    }

    #[test]
    fn a_note_on_the_beat_is_planned_with_its_end() {
        let toml = "clock = false\ntransport = false\nlatency-ms = 10\n\
            notes = [{ on = 'beat', channel = 10, note = 36, velocity = 90, length-ms = 30 }]";
        let mut sequence = sequence(toml);
        sequence.take(tick(true, [0.0, 0.0]));
        assert!(run(&mut sequence, 100).is_empty());
        assert_eq!(run(&mut sequence, 440), [(490, vec![0x99, 36, 90])]);
        assert_eq!(sequence.wake_at(), HostTime(470 * MS));
        assert_eq!(run(&mut sequence, 470), [(520, vec![0x89, 36, 0])]);
    }

    #[test]
    fn a_note_whose_beat_is_over_is_not_played_and_one_that_sounds_is_ended() {
        for (stall, played) in [(30, 2), (100, 1), (241, 1)] {
            let toml = "clock = false\ntransport = false\n\
                notes = [{ on = 'beat', channel = 10, note = 36, velocity = 90, length-ms = 400 }]";
            let mut sequence = sequence(toml);
            sequence.take(tick(true, [0.0, 0.0]));
            let mut sent = [0, 460].map(|ms| run(&mut sequence, ms)).concat();
            // Until after the next beat, which is due at 1000 ms; the note of the first should have ended at 900.
            sent.extend(run(&mut sequence, 1000 + stall));
            let of = |status: u8| sent.iter().filter(|(_, bytes)| bytes[0] == status).count();
            assert_eq!(of(0x99), played, "{stall} ms: {sent:?}");
            assert!(of(0x89) >= 1, "{stall} ms: {sent:?}");
            assert_eq!(sequence.take_missed(), 2 - played as u64);
        }
    }

    #[test]
    fn after_a_stall_of_several_beats_the_note_of_the_newest_is_played_and_the_others_are_counted() {
        let toml = "clock = false\ntransport = false\nnotes = [{ on = 'beat', channel = 10, note = 36 }]";
        let mut sequence = sequence(toml);
        sequence.take(tick(true, [0.0, 0.0]));
        assert!(run(&mut sequence, 400).is_empty());
        assert_eq!(run(&mut sequence, 4020)[0], (4000, vec![0x99, 36, 100]));
        assert_eq!(sequence.take_missed(), 7);
    }

    #[test]
    fn a_note_on_an_onset_is_as_hard_as_the_onset_and_cuts_the_one_before() {
        let toml = "clock = false\n\
            notes = [{ on = 'onset.main.low', channel = 1, note = 40, velocity = 'main.onset-strength.low', length-ms = 500 }]";
        let mut sequence = sequence(toml);
        sequence.take(tick(false, [3.0, 0.5]));
        assert!(run(&mut sequence, 0).is_empty());
        sequence.take(tick(false, [4.0, 0.5]));
        assert_eq!(run(&mut sequence, 5), [(5, vec![0x90, 40, 64])]);
        assert!(run(&mut sequence, 6).is_empty());
        sequence.take(tick(false, [5.0, 1.0]));
        assert_eq!(run(&mut sequence, 10), [(10, vec![0x80, 40, 0]), (10, vec![0x90, 40, 127])]);
        let mut closing = Vec::new();
        sequence.close(HostTime(20 * MS), &mut |_, message| closing.push(message.bytes().to_vec()));
        assert_eq!(closing, [[0x80, 40, 0]]);
    }

    #[test]
    fn an_onset_that_may_have_come_while_the_output_stood_still_is_counted_and_plays_nothing() {
        let toml = "clock = false\nnotes = [{ on = 'onset.main.low', channel = 1, note = 40 }]";
        let mut sequence = sequence(toml);
        sequence.take(tick(false, [3.0, 0.5]));
        run(&mut sequence, 0);
        let heard = HostTime(400 * MS);
        sequence.take(Arc::new(Tick { heard, ..Tick::clone(&tick(false, [5.0, 0.5])) }));
        sequence.skipped(HostTime(100 * MS));
        assert!(run(&mut sequence, 401).is_empty());
        assert_eq!(sequence.take_missed(), 2);
        sequence.take(Arc::new(Tick { heard, ..Tick::clone(&tick(false, [6.0, 0.5])) }));
        assert_eq!(run(&mut sequence, 405)[0], (405, vec![0x90, 40, 100]));
    }

    #[test]
    fn controllers_are_sent_once_more_in_turn_within_ten_seconds() {
        let rules = (0..100)
            .map(|number| format!("[[cc]]\nvalue = 'main.onset-strength.low'\nchannel = 1\ncontroller = {number}\n"));
        let mut sequence = sequence(&format!("clock = false\ntransport = false\n{}", rules.collect::<String>()));
        let mut sent = |from: i64, to: i64| -> Vec<u8> {
            let mut all = Vec::new();
            for ms in (from..to).step_by(20) {
                sequence.take(tick(false, [0.0, 0.5]));
                let sent = run(&mut sequence, ms);
                assert!(from == 0 || sent.len() <= 2, "{} at once", sent.len());
                all.extend(sent.iter().map(|(_, bytes)| bytes[1]));
            }
            all.sort_unstable();
            all
        };
        let all: Vec<u8> = (0..100).collect();
        assert_eq!(sent(0, 10_000), all, "nothing has changed");
        assert_eq!(sent(10_000, 20_000), all, "a synthesiser may have been switched off and on");
    }

    #[test]
    fn a_note_that_sounds_when_the_layout_changes_ends() {
        let toml = "clock = false\ntransport = false\n\
            notes = [{ on = 'beat', channel = 10, note = 36, velocity = 90, length-ms = 2000 }]";
        let mut sequence = sequence(toml);
        sequence.take(tick(true, [0.0, 0.0]));
        assert_eq!([100, 460].map(|ms| run(&mut sequence, ms).len()), [0, 1]);
        let settings = settings("");
        let mut ended = Vec::new();
        let changed = sequence.change_layout(&settings, &Schema::default(), HostTime(600 * MS), &mut |at, message| {
            ended.push((at.0 / MS, message.bytes().to_vec()));
        });
        assert!(changed.is_ok());
        assert_eq!(ended, [(600, vec![0x89, 36, 0])]);
    }

    #[test]
    fn no_note_ends_before_it_begins_however_soon_the_output_closes() {
        let toml = "clock = false\ntransport = false\n\
            notes = [{ on = 'beat', channel = 10, note = 36, velocity = 90, length-ms = 2000 }]";
        let (settings, schema) = (settings(""), Schema::default());
        let close = |sequence: &mut Sequence, now, send: &mut dyn FnMut(HostTime, Message)| {
            sequence.close(now, &mut |at, message| send(at, message));
        };
        let change = |sequence: &mut Sequence, now, send: &mut dyn FnMut(HostTime, Message)| {
            let changed = sequence.change_layout(&settings, &schema, now, &mut |at, message| send(at, message));
            assert!(changed.is_ok());
        };
        type Ending<'a> = &'a dyn Fn(&mut Sequence, HostTime, &mut dyn FnMut(HostTime, Message));
        for ending in [&close as Ending, &change] {
            let mut sequence = sequence(toml);
            sequence.take(tick(true, [0.0, 0.0]));
            run(&mut sequence, 100);
            assert_eq!(run(&mut sequence, 460), [(500, vec![0x99, 36, 90])], "it is handed over before its moment");
            let mut ended = Vec::new();
            ending(&mut sequence, HostTime(470 * MS), &mut |at, message| {
                ended.push((at.0 / MS, message.bytes().to_vec()));
            });
            assert_eq!(ended, [(500, vec![0x89, 36, 0])]);
        }
    }

    #[test]
    fn an_onset_in_the_first_row_of_a_new_layout_is_played() {
        let toml = "clock = false\nnotes = [{ on = 'onset.main.low', channel = 1, note = 40 }]\n\
            cc = [{ value = 'main.onset-strength.low', channel = 1, controller = 7 }]";
        let mut sequence = sequence(toml);
        sequence.take(tick(false, [3.0, 1.0]));
        assert_eq!(run(&mut sequence, 0), [(0, vec![0xB0, 7, 127])]);
        let names = ["param.glow", "main.onset-count.low", "main.onset-strength.low"];
        let schema = Schema { signals: names.map(|name| Signal::scalar(name, Unit::Count, [0.0, 1.0])).into() };
        let changed = sequence.change_layout(&settings(toml), &schema, HostTime(MS), &mut |_, _| {});
        assert!(changed.is_ok());
        let row = Row { values: [0.5, 4.0, 1.0].into(), ..Row::default() };
        sequence.take(Arc::new(Tick { row, ..Tick::clone(&tick(false, [0.0, 0.0])) }));
        let heard = run(&mut sequence, 50);
        assert!(matches!(&heard[0], (50, on) if on[..2] == [0x90, 40]), "{heard:x?}");
        assert!(heard.iter().all(|(_, bytes)| bytes[0] != 0xB0), "what has not changed is not sent: {heard:x?}");
    }

    #[test]
    fn once_another_daemon_leads_the_clock_stops_and_a_note_that_sounds_ends() {
        let toml = "notes = [{ on = 'beat', channel = 10, note = 36, velocity = 90, length-ms = 200 }]";
        let mut sequence = sequence(toml);
        sequence.take(tick(true, [0.0, 0.0]));
        for ms in (-100..100).step_by(5) {
            run(&mut sequence, ms);
        }
        let mut sent = Vec::new();
        sequence.silenced(HostTime(100 * MS), &mut |_, message| sent.push(message));
        assert_eq!(sent, [Message::STOP]);
        let after: Vec<_> = (100..2_000).step_by(5).flat_map(|ms| run(&mut sequence, ms)).collect();
        assert_eq!(after, [(200, vec![0x89, 36, 0])]);
    }

    #[test]
    fn who_takes_the_lead_back_plays_no_onset_of_the_time_between_and_tells_controllers_again() {
        let toml = "clock = false\nnotes = [{ on = 'onset.main.low', channel = 1, note = 40 }]\n\
            cc = [{ value = 'main.onset-strength.low', channel = 1, controller = 7 }]";
        let mut sequence = sequence(toml);
        sequence.take(tick(false, [3.0, 1.0]));
        assert_eq!(run(&mut sequence, 0), [(0, vec![0xB0, 7, 127])]);
        sequence.silenced(HostTime(MS), &mut |_, _| {});
        assert!(run(&mut sequence, 30).is_empty());
        sequence.take(tick(false, [9.0, 1.0]));
        assert_eq!(run(&mut sequence, 60), [(60, vec![0xB0, 7, 127])]);
        sequence.take(tick(false, [10.0, 1.0]));
        assert_eq!(run(&mut sequence, 65)[0], (65, vec![0x90, 40, 100]));
    }

    #[test]
    fn an_unknown_occasion_or_signal_is_refused() {
        let settings = settings("notes = [{ on = 'drop', channel = 1, note = 1 }]");
        let made = Sequence::new(&settings, &Schema::default(), ShowClock::default(), Duration::ZERO);
        assert!(made.err().expect("refused").to_string().contains("`drop`"));
    }
}
