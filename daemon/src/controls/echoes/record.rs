//! Values told to peers that come back: a program or a tablet that repeats what it is told commands nothing.
//!
//! What was told within the last two seconds counts, whoever sends it back and from wherever. A person gets through: a
//! finger sends other values than those that were told, and may return to those that it has set itself. Buttons are
//! echoes only as long as they are told as lit: those that choose what is chosen already, whoever presses them; others
//! from who repeats what it is told, or has commanded nothing so far and sends one for each that was told. Pure.

use super::Sender;
use super::repeaters::Habit;
use downbeat_protocol::echo::{ECHO_NS, Match, matches};
use downbeat_protocol::tree::{Kind, Tree};
use downbeat_protocol::{Action, HostTime, Value};
use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;

/// Maximum of values kept for an address: two seconds of the rates of several controls and pages.
const VALUES: usize = 256;
/// Maximum of addresses: more than any show has.
const ADDRESSES: usize = 16_384;
/// Time in which an earlier state of a switch, or an earlier word, counts from who also commands: several people may press
/// the same button.
const SWITCH_NS: i64 = 500_000_000;
/// Maximum of moments kept for a lamp.
const MOMENTS: usize = 64;

/// What was told lately.
#[derive(Debug, Default)]
pub struct Record(HashMap<String, Recent>);

#[derive(Debug, Default)]
struct Recent {
    /// Each value and when it was told last, in that order.
    told: VecDeque<(HostTime, Value)>,
    /// Who set it last.
    set: Option<(SocketAddr, HostTime)>,
    lamp: Lamp,
}

/// A button's lamp.
#[derive(Debug, Default)]
struct Lamp {
    is_lit: bool,
    /// When it was told as lit.
    told: VecDeque<HostTime>,
    /// When it went out.
    dark: Option<HostTime>,
    /// Who has sent that back, and when.
    returned: VecDeque<(HostTime, SocketAddr)>,
}

impl Record {
    /// Notes a value that was told.
    pub fn told(&mut self, address: &str, value: &Value, now: HostTime) {
        if self.0.len() >= ADDRESSES && !self.0.contains_key(address) {
            self.0.retain(|_, recent| recent.told.back().is_some_and(|(at, _)| is_within(*at, now, ECHO_NS)));
            if self.0.len() >= ADDRESSES {
                return;
            }
        }
        let recent = match self.0.get_mut(address) {
            Some(recent) => recent,
            None => self.0.entry(address.to_owned()).or_default(),
        };
        recent.told.retain(|(at, earlier)| is_within(*at, now, ECHO_NS) && earlier != value);
        if recent.told.len() >= VALUES {
            recent.told.pop_front();
        }
        recent.told.push_back((now, value.clone()));
        recent.lamp.told(value.switch() == Some(true), now);
    }

    /// When something was last told at an address.
    pub fn told_at(&self, address: &str) -> Option<HostTime> {
        self.0.get(address)?.told.back().map(|(at, _)| *at)
    }

    /// Notes who sets a value.
    pub fn set(&mut self, address: &str, peer: SocketAddr, now: HostTime) {
        if let Some(recent) = self.0.get_mut(address) {
            recent.set = Some((peer, now));
        }
    }

    /// Whether a value at a plain address, and the action it stands for, come back as told.
    pub fn is_echo(
        &mut self,
        tree: &Tree,
        (address, value, action): (&str, &Value, &Action),
        from: Sender,
        habit: Habit,
        now: HostTime,
    ) -> bool {
        let Some(recent) = self.0.get_mut(address) else { return false };
        let Some(node) = tree.find(address) else { return false };
        let is_own = recent.set.is_some_and(|(peer, at)| peer == from.peer && is_within(at, now, ECHO_NS));
        let is_choice = matches!(action, Action::Scene { .. } | Action::Auto { .. });
        if node.entry.kind == Kind::Trigger && !is_choice {
            return recent.lamp.is_echo(from.peer, habit, now);
        }
        let mut told = recent.told.iter().filter(|(at, _)| is_within(*at, now, ECHO_NS)).rev();
        let Some((_, newest)) = told.next() else { return false };
        let mut told = told.filter(|(at, _)| *at >= habit.since);
        let window = if habit.is_fresh || habit.is_repeater { ECHO_NS } else { SWITCH_NS };
        let mut is_like = |same: &dyn Fn(&Value) -> bool| {
            same(newest) || !is_own && told.any(|(at, it)| same(it) && is_within(*at, now, window))
        };
        match node.entry.kind {
            // Such a button is a choice: it is lit while that is chosen.
            Kind::Trigger => newest.switch() == Some(true),
            Kind::Number(range, _) => {
                let range = node.range.unwrap_or(range);
                let like = |told: &Value| matches(value.number()?, told.number()?, range);
                match like(newest) {
                    Some(Match::Exact) => true,
                    Some(Match::Rounded) if !from.is_known => true,
                    // A person may well choose a round number; while it rests there, that changes nothing.
                    Some(Match::Rounded) => told.all(|(_, earlier)| like(earlier).is_some()),
                    None => !is_own && told.any(|(_, earlier)| like(earlier) == Some(Match::Exact)),
                }
            }
            Kind::Switch => is_like(&|told| told.switch() == value.switch()),
            Kind::Choice(_) | Kind::Scene | Kind::Text => is_like(&|told| told.to_string() == value.to_string()),
        }
    }
}

