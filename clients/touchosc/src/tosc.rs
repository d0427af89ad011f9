//! The `.tosc` file: zlib over XML, `lexml` version 3.
//!
//! Hexler documents the editor, not the file. Names, types and numbers here are those that the editor itself wrote into
//! `tests/input/default_controls.xml` and `docs/demos/files/messages.xml` of AlbertoV5/tosclib (2022); what the numbers
//! mean is in shakfu/py2tosc, `enums.py`. Newer versions of TouchOSC open version 3 and save their own.

use crate::control::{Argument, Colour, Control, Frame, Kind, Message};
use crate::id::id;
use crate::layout::{HEIGHT, WIDTH};
use crate::palette::{CLEAR, GROUND, TEXT};
use crate::xml::Xml;
use flate2::{Compression, write::ZlibEncoder};
use std::io::{Result, Write};

/// Asks for everything at the start, and says now and then that the tablet is there, so that a daemon that was started
/// again tells it everything again; shows when nothing has come for three seconds; sends back the word that shows that the tablet is where it says (<https://hexler.net/touchosc/manual/script-examples>).
const SCRIPT: &str = "\
local last = 0
local heard = 0
local lost = false

function init()
  sendOSC('/sync')
end

function update()
  local now = getMillis()
  if now - last > 5000 then
    last = now
    sendOSC('/ping')
  end
  if heard > 0 and now - heard > 3000 and not lost then
    lost = true
    self.children.error.values.text = 'DAEMON LOST'
    self.children.state.values.text = 'lost'
  end
end

function onReceiveOSC(message)
  heard = getMillis()
  if lost then
    lost = false
    self.children.error.values.text = ''
    sendOSC('/sync')
  end
  if message[1] == '/hello' then
    sendOSC({'/hello', {{tag = 's', value = message[2][1].value}}})
  end
end
";

/// All five connections of version 3.
const CONNECTIONS: &str = "11111";

/// Numbers of the editor's choices.
const RECTANGLE: i32 = 1;
const CENTRE: i32 = 2;
const CORNERS: i32 = 1;
const EAST: i32 = 1;
const MOMENTARY: i32 = 0;
const TOGGLE_ON_PRESS: i32 = 2;

/// The layout as XML.
///
/// # Errors
/// Never: it is written into memory; but the XML writer's interface allows for errors.
pub fn document(controls: &[Control]) -> Result<String> {
    let mut xml = Xml::new()?;
    xml.element("lexml", &[("version", "3")], |xml| xml.root(controls))?;
    xml.finish()
}

/// A document as TouchOSC loads it.
///
/// # Errors
/// Never: it is written into memory.
pub fn compress(document: &str) -> Result<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(document.as_bytes())?;
    encoder.finish()
}

/// Nodes and what is in them.
impl Xml {
    fn root(&mut self, controls: &[Control]) -> Result<()> {
        self.node("GROUP", "downbeat", |xml| {
            let whole = Frame { x: 0.0, y: 0.0, w: WIDTH, h: HEIGHT };
            xml.inside("properties", |xml| {
                xml.common("downbeat", whole, GROUND, true, false)?;
                xml.text_property("script", SCRIPT)
            })?;
            xml.inside("values", |xml| xml.value("touch", "false"))?;
            xml.inside("children", |xml| controls.iter().try_for_each(|control| xml.control(control)))
        })
    }

    fn control(&mut self, control: &Control) -> Result<()> {
        let kind = match control.kind {
            Kind::Label { .. } => "LABEL",
            Kind::Lamp | Kind::Button | Kind::Pad | Kind::Switch => "BUTTON",
            Kind::Fader | Kind::Meter => "FADER",
        };
        self.node(kind, &control.name, |xml| {
            xml.inside("properties", |xml| xml.properties(control))?;
            xml.inside("values", |xml| {
                match &control.kind {
                    Kind::Label { text, .. } => xml.value("text", text)?,
                    _ => xml.value("x", "0")?,
                }
                xml.value("touch", "false")
            })?;
            match &control.message {
                Some(message) => xml.inside("messages", |xml| xml.message(message)),
                None => Ok(()),
            }
        })
    }

    fn properties(&mut self, control: &Control) -> Result<()> {
        let touched = matches!(control.kind, Kind::Button | Kind::Pad | Kind::Switch | Kind::Fader);
        let seen = !matches!(control.kind, Kind::Pad | Kind::Label { .. });
        let colour = if matches!(control.kind, Kind::Label { .. }) { CLEAR } else { control.colour };
        self.common(&control.name, control.frame, colour, seen, touched)?;
        match &control.kind {
            Kind::Label { size, .. } => {
                self.number("font", 0)?;
                self.number("textAlignH", CENTRE)?;
                self.number("textAlignV", CENTRE)?;
                self.switch("textClip", true)?;
                self.colour("textColor", TEXT)?;
                self.number("textLength", 0)?;
                self.number("textSize", *size as i32)
            }
            Kind::Lamp | Kind::Button | Kind::Pad | Kind::Switch => {
                let kind = if control.kind == Kind::Switch { TOGGLE_ON_PRESS } else { MOMENTARY };
                self.number("buttonType", kind)?;
                self.switch("press", true)?;
                self.switch("release", true)?;
                self.switch("valuePosition", false)
            }
            Kind::Fader | Kind::Meter => {
                self.switch("bar", true)?;
                self.number("barDisplay", 0)?;
                self.switch("cursor", touched)?;
                self.number("cursorDisplay", 0)?;
                self.switch("grid", false)?;
                self.number("gridSteps", 10)?;
                self.number("response", 0)?;
                self.number("responseFactor", 100)
            }
        }
    }

