//! Rules: which ones fire in a hop.
//!
//! The show's state holds their definitions; this module compiles them and keeps what only this daemon needs. The
//! progress of a rule is in the state too ([`Run`](downbeat_protocol::state::Run)), so that another daemon can
//! continue.
//!
//! | file | noun |
//! |---|---|
//! | `watch` | what fires a rule |
//! | `grid` | which rules fire at a moment of the beat |
//! | `choice` | which step a rule takes, and whether its pattern lets it act |
//! | `causes` | which rules led to the value of a parameter |

mod causes;
pub(crate) mod choice;
mod grid;
mod watch;

pub(crate) use causes::Causes;
pub(crate) use watch::Names;

use crate::MusicState;
use crate::mapper::Expression;
use downbeat_protocol::rule::{Rate, Rule};
use downbeat_protocol::{ShowState, ShowTime, Timeline};
use grid::Grid;
use std::collections::BTreeMap;
use std::sync::Arc;
use watch::{Sight, Watch};

/// A condition holds above this: a comparison yields 1 or 0.
const TRUE: f64 = 0.5;

/// All rules of a show, compiled.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules {
    compiled: BTreeMap<Arc<str>, Compiled>,
    grid: Grid,
    causes: Causes,
}

#[derive(Clone, Debug)]
struct Compiled {
    watch: Watch,
    condition: Option<Expression>,
    /// A copy from the state, so that no hop has to look it up.
    rate: Rate,
}

/// A rule that fired.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SetOff {
    /// Its name.
    pub rule: Arc<str>,
    /// Its place on the grid of beats, if it follows the grid.
    pub on_grid: Option<OnGrid>,
    /// Its moment, in row time: that of its place on the grid, or of its row.
    pub at: ShowTime,
    /// The rules and cues that led to it, in order.
    pub chain: Vec<String>,
}

/// A place on the grid of beats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OnGrid {
    /// The quarter of a beat, in the timeline's count of beats.
    pub quarter: i64,
    /// Cycles of the rule between the origin of the bars and here.
    pub cycle: i64,
}

/// A hop, as the rules see it.
#[derive(Clone, Copy)]
pub(crate) struct Hop<'a> {
    /// The row, with the parameters of the hop before.
    pub row: &'a [f32],
    /// When its last sample was captured.
    pub time: ShowTime,
    /// The present.
    pub now: ShowTime,
    /// The timeline.
    pub line: &'a Timeline,
    /// Whether beats are sent.
    pub beating: bool,
    /// Whether there is music.
    pub music: MusicState,
}

impl Rules {
    /// Compiles one rule.
    ///
    /// # Errors
    /// The part that does not compile, with its path of keys in the rule's table.
    pub fn check(rule: &Rule, names: Names<'_>) -> Result<(), (Vec<&'static str>, String)> {
        Compiled::new(rule, names).map(|_| ())
    }

    /// Sets or removes a rule. One that does not compile never acts; why is reported.
    pub fn define(&mut self, name: &str, state: &ShowState, names: Names<'_>) -> Result<(), String> {
        let Some(rule) = state.rules.get(name) else {
            self.compiled.remove(name);
            return Ok(());
        };
        match Compiled::new(rule, names) {
            Ok(compiled) => {
                self.compiled.insert(name.into(), Compiled { rate: state.rate(name), ..compiled });
                Ok(())
            }
            Err((_, why)) => {
                self.compiled.remove(name);
                Err(why)
            }
        }
    }

    /// Whether a rule compiled as it was last defined.
    pub fn is_compiled(&self, name: &str) -> bool {
        self.compiled.contains_key(name)
    }

    /// The show's time has gone back.
    pub fn forget_times(&mut self) {
        (self.grid, self.causes) = (Grid::default(), Causes::default());
    }

    /// Sets how often a rule acts.
    pub fn set_rate(&mut self, name: &str, rate: Rate) {
        if let Some(compiled) = self.compiled.get_mut(name) {
            compiled.rate = rate;
        }
    }

    /// Takes over another daemon's state. Unchanged rules keep watching.
    pub fn replace(&mut self, before: &ShowState, state: &ShowState, names: Names<'_>) {
        let all: Vec<&String> = before.rules.keys().chain(state.rules.keys()).collect();
        for name in all {
            if before.rules.get(name) != state.rules.get(name) {
                // The leader reports its rules' troubles.
                let _ = self.define(name, state, names);
            }
            self.set_rate(name, state.rate(name));
        }
    }

    /// Another daemon has led until `time`: everything due by then is done.
    pub fn pass(&mut self, line: &Timeline, time: ShowTime) {
        self.grid.pass(line, time);
    }

