//! The engine: all logic, one hop at a time.

mod adopt;
mod by;
mod cue;
mod mirror;
mod obey;
mod rule;
mod work;

pub use adopt::Adoption;
pub use mirror::Mirrored;

use crate::arbiter::Arbiter;
use crate::echo::Echoes;
use crate::kept::Kept;
use crate::layout::Layout;
use crate::pending::Pending;
use crate::rules::{Names, Rules};
use crate::show::Show;
use crate::two_ways::TwoWays;
use crate::{
    Advice, BusBeat, EngineConfig, EngineError, Hearing, InHand, Lead, Lock, Mapper, MusicState, Reference, Source,
    Tick, settings,
};
use by::By;
use downbeat_protocol::state::Change;
use downbeat_protocol::{
    Action, Beats, Command, Event, HostTime, Row, Schema, ShowState, ShowTime, Signal, Timeline, When,
};
use std::sync::Arc;
use work::{Waiting, no_room};

/// Maximum time for which a command waits: a day, in nanoseconds.
const LONGEST_WAIT_NS: i64 = 86_400_000_000_000;
/// Minimum distance between the times of two rows, in nanoseconds.
const LEAST_STEP_NS: i64 = 1_000;

/// The engine: all logic, one hop at a time.
#[derive(Clone, Debug)]
pub struct Engine {
    schema: Arc<Schema>,
    layout: Layout,
    arbiter: Arbiter,
    mapper: Mapper,
    show: Show,
    pending: Pending,
    /// What was told lately.
    echoes: Echoes,
    /// What came lately.
    two_ways: TwoWays,
    rules: Rules,
    /// Fired cues and rules.
    waiting: Waiting,
    /// Number of them carried out since the last hop.
    done: usize,
    /// The names of all signals, for messages.
    known: Vec<String>,
    /// Whether this daemon leads: rules act, and fades end.
    leads: bool,
    /// The row in progress: the last values stay until new ones arrive.
    values: Box<[f32]>,
    /// What each column of a bus had counted when its analyser began to count from 0; it goes on from there.
    counted: Box<[f32]>,
    seq: Option<u64>,
    /// The latest present so far. Times never run backwards here, whatever the arguments are.
    now: ShowTime,
    /// The time of the last row.
    time: ShowTime,
    why: String,
}

impl Engine {
    /// Builds an engine, resolving every name and compiling every expression. `state` is from the daemon's last run;
    /// anything that no longer exists in the configuration is dropped.
    pub fn new(config: &EngineConfig, state: Option<ShowState>) -> Result<Self, EngineError> {
        settings::check(config)?;
        let layout = Layout::new(config)?;
        let mapper = Mapper::new(config, &layout)?;
        let mut values = vec![0.0; layout.schema.width()].into_boxed_slice();
        for columns in &layout.buses {
            rest(&mut values[columns.clone()], &layout.rest);
        }
        mapper.rest(&mut values);
        let show = Show::new(config, state);
        show.check_configured()?;
        let known: Vec<String> = layout.schema.signals.iter().map(|signal| signal.name.clone()).collect();
        let names = Names { layout: &layout, mapper: &mapper, known: &known };
        for (name, rule) in &config.rules {
            Rules::check(rule, names).map_err(|(path, why)| {
                let path = path.into_iter().map(str::to_owned).collect();
                EngineError::Rule { name: name.clone(), path, why }
            })?;
        }
        let mut arbiter = Arbiter::new(&layout.roles.all(), &config.clocks, &config.tempo);
        arbiter.limit(show.state().tempo_range.ends(), ShowTime::ZERO);
        let bpm = arbiter.told().tempo;
        let mut engine = Self {
            schema: Arc::new(layout.schema.clone()),
            arbiter,
            mapper,
            show,
            pending: Pending::default(),
            echoes: Echoes::new(&layout.schema, &values, bpm, Kept::default()),
            two_ways: TwoWays::default(),
            rules: Rules::default(),
            waiting: Waiting::default(),
            done: 0,
            known,
            leads: true,
            counted: vec![0.0; layout.buses.last().map_or(0, |last| last.end)].into(),
            values,
            layout,
            seq: None,
            now: ShowTime(i64::MIN),
            time: ShowTime(i64::MIN),
            why: String::new(),
        };
        engine.compile_all();
        Ok(engine)
    }

    /// Continues the timeline of a daemon that ran until a moment ago, on the same show clock.
    pub fn resume(&mut self, timeline: Timeline, now: ShowTime) {
        if timeline.is_sound() {
            self.arbiter.resume(timeline, now);
            self.why = "resumed".into();
        }
    }

    /// The layout of every tick's row. It changes only when a configuration is [adopted](Self::adopt).
    pub fn schema(&self) -> Arc<Schema> {
        Arc::clone(&self.schema)
    }

