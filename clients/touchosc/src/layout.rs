//! What stands where: four rows, from what is looked at to what is moved.
//!
//! Made for a tablet lying flat; everything that is touched in a hurry is as wide as two thumbs.

use crate::control::{Argument, Colour, Control, Frame, Kind, Message};
use crate::palette::{CLEAR, DANGER, DOWNBEAT, FREEZE, LEVEL, PARAMETER, SCENE, TEMPO, TEXT, WELL};
use crate::rig::{Layer, Rig};

/// Width of the layout in points.
pub const WIDTH: f32 = 1024.0;
/// Height of the layout in points.
pub const HEIGHT: f32 = 768.0;

const GAP: f32 = 10.0;
const EDGE: f32 = 12.0;

/// The tempi that an end of the range may be, in beats per minute.
const TEMPI: [f32; 2] = [40.0, 220.0];

/// The bands of the bus `main`, lowest first.
const BANDS: [&str; 8] = ["sub", "bass", "low", "lowmid", "mid", "highmid", "high", "air"];

/// The layout for a rig. What lies over another control comes after it.
pub fn layout(rig: &Rig) -> Vec<Control> {
    let mut page = Page::default();
    page.readings(frame(EDGE, 12.0, WIDTH - 2.0 * EDGE, 100.0));
    page.tempo(frame(EDGE, 122.0, WIDTH - 2.0 * EDGE, 180.0));
    page.layers(&rig.layers, frame(EDGE, 312.0, WIDTH - 2.0 * EDGE, 200.0));
    page.parameters(rig, frame(EDGE, 522.0, 590.0, 212.0));
    page.meters(frame(EDGE + 600.0, 522.0, WIDTH - 2.0 * EDGE - 600.0, 212.0));
    page.label("error", frame(EDGE, 740.0, WIDTH - 2.0 * EDGE, 22.0), "", 15.0);
    page.last(Message { argument: Argument::Text, ..receive("/error") });
    page.0
}

/// The controls so far.
#[derive(Default)]
struct Page(Vec<Control>);

impl Page {
    /// Tempo, lock, the state of the music, the beats of the bar.
    fn readings(&mut self, row: Frame) {
        let text = |address| Message { argument: Argument::Text, ..receive(address) };
        self.label("tempo", Frame { w: 240.0, h: 74.0, ..row }, "124.0", 60.0);
        self.last(text("/tempo/text"));
        let confidence = Frame { y: row.y + 80.0, w: 240.0, h: 20.0, ..row };
        self.meter("confidence", confidence, WELL, "/tempo/confidence", 0.85);
        let lock = Frame { x: row.x + 250.0, w: 110.0, h: 45.0, ..row };
        self.lamp("lock", lock, WELL, "/tempo/lock", 1.0);
        self.label("lock-text", lock, "LOCK", 22.0);
        self.label("state", Frame { x: row.x + 370.0, w: 150.0, h: 45.0, ..row }, "playing", 22.0);
        self.last(text("/music/state"));
        for (name, x) in [("low", 250.0), ("high", 390.0)] {
            let end = Frame { x: row.x + x, y: row.y + 55.0, w: 130.0, h: 45.0 };
            self.fader(&format!("range-{name}"), end, TEMPO, &format!("/tempo/range/{name}"), TEMPI);
            self.label(&format!("range-{name}-text"), end, name, 16.0);
        }
        for (number, beat) in columns(Frame { x: row.x + 530.0, w: row.w - 530.0, ..row }, 4).enumerate() {
            let name = format!("beat-{}", number + 1);
            let colour = if number == 0 { DOWNBEAT } else { TEMPO };
            self.lamp(&name, beat, colour, &format!("/beat/{}", number + 1), if number == 0 { 1.0 } else { 0.0 });
            self.label(&format!("{name}-text"), beat, &(number + 1).to_string(), 30.0);
        }
    }