    /// Whether a rule's condition holds. One that is undefined (1/0) or does not compile does not.
    pub fn holds(&mut self, name: &str, row: &[f32], time: ShowTime) -> bool {
        let Some(compiled) = self.compiled.get_mut(name) else { return false };
        compiled
            .condition
            .as_mut()
            .is_none_or(|it| it.evaluate(row, time.as_secs_f64()).is_some_and(|value| value > TRUE))
    }

    /// The rules that led to the values of parameters.
    pub fn causes(&mut self) -> &mut Causes {
        &mut self.causes
    }

    /// Appends the rules that fire in a hop; none while another daemon leads. Allocates only when one fires.
    pub fn hop(&mut self, hop: Hop<'_>, state: &ShowState, leads: bool, out: &mut Vec<SetOff>) {
        let sight = Sight { row: hop.row, seconds: hop.time.as_secs_f64(), music: hop.music };
        for (name, compiled) in &mut self.compiled {
            if compiled.watch.look(sight) && leads {
                let chain = match &compiled.watch {
                    Watch::Level(level) => self.causes.of(&level.parameters, hop.now),
                    _ => Vec::new(),
                };
                out.push(SetOff { rule: Arc::clone(name), on_grid: None, at: hop.time, chain });
            }
        }
        if !leads {
            return;
        }
        if !hop.beating {
            return self.grid.rest();
        }
        // In row time, so that a condition finds its beat in the row, and a successor knows from the last row what was
        // done.
        while let Some(stretch) = self.grid.take(hop.line, hop.time) {
            let on_grid = self.compiled.iter().filter(|(_, compiled)| matches!(compiled.watch, Watch::Grid));
            for (name, compiled) in on_grid {
                let Some(rule) = state.rules.get(&**name) else { continue };
                let last = state.runs.get(&**name).and_then(|run| run.quarter);
                if let Some(place) = stretch.hit(hop.line, rule, compiled.rate, last) {
                    let at = place.due(hop.line);
                    out.push(SetOff { rule: Arc::clone(name), on_grid: Some(place), at, chain: Vec::new() });
                }
            }
        }
    }
}

impl Compiled {
    fn new(rule: &Rule, names: Names<'_>) -> Result<Self, (Vec<&'static str>, String)> {
        let inside = |(path, why): (Vec<&'static str>, String)| ([vec!["when"], path].concat(), why);
        let watch = Watch::new(&rule.when, names).map_err(inside)?;
        let condition = Some(rule.only_if.as_str()).filter(|text| !text.trim().is_empty());
        let condition = condition.map(|text| Expression::new(text, names.layout, names.known)).transpose();
        let condition = condition.map_err(|error| (vec!["if"], error.to_string()))?;
        Ok(Self { watch, condition, rate: Rate::One })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EngineConfig;
    use crate::layout::Layout;
    use crate::mapper::Mapper;
    use assert_no_alloc::{AllocDisabler, assert_no_alloc};
    use downbeat_protocol::rule::{Crossing, Occasion};
    use downbeat_protocol::{Signal, Unit};

    #[global_allocator]
    static ALLOCATOR: AllocDisabler = AllocDisabler;

    #[test]
    fn a_hop_in_which_nothing_is_set_off_allocates_nothing() {
        let scalar = |name: &str| Signal::scalar(name, Unit::Ratio, [0.0, 1.0]);
        let fields = ["level", "build-up", "drop-count", "section-count"].map(scalar).into();
        let config = EngineConfig { buses: vec!["main".into()], fields, ..EngineConfig::default() };
        let layout = Layout::new(&config).expect("lays out");
        let mapper = Mapper::new(&config, &layout).expect("maps");
        let known: Vec<String> = layout.schema.signals.iter().map(|signal| signal.name.clone()).collect();
        let crossing = Crossing { signal: "main.level".into(), value: 0.9, hysteresis: 0.1 };
        let occasions = [Occasion::Phrase, Occasion::Drop, Occasion::BuildUp, Occasion::Above(crossing)];
        let mut state = ShowState::default();
        let mut rules = Rules::default();
        for (number, when) in occasions.into_iter().enumerate() {
            let name = format!("rule{number}");
            state
                .rules
                .insert(name.clone(), Rule { when, every: 4096, only_if: "main.level > 1".into(), ..Rule::default() });
            let names = Names { layout: &layout, mapper: &mapper, known: &known };
            rules.define(&name, &state, names).expect("compiles");
        }
        let row = vec![0.5; layout.schema.width()];
        let line = Timeline::default();
        let mut set_off = Vec::new();
        assert_no_alloc(|| {
            for hop in 1..5000_i64 {
                let time = ShowTime(hop * 5_333_333);
                let hop = Hop { row: &row, time, now: time, line: &line, beating: true, music: MusicState::Playing };
                rules.hop(hop, &state, true, &mut set_off);
            }
        });
        assert!(set_off.is_empty());
    }
}
