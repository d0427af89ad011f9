//! The subscriptions of one client, and their changes.

use super::describe::tags;
use downbeat_protocol::tree::{Access, Node, Present, Tree};
use downbeat_protocol::{Signal, Value};
use rosc::{OscBundle, OscMessage, OscPacket, OscTime, OscType};
use std::collections::BTreeMap;

/// Maximum of subscriptions: more than any show has.
const MOST: usize = 4 * Signal::COUNTER_WRAP as usize;

/// The subscriptions of a client.
#[derive(Debug, Default)]
pub struct Listening(BTreeMap<String, Listened>);

#[derive(Debug)]
struct Listened {
    node: Node,
    told: Vec<Value>,
}

impl Listening {
    /// Subscribes to a path. The error is for the client.
    pub fn listen(&mut self, tree: &Tree, path: String) -> Result<(), String> {
        let node = tree.find(&path).ok_or_else(|| format!("nothing to listen to at `{path}`"))?;
        if node.access() == Access::Write {
            return Err(format!("`{path}` is write-only"));
        }
        if self.0.len() >= MOST && !self.0.contains_key(&path) {
            return Err(format!("more than {MOST} subscriptions"));
        }
        self.0.insert(path, Listened { node: node.clone(), told: Vec::new() });
        Ok(())
    }

    /// Unsubscribes from a path.
    pub fn ignore(&mut self, path: &str) {
        self.0.remove(path);
    }

    /// Tells the value of a path again: the client shows another.
    pub fn again(&mut self, path: &str) {
        if let Some(listened) = self.0.get_mut(path) {
            listened.told.clear();
        }
    }

    /// The tree has changed: drops subscriptions that are gone; others may have moved.
    pub fn rebuilt(&mut self, tree: &Tree) {
        self.0.retain(|path, listened| {
            tree.find(path).is_some_and(|node| {
                listened.node = node.clone();
                true
            })
        });
    }

    /// The changes since the last call, as one OSC packet. `tell` gets those that come back as commands, if they do.
    pub fn news(&mut self, present: &Present<'_>, mut tell: impl FnMut(&str, &Value)) -> Option<OscPacket> {
        let mut content = Vec::new();
        for (path, listened) in &mut self.0 {
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

    #[test]
    fn what_cannot_be_listened_to_says_why() {
        let tree = Tree::new(&ShowState::default(), &Schema::default(), &Status::default());
        let why = |path: &str| Listening::default().listen(&tree, path.into()).expect_err("refused");
        assert_eq!(why("/tempo/tap"), "`/tempo/tap` is write-only");
        assert_eq!(why("/tempo"), "nothing to listen to at `/tempo`");
    }
}
