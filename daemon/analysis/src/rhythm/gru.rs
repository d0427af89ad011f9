//! A layer with memory: gated recurrent units.

use super::activation::sigmoid;
use super::dense::Dense;

/// K. Cho et al.: "Learning phrase representations using RNN encoder-decoder for statistical machine translation",
/// EMNLP 2014; the reset gate is applied after the product, as in most libraries.
pub(super) struct Gru {
    /// The inputs and the memory, each into the reset gates, the update gates and the candidates.
    input: Dense,
    state: Dense,
}

/// Working space for the gates.
pub(super) struct Gates {
    from_input: Vec<f32>,
    from_state: Vec<f32>,
}

impl Gru {
    pub fn new(input: Dense, state: Dense) -> Self {
        Self { input, state }
    }

    /// Room for the gates.
    pub fn gates(&self) -> Gates {
        let gates = self.input.outputs();
        Gates { from_input: vec![0.0; gates], from_state: vec![0.0; gates] }
    }

    /// The size of its memory.
    pub fn width(&self) -> usize {
        self.state.inputs()
    }

    /// Updates the memory with some inputs. Realtime-safe: yes.
    pub fn process(&self, inputs: &[f32], memory: &mut [f32], gates: &mut Gates) {
        gates.from_input.fill(0.0);
        gates.from_state.fill(0.0);
        self.input.add(inputs, &mut gates.from_input);
        self.state.add(memory, &mut gates.from_state);
        let width = memory.len();
        for (k, unit) in memory.iter_mut().enumerate() {
            let gate = |gate: usize| (gates.from_input[gate * width + k], gates.from_state[gate * width + k]);
            let sum = |(input, state): (f32, f32)| sigmoid(input + state);
            let (reset, update) = (sum(gate(0)), sum(gate(1)));
            let (input, state) = gate(2);
            let candidate = (input + reset * state).tanh();
            *unit = candidate + update * (*unit - candidate);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The memory of one unit after one input: weights of the reset gate, the update gate and the candidate.
    fn remembers(input: [f32; 3], state: [f32; 3], bias: [f32; 3]) -> f32 {
        let unit = Gru::new(Dense::new(input.to_vec(), vec![0.0; 3]), Dense::new(state.to_vec(), bias.to_vec()));
        let mut memory = [0.7];
        unit.process(&[1.0], &mut memory, &mut unit.gates());
        memory[0]
    }

    #[test]
    fn an_open_update_gate_keeps_what_is_remembered() {
        let memory = remembers([0.0, 0.0, 5.0], [0.0; 3], [0.0, 20.0, 0.0]);
        assert!((memory - 0.7).abs() < 1e-6, "{memory}");
    }

    #[test]
    fn a_closed_update_gate_takes_the_candidate_with_what_the_reset_gate_lets_through() {
        // Half of (0.4 × 0.7 + 0.2), and the input.
        let memory = remembers([0.0, 0.0, 0.3], [0.0, 0.0, 0.4], [0.0, -20.0, 0.2]);
        let candidate = (0.3f32 + 0.5 * (0.4 * 0.7 + 0.2)).tanh();
        assert!((memory - candidate).abs() < 1e-6, "{memory}");
    }
}
