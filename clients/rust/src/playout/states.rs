//! The state after each event, for as long as rows of that time may be drawn.

use super::ring::Step;
use downbeat_protocol::ShowState;
use std::collections::VecDeque;
use std::ops::RangeInclusive;
use std::sync::Arc;

/// Maximum of states, should no row come: ten faders that move at 50 Hz, for as long as rows are kept.
const KEPT: usize = 4_096;

/// The states from one daemon, by the numbers of its events.
#[derive(Debug, Default)]
pub struct States {
    run: u64,
    /// Oldest first.
    told: VecDeque<Told>,
    /// Up to this event, only what rows refer to is left.
    thinned: Option<u32>,
}

/// A state and the events after which it held.
#[derive(Clone, Debug)]
struct Told {
    first: u64,
    last: u64,
    state: Arc<ShowState>,
}

impl States {
    /// Event `events.start()` of a daemon's run set this, and none up to `events.end()` has set anything else. Skipped
    /// events are not final.
    pub fn tell(&mut self, run: u64, events: RangeInclusive<u64>, state: &Arc<ShowState>) {
        if self.run != run {
            self.told.clear();
            (self.run, self.thinned) = (run, None);
        }
        let (first, last) = events.into_inner();
        match self.told.back_mut() {
            Some(newest) if last <= newest.last => return,
            // A daemon that claims this is inconsistent.
            _ if last < first => return,
            Some(newest) if first == newest.first => {
                newest.last = last;
                return;
            }
            _ => {}
        }
        if self.told.len() == KEPT {
            self.told.pop_front();
        }
        self.told.push_back(Told { first, last, state: Arc::clone(state) });
    }

    /// Drops what held before an event, given by the low bits of its number: no row is older.
    pub fn forget_before(&mut self, number: u32) {
        if let Some(place) = self.place(number) {
            self.told.drain(..place);
        }
    }

    /// Drops what held only between two rows, newest first: a packet may set a hundred things between two rows, and each
    /// state may take some 10 kB.
    pub fn thin(&mut self, steps: impl Iterator<Item = Step>) {
        let Some(newest) = self.told.back().map(|told| told.last as u32) else { return };
        let is_before = |number: u32, other: u32| number != other && other.wrapping_sub(number) < u32::MAX / 2;
        let mut until = None;
        for Step { numbers: (from, to), is_whole } in steps {
            if self.thinned.is_some_and(|thinned| !is_before(thinned, to)) {
                break;
            }
            // A row that is missing may need what is between; and what is not told yet cannot be dropped.
            if is_before(newest, to) || !is_whole {
                until = Some(from);
                continue;
            }
            until = until.or(Some(to));
            if let (Some(first), Some(end)) = (self.place(from), self.place(to))
                && first + 1 < end
            {
                self.told.drain(first + 1..end);
            }
        }
        self.thinned = until.or(self.thinned);
    }

    /// Where the state after an event is. None if unknown.
    fn place(&self, number: u32) -> Option<usize> {
        let first = self.told.front()?.first;
        let since = u64::from(number.wrapping_sub(first as u32));
        let place = self.told.partition_point(|told| told.last - first < since);
        self.told.get(place).is_some_and(|told| told.holds(number)).then_some(place)
    }

    /// The state after an event, by the low bits of its number. None if unknown, or not known yet.
    pub fn at(&self, number: u32) -> Option<&Arc<ShowState>> {
        // Among the few thousand kept, the low bits are unique.
        self.place(number).map(|place| &self.told[place].state)
    }
}

