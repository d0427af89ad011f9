//! What controls and pages were told lately, so that it commands nothing when it comes back.
//!
//! There is one record for all controls and pages: what one of them tells may come back through another. Programs that
//! repeat what they are told are known by that; see `repeaters`.
//!
//! | file | noun |
//! |---|---|
//! | `record` | what was told lately, and whether a value comes back from it (pure) |
//! | `repeaters` | which senders mostly repeat (pure) |
//! | `words` | who has lately set what (pure) |
//! | `scheduled` | values that wait for their moment (pure) |
//! | `answers` | what only daemons and other programs tell (pure) |

mod answers;
mod record;
mod repeaters;
mod scheduled;
mod words;

pub use answers::{is_answer, is_read_only};

use downbeat_protocol::{Action, HostTime, Tree, Value};
use record::Record;
use repeaters::Repeaters;
use scheduled::Scheduled;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use words::Words;

/// The values told lately, and who sends them back. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Echoes(Arc<Mutex<Contents>>);

#[derive(Debug, Default)]
struct Contents {
    record: Record,
    repeaters: Repeaters,
    scheduled: Scheduled,
    words: Words,
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug)]
pub struct Sender {
    /// The peer.
    pub peer: SocketAddr,
    /// Whether it is known to receive: a person's surface.
    pub is_known: bool,
}

impl Echoes {
    /// Notes a value that is told.
    pub fn told(&self, address: &str, value: &Value, now: HostTime) {
        // Nobody sets these, so they never come back as commands.
        if is_answer(address) {
            return;
        }
        let mut contents = self.lock();
        contents.scheduled.happens(address, value);
        contents.record.told(address, value, now);
    }

    /// Notes that a sender is there: what it has heard may come back from it.
    pub fn meet(&self, from: Sender, now: HostTime) {
        self.lock().repeaters.meet(from, now);
    }

    /// Notes that a sender repeats what only daemons tell.
    pub fn repeats(&self, from: Sender, now: HostTime) {
        self.lock().repeaters.note(from, true, now);
    }

    /// Notes a value that was accepted for a later moment, at a time if that is known: until then, another value is a word
    /// of its own, even if it is the present one.
    pub fn schedules(&self, address: &str, value: &Value, from: Sender, now: HostTime, at: Option<HostTime>) {
        self.lock().scheduled.note(address, value, from.is_known, now, at);
    }

    /// Whether a value at a plain address, and the action it stands for, come back as told; if not, notes who sets it.
    pub fn is_echo(
        &self,
        tree: &Tree,
        (address, value, action): (&str, &Value, &Action),
        from: Sender,
        now: HostTime,
    ) -> bool {
        let mut contents = self.lock();
        contents.repeaters.meet(from, now);
        let habit = contents.repeaters.habit(from.peer);
        let told = contents.record.told_at(address);
        let is_word = !habit.is_repeater
            && (contents.scheduled.is_other(address, value, from.is_known, now)
                || told.is_some_and(|told| contents.words.is_after(action, from, told)));
        let is_echo = !is_word && contents.record.is_echo(tree, (address, value, action), from, habit, now);
        contents.repeaters.note(from, is_echo, now);
        if !is_echo {
            contents.record.set(address, from.peer, now);
            contents.words.note(action, from, now);
            contents.scheduled.supersede(address, from.is_known);
        }
        is_echo
    }

    fn lock(&self) -> MutexGuard<'_, Contents> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_protocol::{Layer, Schema, ShowState, Status, tree};

    const OPACITY: &str = "/layer/back/opacity";

    struct Rig {
        tree: Tree,
        echoes: Echoes,
    }

    impl Rig {
        fn new() -> Self {
            let layer = Layer { name: "back".into(), scenes: vec!["echo".into(), "tunnel".into()], ..Layer::default() };
            let state = ShowState { layers: vec![layer], ..ShowState::default() };
            Self { tree: Tree::new(&state, &Schema::default(), &Status::default()), echoes: Echoes::default() }
        }

        fn told(&self, ms: i64, address: &str, value: impl Into<Value>) {
            self.echoes.told(address, &value.into(), at(ms));
        }

        /// Whether a value has an effect.
        fn sends(&self, ms: i64, from: Sender, address: &str, value: impl Into<Value>) -> bool {
            let value = value.into();
            let action = tree::parse(address, Some(&value)).expect("a command").expect("pressed");
            !self.echoes.is_echo(&self.tree, (address, &value, &action), from, at(ms))
        }
    }

    fn known(port: u16) -> Sender {
        Sender { peer: SocketAddr::from(([192, 0, 2, 7], port)), is_known: true }
    }

    fn stranger(port: u16) -> Sender {
        Sender { is_known: false, ..known(port) }
    }

    fn at(ms: i64) -> HostTime {
        HostTime(ms * 1_000_000)
    }

