//! One element at work: what it does to its value, and what its lights and motors are told. Pure.

use super::binding::Binding;
use super::element::{Element, Kind};
use super::message::{Message, What};
use super::pick_up::PickUp;
use downbeat_protocol::tree::Present;
use downbeat_protocol::{HostTime, Value};
use std::collections::BTreeMap;
use std::time::Duration;

/// How long after a movement what is read may not show it yet, and a motor is left alone.
const HOLD: Duration = Duration::from_millis(250);

/// One element with what it sets, if it sets anything.
#[derive(Clone, Debug)]
pub struct Slot {
    /// The element.
    pub element: Element,
    /// What it sets.
    pub binding: Option<Binding>,
    /// What its light shows instead of the usual colour.
    pub colour: Option<u8>,
    hold: PickUp,
    /// The upper half of its position, until the lower one comes.
    upper: u16,
    touched: bool,
    /// The value that was set last, where that is between its ends, and when.
    set: Option<(Value, Option<f64>, HostTime)>,
    /// What each of its parts was told last.
    told: BTreeMap<Part, Vec<u8>>,
}

/// A part of an element that is told something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// How its ring shows a value.
    Mode,
    /// The ring.
    Ring,
    /// The motor, or the row of lights of a meter.
    Position,
    /// The light.
    Lamp,
}

/// What an element did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Gesture {
    /// It moved to a position from 0 to 1.
    Moved(f64),
    /// It was turned by so many steps.
    Turned(f64),
    /// It was pressed, or let go.
    Pressed(bool),
}

impl Slot {
    /// An element that sets nothing yet.
    pub fn new(element: Element) -> Self {
        Self {
            element,
            binding: None,
            colour: None,
            hold: PickUp::default(),
            upper: 0,
            touched: false,
            set: None,
            told: BTreeMap::new(),
        }
    }

    /// It sets something else from now on.
    pub fn bind(&mut self, binding: Option<Binding>, colour: Option<u8>) {
        let before = self.binding.as_ref().map(|it| &it.address);
        if before != binding.as_ref().map(|it| &it.address) {
            self.hold.let_go();
            self.set = None;
        }
        (self.binding, self.colour) = (binding, colour);
    }

    /// What a message of its own says it did; none for half of a position.
    pub fn gesture(&mut self, message: Message) -> Option<Gesture> {
        let value = match self.element.fine {
            true if message.id.number == self.element.id.number => {
                self.upper = message.value;
                return None;
            }
            true => self.upper << 7 | message.value,
            false => message.value,
        };
        // Boxes tell nothing of a light that they change themselves when a button is pressed or let go.
        self.told.remove(&Part::Lamp);
        match self.element.kind {
            Kind::Absolute => Some(Gesture::Moved(f64::from(value) / f64::from(self.element.greatest()))),
            Kind::Relative(turn) => Some(Gesture::Turned(f64::from(turn.steps(value)))),
            // Of a controller, the upper half is pressed.
            Kind::Button if self.element.id.what == What::Controller => Some(Gesture::Pressed(value >= 64)),
            Kind::Button => Some(Gesture::Pressed(value > 0)),
            Kind::Meter => None,
        }
    }

    /// A hand is laid on it, or taken off.
    pub fn touch(&mut self, on: bool) {
        self.touched = on;
    }

    /// The value that a gesture sets; none while it has no hold of it, and where nothing changes.
    pub fn act(&mut self, gesture: Gesture, present: &Present<'_>, now: HostTime) -> Option<Value> {
        let step = f64::from(self.element.greatest()).recip();
        let binding = self.binding.as_ref()?;
        // What was just set may not have come back yet.
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

    /// It moved to a position, while its value is at another one.
    fn move_to(&mut self, to: f64, value_at: Option<f64>, step: f64, now: HostTime) -> Option<Value> {
        let binding = self.binding.as_ref()?;
        if self.element.motor {
            self.told.insert(Part::Position, self.element.at(to));
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
            // A fader presses a button when it comes past the middle, not where it happens to stand.
            None => !binding.is_trigger(),
            Some(before) => !binding.is_stepped() || before != value,
        };
        is_news.then_some(value)
    }

    /// Somebody else has moved its value: it has to take hold anew.
    pub fn let_go(&mut self) {
        self.hold.let_go();
        self.set = None;
    }

    /// The picture has changed: it has to take hold anew of what is not where it stands.
    pub fn loosen(&mut self) {
        self.hold.let_go();
    }

    /// The box was away: nothing is known of it.
    pub fn forget(&mut self) {
        self.hold.forget();
        self.told.clear();
        (self.touched, self.set) = (false, None);
    }

    /// Tells what is not as it should be; `tell` says whether there is room for more.
    pub fn tell(&mut self, present: &Present<'_>, now: HostTime, tell: &mut impl FnMut(&[u8]) -> bool) -> bool {
        for (part, bytes) in self.wanted(present, now) {
            if self.told.get(&part) != Some(&bytes) {
                if !tell(&bytes) {
                    return false;
                }
                self.told.insert(part, bytes);
            }
        }
        true
    }

    /// How its parts should be.
    fn wanted(&self, present: &Present<'_>, now: HostTime) -> Vec<(Part, Vec<u8>)> {
        let binding = self.binding.as_ref();
        let position = binding.and_then(|it| it.position(present));
        let mut wanted = Vec::new();
        if let Some(ring) = &self.element.ring {
            wanted.extend(ring.mode.map(|(id, mode)| (Part::Mode, id.encode(u16::from(mode)).into())));
            wanted.push((Part::Ring, ring.at(position)));
        }
        let moving = self.set.as_ref().is_some_and(|(.., at)| now.since(*at) < HOLD.as_nanos() as i64);
        let motor = position.filter(|_| self.element.motor && !self.touched && !moving);
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

    /// What puts its lights out.
    pub fn dark(&self) -> Vec<Vec<u8>> {
        let lamp = self.element.lamp.as_ref().map(|lamp| lamp.lit(lamp.off));
        let ring = self.element.ring.as_ref().map(|ring| ring.at(None));
        let meter = (self.element.kind == Kind::Meter).then(|| self.element.at(0.0));
        [lamp, ring, meter].into_iter().flatten().collect()
    }
}
