//! Turns signals into parameters: expression → curve → attack and release → range.
//!
//! Names are resolved and expressions compiled when the mapper is built; afterwards nothing is looked up by name and
//! nothing is allocated.

mod curve;
mod envelope;
mod error;
mod expression;
mod notation;
mod operators;
mod order;
mod program;

pub use curve::Curve;
pub use error::{ExpressionError, Mistake};
pub(crate) use expression::Expression;

use super::layout::Layout;
use super::{EngineConfig, EngineError, ParameterConfig};
use downbeat_protocol::ShowTime;
use downbeat_protocol::fade::Fade;
use envelope::Envelope;
use std::collections::BTreeMap;

/// Maximum time between two hops for an envelope, in seconds: after a longer gap it jumps to its target.
const LONGEST_STEP_S: f64 = 1.0;

/// All parameters of a show.
#[derive(Clone, Debug)]
pub struct Mapper {
    /// In the order of their names, as in the row.
    parameters: Vec<Parameter>,
    /// The order in which they are computed.
    order: Vec<usize>,
    /// The column of the first parameter.
    first: usize,
    last: Option<ShowTime>,
}

/// Parameters that hands and cues have taken from the mappings.
#[derive(Clone, Copy, Debug)]
pub struct InHand<'a> {
    /// The value of each parameter, or the end value of its fade.
    pub values: &'a BTreeMap<String, f32>,
    /// The fades on their way, by address.
    pub fades: &'a BTreeMap<String, Fade>,
}

impl InHand<'_> {
    fn value(&self, parameter: &Parameter, time: ShowTime) -> Option<f32> {
        let value = *self.values.get(&parameter.name)?;
        Some(self.fades.get(&parameter.address).map_or(value, |fade| fade.at(time)))
    }
}

#[derive(Clone, Debug)]
struct Parameter {
    name: String,
    /// Where a hand set it.
    address: String,
    expression: Option<Expression>,
    curve: Curve,
    envelope: Envelope,
    range: [f64; 2],
    /// Its value at rest, as a part of the range.
    default: f64,
    /// The last value of the expression, as a part of the range.
    wanted: f64,
}

impl Mapper {
    /// Builds the mapper of a configuration, for rows laid out as by an engine with the same configuration.
    pub fn of(config: &EngineConfig) -> Result<Self, EngineError> {
        Self::new(config, &Layout::new(config)?)
    }

    pub(super) fn new(config: &EngineConfig, layout: &Layout) -> Result<Self, EngineError> {
        let known: Vec<String> = layout.schema.signals.iter().map(|signal| signal.name.clone()).collect();
        let parameters = config
            .parameters
            .iter()
            .map(|(name, parameter)| Parameter::new(name, parameter, layout, &known))
            .collect::<Result<Vec<_>, _>>()?;
        let uses: Vec<Vec<usize>> = parameters.iter().map(|parameter| parameter.uses(layout.parameters)).collect();
        let order = order::order(&uses).map_err(|circle| EngineError::Circle {
            names: circle.into_iter().map(|place| parameters[place].name.clone()).collect(),
        })?;
        Ok(Self { parameters, order, first: layout.parameters, last: None })
    }

    /// The parameters that columns of the row are, or derive from through any number of others; each once.
    pub(crate) fn behind(&self, columns: impl Iterator<Item = usize>) -> Vec<usize> {
        let mut waiting: Vec<usize> = columns.filter_map(|column| column.checked_sub(self.first)).collect();
        let mut found = Vec::new();
        while let Some(place) = waiting.pop() {
            if !found.contains(&place) {
                found.push(place);
                waiting.extend(self.parameters.get(place).iter().flat_map(|parameter| parameter.uses(self.first)));
            }
        }
        found
    }

    /// Continues where another mapper is: parameters of the same name go on from their values.
    pub(crate) fn go_on_from(&mut self, before: &Self) {
        self.last = before.last;
        for parameter in &mut self.parameters {
            let Some(old) = before.parameters.iter().find(|old| old.name == parameter.name) else { continue };
            let part = part_of(parameter.range, old.at(old.envelope.value()));
            parameter.envelope.set(part);
            parameter.wanted = if parameter.expression.is_some() { part } else { parameter.default };
        }
    }

    /// The index of a parameter, in the order of names.
    pub(crate) fn place(&self, name: &str) -> Option<usize> {
        self.parameters.iter().position(|parameter| parameter.name == name)
    }

