//! Cues and rules as people write them: as tables of a configuration, and as JSON at `/cue/CUE/definition`. Between programs
//! unknown keys are skipped, so that old and new live together; where people write, they are mistakes.

use crate::cue::Setting;
use crate::nearest::hint;
use crate::rule::{Crossing, Euclid, Ramp, Rate, Step};
use crate::{Cue, Rule, Value};
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

/// What is wrong with a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The keys and places that lead to it.
    pub path: Vec<String>,
    /// In words.
    pub why: String,
}

impl std::fmt::Display for Mistake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let gap = if self.path.is_empty() { "" } else { ": " };
        write!(f, "{}{gap}{}", self.path.join("."), self.why)
    }
}

/// The cue that a text in JSON defines.
///
/// # Errors
/// When it is no JSON, has a key that a cue has not, or a value that does not belong there.
pub fn cue(text: &str) -> Result<Cue, Mistake> {
    let table = table(text)?;
    check_cue(&table)?;
    read(table)
}

/// The rule that a text in JSON defines.
///
/// # Errors
/// As [`cue`].
pub fn rule(text: &str) -> Result<Rule, Mistake> {
    let table = table(text)?;
    check_rule(&table)?;
    read(table)
}

/// Whether a cue has all the keys of a table.
///
/// # Errors
/// With the first that it has not.
pub fn check_cue(table: &Json) -> Result<(), Mistake> {
    CUE.check(table, &mut Vec::new())
}

/// Whether a rule has all the keys of a table, and its rate is one: between programs any other counts as the usual one.
///
/// # Errors
/// With the first that is wrong.
pub fn check_rule(table: &Json) -> Result<(), Mistake> {
    RULE.check(table, &mut Vec::new())?;
    let Some(rate) = table.get("rate") else { return Ok(()) };
    let value = serde_json::from_value::<Value>(rate.clone()).ok();
    if value.as_ref().and_then(Rate::of).is_some() {
        return Ok(());
    }
    let told = value.map_or_else(|| rate.to_string(), |value| value.to_string());
    let why = format!("unknown rate `{told}`; expected one of {}", Rate::NAMES.join(", "));
    Err(Mistake { path: vec!["rate".into()], why })
}

/// The keys that a table may have, and where further tables lie in it.
struct Shape {
    keys: &'static [&'static str],
    inner: &'static [(&'static str, &'static Self)],
}

const CUE: Shape = Shape { keys: Cue::KEYS, inner: &[("set", &SETTING)] };
const SETTING: Shape = Shape { keys: Setting::KEYS, inner: &[] };
const RULE: Shape = Shape { keys: Rule::KEYS, inner: &[("when", &WHEN), ("do", &STEP), ("euclid", &EUCLID)] };
const WHEN: Shape = Shape { keys: &["above", "below"], inner: &[("above", &CROSSING), ("below", &CROSSING)] };
const CROSSING: Shape = Shape { keys: Crossing::KEYS, inner: &[] };
const STEP: Shape = Shape { keys: Step::KEYS, inner: &[("act", &ACT)] };
const ACT: Shape = Shape { keys: &["add", "ramp"], inner: &[("ramp", &RAMP)] };
const RAMP: Shape = Shape { keys: Ramp::KEYS, inner: &[] };
const EUCLID: Shape = Shape { keys: Euclid::KEYS, inner: &[] };

