//! One element at work: how it sets its value, and how the value sets its lights and motor. Pure.

use super::binding::Binding;
use super::element::{Element, Kind};
use super::message::{Message, MessageKind};
use super::pick_up::PickUp;
use downbeat_protocol::echo::ECHO_NS;
use downbeat_protocol::tree::Present;
use downbeat_protocol::{HostTime, Value};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

/// Time after a movement in which the row may lag behind, and a motor is left alone.
const HOLD: Duration = Duration::from_millis(250);

/// One element with its binding, if any.
#[derive(Clone, Debug)]
pub struct Slot {
    /// The element.
    pub element: Element,
    /// Its binding.
    pub binding: Option<Binding>,
    /// The colour of its light, if not the usual one.
    pub colour: Option<u8>,
    hold: PickUp,
    /// The upper half of its position, until the lower one comes.
    upper: u16,
    touched: bool,
    /// A button that was pressed and not released yet.
    is_down: bool,
    /// The last value set, if numeric, and when.
    set: Option<(Value, Option<f64>, HostTime)>,
    /// The last message sent to each of its parts.
    told: BTreeMap<Part, Vec<u8>>,
    /// What its light shows and is told once more.
    repeated: Option<Vec<u8>>,
    /// The positions of the last two seconds that its motor was sent to: some boxes report them as if a hand had moved it.
    driven: VecDeque<(Vec<u8>, HostTime)>,
}

/// A part of an element that takes messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The mode of its ring.
    Mode,
    /// The ring.
    Ring,
    /// The motor, or the row of lights of a meter.
    Position,
    /// The light.
    Lamp,
}

/// A movement of an element.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Gesture {
    /// It moved to a position from 0 to 1.
    Moved(f64),
    /// It was turned by this many steps.
    Turned(f64),
    /// It was pressed or released.
    Pressed(bool),
}

impl Slot {
    /// An element without a binding.
    pub fn new(element: Element) -> Self {
        Self {
            element,
            binding: None,
            colour: None,
            hold: PickUp::default(),
            upper: 0,
            touched: false,
            is_down: false,
            set: None,
            told: BTreeMap::new(),
            repeated: None,
            driven: VecDeque::new(),
        }
    }

    /// Changes its binding.
    pub fn bind(&mut self, binding: Option<Binding>, colour: Option<u8>) {
        let before = self.binding.as_ref().map(|it| &it.address);
        if before != binding.as_ref().map(|it| &it.address) {
            self.hold.let_go();
            self.set = None;
        }
        (self.binding, self.colour) = (binding, colour);
    }

    /// The gesture in one of its messages; none for half of a position.
    pub fn gesture(&mut self, message: Message) -> Option<Gesture> {
        let value = match self.element.fine {
            true if message.id.number == self.element.id.number => {
                self.upper = message.value;
                return None;
            }
            true => self.upper << 7 | message.value,
            false => message.value,
        };
        // Some boxes change a light themselves on press and release, without reporting it.
        let lamp = self.told.remove(&Part::Lamp);
        match self.element.kind {
            Kind::Absolute => Some(Gesture::Moved(f64::from(value) / f64::from(self.element.greatest()))),
            Kind::Relative(turn) => Some(Gesture::Turned(f64::from(turn.steps(value)))),
            Kind::Button => {
                self.is_down = self.is_press(value);
                self.repeated = lamp.filter(|_| !self.is_down);
                Some(Gesture::Pressed(self.is_down))
            }
            Kind::Meter => None,
        }
    }

    /// Whether a message releases its button: that surely is a finger.
    pub fn is_released_by(&self, message: Message) -> bool {
        self.is_down && !self.is_press(message.value)
    }

    fn is_press(&self, value: u16) -> bool {
        // A controller counts as pressed in its upper half.
        value >= if self.element.id.kind == MessageKind::Controller { 64 } else { 1 }
    }

    /// Whether it is a button that nobody holds.
    pub fn is_up(&self) -> bool {
        self.element.kind == Kind::Button && !self.is_down
    }

    /// Whether its light shows what it sets.
    pub fn lights_itself(&self) -> bool {
        self.binding.as_ref().is_some_and(Binding::lights_itself)
    }

    /// A hand touches or releases it.
    pub fn touch(&mut self, on: bool) {
        self.touched = on;
    }

    /// The value that a gesture sets; none before pick-up, and without a change.
    pub fn act(&mut self, gesture: Gesture, present: &Present<'_>, now: HostTime) -> Option<Value> {
        let step = f64::from(self.element.greatest()).recip();
        let binding = self.binding.as_ref()?;
        // A value just set may not be in the row yet.
        let recent = self.set.as_ref().filter(|(.., at)| now.since(*at) < HOLD.as_nanos() as i64);
        let position = recent.and_then(|(_, position, _)| *position).or_else(|| binding.position(present));
        let value = match gesture {
            Gesture::Moved(to) => return self.move_to(to, position, step, now),
            Gesture::Turned(steps) => binding.turned(steps, step, position)?,
            Gesture::Pressed(down) => binding.pressed(down, present)?,
        };
        self.set = Some((value.clone(), binding.position_of(&value), now));
        Some(value)
    }

    /// The box has gone, and no release will follow: the value that one sets, if the button was held.
    pub fn let_up(&mut self, present: &Present<'_>, now: HostTime) -> Option<Value> {
        if !std::mem::take(&mut self.is_down) {
            return None;
        }
        self.act(Gesture::Pressed(false), present, now)
    }

