//! Tables whose names may have several parts.

use crate::fault::Fault;
use crate::layers::Layers;
use config::{Value, ValueKind};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

impl Layers {
    /// The tables `[section.NAME]` by name, where a name may have several parts: `[parameter.back.opacity]` is
    /// `back.opacity`. Such tables contain no tables, so a table inside is always a longer name.
    ///
    /// # Errors
    /// If one is not a table, or does not deserialize.
    pub fn named<T: DeserializeOwned>(
        &self,
        section: &str,
        tables: BTreeMap<String, Value>,
    ) -> Result<BTreeMap<String, T>, Fault> {
        let mut named = BTreeMap::new();
        for (name, value) in tables {
            self.collect(section, name, value, &mut named)?;
        }
        Ok(named)
    }

    fn collect<T: DeserializeOwned>(
        &self,
        section: &str,
        name: String,
        value: Value,
        named: &mut BTreeMap<String, T>,
    ) -> Result<(), Fault> {
        let prefix = format!("{section}.{name}");
        let origin = value.origin().map(str::to_owned);
        let ValueKind::Table(table) = value.kind else {
            let path: Vec<&str> = prefix.split('.').collect();
            return Err(self.fault(&path, format!("expected a table: [{prefix}]")));
        };
        let (longer, own): (Vec<_>, Vec<_>) =
            table.into_iter().partition(|(_, value)| matches!(value.kind, ValueKind::Table(_)));
        if longer.is_empty() || !own.is_empty() {
            let own = Value::new(origin.as_ref(), ValueKind::Table(own.into_iter().collect()));
            let read = own.try_deserialize().map_err(|error| self.explain(&prefix, error))?;
            named.insert(name.clone(), read);
        }
        for (part, value) in longer {
            self.collect(section, format!("{name}.{part}"), value, named)?;
        }
        Ok(())
    }
}
