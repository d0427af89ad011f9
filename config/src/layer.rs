//! One text of a configuration.

use crate::fault::{Fault, Place};
use crate::kinds;
use crate::locate::{Found, locate, segments};
use config::FileFormat;
use toml_edit::Document;

/// One text of a configuration.
#[derive(Clone, Debug)]
pub struct Layer {
    /// Its name in messages.
    origin: String,
    /// Whether its line numbers mean anything to the user.
    has_lines: bool,
    document: Document<String>,
}

impl Layer {
    /// A text with lines.
    pub fn text(origin: String, text: String) -> Result<Self, Fault> {
        Self::parse(origin, true, text)
    }

    /// A layer of one key. A value that is not TOML is a string, and so is any value of a key whose default is a
    /// string: `--set show.name=1984`.
    pub fn assignment(origin: String, key: &str, value: &str, defaults: &Self) -> Result<Self, Fault> {
        let written = format!("{key} = {value}");
        let is_text = match Document::parse(written.as_str()) {
            Ok(document) => {
                let by_default = kinds::at(defaults.document.as_table(), &segments(key));
                let given = kinds::at(document.as_table(), &segments(key));
                by_default.is_some_and(toml_edit::Item::is_str) && !given.is_some_and(toml_edit::Item::is_str)
            }
            Err(_) => true,
        };
        let text = if is_text { format!("{key} = {}", toml_edit::Value::from(value)) } else { written };
        Self::parse(origin, false, text)
    }

    fn parse(origin: String, has_lines: bool, text: String) -> Result<Self, Fault> {
        match Document::parse(text.clone()) {
            Ok(document) => Ok(Self { origin, has_lines, document }),
            Err(error) => {
                let offset = error.span().map_or(0, |span| span.start);
                let place = place(origin, has_lines, &text, offset);
                Err(Fault::new(Some(place), String::new(), error.message().trim().replace('\n', "; ")))
            }
        }
    }

    /// The same for the configuration library.
    pub fn source(&self) -> config::File<config::FileSourceString, FileFormat> {
        config::File::from_str(self.document.raw(), FileFormat::Toml)
    }

    /// The deepest part of a path that this layer sets.
    pub fn locate(&self, path: &[String]) -> Option<Found> {
        locate(self.document.as_item(), path)
    }

    /// The place of a part found in this layer.
    pub fn place(&self, found: Found) -> Place {
        place(self.origin.clone(), self.has_lines, self.document.raw(), found.offset)
    }

    /// Refuses a value whose type differs from its default.
    pub fn check_kinds(&self, defaults: &Self) -> Result<(), Fault> {
        match kinds::mismatch(self.document.as_table(), defaults.document.as_table(), &mut Vec::new()) {
            None => Ok(()),
            Some((path, problem)) => {
                Err(Fault::new(self.locate(&path).map(|found| self.place(found)), path.join("."), problem))
            }
        }
    }
}

fn place(origin: String, has_lines: bool, text: &str, offset: usize) -> Place {
    let before = &text[..offset.min(text.len())];
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = text[start..].lines().next().unwrap_or_default().trim().to_owned();
    let number = before.matches('\n').count() + 1;
    Place { origin, line: has_lines.then_some((number, line)) }
}
