//! An element bound to an address: from positions to values and back. Pure.

use super::assignment::Assignment;
use crate::controls::reach::reached;
use downbeat_protocol::nearest::hint;
use downbeat_protocol::tree::{Access, Kind, Node, Present};
use downbeat_protocol::{Tree, Value, When};

/// The binding of an element in the tree of a show.
#[derive(Clone, Debug)]
pub struct Binding {
    /// The address in the rig, possibly a pattern.
    pub address: String,
    /// When it takes effect.
    pub when: When,
    /// The node of the address; the first one of a pattern.
    node: Node,
    /// The source of the light.
    light: Node,
    /// The values at the ends of the travel; none if not numeric.
    ends: Option<[f64; 2]>,
    /// A button toggles at each press.
    toggle: bool,
}

impl Binding {
    /// Resolves an assignment.
    ///
    /// # Errors
    /// If the address is unknown, or an element cannot set or show it; `shows` is for one that only shows.
    pub fn new(assignment: &Assignment, tree: &Tree, shows: bool) -> Result<Self, String> {
        let address = &assignment.address;
        let reached = reached(tree, address).map_err(|error| error.to_string())?;
        let node = find(tree, reached.first().map_or(address.as_str(), |first| first))?;
        if !shows && node.access() == Access::Read {
            return Err(format!("`{address}` is read-only"));
        }
        let light = assignment.light.as_deref().map_or(Ok(node), |light| find(tree, light))?.clone();
        let ends = match node.entry.kind {
            Kind::Text => return Err(format!("`{address}` takes a text, which no element can send")),
            Kind::Number(..) => Some(assignment.range.or(node.range).unwrap_or([0.0, 1.0])),
            _ => None,
        };
        if let Some([low, high]) = ends
            && !((high - low).is_finite() && low != high && high.abs() < f64::MAX)
        {
            return Err(format!("`{address}` has no range; set a `range` of two different numbers"));
        }
        let toggle = assignment.toggle.unwrap_or(!matches!(node.entry.kind, Kind::Number(..)));
        Ok(Self { address: address.clone(), when: assignment.when.0, node: node.clone(), light, ends, toggle })
    }

    /// Whether it can set its address.
    pub fn is_at(&self, address: &str) -> bool {
        self.node.address == address
    }

    /// The position of the current value, 0 to 1; none if unreadable.
    pub fn position(&self, present: &Present<'_>) -> Option<f64> {
        self.position_of(self.node.read(present).first()?)
    }

    /// The position of a value, 0 to 1.
    pub fn position_of(&self, value: &Value) -> Option<f64> {
        match (self.ends, &self.node.choices[..]) {
            (Some([low, high]), _) => Some(((value.number()? - low) / (high - low)).clamp(0.0, 1.0)),
            (None, []) => value.switch().map(|on| f64::from(u8::from(on))),
            (None, choices) => {
                let place = choices.iter().position(|choice| *value == Value::from(choice.as_str()))?;
                Some((place as f64 + 0.5) / choices.len() as f64)
            }
        }
    }

    /// The tolerance between position and value; `step` is the smallest movement of the element.
    pub fn near(&self, step: f64) -> f64 {
        match (self.ends, self.node.choices.len()) {
            (Some(_), _) => step * 1.01,
            (None, 0) => 0.5,
            (None, choices) => 0.5 / choices as f64,
        }
    }

    /// Whether it has discrete values: a move within one need not be set again.
    pub fn is_stepped(&self) -> bool {
        self.ends.is_none()
    }

    /// Whether it is an event rather than a state.
    pub fn is_trigger(&self) -> bool {
        self.node.entry.kind == Kind::Trigger
    }

    /// The value at a position from 0 to 1.
    pub fn value_at(&self, position: f64) -> Value {
        match (self.ends, &self.node.choices[..]) {
            (Some([low, high]), _) => (low + position * (high - low)).into(),
            (None, []) => (position >= 0.5).into(),
            (None, choices) => {
                let place = (position * choices.len() as f64) as usize;
                Value::from(choices[place.min(choices.len() - 1)].as_str())
            }
        }
    }

