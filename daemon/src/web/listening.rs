//! The subscriptions of one client, and their changes.

use super::describe::tags;
use downbeat_protocol::tree::{Access, Node, Present, Tree};
use downbeat_protocol::{Signal, Value};
use rosc::{OscBundle, OscMessage, OscPacket, OscTime, OscType};
use std::collections::{BTreeMap, VecDeque};

/// Maximum of subscriptions: more than any show has. What is left of it is for paths that are gone.
const MOST: usize = 4 * Signal::COUNTER_WRAP as usize;

/// The subscriptions of a client.
#[derive(Debug, Default)]
pub struct Listening {
    here: BTreeMap<String, Listened>,
    /// Paths that have left the tree, the oldest first. Those of a node that drops out for a moment are back before the
    /// client reads the tree, which then believes that it still listens.
    gone: VecDeque<String>,
}

#[derive(Debug)]
struct Listened {
    node: Node,
    told: Vec<Value>,
}

impl Listened {
    fn to(node: &Node) -> Self {
        Self { node: node.clone(), told: Vec::new() }
    }
}

impl Listening {
    /// Subscribes to a path. The error is for the client.
    pub fn listen(&mut self, tree: &Tree, path: String) -> Result<(), String> {
        let node = tree.find(&path).ok_or_else(|| format!("nothing to listen to at `{path}`"))?;
        if node.access() == Access::Write {
            return Err(format!("`{path}` is write-only"));
        }
        if self.here.len() >= MOST && !self.here.contains_key(&path) {
            return Err(format!("more than {MOST} subscriptions"));
        }
        self.gone.retain(|gone| *gone != path);
        self.here.insert(path, Listened::to(node));
        if self.here.len() + self.gone.len() > MOST {
            self.gone.pop_front();
        }
        Ok(())
    }

    /// Unsubscribes from a path.
    pub fn ignore(&mut self, path: &str) {
        self.here.remove(path);
        self.gone.retain(|gone| gone != path);
    }

    /// Tells the value of a path again: the client shows another.
    pub fn again(&mut self, path: &str) {
        if let Some(listened) = self.here.get_mut(path) {
            listened.told.clear();
        }
    }

    /// The tree has changed: subscriptions wait for paths that are gone; those that are back are told anew; others may
    /// have moved.
    pub fn rebuilt(&mut self, tree: &Tree) {
        let Self { here, gone } = self;
        let readable = |path: &str| tree.find(path).filter(|node| node.access() != Access::Write);
        let mut left = Vec::new();
        here.retain(|path, listened| {
            let node = readable(path);
            match node {
                Some(node) => listened.node = node.clone(),
                None => left.push(path.clone()),
            }
            node.is_some()
        });
        gone.retain(|path| {
            let Some(node) = readable(path) else { return true };
            here.insert(path.clone(), Listened::to(node));
            false
        });
        gone.extend(left);
    }

    /// The changes since the last call, as one OSC packet. `tell` gets those that come back as commands, if they do.
    pub fn news(&mut self, present: &Present<'_>, mut tell: impl FnMut(&str, &Value)) -> Option<OscPacket> {
        let mut content = Vec::new();
        for (path, listened) in &mut self.here {
            let values = listened.node.read(present);
            if values != listened.told && !values.is_empty() {
                if let ([value], Access::ReadWrite) = (values.as_slice(), listened.node.access()) {
                    tell(path, value);
                }
                let args = values.iter().map(|value| argument(&listened.node, value)).collect();
                content.push(OscPacket::Message(OscMessage { addr: path.clone(), args }));
                listened.told = values;
            }
        }
        // "At once" (OSC 1.0): the values are current.
        let timetag = OscTime { seconds: 0, fractional: 1 };
        (!content.is_empty()).then_some(OscPacket::Bundle(OscBundle { timetag, content }))
    }
}