impl Lamp {
    fn told(&mut self, is_lit: bool, now: HostTime) {
        if is_lit {
            self.told.retain(|at| is_within(*at, now, ECHO_NS));
            if self.told.len() >= MOMENTS {
                self.told.pop_front();
            }
            self.told.push_back(now);
        } else if self.is_lit {
            self.dark = Some(now);
        }
        self.is_lit = is_lit;
    }

    /// Whether a press is the lamp, sent back.
    fn is_echo(&mut self, peer: SocketAddr, habit: Habit, now: HostTime) -> bool {
        if habit.is_repeater {
            return self.is_lit || self.dark.is_some_and(|at| is_within(at, now, ECHO_NS));
        }
        if !habit.is_fresh {
            return false;
        }
        self.returned.retain(|(at, _)| is_within(*at, now, ECHO_NS));
        let told = self.told.iter().filter(|at| is_within(**at, now, ECHO_NS) && **at >= habit.since).count();
        let is_echo = self.returned.iter().filter(|(_, by)| *by == peer).count() < told;
        if is_echo {
            if self.returned.len() >= MOMENTS {
                self.returned.pop_front();
            }
            self.returned.push_back((now, peer));
        }
        is_echo
    }
}

fn is_within(at: HostTime, now: HostTime, ns: i64) -> bool {
    now.since(at) <= ns
}

#[cfg(test)]
mod tests {
    use super::super::repeaters::Repeaters;
    use super::*;
    use downbeat_protocol::{Layer, Schema, ShowState, Signal, Status, Unit, tree};

    const GLOW: &str = "/param/glow";
    const OPACITY: &str = "/layer/back/opacity";

    struct Rig {
        tree: Tree,
        record: Record,
        repeaters: Repeaters,
    }

    impl Rig {
        fn new() -> Self {
            let layer = Layer { name: "back".into(), scenes: vec!["echo".into()], ..Layer::default() };
            let mut state = ShowState { layers: vec![layer], ..ShowState::default() };
            state.cues.insert("flash".into(), Default::default());
            let schema = Schema { signals: vec![Signal::scalar("param.glow", Unit::Ratio, [0.0, 2.0])] };
            let mut repeaters = Repeaters::default();
            // All are there from the beginning.
            (0..200).for_each(|port| repeaters.meet(Sender { peer: peer(port), is_known: port < 10 }, at(0)));
            Self { tree: Tree::new(&state, &schema, &Status::default()), record: Record::default(), repeaters }
        }

        fn told(&mut self, ms: i64, address: &str, value: impl Into<Value>) {
            self.record.told(address, &value.into(), at(ms));
        }

        /// Whether a value has an effect.
        fn sends(&mut self, ms: i64, port: u16, address: &str, value: impl Into<Value>) -> bool {
            let value = value.into();
            let action = tree::parse(address, Some(&value)).expect("a command").expect("pressed");
            let from = Sender { peer: peer(port), is_known: port < 10 };
            let habit = self.repeaters.habit(from.peer);
            let is_echo = self.record.is_echo(&self.tree, (address, &value, &action), from, habit, at(ms));
            self.repeaters.note(from, is_echo, at(ms));
            if !is_echo {
                self.record.set(address, peer(port), at(ms));
            }
            !is_echo
        }
    }

