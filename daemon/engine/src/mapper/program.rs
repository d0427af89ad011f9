//! A compiled expression, in postfix order, on a stack of known height.

/// Mathematics over variables, which are numbers from 0. Instructions run in the order of writing.
#[derive(Clone, Debug, Default)]
pub(super) struct Program {
    instructions: Vec<Instruction>,
    /// Kept at its full height so that evaluation allocates nothing.
    stack: Vec<f64>,
    height: usize,
}

/// One instruction: takes its operands from the top of the stack and leaves its result there.
#[derive(Clone, Copy, Debug)]
enum Instruction {
    Number(f64),
    Variable(usize),
    Apply(Operation),
}

/// An operation on one, two or three operands.
#[derive(Clone, Copy, Debug)]
pub(super) enum Operation {
    One(fn(f64) -> f64),
    Two(fn(f64, f64) -> f64),
    Three(fn(f64, f64, f64) -> f64),
}

impl Operation {
    /// Its number of operands.
    pub const fn operands(self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::Two(_) => 2,
            Self::Three(_) => 3,
        }
    }
}

impl Program {
    /// The number of instructions.
    pub fn len(&self) -> usize {
        self.instructions.len()
    }

    pub fn number(&mut self, number: f64) {
        self.operand(Instruction::Number(number));
    }

    pub fn variable(&mut self, place: usize) {
        self.operand(Instruction::Variable(place));
    }

    /// Its operands must be written first.
    pub fn apply(&mut self, operation: Operation) {
        debug_assert!(self.height >= operation.operands(), "operands come first");
        self.instructions.push(Instruction::Apply(operation));
        self.height -= operation.operands() - 1;
    }

    fn operand(&mut self, instruction: Instruction) {
        self.instructions.push(instruction);
        self.height += 1;
        if self.height > self.stack.len() {
            self.stack.push(0.0);
        }
    }

    /// Its value, with `value` as the variables; NaN for an empty program. Realtime-safe: yes.
    pub fn evaluate(&mut self, value: impl Fn(usize) -> f64) -> f64 {
        let stack = &mut self.stack;
        let mut top = 0;
        for instruction in &self.instructions {
            let (operands, result) = match *instruction {
                Instruction::Number(number) => (0, number),
                Instruction::Variable(place) => (0, value(place)),
                Instruction::Apply(Operation::One(apply)) => (1, apply(stack[top - 1])),
                Instruction::Apply(Operation::Two(apply)) => (2, apply(stack[top - 2], stack[top - 1])),
                Instruction::Apply(Operation::Three(apply)) => {
                    (3, apply(stack[top - 3], stack[top - 2], stack[top - 1]))
                }
            };
            top -= operands;
            stack[top] = result;
            top += 1;
        }
        stack.first().copied().unwrap_or(f64::NAN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operands_are_taken_in_the_order_in_which_they_were_written() {
        let mut program = Program::default();
        program.variable(0);
        program.number(2.0);
        program.number(1.0);
        program.apply(Operation::Two(|a, b| a - b));
        program.apply(Operation::Two(f64::powf));
        program.number(10.0);
        program.number(20.0);
        program.apply(Operation::Three(|a, b, c| a * c - b));
        assert_eq!([program.len(), program.stack.len(), program.height], [8, 3, 1]);
        assert_eq!([program.evaluate(|_| 3.0), program.evaluate(|_| 4.0)], [50.0, 70.0]);
        assert!(Program::default().evaluate(|_| 0.0).is_nan());
    }
}
