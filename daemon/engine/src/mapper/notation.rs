//! Reads an expression as people write it, and compiles it in the same pass.
//!
//! Names may have dots and hyphens (`main.onset-count.low`) and an index (`mel[3]`); `-x^2` is −(x²). Every error
//! carries its place, so that the message can say what to do.
//!
//! ```text
//! sum     = operand { between operand }            between: + - * / % < > <= >=, by precedence
//! operand = ( "-" | "+" ) operand | power
//! power   = primary [ "^" operand ]
//! primary = number | name | name "(" sum { "," sum } ")" | "(" sum ")"
//! ```

use super::operators::{BETWEEN, Between, CONSTANTS, FUNCTIONS, Function, MINUS, POWER};
use super::program::Program;
use super::{ExpressionError, Mistake};
use downbeat_protocol::nearest::hint;

/// Maximum steps of a program: a longer mapping is a mistake of whatever generated it, and costs time in every hop.
const STEPS: usize = 1000;

/// Maximum nesting of parentheses; deeper ones are a mistake, and could exhaust the stack of this parser.
const DEPTH: usize = 64;

/// A compiled expression.
#[derive(Debug)]
pub(super) struct Notation<V> {
    pub program: Program,
    /// What the program's variables stand for.
    pub variables: Vec<V>,
}

/// Compiles `text`. `lookup` finds the variable of a name; `known` lists all names, for the hint about an unknown one.
pub(super) fn read<'a, V: PartialEq, L: Fn(&str) -> Option<V>>(
    text: &'a str,
    lookup: L,
    known: &'a [String],
) -> Result<Notation<V>, ExpressionError> {
    let mut reader =
        Reader { text, at: 0, depth: 0, lookup, known, program: Program::default(), variables: Vec::new() };
    reader.sum()?;
    match reader.rest().chars().next() {
        None => Ok(Notation { program: reader.program, variables: reader.variables }),
        Some(')') => Err(reader.mistake(Mistake::Unopened)),
        Some(_) => Err(reader.no_operator()),
    }
}

struct Reader<'a, V, L> {
    text: &'a str,
    at: usize,
    depth: usize,
    lookup: L,
    known: &'a [String],
    program: Program,
    variables: Vec<V>,
}

type Done = Result<(), ExpressionError>;

impl<'a, V: PartialEq, L: Fn(&str) -> Option<V>> Reader<'a, V, L> {
    fn sum(&mut self) -> Done {
        self.deeper(|reader| reader.operations(0))
    }

    /// Reads operators that bind at least this tightly, and their operands.
    fn operations(&mut self, precedence: u8) -> Done {
        self.operand()?;
        while let Some(between) = self.between().filter(|it| it.precedence >= precedence) {
            self.at += between.sign.len();
            self.operations(between.precedence + 1)?;
            self.program.apply(between.operation);
            self.check_length()?;
        }
        Ok(())
    }

