//! `[parameter.NAME]`, where a name may have several parts.

use super::fault::Fault;
use super::layers::Layers;
use config::{Value, ValueKind};
use downbeat_engine::ParameterConfig;
use std::collections::BTreeMap;

/// The parameters by name. `[parameter.back.opacity]` is the parameter `back.opacity`: nothing that a parameter can be
/// told is a table, so a table inside is always a longer name.
pub(super) fn read(
    tables: BTreeMap<String, Value>,
    layers: &Layers,
) -> Result<BTreeMap<String, ParameterConfig>, Fault> {
    let mut parameters = BTreeMap::new();
    for (name, value) in tables {
        collect(name, value, layers, &mut parameters)?;
    }
    Ok(parameters)
}

fn collect(
    name: String,
    value: Value,
    layers: &Layers,
    parameters: &mut BTreeMap<String, ParameterConfig>,
) -> Result<(), Fault> {
    let prefix = format!("parameter.{name}");
    let origin = value.origin().map(str::to_owned);
    let ValueKind::Table(table) = value.kind else {
        let path: Vec<String> = prefix.split('.').map(str::to_owned).collect();
        return Err(layers.fault(&path, format!("a table is needed: [{prefix}]")));
    };
    let (longer, own): (Vec<_>, Vec<_>) =
        table.into_iter().partition(|(_, value)| matches!(value.kind, ValueKind::Table(_)));
    if longer.is_empty() || !own.is_empty() {
        let own = ValueKind::Table(own.into_iter().collect());
        let read: ParameterConfig =
            Value::new(origin.as_ref(), own).try_deserialize().map_err(|error| layers.explain(&prefix, error))?;
        parameters.insert(name.clone(), read);
    }
    for (part, value) in longer {
        collect(format!("{name}.{part}"), value, layers, parameters)?;
    }
    Ok(())
}
