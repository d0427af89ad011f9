//! A box at work: commands from its messages, MIDI learn, and feedback. Pure: bytes and time are arguments.

use super::assignment::Assignment;
use super::binding::Binding;
use super::element::{Element, Kind};
use super::layout::Layout;
use super::learning::Learning;
use super::message::{Message, MessageId, MessageKind};
use super::returns::Returns;
use super::slot::{Gesture, Part, Slot};
use crate::clock::ShowClock;
use crate::controls::commands::{arrived, commands};
use crate::edges::cadence::Cadence;
use crate::edges::refresh::Refresh;
use downbeat_engine::Tick;
use downbeat_protocol::nearest::hint;
use downbeat_protocol::state::Change;
use downbeat_protocol::tree::{self, LEARN, Present, learnt_at};
use downbeat_protocol::{Action, Command, Event, HostTime, Schema, ShowState, Status, Tree, Value, When};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Time after which a box that was connected surely hears: JACK connects ports in one of its next cycles, and a box that
/// was just switched on takes a moment.
const SETTLES: Duration = Duration::from_millis(300);
/// Messages in a burst; a cable carries about one a millisecond.
const BURST: usize = 32;
/// How long a refusal is shown.
const COMPLAIN: Duration = Duration::from_secs(10);

/// A box and its bindings.
pub struct Surface {
    /// The control's name, and its form in addresses.
    name: String,
    label: String,
    clock: ShowClock,
    layout: Layout,
    /// The rig's assignments.
    assigned: BTreeMap<String, Assignment>,
    /// Learnt assignments, which override them.
    learnt: BTreeMap<String, String>,
    learning: Learning,
    tree: Arc<Tree>,
    schema: Arc<Schema>,
    status: Arc<Status>,
    tick: Option<Arc<Tick>>,
    slots: Vec<Slot>,
    /// The slot of a message, or of a touch.
    senders: BTreeMap<MessageId, usize>,
    touches: BTreeMap<MessageId, usize>,
    /// The last text of each display.
    written: BTreeMap<u8, Vec<u8>>,
    /// When everything is sent once more.
    again: Option<HostTime>,
    /// Which elements and displays are sent once more.
    refresh: Refresh,
    /// Where the next burst starts, so that every element gets its turn.
    turn: usize,
    tells: Cadence,
    /// Assignments that fail.
    faults: Vec<String>,
    refused: Option<(String, HostTime)>,
    returns: Returns,
    /// The element whose light's message came back last.
    returned: Option<usize>,
}

/// The parts of a surface.
pub struct Parts {
    /// The control's name.
    pub name: String,
    /// The show clock.
    pub clock: ShowClock,
    /// The elements of the box.
    pub layout: Layout,
    /// The assignments of its elements.
    pub assigned: BTreeMap<String, Assignment>,
    /// Time between two bursts.
    pub period: Duration,
    /// The whole tree.
    pub tree: Arc<Tree>,
    /// The layout of rows.
    pub schema: Arc<Schema>,
}

impl Surface {
    /// A box in an unknown state.
    pub fn new(parts: Parts) -> Self {
        let label = tree::labels(std::iter::once(parts.name.as_str())).pop().unwrap_or_default();
        let mut surface = Self {
            name: parts.name,
            label,
            clock: parts.clock,
            layout: parts.layout,
            assigned: parts.assigned,
            learnt: BTreeMap::new(),
            learning: Learning::default(),
            tree: parts.tree,
            schema: parts.schema,
            status: Arc::default(),
            tick: None,
            slots: Vec::new(),
            senders: BTreeMap::new(),
            touches: BTreeMap::new(),
            written: BTreeMap::new(),
            again: None,
            refresh: Refresh::default(),
            turn: 0,
            tells: Cadence::new(parts.period),
            faults: Vec::new(),
            refused: None,
            returns: Returns::default(),
            returned: None,
        };
        surface.layout.elements.clone().into_iter().for_each(|element| surface.add(element));
        surface.bind();
        surface
    }

    /// Resolves an assignment of the rig; refuses an unknown element or address.
    ///
    /// # Errors
    /// A message, with the nearest name.
    pub fn check(layout: &Layout, tree: &Tree, element: &str, assignment: &Assignment) -> Result<(), String> {
        let element = element_of(layout, element)?;
        Binding::new(assignment, tree, element.kind == Kind::Meter)?;
        colour_of(layout, assignment).map(|_| ())
    }

