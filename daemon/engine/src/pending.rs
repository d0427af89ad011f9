//! The queue of commands for later.

use downbeat_protocol::{Beats, Command, ShowTime, Timeline, When};

/// Capacity of the queue; more commands are refused.
pub(super) const CAPACITY: usize = 256;

/// Commands that wait for a beat, a bar, a phrase or a time.
#[derive(Clone, Debug, Default)]
pub(super) struct Pending {
    commands: Vec<Command>,
    /// The end of the last check, as a time and as a beat count.
    last: Option<(ShowTime, Beats)>,
}

impl Pending {
    /// Queues a command; `Err` returns it if the queue is full.
    pub fn push(&mut self, command: Command) -> Result<(), Command> {
        if self.commands.len() >= CAPACITY {
            return Err(command);
        }
        self.commands.push(command);
        Ok(())
    }

    /// Drops queued commands of this kind.
    pub fn forget(&mut self, unwanted: impl Fn(&Command) -> bool) {
        self.commands.retain(|command| !unwanted(command));
    }

    /// The commands due since the last call, in order.
    ///
    /// A beat, bar or phrase is due when the beat count passes its start: whatever happens to tempo and bars in
    /// between, it is the next one in the music.
    pub fn due(&mut self, now: ShowTime, line: &Timeline) -> Vec<Command> {
        let count = line.beats_at(now);
        let from = self.last.replace((now, count)).map_or(count, |(_, from)| from);
        if self.commands.is_empty() {
            return Vec::new();
        }
        let mut due: Vec<(ShowTime, Command)> = Vec::new();
        self.commands.retain(|command| match moment(command.when, from, count, now, line) {
            Some(moment) => {
                due.push((moment, command.clone()));
                false
            }
            None => true,
        });
        due.sort_by_key(|(moment, _)| *moment);
        due.into_iter().map(|(_, command)| command).collect()
    }
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
        commands.into_iter().for_each(|command| pending.push(command).expect("room"));
        let mut due =
            |time: &f64| pending.due(at(*time), &LINE).into_iter().map(|command| command.from).collect::<Vec<_>>();
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
    fn a_time_that_has_passed_is_due_at_once() {
        assert_eq!(run(vec![command("past", When::At(at(-5.0)))], &[0.2]), ["past"]);
    }

    #[test]
    fn the_queue_is_bounded() {
        let mut pending = Pending::default();
        (0..CAPACITY).for_each(|_| pending.push(command("one", When::Bar)).expect("room"));
        assert!(pending.push(command("too many", When::Bar)).is_err());
    }
}
