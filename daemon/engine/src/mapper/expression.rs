//! One compiled expression.

use super::notation::{Notation, read};
use super::program::Program;
use super::{ExpressionError, Mistake};
use crate::layout::Layout;
use crate::roles::Roles;
use downbeat_protocol::Schema;

/// What a name in an expression stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Variable {
    /// A column of the row.
    Column(usize),
    /// Seconds of show time.
    Time,
}

/// Mathematics over the numbers of a row, compiled, with its names resolved.
#[derive(Clone, Debug)]
pub(crate) struct Expression {
    program: Program,
    variables: Vec<Variable>,
}

impl Expression {
    /// Compiles `text`. Its names are signals of the layout, or of buses that are gone from it.
    pub fn new(text: &str, layout: &Layout, known: &[String]) -> Result<Self, ExpressionError> {
        let schema = &layout.schema;
        let lookup = |name: &str| {
            let stand_in = || layout.roles.stand_ins(name).iter().find_map(|name| variable(name, schema));
            variable(name, schema).or_else(stand_in)
        };
        let notation = read(text, lookup, known).map_err(|error| {
            let error = explain_vector(error, layout);
            explain_stand_in(error, &layout.roles, known)
        })?;
        let Notation { program, variables } = notation;
        Ok(Self { program, variables })
    }

    /// The columns that it reads.
    pub fn columns(&self) -> impl Iterator<Item = usize> {
        self.variables.iter().filter_map(|variable| match variable {
            Variable::Column(column) => Some(*column),
            Variable::Time => None,
        })
    }

    /// Its value; `None` if undefined: division by zero, the root of a negative number. Realtime-safe: yes.
    pub fn evaluate(&mut self, row: &[f32], seconds: f64) -> Option<f64> {
        let Self { program, variables } = self;
        let value = program.evaluate(|place| match variables[place] {
            Variable::Column(column) => row.get(column).copied().map_or(0.0, f64::from),
            Variable::Time => seconds,
        });
        Some(value).filter(|value| value.is_finite())
    }
}

/// `main.rms`, `main.mel[3]`, `main.mel.3`, `time`.
fn variable(name: &str, schema: &Schema) -> Option<Variable> {
    if name == "time" {
        return Some(Variable::Time);
    }
    if let Some((place, signal)) = schema.find(name) {
        return (signal.len == 1).then_some(Variable::Column(place));
    }
    let (vector, index) = match name.strip_suffix(']') {
        Some(inside) => inside.rsplit_once('[')?,
        None => name.rsplit_once('.')?,
    };
    let index: u16 = index.parse().ok()?;
    let (place, signal) = schema.find(vector)?;
    (index < signal.len).then(|| Variable::Column(place + usize::from(index)))
}

/// A vector without an index: the name is known, so say what is missing.
fn explain_vector(error: ExpressionError, layout: &Layout) -> ExpressionError {
    let Mistake::Unknown { name, .. } = &error.mistake else { return error };
    let stem = name.split('[').next().unwrap_or(name);
    let stem = match stem.rsplit_once('.') {
        Some((stem, index)) if index.parse::<u16>().is_ok() => stem,
        _ => stem,
    };
    let found = |name: &str| layout.schema.find(name);
    match found(stem).or_else(|| layout.roles.stand_ins(stem).iter().find_map(|name| found(name))) {
        Some((_, signal)) if signal.len > 1 => {
            let mistake = Mistake::Vector { name: stem.into(), len: usize::from(signal.len) };
            ExpressionError { mistake, ..error }
        }
        _ => error,
    }
}

/// An unknown name of a missing bus, with the hint in that bus's names.
fn explain_stand_in(error: ExpressionError, roles: &Roles, known: &[String]) -> ExpressionError {
    let Mistake::Unknown { name, .. } = &error.mistake else { return error };
    match roles.nearest(name, known) {
        Some(near) => {
            let mistake = Mistake::Unknown { name: name.clone(), hint: format!("did you mean `{near}`?") };
            ExpressionError { mistake, ..error }
        }
        None => error,
    }
}
