//! A picture of the layout, all pages side by side, as it looks while music plays.

use crate::control::{Align, Argument, Colour, Control, Frame, Kind};
use crate::form::{Form, TABS};
use crate::layout::Layout;
use crate::palette::{GROUND, TEXT};
use crate::xml::Xml;
use downbeat_protocol::{ShowState, Value, tree};
use std::io::Result;

/// Brightness of a control at rest.
const REST: f32 = 0.22;
/// Between pages, in points.
const GAP: f32 = 24.0;

/// An SVG of the layout for this state of a show.
///
/// # Errors
/// Never: it writes into memory, but the XML writer's interface allows for errors.
pub fn preview(layout: &Layout, state: &ShowState) -> Result<String> {
    let Frame { w, h, .. } = layout.form.frame();
    let across = layout.pages.len().min(if layout.form == Form::Tablet { 2 } else { 5 });
    let down = layout.pages.len().div_ceil(across.max(1));
    let [width, height] = [(w, across), (h, down)].map(|(size, count)| count as f32 * (size + GAP) - GAP);
    let mut xml = Xml::new()?;
    let size = format!("0 0 {width} {height}");
    let root = [("xmlns", "http://www.w3.org/2000/svg"), ("viewBox", size.as_str()), ("font-family", "sans-serif")];
    xml.element("svg", &root, |xml| {
        for place in 0..layout.pages.len() {
            let [x, y] = [place % across, place / across].map(|place| place as f32);
            Drawing { xml, state, x: x * (w + GAP), y: y * (h + GAP) }.screen(layout, place)?;
        }
        Ok(())
    })?;
    xml.finish()
}

/// One screen, at its place.
struct Drawing<'a> {
    xml: &'a mut Xml,
    state: &'a ShowState,
    x: f32,
    y: f32,
}

impl Drawing<'_> {
    fn screen(&mut self, layout: &Layout, place: usize) -> Result<()> {
        self.rectangle(layout.form.frame(), GROUND, 1.0)?;
        layout.header.iter().try_for_each(|control| self.control(control))?;
        let pager = layout.form.pager();
        let tabs = Frame { h: TABS, ..pager };
        for ((number, page), frame) in layout.pages.iter().enumerate().zip(tabs.columns(layout.pages.len(), 2.0)) {
            self.rectangle(frame, TEXT, if number == place { 0.34 } else { 0.12 })?;
            self.words(frame, &page.name, 14.0, Align::Centre)?;
        }
        self.y += pager.y + TABS;
        layout.pages[place].controls.iter().try_for_each(|control| self.control(control))
    }

    fn control(&mut self, control: &Control) -> Result<()> {
        let Control { frame, colour, .. } = control;
        let example = self.example(control);
        match &control.kind {
            Kind::Label { text, size, align } => {
                let shown = self.text(control).unwrap_or_else(|| text.clone());
                self.words(*frame, &shown, *size, *align)
            }
            Kind::Lamp | Kind::Button | Kind::Switch => self.rectangle(*frame, *colour, REST + (0.9 - REST) * example),
            Kind::Pad | Kind::Banner { .. } => Ok(()),
            Kind::Fader | Kind::Meter => {
                self.rectangle(*frame, *colour, REST)?;
                self.rectangle(filled(*frame, example), *colour, 0.75)
            }
        }
    }

    /// How much of a control is lit or filled: the current setting, or an example.
    fn example(&self, control: &Control) -> f32 {
        let Some(message) = control.message.as_ref().filter(|message| message.receive) else { return 0.0 };
        let set = self.set_to(&message.address);
        match (&message.argument, set) {
            (Argument::Is(word), set) => f32::from(u8::from(set == Some(Value::from(word.as_str())))),
            (Argument::Value([low, high]), Some(set)) => {
                set.number().map_or(0.0, |number| (number as f32 - low) / (high - low)).clamp(0.0, 1.0)
            }
            (_, None) if control.kind == Kind::Lamp => f32::from(u8::from(!message.address.ends_with(['2', '3', '4']))),
            _ => {
                let sum: u32 = message.address.bytes().map(u32::from).sum();
                0.3 + (sum * 37 % 61) as f32 / 100.0
            }
        }
    }

    fn text(&self, control: &Control) -> Option<String> {
        let message = control.message.as_ref()?;
        let (entry, _) = tree::entry(&message.address)?;
        let set = self.set_to(&message.address).map(|value| value.to_string()).filter(|text| !text.is_empty());
        let heard = match entry.group {
            tree::Group::Tempo if entry.kind == tree::Kind::Text && entry.label == "tempo" => "124.0",
            tree::Group::Music => "playing",
            _ => entry.help,
        };
        Some(set.unwrap_or_else(|| heard.into()))
    }

    fn set_to(&self, address: &str) -> Option<Value> {
        let (entry, names) = tree::entry(address)?;
        entry.set_to(address, &names, self.state)
    }

    fn rectangle(&mut self, frame: Frame, [r, g, b, _]: Colour, opacity: f32) -> Result<()> {
        let fill = format!("rgb({:.0},{:.0},{:.0})", 255.0 * r, 255.0 * g, 255.0 * b);
        let [x, y, w, h] = [self.x + frame.x, self.y + frame.y, frame.w, frame.h].map(|number| format!("{number:.1}"));
        let opacity = format!("{opacity:.2}");
        let attributes = [
            ("x", x.as_str()),
            ("y", &y),
            ("width", &w),
            ("height", &h),
            ("rx", "6"),
            ("fill", &fill),
            ("fill-opacity", &opacity),
        ];
        self.xml.element("rect", &attributes, |_| Ok(()))
    }

    fn words(&mut self, frame: Frame, text: &str, size: f32, align: Align) -> Result<()> {
        let [r, g, b] = [TEXT[0], TEXT[1], TEXT[2]].map(|part| format!("{:.0}", 255.0 * part));
        let fill = format!("rgb({r},{g},{b})");
        let (x, anchor) = match align {
            Align::Left => (frame.x, "start"),
            Align::Centre => (frame.x + frame.w / 2.0, "middle"),
        };
        let x = format!("{:.1}", self.x + x);
        // The middle of capitals is about a third of their size above the baseline.
        let y = format!("{:.1}", self.y + frame.y + frame.h / 2.0 + 0.35 * size);
        let size = format!("{size:.0}");
        let attributes = [("x", x.as_str()), ("y", &y), ("font-size", &size), ("text-anchor", anchor), ("fill", &fill)];
        self.xml.element("text", &attributes, |xml| xml.text(text))
    }
}

/// The filled part of a fader: from the left if horizontal, from below if vertical.
fn filled(frame: Frame, part: f32) -> Frame {
    if frame.w > frame.h {
        Frame { w: frame.w * part, ..frame }
    } else {
        Frame { y: frame.y + frame.h * (1.0 - part), h: frame.h * part, ..frame }
    }
}
