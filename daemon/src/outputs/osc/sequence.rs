//! What leaves when: rows at the output's rate, beats ahead of their time. Pure: time is an argument.

use super::layout::Layout;
use super::message::datagrams;
use super::onset::Onset;
use super::rule::Rule;
use super::settings::{DEFAULT_RELEASE_MS, Settings, TimeTag, When};
use crate::clock::ShowClock;
use crate::dispatch::{LANDS, Latency};
use crate::edges::cadence::Cadence;
use crate::edges::osc::encode::{Arg, Head, IMMEDIATE, Writer};
use crate::edges::osc::timetag;
use crate::edges::worth::Worth;
use downbeat_engine::Tick;
use downbeat_engine::pulse::{Pulse, Pulses, Taken};
use downbeat_protocol::{HostTime, ShowTime, Value};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// How long a cue or a rule presses a button.
const PRESS: Duration = Duration::from_millis(DEFAULT_RELEASE_MS as u64);
/// Maximum of buttons held by cues and rules; another one releases the earliest.
const PRESSED: usize = 64;

/// The schedule of one target.
pub struct Sequence {
    clock: ShowClock,
    latency: Latency,
    /// Zero sends every hop.
    rows: Cadence,
    tags: TimeTag,
    /// From the monotonic clock to the time of day; only read for time tags.
    wall_offset: fn() -> i64,
    layout: Layout,
    writer: Writer,
    pulses: Pulses,
    tick: Option<Arc<Tick>>,
    /// When the earliest row was heard whose events may still have to be sent.
    since: HostTime,
    /// Whether the newest tick's row still has to be sent.
    fresh: bool,
    /// The last hop sent as an event.
    measured: Option<u64>,
    /// Buttons to release: when, and of which rule. Few, and mostly of one length, so in any order.
    held: Vec<(HostTime, usize)>,
    /// The same for buttons pressed by cues and rules: when, and the datagram.
    pressed: VecDeque<(HostTime, Vec<u8>)>,
    /// Beats, onsets and presses that could no longer land near their moment.
    missed: u64,
}

impl Sequence {
    /// The schedule for a table's settings.
    pub fn new(settings: &Settings, layout: Layout, bundles: bool, clock: ShowClock, wall_offset: fn() -> i64) -> Self {
        Self {
            clock,
            latency: settings.latency_ms,
            rows: Cadence::hz(settings.rate_hz),
            tags: settings.time_tag,
            wall_offset,
            layout,
            writer: Writer::new(bundles),
            pulses: Pulses::new(1),
            tick: None,
            since: HostTime::ZERO,
            fresh: false,
            measured: None,
            held: Vec::new(),
            pressed: VecDeque::new(),
            missed: 0,
        }
    }

    /// The number of beats and presses since the last call that were not sent because they were too late.
    pub fn take_missed(&mut self) -> u64 {
        std::mem::take(&mut self.missed)
    }

    /// The layout of rows has changed; the beat continues. Nothing may be [pressed](Self::release).
    pub fn change_layout(&mut self, mut layout: Layout) {
        layout.continue_from(&self.layout);
        self.layout = layout;
        self.held.clear();
        self.tick = None;
        self.fresh = false;
    }

    /// The target was away: resends what has changed.
    pub fn interrupted(&mut self) {
        self.layout.rules.iter_mut().for_each(Rule::forget);
    }