    /// What the operator tells the ear, and what stops the show.
    fn tempo(&mut self, row: Frame) {
        let press = |address: &str, value| Message { argument: Argument::Constant(value), ..send(address) };
        let at = |x, y, w, h| Frame { x: row.x + x, y: row.y + y, w, h };
        let half = (row.h - GAP) / 2.0;
        self.button("tap", at(0.0, 0.0, 240.0, row.h), TEMPO, "TAP", press("/tempo/tap", 1.0));
        self.button("earlier", at(250.0, 0.0, 115.0, half), TEMPO, "◀ 10 ms", press("/tempo/nudge", -10.0));
        self.button("later", at(375.0, 0.0, 115.0, half), TEMPO, "10 ms ▶", press("/tempo/nudge", 10.0));
        self.button("halve", at(250.0, half + GAP, 115.0, half), TEMPO, "÷2", press("/tempo/halve", 1.0));
        self.button("double", at(375.0, half + GAP, 115.0, half), TEMPO, "×2", press("/tempo/double", 1.0));
        self.button("one", at(500.0, 0.0, 160.0, half), DOWNBEAT, "THE ONE", press("/tempo/one", 1.0));
        self.switch("range", at(500.0, half + GAP, 160.0, half), TEMPO, "RANGE", "/tempo/range/lock");
        self.switch("hold", at(670.0, 0.0, 100.0, half), TEMPO, "HOLD", "/tempo/hold");
        self.button("listen", at(670.0, half + GAP, 100.0, half), TEMPO, "LISTEN", press("/tempo/listen", 1.0));
        self.switch("freeze", at(780.0, 0.0, 100.0, half), FREEZE, "FREEZE", "/show/freeze");
        self.switch("levels", at(780.0, half + GAP, 100.0, half), FREEZE, "LEVELS", "/levels/freeze");
        self.switch("blackout", at(890.0, 0.0, row.w - 890.0, row.h), DANGER, "BLACK", "/show/blackout");
    }

    /// Each layer's scenes and opacity.
    fn layers(&mut self, layers: &[Layer], area: Frame) {
        for (layer, row) in layers.iter().zip(rows(area, layers.len())) {
            let name = &layer.name;
            self.label(&format!("{name}-name"), Frame { w: 90.0, ..row }, name, 20.0);
            let fader = Frame { x: row.x + row.w - 300.0, w: 300.0, ..row };
            let scenes = Frame { x: row.x + 100.0, w: row.w - 410.0, ..row };
            for (scene, button) in layer.scenes.iter().zip(columns(scenes, layer.scenes.len())) {
                let lit = if *scene == layer.scene { 1.0 } else { 0.0 };
                let address = format!("/layer/{name}/scene/{scene}");
                self.choice(&format!("{name}-{scene}"), button, SCENE, scene, &address, lit);
            }
            self.fader(&format!("{name}-opacity"), fader, SCENE, &format!("/layer/{name}/opacity"), [0.0, 1.0]);
            self.label(&format!("{name}-opacity-text"), fader, "opacity", 16.0);
        }
    }

    /// A fader for each parameter, and a button that gives it back to its mapping.
    fn parameters(&mut self, rig: &Rig, area: Frame) {
        for ((name, parameter), column) in rig.parameters.iter().zip(columns(area, rig.parameters.len())) {
            self.label(&format!("{name}-name"), Frame { h: 24.0, ..column }, name, 15.0);
            let fader = Frame { y: column.y + 28.0, h: column.h - 78.0, ..column };
            self.fader(&format!("{name}-value"), fader, PARAMETER, &format!("/param/{name}"), parameter.range);
            let auto = Frame { y: column.y + column.h - 42.0, h: 42.0, ..column };
            self.choice(&format!("{name}-auto"), auto, WELL, "auto", &format!("/param/{name}/auto"), 1.0);
        }
    }

