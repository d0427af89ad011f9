//! `[cue.NAME]` and `[rule.NAME]`. Unknown keys are skipped on the wire, but errors in a file.

use config::ValueKind;
use downbeat_config::nearest::hint;
use downbeat_config::{Fault, Layers, Value};
use downbeat_protocol::cue::Setting;
use downbeat_protocol::rule::{Crossing, Euclid, Ramp, Rate, Step};
use downbeat_protocol::{Cue, Rule};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// The keys of a table, and where it has further tables.
struct Shape {
    keys: &'static [&'static str],
    inner: &'static [(&'static str, &'static Shape)],
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

/// The cues by name. The show resolves the names in them later.
pub(super) fn cues(tables: BTreeMap<String, Value>, layers: &Layers) -> Result<BTreeMap<String, Cue>, Fault> {
    tables.into_iter().map(|(name, value)| Ok((name.clone(), read("cue", &name, value, &CUE, layers)?))).collect()
}

/// The rules by name.
pub(super) fn rules(tables: BTreeMap<String, Value>, layers: &Layers) -> Result<BTreeMap<String, Rule>, Fault> {
    let one = |(name, value): (String, Value)| {
        check_rate(&name, &value, layers)?;
        Ok((name.clone(), read("rule", &name, value, &RULE, layers)?))
    };
    tables.into_iter().map(one).collect()
}

fn read<T: DeserializeOwned>(
    section: &str,
    name: &str,
    value: Value,
    shape: &Shape,
    layers: &Layers,
) -> Result<T, Fault> {
    let path = vec![section.to_owned(), name.to_owned()];
    if !matches!(value.kind, ValueKind::Table(_)) {
        return Err(layers.fault(&path, format!("expected a table: [{section}.{name}]")));
    }
    check_keys(&value, shape, &path, layers)?;
    value.try_deserialize().map_err(|error| layers.explain(&path.join("."), error))
}

fn check_keys(value: &Value, shape: &Shape, path: &[String], layers: &Layers) -> Result<(), Fault> {
    let at = |key: &str| [path, &[key.to_owned()]].concat();
    match &value.kind {
        ValueKind::Array(list) => list
            .iter()
            .enumerate()
            .try_for_each(|(place, value)| check_keys(value, shape, &at(&place.to_string()), layers)),
        ValueKind::Table(table) => {
            if let Some(unknown) = table.keys().find(|key| !shape.keys.contains(&key.as_str())) {
                let hint = hint(unknown, shape.keys.iter().copied());
                return Err(layers.fault(&at(unknown), format!("unknown key; {hint}")));
            }
            shape.inner.iter().try_for_each(|(key, shape)| {
                table.get(*key).map_or(Ok(()), |value| check_keys(value, shape, &at(key), layers))
            })
        }
        _ => Ok(()),
    }
}

/// On the wire, an unknown rate means the usual one.
fn check_rate(name: &str, value: &Value, layers: &Layers) -> Result<(), Fault> {
    let ValueKind::Table(table) = &value.kind else { return Ok(()) };
    let Some(rate) = table.get("rate") else { return Ok(()) };
    let known = rate.clone().try_deserialize().ok().and_then(|value| Rate::of(&value));
    let problem = || format!("unknown rate `{rate}`; expected one of {}", Rate::NAMES.join(", "));
    let path = ["rule", name, "rate"].map(str::to_owned);
    known.map(|_| ()).ok_or_else(|| layers.fault(&path, problem()))
}
