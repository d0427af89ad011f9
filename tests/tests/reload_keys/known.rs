//! Every key of the daemon's configuration, read from the source: the fields of the types into which each table is
//! read, and what stands in the shipped defaults.

use downbeatd::config::DEFAULTS;
use downbeatd::controls::CONTROLS;
use downbeatd::outputs::OUTPUTS;
use e2e::binaries::root;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use syn::{Attribute, Fields, GenericArgument, Item, PathArguments, Type};

const SECTIONS: &str = "daemon/src/config/sections.rs";
const ENGINE: &str = "daemon/engine/src/settings.rs";

/// The type into which each table is read, and its file. Types of their fields are found in the same file.
const TABLES: [(&str, &str, &str); 24] = [
    ("show", SECTIONS, "ShowConfig"),
    ("standby", SECTIONS, "StandbyConfig"),
    ("audio", SECTIONS, "AudioConfig"),
    ("threads", "daemon/src/realtime.rs", "ThreadsConfig"),
    ("bus", SECTIONS, "BusConfig"),
    ("midi-source", SECTIONS, "MidiSourceConfig"),
    ("tempo", ENGINE, "TempoConfig"),
    ("parameter", ENGINE, "ParameterConfig"),
    ("layer", ENGINE, "LayerConfig"),
    ("cue", "clients/protocol/src/cue.rs", "Cue"),
    ("cue.fade", "clients/protocol/src/fade.rs", "Span"),
    ("rule", "clients/protocol/src/rule.rs", "Rule"),
    ("server", "daemon/src/server/settings.rs", "Settings"),
    ("web", "daemon/src/web/settings.rs", "Settings"),
    ("output.osc", "daemon/src/outputs/osc/settings.rs", "Settings"),
    ("output.osc", "daemon/src/outputs/policy.rs", "Policy"),
    ("output.midi", "daemon/src/outputs/midi/settings.rs", "Settings"),
    ("output.midi", "daemon/src/outputs/policy.rs", "Policy"),
    ("output.log", "daemon/src/outputs/log.rs", "Settings"),
    ("output.log", "daemon/src/outputs/policy.rs", "Policy"),
    ("control.osc", "daemon/src/controls/osc/settings.rs", "Settings"),
    ("control.midi", "daemon/src/controls/midi/settings.rs", "Settings"),
    ("control.midi.map", "daemon/src/controls/midi/assignment.rs", "Assignment"),
    ("", SECTIONS, "Tables"),
];

/// Types that are no tables of the configuration: what a surface's own file says.
const OTHER_FILES: &str = "daemon/src/controls/midi/file.rs";

/// Every key, by its table and without names: `parameter.curve`, `output.osc.send.step`.
pub fn keys() -> BTreeSet<String> {
    let mut source = Source::default();
    let mut keys = BTreeSet::new();
    for (table, file, name) in TABLES {
        source.read(table, file, name, &mut keys);
    }
    let (mut keys, tables): (BTreeSet<String>, BTreeSet<String>) = keys.into_iter().partition(|key| key.contains('.'));
    let kinds = |kind: &str, names: Vec<&str>| names.iter().map(|it| format!("{kind}.{it}")).collect::<Vec<_>>();
    let outputs = kinds("output", OUTPUTS.iter().map(|it| it.kind).collect());
    let controls = kinds("control", CONTROLS.iter().map(|it| it.kind).collect());
    let all = tables.iter().filter(|table| !["output", "control"].contains(&table.as_str()));
    for table in all.chain(&outputs).chain(&controls) {
        assert!(TABLES.iter().any(|(known, ..)| known == table), "[{table}] has no type in TABLES");
    }
    // Whoever reads the tables takes these out first.
    keys.extend(["server.enabled", "web.enabled"].map(str::to_owned));
    keys.extend(
        outputs.iter().chain(&controls).flat_map(|kind| ["kind", "enabled"].map(|key| format!("{kind}.{key}"))),
    );
    for (file, name) in strict_types() {
        let is_read = source.seen.contains(&(file.clone(), name.clone()));
        assert!(is_read || file == OTHER_FILES, "{file}: `{name}` looks like a table, and is not in TABLES");
    }
    for key in defaults() {
        assert!(keys.contains(&key), "`{key}` of the defaults was not found in the source");
    }
    keys
}

/// The keys that are set in the shipped defaults.
fn defaults() -> Vec<String> {
    let tables: toml::Table = DEFAULTS.parse().expect("TOML");
    let mut keys = Vec::new();
    for (table, value) in &tables {
        let tables = match (table.as_str(), value) {
            // Names come first.
            ("bus", toml::Value::Table(named)) => named.values().collect(),
            (_, toml::Value::Array(list)) => list.iter().collect(),
            (_, table) => vec![table],
        };
        let own = tables.into_iter().flat_map(|table| table.as_table().expect("a table").keys());
        keys.extend(own.map(|key| format!("{table}.{key}")));
    }
    keys
}

