//! Nodes of the tree as OSCQuery describes them.
//!
//! Beyond the proposal each node has `LABEL`, the label of its button or fader, and `KIND`: `trigger`, `switch`,
//! `number`, `choice` or `text`.

use downbeat_protocol::Value;
use downbeat_protocol::tree::{Access, Kind, Node, Present, Tree};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// The OSC type tags of a node: `I` for a button, `T` for a switch, `f` for each number, `s` for text.
pub fn tags(node: &Node) -> String {
    match node.entry.kind {
        Kind::Trigger if node.access() == Access::Write => "I".into(),
        Kind::Trigger | Kind::Switch => "T".into(),
        Kind::Number(..) => "f".repeat(node.columns.map_or(1, |(_, len)| usize::from(len))),
        Kind::Choice(_) | Kind::Scene | Kind::Text => "s".into(),
    }
}

/// The node at a path, with everything below it; none if there is nothing.
pub fn describe(tree: &Tree, path: &str, present: &Present<'_>) -> Option<Json> {
    let root = path.trim_end_matches('/');
    let mut branch = Branch::default();
    let mut found = false;
    for node in tree.nodes() {
        let Some(below) = node.address.strip_prefix(root) else { continue };
        if below.is_empty() {
            (branch.node, found) = (Some(node), true);
        } else if let Some(below) = below.strip_prefix('/') {
            found = true;
            let leaf = below.split('/').fold(&mut branch, |branch, part| branch.below.entry(part).or_default());
            leaf.node = Some(node);
        }
    }
    found.then(|| branch.json(if root.is_empty() { "/" } else { root }, present))
}

/// A node to encode as JSON, with those below it.
#[derive(Default)]
struct Branch<'a> {
    node: Option<&'a Node>,
    below: BTreeMap<&'a str, Branch<'a>>,
}

impl Branch<'_> {
    fn json(&self, path: &str, present: &Present<'_>) -> Json {
        let mut json = self.node.map_or_else(Map::new, |node| attributes(node, present));
        json.insert("FULL_PATH".into(), path.into());
        if self.node.is_none() {
            json.insert("ACCESS".into(), 0.into());
        }
        if !self.below.is_empty() {
            let at = |part: &str| if path == "/" { format!("/{part}") } else { format!("{path}/{part}") };
            let below = self.below.iter().map(|(part, branch)| ((*part).to_owned(), branch.json(&at(part), present)));
            json.insert("CONTENTS".into(), Json::Object(below.collect()));
        }
        Json::Object(json)
    }
}

fn attributes(node: &Node, present: &Present<'_>) -> Map<String, Json> {
    let mut json = Map::new();
    let mut put = |key: &str, value: Json| json.insert(key.into(), value);
    let tags = tags(node);
    put("TYPE", tags.as_str().into());
    let access = match node.access() {
        Access::Read => 1,
        Access::Write => 2,
        Access::ReadWrite => 3,
    };
    put("ACCESS", access.into());
    put("DESCRIPTION", node.entry.help.into());
    put("LABEL", node.entry.label.into());
    put("KIND", kind(&node.entry.kind).into());
    put("TAGS", json!([node.entry.group.name()]));
    let each = |json: &Json| Json::Array(vec![json.clone(); tags.len()]);
    if let Some([low, high]) = node.range {
        let range = if high == f64::MAX { json!({ "MIN": low }) } else { json!({ "MIN": low, "MAX": high }) };
        put("RANGE", each(&range));
        put("CLIPMODE", each(&"both".into()));
    } else if !node.choices.is_empty() {
        put("RANGE", json!([{ "VALS": node.choices }]));
    }
    if let Some(symbol) = node.unit.map(downbeat_protocol::Unit::symbol).filter(|symbol| !symbol.is_empty()) {
        put("UNIT", each(&symbol.into()));
    }
    if node.access() != Access::Write {
        let values = node.read(present).iter().map(|value| plain(node, value)).collect::<Vec<_>>();
        put("VALUE", values.into());
    }
    json
}

fn kind(kind: &Kind) -> &'static str {
    match kind {
        Kind::Trigger => "trigger",
        Kind::Switch => "switch",
        Kind::Number(..) => "number",
        Kind::Choice(_) | Kind::Scene => "choice",
        Kind::Text => "text",
    }
}

fn plain(node: &Node, value: &Value) -> Json {
    match (&node.entry.kind, value) {
        (Kind::Trigger | Kind::Switch, value) => value.switch().unwrap_or(false).into(),
        (_, Value::Bool(on)) => (*on).into(),
        (_, Value::Number(number)) => (*number).into(),
        (_, Value::Text(text)) => text.as_str().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_protocol::{Layer, Row, Schema, ShowState, ShowTime, Signal, Status, Timeline, Unit};

    fn described(path: &str) -> Option<Json> {
        let layer =
            Layer { name: "back".into(), scene: "echo".into(), scenes: vec!["echo".into()], ..Layer::default() };
        let state = ShowState { layers: vec![layer], blackout: true, ..ShowState::default() };
        let mel = Signal { len: 2, ..Signal::scalar("main.mel", Unit::Ratio, [0.0, 1.0]) };
        let schema = Schema { signals: vec![Signal::scalar("tempo.bpm", Unit::Bpm, [60.0, 200.0]), mel] };
        let (row, timeline, status) =
            (Row { values: [128.0, 0.25, 0.5].into(), ..Row::default() }, Timeline::default(), Status::default());
        let present = Present { state: &state, row: &row, timeline: &timeline, now: ShowTime::ZERO, status: &status };
        describe(&Tree::new(&state, &schema, &status), path, &present)
    }

    #[test]
    fn a_method_says_its_type_its_range_and_its_value() {
        let bpm = described("/tempo/bpm").expect("there");
        assert_eq!((&bpm["TYPE"], &bpm["ACCESS"], &bpm["VALUE"]), (&json!("f"), &json!(3), &json!([128.0])));
        assert_eq!((&bpm["RANGE"], &bpm["UNIT"]), (&json!([{ "MIN": 30.0, "MAX": 300.0 }]), &json!(["BPM"])));
        let mel = described("/signal/main/mel").expect("there");
        assert_eq!((&mel["TYPE"], &mel["VALUE"], &mel["ACCESS"]), (&json!("ff"), &json!([0.25, 0.5]), &json!(1)));
        let blackout = described("/show/blackout").expect("there");
        assert_eq!((&blackout["TYPE"], &blackout["VALUE"]), (&json!("T"), &json!([true])));
        let tap = described("/tempo/tap").expect("there");
        assert_eq!((&tap["TYPE"], tap.get("VALUE")), (&json!("I"), None));
    }

    #[test]
    fn a_container_has_all_that_lies_below_it_and_may_be_a_method_too() {
        let scene = described("/layer/back/scene").expect("there");
        assert_eq!((&scene["TYPE"], &scene["RANGE"]), (&json!("s"), &json!([{ "VALS": ["echo"] }])));
        assert_eq!(scene["CONTENTS"]["echo"]["FULL_PATH"], "/layer/back/scene/echo");
        assert_eq!(scene["CONTENTS"]["echo"]["VALUE"], json!([true]), "the lamp of a button");
        let all = described("/").expect("there");
        assert_eq!((&all["FULL_PATH"], &all["ACCESS"]), (&json!("/"), &json!(0)));
        assert_eq!(all["CONTENTS"]["layer"]["CONTENTS"]["back"]["CONTENTS"]["scene"], scene);
        assert!(described("/layer/bac").is_none() && described("/nowhere").is_none());
    }
}
