//! Which rules fire at a moment of the beat.
//!
//! The finest grid is a quarter of a beat: a rule on every beat at four times its rate. [`Pulses`] takes each quarter
//! exactly once, whatever happens to the timeline; whether a quarter fires a rule follows from its number alone.

use super::OnGrid;
use crate::pulse::{Pulses, Taken};
use downbeat_protocol::rule::{Rate, Rule};
use downbeat_protocol::{Beats, ShowTime, Timeline};

/// Quarters in a beat.
const QUARTERS: i64 = 4;
/// How far back quarters count as done when another daemon takes over: one bar. Anything earlier belongs to another
/// count of beats.
const DONE: i64 = 4 * QUARTERS;

/// Takes the quarters of beats, one by one.
#[derive(Clone, Debug)]
pub(super) struct Grid(Pulses);

/// A stretch of quarters: one, or those skipped by a jump.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    /// The quarter before the first.
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
    /// The quarters up to a time that were not taken yet. A jump ahead is one stretch, so that a rule acts once for it
    /// rather than many times; after a jump back the count continues from there.
    pub fn take(&mut self, line: &Timeline, until: ShowTime) -> Option<Stretch> {
        Some(match self.0.take(line, until)? {
            Taken::Pulse(pulse) => Stretch { after: pulse.number - 1, to: pulse.number },
            Taken::Jump { from, to, .. } => {
                // The newest is one of the stretch.
                self.0.pass(line, until);
                Stretch { after: from.min(to), to }
            }
        })
    }

    /// Another daemon has done everything up to a moment.
    pub fn pass(&mut self, line: &Timeline, until: ShowTime) {
        self.0.pass(line, until);
    }

    /// No beats are playing.
    pub fn rest(&mut self) {
        self.0.stop();
    }
}

impl Stretch {
    /// The last place in the stretch where a rule fires, unless already taken.
    pub fn hit(self, line: &Timeline, rule: &Rule, rate: Rate, last: Option<i64>) -> Option<OnGrid> {
        let period = period(rule.when.cycle(line)?, rule.every, rate);
        let origin = line.bar_origin.round() * QUARTERS;
        let cycle = (self.to - origin).div_euclid(period);
        let quarter = origin + cycle * period;
        let done = last.is_some_and(|last| (0..DONE).contains(&last.saturating_sub(quarter)));
        (quarter > self.after && !done).then_some(OnGrid { quarter, cycle })
    }
}

impl OnGrid {
    /// When its quarter begins.
    pub fn due(self, line: &Timeline) -> ShowTime {
        let part = Beats(self.quarter.rem_euclid(QUARTERS) * Beats::MICRO / QUARTERS);
        line.time_of(Beats::whole(self.quarter.div_euclid(QUARTERS)) + part)
    }
}

/// Quarters between two places where a rule fires.
fn period(cycle: Beats, every: u32, rate: Rate) -> i64 {
    // A rate also counts quarters of its unit.
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