    /// Another daemon leads: nothing is sent until the next tick, except releases of what is pressed. The target hears
    /// from it meanwhile, so the next reading is the first again.
    pub fn silenced(&mut self) {
        self.pulses.stop();
        (self.tick, self.fresh) = (None, false);
        self.layout.rules.iter_mut().for_each(Rule::begin_anew);
        self.layout.onsets.iter_mut().for_each(Onset::begin_anew);
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

    /// When [`run`](Self::run) is next needed unless a tick comes first.
    pub fn wake_at(&self) -> HostTime {
        let row = if self.fresh { self.rows.next() } else { HostTime(i64::MAX) };
        let due = self.tick.as_ref().and_then(|tick| self.pulses.next_due(&tick.timeline));
        let beat = due.map_or(HostTime(i64::MAX), |due| self.latency.leave(self.clock.host(due)));
        let released = self.pressed.front().map_or(HostTime(i64::MAX), |(at, _)| *at);
        self.held.iter().map(|(at, _)| *at).fold(row.min(beat).min(released), HostTime::min)
    }

    /// Passes on a message of a cue or a rule, which is for the moment `at`.
    pub fn send(
        &mut self,
        address: &str,
        value: Option<&Value>,
        at: ShowTime,
        now: HostTime,
        send: &mut impl FnMut(&[u8], HostTime, Worth),
    ) {
        let Some((message, release)) = datagrams(address, value) else { return };
        // A value stays; a press is over when its moment is.
        if release.is_some() && now > self.clock.host(at) + LANDS {
            self.missed += 1;
            return;
        }
        send(&message, now, if release.is_some() { Worth::Moving } else { Worth::Lasting });
        let Some(release) = release else { return };
        if self.pressed.len() == PRESSED {
            self.pressed.pop_front().iter().for_each(|(_, earliest)| send(earliest, now, Worth::Release));
        }
        self.pressed.push_back((now + PRESS, release));
    }

    /// Passes everything due by `now` to `send`, each datagram with the moment at which it was due.
    pub fn run(&mut self, now: HostTime, send: &mut impl FnMut(&[u8], HostTime, Worth)) {
        self.let_go(now, send);
        let Some(tick) = self.tick.clone() else { return };
        self.run_beats(&tick, now, send);
        if !self.fresh {
            return;
        }
        self.run_onsets(&tick, now, send);
        self.run_presses(&tick, now, true, send);
        self.run_hop(&tick, now, send);
        if self.rows.take(now) {
            self.fresh = false;
            self.run_presses(&tick, now, false, send);
            self.run_rows(&tick, now, send);
        }
    }

    fn run_beats(&mut self, tick: &Tick, now: HostTime, send: &mut impl FnMut(&[u8], HostTime, Worth)) {
        if !tick.beating {
            return self.pulses.stop();
        }
        let until = self.clock.show(self.latency.arrive(now));
        while let Some(taken) = self.pulses.take(&tick.timeline, until) {
            match taken {
                Taken::Pulse(pulse) => self.send_beat(tick, &pulse, now, send),
                Taken::Jump { from, to, missed } => {
                    tracing::info!("osc: the beat count jumped from {from} to {to}");
                    self.missed += missed;
                }
            }
        }
    }

    fn send_beat(&mut self, tick: &Tick, pulse: &Pulse, now: HostTime, send: &mut impl FnMut(&[u8], HostTime, Worth)) {
        let due = self.clock.host(pulse.due);
        let leave = self.latency.leave(due);
        if now > leave + LANDS {
            self.missed += 1;
            return;
        }
        let send = &mut |bytes: &[u8]| send(bytes, leave, Worth::Pulse);
        self.writer.begin(match self.tags {
            TimeTag::Immediate => IMMEDIATE,
            TimeTag::Due => timetag::tag(due, (self.wall_offset)()),
        });
        let mut event = |head: &Option<Head>, count: i64, place: i64| {
            let Some(head) = head else { return };
            // Counters wrap like any 32-bit counter; at 200 BPM after twenty years.
            let arguments =
                [Arg::Int(count as i32), Arg::Float(0.0), Arg::Int(place as i32), Arg::Float(pulse.tempo as f32)];
            self.writer.message(head, |bytes| arguments.iter().for_each(|argument| argument.put(bytes)), send);
        };
        event(&self.layout.beat, pulse.beat, pulse.beat_in_bar.into());
        if pulse.is_bar() {
            event(&self.layout.bar, pulse.bar, pulse.bar_in_phrase);
        }
        if pulse.is_phrase() {
            event(&self.layout.phrase, pulse.phrase, 0);
        }
        for (index, rule) in self.layout.rules.iter().enumerate() {
            let is_due = match rule.when {
                When::Beat => pulse.is_beat(),
                When::Bar => pulse.is_bar(),
                When::Phrase => pulse.is_phrase(),
                When::Rate | When::Change => false,
            };
            if let Some(value) = is_due.then(|| rule.at_beat(&tick.row)).flatten() {
                self.writer.message(rule.head(), |bytes| rule.put(value, bytes), send);
                self.held.extend(rule.release.map(|release| (now + release, index)));
            }
        }
        self.writer.end(send);
    }

    fn run_onsets(&mut self, tick: &Tick, now: HostTime, send: &mut impl FnMut(&[u8], HostTime, Worth)) {
        let send = &mut |bytes: &[u8]| send(bytes, now, Worth::Pulse);
        let is_late = now > self.since + LANDS;
        self.writer.begin(IMMEDIATE);
        for onset in &mut self.layout.onsets {
            if let Some((count, arguments)) = onset.take(&tick.row) {
                if is_late {
                    self.missed += count;
                    continue;
                }
                let put = |bytes: &mut Vec<u8>| arguments.iter().for_each(|argument| argument.put(bytes));
                self.writer.message(onset.head(), put, send);
            }
        }
        self.writer.end(send);
    }

    /// Presses buttons by rules: those that follow counters with every row, the others at the rate.
    fn run_presses(
        &mut self,
        tick: &Tick,
        now: HostTime,
        counting: bool,
        send: &mut impl FnMut(&[u8], HostTime, Worth),
    ) {
        let send = &mut |bytes: &[u8]| send(bytes, now, Worth::Pulse);
        // A value past one half is so now; an event was counted at some time.
        let since = if counting { self.since } else { tick.heard };
        let is_late = now > since + LANDS;
        self.writer.begin(IMMEDIATE);
        for (index, rule) in self.layout.rules.iter_mut().enumerate() {
            if !rule.is_press() || rule.counts() != counting {
                continue;
            }
            match rule.presses(&tick.row, now) {
                0 => {}
                presses if is_late => self.missed += presses,
                _ => {
                    self.writer.message(rule.head(), |bytes| rule.put(1.0, bytes), send);
                    self.held.extend(rule.release.map(|release| (now + release, index)));
                }
            }
        }
        self.writer.end(send);
    }

    fn run_hop(&mut self, tick: &Tick, now: HostTime, send: &mut impl FnMut(&[u8], HostTime, Worth)) {
        let Some(head) = &self.layout.hop else { return };
        if self.measured.replace(tick.row.seq) == Some(tick.row.seq) {
            return;
        }
        let send = &mut |bytes: &[u8]| send(bytes, now, Worth::Moving);
        let arguments = [tick.row.seq as i64, tick.row.time.0, tick.heard.0].map(Arg::Long);
        self.writer.begin(IMMEDIATE);
        self.writer.message(head, |bytes| arguments.iter().for_each(|argument| argument.put(bytes)), send);
        self.writer.end(send);
    }

    fn run_rows(&mut self, tick: &Tick, now: HostTime, send: &mut impl FnMut(&[u8], HostTime, Worth)) {
        let send = &mut |bytes: &[u8]| send(bytes, now, Worth::Moving);
        self.writer.begin(IMMEDIATE);
        for item in &self.layout.items {
            let values = tick.row.values.get(item.place..item.place + item.len).unwrap_or_default();
            if !values.is_empty() && values.iter().all(|value| value.is_finite()) {
                let put = |bytes: &mut Vec<u8>| values.iter().for_each(|value| Arg::Float(*value).put(bytes));
                self.writer.message(&item.head, put, send);
            }
        }
        for rule in &mut self.layout.rules {
            if !matches!(rule.when, When::Rate | When::Change) {
                continue;
            }
            if let Some(value) = rule.sample(&tick.row, now) {
                self.writer.message(rule.head(), |bytes| rule.put(value, bytes), send);
            }
        }
        self.writer.end(send);
    }

    /// Releases all buttons: nothing stays pressed after the end.
    pub fn release(&mut self, send: &mut impl FnMut(&[u8], HostTime, Worth)) {
        self.let_go(HostTime(i64::MAX), send);
    }

    /// Releases the buttons that have been held long enough.
    fn let_go(&mut self, now: HostTime, send: &mut impl FnMut(&[u8], HostTime, Worth)) {
        while self.pressed.front().is_some_and(|(at, _)| *at <= now) {
            self.pressed.pop_front().iter().for_each(|(at, release)| send(release, *at, Worth::Release));
        }
        let (layout, writer) = (&self.layout, &mut self.writer);
        self.held.retain(|(at, index)| {
            if *at > now {
                return true;
            }
            if let Some(rule) = layout.rules.get(*index) {
                let send = &mut |bytes: &[u8]| send(bytes, *at, Worth::Release);
                writer.begin(IMMEDIATE);
                writer.message(rule.head(), |bytes| Arg::Int(0).put(bytes), send);
                writer.end(send);
            }
            false
        });
    }
}

#[cfg(test)]
mod tests;
