//! Which hosts have lately set a value: what was told before that is out of date for them. Pure.

use downbeat_protocol::ShowTime;
use downbeat_protocol::echo::ECHO_NS;
use std::collections::VecDeque;

/// Maximum of moments kept. A hand that goes on moving takes two.
const MOMENTS: usize = 64;

/// The hands on one value.
#[derive(Clone, Debug, Default)]
pub(super) struct Hands(VecDeque<Moment>);

#[derive(Clone, Debug)]
struct Moment {
    at: ShowTime,
    host: String,
    /// Whether its address may be forged.
    is_unproven: bool,
}

impl Hands {
    /// Notes that a host sets the value.
    pub fn note(&mut self, host: &str, is_unproven: bool, now: ShowTime) {
        self.0.retain(|moment| now.since(moment.at) <= ECHO_NS);
        // The first and the last moment of a movement tell all.
        let is_own = |place: usize| self.0.iter().rev().nth(place).is_some_and(|moment| moment.host == host);
        if is_own(0) && is_own(1) {
            self.0.pop_back();
        }
        if self.0.len() >= MOMENTS {
            // Nobody's moment is displaced by forged ones.
            let forged = self.0.iter().position(|moment| moment.is_unproven);
            self.0.remove(forged.unwrap_or(0));
        }
        self.0.push_back(Moment { at: now, host: host.to_owned(), is_unproven });
    }

    /// When a host last set the value.
    pub fn last_of(&self, host: &str) -> Option<ShowTime> {
        self.0.iter().rev().find(|moment| moment.host == host).map(|moment| moment.at)
    }

    /// Whether the value of a moment was set from a host: that may return to it.
    pub fn is_of(&self, host: &str, at: ShowTime) -> bool {
        self.0.iter().rev().find(|moment| moment.at <= at).is_some_and(|moment| moment.host == host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> ShowTime {
        ShowTime(ms * 1_000_000)
    }

    #[test]
    fn a_hand_that_goes_on_moving_displaces_nobody() {
        let mut hands = Hands::default();
        hands.note("desk:pad", false, at(0));
        (1..1_500).for_each(|ms| hands.note("tablet:192.0.2.7", false, at(ms)));
        assert_eq!(hands.last_of("desk:pad"), Some(at(0)));
        assert_eq!(hands.last_of("tablet:192.0.2.7"), Some(at(1_499)));
        assert!(hands.is_of("desk:pad", at(0)) && hands.is_of("tablet:192.0.2.7", at(700)));
        hands.note("desk:pad", false, at(2_001));
        assert!(!hands.is_of("desk:pad", at(0)), "that was too long ago");
    }

    #[test]
    fn forged_hands_displace_each_other() {
        let mut hands = Hands::default();
        hands.note("desk:pad", false, at(0));
        (0..1_000).for_each(|it| hands.note(&format!("tablet:192.0.2.{it}"), true, at(1)));
        assert_eq!(hands.last_of("desk:pad"), Some(at(0)));
        assert_eq!(hands.0.len(), MOMENTS);
    }
}
