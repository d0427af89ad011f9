//! Reads an expression as people write it and writes it as exmex reads it.
//!
//! exmex compiles and computes; what it does not know is done here: dotted and hyphenated names (`main.onset-count.low`),
//! `mel[3]`, calls with several arguments, `-x^2` as −(x²), numbers like `1e-3`. And every mistake is found here, with
//! its place, so that the message can say what to do.
//!
//! ```text
//! sum     = operand { between operand }            between: + - * / % < > <= >=
//! operand = ( "-" | "+" ) operand | power
//! power   = primary [ "^" operand ]
//! primary = number | name | name "(" sum { "," sum } ")" | "(" sum ")"
//! ```

use super::operators::{BETWEEN, CONSTANTS, FUNCTIONS, Function};
use super::{ExpressionError, Mistake};
use downbeat_protocol::nearest::hint;

/// What an expression may contain before it is too long to be computed without allocation: exmex keeps this many
/// operands in place (`N_NODES_ON_STACK` in its `definitions.rs`) and allocates for more.
const OPERANDS: usize = 32;

/// Parentheses in parentheses; deeper ones are a mistake, and could exhaust the stack of this parser.
const DEPTH: usize = 64;

/// An expression in exmex's notation.
#[derive(Debug, PartialEq)]
pub(super) struct Notation<V> {
    pub text: String,
    /// What the names in the text stand for: [`variable_name`] of the place.
    pub variables: Vec<V>,
}

/// The name under which the variable of a place stands in the text. Sorts as the places do, as exmex wants it.
pub(super) fn variable_name(place: usize) -> String {
    format!("{{v{place:03}}}")
}

/// Reads `text`. `lookup` finds the variable of a name; `known` lists all names for the message about an unknown one.
pub(super) fn read<'a, V: PartialEq, L: Fn(&str) -> Option<V>>(
    text: &'a str,
    lookup: L,
    known: &'a [String],
) -> Result<Notation<V>, ExpressionError> {
    let mut reader = Reader { text, at: 0, depth: 0, operands: 0, lookup, known, variables: Vec::new() };
    let written = reader.sum()?;
    match reader.rest().chars().next() {
        None => Ok(Notation { text: written, variables: reader.variables }),
        Some(')') => Err(reader.mistake(Mistake::Unopened)),
        Some(_) => Err(reader.no_operator()),
    }
}

struct Reader<'a, V, L> {
    text: &'a str,
    at: usize,
    depth: usize,
    operands: usize,
    lookup: L,
    known: &'a [String],
    variables: Vec<V>,
}