/// The types that refuse unknown keys, with their files: every table does.
fn strict_types() -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut waiting = vec![PathBuf::from("daemon/src"), PathBuf::from("daemon/engine/src")];
    while let Some(path) = waiting.pop() {
        let whole = root().join(&path);
        if whole.is_dir() {
            let inside = std::fs::read_dir(&whole).expect("read").map(|it| it.expect("read").file_name());
            waiting.extend(inside.map(|name| path.join(name)));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let strict = parsed(&path).items.into_iter().filter_map(|item| match item {
                Item::Struct(it) if serde(&it.attrs).contains_key("deny_unknown_fields") => Some(it.ident.to_string()),
                _ => None,
            });
            found.extend(strict.map(|name| (path.display().to_string(), name)));
        }
    }
    found
}

#[derive(Default)]
struct Source {
    files: BTreeMap<String, syn::File>,
    /// The types that were read, with their files.
    seen: BTreeSet<(String, String)>,
}

impl Source {
    /// Adds the keys of a type, and of the types of its fields.
    fn read(&mut self, table: &str, file: &str, name: &str, keys: &mut BTreeSet<String>) {
        let items = &self.files.entry(file.to_owned()).or_insert_with(|| parsed(Path::new(file))).items;
        let found = items.iter().find_map(|item| match item {
            Item::Struct(it) if it.ident == name => Some(fields(it)),
            Item::Enum(it) if it.ident == name => Some(variants(it)),
            _ => None,
        });
        // A type from elsewhere is one value.
        let Some(fields) = found else { return };
        self.seen.insert((file.to_owned(), name.to_owned()));
        for (key, inner) in fields {
            let key = if table.is_empty() { key } else { format!("{table}.{key}") };
            // The types of whole tables are told above.
            if !table.is_empty() {
                self.read(&key, file, &inner, keys);
            }
            keys.insert(key);
        }
    }
}

fn parsed(path: &Path) -> syn::File {
    let text = std::fs::read_to_string(root().join(path)).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    syn::parse_file(&text).expect("Rust")
}

/// The keys of a struct with the names of their types.
fn fields(it: &syn::ItemStruct) -> Vec<(String, String)> {
    let Fields::Named(fields) = &it.fields else { return Vec::new() };
    let key = |field: &syn::Field| {
        let own = field.ident.as_ref().expect("named").to_string().replace('_', "-");
        serde(&field.attrs).remove("rename").filter(|name| !name.is_empty()).unwrap_or(own)
    };
    fields.named.iter().map(|field| (key(field), innermost(&field.ty))).collect()
}

/// The variants of an enum that hold something, as in `fade = { beats = 8 }`, with the names of what they hold.
fn variants(it: &syn::ItemEnum) -> Vec<(String, String)> {
    let is_plain = |attributes: &[Attribute]| {
        let words = serde(attributes);
        !words.contains_key("untagged") && !words.contains_key("try_from")
    };
    let held = |variant: &syn::Variant| match &variant.fields {
        Fields::Unnamed(fields) if is_plain(&variant.attrs) => {
            let name = variant.ident.to_string().to_lowercase();
            Some((name, innermost(&fields.unnamed.first().expect("one").ty)))
        }
        _ => None,
    };
    if is_plain(&it.attrs) { it.variants.iter().filter_map(held).collect() } else { Vec::new() }
}

/// What is in an option, a list or a map; the type itself otherwise.
fn innermost(of: &Type) -> String {
    let Type::Path(path) = of else { return String::new() };
    let last = path.path.segments.last().expect("a name");
    let PathArguments::AngleBracketed(inner) = &last.arguments else { return last.ident.to_string() };
    match inner.args.last() {
        Some(GenericArgument::Type(inner)) => innermost(inner),
        _ => String::new(),
    }
}

/// The words of `#[serde(…)]` with their values.
fn serde(attributes: &[Attribute]) -> BTreeMap<String, String> {
    let mut words = BTreeMap::new();
    for attribute in attributes.iter().filter(|it| it.path().is_ident("serde")) {
        let read = attribute.parse_nested_meta(|meta| {
            let value = match meta.value() {
                Ok(value) => value.parse::<syn::LitStr>()?.value(),
                Err(_) => String::new(),
            };
            words.insert(meta.path.get_ident().map(ToString::to_string).unwrap_or_default(), value);
            Ok(())
        });
        read.expect("words of serde");
    }
    words
}