    /// The value after a turn by this many steps, from a position if known. An unreadable value is set to the turn
    /// itself, such as a nudge of the beat.
    pub fn turned(&self, steps: f64, step: f64, from: Option<f64>) -> Option<Value> {
        match (self.ends, from) {
            _ if self.is_trigger() => None,
            (Some([low, high]), None) => Some((steps * step * (high - low)).into()),
            (ends, from) => {
                let step = match (ends, self.node.choices.len()) {
                    (Some(_), _) => step,
                    (None, 0) => 1.0,
                    (None, choices) => (choices as f64).recip(),
                };
                Some(self.value_at((from? + steps * step).clamp(0.0, 1.0)))
            }
        }
    }

    /// The value that a press or release of a button sets.
    pub fn pressed(&self, down: bool, present: &Present<'_>) -> Option<Value> {
        let position = || self.position(present);
        if self.is_trigger() {
            return down.then(|| true.into());
        }
        if let [first, ..] = &self.node.choices[..] {
            let next = position().map_or(0.0, |at| at + 1.0 / self.node.choices.len() as f64);
            return down.then(|| if next < 1.0 { self.value_at(next) } else { first.as_str().into() });
        }
        if !self.toggle {
            return Some(self.value_at(f64::from(u8::from(down))));
        }
        down.then(|| self.value_at(if position().is_some_and(|at| at > 0.5) { 0.0 } else { 1.0 }))
    }

    /// Whether its light is on.
    pub fn is_lit(&self, present: &Present<'_>) -> bool {
        let value = self.light.read(present);
        let Some(value) = value.first() else { return false };
        match self.light.entry.kind {
            Kind::Number(..) if self.lights_itself() => self.position_of(value).is_some_and(|at| at > 0.5),
            _ => value.switch().unwrap_or(false),
        }
    }

    /// Whether its light shows what it sets, and nothing else.
    pub fn lights_itself(&self) -> bool {
        self.light.address == self.node.address
    }

    /// Two lines for a display: name and value.
    pub fn lines(&self, present: &Present<'_>) -> [String; 2] {
        let what = self.node.names.last().map_or(self.node.entry.label, String::as_str);
        let value = match self.node.read(present).first() {
            Some(Value::Number(number)) if number.abs() < 10.0 => format!("{number:.3}"),
            Some(Value::Number(number)) => format!("{number:.1}"),
            Some(Value::Bool(on)) => if *on { "on" } else { "off" }.into(),
            Some(Value::Text(text)) => text.clone(),
            None => String::new(),
        };
        [what.into(), value]
    }
}

