//! Which rules a moment of the beat sets off.
//!
//! The finest grid is a quarter of a beat: a rule of every beat at four times its rate. [`Pulses`] takes each quarter
//! exactly once, whatever is done to the timeline; and whether a quarter sets a rule off follows from its number alone.

use super::OnGrid;
use crate::pulse::{Pulses, Taken};
use downbeat_protocol::rule::{Rate, Rule};
use downbeat_protocol::{Beats, ShowTime, Timeline};

/// Quarters in a beat.
const QUARTERS: i64 = 4;
/// How far back a quarter counts as done already when another daemon goes on: a bar. What lies further back belongs to
/// another count of beats.
const DONE: i64 = 4 * QUARTERS;

/// Takes the quarters of beats, one after the other.
#[derive(Clone, Debug)]
pub(super) struct Grid(Pulses);

/// Quarters that have come: one, or those that a jump passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    /// The last before.
    after: i64,
    /// The last of them.
    to: i64,
}

impl Default for Grid {
    fn default() -> Self {
        Self(Pulses::new(QUARTERS as u32))
    }
}

impl Grid {
    /// What has come by a time and was not taken. A jump ahead comes as one stretch, so that a rule acts once for it instead
    /// of many times at once; after a jump back the count goes on from there.
    pub fn take(&mut self, line: &Timeline, until: ShowTime) -> Option<Stretch> {
        Some(match self.0.take(line, until)? {
            Taken::Pulse(pulse) => Stretch { after: pulse.number - 1, to: pulse.number },
            Taken::Jump { from, to } => Stretch { after: from.min(to), to },
        })
    }

    /// All up to a moment was done by another.
    pub fn pass(&mut self, line: &Timeline, until: ShowTime) {
        self.0.pass(line, until);
    }

    /// No beats are played.
    pub fn rest(&mut self) {
        self.0.stop();
    }
}

impl Stretch {
    /// Where in the stretch a rule is set off, at the last place where it would be, unless it was there already.
    pub fn hit(self, line: &Timeline, rule: &Rule, rate: Rate, last: Option<i64>) -> Option<OnGrid> {
        let period = period(rule.when.cycle(line)?, rule.every, rate);
        let origin = line.bar_origin.round() * QUARTERS;
        let cycle = (self.to - origin).div_euclid(period);
        let quarter = origin + cycle * period;
        let done = last.is_some_and(|last| (0..DONE).contains(&(last - quarter)));
        (quarter > self.after && !done).then_some(OnGrid { quarter, cycle })
    }
}

/// How many quarters lie between two places at which a rule is set off.
fn period(cycle: Beats, every: u32, rate: Rate) -> i64 {
    // A rate counts in quarters of itself, too.
    (cycle.floor() * QUARTERS * 4 * i64::from(every.max(1)) / i64::from(rate.quarters())).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_protocol::rule::Occasion;

    fn hits(when: Occasion, every: u32, rate: Rate, line: &Timeline) -> Vec<(i64, i64)> {
        let rule = Rule { when, every, ..Rule::default() };
        let at = |quarter| Stretch { after: quarter - 1, to: quarter }.hit(line, &rule, rate, None);
        (0..128).filter_map(at).map(|place| (place.quarter, place.cycle)).collect()
    }

    #[test]
    fn a_rule_is_set_off_where_its_cycles_begin() {
        let line = Timeline { bar_origin: Beats::whole(2), ..Timeline::default() };
        let first = |when, every, rate| hits(when, every, rate, &line)[..2].to_vec();
        assert_eq!(first(Occasion::Beat, 1, Rate::One), [(0, -2), (4, -1)]);
        assert_eq!(first(Occasion::Beat, 1, Rate::Fourfold), [(0, -8), (1, -7)]);
        assert_eq!(first(Occasion::Bar, 1, Rate::One), [(8, 0), (24, 1)]);
        assert_eq!(first(Occasion::Bar, 2, Rate::One), [(8, 0), (40, 1)]);
        assert_eq!(first(Occasion::Bar, 1, Rate::Half), [(8, 0), (40, 1)]);
        assert_eq!(first(Occasion::Phrase, 1, Rate::One), [(8, 0), (72, 1)]);
        let waltz = Timeline { beats_per_bar: 3, ..Timeline::default() };
        assert_eq!(hits(Occasion::Bar, 1, Rate::Fourfold, &waltz)[..3], [(0, 0), (3, 1), (6, 2)]);
    }

    #[test]
    fn a_jump_sets_a_rule_off_once_and_only_if_it_passed_one_of_its_places() {
        let line = Timeline::default();
        let jump = Stretch { after: 5, to: 40 };
        let hit = |when| jump.hit(&line, &Rule { when, ..Rule::default() }, Rate::One, None).map(|it| it.quarter);
        assert_eq!((hit(Occasion::Bar), hit(Occasion::Phrase)), (Some(32), None));
        let back = Stretch { after: 5, to: 5 };
        assert_eq!(back.hit(&line, &Rule { when: Occasion::Beat, ..Rule::default() }, Rate::One, None), None);
    }

    #[test]
    fn what_another_daemon_did_is_not_done_again() {
        let beat = Rule { when: Occasion::Beat, ..Rule::default() };
        let at = |last| Stretch { after: 7, to: 8 }.hit(&Timeline::default(), &beat, Rate::One, Some(last)).is_some();
        assert_eq!([4, 8, 12, 9000].map(at), [true, false, false, true], "9000 is from another count of beats");
    }
}
