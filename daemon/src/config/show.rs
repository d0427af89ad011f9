//! `[cue.NAME]` and `[rule.NAME]`.

use config::ValueKind;
use downbeat_config::{Fault, Layers, Value};
use downbeat_protocol::definition::{Mistake, check_cue, check_rule};
use downbeat_protocol::{Cue, Rule};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// The cues by name. The show resolves the names in them later.
pub(super) fn cues(tables: BTreeMap<String, Value>, layers: &Layers) -> Result<BTreeMap<String, Cue>, Fault> {
    tables.into_iter().map(|(name, value)| Ok((name.clone(), read("cue", &name, value, check_cue, layers)?))).collect()
}

/// The rules by name.
pub(super) fn rules(tables: BTreeMap<String, Value>, layers: &Layers) -> Result<BTreeMap<String, Rule>, Fault> {
    tables
        .into_iter()
        .map(|(name, value)| Ok((name.clone(), read("rule", &name, value, check_rule, layers)?)))
        .collect()
}

fn read<T: DeserializeOwned>(
    section: &str,
    name: &str,
    value: Value,
    check: fn(&serde_json::Value) -> Result<(), Mistake>,
    layers: &Layers,
) -> Result<T, Fault> {
    let path = vec![section.to_owned(), name.to_owned()];
    if !matches!(value.kind, ValueKind::Table(_)) {
        return Err(layers.fault(&path, format!("expected a table: [{section}.{name}]")));
    }
    let explain = |error| layers.explain(&path.join("."), error);
    let written = value.clone().try_deserialize().map_err(explain)?;
    check(&written).map_err(|Mistake { path: inner, why }| layers.fault(&[path.clone(), inner].concat(), why))?;
    value.try_deserialize().map_err(explain)
}
