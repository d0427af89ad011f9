//! Parses an address and a value into an action.

use super::entry::{Entry, Kind, Write};
use super::table::ENTRIES;
use crate::definition::Mistake;
use crate::plausible::{TEXT, is_text};
use crate::{Action, Value};

/// Maximum bytes of an address. A longer one stands for nothing.
pub const ADDRESS: usize = 256;

/// Why an address and its value do not make an [`Action`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ActionError {
    /// The address is unknown.
    #[error("unknown address `{0}`")]
    UnknownAddress(String),
    /// The address is longer than any that is known.
    #[error("an address of {0} bytes; the longest has {ADDRESS}")]
    LongAddress(usize),
    /// The address is read-only.
    #[error("`{0}` is read-only")]
    ReadOnly(String),
    /// The argument is missing or of the wrong kind.
    #[error("`{address}` takes {expected}")]
    Argument {
        /// The address as sent.
        address: String,
        /// The expected kind.
        expected: String,
    },
    /// What it shall be is wrong.
    #[error("`{address}`: {mistake}")]
    Definition {
        /// The address as sent.
        address: String,
        /// What is wrong, and where in it.
        mistake: Mistake,
    },
}

/// The entry of an address, with the names in it.
pub fn entry(address: &str) -> Option<(&'static Entry, Vec<&str>)> {
    ENTRIES.iter().find_map(|entry| Some((entry, entry.names(address)?)))
}

/// The action of an address and its first argument.
///
/// A button without an argument counts as pressed. `Ok(None)` is a released button: nothing to do, no error.
///
/// # Errors
/// If the address is unknown or read-only, or the value is missing or of the wrong kind.
pub fn parse(address: &str, value: Option<&Value>) -> Result<Option<Action>, ActionError> {
    if address.len() > ADDRESS {
        return Err(ActionError::LongAddress(address.len()));
    }
    let known = entry(address).filter(|_| is_text(address));
    let (entry, names) = known.ok_or_else(|| ActionError::UnknownAddress(address.into()))?;
    let wrong = || ActionError::Argument { address: address.into(), expected: expected(&entry.kind) };
    Ok(Some(match entry.write {
        Write::Nothing => return Err(ActionError::ReadOnly(address.into())),
        Write::Trigger(action) => {
            let pressed = value.is_none_or(|value| value.switch() == Some(true));
            let let_go = value.is_some_and(|value| value.switch() == Some(false));
            return if pressed || let_go { Ok(pressed.then(|| action(&names))) } else { Err(wrong()) };
        }
        Write::Switch(action) => action(&names, value.and_then(Value::switch).ok_or_else(wrong)?),
        Write::Number(action) => action(&names, value.and_then(Value::number).ok_or_else(wrong)?),
        Write::Text(action) => {
            action(&names, text(value).filter(|it| is_text(it)).ok_or_else(wrong)?).ok_or_else(wrong)?
        }
        Write::Definition(action) => action(&names, text(value).ok_or_else(wrong)?)
            .map_err(|mistake| ActionError::Definition { address: address.into(), mistake })?,
        Write::Setting => {
            Action::Set { address: address.into(), value: setting(&entry.kind, value).ok_or_else(wrong)? }
        }
    }))
}

/// A value as stored in a setting of this kind.
fn setting(kind: &Kind, value: Option<&Value>) -> Option<Value> {
    Some(match kind {
        Kind::Trigger | Kind::Switch => value?.switch()?.into(),
        Kind::Number([low, high], _) => value?.number()?.clamp(*low, *high).into(),
        Kind::Choice(words) => (*words.iter().find(|word| Some(**word) == text(value))?).into(),
        Kind::Scene => text(value).filter(|it| is_text(it))?.into(),
        // Empty removes it.
        Kind::Text => match value? {
            Value::Text(text) if is_text(text) => text.as_str().into(),
            Value::Text(_) | Value::Bool(_) | Value::Number(_) => return None,
        },
    })
}

fn text(value: Option<&Value>) -> Option<&str> {
    match value {
        Some(Value::Text(text)) if !text.is_empty() => Some(text),
        _ => None,
    }
}

fn expected(kind: &Kind) -> String {
    match kind {
        Kind::Trigger | Kind::Switch => "a switch: 1 or 0, true or false".into(),
        Kind::Number(..) => "a number".into(),
        Kind::Choice(words) => format!("one of {}", words.join(", ")),
        Kind::Scene | Kind::Text => format!("a text of at most {TEXT} bytes without control characters"),
    }
}
