//! What the net has learnt.

use half::f16;

/// The layers in the order of the file that `tools/training/train.py` writes.
pub(super) struct Weights {
    pub scale: Vec<f32>,
    pub shift: Vec<f32>,
    pub first: Dense,
    pub blocks: Vec<(Dense, Dense)>,
    pub heads: Dense,
    pub tempo: Dense,
    /// The first block that the tempo is read from.
    pub felt_from: usize,
}

/// Sums of inputs, each with its weight, plus a bias.
pub(super) struct Dense {
    /// For each input, its weight in every output.
    weights: Vec<f32>,
    bias: Vec<f32>,
}

static TRAINED: &[u8] = include_bytes!("../../weights/rhythm.bin");
/// Inputs that a layer looks at, each so many times.
pub(super) const TAPS: usize = 3;
/// Outputs that are summed at a time: as many as fit into registers.
const LANES: usize = 8;

impl Weights {
    /// The weights that are compiled in: six sizes as 32-bit numbers, then 16-bit floats, all little-endian.
    pub fn trained() -> Self {
        let (sizes, numbers) = TRAINED.split_at(24);
        let size = |k: usize| u32::from_le_bytes([0, 1, 2, 3].map(|byte| sizes[4 * k + byte])) as usize;
        let (inputs, width, blocks, marks, felt_from, tempi) = (size(0), size(1), size(2), size(3), size(4), size(5));
        let mut numbers = numbers.as_chunks().0.iter().map(|bytes| f16::from_le_bytes(*bytes).to_f32());
        let mut take = |count: usize| numbers.by_ref().take(count).collect::<Vec<f32>>();
        let dense = |inputs: usize, outputs: usize, take: &mut dyn FnMut(usize) -> Vec<f32>| Dense {
            weights: take(inputs * outputs),
            bias: take(outputs),
        };
        Self {
            scale: take(inputs),
            shift: take(inputs),
            first: dense(TAPS * inputs, width, &mut take),
            blocks: (0..blocks)
                .map(|_| (dense(TAPS * width, width, &mut take), dense(width, width, &mut take)))
                .collect(),
            heads: dense(width, marks, &mut take),
            tempo: dense(width * (blocks - felt_from), tempi, &mut take),
            felt_from,
        }
    }
}

impl Dense {
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
