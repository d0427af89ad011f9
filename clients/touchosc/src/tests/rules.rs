//! The rules of the file format, as known from files saved by TouchOSC's own editor.

use super::*;
use quick_xml::Reader;
use quick_xml::events::Event;

/// An element with its attributes as written, its text and its children.
#[derive(Debug, Default)]
struct Element {
    name: String,
    attributes: String,
    text: String,
    is_data: bool,
    children: Vec<Element>,
}

impl Element {
    fn parse(document: &str) -> Self {
        let mut open = vec![Self::default()];
        let mut reader = Reader::from_str(document);
        loop {
            let top = open.last_mut().expect("the document");
            match reader.read_event().expect("XML") {
                Event::Start(start) => {
                    let (name, content) = (start.name().as_ref().to_string(), start.to_string());
                    open.push(Self { attributes: content[name.len()..].into(), name, ..Self::default() });
                }
                Event::End(_) => {
                    let closed = open.pop().expect("was opened");
                    open.last_mut().expect("the document").children.push(closed);
                }
                Event::Text(text) => top.text += &text,
                Event::CData(text) => {
                    top.text += &text;
                    top.is_data = true;
                }
                Event::Empty(empty) => panic!("an empty element is left out, not written: {empty:?}"),
                Event::Eof => return open.remove(0).children.remove(0),
                _ => {}
            }
        }
    }

    fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    fn named(&self, name: &str) -> &str {
        self.child(name).map_or("", |child| child.text.as_str())
    }

    fn names(&self) -> Vec<&str> {
        self.children.iter().map(|child| child.name.as_str()).collect()
    }

    fn attribute(&self, name: &str) -> &str {
        let (_, rest) = self.attributes.split_once(&format!(" {name}='")).expect("an attribute in single quotes");
        rest.split_once('\'').expect("its end").0
    }
}

/// Checks a file against the rules of its version.
fn check(bytes: &[u8], version: Version) {
    assert_eq!(bytes[..1], [0x78], "a zlib stream");
    let (document, _) = read(bytes).expect("a layout");
    assert!(document.starts_with("<?xml version='1.0' encoding='UTF-8'?><lexml version='"), "{}", &document[..60]);
    let root = Element::parse(&document);
    assert_eq!(
        (root.name.as_str(), root.attribute("version"), root.names()),
        ("lexml", version.number(), vec!["node"])
    );
    let mut ids = BTreeSet::new();
    node(&root.children[0], version, &mut ids);
    assert!(ids.len() > 20);
}

fn node(element: &Element, version: Version, ids: &mut BTreeSet<String>) {
    let (id, kind) = (element.attribute("ID"), element.attribute("type"));
    assert!(ids.insert(id.into()), "{id} stands for two nodes");
    assert_eq!(element.attributes, format!(" ID='{id}' type='{kind}'"));
    assert_eq!(id.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
    let order = ["properties", "values", "messages", "children"];
    let mut wanted = order.iter().filter(|section| element.child(section).is_some());
    assert!(element.names().iter().all(|section| wanted.next() == Some(section)), "{:?}", element.names());
    assert!(element.children.iter().all(|section| !section.children.is_empty()), "empty sections are left out: {id}");

    let properties = &element.child("properties").expect("properties").children;
    let keys: Vec<&str> = properties.iter().map(|property| property.named("key")).collect();
    assert!(keys.is_sorted() && keys.windows(2).all(|two| two[0] != two[1]), "{keys:?}");
    properties.iter().for_each(property);

    let values = element.child("values").expect("values");
    let own = match kind {
        "GROUP" => vec!["touch"],
        "PAGER" => vec!["page", "touch"],
        "BUTTON" | "FADER" => vec!["x", "touch"],
        "LABEL" => vec!["text", "touch"],
        other => panic!("a node of type {other}"),
    };
    assert_eq!(values.children.iter().map(|value| value.named("key")).collect::<Vec<_>>(), own);
    for value in &values.children {
        assert_eq!(value.names(), ["key", "locked", "lockedDefaultCurrent", "default", "defaultPull"]);
        assert!(value.child("default").expect("a default").is_data);
        assert!(value.named("key") != "touch" || value.named("default") == "false");
    }
    element.child("messages").iter().flat_map(|it| &it.children).for_each(|message| osc(message, version));
    let children = element.child("children");
    assert!(children.is_none() || matches!(kind, "GROUP" | "PAGER"));
    for child in children.iter().flat_map(|it| &it.children) {
        assert!(kind != "PAGER" || child.attribute("type") == "GROUP", "pages are groups");
        node(child, version, ids);
    }
}

fn property(property: &Element) {
    let (kind, key) = (property.attribute("type"), property.named("key"));
    assert_eq!(property.names(), ["key", "value"]);
    assert!(property.child("key").expect("a key").is_data);
    let value = property.child("value").expect("a value");
    let is_number = |text: &str| text.parse::<f32>().is_ok_and(f32::is_finite);
    let right = match kind {
        "b" => matches!(value.text.as_str(), "0" | "1"),
        "i" => value.text.parse::<i32>().is_ok(),
        "f" => is_number(&value.text),
        "s" => value.is_data,
        "c" => value.names() == ["r", "g", "b", "a"] && value.children.iter().all(|it| is_number(&it.text)),
        "r" => value.names() == ["x", "y", "w", "h"] && value.children.iter().all(|it| it.text.parse::<i32>().is_ok()),
        _ => false,
    };
    assert!(right, "{key}: {property:?}");
}

fn osc(message: &Element, version: Version) {
    let five = ["noDuplicates"].into_iter().filter(|_| version == Version::Five);
    let sections: Vec<&str> = ["enabled", "send", "receive", "feedback"]
        .into_iter()
        .chain(five)
        .chain(["connections", "triggers", "path", "arguments"])
        .collect();
    assert_eq!((message.name.as_str(), message.names()), ("osc", sections));
    let bits = if version == Version::Five { 10 } else { 5 };
    assert_eq!(message.named("connections"), "1".repeat(bits));
    for trigger in &message.child("triggers").expect("triggers").children {
        assert!(matches!(trigger.named("condition"), "ANY" | "RISE") && trigger.child("var").expect("a var").is_data);
    }
    for part in ["path", "arguments"].iter().flat_map(|part| &message.child(part).expect("there").children) {
        assert_eq!(part.names(), ["type", "conversion", "value", "scaleMin", "scaleMax"]);
        assert!(matches!(part.named("type"), "CONSTANT" | "VALUE"));
        assert!(matches!(part.named("conversion"), "STRING" | "FLOAT"));
        assert!(part.child("value").expect("a value").is_data);
    }
}

#[test]
fn the_files_in_the_tree_keep_the_rules_of_version_5() {
    COMMITTED.iter().for_each(|bytes| check(bytes, Version::Five));
}

#[test]
fn every_layout_keeps_the_rules_of_both_versions() {
    for (_, layout) in layouts() {
        for version in [Version::Three, Version::Five] {
            check(&tosc(&layout, version).expect("written"), version);
        }
    }
}

#[test]
fn a_name_with_everything_in_it_is_told_as_it_is() {
    let layers = vec![Layer { name: "a<b>'&]]>\"é".into(), ..Layer::default() }];
    let tree = Tree::new(&ShowState { layers, ..ShowState::default() }, &Schema::default(), &Status::default());
    let layout = Layout::new(Form::Tablet, &tree);
    check(&tosc(&layout, Version::Five).expect("written"), Version::Five);
    assert!(messages(&layout).iter().any(|it| it.address == "/layer/a<b>'&]]>\"é/opacity"));
}