    /// The level and the bands of the bus `main`.
    fn meters(&mut self, area: Frame) {
        let level = ("level", "/signal/main/level".to_owned());
        let bands = BANDS.map(|band| (band, format!("/signal/main/band/{band}")));
        let all: Vec<_> = std::iter::once(level).chain(bands).collect();
        for (number, ((name, address), column)) in all.iter().zip(columns(area, all.len())).enumerate() {
            let example = [0.8, 0.55, 0.9, 0.7, 0.5, 0.45, 0.35, 0.5, 0.3][number];
            self.meter(name, Frame { h: column.h - 28.0, ..column }, LEVEL, address, example);
            let text = Frame { y: column.y + column.h - 24.0, h: 24.0, ..column };
            self.label(&format!("{name}-text"), text, name, 10.0);
        }
    }

    fn add(&mut self, name: &str, frame: Frame, colour: Colour, kind: Kind, message: Option<Message>, example: f32) {
        self.0.push(Control { name: name.into(), frame, colour, kind, message, example });
    }

    /// What the control that was added last sends or receives.
    fn last(&mut self, message: Message) {
        if let Some(control) = self.0.last_mut() {
            control.message = Some(message);
        }
    }

    fn label(&mut self, name: &str, frame: Frame, text: &str, size: f32) {
        self.add(name, frame, TEXT, Kind::Label { text: text.into(), size }, None, 0.0);
    }

    fn lamp(&mut self, name: &str, frame: Frame, colour: Colour, address: &str, example: f32) {
        self.add(name, frame, colour, Kind::Lamp, Some(receive(address)), example);
    }

    fn meter(&mut self, name: &str, frame: Frame, colour: Colour, address: &str, example: f32) {
        self.add(name, frame, colour, Kind::Meter, Some(receive(address)), example);
    }

    fn fader(&mut self, name: &str, frame: Frame, colour: Colour, address: &str, range: [f32; 2]) {
        let message = Message { receive: true, argument: Argument::Value(range), ..send(address) };
        self.add(name, frame, colour, Kind::Fader, Some(message), 0.62);
    }

    fn button(&mut self, name: &str, frame: Frame, colour: Colour, text: &str, message: Message) {
        self.add(name, frame, colour, Kind::Button, Some(message), 0.0);
        self.label(&format!("{name}-text"), frame, text, if frame.h > 100.0 { 26.0 } else { 20.0 });
    }

    fn switch(&mut self, name: &str, frame: Frame, colour: Colour, text: &str, address: &str) {
        let message = Message { receive: true, ..send(address) };
        self.add(name, frame, colour, Kind::Switch, Some(message), 0.0);
        self.label(&format!("{name}-text"), frame, text, 20.0);
    }

    /// One of several: a lamp that shows what is, under a pad that asks for it. A single button would go dark when it
    /// is let go, although what it chose is still there.
    fn choice(&mut self, name: &str, frame: Frame, colour: Colour, text: &str, address: &str, example: f32) {
        self.lamp(&format!("{name}-lamp"), frame, colour, address, example);
        self.label(&format!("{name}-text"), frame, text, 18.0);
        let message = Message { argument: Argument::Constant(1.0), ..send(address) };
        self.add(name, frame, CLEAR, Kind::Pad, Some(message), 0.0);
    }
}

fn send(address: &str) -> Message {
    Message { address: address.into(), argument: Argument::Value([0.0, 1.0]), send: true, receive: false }
}

fn receive(address: &str) -> Message {
    Message { send: false, receive: true, ..send(address) }
}

fn frame(x: f32, y: f32, w: f32, h: f32) -> Frame {
    Frame { x, y, w, h }
}

/// Equal columns with gaps.
fn columns(area: Frame, count: usize) -> impl Iterator<Item = Frame> {
    let w = (area.w - GAP * (count as f32 - 1.0)) / count.max(1) as f32;
    (0..count).map(move |column| Frame { x: (area.x + (w + GAP) * column as f32).round(), w: w.floor(), ..area })
}

/// Equal rows with gaps.
fn rows(area: Frame, count: usize) -> impl Iterator<Item = Frame> {
    let h = (area.h - GAP * (count as f32 - 1.0)) / count.max(1) as f32;
    (0..count).map(move |row| Frame { y: (area.y + (h + GAP) * row as f32).round(), h: h.floor(), ..area })
}
