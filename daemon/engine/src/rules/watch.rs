//! What fires a rule, with names resolved and expressions compiled.

use crate::MusicState;
use crate::layout::Layout;
use crate::mapper::{Expression, Mapper};
use downbeat_protocol::Signal;
use downbeat_protocol::rule::{Crossing, Occasion};

/// A build-up starts at the first of these, and can start again below the second.
const BUILD_UP: [f64; 2] = [0.5, 0.25];
/// A counter that steps by more than this was reset, by a restarted analyser.
const STEPS: i64 = 4;

/// Watches for what fires a rule.
#[derive(Clone, Debug)]
pub(super) enum Watch {
    /// Its address, or nothing.
    Nothing,
    /// Every cycle of the grid of beats.
    Grid,
    /// A counter of the row that steps.
    Counter { column: usize, last: Option<i64> },
    /// The music enters this state.
    Music { state: MusicState, was: Option<bool> },
    /// A signal crosses a value.
    Level(Box<Level>),
}

/// A signal that crosses a value.
#[derive(Clone, Debug)]
pub(super) struct Level {
    expression: Expression,
    /// The parameters that it depends on.
    pub parameters: Vec<usize>,
    /// Upwards or downwards.
    above: bool,
    value: f64,
    hysteresis: f64,
    /// Whether it has fallen back far enough; unknown before the first look.
    armed: Option<bool>,
}

/// What a hop's watches look at.
#[derive(Clone, Copy)]
pub(super) struct Sight<'a> {
    pub row: &'a [f32],
    pub seconds: f64,
    pub music: MusicState,
}

/// The names and places for compiling a rule.
#[derive(Clone, Copy)]
pub(crate) struct Names<'a> {
    pub layout: &'a Layout,
    pub mapper: &'a Mapper,
    /// The names of all signals, for messages.
    pub known: &'a [String],
}

impl Watch {
    /// Errors carry the keys that lead to them.
    pub fn new(occasion: &Occasion, names: Names<'_>) -> Result<Self, (Vec<&'static str>, String)> {
        let music = |state| Ok(Self::Music { state, was: None });
        match occasion {
            Occasion::Key | Occasion::Unknown(_) => Ok(Self::Nothing),
            Occasion::Beat | Occasion::Bar | Occasion::Phrase => Ok(Self::Grid),
            Occasion::Drop => Ok(Self::counter("drop-count", names)),
            Occasion::Section => Ok(Self::counter("section-count", names)),
            Occasion::BuildUp => Ok(Self::build_up(names)),
            Occasion::Playing => music(MusicState::Playing),
            Occasion::Breakdown => music(MusicState::Breakdown),
            Occasion::Silence => music(MusicState::Silence),
            Occasion::NoSignal => music(MusicState::NoSignal),
            Occasion::Above(crossing) => {
                Self::level(crossing, true, names).map_err(|why| (vec!["above", "signal"], why))
            }
            Occasion::Below(crossing) => {
                Self::level(crossing, false, names).map_err(|why| (vec!["below", "signal"], why))
            }
        }
    }

    /// The first bus reports drops. A rig without buses never has one.
    fn counter(name: &str, names: Names<'_>) -> Self {
        let found = names.layout.of_first_bus(name);
        found.map_or(Self::Nothing, |(_, column)| Self::Counter { column, last: None })
    }

    fn build_up(names: Names<'_>) -> Self {
        let Some((signal, _)) = names.layout.of_first_bus("build-up") else { return Self::Nothing };
        let [value, back] = BUILD_UP;
        let crossing = Crossing { signal: signal.into(), value, hysteresis: value - back };
        Self::level(&crossing, true, names).unwrap_or(Self::Nothing)
    }

    fn level(crossing: &Crossing, above: bool, names: Names<'_>) -> Result<Self, String> {
        let compiled = Expression::new(&crossing.signal, names.layout, names.known);
        let expression = compiled.map_err(|error| error.to_string())?;
        let parameters = names.mapper.behind(expression.columns());
        let Crossing { value, hysteresis, .. } = *crossing;
        Ok(Self::Level(Box::new(Level { expression, parameters, above, value, hysteresis, armed: None })))
    }

    /// Whether the awaited event happens in this hop. Realtime-safe: yes.
    pub fn look(&mut self, sight: Sight<'_>) -> bool {
        match self {
            Self::Nothing | Self::Grid => false,
            Self::Counter { column, last } => {
                let now = sight.row.get(*column).map_or(0, |count| *count as i64);
                let before = last.replace(now);
                before
                    .is_some_and(|before| (1..=STEPS).contains(&(now - before).rem_euclid(Signal::COUNTER_WRAP as i64)))
            }
            Self::Music { state, was } => {
                let is = sight.music == *state;
                was.replace(is) == Some(false) && is
            }
            Self::Level(level) => level.look(sight),
        }
    }
}

impl Level {
    fn look(&mut self, sight: Sight<'_>) -> bool {
        let Some(value) = self.expression.evaluate(sight.row, sight.seconds) else { return false };
        let (there, back) = if self.above {
            (value >= self.value, value < self.value - self.hysteresis)
        } else {
            (value <= self.value, value > self.value + self.hysteresis)
        };
        match self.armed {
            Some(true) if there => {
                self.armed = Some(false);
                true
            }
            // A value above the threshold from the start has not crossed it.
            None => {
                self.armed = Some(!there);
                false
            }
            Some(false) if back => {
                self.armed = Some(true);
                false
            }
            _ => false,
        }
    }
}
