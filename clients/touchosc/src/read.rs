//! The messages of a `.tosc` file, read from its bytes, for tests of the file and of the other end.

use flate2::read::ZlibDecoder;
use quick_xml::Reader;
use quick_xml::events::Event;
use std::io::Read;

/// One message of a control.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// Its address.
    pub address: String,
    /// Whether it is sent.
    pub sends: bool,
    /// Whether it is followed.
    pub receives: bool,
    /// `CONSTANT` or `VALUE`; `METER` or `WORD` for what the script follows.
    pub argument: String,
    /// `FLOAT` or `STRING`.
    pub conversion: String,
    /// The constant, the name of the value, or the word.
    pub value: String,
    /// The output range of the value.
    pub range: [f32; 2],
}

/// Why bytes are not a layout.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Not compressed as by TouchOSC.
    #[error("not a zlib stream: {0}")]
    Compression(#[from] std::io::Error),
    /// Not XML.
    #[error("not XML: {0}")]
    Xml(#[from] quick_xml::Error),
}

/// The document in a `.tosc` file, and the messages in it.
///
/// # Errors
/// If the bytes are not a zlib stream, or not XML.
pub fn read(bytes: &[u8]) -> Result<(String, Vec<Found>), ReadError> {
    let mut document = String::new();
    ZlibDecoder::new(bytes).read_to_string(&mut document)?;
    let mut messages = Vec::new();
    let mut path: Vec<String> = Vec::new();
    let (mut key, mut value) = (String::new(), String::new());
    let mut reader = Reader::from_str(&document);
    loop {
        match reader.read_event()? {
            Event::Start(start) => {
                path.push(start.name().as_ref().to_owned());
                match path.last().map(String::as_str) {
                    Some("key") => key.clear(),
                    Some("value") => value.clear(),
                    _ => {}
                }
                if path.last().is_some_and(|name| name == "osc") {
                    messages.push(Found::default());
                }
            }
            Event::End(_) => {
                let is_value = path.pop().is_some_and(|name| name == "value");
                if is_value && key == "tag" && path.last().is_some_and(|name| name == "property") {
                    messages.extend(followed(&value));
                }
            }
            Event::Text(text) => note(&mut messages, &path, &text),
            Event::CData(text) => {
                note(&mut messages, &path, &text);
                // A text with `]]>` in it comes in pieces.
                match path.last().map(String::as_str) {
                    Some("key") => key.push_str(&text),
                    Some("value") => value.push_str(&text),
                    _ => {}
                }
            }
            Event::Eof => return Ok((document, messages)),
            _ => {}
        }
    }
}

/// What the script follows, from a tag.
fn followed(tag: &str) -> Option<Found> {
    let (kind, rest) = tag.split_once(' ')?;
    let (address, rest) = rest.split_once(' ')?;
    let found = Found { address: address.into(), receives: true, argument: kind.to_uppercase(), ..Found::default() };
    Some(match rest.split_once(' ') {
        Some((low, high)) if kind == "meter" => {
            Found { range: [low, high].map(|end| end.parse().unwrap_or_default()), ..found }
        }
        _ => Found { value: rest.into(), ..found },
    })
}

/// Stores a text for its place.
fn note(messages: &mut [Found], path: &[String], text: &str) {
    let Some(message) = messages.last_mut() else { return };
    let Some(at) = path.iter().rposition(|name| name == "osc") else { return };
    let place: Vec<&str> = path[at + 1..].iter().map(String::as_str).collect();
    match place.as_slice() {
        ["send"] => message.sends = text == "1",
        ["receive"] => message.receives = text == "1",
        ["path", "partial", "value"] => message.address.push_str(text),
        ["arguments", "partial", "type"] => message.argument = text.into(),
        ["arguments", "partial", "conversion"] => message.conversion = text.into(),
        ["arguments", "partial", "value"] => message.value = text.into(),
        ["arguments", "partial", "scaleMin"] => message.range[0] = text.parse().unwrap_or_default(),
        ["arguments", "partial", "scaleMax"] => message.range[1] = text.parse().unwrap_or_default(),
        _ => {}
    }
}
