//! The queue of commands for later.

use crate::places::{Lack, Limits, Places};
use downbeat_protocol::{Beats, Command, ShowTime, Timeline, When};

/// Commands that wait for a beat, a bar, a phrase or a time.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    waiting: Vec<Waiting>,
    places: Places,
    /// The end of the last check, as a time and as a beat count.
    last: Option<(ShowTime, Beats)>,
}

#[derive(Clone, Debug)]
struct Waiting {
    command: Command,
    /// Whose place it takes.
    of: String,
}

impl Default for Pending {
    fn default() -> Self {
        Self { waiting: Vec::new(), places: Places::new(Limits::FOR_LATER), last: None }
    }
}

impl Pending {
    /// Queues a command in a place of `of`: its sender, or the one who has fired the rule that sends it. The error says
    /// which places are taken.
    pub fn push(&mut self, command: Command, of: &str) -> Result<(), Lack> {
        self.places.take(of)?;
        self.waiting.push(Waiting { command, of: of.to_owned() });
        Ok(())
    }

    /// Drops queued commands that set the same as `newer` and would come after it: the last wish holds, whoever made
    /// it, and what was off does not come on again.
    pub fn supersede(&mut self, newer: &Command, now: ShowTime, line: &Timeline) {
        if self.waiting.is_empty() || newer.what.sets().is_none() {
            return;
        }
        let moment = next(newer.when, now, line);
        self.forget(|older| older.what.sets() == newer.what.sets() && next(older.when, now, line) > moment);
    }

    /// Whether a queued command sets the same.
    pub fn has_one_like(&self, command: &Command) -> bool {
        let sets = command.what.sets();
        sets.is_some() && self.waiting.iter().any(|waiting| waiting.command.what.sets() == sets)
    }

    /// Drops queued commands of this kind.
    pub fn forget(&mut self, unwanted: impl Fn(&Command) -> bool) {
        let Self { waiting, places, .. } = self;
        waiting.retain(|it| {
            let stays = !unwanted(&it.command);
            if !stays {
                places.leave(&it.of);
            }
            stays
        });
    }

    /// The commands due since the last call, in order, with their moments: none before that call, since whoever comes
    /// with a moment that is over has come after it.
    ///
    /// A beat, bar or phrase is due when the beat count passes its start: whatever happens to tempo and bars in
    /// between, it is the next one in the music.
    pub fn due(&mut self, now: ShowTime, line: &Timeline) -> Vec<(ShowTime, Command)> {
        let count = line.beats_at(now);
        let (since, from) = self.last.replace((now, count)).unwrap_or((now, count));
        if self.waiting.is_empty() {
            return Vec::new();
        }
        let mut due: Vec<(ShowTime, Command)> = Vec::new();
        let Self { waiting, places, .. } = self;
        waiting.retain(|it| match moment(it.command.when, from, count, now, line) {
            Some(moment) => {
                places.leave(&it.of);
                due.push((moment, it.command.clone()));
                false
            }
            None => true,
        });
        due.sort_by_key(|(moment, _)| *moment);
        due.iter_mut().for_each(|(moment, _)| *moment = (*moment).max(since));
        due
    }
}

/// When it will be due, as far as known now.
fn next(when: When, now: ShowTime, line: &Timeline) -> ShowTime {
    let cycle = match when {
        When::Now => return now,
        When::At(time) => return time.max(now),
        When::Beat => Beats::ONE,
        When::Bar => line.bar(),
        When::Phrase => line.phrase(),
    };
    line.time_of(line.next_multiple(now, cycle))
}

