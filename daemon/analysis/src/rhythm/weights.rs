//! What the nets have learnt.

use super::dense::Dense;
use super::gru::Gru;
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

/// The layers in the order of the file that `tools/training/bars.py` writes.
pub(super) struct BarWeights {
    pub scale: Vec<f32>,
    pub shift: Vec<f32>,
    pub first: Dense,
    pub memory: Gru,
    pub downbeat: Dense,
    pub level: Dense,
}

static RHYTHM: &[u8] = include_bytes!("../../weights/rhythm.bin");
static BARS: &[u8] = include_bytes!("../../weights/bars.bin");
/// Inputs that a layer looks at, each so many times.
pub(super) const TAPS: usize = 3;

impl Weights {
    /// The weights that are compiled in.
    pub fn trained() -> Self {
        let (mut reader, [inputs, width, blocks, marks, felt_from, tempi]) = Reader::open(RHYTHM);
        let weights = Self {
            scale: reader.take(inputs),
            shift: reader.take(inputs),
            first: reader.dense(TAPS * inputs, width),
            blocks: (0..blocks).map(|_| (reader.dense(TAPS * width, width), reader.dense(width, width))).collect(),
            heads: reader.dense(width, marks),
            tempo: reader.dense(width * (blocks - felt_from), tempi),
            felt_from,
        };
        reader.end();
        weights
    }
}

impl BarWeights {
    /// The weights that are compiled in.
    pub fn trained() -> Self {
        let (mut reader, [inputs, width, levels]) = Reader::open(BARS);
        let weights = Self {
            scale: reader.take(inputs),
            shift: reader.take(inputs),
            first: reader.dense(inputs, width),
            memory: Gru::new(reader.dense(width, 3 * width), reader.dense(width, 3 * width)),
            downbeat: reader.dense(width, 1),
            level: reader.dense(width, levels),
        };
        reader.end();
        weights
    }
}

/// A file of weights: some sizes as 32-bit numbers, then 16-bit floats, all little-endian.
struct Reader {
    numbers: std::slice::Iter<'static, [u8; 2]>,
}

impl Reader {
    fn open<const SIZES: usize>(file: &'static [u8]) -> (Self, [usize; SIZES]) {
        let (sizes, numbers) = file.split_at(4 * SIZES);
        let size = |k: usize| u32::from_le_bytes([0, 1, 2, 3].map(|byte| sizes[4 * k + byte])) as usize;
        (Self { numbers: numbers.as_chunks().0.iter() }, std::array::from_fn(size))
    }

    fn take(&mut self, count: usize) -> Vec<f32> {
        debug_assert!(count <= self.numbers.len(), "{count} numbers of {}", self.numbers.len());
        self.numbers.by_ref().take(count).map(|bytes| f16::from_le_bytes(*bytes).to_f32()).collect()
    }

    fn dense(&mut self, inputs: usize, outputs: usize) -> Dense {
        let weights = self.take(inputs * outputs);
        Dense::new(weights, self.take(outputs))
    }

    /// Everything has been read: the file is of the net that it was read for.
    fn end(self) {
        debug_assert_eq!(self.numbers.len(), 0, "numbers left over");
    }
}
