//! Defaults < file < drop-ins < environment < flags.

use super::{Config, ConfigError, Flags};
use std::path::{Path, PathBuf};

/// The embedded defaults, which are also the documentation of every key.
pub const DEFAULTS: &str = include_str!("../../../config/renderer.toml");

/// The configuration that the flags and the environment ask for.
///
/// # Errors
/// A file that cannot be read, a syntax error, an unknown key, a value that cannot be used.
pub fn load(flags: &Flags, environment: impl IntoIterator<Item = (String, String)>) -> Result<Config, ConfigError> {
    let mut builder = config::Config::builder().add_source(toml(DEFAULTS));
    if let Some(path) = &flags.config {
        for path in std::iter::once(path.clone()).chain(drop_ins(path)?) {
            let text = std::fs::read_to_string(&path)
                .map_err(|source| ConfigError::Unreadable { path: path.clone(), source })?;
            check_file(&path, &text)?;
            builder = builder.add_source(toml(&text));
        }
    }
    for (key, value) in environment.into_iter().filter_map(from_environment) {
        builder = builder.set_override(key, value)?;
    }
    for (key, value) in flags.overrides() {
        builder = builder.set_override(key, value)?;
    }
    builder.build()?.try_deserialize::<Config>()?.check()
}

/// `DOWNBEAT__DISPLAY__PLAYOUT_DELAY_MS` sets `display.playout-delay-ms`. The daemon on the same machine may have
/// variables of its own with this prefix: tables that are not ours are left to it.
fn from_environment((name, value): (String, String)) -> Option<(String, String)> {
    let key = name.strip_prefix("DOWNBEAT__")?.to_lowercase().replace("__", ".").replace('_', "-");
    let ours = ["node.", "canvas.", "slice.", "display.", "headless."];
    ours.iter().any(|table| key.starts_with(table)).then_some((key, value))
}

fn toml(text: &str) -> config::File<config::FileSourceString, config::FileFormat> {
    config::File::from_str(text, config::FileFormat::Toml)
}

/// The files of `FILE.d`, in the order of their names.
fn drop_ins(file: &Path) -> Result<Vec<PathBuf>, ConfigError> {
    let mut folder = file.as_os_str().to_owned();
    folder.push(".d");
    let folder = PathBuf::from(folder);
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(ConfigError::Unreadable { path: folder, source }),
    };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    Ok(paths)
}

/// Checks one file by itself, laid over the defaults, while its lines are still known.
fn check_file(path: &Path, text: &str) -> Result<(), ConfigError> {
    let at = |span: Option<std::ops::Range<usize>>, message: &str| {
        let (line, column, text) = place(text, span.map_or(0, |span| span.start));
        ConfigError::File { path: path.into(), line, column, message: message.trim_end().into(), text }
    };
    let document = toml_edit::Document::parse(text).map_err(|error| at(error.span(), error.message()))?;
    let defaults = toml_edit::Document::parse(DEFAULTS).map_err(|error| at(None, error.message()))?;
    for (name, table) in document.iter() {
        let Some(known) = defaults.get(name) else {
            let span = document.key(name).and_then(toml_edit::Key::span);
            return Err(at(span, &unknown(name, defaults.iter().map(|(key, _)| key))));
        };
        let (Some(table), Some(known)) = (table.as_table_like(), known.as_table_like()) else {
            return Err(at(table.span(), &format!("`{name}` is a table: write it as [{name}]")));
        };
        for (key, value) in table.iter() {
            let Some(default) = known.get(key) else {
                let span = table.key(key).and_then(toml_edit::Key::span);
                return Err(at(span, &unknown(&format!("{name}.{key}"), known.iter().map(|(key, _)| key))));
            };
            let fits = value.type_name() == default.type_name() || (default.is_float() && value.is_integer());
            if !fits {
                let message = format!("`{name}.{key}` is a {}, not a {}", default.type_name(), value.type_name());
                return Err(at(value.span(), &message));
            }
            if (name, key) == ("display", "mode")
                && !matches!(value.as_str(), Some("window" | "fullscreen" | "headless"))
            {
                return Err(at(value.span(), "`display.mode` is one of window, fullscreen, headless"));
            }
        }
    }
    Ok(())
}

fn unknown<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    format!("unknown key `{name}`; known here: {}", known.collect::<Vec<_>>().join(", "))
}

/// Line and column, both from 1, of a byte in a text, and the line.
fn place(text: &str, byte: usize) -> (usize, usize, String) {
    let before = text.get(..byte).unwrap_or(text);
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    let line = text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    (before.matches('\n').count() + 1, before[start..].chars().count() + 1, line.trim_end().into())
}