/// When it was due, if that was between the counts `from` (excluded) and `to`, or at a time up to `now`.
fn moment(when: When, from: Beats, to: Beats, now: ShowTime, line: &Timeline) -> Option<ShowTime> {
    let cycle = match when {
        When::Now => return Some(now),
        When::At(time) => return (time <= now).then_some(time),
        When::Beat => Beats::ONE,
        When::Bar => line.bar(),
        When::Phrase => line.phrase(),
    };
    let cycles = |count: Beats| (count - line.bar_origin).0.div_euclid(cycle.0);
    let begun = cycles(to);
    (begun > cycles(from)).then(|| line.time_of(line.bar_origin + Beats(begun * cycle.0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_protocol::Action;

    const OF_HOST: usize = Limits::FOR_LATER.of_host;

    /// Two beats a second, bars of two seconds, phrases of eight.
    const LINE: Timeline = Timeline {
        tempo: 120.0,
        time_origin: ShowTime::ZERO,
        beat_origin: Beats::ZERO,
        bar_origin: Beats::ZERO,
        beats_per_bar: 4,
        bars_per_phrase: 4,
    };

    fn command(name: &str, when: When) -> Command {
        Command { what: Action::Tap, when, from: name.into() }
    }

    fn at(seconds: f64) -> ShowTime {
        ShowTime::from_secs_f64(seconds)
    }

    /// The senders of the commands due at each of the given times.
    fn run(commands: Vec<Command>, times: &[f64]) -> Vec<String> {
        let mut pending = Pending::default();
        pending.due(at(0.1), &LINE);
        commands.into_iter().for_each(|command| pending.push(command, "").expect("room"));
        let mut due =
            |time: &f64| pending.due(at(*time), &LINE).into_iter().map(|(_, due)| due.from).collect::<Vec<_>>();
        times.iter().map(|time| due(time).join(" ")).collect()
    }

    #[test]
    fn each_waits_for_its_own_moment() {
        let commands = vec![
            command("phrase", When::Phrase),
            command("bar", When::Bar),
            command("beat", When::Beat),
            command("time", When::At(at(0.3))),
        ];
        assert_eq!(
            run(commands, &[0.2, 0.4, 0.49, 0.51, 1.99, 2.0, 7.9, 8.1]),
            ["", "time", "", "beat", "", "bar", "", "phrase"]
        );
    }

    #[test]
    fn those_due_at_once_come_in_the_order_of_their_moments() {
        let commands =
            vec![command("bar", When::Bar), command("late", When::At(at(1.9))), command("early", When::At(at(1.8)))];
        assert_eq!(run(commands, &[2.1]), ["early late bar"]);
    }

    #[test]
    fn after_a_stall_each_has_the_moment_that_it_waited_for() {
        let mut pending = Pending::default();
        pending.due(at(0.1), &LINE);
        for when in [When::Beat, When::At(at(0.3)), When::At(at(-5.0))] {
            pending.push(command("", when), "").expect("room");
        }
        let moments: Vec<_> = pending.due(at(0.9), &LINE).into_iter().map(|(moment, _)| moment).collect();
        assert_eq!(moments, [0.1, 0.3, 0.5].map(at), "one that is over before it comes is for the time when it comes");
    }

    #[test]
    fn a_time_that_has_passed_is_due_at_once() {
        assert_eq!(run(vec![command("past", When::At(at(-5.0)))], &[0.2]), ["past"]);
    }

    /// The values of `/show/blackout` at each of the given times, from commands that arrive at 0.1 s.
    fn dark(commands: &[(bool, When)], times: &[f64]) -> Vec<bool> {
        let mut pending = Pending::default();
        pending.due(at(0.1), &LINE);
        for (on, when) in commands {
            let command = Command { what: Action::Blackout(*on), when: *when, from: String::new() };
            pending.supersede(&command, at(0.1), &LINE);
            pending.push(command, "").expect("room");
        }
        let mut due = |time: &f64| pending.due(at(*time), &LINE).into_iter();
        let values = times.iter().flat_map(|time| due(time).map(|(_, it)| it.what == Action::Blackout(true)));
        values.collect()
    }

    #[test]
    fn off_is_not_overtaken_by_an_older_on() {
        let times = [0.2, 0.5, 1.0, 2.0, 5.0, 9.0];
        for late in [When::At(at(5.0)), When::Bar, When::Phrase, When::Beat, When::At(at(0.4))] {
            assert_eq!(dark(&[(true, late), (false, When::Now)], &times), [false], "{late:?}");
        }
        assert_eq!(dark(&[(true, When::At(at(5.0))), (false, When::Bar)], &times), [false]);
        assert_eq!(dark(&[(true, When::Phrase), (true, When::Bar), (false, When::Beat)], &times), [false]);
    }

    #[test]
    fn what_was_scheduled_in_order_comes_in_order() {
        let times = [0.2, 0.5, 1.0, 2.0, 5.0, 9.0];
        let flash = [(true, When::At(at(0.4))), (false, When::At(at(0.6)))];
        assert_eq!(dark(&flash, &times), [true, false]);
        assert_eq!(dark(&[(true, When::Bar), (false, When::Bar)], &times), [true, false], "pressed and released");
        assert_eq!(dark(&[(true, When::Now), (false, When::Bar)], &times), [true, false]);
    }

    #[test]
    fn only_the_same_thing_is_replaced() {
        let mut pending = Pending::default();
        let wish = |what, when| Command { what, when, from: String::new() };
        let glow = |name: &str| Action::Parameter { name: name.into(), value: 1.0 };
        let waiting = [glow("glow"), glow("hue"), Action::Tap, Action::FireCue { cue: "x".into() }];
        waiting.into_iter().for_each(|what| pending.push(wish(what, When::Bar), "").expect("room"));
        pending.supersede(&wish(Action::Auto { name: "glow".into() }, When::Now), at(0.1), &LINE);
        pending.supersede(&wish(Action::Tap, When::Now), at(0.1), &LINE);
        assert_eq!(
            pending.waiting.iter().map(|it| &it.command.what).collect::<Vec<_>>(),
            [&glow("hue"), &Action::Tap, &Action::FireCue { cue: "x".into() }]
        );
    }

    #[test]
    fn whoever_has_no_place_left_has_one_again_when_its_commands_are_due_or_forgotten() {
        let mut pending = Pending::default();
        let full = |pending: &mut Pending| {
            let mut one = |port: usize| {
                let from = format!("osc:192.0.2.66:{port}");
                pending.push(command(&from, When::Beat), &from)
            };
            (0..2_000).filter(|port| one(*port).is_ok()).count()
        };
        pending.due(at(0.1), &LINE);
        assert_eq!([full(&mut pending), full(&mut pending)], [OF_HOST, 0]);
        assert_eq!(pending.due(at(0.6), &LINE).len(), OF_HOST);
        assert_eq!(full(&mut pending), OF_HOST);
        pending.forget(|_| true);
        assert_eq!(full(&mut pending), OF_HOST);
    }
}
