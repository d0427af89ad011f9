//! The layers of a configuration, each overriding the one below.

use crate::fault::Fault;
use crate::layer::Layer;
use crate::locate::segments;
use crate::program::Program;
use crate::sources::{Snapshot, Sources, key_of};
use crate::wording::understand;
use config::ConfigError;
use serde::de::DeserializeOwned;

/// A whole configuration, weakest layer first. Every source is the same kind of text, so that every error has a place.
#[derive(Clone, Debug)]
pub struct Layers(Vec<Layer>);

impl Layers {
    /// Reads a program's defaults and everything that overrides them.
    ///
    /// # Errors
    /// If a file is unreadable, a text is not TOML, or the type of a value differs from its default.
    pub fn read(program: Program, sources: &Sources) -> Result<Self, Fault> {
        Self::of(program, &sources.snapshot()?, sources)
    }

    /// The same with the files as they were.
    ///
    /// # Errors
    /// If a text is not TOML, or the type of a value differs from its default.
    pub fn of(program: Program, files: &Snapshot, sources: &Sources) -> Result<Self, Fault> {
        let mut layers = Self::defaults(program)?;
        for (path, text) in &files.0 {
            layers.push(Layer::text(path.display().to_string(), text.clone())?)?;
        }
        let mut environment: Vec<_> = sources.environment.iter().collect();
        environment.sort();
        for (name, value) in environment {
            if let Some(key) = key_of(name).filter(|key| key.first().is_some_and(|table| program.owns(table))) {
                layers.assign(format!("environment variable {name}"), &key.join("."), value)?;
            }
        }
        for flag in &sources.flags {
            let Some((key, value)) = flag.assignment.split_once('=') else {
                let problem = "expected a key and a value, e.g. --set audio.hop=128";
                return Err(Fault::plain(format!("{}: {problem}", flag.written)));
            };
            layers.assign(flag.written.clone(), key.trim(), value.trim())?;
        }
        Ok(layers)
    }

    /// A program's defaults and one more text, which messages call `origin`.
    ///
    /// # Errors
    /// If the text is not TOML, or the type of a value differs from its default.
    pub fn over_defaults(program: Program, origin: &str, text: &str) -> Result<Self, Fault> {
        let mut layers = Self::defaults(program)?;
        layers.push(Layer::text(origin.into(), text.into())?)?;
        Ok(layers)
    }

    /// One text without defaults, which messages call `origin`, for files that do not configure a program.
    ///
    /// # Errors
    /// If the text is not TOML.
    pub fn of_text(origin: &str, text: &str) -> Result<Self, Fault> {
        Ok(Self(vec![Layer::text(origin.into(), text.into())?]))
    }

    /// Merges all layers: tables key by key; lists are replaced.
    ///
    /// # Errors
    /// If a key is unknown or missing, or a value has the wrong type.
    pub fn deserialize<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        let builder =
            self.0.iter().fold(config::Config::builder(), |builder, layer| builder.add_source(layer.source()));
        builder.build().and_then(config::Config::try_deserialize).map_err(|error| self.explain("", error))
    }

    /// An error in the value at a path of keys, with the place where the strongest layer sets it, or else of the
    /// nearest table around it.
    pub fn fault(&self, path: &[impl AsRef<str>], problem: impl Into<String>) -> Fault {
        let path: Vec<String> = path.iter().map(|key| key.as_ref().to_owned()).collect();
        let found =
            self.0.iter().enumerate().filter_map(|(strength, layer)| Some((strength, layer, layer.locate(&path)?)));
        let best = found.max_by_key(|(strength, _, found)| (found.depth, *strength));
        Fault::new(best.map(|(_, layer, found)| layer.place(found)), path.join("."), problem.into())
    }

    /// An error of the configuration library in the table at `prefix`, reworded and with its place.
    pub fn explain(&self, prefix: &str, error: ConfigError) -> Fault {
        let (path, problem) = understand(error);
        self.fault(&[segments(prefix), path].concat(), problem)
    }

    fn defaults(program: Program) -> Result<Self, Fault> {
        Ok(Self(vec![Layer::text("the defaults".into(), program.defaults().into())?]))
    }

    fn assign(&mut self, origin: String, key: &str, value: &str) -> Result<(), Fault> {
        let layer = Layer::assignment(origin, key, value, &self.0[0])?;
        self.push(layer)
    }

    fn push(&mut self, layer: Layer) -> Result<(), Fault> {
        layer.check_kinds(&self.0[0])?;
        self.0.push(layer);
        Ok(())
    }
}
