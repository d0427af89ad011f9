//! Layouts of a show, and the demo's committed files.

use super::*;
use downbeat_protocol::status::{Bus, Client};
use downbeat_protocol::tree::{self, Access};
use downbeat_protocol::{Layer, Schema, ShowState, Signal, Status, Tree, Unit, Value};
use std::collections::BTreeSet;

mod rules;
mod script;

/// The layouts for the demo's show.
const COMMITTED: [&[u8]; 2] = [include_bytes!("../downbeat.tosc"), include_bytes!("../phone.tosc")];

/// A show with this many layers and parameters.
fn show(layers: usize, parameters: usize) -> Tree {
    let scenes = ["spectrum", "tunnel", "echo"].map(String::from).to_vec();
    let layer = |number| Layer { name: format!("layer{number}"), scenes: scenes.clone(), ..Layer::default() };
    let state = ShowState { layers: (0..layers).map(layer).collect(), ..ShowState::default() };
    let heard = downbeat_analysis::fields().into_iter().map(|field| Signal {
        len: field.len as u16,
        ..Signal::scalar(format!("main.{}", field.name), Unit::Ratio, [0.0, 1.0])
    });
    let own = ["tempo.bpm", "tempo.confidence"].map(|name| Signal::scalar(name, Unit::Ratio, [0.0, 1.0]));
    let parameter = |number| Signal::scalar(format!("param.p{number}"), Unit::Ratio, [0.5, 2.0]);
    let signals = heard.chain(own).chain((0..parameters).map(parameter)).collect();
    let buses = vec![Bus { name: "main".into(), ..Bus::default() }];
    let clients = vec![Client { name: "wall".into(), ..Client::default() }];
    Tree::new(&state, &Schema { signals }, &Status { buses, clients, ..Status::default() })
}

/// Layouts of small and large shows.
fn layouts() -> Vec<(Tree, Layout)> {
    let shows = [(0, 0), (1, 1), (2, 6), (9, 40)];
    let of = |(layers, parameters)| {
        Form::ALL.map(|form| {
            let tree = show(layers, parameters);
            let layout = Layout::new(form, &tree);
            (tree, layout)
        })
    };
    shows.into_iter().flat_map(of).collect()
}

fn messages(layout: &Layout) -> Vec<Found> {
    read(&tosc(layout, Version::Five).expect("written")).expect("a layout").1
}

#[test]
fn everything_that_can_be_set_has_a_control() {
    for (tree, layout) in layouts() {
        let sent: BTreeSet<String> = messages(&layout).into_iter().filter(|it| it.sends).map(|it| it.address).collect();
        // A tablet has no keyboard at hand: texts are shown.
        let settable = |node: &&tree::Node| node.entry.access() != Access::Read && node.entry.kind != tree::Kind::Text;
        for node in tree.nodes().filter(settable) {
            // A layer's scene has a button for each choice.
            let by_buttons = node.choices.iter().any(|choice| sent.contains(&format!("{}/{choice}", node.address)));
            assert!(sent.contains(&node.address) || by_buttons, "{} for a {:?}", node.address, layout.form);
        }
    }
}

#[test]
fn everything_that_is_sent_is_an_action_at_both_ends_of_a_control() {
    for (_, layout) in layouts() {
        for message in messages(&layout).iter().filter(|message| message.sends) {
            let values = match (message.argument.as_str(), message.conversion.as_str()) {
                ("CONSTANT", "FLOAT") => vec![Value::Number(message.value.parse().expect("a number"))],
                ("CONSTANT", _) => vec![Value::from(message.value.as_str())],
                _ => message.range.map(|end| Value::Number(end.into())).to_vec(),
            };
            for value in values {
                let action = tree::parse(&message.address, Some(&value));
                assert!(matches!(action, Ok(Some(_))), "{message:?}: {action:?}");
            }
        }
    }
}