    /// Takes the output of one bus's analyser: its values, laid out as the configured fields, and the beat.
    ///
    /// With `None` the bus has no signal: its levels fall to rest, its counters stay. Realtime-safe: yes.
    pub fn observe(&mut self, bus: usize, values: &[f32], heard: Option<BusBeat>) {
        let Some(columns) = self.layout.buses.get(bus) else { return };
        let row = &mut self.values[columns.clone()];
        if heard.is_some() {
            let kinds = self.layout.rest.iter().zip(&self.counted[columns.clone()]);
            for ((column, value), (rest, counted)) in row.iter_mut().zip(values).zip(kinds) {
                let value = if value.is_finite() { *value } else { 0.0 };
                *column = if rest.is_none() { (value + counted) % Signal::COUNTER_WRAP as f32 } else { value };
            }
        } else {
            rest(row, &self.layout.rest);
        }
        self.arbiter.observe(bus, heard);
    }

    /// Whether samples arrive from now on: without them, the beat continues by the clock for a while. Realtime-safe: yes.
    pub fn hear(&mut self, hearing: Hearing) {
        self.arbiter.hear(hearing);
    }

    /// Takes another clock's beat. A clock that is silent for two seconds is lost.
    ///
    /// Ignores references in the name of buses and taps, which have their own methods. Realtime-safe: yes.
    pub fn refer(&mut self, reference: Reference) {
        self.arbiter.refer(reference);
    }

    /// Another clock is known to be lost. Realtime-safe: yes.
    pub fn lose(&mut self, source: Source) {
        self.arbiter.lose(source);
    }

    /// Takes the values of a source of notes, laid out as [`notes::fields`](crate::notes::fields). Realtime-safe: yes.
    pub fn play(&mut self, source: usize, values: &[f32; crate::notes::WIDTH]) {
        if let Some(columns) = self.layout.note_sources.get(source) {
            self.values[columns.clone()].copy_from_slice(values);
        }
    }

