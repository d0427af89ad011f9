//! MIDI clock and transport from the timeline. Pure: time is an argument.
//!
//! Every clock is sent exactly once, 24 to a beat, whatever corrections the timeline gets: receivers only count clocks.
//! So start waits for a downbeat, and after a pause the song position tells where the music is.
//!
//! After a stall that is too long to be heard as one beat, a receiver that understands transport is stopped and continues
//! from the right song position at the next beat: clocks that are over are worth nothing to it. One that only counts
//! clocks gets them all, at twice the tempo until it has caught up; of a stall longer than a bar, it is spared whole bars.

use super::packet::{CLOCKS_PER_BEAT, Message, SIXTEENTHS_PER_BEAT};
use crate::clock::ShowClock;
use crate::dispatch::{LANDS, Latency};
use downbeat_engine::pulse::{Pulse, Pulses, Taken};
use downbeat_protocol::{HostTime, ShowTime, Timeline};
use std::time::Duration;

/// Time between start or continue and its first clock. Receivers have a millisecond to get ready (MIDI 1.0).
const READY: Duration = Duration::from_millis(1);

/// The clock of one port.
pub struct Clock {
    show: ShowClock,
    latency: Latency,
    clock: bool,
    transport: bool,
    pulses: Pulses,
    rolling: bool,
    /// The beat from which the receivers count.
    began: Option<i64>,
    /// When the last message is due: none may overtake it.
    last_due: HostTime,
    /// The last call of [`run`](Self::run).
    last_run: HostTime,
    /// Clocks that were not sent because they were too late.
    missed: u64,
}

impl Clock {
    /// A clock that sends clocks, transport messages, or both.
    pub fn new(show: ShowClock, latency: Latency, clock: bool, transport: bool) -> Self {
        let pulses = Pulses::new(CLOCKS_PER_BEAT);
        let pulses = if transport { pulses } else { pulses.counted() };
        let (last_due, last_run) = (HostTime(i64::MIN), HostTime(i64::MAX));
        Self { show, latency, clock, transport, pulses, rolling: false, began: None, last_due, last_run, missed: 0 }
    }

    /// The number of clocks since the last call that were not sent because they were too late.
    pub fn take_missed(&mut self) -> u64 {
        std::mem::take(&mut self.missed)
    }

    /// Passes on what leaves by `until`, each message with its moment, in order.
    pub fn run(&mut self, line: &Timeline, now: HostTime, until: HostTime, send: &mut impl FnMut(HostTime, Message)) {
        if !(self.clock || self.transport) {
            return;
        }
        let stalled = now > std::mem::replace(&mut self.last_run, now) + LANDS;
        if stalled && self.next_leave(line).is_some_and(|leave| now > leave + LANDS) {
            self.stalled(line, now, send);
        }
        let show_until = self.arrival(until);
        // Whoever catches up a whole bar still follows the tempo: clocks that leave later are not planned yet.
        while (self.transport || self.earliest(line) <= until)
            && let Some(taken) = self.pulses.take(line, show_until)
        {
            match taken {
                Taken::Pulse(pulse) => self.pulse(line, &pulse, send),
                Taken::Jump { from, to, missed } => {
                    tracing::info!("midi: the beat count jumped from clock {from} to {to}");
                    self.missed += missed;
                    self.halt(send);
                }
            }
        }
    }

    /// Nothing was sent for too long, though clocks were due.
    fn stalled(&mut self, line: &Timeline, now: HostTime, send: &mut impl FnMut(HostTime, Message)) {
        if !self.transport {
            self.last_due = self.last_due.max(now);
            return;
        }
        while self.next_leave(line).is_some_and(|leave| leave <= now)
            && let Some(taken) = self.pulses.take(line, self.arrival(now))
        {
            self.missed += if let Taken::Jump { missed, .. } = taken { missed } else { 1 };
        }
        self.last_due = self.last_due.max(now);
        self.halt(send);
    }

    /// Nothing plays.
    pub fn stop(&mut self, now: HostTime, send: &mut impl FnMut(HostTime, Message)) {
        self.pulses.stop();
        self.last_due = self.last_due.max(now);
        self.halt(send);
    }

    /// Receivers have missed something: sends the song position at the next beat.
    pub fn interrupted(&mut self) {
        self.rolling = false;
    }

    /// When the next clock leaves; `None` while stopped.
    pub fn next_leave(&self, line: &Timeline) -> Option<HostTime> {
        let planned = self.pulses.next_due(line).map(|due| self.latency.leave(self.show.host(due)));
        planned.map(|leave| if self.transport { leave } else { leave.max(self.earliest(line)) })
    }

    /// When the next clock leaves at the earliest: clocks made due at once by a correction or a stall come at twice the
    /// tempo, not in a burst.
    fn earliest(&self, line: &Timeline) -> HostTime {
        let interval = line.beat_ns() / f64::from(CLOCKS_PER_BEAT);
        self.last_due.offset((interval / 2.0) as i64)
    }

    fn arrival(&self, leave: HostTime) -> ShowTime {
        self.show.show(self.latency.arrive(leave))
    }

