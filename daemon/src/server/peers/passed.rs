//! What was passed on to the leader a moment ago: it may have died before it took it, and a connection does not tell.

use downbeat_protocol::{Command, HostTime, When};
use std::collections::VecDeque;
use std::time::Duration;

/// For how long it is kept at least: about as long as the connection to a dead leader lasts.
const KEPT: Duration = Duration::from_secs(1);
/// How long after a command a row may come that was sent before the leader took it, in nanoseconds.
const UNDERWAY_NS: i64 = 50_000_000;
/// Maximum of commands: more than those whose address may be forged can pass on in that time.
const MOST: usize = 1_024;

/// The commands of the last moment, the oldest first; of those that set the same at once, the last.
#[derive(Debug)]
pub struct Passed {
    lately: VecDeque<(HostTime, Command)>,
    kept_ns: i64,
}

/// What a leader did not live to take.
#[derive(Debug, Default, PartialEq)]
pub struct Missed {
    /// What is to hold now, in order.
    pub values: Vec<Command>,
    /// What would come too late, or a second time.
    pub lost: Vec<Command>,
}

impl Passed {
    /// Keeps commands for twice the time in which a leader is found dead, or longer.
    pub fn new(detection: Duration) -> Self {
        let kept = KEPT.max(detection.saturating_mul(2));
        Self { lately: VecDeque::new(), kept_ns: kept.as_nanos() as i64 }
    }

    /// Keeps a command that was passed on.
    pub fn keep(&mut self, command: Command, now: HostTime) {
        if command.what.is_about_lead() {
            return;
        }
        if is_value(&command) {
            self.lately.retain(|(_, older)| !is_value(older) || older.what.sets() != command.what.sets());
        }
        if self.lately.len() >= MOST {
            self.lately.pop_front();
        }
        self.lately.push_back((now, command));
    }

    /// Forgets what is too old, and returns what of it no leader took: the last row came at `heard`, before it.
    pub fn expire(&mut self, now: HostTime, heard: HostTime) -> Vec<Command> {
        let mut lost = Vec::new();
        while self.lately.front().is_some_and(|(at, _)| now.since(*at) > self.kept_ns)
            && let Some((at, command)) = self.lately.pop_front()
        {
            if is_missed(at, heard) {
                lost.push(command);
            }
        }
        lost
    }

    /// The leader is dead, and its last row came at `heard`.
    pub fn missed(&mut self, heard: HostTime) -> Missed {
        let commands = self.lately.drain(..).filter(|(at, _)| is_missed(*at, heard)).map(|(_, command)| command);
        let (values, lost) = commands.partition(is_value);
        Missed { values, lost }
    }
}

fn is_missed(at: HostTime, heard: HostTime) -> bool {
    at > heard.offset(-UNDERWAY_NS)
}

/// Whether it may as well be carried out later, or twice.
fn is_value(command: &Command) -> bool {
    command.when == When::Now && command.what.sets().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_protocol::Action;

    const DETECTION: Duration = Duration::from_millis(100);

    fn at_ms(ms: i64) -> HostTime {
        HostTime(ms * 1_000_000)
    }

    fn command(what: Action) -> Command {
        Command { what, when: When::Now, from: "osc:192.0.2.7:9000".into() }
    }

    #[test]
    fn what_was_sent_to_a_dead_leader_holds_and_what_cannot_be_made_good_is_lost() {
        let mut passed = Passed::new(DETECTION);
        let for_the_bar = Command { when: When::Bar, ..command(Action::Freeze(true)) };
        passed.keep(command(Action::Hold(true)), at_ms(0));
        passed.keep(command(Action::Blackout(false)), at_ms(1_010));
        passed.keep(command(Action::Tempo(120.0)), at_ms(1_020));
        passed.keep(command(Action::Double), at_ms(1_030));
        passed.keep(command(Action::Blackout(true)), at_ms(1_040));
        passed.keep(for_the_bar.clone(), at_ms(1_050));
        let missed = passed.missed(at_ms(1_000));
        assert_eq!(missed.values, [command(Action::Tempo(120.0)), command(Action::Blackout(true))]);
        assert_eq!(missed.lost, [command(Action::Double), for_the_bar]);
        assert_eq!(passed.missed(at_ms(1_000)), Missed::default(), "once");
    }

    #[test]
    fn what_nobody_takes_is_lost_in_the_end_and_a_living_leader_loses_nothing() {
        let mut passed = Passed::new(DETECTION);
        passed.keep(command(Action::Undo), at_ms(500));
        assert_eq!(passed.expire(at_ms(1_600), at_ms(1_595)), []);
        passed.keep(command(Action::Blackout(true)), at_ms(2_000));
        assert_eq!(passed.expire(at_ms(2_900), at_ms(1_990)), []);
        assert_eq!(passed.expire(at_ms(3_100), at_ms(1_990)), [command(Action::Blackout(true))]);
    }
}