    fn peer(port: u16) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, 7], port))
    }

    fn at(ms: i64) -> HostTime {
        HostTime(ms * 1_000_000)
    }

    #[test]
    fn what_comes_back_within_two_seconds_does_nothing_whoever_sends_it() {
        let mut rig = Rig::new();
        rig.told(0, GLOW, 0.864_374);
        rig.told(60, GLOW, 1.234_567);
        for port in [1, 99] {
            assert!(!rig.sends(100, port, GLOW, 1.234_567_f32), "as told");
            assert!(!rig.sends(100, port, GLOW, 0.864_374_f32), "the one before");
        }
        let seven_bits = (1.234_567_f64 / 2.0 * 127.0).round() / 127.0 * 2.0;
        assert!(!rig.sends(1_900, 99, GLOW, seven_bits));
        assert!(rig.sends(2_100, 99, GLOW, 1.234_567_f32), "too late for an echo");
    }

    #[test]
    fn a_person_gets_through_also_while_the_value_moves_by_itself() {
        let mut rig = Rig::new();
        (0..30).for_each(|step| rig.told(step * 66, GLOW, f64::from(step as f32) / 15.0 + 0.001_37));
        assert!(rig.sends(1_980, 1, GLOW, 1.0), "a round number is chosen by people, too");
        assert!(rig.sends(1_990, 1, GLOW, 1.2));
        assert!(rig.sends(1_990, 99, GLOW, 0.3), "a program that only sends");
    }

    #[test]
    fn a_finger_may_return_to_what_it_has_set_and_the_echo_of_another_may_not() {
        let mut rig = Rig::new();
        for (ms, value) in [(0, 0.25), (100, 0.5), (200, 0.75)] {
            assert!(rig.sends(ms, 1, OPACITY, value));
            rig.told(ms + 1, OPACITY, value);
            rig.record.set(OPACITY, peer(1), at(ms));
        }
        for value in [0.25, 0.5, 0.75] {
            assert!(!rig.sends(250, 2, OPACITY, value), "a tablet that mirrors is late with {value}");
        }
        assert!(rig.sends(300, 1, OPACITY, 0.5) && rig.sends(310, 1, OPACITY, 0.25));
    }

    #[test]
    fn a_switch_may_be_pressed_again_by_another_person_and_a_button_always() {
        let mut rig = Rig::new();
        (1..=2).for_each(|port| assert!(rig.sends(0, port, "/tempo/tap", 1.0), "people, who have commanded before"));
        rig.told(0, "/show/blackout", true);
        rig.told(400, "/show/blackout", false);
        assert!(!rig.sends(450, 2, "/show/blackout", 1.0), "the echo of what was told a moment ago");
        assert!(!rig.sends(1_000, 2, "/show/blackout", 0.0), "it is off already");
        assert!(rig.sends(1_000, 2, "/show/blackout", 1.0));
        rig.told(0, "/cue/flash/fire", true);
        rig.told(0, "/layer/back/scene/echo", true);
        assert!(rig.sends(10, 1, "/tempo/tap", 1.0) && rig.sends(20, 1, "/tempo/tap", 1.0));
        assert!(rig.sends(30, 1, "/cue/flash/fire", 1.0), "a lit cue is fired again");
        assert!(!rig.sends(30, 1, "/layer/back/scene/echo", 1.0), "it is on the layer already");
    }

    #[test]
    fn who_presses_on_and_off_quickly_is_obeyed_and_a_slow_mirror_is_not() {
        let mut rig = Rig::new();
        for (ms, on) in [(0, true), (200, false), (400, true), (600, false)] {
            assert!(rig.sends(ms, 1, "/show/blackout", on), "at {ms} ms");
            rig.told(ms + 5, "/show/blackout", on);
        }
        // What comes back 0.7 s later, from one that has never sent anything else.
        for (ms, on) in [(705, true), (905, false), (1_105, true), (1_305, false)] {
            assert!(!rig.sends(ms, 2, "/show/blackout", on), "at {ms} ms");
        }
    }

    #[test]
    fn what_only_a_stranger_was_told_is_no_command_when_that_sends_it_back() {
        let mut rig = Rig::new();
        for (ms, value) in [(0, 0.251), (10, 0.262), (20, 0.273)] {
            rig.told(ms, OPACITY, value);
        }
        for (ms, value) in [(40, 0.251), (50, 0.262), (60, 0.273)] {
            assert!(!rig.sends(ms, 99, OPACITY, value), "{value} at {ms} ms");
        }
    }

    #[test]
    fn the_lamp_of_a_cue_that_comes_back_does_not_fire_it_and_a_person_does() {
        const FIRE: &str = "/cue/flash/fire";
        let mut rig = Rig::new();
        assert!(rig.sends(0, 1, FIRE, 1.0));
        rig.told(5, FIRE, true);
        rig.told(405, FIRE, true);
        assert!(!rig.sends(40, 2, FIRE, 1.0) && !rig.sends(440, 2, FIRE, 1.0), "one for each that was told");
        assert!(rig.sends(500, 2, FIRE, 1.0), "a press of its own");
        assert!(rig.sends(600, 1, FIRE, 1.0) && rig.sends(700, 1, FIRE, 1.0), "a person hammers on it");
        // Another daemon, which tells its own lamps now and then, and has commanded, too.
        rig.repeaters.note(Sender { peer: peer(3), is_known: true }, false, at(0));
        (0..20).for_each(|_| rig.repeaters.note(Sender { peer: peer(3), is_known: true }, true, at(0)));
        assert!(!rig.sends(4_000, 3, FIRE, 1.0), "it is lit");
        rig.told(5_000, FIRE, false);
        assert!(!rig.sends(5_040, 3, FIRE, 1.0), "it was lit a moment ago");
        assert!(rig.sends(7_100, 3, FIRE, 1.0));
    }
}
