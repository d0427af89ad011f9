//! The layer that all nets consist of.

/// Sums of inputs, each with its weight, plus a bias.
pub(super) struct Dense {
    /// For each input, its weight in every output.
    weights: Vec<f32>,
    bias: Vec<f32>,
}

impl Dense {
    pub fn new(weights: Vec<f32>, bias: Vec<f32>) -> Self {
        Self { weights, bias }
    }

    pub fn inputs(&self) -> usize {
        self.weights.len() / self.bias.len()
    }

    pub fn outputs(&self) -> usize {
        self.bias.len()
    }

    /// Adds the bias and the contributions of all inputs.
    pub fn add(&self, inputs: &[f32], outputs: &mut [f32]) {
        self.add_part(0, inputs, outputs);
        self.add_bias(outputs);
    }

    pub fn add_bias(&self, outputs: &mut [f32]) {
        outputs.iter_mut().zip(&self.bias).for_each(|(output, bias)| *output += bias);
    }

    /// Adds the contributions of some inputs, from the `first` one on.
    pub fn add_part(&self, first: usize, inputs: &[f32], outputs: &mut [f32]) {
        let width = self.bias.len();
        let rows = &self.weights[first * width..];
        let wide = sum::<32>(inputs, rows, outputs, 0);
        let whole = sum::<8>(inputs, rows, outputs, wide);
        sum::<1>(inputs, rows, outputs, whole);
    }
}

/// Sums up for the outputs from `first` on, `LANES` at a time, kept in registers: enough of them that no sum waits for
/// the one before. Returns the first remaining output.
fn sum<const LANES: usize>(inputs: &[f32], rows: &[f32], outputs: &mut [f32], first: usize) -> usize {
    let width = outputs.len();
    let last = first + (width - first) / LANES * LANES;
    for lane in (first..last).step_by(LANES) {
        let mut sums = [0.0; LANES];
        sums.copy_from_slice(&outputs[lane..lane + LANES]);
        for (input, row) in inputs.iter().zip(rows.chunks_exact(width)) {
            let row = &row[lane..lane + LANES];
            sums.iter_mut().zip(row).for_each(|(sum, weight)| *sum += input * weight);
        }
        outputs[lane..lane + LANES].copy_from_slice(&sums);
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_output_is_the_sum_of_its_inputs_however_many_there_are() {
        for width in [1, 7, 8, 31, 32, 43, 64] {
            let weight = |input: usize, output: usize| (input * width + output) as f32;
            let weights = (0..3 * width).map(|k| weight(k / width, k % width)).collect();
            let dense = Dense::new(weights, (0..width).map(|k| k as f32).collect());
            let mut outputs = vec![1.0; width];
            dense.add(&[1.0, 2.0, 4.0], &mut outputs);
            for (k, output) in outputs.iter().enumerate() {
                let sum = 1.0 + k as f32 + weight(0, k) + 2.0 * weight(1, k) + 4.0 * weight(2, k);
                assert_eq!(*output, sum, "output {k} of {width}");
            }
        }
    }
}
