//! Errors in an expression.

/// An error in an expression, its place, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{mistake} (column {column} of `{text}`)")]
pub struct ExpressionError {
    /// The whole expression.
    pub text: String,
    /// Its column, counted from 1.
    pub column: usize,
    /// The error.
    pub mistake: Mistake,
}

/// An error in an expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mistake {
    /// A name that is neither a signal nor a function.
    #[error("unknown name `{name}`; {hint}")]
    Unknown {
        /// The name.
        name: String,
        /// The likely intention.
        hint: String,
    },
    /// Several numbers where one is needed.
    #[error("`{name}` has {len} numbers; choose one: `{name}[0]` to `{name}[{}]`", len - 1)]
    Vector {
        /// The signal.
        name: String,
        /// Its length.
        len: usize,
    },
    /// Too many or too few arguments.
    #[error("`{function}` takes {expected} argument{}, not {given}", if *expected == 1 { "" } else { "s" })]
    Arguments {
        /// The function.
        function: &'static str,
        /// How many arguments it takes.
        expected: usize,
        /// How many were given.
        given: usize,
    },
    /// Something that begins like a number and is not one.
    #[error("`{found}` is not a number")]
    NoNumber {
        /// The text there.
        found: String,
    },
    /// Two operands beside each other.
    #[error("an operator such as + or * is missing before `{found}`")]
    NoOperator {
        /// The text there.
        found: String,
    },
    /// An operator without an operand.
    #[error("a number or a name is missing before `{found}`")]
    NoOperand {
        /// The text there.
        found: String,
    },
    /// Nothing after an operator or a parenthesis.
    #[error("a number or a name is missing at the end")]
    EndsEarly,
    /// A parenthesis is not closed.
    #[error("a closing parenthesis is missing")]
    Unclosed,
    /// A closing parenthesis without an opening one.
    #[error("there is no opening parenthesis for this one")]
    Unopened,
    /// More steps than a hop should compute.
    #[error("the expression is too long; make a parameter of a part of it and use that as `param.NAME`")]
    TooLong,
}
