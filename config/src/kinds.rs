//! Checks the types of values against the defaults.
//!
//! The configuration library converts where it can, `"128"` and 128.7 to integers, and would silently change a mistake
//! into another value.

use toml_edit::{Item, TableLike};

/// The item of a table at a path.
pub fn at<'a>(table: &'a dyn TableLike, path: &[String]) -> Option<&'a Item> {
    let (first, rest) = path.split_first()?;
    let item = table.get(first)?;
    if rest.is_empty() { Some(item) } else { at(item.as_table_like()?, rest) }
}

/// Finds the first value of a layer whose type differs from its default. Returns its path and the problem.
pub fn mismatch(
    layer: &dyn TableLike,
    defaults: &dyn TableLike,
    path: &mut Vec<String>,
) -> Option<(Vec<String>, String)> {
    for (key, item) in layer.iter() {
        let Some(default) = defaults.get(key) else { continue };
        path.push(key.to_owned());
        let found = match (item.as_table_like(), default.as_table_like()) {
            (Some(inner), Some(default)) => mismatch(inner, default, path),
            _ if fits(item, default) => None,
            _ => Some((path.clone(), problem(item, default, path))),
        };
        if found.is_some() {
            return found;
        }
        path.pop();
    }
    None
}

fn fits(item: &Item, default: &Item) -> bool {
    let is_list = |item: &Item| item.is_array() || item.is_array_of_tables();
    item.type_name() == default.type_name()
        || (default.is_float() && item.is_integer())
        || (is_list(default) && is_list(item))
}

fn problem(item: &Item, default: &Item, path: &[String]) -> String {
    let path = path.join(".");
    let needed = match default {
        Item::ArrayOfTables(_) => format!("tables, written as [[{path}]]"),
        _ if default.is_table_like() => format!("a table, written as [{path}]"),
        _ if default.is_str() => "a string".into(),
        _ if default.is_integer() => "an integer".into(),
        _ if default.is_float() => "a number".into(),
        _ if default.is_bool() => "true or false".into(),
        _ => "a list".into(),
    };
    let given = match item {
        Item::Value(toml_edit::Value::String(text)) => format!("string {:?}", text.value()),
        Item::Value(toml_edit::Value::Array(_)) | Item::ArrayOfTables(_) => "a list".into(),
        Item::Value(value) if !value.is_inline_table() => value.to_string().trim().to_owned(),
        _ => "a table".into(),
    };
    format!("expected {needed}, got {given}")
}
