//! The `.tosc` file: zlib over XML, `lexml` version 5 or 3.
//!
//! Hexler documents the editor, not the file. Names, types and numbers of version 3 come from files written by the
//! editor itself: `tests/input/default_controls.xml` and `docs/demos/files/messages.xml` of AlbertoV5/tosclib (2022);
//! the meaning of the numbers is in shakfu/py2tosc, `enums.py`. Version 5, from files saved by today's editor: ten
//! connections, `noDuplicates` in messages, sections in the order properties, values, messages, children, without empty
//! ones, properties sorted by key, attributes in single quotes.

use crate::control::{Align, Argument, Control, Frame, Kind, Message};
use crate::form::TABS;
use crate::id::id;
use crate::layout::{Layout, Page};
use crate::palette::{CLEAR, GROUND, TEXT};
use crate::properties::Properties;
use crate::version::Version;
use crate::xml::Xml;
use flate2::{Compression, write::ZlibEncoder};
use std::io::{Result, Write};

/// The root's script: requests all values, announces the tablet, smooths meters, warns when the daemon is lost.
const SCRIPT: &str = include_str!("script.lua");

/// Codes of the editor's choices.
const RECTANGLE: i32 = 1;
const CENTRE: i32 = 2;
const LEFT: i32 = 1;
const CORNERS: i32 = 1;
const EAST: i32 = 1;
const MOMENTARY: i32 = 0;
const TOGGLE_ON_PRESS: i32 = 2;

/// A layout as a file for TouchOSC.
///
/// # Errors
/// Never: it writes into memory, but the writers' interfaces allow for errors.
pub fn tosc(layout: &Layout, version: Version) -> Result<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(document(layout, version)?.as_bytes())?;
    encoder.finish()
}

/// A layout as XML.
///
/// # Errors
/// Never: it writes into memory.
pub fn document(layout: &Layout, version: Version) -> Result<String> {
    let mut xml = Xml::new()?;
    xml.element("lexml", &[("version", version.number())], |xml| Nodes { xml, version }.root(layout))?;
    xml.finish()
}

/// Nodes and their contents.
struct Nodes<'a> {
    xml: &'a mut Xml,
    version: Version,
}

impl Nodes<'_> {
    fn root(&mut self, layout: &Layout) -> Result<()> {
        let mut properties = common("downbeat", layout.form.frame());
        properties
            .switch("background", true)
            .colour("color", GROUND)
            .switch("interactive", true)
            .text("script", SCRIPT);
        self.node("GROUP", "downbeat", &properties, &[], None, |nodes| {
            nodes.pager(layout)?;
            // The header comes last, so that its banner covers everything.
            layout.header.iter().try_for_each(|control| nodes.control(control))
        })
    }

    fn pager(&mut self, layout: &Layout) -> Result<()> {
        let mut properties = common("pages", layout.form.pager());
        properties
            .switch("interactive", true)
            .switch("tabLabels", true)
            .switch("tabbar", true)
            .switch("tabbarDoubleTap", false)
            .integer("tabbarSize", TABS as i32)
            .integer("textSizeOff", 16)
            .integer("textSizeOn", 16);
        self.node("PAGER", "pages", &properties, &[("page", "0")], None, |nodes| {
            layout.pages.iter().try_for_each(|page| nodes.page(page, layout.form.page()))
        })
    }

    fn page(&mut self, page: &Page, frame: Frame) -> Result<()> {
        let name = format!("page-{}", page.name);
        let mut properties = common(&name, frame);
        properties
            .switch("interactive", true)
            .colour("tabColorOff", [0.16, 0.17, 0.19, 1.0])
            .colour("tabColorOn", [0.34, 0.36, 0.40, 1.0])
            .text("tabLabel", &page.name)
            .colour("textColorOff", TEXT)
            .colour("textColorOn", TEXT);
        self.node("GROUP", &name, &properties, &[], None, |nodes| {
            page.controls.iter().try_for_each(|control| nodes.control(control))
        })
    }

    fn control(&mut self, control: &Control) -> Result<()> {
        let (kind, value) = match &control.kind {
            Kind::Label { text, .. } | Kind::Banner { text, .. } => ("LABEL", ("text", text.as_str())),
            Kind::Lamp | Kind::Button | Kind::Pad | Kind::Switch => ("BUTTON", ("x", "0")),
            Kind::Fader | Kind::Meter => ("FADER", ("x", "0")),
        };
        let message = control.message.as_ref().filter(|message| !message.argument.is_scripted());
        self.node(kind, &control.name, &properties(control), &[value], message, |_| Ok(()))
    }

    /// A node. Its sections have a fixed order, without empty ones.
    fn node(
        &mut self,
        kind: &str,
        name: &str,
        properties: &Properties,
        values: &[(&str, &str)],
        message: Option<&Message>,
        children: impl FnOnce(&mut Nodes<'_>) -> Result<()>,
    ) -> Result<()> {
        let version = self.version;
        let is_parent = matches!(kind, "GROUP" | "PAGER");
        self.xml.element("node", &[("ID", &id(name)), ("type", kind)], |xml| {
            properties.write(xml)?;
            xml.inside("values", |xml| {
                values.iter().chain(&[("touch", "false")]).try_for_each(|(key, default)| value(xml, key, default))
            })?;
            if let Some(message) = message {
                xml.inside("messages", |xml| osc(xml, message, version))?;
            }
            if is_parent { xml.inside("children", |xml| children(&mut Nodes { xml, version })) } else { Ok(()) }
        })
    }
}