impl Shape {
    fn check(&self, value: &Json, path: &mut Vec<String>) -> Result<(), Mistake> {
        match value {
            Json::Array(list) => list
                .iter()
                .enumerate()
                .try_for_each(|(place, value)| below(path, &place.to_string(), |path| self.check(value, path))),
            Json::Object(table) => {
                if let Some(unknown) = table.keys().find(|key| !self.keys.contains(&key.as_str())) {
                    let why = format!("unknown key; {}", hint(unknown, self.keys.iter().copied()));
                    return below(path, unknown, |path| Err(Mistake { path: path.clone(), why }));
                }
                let inner = self.inner.iter().filter_map(|(key, shape)| Some((*key, *shape, table.get(*key)?)));
                for (key, shape, value) in inner {
                    below(path, key, |path| shape.check(value, path))?;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

fn below<T>(path: &mut Vec<String>, key: &str, check: impl FnOnce(&mut Vec<String>) -> T) -> T {
    path.push(key.to_owned());
    let checked = check(path);
    path.pop();
    checked
}

/// A place in a list is told by its number alone, as in the configuration.
fn place(segment: &serde_path_to_error::Segment) -> String {
    segment.to_string().trim_matches(['[', ']']).to_owned()
}

fn table(text: &str) -> Result<Json, Mistake> {
    let wrong = |why: String| Mistake { path: Vec::new(), why };
    let value: Json = serde_json::from_str(text).map_err(|error| wrong(format!("not JSON: {error}")))?;
    let example = r#"expected an object: {"set": [{"address": "/layer/back/opacity", "value": 1}]}"#;
    if value.is_object() { Ok(value) } else { Err(wrong(example.into())) }
}

fn read<T: DeserializeOwned>(table: Json) -> Result<T, Mistake> {
    serde_path_to_error::deserialize(table).map_err(|error| {
        let path = error.path().iter().map(place).filter(|part| part != "?").collect();
        let why = error.inner().to_string();
        // In words that are not those of the program.
        let why =
            if why.contains("untagged enum Value") { "expected a number, a text, true or false".into() } else { why };
        Mistake { path, why }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::When;
    use crate::fade::Span;

    #[test]
    fn a_cue_is_read_as_it_is_told() {
        let text = r#"{"set": [{"address": "/layer/back/opacity", "value": 0.5}, {"address": "/tempo/tap"}],
            "fade": {"beats": 8}, "when": "bar", "safe": true}"#;
        let read = cue(text).expect("a cue");
        assert_eq!((read.set.len(), read.fade, read.when, read.safe), (2, Some(Span::Beats(8.0)), When::Bar, true));
        assert_eq!(cue(&serde_json::to_string(&read).expect("written")), Ok(read));
        assert_eq!(cue("{}"), Ok(Cue::default()), "there is nothing that it must have");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_key_and_its_place() {
        let of_cue = |text: &str| cue(text).expect_err("wrong").to_string();
        let of_rule = |text: &str| rule(text).expect_err("wrong").to_string();
        assert_eq!(of_cue(r#"{"fades": 3}"#), "fades: unknown key; did you mean `fade`?");
        assert_eq!(
            of_cue(r#"{"set": [{"address": "/x"}, {"adress": "/y"}]}"#),
            "set.1.adress: unknown key; did you mean `address`?"
        );
        assert_eq!(
            of_cue(r#"{"set": [{"address": "/x", "value": [1]}]}"#),
            "set.0.value: expected a number, a text, true or false"
        );
        assert!(of_cue(r#"{"set": [{"value": 1}]}"#).contains("missing field `address`"));
        assert!(of_cue(r#"{"fade": {"beat": 1}}"#).starts_with("fade"));
        assert!(of_cue("{").starts_with("not JSON: ") && of_cue("3").starts_with("expected an object"));
        assert!(of_rule(r#"{"every": "x"}"#).starts_with("every: "));
        assert_eq!(of_rule(r#"{"rate": 3}"#), "rate: unknown rate `3`; expected one of 1/4, 1/2, 1, 2, 4");
        assert_eq!(
            of_rule(r#"{"when": {"above": {"signal": "x", "valeu": 1}}}"#),
            "when.above.valeu: unknown key; did you mean `value`?"
        );
        assert_eq!(
            of_rule(r#"{"do": [{"address": "/x", "act": {"ramp": {"from": 0, "to": 1, "time": 3}}}]}"#),
            "do.0.act.ramp.time: unknown key; did you mean `times`?"
        );
    }
}