impl<'a, V: PartialEq, L: Fn(&str) -> Option<V>> Reader<'a, V, L> {
    fn sum(&mut self) -> Result<String, ExpressionError> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(self.mistake(Mistake::TooLong));
        }
        let mut written = self.operand()?;
        while let Some(between) = self.between() {
            self.at += between.len();
            written.push_str(between);
            written.push_str(&self.operand()?);
        }
        self.depth -= 1;
        Ok(written)
    }

    fn between(&mut self) -> Option<&'static str> {
        let rest = self.rest();
        BETWEEN.iter().find(|between| rest.starts_with(**between)).copied()
    }

    fn operand(&mut self) -> Result<String, ExpressionError> {
        match self.rest().chars().next() {
            Some(sign @ ('-' | '+')) => {
                self.at += sign.len_utf8();
                self.depth += 1;
                if self.depth > DEPTH {
                    return Err(self.mistake(Mistake::TooLong));
                }
                let operand = self.operand()?;
                self.depth -= 1;
                Ok(if sign == '-' { format!("(-({operand}))") } else { operand })
            }
            _ => self.power(),
        }
    }

    fn power(&mut self) -> Result<String, ExpressionError> {
        let base = self.primary()?;
        if !self.rest().starts_with('^') {
            return Ok(base);
        }
        self.at += 1;
        Ok(format!("({base}^{})", self.operand()?))
    }

    fn primary(&mut self) -> Result<String, ExpressionError> {
        match self.rest().chars().next() {
            None => Err(self.mistake(Mistake::EndsEarly)),
            Some('(') => {
                self.at += 1;
                let inner = self.sum()?;
                self.close()?;
                Ok(format!("({inner})"))
            }
            Some(c) if c.is_ascii_digit() || c == '.' => self.number(),
            Some(c) if c.is_alphabetic() || c == '_' => self.name(),
            Some(_) => {
                let found = self.word();
                Err(self.mistake(Mistake::NoOperand { found }))
            }
        }
    }

    fn number(&mut self) -> Result<String, ExpressionError> {
        let rest = self.rest();
        let digits = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
        let exponent = exponent_len(&rest[digits..]);
        let written = &rest[..digits + exponent];
        let Some(number) = written.parse::<f64>().ok().filter(|number| number.is_finite()) else {
            return Err(self.mistake(Mistake::NoNumber { found: written.into() }));
        };
        self.at += written.len();
        self.count_operand()?;
        // Display never writes an exponent, which exmex would not read.
        Ok(format!("{number}"))
    }

    /// A name runs as long as it can while something is known by it; so a hyphen belongs to `onset-count`, but in
    /// `main.rms-main.peak` it is a minus.
    fn name(&mut self) -> Result<String, ExpressionError> {
        let word = self.word();
        let mut name = word.as_str();
        loop {
            if let Some(function) = FUNCTIONS.iter().find(|function| function.name == name) {
                self.at += name.len();
                return self.call(function);
            }
            if let Some((_, value)) = CONSTANTS.iter().find(|(known, _)| *known == name) {
                self.at += name.len();
                self.count_operand()?;
                return Ok(format!("{value}"));
            }
            if let Some(variable) = (self.lookup)(name) {
                self.at += name.len();
                self.count_operand()?;
                return Ok(self.variable(variable));
            }
            match name.rfind('-') {
                Some(hyphen) => name = &name[..hyphen],
                None => return Err(self.unknown(&word)),
            }
        }
    }

    fn variable(&mut self, variable: V) -> String {
        let place = self.variables.iter().position(|known| *known == variable).unwrap_or_else(|| {
            self.variables.push(variable);
            self.variables.len() - 1
        });
        variable_name(place)
    }

    fn call(&mut self, function: &Function) -> Result<String, ExpressionError> {
        let start = self.at;
        let wrong = |reader: &mut Self, given| {
            reader.at = start;
            reader.mistake(Mistake::Arguments { function: function.name, expected: function.arguments, given })
        };
        if !self.rest().starts_with('(') {
            return Err(wrong(self, 0));
        }
        self.at += 1;
        let operands_before = self.operands;
        let mut arguments = Vec::new();
        if !self.rest().starts_with(')') {
            loop {
                let before = self.operands;
                let written = format!("({})", self.sum()?);
                arguments.push((written, self.operands - before));
                if !self.rest().starts_with(',') {
                    break;
                }
                self.at += 1;
            }
        }
        self.close()?;
        if arguments.len() != function.arguments {
            return Err(wrong(self, arguments.len()));
        }
        let mut form = format!("({})", function.form);
        self.operands = operands_before;
        for (place, (written, operands)) in arguments.iter().enumerate() {
            let mark = format!("${place}");
            self.operands += operands * form.matches(&mark).count();
            form = form.replace(&mark, written);
        }
        self.check_length()?;
        Ok(form)
    }

    fn close(&mut self) -> Result<(), ExpressionError> {
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

    fn count_operand(&mut self) -> Result<(), ExpressionError> {
        self.operands += 1;
        self.check_length()
    }

    fn check_length(&self) -> Result<(), ExpressionError> {
        if self.operands > OPERANDS { Err(self.mistake(Mistake::TooLong)) } else { Ok(()) }
    }

    /// What has not been read, without leading space.
    fn rest(&mut self) -> &'a str {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
        &self.text[self.at..]
    }

    /// The next name as far as it may run, or else the next sign.
    fn word(&mut self) -> String {
        let rest = self.rest();
        let end = rest.find(|c: char| !(c.is_alphanumeric() || "._-[]".contains(c))).unwrap_or(rest.len());
        let sign = rest.chars().next().map_or(0, char::len_utf8);
        rest[..end.max(sign)].trim_end_matches(['-', '.']).into()
    }

    fn unknown(&mut self, word: &str) -> ExpressionError {
        let functions = FUNCTIONS.iter().map(|function| function.name);
        let names = self.known.iter().map(String::as_str);
        // A call can only mean a function; anything else is most likely a signal.
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

/// The length of an exponent at the start of `rest`: `e-3`; 0 when there is none.
fn exponent_len(rest: &str) -> usize {
    let Some(after) = rest.strip_prefix(['e', 'E']) else { return 0 };
    let digits = after.strip_prefix(['+', '-']).unwrap_or(after);
    let count = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    if count == 0 { 0 } else { rest.len() - digits.len() + count }
}