    /// What every node has.
    fn common(&mut self, name: &str, frame: Frame, colour: Colour, seen: bool, touched: bool) -> Result<()> {
        let lies = frame.w > frame.h && name != "downbeat";
        self.switch("background", seen)?;
        self.colour("color", colour)?;
        self.property("f", "cornerRadius", "6")?;
        let Frame { x, y, w, h } = frame;
        self.parts("r", "frame", &[("x", x), ("y", y), ("w", w), ("h", h)])?;
        self.switch("grabFocus", touched)?;
        self.switch("interactive", touched)?;
        self.switch("locked", false)?;
        self.text_property("name", name)?;
        self.number("orientation", if lies { EAST } else { 0 })?;
        self.switch("outline", seen)?;
        self.number("outlineStyle", CORNERS)?;
        self.number("pointerPriority", 0)?;
        self.number("shape", RECTANGLE)?;
        self.switch("visible", true)
    }

    fn message(&mut self, message: &Message) -> Result<()> {
        let (kind, conversion, value, [low, high]) = match message.argument {
            Argument::Value(range) => ("VALUE", "FLOAT", "x".to_owned(), range),
            Argument::Constant(value) => ("CONSTANT", "FLOAT", value.to_string(), [0.0, 1.0]),
            Argument::Text => ("VALUE", "STRING", "text".to_owned(), [0.0, 1.0]),
        };
        // A constant is sent when the button goes down, not again when it comes up.
        let condition = if kind == "CONSTANT" { "RISE" } else { "ANY" };
        let variable = if message.argument == Argument::Text { "text" } else { "x" };
        self.inside("osc", |xml| {
            xml.leaf("enabled", "1")?;
            xml.leaf("send", flag(message.send))?;
            xml.leaf("receive", flag(message.receive))?;
            // What comes in is not sent out again.
            xml.leaf("feedback", "0")?;
            xml.leaf("connections", CONNECTIONS)?;
            xml.inside("triggers", |xml| {
                xml.inside("trigger", |xml| {
                    xml.data("var", variable)?;
                    xml.leaf("condition", condition)
                })
            })?;
            xml.inside("path", |xml| xml.partial("CONSTANT", "STRING", &message.address, [0.0, 1.0]))?;
            xml.inside("arguments", |xml| xml.partial(kind, conversion, &value, [low, high]))
        })
    }

    fn partial(&mut self, kind: &str, conversion: &str, value: &str, [low, high]: [f32; 2]) -> Result<()> {
        self.inside("partial", |xml| {
            xml.leaf("type", kind)?;
            xml.leaf("conversion", conversion)?;
            xml.data("value", value)?;
            xml.leaf("scaleMin", &low.to_string())?;
            xml.leaf("scaleMax", &high.to_string())
        })
    }

    fn value(&mut self, key: &str, default: &str) -> Result<()> {
        self.inside("value", |xml| {
            xml.data("key", key)?;
            xml.leaf("locked", "0")?;
            xml.leaf("lockedDefaultCurrent", flag(key == "text"))?;
            xml.data("default", default)?;
            xml.leaf("defaultPull", "0")
        })
    }

    fn switch(&mut self, key: &str, on: bool) -> Result<()> {
        self.property("b", key, flag(on))
    }

    fn number(&mut self, key: &str, number: i32) -> Result<()> {
        self.property("i", key, &number.to_string())
    }

    fn colour(&mut self, key: &str, [r, g, b, a]: Colour) -> Result<()> {
        self.parts("c", key, &[("r", r), ("g", g), ("b", b), ("a", a)])
    }

    fn property(&mut self, kind: &str, key: &str, value: &str) -> Result<()> {
        self.keyed(kind, key, |xml| xml.leaf("value", value))
    }

    fn text_property(&mut self, key: &str, text: &str) -> Result<()> {
        self.keyed("s", key, |xml| xml.data("value", text))
    }

    fn parts(&mut self, kind: &str, key: &str, parts: &[(&str, f32)]) -> Result<()> {
        self.keyed(kind, key, |xml| {
            xml.inside("value", |xml| parts.iter().try_for_each(|(name, part)| xml.leaf(name, &part.to_string())))
        })
    }

    fn keyed(&mut self, kind: &str, key: &str, value: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        self.element("property", &[("type", kind)], |xml| {
            xml.data("key", key)?;
            value(xml)
        })
    }

    fn node(&mut self, kind: &str, name: &str, inner: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        self.element("node", &[("ID", &id(name)), ("type", kind)], inner)
    }
}

fn flag(on: bool) -> &'static str {
    if on { "1" } else { "0" }
}
