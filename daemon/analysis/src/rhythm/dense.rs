//! The layer that all nets are made of.

/// Sums of inputs, each with its weight, plus a bias.
pub(super) struct Dense {
    /// For each input, its weight in every output.
    weights: Vec<f32>,
    bias: Vec<f32>,
}

/// Outputs that are summed at a time: as many as fit into registers.
const LANES: usize = 8;

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

    /// Adds what all inputs, and the bias, contribute.
    pub fn add(&self, inputs: &[f32], outputs: &mut [f32]) {
        self.add_part(0, inputs, outputs);
        self.add_bias(outputs);
    }

    pub fn add_bias(&self, outputs: &mut [f32]) {
        outputs.iter_mut().zip(&self.bias).for_each(|(output, bias)| *output += bias);
    }

    /// Adds what some of the inputs, from the `first` one on, contribute.
    pub fn add_part(&self, first: usize, inputs: &[f32], outputs: &mut [f32]) {
        let width = self.bias.len();
        let rows = self.weights[first * width..].chunks_exact(width);
        let whole = width / LANES * LANES;
        for lane in (0..whole).step_by(LANES) {
            let mut sums = [0.0; LANES];
            sums.copy_from_slice(&outputs[lane..lane + LANES]);
            for (input, row) in inputs.iter().zip(rows.clone()) {
                let row = &row[lane..lane + LANES];
                sums.iter_mut().zip(row).for_each(|(sum, weight)| *sum += input * weight);
            }
            outputs[lane..lane + LANES].copy_from_slice(&sums);
        }
        for lane in whole..width {
            let products = inputs.iter().zip(rows.clone()).map(|(input, row)| input * row[lane]);
            outputs[lane] += products.sum::<f32>();
        }
    }
}