    fn pulse(&mut self, line: &Timeline, pulse: &Pulse, send: &mut impl FnMut(HostTime, Message)) {
        let planned = self.latency.leave(self.show.host(pulse.due));
        let due = planned.max(self.earliest(line));
        if self.transport && !self.rolling {
            self.roll(pulse, due, send);
        }
        if self.clock {
            send(due, Message::CLOCK);
        }
        self.last_due = due;
    }

    /// Starts at a downbeat, or continues at a beat.
    fn roll(&mut self, pulse: &Pulse, due: HostTime, send: &mut impl FnMut(HostTime, Message)) {
        let announce = (due - READY).max(self.last_due);
        match self.began.filter(|began| *began <= pulse.beat) {
            Some(began) if pulse.is_beat() => {
                send(announce, Message::song_position((pulse.beat - began) * SIXTEENTHS_PER_BEAT));
                send(announce, Message::CONTINUE);
                self.rolling = true;
            }
            None if pulse.is_bar() => {
                send(announce, Message::START);
                self.began = Some(pulse.beat);
                self.rolling = true;
            }
            _ => {}
        }
    }

    fn halt(&mut self, send: &mut impl FnMut(HostTime, Message)) {
        if self.rolling {
            self.rolling = false;
            send(self.last_due, Message::STOP);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_protocol::Beats;
    use proptest::prelude::*;

    const MS: i64 = 1_000_000;

    type Sent = Vec<(HostTime, Message)>;

    fn clock() -> Clock {
        Clock::new(ShowClock::default(), Latency::default(), true, true)
    }

    /// Runs a clock in steps of 5 ms, looking ahead by 50 ms.
    fn play(clock: &mut Clock, line: &Timeline, from_ms: i64, to_ms: i64, sent: &mut Sent) {
        for ms in (from_ms..to_ms).step_by(5) {
            let now = HostTime(ms * MS);
            clock.run(line, now, HostTime((ms + 50) * MS), &mut |due, message| sent.push((due, message)));
        }
    }

    fn transport(sent: &Sent) -> Vec<(i64, Message)> {
        let others = sent.iter().filter(|(_, message)| *message != Message::CLOCK);
        others.map(|(due, message)| (due.0 / MS, *message)).collect()
    }

    #[test]
    fn clocks_are_even_and_start_comes_just_before_the_downbeat() {
        let (mut clock, mut sent) = (clock(), Sent::new());
        play(&mut clock, &Timeline::default(), 10, 4000, &mut sent);
        assert_eq!(transport(&sent), [(1999, Message::START)]);
        let after = sent.iter().skip_while(|(_, message)| *message != Message::START).nth(1).expect("a clock");
        assert_eq!(*after, (HostTime(2000 * MS), Message::CLOCK));
        let clocks: Vec<i64> = sent.iter().filter(|it| it.1 == Message::CLOCK).map(|(due, _)| due.0).collect();
        let interval = 500 * MS / 24;
        assert!(clocks.windows(2).all(|two| (two[1] - two[0] - interval).abs() < 2000), "even to two microseconds");
    }

    #[test]
    fn after_a_pause_the_song_goes_on_where_the_music_is() {
        let (mut clock, mut sent) = (clock(), Sent::new());
        let line = Timeline::default();
        play(&mut clock, &line, -100, 3000, &mut sent);
        clock.stop(HostTime(3000 * MS), &mut |due, message| sent.push((due, message)));
        play(&mut clock, &line, 9100, 9600, &mut sent);
        let told = transport(&sent);
        assert_eq!(told[0], (-1, Message::START));
        // Clocks up to 3045 ms were already on their way.
        assert_eq!(told[1], (3041, Message::STOP));
        // Beat 19 is 76 sixteenths after beat 0.
        assert_eq!(told[2..], [(9499, Message::song_position(76)), (9499, Message::CONTINUE)]);
    }

    #[test]
    fn stop_comes_at_once_when_no_clock_is_under_way() {
        let (mut clock, mut sent) = (clock(), Sent::new());
        play(&mut clock, &Timeline::default(), -100, 1000, &mut sent);
        clock.stop(HostTime(1300 * MS), &mut |due, message| sent.push((due, message)));
        assert_eq!(sent.last(), Some(&(HostTime(1300 * MS), Message::STOP)));
    }

    #[test]
    fn a_jump_stops_and_continues_at_the_new_place() {
        let (mut clock, mut sent) = (clock(), Sent::new());
        let mut line = Timeline::default();
        play(&mut clock, &line, -100, 1010, &mut sent);
        line.beat_origin = Beats::whole(64);
        play(&mut clock, &line, 1010, 2000, &mut sent);
        let told: Vec<Message> = transport(&sent).into_iter().map(|(_, message)| message).collect();
        let position = Message::song_position(67 * 4);
        assert_eq!(told, [Message::START, Message::STOP, position, Message::CONTINUE]);
    }

    #[test]
    fn after_a_stall_the_song_goes_on_at_the_right_place_without_clocks_that_are_over() {
        for stall in [160, 241, 400] {
            let (mut clock, mut sent) = (clock(), Sent::new());
            let line = Timeline::default();
            play(&mut clock, &line, -100, 1000, &mut sent);
            let before = sent.len();
            play(&mut clock, &line, 1000 + stall, 2500, &mut sent);
            let after = &sent[before..];
            assert!(after.iter().all(|(due, _)| due.0 >= (1000 + stall) * MS), "{stall} ms: nothing that is over");
            let told: Vec<Message> = transport(&sent).into_iter().map(|(_, message)| message).collect();
            assert_eq!(told[..3], [Message::START, Message::STOP, Message::song_position(3 * 4)], "{stall} ms");
            // From there on, every clock counts.
            let at = after.iter().position(|(_, message)| *message == Message::CONTINUE).expect("it continues");
            let clocks = after[at..].iter().filter(|(_, message)| *message == Message::CLOCK).count() as i64;
            assert_eq!(clocks, (2545 - 1500) * 24 / 500 + 1, "{stall} ms");
            assert!(clock.take_missed() > 0);
        }
    }

    #[test]
    fn a_receiver_that_only_counts_gets_every_clock_and_no_burst_after_a_stall() {
        for stall in [150, 241, 400] {
            let mut clock = Clock::new(ShowClock::default(), Latency::default(), true, false);
            let (line, mut sent) = (Timeline::default(), Sent::new());
            play(&mut clock, &line, -100, 1000, &mut sent);
            play(&mut clock, &line, 1000 + stall, 3000, &mut sent);
            let clocks: Vec<i64> = sent.iter().map(|(due, _)| due.0).collect();
            assert!(clocks.windows(2).all(|two| two[1] - two[0] >= 10 * MS), "{stall} ms: a burst");
            assert_eq!(clocks.len() as i64, 3045 * 24 / 500 + 1 + 2, "{stall} ms: all of them");
        }
    }

    #[test]
    fn a_receiver_that_only_counts_is_in_phase_again_after_any_stall() {
        for (stall, missed) in [(700, 0), (1900, 0), (2300, 96), (9000, 4 * 96)] {
            let mut clock = Clock::new(ShowClock::default(), Latency::default(), true, false);
            let (line, mut sent) = (Timeline::default(), Sent::new());
            play(&mut clock, &line, -100, 1000, &mut sent);
            let before = sent.len();
            play(&mut clock, &line, 1000 + stall, 4000 + 2 * stall, &mut sent);
            let after: Vec<i64> = sent[before..].iter().map(|(due, _)| due.0).collect();
            assert!(after[0] >= (1000 + stall) * MS, "{stall} ms: nothing that is over");
            assert!(after.windows(2).all(|two| two[1] - two[0] >= 10 * MS), "{stall} ms: a burst");
            assert_eq!(clock.take_missed(), missed, "{stall} ms");
            // From -100 ms, when it began, to the end.
            let all = (4045 + 2 * stall) * 24 / 500 + 1 + 2;
            assert_eq!(sent.len() as i64, all - missed as i64, "{stall} ms: all but whole bars");
        }
    }

    #[test]
    fn every_clock_of_a_long_stall_that_is_not_sent_is_counted() {
        let (mut clock, mut sent, line) = (clock(), Sent::new(), Timeline::default());
        play(&mut clock, &line, -100, 1000, &mut sent);
        let before = sent.len();
        play(&mut clock, &line, 4000, 6500, &mut sent);
        let told: Vec<Message> = transport(&sent).into_iter().map(|(_, message)| message).collect();
        assert_eq!(told[..3], [Message::START, Message::STOP, Message::song_position(9 * 4)]);
        let clocks = sent[before..].iter().filter(|(_, message)| *message == Message::CLOCK).count() as u64;
        // Those up to 1045 ms were sent before, and the last is due at 6541.67 ms.
        assert_eq!(clock.take_missed() + clocks, 314 - 50);
    }

    proptest! {
        #[test]
        fn every_beat_has_twenty_four_clocks_in_order_and_no_burst(
            steps in proptest::collection::vec((60..200i64, 100.0..180.0f64, -Beats::MICRO / 2..Beats::MICRO / 2), 1..12),
        ) {
            let (mut clock, mut sent, mut line, mut now) = (clock(), Sent::new(), Timeline::default(), 0);
            for (passes, tempo, correction) in steps {
                let until = now + passes * 10;
                play(&mut clock, &line, now, until, &mut sent);
                now = until;
                line = line.with_tempo(tempo, ShowTime(now * MS));
                line.beat_origin = line.beat_origin + Beats(correction);
            }
            let end = line.beats_at(ShowTime((now + 50) * MS));
            play(&mut clock, &line, now, now + 1, &mut sent);
            let first = 50 * 24 / 500 + 1;
            let clocks: Vec<i64> = sent.iter().filter(|it| it.1 == Message::CLOCK).map(|(due, _)| due.0).collect();
            let last = first - 1 + clocks.len() as i64;
            prop_assert!(last >= end.0 * 24 / Beats::MICRO - 1, "clocks up to {} of {:?}", last, end);
            prop_assert!(clocks.windows(2).all(|two| two[1] - two[0] >= 6 * MS), "a burst");
        }
    }
}