    #[test]
    fn what_waits_for_the_next_bar_can_be_taken_back_by_the_present_value() {
        let rig = Rig::new();
        rig.told(0, OPACITY, 1.0);
        rig.echoes.schedules(OPACITY, &0.0.into(), known(1), at(10), None);
        assert!(rig.sends(20, known(1), OPACITY, 1.0), "it is taken back");
        assert!(!rig.sends(30, known(1), OPACITY, 1.0), "nothing waits any more");
        rig.echoes.schedules(OPACITY, &0.0.into(), known(1), at(40), None);
        rig.told(100, OPACITY, 0.0);
        assert!(!rig.sends(110, known(2), OPACITY, 1.0), "its moment is over, and this was told 100 ms ago");
    }

    #[test]
    fn what_is_pressed_and_released_at_once_is_released() {
        let rig = Rig::new();
        for (address, before, pressed) in [
            ("/show/blackout", Value::from(false), Value::from(true)),
            ("/show/freeze", false.into(), true.into()),
            ("/tempo/hold", false.into(), true.into()),
            (OPACITY, 1.0.into(), 0.3.into()),
        ] {
            rig.told(0, address, before.clone());
            assert!(rig.sends(900, known(1), address, pressed.clone()), "{address} is pressed");
            assert!(rig.sends(900, known(1), address, before.clone()), "{address} is released");
            assert!(rig.sends(910, known(1), address, pressed), "and pressed again");
            assert!(!rig.sends(911, known(2), address, before.clone()), "what {address} was before comes back late");
            rig.told(915, address, before.clone());
            assert!(rig.sends(920, known(1), address, before), "this telling of {address} was behind");
        }
    }

    #[test]
    fn one_of_several_buttons_for_the_same_may_take_another_back_at_once() {
        let rig = Rig::new();
        rig.told(0, "/layer/back/scene/echo", true);
        assert!(rig.sends(100, known(1), "/layer/back/scene/tunnel", 1.0));
        assert!(rig.sends(101, known(1), "/layer/back/scene/echo", 1.0));
        rig.told(140, "/layer/back/scene/echo", true);
        assert!(!rig.sends(300, known(1), "/layer/back/scene/echo", 1.0), "it is on the layer already");
    }

    #[test]
    fn a_program_that_repeats_everything_returns_to_nothing_by_itself() {
        let rig = Rig::new();
        (0..20).for_each(|_| rig.echoes.repeats(known(2), at(0)));
        rig.told(0, OPACITY, 0.25);
        assert!(rig.sends(10, known(2), OPACITY, 0.75), "somebody plays on it");
        assert!(!rig.sends(12, known(2), OPACITY, 0.25), "and it is late with what it was told");
    }

    #[test]
    fn a_forged_schedule_opens_no_door_for_what_comes_back() {
        let rig = Rig::new();
        rig.told(0, OPACITY, 1.0);
        rig.echoes.schedules(OPACITY, &0.0.into(), stranger(66), at(10), None);
        assert!(!rig.sends(20, known(2), OPACITY, 1.0));
        (0..1_000).for_each(|it| rig.echoes.schedules(&format!("/{it}"), &0.0.into(), stranger(66), at(10), None));
        rig.echoes.schedules(OPACITY, &0.0.into(), known(1), at(20), None);
        assert!(rig.sends(30, known(1), OPACITY, 1.0), "the operator has a place");
    }

    #[test]
    fn what_had_its_time_is_not_taken_back_by_what_comes_back() {
        let rig = Rig::new();
        rig.told(0, OPACITY, 1.0);
        rig.echoes.schedules(OPACITY, &0.0.into(), known(1), at(10), Some(at(200)));
        assert!(!rig.sends(600, known(2), OPACITY, 1.0), "somebody else has set it meanwhile");
    }

    #[test]
    fn a_program_that_repeats_takes_back_nothing_that_waits() {
        let rig = Rig::new();
        rig.told(0, OPACITY, 1.0);
        (0..20).for_each(|_| rig.echoes.repeats(known(2), at(10)));
        rig.echoes.schedules(OPACITY, &0.0.into(), known(1), at(20), None);
        assert!(!rig.sends(30, known(2), OPACITY, 1.0));
    }

    #[test]
    fn what_was_told_before_somebody_came_cannot_come_back_from_it() {
        let rig = Rig::new();
        rig.told(0, "/show/blackout", true);
        rig.told(80, "/show/blackout", false);
        rig.told(90, OPACITY, 0.0);
        rig.told(95, OPACITY, 0.25);
        rig.echoes.meet(stranger(9), at(200));
        assert!(rig.sends(300, stranger(9), "/show/blackout", true), "somebody else's blackout");
        assert!(rig.sends(310, stranger(9), OPACITY, 0.0));
        rig.echoes.meet(stranger(10), at(310));
        rig.told(320, "/show/blackout", true);
        rig.told(400, "/show/blackout", false);
        assert!(!rig.sends(1_200, stranger(10), "/show/blackout", true), "a mirror that is slow");
    }

    #[test]
    fn what_one_control_tells_comes_back_through_another_without_effect() {
        let rig = Rig::new();
        let other = rig.echoes.clone();
        rig.told(0, OPACITY, 0.25);
        rig.told(20, OPACITY, 0.3);
        let action = Action::Opacity { layer: "back".into(), opacity: 0.25 };
        assert!(other.is_echo(&rig.tree, (OPACITY, &0.25.into(), &action), stranger(9), at(40)));
    }
}