#[test]
fn everything_that_is_shown_is_in_the_tree_and_told() {
    for (tree, layout) in layouts() {
        for message in messages(&layout).iter().filter(|message| message.receives && message.address != "/error") {
            let node = tree.find(&message.address).unwrap_or_else(|| panic!("{}", message.address));
            assert_ne!(node.entry.access(), Access::Write, "{}", message.address);
        }
    }
}

#[test]
fn a_reason_can_be_read_and_who_is_connected_is_left_to_bigger_surfaces() {
    for (_, layout) in layouts() {
        let read: BTreeSet<String> = messages(&layout).into_iter().map(|it| it.address).collect();
        for address in ["/tempo/locked-why", "/tempo/source", "/bus/main/state", "/daemon/version"] {
            assert!(read.contains(address), "{address}");
        }
        assert!(!read.iter().any(|address| address.starts_with("/node/")));
    }
}

#[test]
fn a_number_has_the_scale_of_the_tree() {
    let layout = Layout::new(Form::Phone, &show(1, 1));
    let range = |address: &str| messages(&layout).into_iter().find(|it| it.address == address).expect("there").range;
    assert_eq!(range("/param/p0"), [0.5, 2.0]);
    assert_eq!(range("/tempo/bpm"), [30.0, 300.0]);
    assert_eq!(range("/layer/layer0/opacity"), [0.0, 1.0]);
}

#[test]
fn controls_lie_on_their_page_and_have_names_of_their_own() {
    for (_, layout) in layouts() {
        let all: Vec<&Control> = layout.controls().collect();
        let names: BTreeSet<&str> = all.iter().map(|control| control.name.as_str()).collect();
        assert_eq!(names.len(), all.len());
        let inside = |controls: &[Control], [w, h]: [f32; 2]| {
            for Control { name, frame, .. } in controls {
                assert!(frame.x >= 0.0 && frame.x + frame.w <= w, "{name}: {frame:?}");
                assert!(frame.y >= 0.0 && frame.y + frame.h <= h, "{name}: {frame:?}");
            }
        };
        inside(&layout.header, [layout.form.frame().w, layout.form.pager().y]);
        layout.pages.iter().for_each(|page| inside(&page.controls, [layout.form.page().w, layout.form.page().h]));
    }
}

#[test]
fn what_is_touched_is_big_enough_for_a_thumb_and_lies_apart() {
    for (_, layout) in layouts() {
        for page in &layout.pages {
            let touched: Vec<_> = page.controls.iter().filter(|control| control.kind.is_touched()).collect();
            for (index, one) in touched.iter().enumerate() {
                let a = one.frame;
                assert!(a.w >= 40.0 && a.h >= 40.0, "{}: {a:?}", one.name);
                for other in &touched[index + 1..] {
                    let b = other.frame;
                    let apart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
                    assert!(apart, "{} and {} on {}", one.name, other.name, page.name);
                }
            }
        }
    }
}

#[test]
fn a_small_show_is_played_from_the_first_page_of_a_tablet() {
    let layout = Layout::new(Form::Tablet, &show(2, 6));
    let on_first = |name: &str| layout.pages[0].controls.iter().any(|control| control.name == name);
    for name in ["tempo/tap", "show/blackout", "layer/layer1/opacity", "param/p5", "signal/main/level"] {
        assert!(on_first(name), "{name}");
    }
    assert!(layout.pages.len() <= 2, "{:?}", layout.pages.iter().map(|page| &page.name).collect::<Vec<_>>());
}

#[test]
fn a_great_show_is_spread_over_pages_whose_tabs_tell_them_apart() {
    for form in Form::ALL {
        let layout = Layout::new(form, &show(9, 40));
        let names: BTreeSet<&str> = layout.pages.iter().map(|page| page.name.as_str()).collect();
        assert!(names.len() == layout.pages.len() && names.contains("Layers"), "{names:?}");
    }
}