    /// Turns a message of the box into commands.
    ///
    /// # Errors
    /// A message, if the value cannot be set.
    pub fn receive(&mut self, bytes: &[u8], now: HostTime) -> Result<Vec<Command>, String> {
        let Some(message) = Message::decode(bytes) else { return Ok(Vec::new()) };
        let Some(tick) = self.tick.clone() else { return Ok(Vec::new()) };
        if let Some(place) = sender(&self.touches, message.id) {
            self.slots[place].touch(message.value > 0);
            return Ok(Vec::new());
        }
        let known = self.place(message.id);
        let slot = known.map(|place| &self.slots[place]);
        let is_finger = slot.is_some_and(|slot| slot.is_released_by(message));
        if !is_finger && self.returns.has(message, slot.is_some_and(Slot::lights_itself), now) {
            self.returned = known;
            return Ok(Vec::new());
        }
        let place = match known {
            Some(place) => place,
            // Elements missing from the surface file can still be learnt.
            None if self.learning.address().is_some() => {
                self.add(Element::raw(message.id));
                self.slots.len() - 1
            }
            None => return Ok(Vec::new()),
        };
        let Some(gesture) = self.slots[place].gesture(message) else { return Ok(Vec::new()) };
        if self.learning.address().is_some() {
            return Ok(self.learn(place, gesture));
        }
        let status = Arc::clone(&self.status);
        let present = present(&tick, &status, &self.clock, now);
        let Some(value) = self.slots[place].act(gesture, &present, now) else { return Ok(Vec::new()) };
        self.set(place, &value, now)
    }

    /// The box has gone, and no releases will follow: returns the commands of those that are missing.
    pub fn gone(&mut self, now: HostTime) -> Vec<Command> {
        let Some(tick) = self.tick.clone() else { return Vec::new() };
        let status = Arc::clone(&self.status);
        let present = present(&tick, &status, &self.clock, now);
        let values: Vec<_> = self.slots.iter_mut().map(|slot| slot.let_up(&present, now)).collect();
        let let_up = values.into_iter().enumerate().filter_map(|(place, value)| Some((place, value?)));
        // What cannot be set was said when the button was pressed.
        let_up.flat_map(|(place, value)| self.set(place, &value, now).unwrap_or_default()).collect()
    }

    /// Whether the sender of a command is a button that nobody holds: its last command was a release.
    pub fn is_let_up(&self, from: &str) -> bool {
        self.slots.iter().any(|slot| slot.is_up() && self.from(&slot.element.name) == from)
    }

    /// The commands that set the value of an element.
    fn set(&self, place: usize, value: &Value, now: HostTime) -> Result<Vec<Command>, String> {
        let slot = &self.slots[place];
        let Some(binding) = &slot.binding else { return Ok(Vec::new()) };
        let from = self.from(&slot.element.name);
        let commands = commands(&self.tree, &binding.address, Some(value), binding.when, &from)?;
        let arrival = self.clock.show(now);
        Ok(commands.into_iter().map(|(_, command)| arrived(command, arrival)).collect())
    }

    /// During learning, nothing is set.
    fn learn(&mut self, place: usize, gesture: Gesture) -> Vec<Command> {
        let element = self.slots[place].element.name.clone();
        let Some(address) = self.learning.address().map(str::to_owned) else { return Vec::new() };
        let can_be_set = Binding::new(&Assignment::to(&address), &self.tree, false).is_ok();
        if !can_be_set || !self.learning.finds(&element, gesture) {
            return Vec::new();
        }
        let from = self.from(&element);
        let set = |at: String, text: &str| {
            let what = Action::Set { address: at, value: text.into() };
            Command { what, when: When::Now, from: from.clone() }
        };
        vec![set(learnt_at(&self.label, &element), &address), set(LEARN.into(), "")]
    }

    /// The sender of its commands, for everyone.
    fn from(&self, element: &str) -> String {
        format!("{}:{element}", self.name)
    }

    /// Takes the newest tick.
    pub fn watch(&mut self, tick: Arc<Tick>) {
        let last = self.tick.replace(Arc::clone(&tick));
        if last.as_ref().is_some_and(|last| Arc::ptr_eq(&last.state, &tick.state)) {
            return;
        }
        // Elements can also fire a cue made while the show runs.
        if last.is_some_and(|last| !tree::same_names(&last.state, &tick.state)) {
            self.tree = Arc::new(Tree::new(&tick.state, &self.schema, &self.status));
            self.bind();
        }
        self.take(&tick.state);
    }

    /// Settings of this box.
    fn take(&mut self, state: &ShowState) {
        let to_learn = tree::setting(state, LEARN).map(|it| it.to_string()).unwrap_or_default();
        self.learning.set(&to_learn);
        let own = tree::learnt(state).filter(|it| it.control == self.label);
        let learnt: BTreeMap<_, _> = own.map(|it| (it.element.to_owned(), it.address.to_owned())).collect();
        if learnt != self.learnt {
            self.learnt = learnt;
            self.bind();
        }
    }