    fn between(&mut self) -> Option<&'static Between> {
        let rest = self.rest();
        BETWEEN.iter().find(|between| rest.starts_with(between.sign))
    }

    fn operand(&mut self) -> Done {
        match self.rest().chars().next() {
            Some(sign @ ('-' | '+')) => {
                self.at += sign.len_utf8();
                self.deeper(Self::operand)?;
                if sign == '-' {
                    self.program.apply(MINUS);
                }
                self.check_length()
            }
            _ => self.power(),
        }
    }

    fn power(&mut self) -> Done {
        self.primary()?;
        if self.rest().starts_with('^') {
            self.at += 1;
            self.deeper(Self::operand)?;
            self.program.apply(POWER);
        }
        self.check_length()
    }

    fn primary(&mut self) -> Done {
        match self.rest().chars().next() {
            None => Err(self.mistake(Mistake::EndsEarly)),
            Some('(') => {
                self.at += 1;
                self.sum()?;
                self.close()
            }
            Some(c) if c.is_ascii_digit() || c == '.' => self.number(),
            Some(c) if c.is_alphabetic() || c == '_' => self.name(),
            Some(_) => {
                let found = self.word();
                Err(self.mistake(Mistake::NoOperand { found }))
            }
        }
    }

    fn number(&mut self) -> Done {
        let rest = self.rest();
        let digits = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
        let exponent = exponent_len(&rest[digits..]);
        let written = &rest[..digits + exponent];
        let Some(number) = written.parse::<f64>().ok().filter(|number| number.is_finite()) else {
            return Err(self.mistake(Mistake::NoNumber { found: written.into() }));
        };
        self.at += written.len();
        self.program.number(number);
        Ok(())
    }

    /// A name is the longest known one; so a hyphen belongs to `onset-count`, but is a minus in `main.rms-main.peak`.
    fn name(&mut self) -> Done {
        let word = self.word();
        let mut name = word.as_str();
        loop {
            if let Some(function) = FUNCTIONS.iter().find(|function| function.name == name) {
                self.at += name.len();
                return self.call(function);
            }
            if let Some((_, value)) = CONSTANTS.iter().find(|(known, _)| *known == name) {
                self.at += name.len();
                self.program.number(*value);
                return Ok(());
            }
            if let Some(variable) = (self.lookup)(name) {
                self.at += name.len();
                self.variable(variable);
                return Ok(());
            }
            match name.rfind('-') {
                Some(hyphen) => name = &name[..hyphen],
                None => return Err(self.unknown(&word)),
            }
        }
    }

    fn variable(&mut self, variable: V) {
        let place = self.variables.iter().position(|known| *known == variable).unwrap_or_else(|| {
            self.variables.push(variable);
            self.variables.len() - 1
        });
        self.program.variable(place);
    }

    fn call(&mut self, function: &Function) -> Done {
        let start = self.at;
        let expected = function.operation.operands();
        let wrong = |reader: &mut Self, given| {
            reader.at = start;
            reader.mistake(Mistake::Arguments { function: function.name, expected, given })
        };
        if !self.rest().starts_with('(') {
            return Err(wrong(self, 0));
        }
        self.at += 1;
        let mut given = 0;
        if !self.rest().starts_with(')') {
            loop {
                self.sum()?;
                given += 1;
                if !self.rest().starts_with(',') {
                    break;
                }
                self.at += 1;
            }
        }
        self.close()?;
        if given != expected {
            return Err(wrong(self, given));
        }
        self.program.apply(function.operation);
        self.check_length()
    }

    fn close(&mut self) -> Done {
        match self.rest().chars().next() {
            Some(')') => {
                self.at += 1;
                Ok(())
            }
            None => Err(self.mistake(Mistake::Unclosed)),
            Some(_) => Err(self.no_operator()),
        }
    }

    fn no_operator(&mut self) -> ExpressionError {
        let found = self.word();
        self.mistake(Mistake::NoOperator { found })
    }

    /// Reads a nested expression.
    fn deeper(&mut self, read: impl FnOnce(&mut Self) -> Done) -> Done {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(self.mistake(Mistake::TooLong));
        }
        read(self)?;
        self.depth -= 1;
        Ok(())
    }

    fn check_length(&self) -> Done {
        if self.program.len() > STEPS { Err(self.mistake(Mistake::TooLong)) } else { Ok(()) }
    }

    /// The unread text, without leading space.
    fn rest(&mut self) -> &'a str {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
        &self.text[self.at..]
    }

    /// The next name at its full length, or else the next sign.
    fn word(&mut self) -> String {
        let rest = self.rest();
        let end = rest.find(|c: char| !(c.is_alphanumeric() || "._-[]".contains(c))).unwrap_or(rest.len());
        let sign = rest.chars().next().map_or(0, char::len_utf8);
        rest[..end.max(sign)].trim_end_matches(['-', '.']).into()
    }

    fn unknown(&mut self, word: &str) -> ExpressionError {
        let functions = FUNCTIONS.iter().map(|function| function.name);
        let names = self.known.iter().map(String::as_str);
        // A call is always a function; anything else is most likely a signal.
        let hint = if self.rest()[word.len()..].trim_start().starts_with('(') {
            hint(word, functions)
        } else {
            hint(word, names.chain(CONSTANTS.iter().map(|(name, _)| *name)))
        };
        self.mistake(Mistake::Unknown { name: word.into(), hint })
    }

    fn mistake(&self, mistake: Mistake) -> ExpressionError {
        let column = self.text[..self.at].chars().count() + 1;
        ExpressionError { text: self.text.into(), column, mistake }
    }
}

/// The length of an exponent at the start of `rest`, such as `e-3`; 0 if there is none.
fn exponent_len(rest: &str) -> usize {
    let Some(after) = rest.strip_prefix(['e', 'E']) else { return 0 };
    let digits = after.strip_prefix(['+', '-']).unwrap_or(after);
    let count = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    if count == 0 { 0 } else { rest.len() - digits.len() + count }
}
