//! The layers of a configuration: the same kind of text from whatever source, so that every mistake has a place.

use super::DEFAULTS;
use super::fault::{Fault, Place};
use super::locate::{locate, segments};
use config::{ConfigError, FileFormat};
use std::fs;
use std::path::{Path, PathBuf};
use toml_edit::Document;

/// Environment variables that begin so are keys: `DOWNBEAT__TEMPO__BEATS_PER_BAR` is `tempo.beats-per-bar`.
const ENVIRONMENT: &str = "DOWNBEAT__";
/// Tables of a renderer on the same machine, whose variables begin so, too: they are left to it.
const RENDERERS: [&str; 5] = ["node", "canvas", "slice", "display", "headless"];

/// Where a configuration comes from, weakest first. The defaults are always there.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The file; its drop-ins are `FILE.d/*.toml`, in the order of their names.
    pub file: Option<PathBuf>,
    /// Environment variables; others than ours are passed over.
    pub environment: Vec<(String, String)>,
    /// `key=value` from flags.
    pub set: Vec<String>,
}

/// One text of the configuration.
#[derive(Clone, Debug)]
struct Layer {
    /// What a message calls it.
    origin: String,
    /// Whether lines in it mean anything to the user.
    has_lines: bool,
    document: Document<String>,
}

/// All layers, weakest first.
#[derive(Clone, Debug)]
pub(super) struct Layers(Vec<Layer>);

impl Layers {
    pub fn read(sources: &Sources) -> Result<Self, Fault> {
        let mut layers = vec![Layer::new("the defaults".into(), true, DEFAULTS.into())?];
        for path in sources.file.iter().map(|file| files(file)).collect::<Result<Vec<_>, _>>()?.into_iter().flatten() {
            let text = fs::read_to_string(&path).map_err(|error| Fault::unreadable(&path, &error))?;
            layers.push(Layer::new(path.display().to_string(), true, text)?);
        }
        let mut environment: Vec<_> =
            sources.environment.iter().filter(|(name, _)| name.starts_with(ENVIRONMENT)).collect();
        environment.sort();
        for (name, value) in environment {
            let key: Vec<String> = name[ENVIRONMENT.len()..].split("__").map(kebab).collect();
            if key.first().is_some_and(|table| RENDERERS.contains(&table.as_str())) {
                continue;
            }
            layers.push(assignment(format!("environment variable {name}"), &key.join("."), value)?);
        }
        for set in &sources.set {
            let Some((key, value)) = set.split_once('=') else {
                return Err(Fault::plain(format!(
                    "--set {set}: a key and a value are needed, e.g. --set audio.hop=128"
                )));
            };
            layers.push(assignment(format!("--set {set}"), key.trim(), value.trim())?);
        }
        Ok(Self(layers))
    }

    /// The defaults and one more text.
    pub fn over_defaults(origin: &str, text: &str) -> Result<Self, Fault> {
        let defaults = Layer::new("the defaults".into(), true, DEFAULTS.into())?;
        Ok(Self(vec![defaults, Layer::new(origin.into(), true, text.into())?]))
    }

    /// All layers in one.
    pub fn merge(&self) -> Result<config::Config, ConfigError> {
        let builder = self.0.iter().fold(config::Config::builder(), |builder, layer| {
            builder.add_source(config::File::from_str(layer.document.raw(), FileFormat::Toml))
        });
        builder.build()
    }

    /// A complaint about what the strongest layer says at `path`, or about the nearest table around it.
    pub fn fault(&self, path: &[String], problem: String) -> Fault {
        let best = self
            .0
            .iter()
            .enumerate()
            .filter_map(|(strength, layer)| {
                let found = locate(layer.document.as_item(), path)?;
                Some(((found.depth, strength), layer, found.offset))
            })
            .max_by_key(|(rank, ..)| *rank);
        let place = best.map(|(_, layer, offset)| layer.place(offset));
        Fault::new(place, path.join("."), problem)
    }

    /// What the configuration library says about the table at `prefix`, said better.
    pub fn explain(&self, prefix: &str, error: ConfigError) -> Fault {
        let (path, problem) = super::fault::understand(error);
        let path: Vec<String> = segments(prefix).into_iter().chain(path).collect();
        self.fault(&path, problem)
    }
}

impl Layer {
    fn new(origin: String, has_lines: bool, text: String) -> Result<Self, Fault> {
        match Document::parse(text.clone()) {
            Ok(document) => Ok(Self { origin, has_lines, document }),
            Err(error) => {
                let offset = error.span().map_or(0, |span| span.start);
                let place = place(origin, has_lines, &text, offset);
                Err(Fault::new(Some(place), String::new(), error.message().trim().replace('\n', "; ")))
            }
        }
    }

    fn place(&self, offset: usize) -> Place {
        place(self.origin.clone(), self.has_lines, self.document.raw(), offset)
    }
}

fn place(origin: String, has_lines: bool, text: &str, offset: usize) -> Place {
    let before = &text[..offset.min(text.len())];
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = text[start..].lines().next().unwrap_or_default().trim().to_owned();
    let number = before.matches('\n').count() + 1;
    Place { origin, line: has_lines.then_some((number, line)) }
}

/// A file and its drop-ins.
fn files(file: &Path) -> Result<Vec<PathBuf>, Fault> {
    let mut directory = file.as_os_str().to_owned();
    directory.push(".d");
    let directory = PathBuf::from(directory);
    let mut paths = vec![file.to_owned()];
    if directory.is_dir() {
        let unreadable = |error| Fault::unreadable(&directory, &error);
        for entry in fs::read_dir(&directory).map_err(unreadable)? {
            paths.push(entry.map_err(unreadable)?.path());
        }
        paths[1..].sort();
        paths.retain(|path| path == file || path.extension().is_some_and(|extension| extension == "toml"));
    }
    Ok(paths)
}

/// A layer of one key. What is no TOML value is a text: `--set show.name=Friday`.
fn assignment(origin: String, key: &str, value: &str) -> Result<Layer, Fault> {
    let written = format!("{key} = {value}");
    let text = if Document::parse(written.as_str()).is_ok() {
        written
    } else {
        format!("{key} = {}", toml_edit::Value::from(value))
    };
    Layer::new(origin, false, text)
}

fn kebab(part: &str) -> String {
    part.to_lowercase().replace('_', "-")
}