    /// The operator's advice for the beat trackers, by bus and in order; pass it to them before they hear more.
    pub fn advice(&mut self) -> impl Iterator<Item = (usize, Advice)> + '_ {
        self.arbiter.advice()
    }

    /// The analysers are new: repeats the advice that still holds, and goes on counting where the old ones stopped. To who
    /// follows a counter, one that fell back to 0 would have counted hundreds at once.
    pub fn teach_again(&mut self) {
        self.counted.copy_from_slice(&self.values[..self.counted.len()]);
        self.arbiter.advise_again();
    }

    /// Takes a command: carries it out at once, queues it for its moment, or refuses it. Appends events to `out`.
    pub fn command(&mut self, command: Command, now: ShowTime, out: &mut Vec<Event>) {
        let now = self.later(now);
        if command.is_forged_edit() {
            return out.push(Event::Refused { from: command.from, why: Command::FORGED_EDIT.into() });
        }
        if self.two_ways.has_come(&command, now) {
            return;
        }
        if let Some(why) = self.show.refuses(&command.what) {
            return out.push(Event::Refused { from: command.from, why });
        }
        if let When::At(at) = command.when
            && at.since(now) > LONGEST_WAIT_NS
        {
            let why = "its time is more than a day ahead; check the clock of the sender".into();
            return out.push(Event::Refused { from: command.from, why });
        }
        let when = match (&command.what, command.when) {
            (Action::FireCue { cue }, When::Now) => self.show.start_of(cue),
            (_, when) => when,
        };
        // A value for what waits is a word of its own, even if it is the present one.
        let may_be_echo = matches!(command.when, When::Now | When::At(_)) && !self.pending.has_one_like(&command);
        if may_be_echo && self.echoes.is_echo(&command, self.show.state(), now) {
            return;
        }
        let command = Command { when, ..command };
        if let Err(why) = self.show.step(&command.what, now) {
            return out.push(Event::Refused { from: command.from, why });
        }
        self.pending.supersede(&command, now, self.arbiter.told());
        let was_made = matches!((&command.what, when), (Action::Tap, When::At(made)) if made <= now);
        if when == When::Now || was_made {
            self.execute(command, now, now, out);
            self.work(now, out);
            return;
        }
        let from = command.from.clone();
        if let Err(lack) = self.pending.push(command, &from) {
            out.push(Event::Refused { from, why: no_room(lack, "commands") });
        }
    }

    /// Finishes a hop.
    ///
    /// `time` is when its last sample was captured, `now` the present, which is later by the latency of the input, and
    /// `heard` when its samples reached the daemon. Appends events to `out`. A row is always later than the one before
    /// it, even if `time` is not.
    pub fn tick(&mut self, time: ShowTime, now: ShowTime, heard: HostTime, out: &mut Vec<Event>) -> Tick {
        let now = self.later(now);
        let time = time.max(self.time.offset(LEAST_STEP_NS));
        self.time = time;
        if let Some(why) = self.arbiter.advance(now, self.show.state().hold) {
            self.say(why, out);
        }
        for (at, command) in self.pending.due(now, self.arbiter.told()) {
            self.execute(command, at, now, out);
        }
        self.write_musical_time(time);
        if self.run_rules(time, now, out) {
            // One of them may have moved the beat.
            self.write_musical_time(time);
        }
        if self.leads {
            self.end_fades(now, out);
        }
        let timeline = *self.arbiter.told();
        let state = Arc::clone(self.show.state());
        let in_hand = InHand { values: &state.in_hand, fades: &state.fades };
        self.mapper.map(&mut self.values, time, &in_hand, state.frozen.is_some());
        self.echoes.note(&self.values, now);
        // Row numbers continue to rise after a restart of the daemon, since its show time has.
        let seq = self.seq.map_or_else(|| u64::try_from(time.0 / 1000).unwrap_or(0), |seq| seq + 1);
        self.seq = Some(seq);
        Tick {
            row: Row { seq, time, values: self.values.clone() },
            timeline,
            state,
            beating: self.arbiter.is_beating(now),
            heard,
        }
    }

    /// The timeline.
    pub fn timeline(&self) -> &Timeline {
        self.arbiter.told()
    }

    /// The state.
    pub fn state(&self) -> &Arc<ShowState> {
        self.show.state()
    }

    /// Where outputs note what they tell instead of a parameter's value.
    pub fn kept(&self) -> Kept {
        self.echoes.kept()
    }

    /// What sets the tempo.
    pub fn lead(&self) -> Lead {
        self.arbiter.lead()
    }

    /// Name of what sets the tempo; another clock by its own name.
    pub fn leader(&self) -> &str {
        match self.arbiter.lead() {
            Lead::Clock => self.arbiter.source(),
            lead => lead.name(),
        }
    }

    /// Whether the beat can be trusted, and why.
    pub fn lock(&self) -> Lock {
        self.arbiter.locked()
    }

    /// Why the beat can be trusted or not, for the operator; and for how long it continues if nothing gives it.
    pub fn lock_words(&self) -> String {
        let why = self.arbiter.locked().why;
        match self.arbiter.coasts(self.now) {
            None => why.into(),
            Some(None) => format!("{why}; coasting until it is back"),
            Some(Some(left)) => format!("{why}; coasting, {} s left", (left as f64 * 1e-9).ceil()),
        }
    }

    /// Whether the beat continues by the clock because the audio is lost.
    pub fn is_coasting(&self) -> bool {
        self.arbiter.is_coasting()
    }

    /// Why the timeline last changed.
    pub fn why(&self) -> &str {
        &self.why
    }

    /// Whether there is music on a bus.
    pub fn music(&self, bus: usize) -> MusicState {
        self.arbiter.state_of(bus)
    }

    /// Carries out a command that is for the moment `at`.
    fn execute(&mut self, command: Command, at: ShowTime, now: ShowTime, out: &mut Vec<Event>) {
        self.echoes.set(&command.what, &command.from, now);
        let by = By::sender(command.from, at);
        let obeyed = match (command.what, command.when) {
            (Action::Tap, When::At(made)) => self.tap(made, now, out),
            (what, _) => self.obey(what, &by, now, out),
        };
        if let Err(why) = obeyed {
            out.push(Event::Refused { from: by.name, why });
        }
    }

    /// Compiles every rule of a restored state. Those of the configuration were checked; one edited in an earlier run
    /// may use a name that is gone.
    fn compile_all(&mut self) {
        let names: Vec<String> = self.show.state().rules.keys().cloned().collect();
        for rule in names {
            if let Err(why) = self.compile(&rule) {
                self.show.apply(&Change::Trouble { rule, why });
            }
        }
    }

    /// Sends everyone the goal of the timeline; during a correction, the timeline of a tick is still on its way there.
    fn say(&mut self, why: impl Into<String>, out: &mut Vec<Event>) {
        self.why = why.into();
        out.push(Event::Timeline { timeline: *self.arbiter.goal(), why: self.why.clone() });
    }

    fn write_musical_time(&mut self, time: ShowTime) {
        let line = *self.arbiter.told();
        let beats = line.beats_at(time);
        let beat = beats.floor();
        let sure = self.arbiter.confidences();
        let musical: [f32; Layout::MUSICAL] = [
            self.arbiter.goal().tempo as f32,
            sure.pulse,
            sure.level,
            sure.phase,
            f32::from(u8::from(self.arbiter.locked().locked)),
            phase(beats.phase(Beats::ONE)),
            beat.rem_euclid(Signal::COUNTER_WRAP as i64) as f32,
            phase(line.bar_phase(time)),
            f32::from(line.beat_in_bar(beat)),
            sure.bar,
            phase(line.phrase_phase(time)),
            f32::from(self.arbiter.state() as u8),
        ];
        let first = self.layout.musical;
        self.values[first..first + Layout::MUSICAL].copy_from_slice(&musical);
    }

    fn later(&mut self, now: ShowTime) -> ShowTime {
        self.now = self.now.max(now);
        self.now
    }
}

/// The values in the columns of a bus without signal.
fn rest(row: &mut [f32], rest: &[Option<f32>]) {
    for (column, rest) in row.iter_mut().zip(rest) {
        *column = rest.unwrap_or(*column);
    }
}

/// A phase, rounded to 32 bits but never up to 1.
fn phase(phase: f64) -> f32 {
    (phase as f32).min(1.0 - f32::EPSILON / 2.0)
}

#[cfg(test)]
mod tests;
