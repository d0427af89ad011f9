//! The list of addresses, for surfaces that build themselves from it. Pure.

use crate::controls::reach::pattern;
use crate::edges::osc::encode::{Arg, message};
use downbeat_protocol::Tree;
use downbeat_protocol::tree::{Access, Kind, Node};

/// The messages of a list: one for each address that matches a pattern or is below an address, and the end.
///
/// # Errors
/// A message, if the pattern is malformed.
pub fn list(tree: &Tree, wanted: &str) -> Result<Vec<Vec<u8>>, String> {
    let pattern = pattern(wanted).map_err(|error| error.to_string())?;
    let root = wanted.trim_end_matches('/');
    let is_below =
        |address: &str| address.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let nodes = tree.nodes().filter(|node| match &pattern {
        Some(pattern) => pattern.is_match(&node.address),
        None => is_below(&node.address),
    });
    let mut messages: Vec<Vec<u8>> = nodes.map(entry).collect();
    let count = i32::try_from(messages.len()).unwrap_or(i32::MAX);
    messages.push(message("/list/end", &[Arg::Int(count)]));
    Ok(messages)
}

fn entry(node: &Node) -> Vec<u8> {
    let kind = match node.entry.kind {
        Kind::Trigger => "trigger",
        Kind::Switch => "switch",
        Kind::Number(..) => "number",
        Kind::Choice(_) | Kind::Scene => "choice",
        Kind::Text => "text",
    };
    let access = match node.access() {
        Access::Read => "read",
        Access::Write => "set",
        Access::ReadWrite => "both",
    };
    let mut arguments = [&node.address, kind, access, node.entry.label].map(Arg::Text).to_vec();
    if let Some([low, high]) = node.range {
        let unit = node.unit.map_or("", |unit| unit.symbol());
        arguments.extend([Arg::Float(low as f32), Arg::Float(high as f32), Arg::Text(unit)]);
    }
    arguments.extend(node.choices.iter().map(|choice| Arg::Text(choice)));
    message("/list", &arguments)
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_protocol::{Layer, Schema, ShowState, Status};
    use rosc::{OscPacket, OscType, decoder::decode_udp};

    fn listed(wanted: &str) -> Vec<(String, Vec<String>)> {
        let layer = Layer { name: "back".into(), scenes: vec!["echo".into(), "tunnel".into()], ..Layer::default() };
        let state = ShowState { layers: vec![layer], ..ShowState::default() };
        let tree = Tree::new(&state, &Schema::default(), &Status::default());
        let words = |argument: OscType| match argument {
            OscType::String(text) => text,
            OscType::Float(number) => number.to_string(),
            OscType::Int(number) => number.to_string(),
            other => panic!("{other:?}"),
        };
        let read = |bytes: Vec<u8>| match decode_udp(&bytes).expect("OSC").1 {
            OscPacket::Message(message) => (message.addr, message.args.into_iter().map(words).collect()),
            OscPacket::Bundle(_) => panic!("a message"),
        };
        list(&tree, wanted).expect("a list").into_iter().map(read).collect()
    }

    #[test]
    fn an_address_lists_what_lies_below_it_and_a_pattern_what_it_matches() {
        let all = listed("/layer/back");
        let addresses: Vec<&str> = all.iter().filter_map(|(_, words)| words.first().map(String::as_str)).collect();
        let expected =
            ["blend", "opacity", "scene", "scene/echo", "scene/tunnel"].map(|it| format!("/layer/back/{it}"));
        assert_eq!(addresses[..5], expected);
        assert_eq!(all[1].1[1..], ["number", "both", "opacity", "0", "1", ""]);
        assert_eq!(all[2].1[1..], ["choice", "both", "scene", "echo", "tunnel"]);
        assert_eq!(all[5], ("/list/end".into(), vec!["5".into()]));
        assert_eq!(listed("/layer/*/opacity").len(), 2);
        assert_eq!(listed("/lay"), [("/list/end".to_owned(), vec!["0".to_owned()])]);
        assert!(listed("/").len() > 40, "{}", listed("/").len());
    }
}