    /// It moved to a position, while its value is elsewhere.
    fn move_to(&mut self, to: f64, value_at: Option<f64>, step: f64, now: HostTime) -> Option<Value> {
        let binding = self.binding.as_ref()?;
        if self.element.motor {
            let there = self.element.at(to);
            let is_held = self.touched || self.set.as_ref().is_some_and(|(.., at)| now.since(*at) <= ECHO_NS);
            if !is_held && self.was_driven_to(&there, now) {
                return None;
            }
            self.told.insert(Part::Position, there);
        }
        let has_hold = self.element.motor
            || binding.is_trigger()
            || value_at.is_none_or(|at| self.hold.moves(to, at, binding.near(step), now));
        if !has_hold {
            return None;
        }
        let value = binding.value_at(to);
        let before = self.set.replace((value.clone(), Some(to), now)).map(|(value, ..)| value);
        let is_news = match before {
            // A fader presses a button as it passes the middle, not wherever it stands.
            None => !binding.is_trigger(),
            Some(before) => !binding.is_stepped() || before != value,
        };
        is_news.then_some(value)
    }

    /// Whether its motor was sent there lately.
    fn was_driven_to(&self, position: &[u8], now: HostTime) -> bool {
        self.driven.iter().any(|(driven, at)| driven == position && now.since(*at) <= ECHO_NS)
    }

    /// Something else has moved its value: it must pick it up again.
    pub fn let_go(&mut self) {
        self.hold.let_go();
        self.set = None;
    }

    /// The picture has changed: it must pick up its value again if they differ.
    pub fn loosen(&mut self) {
        self.hold.let_go();
    }

    /// The box was away: its state is unknown. But a button that is held [is released](Self::let_up).
    pub fn forget(&mut self) {
        self.hold.forget();
        self.repeat();
        (self.touched, self.set) = (false, None);
    }

    /// Sends every part once more, but no motor under a hand.
    pub fn refresh(&mut self, now: HostTime) {
        self.repeated = self.told.remove(&Part::Lamp);
        let in_hand = self.element.motor && (self.touched || self.is_moving(now));
        self.told.retain(|part, _| in_hand && *part == Part::Position);
    }

    /// Whether a hand has just moved it.
    fn is_moving(&self, now: HostTime) -> bool {
        self.set.as_ref().is_some_and(|(.., at)| now.since(*at) < HOLD.as_nanos() as i64)
    }

    /// Sends every part again. A fader that has taken hold keeps it.
    pub fn repeat(&mut self) {
        self.told.clear();
        self.repeated = None;
    }

    /// Sends every part that is out of date; `tell` returns whether there is room for more. It learns whether a message
    /// only repeats what the light of a button that nobody holds shows already.
    pub fn tell(
        &mut self,
        present: &Present<'_>,
        now: HostTime,
        tell: &mut impl FnMut(Part, &[u8], bool) -> bool,
    ) -> bool {
        for (part, bytes) in self.wanted(present, now) {
            if self.told.get(&part) != Some(&bytes) {
                let is_repeat = part == Part::Lamp && !self.is_down && self.repeated.as_ref() == Some(&bytes);
                if !tell(part, &bytes, is_repeat) {
                    return false;
                }
                if part == Part::Lamp {
                    self.repeated = None;
                }
                if part == Part::Position && self.element.motor {
                    while self.driven.front().is_some_and(|(_, at)| now.since(*at) > ECHO_NS) {
                        self.driven.pop_front();
                    }
                    self.driven.push_back((bytes.clone(), now));
                }
                self.told.insert(part, bytes);
            }
        }
        true
    }

    /// The target state of its parts.
    fn wanted(&self, present: &Present<'_>, now: HostTime) -> Vec<(Part, Vec<u8>)> {
        let binding = self.binding.as_ref();
        let position = binding.and_then(|it| it.position(present));
        let mut wanted = Vec::new();
        if let Some(ring) = &self.element.ring {
            wanted.extend(ring.mode.map(|(id, mode)| (Part::Mode, id.encode(u16::from(mode)).into())));
            wanted.push((Part::Ring, ring.at(position)));
        }
        let motor = position.filter(|_| self.element.motor && !self.touched && !self.is_moving(now));
        let meter = (self.element.kind == Kind::Meter).then(|| position.unwrap_or(0.0));
        wanted.extend(motor.or(meter).map(|position| (Part::Position, self.element.at(position))));
        if let Some(lamp) = &self.element.lamp {
            let mut light = match binding {
                None => lamp.off,
                Some(binding) if binding.is_lit(present) => lamp.active,
                Some(_) => lamp.available,
            };
            if let (Some(colour), true) = (self.colour, binding.is_some()) {
                light.value = colour;
            }
            wanted.push((Part::Lamp, lamp.lit(light)));
        }
        wanted
    }

    /// The messages that turn its lights off.
    pub fn dark(&self) -> Vec<Vec<u8>> {
        let lamp = self.element.lamp.as_ref().map(|lamp| lamp.lit(lamp.off));
        let ring = self.element.ring.as_ref().map(|ring| ring.at(None));
        let meter = (self.element.kind == Kind::Meter).then(|| self.element.at(0.0));
        [lamp, ring, meter].into_iter().flatten().collect()
    }
}
