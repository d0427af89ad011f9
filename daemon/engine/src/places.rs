//! Who takes how many places of a queue that anyone can fill.
//!
//! Most places are for anyone, with limits for each host and for all whose address may be forged. The last quarter is for
//! the rig: rules, boxes on this machine, paired clients, and surfaces that are named or trusted. Half of that is also for
//! strangers that hold little: the tablet of an operator who has named nothing.

use downbeat_protocol::{Command, Trust};
use std::collections::HashMap;

/// All places.
pub(super) const ALL: usize = 1_024;
/// Of all strangers together.
const OF_STRANGERS: usize = ALL - ALL / 4;
/// The same as long as the host that asks holds fewer than this.
const LITTLE: usize = 8;
const OF_THOSE_WITH_LITTLE: usize = ALL - ALL / 8;

/// How many places others may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// One host, whatever ports it uses and whether it has proven its address or not.
    pub of_host: usize,
    /// All whose address may be forged together.
    pub unproven: usize,
    /// Each address among them.
    pub of_unproven: usize,
}

impl Limits {
    /// Where places are taken for as long as a phrase.
    pub const FOR_LATER: Self = Self { of_host: 256, unproven: 256, of_unproven: 32 };
    /// Where they are free again within a few hops: a packet may fire hundreds of cues. What others send in the name of a
    /// host leaves it some.
    pub const FOR_NOW: Self = Self { of_host: 512, unproven: 384, of_unproven: 384 };
}

/// The places that are taken.
#[derive(Clone, Debug)]
pub(super) struct Places {
    limits: Limits,
    all: usize,
    strangers: usize,
    unproven: usize,
    hosts: HashMap<String, Held>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Held {
    all: usize,
    unproven: usize,
}

/// Why there is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lack {
    /// The sender's own are taken.
    Own,
    /// All are.
    All,
}

impl Lack {
    /// Ends the sentence that says how many are waiting.
    pub fn whose(self) -> &'static str {
        match self {
            Self::Own => " of yours",
            Self::All => "",
        }
    }
}

impl Places {
    /// All are free.
    pub fn new(limits: Limits) -> Self {
        Self { limits, all: 0, strangers: 0, unproven: 0, hosts: HashMap::new() }
    }

    /// Takes a place for a sender.
    pub fn take(&mut self, from: &str) -> Result<(), Lack> {
        let (machine, trust) = (Command::machine(from), Command::trust(from));
        let held = self.hosts.get(&*machine).copied().unwrap_or_default();
        let is_unproven = trust == Trust::Unproven;
        if held.all >= self.limits.of_host || (is_unproven && held.unproven >= self.limits.of_unproven) {
            return Err(Lack::Own);
        }
        // What others send in the name of a host does not count against it here.
        let has_little = trust == Trust::Proven && held.all - held.unproven < LITTLE;
        let of_strangers = if has_little { OF_THOSE_WITH_LITTLE } else { OF_STRANGERS };
        let is_full = self.all >= ALL
            || (trust != Trust::Rig && self.strangers >= of_strangers)
            || (is_unproven && self.unproven >= self.limits.unproven);
        if is_full {
            return Err(Lack::All);
        }
        let held = self.hosts.entry(machine.into_owned()).or_default();
        held.all += 1;
        held.unproven += usize::from(is_unproven);
        self.all += 1;
        self.strangers += usize::from(trust != Trust::Rig);
        self.unproven += usize::from(is_unproven);
        Ok(())
    }

    /// Gives a place of a sender back.
    pub fn leave(&mut self, from: &str) {
        let (machine, trust) = (Command::machine(from), Command::trust(from));
        let is_unproven = usize::from(trust == Trust::Unproven);
        self.all = self.all.saturating_sub(1);
        self.strangers = self.strangers.saturating_sub(usize::from(trust != Trust::Rig));
        self.unproven = self.unproven.saturating_sub(is_unproven);
        if let Some(held) = self.hosts.get_mut(&*machine) {
            held.all = held.all.saturating_sub(1);
            held.unproven = held.unproven.saturating_sub(is_unproven);
            if held.all == 0 {
                self.hosts.remove(&*machine);
            }
        }
    }

