//! The operators and functions of expressions.
//!
//! [`FUNCTIONS`] says what each function becomes in the text that is handed to exmex. exmex knows functions of one
//! operand and operators between two; so a call with several arguments is written out with those, fully in
//! parentheses, and nothing depends on how exmex reads commas.

use exmex::{BinOp, FloatOpsFactory, MakeOperators, Operator};

/// A function as the user writes it.
pub(super) struct Function {
    pub name: &'static str,
    /// How it is written out: `$0`, `$1`, `$2` stand for the arguments, each in parentheses.
    pub form: &'static str,
    pub arguments: usize,
}

const fn function(name: &'static str, arguments: usize, form: &'static str) -> Function {
    Function { name, form, arguments }
}

/// Every function. Angles are in radians.
pub(super) const FUNCTIONS: &[Function] = &[
    function("abs", 1, "abs$0"),
    function("sign", 1, "signum$0"),
    function("sin", 1, "sin$0"),
    function("cos", 1, "cos$0"),
    function("tan", 1, "tan$0"),
    function("asin", 1, "asin$0"),
    function("acos", 1, "acos$0"),
    function("atan", 1, "atan$0"),
    function("tanh", 1, "tanh$0"),
    function("floor", 1, "floor$0"),
    function("ceil", 1, "ceil$0"),
    function("round", 1, "round$0"),
    function("fract", 1, "fract$0"),
    function("exp", 1, "exp$0"),
    function("ln", 1, "ln$0"),
    function("log2", 1, "log2$0"),
    function("log10", 1, "log10$0"),
    function("sqrt", 1, "sqrt$0"),
    function("smooth", 1, "smooth$0"),
    function("tri", 1, "tri$0"),
    function("min", 2, "$0 min $1"),
    function("max", 2, "$0 max $1"),
    function("mod", 2, "$0 % $1"),
    function("atan2", 2, "$0 atan2 $1"),
    function("step", 2, "$1 >= $0"),
    function("clamp", 3, "($0 max $1) min $2"),
    function("mix", 3, "$0+($1-$0)*$2"),
    function("if", 3, "($0 then $1)+($0 else $2)"),
];

/// Constants by name.
pub(super) const CONSTANTS: &[(&str, f64)] =
    &[("pi", std::f64::consts::PI), ("tau", std::f64::consts::TAU), ("e", std::f64::consts::E)];

/// Operators between two operands, as the user writes them; longer ones before those that they begin with.
pub(super) const BETWEEN: &[&str] = &["<=", ">=", "<", ">", "+", "-", "*", "/", "%", "^"];

/// exmex's functions with the usual precedence (its own puts `/` above `*`) and ours.
#[derive(Clone, Debug)]
pub(super) struct Operators;

impl MakeOperators<f64> for Operators {
    fn make<'a>() -> Vec<Operator<'a, f64>> {
        let mut operators: Vec<Operator<'a, f64>> = FloatOpsFactory::<f64>::make();
        operators.retain(|operator| !operator.has_bin() && operator.constant().is_none());
        let between = |name, prio, apply| Operator::make_bin(name, BinOp { apply, prio, is_commutative: false });
        operators.extend([
            between("<=", 0, |a, b| truth(a <= b)),
            between(">=", 0, |a, b| truth(a >= b)),
            between("<", 0, |a, b| truth(a < b)),
            between(">", 0, |a, b| truth(a > b)),
            between("+", 1, |a, b| a + b),
            Operator::make_bin_unary("-", BinOp { apply: |a, b| a - b, prio: 1, is_commutative: false }, |a| -a),
            between("*", 2, |a, b| a * b),
            between("/", 2, |a, b| a / b),
            between("%", 2, f64::rem_euclid),
            between("^", 3, f64::powf),
            between("min", 4, f64::min),
            between("max", 4, f64::max),
            between("atan2", 4, f64::atan2),
            // The branch that is not taken must not count, even when it is no number.
            between("then", 4, |condition, value| if condition >= 0.5 { value } else { 0.0 }),
            between("else", 4, |condition, value| if condition >= 0.5 { 0.0 } else { value }),
            Operator::make_unary("smooth", |x| super::Curve::Smooth.apply(x)),
            // A triangle: 0 at whole numbers, 1 halfway between. For phases.
            Operator::make_unary("tri", |x| 1.0 - (2.0 * x.rem_euclid(1.0) - 1.0).abs()),
        ]);
        operators
    }
}

fn truth(is: bool) -> f64 {
    f64::from(u8::from(is))
}
