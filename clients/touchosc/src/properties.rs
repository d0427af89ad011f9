//! The properties of a node, in the order of TouchOSC's editor.

use crate::control::{Colour, Frame};
use crate::xml::Xml;
use std::collections::BTreeMap;
use std::io::Result;

/// The properties of one node.
#[derive(Clone, Debug, Default)]
pub struct Properties(BTreeMap<&'static str, Property>);

#[derive(Clone, Debug)]
enum Property {
    Switch(bool),
    Integer(i32),
    Float(f32),
    Text(String),
    Colour(Colour),
    Frame(Frame),
}

impl Properties {
    pub fn switch(&mut self, key: &'static str, on: bool) -> &mut Self {
        self.set(key, Property::Switch(on))
    }

    pub fn integer(&mut self, key: &'static str, number: i32) -> &mut Self {
        self.set(key, Property::Integer(number))
    }

    pub fn float(&mut self, key: &'static str, number: f32) -> &mut Self {
        self.set(key, Property::Float(number))
    }

    pub fn text(&mut self, key: &'static str, text: &str) -> &mut Self {
        self.set(key, Property::Text(text.into()))
    }

    pub fn colour(&mut self, key: &'static str, colour: Colour) -> &mut Self {
        self.set(key, Property::Colour(colour))
    }

    pub fn frame(&mut self, key: &'static str, frame: Frame) -> &mut Self {
        self.set(key, Property::Frame(frame))
    }

    fn set(&mut self, key: &'static str, property: Property) -> &mut Self {
        self.0.insert(key, property);
        self
    }

    /// Writes them as one section.
    pub fn write(&self, xml: &mut Xml) -> Result<()> {
        xml.inside("properties", |xml| self.0.iter().try_for_each(|(key, property)| property.write(key, xml)))
    }
}

impl Property {
    fn write(&self, key: &str, xml: &mut Xml) -> Result<()> {
        let parts = |xml: &mut Xml, parts: &[(&str, f32)]| {
            xml.inside("value", |xml| parts.iter().try_for_each(|(name, part)| xml.leaf(name, &part.to_string())))
        };
        let kind = match self {
            Self::Switch(_) => "b",
            Self::Integer(_) => "i",
            Self::Float(_) => "f",
            Self::Text(_) => "s",
            Self::Colour(_) => "c",
            Self::Frame(_) => "r",
        };
        xml.element("property", &[("type", kind)], |xml| {
            xml.data("key", key)?;
            match self {
                Self::Switch(on) => xml.leaf("value", if *on { "1" } else { "0" }),
                Self::Integer(number) => xml.leaf("value", &number.to_string()),
                Self::Float(number) => xml.leaf("value", &number.to_string()),
                Self::Text(text) => xml.data("value", text),
                Self::Colour([r, g, b, a]) => parts(xml, &[("r", *r), ("g", *g), ("b", *b), ("a", *a)]),
                Self::Frame(Frame { x, y, w, h }) => parts(xml, &[("x", *x), ("y", *y), ("w", *w), ("h", *h)]),
            }
        })
    }
}