    /// Takes a place for what the show does by itself.
    pub fn take_for_show(&mut self) -> Result<(), Lack> {
        if self.all >= ALL {
            return Err(Lack::All);
        }
        self.all += 1;
        Ok(())
    }

    /// Gives such a place back.
    pub fn leave_for_show(&mut self) {
        self.all = self.all.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LATER: Limits = Limits::FOR_LATER;

    /// How many of so many find a place.
    fn taken(places: &mut Places, count: usize, from: impl Fn(usize) -> String) -> usize {
        (0..count).filter(|number| places.take(&from(*number)).is_ok()).count()
    }

    #[test]
    fn strangers_from_many_hosts_leave_room_for_the_rig_and_for_the_tablet_of_a_stranger() {
        let mut places = Places::new(LATER);
        let flood = taken(&mut places, 5_000, |number| format!("osc:192.0.2.{}:{}", 60 + number % 4, number / 4));
        assert_eq!(flood, OF_STRANGERS);
        assert_eq!(taken(&mut places, 20, |_| "osc:192.0.2.7:9000".into()), LITTLE);
        for from in ["rule:go", "quic:desk", "web:192.0.2.9:4000", "desk:fader.1", "osc:192.0.2.8:9000+"] {
            assert_eq!(taken(&mut places, 20, |_| from.into()), 20, "{from}");
        }
    }

    #[test]
    fn a_machine_has_one_share_whether_its_address_is_proven_or_not() {
        let mut places = Places::new(LATER);
        assert_eq!(taken(&mut places, 1_000, |port| format!("osc:192.0.2.66:{port}?")), LATER.of_unproven);
        assert_eq!(
            taken(&mut places, 1_000, |port| format!("osc:192.0.2.66:{port}")),
            LATER.of_host - LATER.of_unproven
        );
        assert_eq!(places.take("osc:192.0.2.66:1"), Err(Lack::Own));
    }

    #[test]
    fn all_forged_senders_share_a_part_and_take_little_from_whom_they_imitate() {
        let mut places = Places::new(LATER);
        let forged = |number: usize| format!("osc:192.0.{}.{}:1?", number / 250, number % 250);
        assert_eq!(taken(&mut places, 5_000, forged), LATER.unproven);
        assert_eq!(places.take("osc:192.0.9.9:1?"), Err(Lack::All));
        assert_eq!(taken(&mut places, 1_000, |_| "osc:192.0.0.7:9000".into()), LATER.of_host - 1);
    }

    #[test]
    fn forged_senders_leave_places_to_whom_they_imitate() {
        for limits in [Limits::FOR_LATER, Limits::FOR_NOW] {
            let mut places = Places::new(limits);
            let forged = taken(&mut places, 2_000, |port| format!("osc:192.0.2.7:{port}?"));
            assert_eq!(forged, limits.of_unproven);
            let own = taken(&mut places, 2_000, |_| "osc:192.0.2.7:9000".into());
            assert!(own >= 128, "{own} with {limits:?}");
        }
    }

    #[test]
    fn what_is_given_back_is_there_again() {
        let mut places = Places::new(LATER);
        let from = ["osc:192.0.2.66:1", "osc:192.0.2.66:2?", "rule:go", "quic:desk"];
        for _ in 0..2 * ALL {
            from.iter().for_each(|from| places.take(from).expect("room"));
            places.take_for_show().expect("room");
            from.iter().for_each(|from| places.leave(from));
            places.leave_for_show();
        }
        assert_eq!((places.all, places.strangers, places.unproven, places.hosts.len()), (0, 0, 0, 0));
    }
}