impl Told {
    fn holds(&self, number: u32) -> bool {
        u64::from(number.wrapping_sub(self.first as u32)) <= self.last - self.first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seeded(seed: u32) -> Arc<ShowState> {
        Arc::new(ShowState { seed, ..ShowState::default() })
    }

    fn seed_at(states: &States, number: u32) -> Option<u32> {
        states.at(number).map(|state| state.seed)
    }

    #[test]
    fn each_event_has_the_state_that_held_after_it() {
        let mut states = States::default();
        (10..13).for_each(|number| states.tell(7, 10..=number, &seeded(1)));
        (13..15).for_each(|number| states.tell(7, 13..=number, &seeded(2)));
        assert_eq!(
            [9, 10, 12, 13, 14, 15].map(|number| seed_at(&states, number)),
            [None, Some(1), Some(1), Some(2), Some(2), None]
        );
    }

    #[test]
    fn a_newcomer_knows_what_was_set_before_it_came() {
        let mut states = States::default();
        states.tell(7, 3..=50, &seeded(1));
        assert_eq!([2, 3, 50].map(|number| seed_at(&states, number)), [None, Some(1), Some(1)]);
    }

    #[test]
    fn what_was_passed_over_is_not_known_and_another_daemon_counts_anew() {
        let mut states = States::default();
        states.tell(7, 10..=10, &seeded(1));
        states.tell(7, 20..=20, &seeded(1));
        assert_eq!([10, 15, 20].map(|number| seed_at(&states, number)), [Some(1), None, Some(1)]);
        states.tell(8, 15..=15, &seeded(3));
        assert_eq!([10, 15, 20].map(|number| seed_at(&states, number)), [None, Some(3), None]);
    }

    #[test]
    fn what_no_row_needs_any_more_is_forgotten() {
        let mut states = States::default();
        let from = u64::from(u32::MAX) - 500;
        for number in from..from + 1_000 {
            states.tell(7, number..=number, &seeded(number as u32));
            // Rows refer to events of a while ago.
            states.forget_before(number.saturating_sub(20).max(from) as u32);
            assert!(states.told.len() <= 21, "{} are kept", states.told.len());
        }
        let last = from + 999;
        assert_eq!(seed_at(&states, (last - 20) as u32), Some((last - 20) as u32));
        assert_eq!(seed_at(&states, (last - 21) as u32), None);
        // A number that was never told: everything may still be needed.
        states.forget_before((last + 5) as u32);
        assert_eq!(states.told.len(), 21);
    }

    fn step(from: u32, to: u32) -> Step {
        Step { numbers: (from, to), is_whole: true }
    }

    #[test]
    fn between_two_rows_nothing_is_kept_but_where_a_row_may_be_missing() {
        let mut states = States::default();
        let near_the_end = u64::from(u32::MAX) - 1_000;
        for from in [10, near_the_end] {
            let number = |after: u32| (from as u32).wrapping_add(after);
            let known = |states: &States, span: std::ops::Range<u32>| {
                span.filter(|after| states.at(number(*after)).is_some()).count()
            };
            (from..from + 2_000).for_each(|it| states.tell(from, it..=it, &seeded(it as u32)));
            let hole = Step { is_whole: false, ..step(number(300), number(600)) };
            let steps = [step(number(600), number(900)), hole, step(number(0), number(300))];
            states.thin(steps.into_iter());
            assert_eq!(known(&states, 0..2_000), 1 + 301 + 1_100);
            // The missing row comes; the next one was before its events.
            let steps = [
                step(number(900), number(2_100)),
                step(number(600), number(900)),
                step(number(450), number(600)),
                step(number(300), number(450)),
            ];
            states.thin(steps.into_iter());
            assert_eq!(known(&states, 0..901), 5);
            assert_eq!(known(&states, 901..2_000), 1_099);
            (from + 2_000..from + 2_101).for_each(|it| states.tell(from, it..=it, &seeded(it as u32)));
            states.thin(steps.into_iter());
            assert_eq!(states.told.len(), 6);
            assert_eq!(seed_at(&states, number(2_100)), Some(number(2_100)));
        }
    }

    #[test]
    fn numbers_go_on_where_their_low_bits_begin_anew() {
        let mut states = States::default();
        let whole = u64::from(u32::MAX);
        (whole - 1..whole + 3).for_each(|number| states.tell(7, whole - 1..=number, &seeded(4)));
        assert_eq!([u32::MAX, 0, 1, 2].map(|number| seed_at(&states, number)), [Some(4), Some(4), Some(4), None]);
    }
}
