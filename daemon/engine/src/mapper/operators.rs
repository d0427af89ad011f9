//! The operators, functions and constants of expressions. Angles are in radians; truth is 1, and 0 is not.

use super::Curve;
use super::program::Operation::{self, One, Three, Two};

/// A function and its name.
pub(super) struct Function {
    pub name: &'static str,
    pub operation: Operation,
}

const fn function(name: &'static str, operation: Operation) -> Function {
    Function { name, operation }
}

/// Every function.
pub(super) const FUNCTIONS: &[Function] = &[
    function("abs", One(f64::abs)),
    function("sign", One(f64::signum)),
    function("sin", One(f64::sin)),
    function("cos", One(f64::cos)),
    function("tan", One(f64::tan)),
    function("asin", One(f64::asin)),
    function("acos", One(f64::acos)),
    function("atan", One(f64::atan)),
    function("tanh", One(f64::tanh)),
    function("floor", One(f64::floor)),
    function("ceil", One(f64::ceil)),
    function("round", One(f64::round)),
    function("fract", One(f64::fract)),
    function("exp", One(f64::exp)),
    function("ln", One(f64::ln)),
    function("log2", One(f64::log2)),
    function("log10", One(f64::log10)),
    function("sqrt", One(f64::sqrt)),
    function("smooth", One(|x| Curve::Smooth.apply(x))),
    // A triangle: 0 at whole numbers, 1 halfway between. For phases.
    function("tri", One(|x| 1.0 - (2.0 * x.rem_euclid(1.0) - 1.0).abs())),
    function("min", Two(f64::min)),
    function("max", Two(f64::max)),
    function("mod", Two(f64::rem_euclid)),
    function("atan2", Two(f64::atan2)),
    function("step", Two(|edge, x| truth(x >= edge))),
    function("clamp", Three(|x, low, high| x.max(low).min(high))),
    function("mix", Three(|from, to, part| from + (to - from) * part)),
    // The branch not taken does not count, even if undefined.
    function("if", Three(|condition, yes, no| if condition >= 0.5 { yes } else { no })),
];

/// Constants by name.
pub(super) const CONSTANTS: &[(&str, f64)] =
    &[("pi", std::f64::consts::PI), ("tau", std::f64::consts::TAU), ("e", std::f64::consts::E)];

/// An operator between two operands.
pub(super) struct Between {
    pub sign: &'static str,
    /// The tighter it binds, the greater; operators of equal precedence are computed from left to right.
    pub precedence: u8,
    pub operation: Operation,
}

const fn between(sign: &'static str, precedence: u8, apply: fn(f64, f64) -> f64) -> Between {
    Between { sign, precedence, operation: Two(apply) }
}

/// Every operator between two operands except [`POWER`]; longer ones before those that they begin with.
pub(super) const BETWEEN: &[Between] = &[
    between("<=", 0, |a, b| truth(a <= b)),
    between(">=", 0, |a, b| truth(a >= b)),
    between("<", 0, |a, b| truth(a < b)),
    between(">", 0, |a, b| truth(a > b)),
    between("+", 1, |a, b| a + b),
    between("-", 1, |a, b| a - b),
    between("*", 2, |a, b| a * b),
    between("/", 2, |a, b| a / b),
    between("%", 2, f64::rem_euclid),
];

/// `^`, which binds tighter than the sign before it and is computed from right to left.
pub(super) const POWER: Operation = Two(f64::powf);

/// The sign before an operand.
pub(super) const MINUS: Operation = One(|x| -x);

fn truth(is: bool) -> f64 {
    f64::from(u8::from(is))
}