fn find<'a>(tree: &'a Tree, address: &str) -> Result<&'a Node, String> {
    let unknown = || {
        let hint = hint(address, tree.nodes().map(|node| node.address.as_str()));
        format!("unknown address `{address}`; {hint}")
    };
    tree.find(address).ok_or_else(unknown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_protocol::{Layer, Row, Schema, ShowState, ShowTime, Signal, Status, Timeline, Unit};

    struct World {
        state: ShowState,
        row: Row,
        timeline: Timeline,
        status: Status,
        tree: Tree,
    }

    impl World {
        fn new() -> Self {
            let layer = Layer {
                name: "back".into(),
                scene: "echo".into(),
                scenes: ["tunnel", "echo", "dots"].map(String::from).into(),
                opacity: 0.25,
                ..Layer::default()
            };
            let state = ShowState { layers: vec![layer], ..ShowState::default() };
            let schema = Schema { signals: vec![Signal::scalar("param.glow", Unit::Ratio, [0.0, 2.0])] };
            let tree = Tree::new(&state, &schema, &Status::default());
            let row = Row { values: [0.5].into(), ..Row::default() };
            Self { state, row, timeline: Timeline::default(), status: Status::default(), tree }
        }

        fn present(&self) -> Present<'_> {
            let Self { state, row, timeline, status, .. } = self;
            Present { state, row, timeline, now: ShowTime::ZERO, status }
        }

        fn binding(&self, assignment: Assignment) -> Result<Binding, String> {
            Binding::new(&assignment, &self.tree, false)
        }

        fn to(&self, address: &str) -> Binding {
            self.binding(Assignment::to(address)).unwrap_or_else(|why| panic!("{why}"))
        }
    }

    #[test]
    fn the_way_of_a_fader_is_the_range_of_its_parameter_or_the_rigs() {
        let world = World::new();
        let glow = world.to("/param/glow");
        assert_eq!((glow.value_at(1.0), glow.position(&world.present())), (2.0.into(), Some(0.25)));
        let range = Some([1.0, 0.0]);
        let narrow = world.binding(Assignment { range, ..Assignment::to("/param/glow") }).expect("binds");
        assert_eq!((narrow.value_at(0.25), narrow.position(&world.present())), (0.75.into(), Some(0.5)));
    }

    #[test]
    fn a_fader_goes_through_scenes_and_a_button_to_the_next_one() {
        let world = World::new();
        let scene = world.to("/layer/back/scene");
        assert_eq!([0.0, 0.5, 1.0].map(|at| scene.value_at(at)), ["tunnel", "echo", "dots"].map(Value::from));
        assert_eq!(scene.pressed(true, &world.present()), Some("dots".into()));
        assert_eq!(scene.pressed(false, &world.present()), None);
        assert_eq!(scene.turned(-1.0, 0.01, Some(0.5)), Some("tunnel".into()));
    }

    #[test]
    fn a_button_switches_or_holds_as_the_rig_says() {
        let mut world = World::new();
        let blackout = world.to("/show/blackout");
        assert_eq!(blackout.pressed(true, &world.present()), Some(true.into()));
        world.state.blackout = true;
        assert_eq!(blackout.pressed(true, &world.present()), Some(false.into()));
        assert!(blackout.is_lit(&world.present()));
        let held = Assignment { toggle: Some(false), ..Assignment::to("/show/blackout") };
        let held = world.binding(held).expect("binds");
        assert_eq!(
            [true, false].map(|down| held.pressed(down, &world.present())),
            [true, false].map(|it| Some(it.into()))
        );
        let flash = world.to("/layer/back/opacity");
        assert_eq!(
            [true, false].map(|down| flash.pressed(down, &world.present())),
            [1.0, 0.0].map(|it| Some(it.into()))
        );
    }

    #[test]
    fn the_button_of_a_scene_is_lit_while_it_shows() {
        let world = World::new();
        assert!(world.to("/layer/back/scene/echo").is_lit(&world.present()));
        assert!(!world.to("/layer/back/scene/dots").is_lit(&world.present()));
        let beat = Assignment { light: Some("/beat/blink".into()), ..Assignment::to("/tempo/tap") };
        assert!(world.binding(beat).expect("binds").is_lit(&world.present()), "the first beat begins");
    }

    #[test]
    fn an_encoder_moves_what_can_be_read_and_nudges_what_cannot() {
        let world = World::new();
        assert_eq!(world.to("/param/glow").turned(2.0, 0.1, Some(0.5)), Some(1.4.into()));
        let range = Some([-50.0, 50.0]);
        let nudge = world.binding(Assignment { range, ..Assignment::to("/tempo/nudge") }).expect("binds");
        assert_eq!(nudge.turned(-1.0, 0.01, None), Some((-1.0).into()));
    }

    #[test]
    fn an_address_that_no_element_can_set_says_why() {
        let world = World::new();
        let why = |address| world.binding(Assignment::to(address)).expect_err("refused");
        assert_eq!(why("/param/glwo"), "unknown address `/param/glwo`; did you mean `/param/glow`?");
        assert_eq!(why("/tempo/lock"), "`/tempo/lock` is read-only");
        let range = Some([1.0, 1.0]);
        let flat = world.binding(Assignment { range, ..Assignment::to("/param/glow") }).expect_err("refused");
        assert!(flat.contains("two different numbers"), "{flat}");
    }

    #[test]
    fn a_display_says_what_is_set_and_where_it_is() {
        let world = World::new();
        assert_eq!(world.to("/param/glow").lines(&world.present()), ["glow", "0.500"]);
        assert_eq!(world.to("/layer/back/scene").lines(&world.present()), ["back", "echo"]);
    }
}
