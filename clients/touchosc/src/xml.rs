//! Nested elements in the style of TouchOSC's editor: attributes in single quotes, nothing between elements.

use quick_xml::Writer;
use quick_xml::escape::escape;
use quick_xml::events::{BytesCData, BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use std::io::{Error, Result};

/// A document in progress.
pub struct Xml(Writer<Vec<u8>>);

impl Xml {
    /// A document with an XML declaration.
    pub fn new() -> Result<Self> {
        let mut xml = Self(Writer::new(Vec::new()));
        let declaration = BytesStart::from_content("xml version='1.0' encoding='UTF-8'", 3);
        xml.0.write_event(Event::Decl(BytesDecl::from_start(declaration)))?;
        Ok(xml)
    }

    /// The finished document.
    pub fn finish(self) -> Result<String> {
        String::from_utf8(self.0.into_inner()).map_err(Error::other)
    }

    /// An element with attributes and contents.
    pub fn element(
        &mut self,
        name: &str,
        attributes: &[(&str, &str)],
        inner: impl FnOnce(&mut Self) -> Result<()>,
    ) -> Result<()> {
        let attribute = |(key, value): &(&str, &str)| format!(" {key}='{}'", escape(*value));
        let content = attributes.iter().map(attribute).fold(name.to_owned(), |content, it| content + &it);
        self.0.write_event(Event::Start(BytesStart::from_content(content, name.len())))?;
        inner(self)?;
        self.0.write_event(Event::End(BytesEnd::new(name)))
    }

    /// An element with contents only.
    pub fn inside(&mut self, name: &str, inner: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        self.element(name, &[], inner)
    }

    /// An element with plain text.
    pub fn leaf(&mut self, name: &str, text: &str) -> Result<()> {
        self.inside(name, |xml| xml.text(text))
    }

    /// Plain text.
    pub fn text(&mut self, text: &str) -> Result<()> {
        self.0.write_event(Event::Text(BytesText::new(text)))
    }

    /// An element with arbitrary text.
    pub fn data(&mut self, name: &str, text: &str) -> Result<()> {
        self.inside(name, |xml| match text {
            // An empty text is written, too.
            "" => xml.0.write_event(Event::CData(BytesCData::new(""))),
            text => BytesCData::escaped(text).try_for_each(|part| xml.0.write_event(Event::CData(part))),
        })
    }
}
