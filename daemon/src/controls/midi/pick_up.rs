//! Whether a fader has picked its value up. Pure.
//!
//! A fader without a motor stays where it was left, while its value moves on. It must not make the value jump: it picks
//! the value up when it passes it. It lets go when somebody else moves the value, when the picture changes, and after a
//! long rest; picking up again costs nothing while the value is where the fader stands.

use downbeat_protocol::HostTime;
use std::time::Duration;

/// Rest after which a fader must pick its value up again.
const FORGOTTEN: Duration = Duration::from_secs(5);

/// One fader's hold.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PickUp {
    holds: bool,
    /// Where it was last, and when.
    last: Option<(f64, HostTime)>,
}

impl PickUp {
    /// Takes a move of the fader; position and value are 0 to 1. Returns whether it moves the value.
    pub fn moves(&mut self, position: f64, value: f64, near: f64, now: HostTime) -> bool {
        let last = self.last.replace((position, now));
        self.holds &= last.is_some_and(|(_, at)| now.since(at) < FORGOTTEN.as_nanos() as i64);
        let passed = last.is_some_and(|(last, _)| (last - value) * (position - value) <= 0.0);
        self.holds |= passed || (position - value).abs() <= near;
        self.holds
    }

    /// Makes it pick the value up again.
    pub fn let_go(&mut self) {
        self.holds = false;
    }

    /// Its position is unknown now.
    pub fn forget(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// One step of seven bits, and a little for rounding.
    const NEAR: f64 = 1.01 / 127.0;

    fn at(ms: i64) -> HostTime {
        HostTime(ms * 1_000_000)
    }

    #[test]
    fn a_fader_that_comes_past_its_value_takes_hold_of_it() {
        let mut fader = PickUp::default();
        let moved = [0.1, 0.3, 0.45, 0.6, 0.2].map(|position| fader.moves(position, 0.5, NEAR, at(0)));
        assert_eq!(moved, [false, false, false, true, true]);
    }

    #[test]
    fn a_fader_that_comes_within_a_step_takes_hold_of_it() {
        let mut fader = PickUp::default();
        assert!(!fader.moves(0.5 - 2.0 / 127.0, 0.5, NEAR, at(0)));
        assert!(fader.moves(0.5 - 1.0 / 127.0, 0.5, NEAR, at(1)));
    }

    #[test]
    fn a_fader_that_was_left_alone_has_to_take_hold_anew() {
        let mut fader = PickUp::default();
        assert!(fader.moves(0.5, 0.5, NEAR, at(0)));
        assert!(fader.moves(0.6, 0.2, NEAR, at(4_999)), "it holds whatever is said of the value");
        assert!(!fader.moves(0.7, 0.2, NEAR, at(9_999)));
        assert!(fader.moves(0.1, 0.2, NEAR, at(10_000)));
    }

    #[test]
    fn a_fader_that_lost_its_value_goes_on_where_the_value_has_stayed() {
        let mut fader = PickUp::default();
        fader.moves(0.5, 0.5, NEAR, at(0));
        fader.let_go();
        assert!(fader.moves(0.6, 0.5, NEAR, at(5)), "it starts from the value");
        fader.let_go();
        assert!(!fader.moves(0.7, 0.1, NEAR, at(10)), "the value has gone elsewhere");
    }

    proptest! {
        #[test]
        fn the_value_never_jumps_over_what_the_fader_has_not_passed(
            moves in proptest::collection::vec(0.0..1.0_f64, 1..50), start in 0.0..1.0_f64
        ) {
            let (mut fader, mut value, mut last) = (PickUp::default(), start, None::<f64>);
            for position in moves {
                if fader.moves(position, value, NEAR, at(0)) {
                    let passed = last.is_some_and(|last| (last - value) * (position - value) <= 1e-12);
                    prop_assert!(passed || (position - value).abs() <= NEAR || last == Some(value));
                    value = position;
                }
                last = Some(position);
            }
        }
    }
}