    /// Takes an event.
    pub fn observe(&mut self, event: &Event, now: HostTime) {
        match event {
            Event::Changed { change: Change::Scene { .. }, .. } => self.slots.iter_mut().for_each(Slot::loosen),
            Event::Changed { change, by } => {
                let mut told = tree::told(change);
                if let Change::Fade { address, fade } = change {
                    told.push((address.clone(), fade.to.into()));
                }
                let name = &self.name;
                let others = self.slots.iter_mut().filter(|slot| {
                    let is_own = by.strip_prefix(name).and_then(|by| by.strip_prefix(':'));
                    is_own != Some(&slot.element.name)
                });
                others
                    .filter(|slot| slot.binding.as_ref().is_some_and(|it| told.iter().any(|(at, _)| it.is_at(at))))
                    .for_each(Slot::let_go);
            }
            Event::State(state) => {
                self.tree = Arc::new(Tree::new(state, &self.schema, &self.status));
                self.bind();
                self.slots.iter_mut().for_each(Slot::let_go);
            }
            Event::Schema(schema) => {
                self.schema = Arc::new(schema.clone());
                let state = self.tick.as_ref().map(|tick| Arc::clone(&tick.state)).unwrap_or_default();
                self.tree = Arc::new(Tree::new(&state, &self.schema, &self.status));
                self.bind();
            }
            Event::Refused { from, why } => {
                if from.strip_prefix(&self.name).is_some_and(|rest| rest.starts_with(':')) {
                    self.learning.again();
                    self.refused = Some((format!("{from}: {why}"), now));
                }
            }
            Event::Status(status) => self.status = Arc::new(status.clone()),
            Event::Timeline { .. } | Event::Message { .. } | Event::Unknown(_) => {}
        }
    }

    /// Changes went by unseen: any value may have been moved by others.
    pub fn missed_changes(&mut self) {
        self.slots.iter_mut().for_each(Slot::let_go);
    }

    /// The box has come back: resends everything, at once and when it surely hears it.
    pub fn connected(&mut self, now: HostTime) {
        self.slots.iter_mut().for_each(Slot::forget);
        self.written.clear();
        self.returns = Returns::default();
        self.again = Some(now + SETTLES);
    }

    /// When [`tell`](Self::tell) is next needed.
    pub fn wake_at(&self) -> HostTime {
        self.tells.next()
    }

    /// Sends the box what has changed, a burst at a time. `send` returns whether it was sent.
    pub fn tell(&mut self, now: HostTime, send: &mut impl FnMut(&[u8]) -> bool) {
        if !self.tells.take(now) {
            return;
        }
        if self.again.take_if(|at| *at <= now).is_some() {
            self.slots.iter_mut().for_each(Slot::repeat);
            self.written.clear();
        }
        self.refresh(now);
        let Some(tick) = self.tick.clone() else { return };
        let status = Arc::clone(&self.status);
        let present = present(&tick, &status, &self.clock, now);
        let mut left = BURST;
        let mut send = |bytes: &[u8]| {
            let sent = left > 0 && send(bytes);
            left = left.saturating_sub(1);
            sent
        };
        let count = self.slots.len();
        for place in (0..count).map(|place| (place + self.turn) % count) {
            let returns = &mut self.returns;
            let mut tell = |part: Part, bytes: &[u8], is_repeat: bool| {
                let sent = send(bytes);
                // A motor reports where it is sent, as it should.
                if sent && part != Part::Position {
                    returns.sent(bytes, is_repeat, now);
                }
                sent
            };
            if !self.slots[place].tell(&present, now, &mut tell) {
                self.turn = place;
                return;
            }
        }
        self.write(&present, &mut send);
    }

    /// A box on a cable behind an interface may have been switched off and on: it is told everything once more, in turn.
    fn refresh(&mut self, now: HostTime) {
        let displays = self.layout.displays.as_ref().map_or(0, |displays| usize::from(displays.count));
        let slots = self.slots.len();
        for place in self.refresh.take(now, slots + displays) {
            match self.slots.get_mut(place) {
                Some(slot) => slot.refresh(now),
                None => self.written.retain(|display, _| usize::from(*display) + slots != place),
            }
        }
    }

    /// Updates the displays.
    fn write(&mut self, present: &Present<'_>, send: &mut impl FnMut(&[u8]) -> bool) {
        let Some(displays) = &self.layout.displays else { return };
        for place in 0..displays.count {
            let subject = displays.subject(place);
            let slot = self.slots.iter().find(|slot| slot.element.name == subject);
            let lines = slot.and_then(|slot| slot.binding.as_ref()).map(|it| it.lines(present)).unwrap_or_default();
            let bytes = displays.write(place, [&lines[0], &lines[1]]);
            if self.written.get(&place) != Some(&bytes) {
                if !send(&bytes) {
                    return;
                }
                self.written.insert(place, bytes);
            }
        }
    }

