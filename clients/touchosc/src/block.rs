//! Blocks: one node of the tree, or a few that belong together, as controls in a frame of cells.

use crate::control::{Align, Argument, Colour, Control, Frame, Kind, Message};
use crate::form::{Form, GAP};
use crate::known::{CUE, NUDGE_MS};
use crate::palette::{CLEAR, TEXT, WELL, of_group};
use downbeat_protocol::Tree;
use downbeat_protocol::tree::{self, Access, Node};

/// Some cells and their contents.
pub struct Block<'a> {
    /// Columns.
    pub wide: usize,
    /// Rows.
    pub high: usize,
    /// Draws its controls into the frame of the cells.
    pub draw: Box<dyn Fn(Frame) -> Vec<Control> + 'a>,
}

impl<'a> Block<'a> {
    fn new((wide, high): (usize, usize), draw: impl Fn(Frame) -> Vec<Control> + 'a) -> Self {
        Self { wide, high, draw: Box::new(draw) }
    }

    /// A line of text across the whole width.
    pub fn heading(form: Form, name: String, text: String) -> Self {
        Self::new((form.columns(), 1), move |frame| vec![label(&name, frame, &text, 14.0, Align::Left)])
    }

    /// A heading.
    pub fn name(name: String, text: String) -> Self {
        Self::new((2, 2), move |frame| vec![label(&name, frame, &text, 18.0, Align::Centre)])
    }

    /// Any node, by its kind; none if a tablet has no control for it.
    pub fn of(form: Form, node: &'a Node, title: String) -> Option<Self> {
        let colour = of_group(node.entry.group);
        if node.entry.access() == Access::Read {
            return matches!(node.entry.kind, tree::Kind::Text).then(|| Self::reading(node, title));
        }
        Some(match node.entry.kind {
            tree::Kind::Trigger if node.entry.address == CUE => Self::press(node, title, (3, 3), colour),
            tree::Kind::Trigger | tree::Kind::Switch => Self::press(node, title, (2, 2), colour),
            tree::Kind::Number(..) => Self::fader(node, title, (4, 2), colour)?,
            tree::Kind::Choice(_) | tree::Kind::Scene if !node.choices.is_empty() => {
                Self::choice(form, node, title, colour)
            }
            // A tablet has no keyboard at hand: free text is shown.
            tree::Kind::Choice(_) | tree::Kind::Scene | tree::Kind::Text => Self::reading(node, title),
        })
    }

    /// A button, a lamp with a button, or a switch.
    pub fn press(node: &'a Node, title: String, size: (usize, usize), colour: Colour) -> Self {
        Self::new(size, move |frame| pressed(node, &title, frame, colour))
    }

    /// Two buttons that nudge a number either way.
    pub fn nudge(node: &'a Node, size: (usize, usize), colour: Colour) -> Self {
        Self::new(size, move |frame| {
            let ways = [("earlier", -NUDGE_MS, "◀"), ("later", NUDGE_MS, "▶")];
            let one = |((way, ms, sign), frame): ((&str, f32, &str), Frame)| {
                let name = format!("{}-{way}", name_of(node));
                let message = Message::send(&node.address, Argument::Number(ms));
                let text = if ms < 0.0 { format!("{sign} {NUDGE_MS}") } else { format!("{NUDGE_MS} {sign}") };
                [control(&name, frame, colour, Kind::Button, Some(message)), caption(&name, frame, &text)]
            };
            ways.into_iter().zip(frame.columns(2, GAP)).flat_map(one).collect()
        })
    }

    /// A horizontal fader with its name on it; none if the number has no range.
    fn fader(node: &'a Node, title: String, size: (usize, usize), colour: Colour) -> Option<Self> {
        let range = range(node)?;
        Some(Self::new(size, move |frame| {
            let text = caption(&name_of(node), frame, &title);
            vec![moved(node, frame, colour, range), text]
        }))
    }

    /// A vertical fader, with its name above and below a button that returns it to its mapping.
    pub fn parameter(value: &'a Node, auto: Option<&'a Node>, title: String) -> Option<Self> {
        let range = range(value)?;
        let colour = of_group(value.entry.group);
        Some(Self::new((1, 8), move |frame| {
            let (head, foot) = (22.0, 46.0);
            let text =
                label(&format!("{}-name", name_of(value)), Frame { h: head, ..frame }, &title, 13.0, Align::Centre);
            let middle = Frame { y: frame.y + head, h: frame.h - head - foot - GAP, ..frame };
            let mut controls = vec![text, moved(value, middle, colour, range)];
            let below = Frame { y: frame.y + frame.h - foot, h: foot, ..frame };
            controls.extend(auto.into_iter().flat_map(|auto| pressed(auto, auto.entry.label, below, WELL)));
            controls
        }))
    }

    /// A button for each word; the current word's button is lit.
    fn choice(form: Form, node: &'a Node, title: String, colour: Colour) -> Self {
        let across = node.choices.len().min(form.columns() - 1);
        let down = node.choices.len().div_ceil(across);
        Self::new((across + 1, 2 * down), move |frame| {
            let mut columns = frame.columns(across + 1, GAP);
            let name = name_of(node);
            let text = columns.next().map(|first| label(&format!("{name}-name"), first, &title, 14.0, Align::Centre));
            let columns: Vec<Frame> = columns.collect();
            let places = frame.rows(down, GAP).flat_map(|row| {
                columns.iter().map(move |column| Frame { y: row.y, h: row.h, ..*column }).collect::<Vec<_>>()
            });
            let button = |(word, frame): (&String, Frame)| {
                let name = format!("{name}-{word}");
                let is = Message::receive(&node.address, Argument::Is(word.clone()));
                let send = Message::send(&node.address, Argument::Word(word.clone()));
                [
                    control(&format!("{name}-lamp"), frame, colour, Kind::Lamp, Some(is)),
                    caption(&name, frame, word),
                    control(&name, frame, CLEAR, Kind::Pad, Some(send)),
                ]
            };
            text.into_iter().chain(node.choices.iter().zip(places).flat_map(button)).collect()
        })
    }