fn properties(control: &Control) -> Properties {
    let mut properties = common(&control.name, control.frame);
    let seen = !matches!(control.kind, Kind::Pad | Kind::Label { .. });
    let touched = control.kind.is_touched();
    let lies = control.frame.w > control.frame.h;
    properties
        .switch("background", seen)
        .colour("color", if matches!(control.kind, Kind::Label { .. }) { CLEAR } else { control.colour })
        .switch("grabFocus", touched)
        .switch("interactive", touched)
        .integer("orientation", if lies { EAST } else { 0 })
        .switch("outline", seen)
        .switch("visible", !matches!(control.kind, Kind::Banner { .. }));
    if let Some(tag) = control.message.as_ref().and_then(tag) {
        properties.text("tag", &tag);
    }
    match &control.kind {
        Kind::Label { size, align, .. } => text(&mut properties, *size, *align),
        Kind::Banner { size, .. } => text(&mut properties, *size, Align::Centre),
        Kind::Lamp | Kind::Button | Kind::Pad | Kind::Switch => {
            let kind = if control.kind == Kind::Switch { TOGGLE_ON_PRESS } else { MOMENTARY };
            properties.integer("buttonType", kind).switch("press", true).switch("release", true);
            properties.switch("valuePosition", false)
        }
        Kind::Fader | Kind::Meter => {
            properties.switch("bar", true).integer("barDisplay", 0);
            properties.switch("cursor", touched).integer("cursorDisplay", 0);
            properties.switch("grid", false).integer("gridSteps", 10);
            properties.integer("response", 0).integer("responseFactor", 100)
        }
    };
    properties
}

fn text(properties: &mut Properties, size: f32, align: Align) -> &mut Properties {
    let align = if align == Align::Left { LEFT } else { CENTRE };
    properties.integer("font", 0).integer("textAlignH", align).integer("textAlignV", CENTRE);
    properties.switch("textClip", true).colour("textColor", TEXT);
    properties.integer("textLength", 0).integer("textSize", size as i32)
}

/// The properties of every node.
fn common(name: &str, frame: Frame) -> Properties {
    let mut properties = Properties::default();
    properties
        .switch("background", false)
        .colour("color", CLEAR)
        .float("cornerRadius", 6.0)
        .frame("frame", frame)
        .switch("grabFocus", false)
        .switch("interactive", false)
        .switch("locked", false)
        .text("name", name)
        .integer("orientation", 0)
        .switch("outline", false)
        .integer("outlineStyle", CORNERS)
        .integer("pointerPriority", 0)
        .integer("shape", RECTANGLE)
        .switch("visible", true);
    properties
}

/// The tag that makes the script move a control.
fn tag(message: &Message) -> Option<String> {
    let address = &message.address;
    match &message.argument {
        Argument::Smoothed([low, high]) => Some(format!("meter {address} {low} {high}")),
        Argument::Is(word) => Some(format!("word {address} {word}")),
        _ => None,
    }
}

fn value(xml: &mut Xml, key: &str, default: &str) -> Result<()> {
    xml.inside("value", |xml| {
        xml.data("key", key)?;
        xml.leaf("locked", "0")?;
        xml.leaf("lockedDefaultCurrent", flag(key == "text"))?;
        xml.data("default", default)?;
        xml.leaf("defaultPull", "0")
    })
}

fn osc(xml: &mut Xml, message: &Message, version: Version) -> Result<()> {
    let (kind, conversion, value, range) = match &message.argument {
        Argument::Value(range) | Argument::Smoothed(range) => ("VALUE", "FLOAT", "x".to_owned(), *range),
        Argument::Number(number) => ("CONSTANT", "FLOAT", number.to_string(), [0.0, 1.0]),
        Argument::Word(word) | Argument::Is(word) => ("CONSTANT", "STRING", word.clone(), [0.0, 1.0]),
        Argument::Text => ("VALUE", "STRING", "text".to_owned(), [0.0, 1.0]),
    };
    // A constant is sent on press, not on release.
    let condition = if kind == "CONSTANT" { "RISE" } else { "ANY" };
    let variable = if message.argument == Argument::Text { "text" } else { "x" };
    xml.inside("osc", |xml| {
        xml.leaf("enabled", "1")?;
        xml.leaf("send", flag(message.send))?;
        xml.leaf("receive", flag(message.receive))?;
        // Received values are not sent again.
        xml.leaf("feedback", "0")?;
        if version == Version::Five {
            // Every tap counts, even if it repeats the last one.
            xml.leaf("noDuplicates", "0")?;
        }
        xml.leaf("connections", version.connections())?;
        xml.inside("triggers", |xml| {
            xml.inside("trigger", |xml| {
                xml.data("var", variable)?;
                xml.leaf("condition", condition)
            })
        })?;
        xml.inside("path", |xml| partial(xml, "CONSTANT", "STRING", &message.address, [0.0, 1.0]))?;
        xml.inside("arguments", |xml| partial(xml, kind, conversion, &value, range))
    })
}

fn partial(xml: &mut Xml, kind: &str, conversion: &str, value: &str, [low, high]: [f32; 2]) -> Result<()> {
    xml.inside("partial", |xml| {
        xml.leaf("type", kind)?;
        xml.leaf("conversion", conversion)?;
        xml.data("value", value)?;
        xml.leaf("scaleMin", &low.to_string())?;
        xml.leaf("scaleMax", &high.to_string())
    })
}

fn flag(on: bool) -> &'static str {
    if on { "1" } else { "0" }
}
