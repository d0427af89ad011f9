//! What a rig assigns to an element: an address and options.

use crate::edges::OpenError;
use config::ValueKind;
use downbeat_protocol::When;
use downbeat_protocol::nearest::by_name;
use serde::Deserialize;

/// What an element does.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Assignment {
    /// The address; a pattern sets several.
    pub address: String,
    /// The values at the ends of its travel; the first may be the greater. By default the address's whole range.
    pub range: Option<[f64; 2]>,
    /// When it takes effect.
    #[serde(default)]
    pub when: Moment,
    /// Whether a button toggles at each press, or is on while held.
    pub toggle: Option<bool>,
    /// The colour of its light, by its name in the surface file.
    pub colour: Option<String>,
    /// Another address for its light.
    pub light: Option<String>,
}

/// When it takes effect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Moment(pub When);

impl TryFrom<String> for Moment {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        let known = [("now", When::Now), ("beat", When::Beat), ("bar", When::Bar), ("phrase", When::Phrase)];
        by_name("moment", &name, &known).map(Self)
    }
}

impl Assignment {
    /// Sets an address, with the address's defaults.
    pub fn to(address: &str) -> Self {
        let (when, address) = When::split(address);
        Self { address: address.into(), when: Moment(when), ..Self::default() }
    }

    /// Reads an address alone, or a table with one.
    ///
    /// # Errors
    /// If it is neither.
    pub fn read(value: config::Value) -> Result<Self, OpenError> {
        if let ValueKind::String(address) = &value.kind {
            return Ok(Self::to(address));
        }
        if !matches!(value.kind, ValueKind::Table(_)) {
            let problem = "expected an address, \"/layer/back/opacity\", or a table, { address = \"/tempo/tap\" }";
            return Err(OpenError::Value(problem.into()));
        }
        let table: Self = value.try_deserialize()?;
        let (when, address) = When::split(&table.address);
        let when = if when == When::Now { table.when } else { Moment(when) };
        Ok(Self { address: address.into(), when, ..table })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(toml: &str) -> Result<Assignment, OpenError> {
        let file = config::File::from_str(&format!("it = {toml}"), config::FileFormat::Toml);
        let table = config::Config::builder().add_source(file).build().expect("TOML");
        Assignment::read(table.get("it").expect("there"))
    }

    #[test]
    fn an_address_alone_is_enough_and_may_say_when() {
        let read = |toml| read(toml).expect("reads");
        assert_eq!(read("'/param/glow'"), Assignment::to("/param/glow"));
        let bar = read("'/next/bar/show/blackout'");
        assert_eq!((bar.address.as_str(), bar.when), ("/show/blackout", Moment(When::Bar)));
        assert_eq!(read("{ address = '/show/blackout', when = 'bar' }"), bar);
    }

    #[test]
    fn what_is_no_assignment_says_what_is() {
        let why = |toml| read(toml).expect_err("wrong").to_string();
        assert!(why("3").contains("expected an address"), "{}", why("3"));
        assert!(why("{ address = '/a', when = 'baar' }").contains("did you mean `bar`?"));
        assert!(why("{ adress = '/a' }").contains("adress"));
    }
}
