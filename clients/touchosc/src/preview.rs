//! The layout as a picture, as it looks while music plays.

use crate::control::{Colour, Control, Frame, Kind};
use crate::layout::{HEIGHT, WIDTH};
use crate::palette::{GROUND, TEXT};
use crate::xml::Xml;
use std::io::Result;

/// How much of its colour a control has at rest.
const REST: f32 = 0.22;

/// An SVG of the layout.
///
/// # Errors
/// Never: it is written into memory; but the XML writer's interface allows for errors.
pub fn preview(controls: &[Control]) -> Result<String> {
    let mut xml = Xml::new()?;
    let size = format!("0 0 {WIDTH} {HEIGHT}");
    let root = [("xmlns", "http://www.w3.org/2000/svg"), ("viewBox", size.as_str()), ("font-family", "sans-serif")];
    xml.element("svg", &root, |xml| {
        xml.rectangle(Frame { x: 0.0, y: 0.0, w: WIDTH, h: HEIGHT }, GROUND, 1.0)?;
        controls.iter().try_for_each(|control| xml.drawing(control))
    })?;
    xml.finish()
}

/// Drawing.
impl Xml {
    fn drawing(&mut self, control: &Control) -> Result<()> {
        let Control { frame, colour, example, .. } = control;
        match &control.kind {
            Kind::Label { text, size } => self.words(*frame, text, *size),
            Kind::Lamp | Kind::Button | Kind::Switch => self.rectangle(*frame, *colour, REST + (0.9 - REST) * example),
            Kind::Pad => Ok(()),
            Kind::Fader | Kind::Meter => {
                self.rectangle(*frame, *colour, REST)?;
                self.rectangle(filled(*frame, *example), *colour, 0.75)
            }
        }
    }

    fn rectangle(&mut self, frame: Frame, [r, g, b, _]: Colour, opacity: f32) -> Result<()> {
        let fill = format!("rgb({:.0},{:.0},{:.0})", 255.0 * r, 255.0 * g, 255.0 * b);
        let [x, y, w, h] = [frame.x, frame.y, frame.w, frame.h].map(|number| format!("{number:.1}"));
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
        self.element("rect", &attributes, |_| Ok(()))
    }

    fn words(&mut self, frame: Frame, text: &str, size: f32) -> Result<()> {
        let [r, g, b] = [TEXT[0], TEXT[1], TEXT[2]].map(|part| format!("{:.0}", 255.0 * part));
        let fill = format!("rgb({r},{g},{b})");
        let x = format!("{:.1}", frame.x + frame.w / 2.0);
        // The middle of capitals lies about a third of their size above the line on which they stand.
        let y = format!("{:.1}", frame.y + frame.h / 2.0 + 0.35 * size);
        let size = format!("{size:.0}");
        let attributes =
            [("x", x.as_str()), ("y", &y), ("font-size", &size), ("text-anchor", "middle"), ("fill", &fill)];
        self.element("text", &attributes, |xml| xml.text(text))
    }
}

/// The part of a fader that is filled: from the left where it lies, from below where it stands.
fn filled(frame: Frame, part: f32) -> Frame {
    if frame.w > frame.h {
        Frame { w: frame.w * part, ..frame }
    } else {
        Frame { y: frame.y + frame.h * (1.0 - part), h: frame.h * part, ..frame }
    }
}