    /// The messages that turn all lights off, at the end.
    pub fn dark(&self) -> Vec<Vec<u8>> {
        let displays = self.layout.displays.iter();
        let blank = displays.flat_map(|it| (0..it.count).map(|place| it.write(place, [""; 2])));
        self.slots.iter().flat_map(Slot::dark).chain(blank).collect()
    }

    /// The current fault; empty without one.
    pub fn trouble(&mut self, now: HostTime) -> String {
        self.refused.take_if(|(_, at)| now.since(*at) > COMPLAIN.as_nanos() as i64);
        let refused = self.refused.iter().map(|(why, _)| why.clone());
        let to_learn = self.learning.address().and_then(|address| {
            let why = Binding::new(&Assignment::to(address), &self.tree, false).err()?;
            Some(format!("cannot learn: {why}"))
        });
        let returned = self.returns.is_sure(now, COMPLAIN).then(|| {
            let element = self.returned.map_or("a ring", |place| self.slots[place].element.name.as_str());
            format!(
                "{element}: the box sends back what its lights are told, which is ignored; switch off its MIDI thru, or take \
                 its ports out of the circle"
            )
        });
        self.faults.iter().cloned().chain(refused).chain(to_learn).chain(returned).collect::<Vec<_>>().join("; ")
    }

    fn add(&mut self, element: Element) {
        let place = self.slots.len();
        if element.kind != Kind::Meter {
            self.senders.insert(element.id, place);
        }
        if let Some(touch) = element.touch {
            self.touches.insert(touch, place);
        }
        self.slots.push(Slot::new(element));
    }

    /// The element of a message.
    fn place(&self, id: MessageId) -> Option<usize> {
        // The lower half of a fine position has its own controller.
        let lower = (id.kind == MessageKind::Controller && id.number >= 32)
            .then(|| sender(&self.senders, MessageId { number: id.number - 32, ..id }))
            .flatten()
            .filter(|place| self.slots[*place].element.fine);
        lower.or_else(|| sender(&self.senders, id))
    }

    /// Binds every element to its learnt assignment, or else to the rig's.
    fn bind(&mut self) {
        self.faults.clear();
        let learnt = self.learnt.iter().map(|(element, address)| (element.clone(), Assignment::to(address)));
        let mut wanted = self.assigned.clone();
        wanted.extend(learnt);
        let mut bound: BTreeMap<usize, (Binding, Option<u8>)> = BTreeMap::new();
        for (name, assignment) in wanted {
            let element = match element_of(&self.layout, &name) {
                Ok(element) => element,
                Err(why) => {
                    self.faults.push(why);
                    continue;
                }
            };
            let place = self.slots.iter().position(|slot| slot.element.name == element.name).unwrap_or_else(|| {
                self.add(element.clone());
                self.slots.len() - 1
            });
            let shows = element.kind == Kind::Meter;
            let binding = Binding::new(&assignment, &self.tree, shows);
            match binding.and_then(|binding| Ok((binding, colour_of(&self.layout, &assignment)?))) {
                Ok(found) => drop(bound.insert(place, found)),
                Err(why) => self.faults.push(format!("{name}: {why}")),
            }
        }
        for (place, slot) in self.slots.iter_mut().enumerate() {
            match bound.remove(&place) {
                Some((binding, colour)) => slot.bind(Some(binding), colour),
                None => slot.bind(None, None),
            }
        }
    }
}

fn sender(places: &BTreeMap<MessageId, usize>, id: MessageId) -> Option<usize> {
    places.get(&id).or_else(|| places.get(&id.on_any_channel())).copied()
}

/// The element with a name: one of the box's, or any named after its message.
fn element_of(layout: &Layout, name: &str) -> Result<Element, String> {
    let known = layout.elements.iter();
    if let Some(element) = known.clone().find(|element| element.name == name) {
        return Ok(element.clone());
    }
    MessageId::parse(name).map(Element::raw).ok_or_else(|| {
        let hint = if layout.elements.is_empty() {
            "without a surface file, elements are named after what they send: `cc.7`, `note.36@10`, `bend@1`".into()
        } else {
            hint(name, known.map(|element| element.name.as_str()))
        };
        format!("unknown element `{name}`; {hint}")
    })
}

fn colour_of(layout: &Layout, assignment: &Assignment) -> Result<Option<u8>, String> {
    let Some(name) = &assignment.colour else { return Ok(None) };
    let colour = layout.palette.get(name).copied();
    let unknown = || format!("unknown colour `{name}`; {}", hint(name, layout.palette.keys().map(String::as_str)));
    colour.map(Some).ok_or_else(unknown)
}

fn present<'a>(tick: &'a Tick, status: &'a Status, clock: &ShowClock, now: HostTime) -> Present<'a> {
    Present { state: &tick.state, row: &tick.row, timeline: &tick.timeline, now: clock.show(now), status }
}

#[cfg(test)]
mod tests;