    /// The length of a row.
    pub fn width(&self) -> usize {
        self.first + self.parameters.len()
    }

    /// Writes every parameter as it is before the first hop into a row.
    pub(crate) fn rest(&self, row: &mut [f32]) {
        for (column, parameter) in row[self.first..].iter_mut().zip(&self.parameters) {
            *column = parameter.stand_still() as f32;
        }
    }

    /// Writes every parameter into the row, whose signals must be set. Realtime-safe: yes.
    ///
    /// `in_hand` parameters stay where the hand put them, or fade there; while `frozen`, the others stay where they
    /// are.
    pub fn map(&mut self, row: &mut [f32], time: ShowTime, in_hand: &InHand<'_>, frozen: bool) {
        let step = self.last.map_or(0.0, |last| time.since(last) as f64 * 1e-9).clamp(0.0, LONGEST_STEP_S);
        self.last = Some(time);
        for place in &self.order {
            let parameter = &mut self.parameters[*place];
            let value = match in_hand.value(parameter, time) {
                Some(value) => parameter.take_in_hand(f64::from(value)),
                None if frozen => parameter.stand_still(),
                None => parameter.follow(row, time, step),
            };
            row[self.first + place] = value as f32;
        }
    }
}

impl Parameter {
    fn new(name: &str, config: &ParameterConfig, layout: &Layout, known: &[String]) -> Result<Self, EngineError> {
        check(name, config)?;
        let expression = config.expression.as_deref().map(|text| Expression::new(text, layout, known));
        let expression =
            expression.transpose().map_err(|error| EngineError::Expression { name: name.into(), error })?;
        let range = config.range.map(f64::from);
        let default = part_of(range, config.default.map_or(range[0], f64::from));
        let envelope = Envelope::new(config.attack_ms, config.release_ms, default);
        let address = format!("/param/{name}");
        let (name, curve) = (name.into(), config.curve);
        Ok(Self { name, address, expression, curve, envelope, range, default, wanted: default })
    }

    /// The parameters that its expression reads; `first` is the column of the first parameter.
    fn uses(&self, first: usize) -> Vec<usize> {
        let columns = self.expression.iter().flat_map(Expression::columns);
        columns.filter_map(|column| column.checked_sub(first)).collect()
    }

    fn follow(&mut self, row: &[f32], time: ShowTime, step: f64) -> f64 {
        let heard = self.expression.as_mut().map(|expression| expression.evaluate(row, time.as_secs_f64()));
        match heard {
            Some(Some(value)) => self.wanted = self.curve.apply(value),
            Some(None) => {}
            None => self.wanted = self.default,
        }
        let part = self.envelope.follow(self.wanted, step);
        self.at(part)
    }

    fn stand_still(&self) -> f64 {
        let part = self.envelope.value();
        self.at(part)
    }

    /// The envelope follows along, so that a released parameter continues from where the hand left it.
    fn take_in_hand(&mut self, value: f64) -> f64 {
        let part = part_of(self.range, value);
        self.envelope.set(part);
        self.at(part)
    }

    fn at(&self, part: f64) -> f64 {
        let [from, to] = self.range;
        from + (to - from) * part
    }
}

/// The position of a value in the range, `[0, 1]`.
fn part_of([from, to]: [f64; 2], value: f64) -> f64 {
    if from == to { 0.0 } else { ((value - from) / (to - from)).clamp(0.0, 1.0) }
}

fn check(name: &str, config: &ParameterConfig) -> Result<(), EngineError> {
    let wrong = |key, why: &str| Err(EngineError::Parameter { name: name.into(), key, why: why.into() });
    let letters = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic())
            && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    };
    if !name.split('.').all(letters) {
        return wrong("", "a parameter's name consists of letters, digits, - and _, with dots between its parts");
    }
    if !config.range.iter().all(|end| end.is_finite()) {
        return wrong("range", "both ends of a range are numbers");
    }
    if !(config.attack_ms >= 0.0 && config.attack_ms.is_finite()) {
        return wrong("attack-ms", "a time in milliseconds is zero or more");
    }
    if !(config.release_ms >= 0.0 && config.release_ms.is_finite()) {
        return wrong("release-ms", "a time in milliseconds is zero or more");
    }
    let [from, to] = config.range;
    match config.default {
        Some(default) if !(from.min(to)..=from.max(to)).contains(&default) => {
            wrong("default", &format!("{default} is outside the range {from} to {to}"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