/// A value in its node's type.
fn argument(node: &Node, value: &Value) -> OscType {
    match (tags(node).as_str(), value) {
        ("T", value) => OscType::Bool(value.switch().unwrap_or(false)),
        ("s", value) => OscType::String(value.to_string()),
        (_, value) => OscType::Float(value.number().unwrap_or(0.0) as f32),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_protocol::status::Client;
    use downbeat_protocol::{Row, Schema, ShowState, ShowTime, Status, Timeline, Unit};

    #[test]
    fn the_value_comes_at_once_and_then_only_when_it_changes() {
        let schema = Schema { signals: vec![Signal::scalar("main.level", Unit::Ratio, [0.0, 1.0])] };
        let (mut state, status, timeline) = (ShowState::default(), Status::default(), Timeline::default());
        let tree = Tree::new(&state, &schema, &status);
        let mut listening = Listening::default();
        listening.listen(&tree, "/signal/main/level".into()).expect("there");
        listening.listen(&tree, "/show/blackout".into()).expect("there");
        let mut told = |state: &ShowState, level: f32| {
            let row = Row { values: [level].into(), ..Row::default() };
            let present = Present { state, row: &row, timeline: &timeline, now: ShowTime::ZERO, status: &status };
            let Some(OscPacket::Bundle(bundle)) = listening.news(&present, |_, _| {}) else { return Vec::new() };
            let message = |packet: &OscPacket| match packet {
                OscPacket::Message(message) => (message.addr.clone(), message.args.clone()),
                OscPacket::Bundle(_) => panic!("a bundle in a bundle"),
            };
            bundle.content.iter().map(message).collect::<Vec<_>>()
        };
        let blackout = |on| ("/show/blackout".to_owned(), vec![OscType::Bool(on)]);
        let level = |level| ("/signal/main/level".to_owned(), vec![OscType::Float(level)]);
        assert_eq!(told(&state, 0.5), [blackout(false), level(0.5)]);
        assert_eq!(told(&state, 0.5), []);
        state.blackout = true;
        assert_eq!(told(&state, 0.5), [blackout(true)]);
        assert_eq!(told(&state, 0.25), [level(0.25)]);
    }

    #[test]
    fn a_client_that_shows_what_the_show_does_not_do_is_told_again() {
        let (state, status, timeline) = (ShowState::default(), Status::default(), Timeline::default());
        let tree = Tree::new(&state, &Schema::default(), &status);
        let mut listening = Listening::default();
        listening.listen(&tree, "/show/blackout".into()).expect("there");
        let row = Row::default();
        let present = Present { state: &state, row: &row, timeline: &timeline, now: ShowTime::ZERO, status: &status };
        assert!(listening.news(&present, |_, _| {}).is_some());
        assert!(listening.news(&present, |_, _| {}).is_none());
        listening.again("/show/blackout");
        assert!(listening.news(&present, |_, _| {}).is_some());
    }

    /// The status while a node of this name is connected.
    fn connected(name: &str) -> Status {
        let client = Client { name: name.into(), role: "renderer".into(), ..Client::default() };
        Status { clients: vec![client], ..Status::default() }
    }

    fn tree(status: &Status) -> Tree {
        Tree::new(&ShowState::default(), &Schema::default(), status)
    }

    /// The paths of which something is told.
    fn news(listening: &mut Listening, status: &Status) -> Vec<String> {
        let (state, row, timeline) = (ShowState::default(), Row::default(), Timeline::default());
        let present = Present { state: &state, row: &row, timeline: &timeline, now: ShowTime::ZERO, status };
        let Some(OscPacket::Bundle(bundle)) = listening.news(&present, |_, _| {}) else { return Vec::new() };
        let path = |packet: OscPacket| match packet {
            OscPacket::Message(message) => message.addr,
            OscPacket::Bundle(_) => panic!("a bundle in a bundle"),
        };
        bundle.content.into_iter().map(path).collect()
    }

    #[test]
    fn a_node_that_drops_out_for_a_moment_is_told_again_when_it_is_back() {
        let (with, without, role) = (connected("left"), Status::default(), "/node/left/role");
        let mut listening = Listening::default();
        listening.listen(&tree(&with), role.into()).expect("there");
        for _ in 0..2 {
            assert_eq!(news(&mut listening, &with), [role]);
            listening.rebuilt(&tree(&without));
            assert!(news(&mut listening, &without).is_empty());
            listening.rebuilt(&tree(&without));
            listening.rebuilt(&tree(&with));
        }
        assert_eq!(news(&mut listening, &with), [role], "although it is what was told last");
        listening.rebuilt(&tree(&without));
        listening.ignore(role);
        listening.rebuilt(&tree(&with));
        assert!(news(&mut listening, &with).is_empty(), "it is ignored");
    }

    #[test]
    fn paths_that_are_gone_keep_no_room_from_those_that_are_there() {
        let signals = (0..MOST).map(|number| Signal::scalar(format!("main.s{number}"), Unit::Ratio, [0.0, 1.0]));
        let (state, status) = (ShowState::default(), Status::default());
        let full = Tree::new(&state, &Schema { signals: signals.collect() }, &status);
        let mut listening = Listening::default();
        let all: Vec<String> = full.nodes().map(|node| node.address.clone()).collect();
        for path in all.iter().filter(|path| path.starts_with("/signal/")) {
            listening.listen(&full, path.clone()).expect("room");
        }
        assert_eq!(listening.here.len(), MOST);
        assert!(listening.listen(&full, "/show/blackout".into()).is_err(), "there is no room");
        listening.rebuilt(&tree(&status));
        listening.listen(&tree(&status), "/show/blackout".into()).expect("room");
        listening.rebuilt(&full);
        assert_eq!((listening.here.len(), listening.gone.len()), (MOST, 0));
    }

    #[test]
    fn what_cannot_be_listened_to_says_why() {
        let tree = Tree::new(&ShowState::default(), &Schema::default(), &Status::default());
        let why = |path: &str| Listening::default().listen(&tree, path.into()).expect_err("refused");
        assert_eq!(why("/tempo/tap"), "`/tempo/tap` is write-only");
        assert_eq!(why("/tempo"), "nothing to listen to at `/tempo`");
    }
}
