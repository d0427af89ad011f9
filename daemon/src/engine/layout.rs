//! How a row is laid out: the fields of every bus, then musical time, then the parameters.

use super::roles::Roles;
use super::{EngineConfig, EngineError};
use downbeat_protocol::{Schema, Signal, Unit};
use std::collections::BTreeSet;
use std::ops::Range;

/// First parts of names that are not a bus'.
const RESERVED: [&str; 7] = ["tempo", "beat", "bar", "phrase", "music", "param", "time"];

/// Where everything stands in a row.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub schema: Schema,
    /// What each bus is for.
    pub roles: Roles,
    /// The columns of each bus.
    pub buses: Vec<Range<usize>>,
    /// For each column of a bus: what stands there while nothing is heard. `None` keeps what was: counters go on.
    pub rest: Vec<Option<f32>>,
    /// The first column of musical time; see [`Layout::MUSICAL`].
    pub musical: usize,
    /// The first column of the parameters, which follow in the order of their names.
    pub parameters: usize,
}

impl Layout {
    /// How many columns musical time takes.
    pub const MUSICAL: usize = 8;

    pub fn new(config: &EngineConfig) -> Result<Self, EngineError> {
        let mut signals = Vec::new();
        let mut buses = Vec::new();
        let mut at = 0;
        let width: usize = config.fields.iter().map(|field| usize::from(field.len)).sum();
        let mut seen = BTreeSet::new();
        for bus in &config.buses {
            check_bus(bus, &mut seen)?;
            signals.extend(
                config.fields.iter().map(|field| Signal { name: format!("{bus}.{}", field.name), ..field.clone() }),
            );
            buses.push(at..at + width);
            at += width;
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
            rest,
            musical,
            parameters,
        })
    }
}

/// Musical time, in the order in which the engine writes it.
fn musical_signals(config: &EngineConfig) -> [Signal; Layout::MUSICAL] {
    let [slow, fast] = config.tempo.range.map(|tempo| tempo as f32);
    let last_beat = f32::from(config.tempo.beats_per_bar.saturating_sub(1).max(1));
    let last_count = (Signal::COUNTER_WRAP - 1) as f32;
    [
        Signal::scalar("tempo.bpm", Unit::Bpm, [slow, fast]),
        Signal::scalar("tempo.confidence", Unit::Ratio, [0.0, 1.0]),
        Signal::scalar("beat.phase", Unit::Phase, [0.0, 1.0]),
        Signal::scalar("beat.count", Unit::Count, [0.0, last_count]),
        Signal::scalar("bar.phase", Unit::Phase, [0.0, 1.0]),
        Signal::scalar("bar.beat", Unit::Beats, [0.0, last_beat]),
        Signal::scalar("phrase.phase", Unit::Phase, [0.0, 1.0]),
        Signal::scalar("music.state", Unit::State, [0.0, 3.0]),
    ]
}

/// Nothing heard is the least of every level, and zero of what may be negative.
fn rest_of(field: &Signal) -> Option<f32> {
    let [low, high] = field.range;
    match field.unit {
        Unit::Count => None,
        Unit::Decibel | Unit::Lufs => Some(low),
        _ => Some(0.0_f32.clamp(low.min(high), high.max(low))),
    }
}

fn check_bus(bus: &str, seen: &mut BTreeSet<String>) -> Result<(), EngineError> {
    let why = if bus.is_empty() || !bus.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
        "a bus' name consists of letters, digits, - and _"
    } else if !bus.starts_with(|c: char| c.is_ascii_alphabetic()) {
        "a bus' name begins with a letter"
    } else if RESERVED.contains(&bus) {
        "this name is taken by the show's own signals"
    } else if !seen.insert(bus.to_owned()) {
        "there are two buses of this name"
    } else {
        return Ok(());
    };
    Err(EngineError::Bus { name: bus.into(), why })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bus_named_like_one_of_the_shows_own_signals_is_refused() {
        let config = EngineConfig { buses: vec!["tempo".into()], ..EngineConfig::default() };
        let error = Layout::new(&config).expect_err("reserved");
        assert_eq!(error.to_string(), "bus `tempo`: this name is taken by the show's own signals");
    }

    #[test]
    fn the_places_agree_with_the_schema() {
        let mut mel = Signal::scalar("mel", Unit::Ratio, [0.0, 1.0]);
        mel.len = 3;
        let mut config = EngineConfig {
            buses: vec!["main".into(), "drums".into()],
            fields: vec![mel, Signal::scalar("loud", Unit::Lufs, [-70.0, 0.0])],
            ..EngineConfig::default()
        };
        config.parameters.insert("glow".into(), Default::default());
        let layout = Layout::new(&config).expect("lays out");
        let place = |name| layout.schema.find(name).map(|(place, _)| place);
        assert_eq!(layout.buses, [0..4, 4..8]);
        assert_eq!(place("drums.loud"), Some(7));
        assert_eq!(place("tempo.bpm"), Some(layout.musical));
        assert_eq!(place("param.glow"), Some(layout.parameters));
        assert_eq!(layout.rest, [Some(0.0), Some(0.0), Some(0.0), Some(-70.0)]);
    }
}
