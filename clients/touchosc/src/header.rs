//! The header of every page: the tempo, whether it can be trusted, the state of the music, the beats of the bar,
//! refusals, and a warning when the daemon is lost.

use crate::block::{control, label};
use crate::control::{Align, Argument, Control, Frame, Kind, Message};
use crate::form::{Form, GAP};
use crate::known::{BEAT, CONFIDENCE, ERROR, LOCK, MUSIC, TEMPO_TEXT};
use crate::palette::{DANGER, DOWNBEAT, TEMPO, WELL};
use downbeat_protocol::Tree;
use downbeat_protocol::tree::Node;

/// Number of beat lamps: a bar of common time.
const BEATS: usize = 4;
/// Height of the line for refusals.
const LINE: f32 = 18.0;

/// The places in the header.
struct Places {
    tempo: Frame,
    confidence: Frame,
    lock: Frame,
    music: Frame,
    beats: Frame,
    error: Frame,
}

/// The header of a layout. What the tree lacks is left out.
pub fn header(form: Form, tree: &Tree) -> Vec<Control> {
    let area = form.header();
    let places = places(form, area);
    let mut controls = Vec::new();
    let mut text = |address: &str, frame: Frame, example: &str, size: f32| {
        let message = tree.find(address).map(|node| Message::receive(&node.address, Argument::Text));
        let name = address[1..].to_owned();
        controls.extend(
            message.map(|it| Control { message: Some(it), ..label(&name, frame, example, size, Align::Centre) }),
        );
    };
    text(TEMPO_TEXT, places.tempo, "–", 0.8 * places.tempo.h);
    text(MUSIC, places.music, "", 20.0);
    if let Some(node) = tree.find(CONFIDENCE) {
        let message = Message::receive(&node.address, Argument::Smoothed([0.0, 1.0]));
        controls.push(control(&node.address[1..], places.confidence, WELL, Kind::Meter, Some(message)));
    }
    let mut lamp = |node: &Node, frame: Frame, colour, text: &str| {
        let message = Message::receive(&node.address, Argument::Value([0.0, 1.0]));
        let name = &node.address[1..];
        controls.push(control(name, frame, colour, Kind::Lamp, Some(message)));
        controls.push(label(&format!("{name}-text"), frame, text, 20.0, Align::Centre));
    };
    if let Some(node) = tree.find(LOCK) {
        lamp(node, places.lock, WELL, node.entry.label);
    }
    for (place, frame) in places.beats.columns(BEATS, GAP).enumerate() {
        let number = (place + 1).to_string();
        let node = tree.nodes().find(|node| node.entry.address == BEAT && node.names == [number.as_str()]);
        if let Some(node) = node {
            lamp(node, frame, if place == 0 { DOWNBEAT } else { TEMPO }, &number);
        }
    }
    let error = label("error", places.error, "", 13.0, Align::Left);
    controls.push(Control { message: Some(Message::receive(ERROR, Argument::Text)), ..error });
    let lost = Kind::Banner { text: "DAEMON LOST".into(), size: 34.0 };
    controls.push(control("lost", area, DANGER, lost, None));
    controls
}

fn places(form: Form, area: Frame) -> Places {
    let at = |x: f32, y: f32, w: f32, h: f32| Frame { x: area.x + x, y: area.y + y, w, h };
    let error = at(0.0, area.h - LINE, area.w, LINE);
    match form {
        Form::Tablet => Places {
            tempo: at(0.0, 0.0, 210.0, 58.0),
            confidence: at(0.0, 60.0, 210.0, 12.0),
            lock: at(218.0, 0.0, 130.0, 72.0),
            music: at(356.0, 0.0, 150.0, 72.0),
            beats: at(514.0, 0.0, area.w - 514.0, 72.0),
            error,
        },
        Form::Phone => Places {
            tempo: at(0.0, 0.0, 150.0, 46.0),
            confidence: at(0.0, 48.0, 150.0, 8.0),
            lock: at(158.0, 0.0, 100.0, 56.0),
            music: at(266.0, 0.0, area.w - 266.0, 56.0),
            beats: at(0.0, 62.0, area.w, 42.0),
            error,
        },
    }
}
