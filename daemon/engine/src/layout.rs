//! The layout of a row: the fields of every bus, the notes of every source, musical time, the parameters.

use super::roles::Roles;
use super::{EngineConfig, EngineError};
use crate::notes;
use downbeat_protocol::{Schema, Signal, Unit, tree};
use std::collections::BTreeSet;
use std::ops::Range;

/// The columns of a row.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub schema: Schema,
    /// The role of each bus.
    pub roles: Roles,
    /// The columns of each bus.
    pub buses: Vec<Range<usize>>,
    /// The columns of each source of notes.
    pub note_sources: Vec<Range<usize>>,
    /// The resting value of each column of a bus. `None` keeps the last value: counters continue.
    pub rest: Vec<Option<f32>>,
    /// The first column of musical time; see [`Layout::MUSICAL`].
    pub musical: usize,
    /// The first column of the parameters, which follow in the order of their names.
    pub parameters: usize,
}

impl Layout {
    /// The number of columns of musical time.
    pub const MUSICAL: usize = 12;

    pub fn new(config: &EngineConfig) -> Result<Self, EngineError> {
        let mut signals = Vec::new();
        let mut buses = Vec::new();
        let mut at = 0;
        let width: usize = config.fields.iter().map(|field| usize::from(field.len)).sum();
        let mut seen = BTreeSet::new();
        for bus in &config.buses {
            check_bus(bus, &mut seen)?;
            signals.extend(named(bus, &config.fields));
            buses.push(at..at + width);
            at += width;
        }
        let notes = notes::fields();
        let mut note_sources = Vec::new();
        for source in &config.note_sources {
            check(source, &mut seen).map_err(|why| EngineError::NoteSource { name: source.clone(), why })?;
            signals.extend(named(source, &notes));
            note_sources.push(at..at + notes::WIDTH);
            at += notes::WIDTH;
        }
        let musical = at;
        signals.extend(musical_signals(config));
        let parameters = musical + Self::MUSICAL;
        signals.extend(config.parameters.iter().map(|(name, parameter)| {
            let [from, to] = parameter.range;
            Signal::scalar(format!("param.{name}"), Unit::Ratio, [from.min(to), from.max(to)])
        }));
        let rest = config.fields.iter().flat_map(|field| vec![rest_of(field); usize::from(field.len)]).collect();
        Ok(Self {
            schema: Schema { signals },
            roles: Roles::new(&config.buses, &config.roles),
            buses,
            note_sources,
            rest,
            musical,
            parameters,
        })
    }
}

impl Layout {
    /// The name and column of such a signal on the first bus that has it.
    pub fn of_first_bus(&self, name: &str) -> Option<(&str, usize)> {
        let found =
            self.schema.places().find(|(_, signal)| signal.name.split_once('.').is_some_and(|(_, own)| own == name));
        found.map(|(column, signal)| (signal.name.as_str(), column))
    }
}

/// The signals of a bus or source, with its name before theirs.
fn named(first: &str, fields: &[Signal]) -> impl Iterator<Item = Signal> {
    fields.iter().map(move |field| Signal { name: format!("{first}.{}", field.name), ..field.clone() })
}

/// Musical time, in the order in which the engine writes it.
fn musical_signals(config: &EngineConfig) -> [Signal; Layout::MUSICAL] {
    let [slow, fast] = config.tempo.range.map(|tempo| tempo as f32);
    let last_beat = f32::from(config.tempo.beats_per_bar.saturating_sub(1).max(1));
    let last_count = (Signal::COUNTER_WRAP - 1) as f32;
    [
        Signal::scalar("tempo.bpm", Unit::Bpm, [slow, fast]),
        Signal::scalar("tempo.confidence", Unit::Ratio, [0.0, 1.0]),
        Signal::scalar("tempo.level-confidence", Unit::Ratio, [0.0, 1.0]),
        Signal::scalar("tempo.phase-confidence", Unit::Ratio, [0.0, 1.0]),
        Signal::scalar("tempo.locked", Unit::State, [0.0, 1.0]),
        Signal::scalar("beat.phase", Unit::Phase, [0.0, 1.0]),
        Signal::scalar("beat.count", Unit::Count, [0.0, last_count]),
        Signal::scalar("bar.phase", Unit::Phase, [0.0, 1.0]),
        Signal::scalar("bar.beat", Unit::Beats, [0.0, last_beat]),
        Signal::scalar("bar.confidence", Unit::Ratio, [0.0, 1.0]),
        Signal::scalar("phrase.phase", Unit::Phase, [0.0, 1.0]),
        Signal::scalar("music.state", Unit::State, [0.0, 3.0]),
    ]
}

/// The resting value is the minimum of a level, and zero for a signed signal.
fn rest_of(field: &Signal) -> Option<f32> {
    let [low, high] = field.range;
    match field.unit {
        Unit::Count => None,
        Unit::Decibel | Unit::Lufs => Some(low),
        _ => Some(0.0_f32.clamp(low.min(high), high.max(low))),
    }
}

fn check_bus(bus: &str, seen: &mut BTreeSet<String>) -> Result<(), EngineError> {
    check(bus, seen).map_err(|why| EngineError::Bus { name: bus.into(), why })
}

/// Why a name cannot be the first part of signals' names. A valid one is added to `seen`.
fn check(name: &str, seen: &mut BTreeSet<String>) -> Result<(), &'static str> {
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
        Err("the name of a bus or source may contain letters, digits, - and _")
    } else if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        Err("the name of a bus or source must begin with a letter")
    } else if tree::is_reserved(name) {
        Err("this name is reserved for the show's own signals")
    } else if !seen.insert(name.to_owned()) {
        Err("another bus or source has this name")
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bus_named_like_one_of_the_shows_own_signals_is_refused() {
        let config = EngineConfig { buses: vec!["tempo".into()], ..EngineConfig::default() };
        let error = Layout::new(&config).expect_err("reserved");
        assert_eq!(error.to_string(), "bus `tempo`: this name is reserved for the show's own signals");
    }

    #[test]
    fn a_source_of_notes_named_like_a_bus_is_refused() {
        let config =
            EngineConfig { buses: vec!["main".into()], note_sources: vec!["main".into()], ..EngineConfig::default() };
        let error = Layout::new(&config).expect_err("taken");
        assert_eq!(error.to_string(), "midi-source `main`: another bus or source has this name");
        assert_eq!(error.path(), ["midi-source", "main"]);
    }

    #[test]
    fn the_places_agree_with_the_schema() {
        let mut mel = Signal::scalar("mel", Unit::Ratio, [0.0, 1.0]);
        mel.len = 3;
        let mut config = EngineConfig {
            buses: vec!["main".into(), "drums".into()],
            fields: vec![mel, Signal::scalar("loud", Unit::Lufs, [-70.0, 0.0])],
            note_sources: vec!["keys".into()],
            ..EngineConfig::default()
        };
        config.parameters.insert("glow".into(), Default::default());
        let layout = Layout::new(&config).expect("lays out");
        let place = |name| layout.schema.find(name).map(|(place, _)| place);
        assert_eq!(layout.buses, [0..4, 4..8]);
        assert_eq!(place("drums.loud"), Some(7));
        assert_eq!(place("keys.note"), Some(layout.note_sources[0].start));
        assert_eq!(place("keys.chroma").map(|first| first + 12), Some(layout.musical));
        assert_eq!(place("tempo.bpm"), Some(layout.musical));
        assert_eq!(place("param.glow"), Some(layout.parameters));
        assert_eq!(layout.rest, [Some(0.0), Some(0.0), Some(0.0), Some(-70.0)]);
    }
}