    /// A readout: its name above, its text below.
    fn reading(node: &'a Node, title: String) -> Self {
        Self::new((6, 2), move |frame| {
            let name = name_of(node);
            let [above, below] =
                [(0.0, 16.0), (16.0, frame.h - 16.0)].map(|(y, h)| Frame { y: frame.y + y, h, ..frame });
            let message = Message::receive(&node.address, Argument::Text);
            vec![
                label(&format!("{name}-name"), above, &title, 11.0, Align::Left),
                Control { message: Some(message), ..label(&name, below, "", 15.0, Align::Left) },
            ]
        })
    }

    /// Meters side by side.
    pub fn meters(nodes: Vec<&'a Node>, size: (usize, usize)) -> Self {
        Self::new(size, move |frame| {
            let meter = |(node, column): (&&Node, Frame)| {
                let foot = 22.0;
                let name = name_of(node);
                let text = node.address.rsplit('/').next().unwrap_or_default();
                let below = Frame { y: column.y + column.h - foot, h: foot, ..column };
                let bar = Frame { h: column.h - foot, ..column };
                let range = range(node).unwrap_or([0.0, 1.0]);
                let message = Message::receive(&node.address, Argument::Smoothed(range));
                [
                    control(&name, bar, of_group(node.entry.group), Kind::Meter, Some(message)),
                    label(&format!("{name}-name"), below, text, 10.0, Align::Centre),
                ]
            };
            nodes.iter().zip(frame.columns(nodes.len(), 4.0)).flat_map(meter).collect()
        })
    }
}

/// Whether a layout has a control for a node: for everything settable, and for all texts except those of connected
/// clients and learnt assignments.
pub fn is_shown(tree: &Tree, node: &Node) -> bool {
    let shown = match node.entry.kind {
        tree::Kind::Text => node.entry.group != tree::Group::Rig,
        _ => node.entry.access() != Access::Read,
    };
    let shown = shown && node.entry.group.is_played();
    // Where each choice has its own trigger, those are the buttons.
    let mut triggers = node.choices.iter().map(|choice| format!("{}/{choice}", node.address));
    let by_triggers = !node.choices.is_empty() && triggers.all(|trigger| tree.find(&trigger).is_some());
    shown && !by_triggers
}

/// The name of a node's control in the editor.
pub fn name_of(node: &Node) -> String {
    node.address[1..].to_owned()
}

/// A control.
pub fn control(name: &str, frame: Frame, colour: Colour, kind: Kind, message: Option<Message>) -> Control {
    Control { name: name.into(), frame, colour, kind, message }
}

/// A text.
pub fn label(name: &str, frame: Frame, text: &str, size: f32, align: Align) -> Control {
    control(name, frame, TEXT, Kind::Label { text: text.into(), size, align }, None)
}

/// The text on a control.
pub fn caption(name: &str, frame: Frame, text: &str) -> Control {
    // The width of letters relative to their height: capitals are wider.
    let width = |letter: char| if letter.is_uppercase() { 0.78 } else { 0.6 };
    let fits = (frame.w - GAP) / text.chars().map(width).sum::<f32>().max(1.0);
    label(&format!("{name}-text"), frame, text, fits.min(0.4 * frame.h).clamp(9.0, 26.0).floor(), Align::Centre)
}

fn pressed(node: &Node, title: &str, frame: Frame, colour: Colour) -> Vec<Control> {
    let name = name_of(node);
    let text = caption(&name, frame, title);
    let on = Message::send(&node.address, Argument::Number(1.0));
    match (node.entry.kind, node.entry.access()) {
        (tree::Kind::Switch, access) => {
            let receive = access == Access::ReadWrite;
            let message = Message { receive, ..Message::send(&node.address, Argument::Value([0.0, 1.0])) };
            vec![control(&name, frame, colour, Kind::Switch, Some(message)), text]
        }
        // A momentary button would go dark on release although its choice still holds.
        (_, Access::ReadWrite) => {
            let lamp = Message::receive(&node.address, Argument::Value([0.0, 1.0]));
            vec![
                control(&format!("{name}-lamp"), frame, colour, Kind::Lamp, Some(lamp)),
                text,
                control(&name, frame, CLEAR, Kind::Pad, Some(on)),
            ]
        }
        _ => vec![control(&name, frame, colour, Kind::Button, Some(on)), text],
    }
}

fn moved(node: &Node, frame: Frame, colour: Colour, range: [f32; 2]) -> Control {
    let receive = node.entry.access() == Access::ReadWrite;
    let message = Message { receive, ..Message::send(&node.address, Argument::Value(range)) };
    control(&name_of(node), frame, colour, Kind::Fader, Some(message))
}

/// The range of a number; none if unlimited.
fn range(node: &Node) -> Option<[f32; 2]> {
    node.range.map(|range| range.map(|end| end as f32)).filter(|range| range.iter().all(|end| end.is_finite()))
}
