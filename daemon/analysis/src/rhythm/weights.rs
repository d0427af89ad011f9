//! The weights of the nets.

use super::dense::Dense;
use super::gru::Gru;
use half::f16;
use std::sync::LazyLock;

/// The layers in the order of the file from `tools/training/train.py`.
pub(super) struct Weights {
    pub scale: Vec<f32>,
    pub shift: Vec<f32>,
    pub first: Dense,
    pub blocks: Vec<(Dense, Dense)>,
    pub heads: Dense,
    pub tempo: Dense,
    /// The first block for the tempo.
    pub felt_from: usize,
}

/// The layers in the order of the file from `tools/training/bars.py`.
pub(super) struct BarWeights {
    pub scale: Vec<f32>,
    pub shift: Vec<f32>,
    pub first: Dense,
    pub memory: Gru,
    pub downbeat: Dense,
    pub level: Dense,
}

/// The layers in the order of the file from `tools/training/drums.py`.
pub(super) struct StrokeWeights {
    pub scale: Vec<f32>,
    pub shift: Vec<f32>,
    pub first: Dense,
    pub blocks: Vec<(Dense, Dense)>,
    pub heads: Dense,
    /// Ticks in the first layer's view.
    pub taps: usize,
}

/// The layers in the order of the file from `tools/training/certainty.py`.
pub(super) struct CertaintyWeights {
    pub scale: Vec<f32>,
    pub shift: Vec<f32>,
    pub first: Dense,
    pub answers: Dense,
}

static RHYTHM: &[u8] = include_bytes!("../../weights/rhythm.bin");
static BARS: &[u8] = include_bytes!("../../weights/bars.bin");
static DRUMS: &[u8] = include_bytes!("../../weights/drums.bin");
static CERTAINTY: &[u8] = include_bytes!("../../weights/certainty.bin");
/// Inputs that a layer looks at, each so many times.
pub(super) const TAPS: usize = 3;

impl Weights {
    /// The compiled-in weights, read once for all nets together, so that they stay in the processor's cache however
    /// many buses there are.
    pub fn trained() -> &'static Self {
        static TRAINED: LazyLock<Weights> = LazyLock::new(Weights::read);
        &TRAINED
    }

    fn read() -> Self {
        let (mut reader, [inputs, width, blocks, marks, felt_from, tempi]) = Reader::open(RHYTHM);
        let weights = Self {
            scale: reader.take(inputs),
            shift: reader.take(inputs),
            first: reader.dense(TAPS * inputs, width),
            blocks: reader.blocks(blocks, width),
            heads: reader.dense(width, marks),
            tempo: reader.dense(width * (blocks - felt_from), tempi),
            felt_from,
        };
        reader.end();
        weights
    }
}

impl BarWeights {
    /// The compiled-in weights, read once for all nets together, so that they stay in the processor's cache however
    /// many buses there are.
    pub fn trained() -> &'static Self {
        static TRAINED: LazyLock<BarWeights> = LazyLock::new(BarWeights::read);
        &TRAINED
    }

    fn read() -> Self {
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

impl StrokeWeights {
    /// The compiled-in weights, read once for all nets together, so that they stay in the processor's cache however
    /// many buses there are.
    pub fn trained() -> &'static Self {
        static TRAINED: LazyLock<StrokeWeights> = LazyLock::new(StrokeWeights::read);
        &TRAINED
    }

    fn read() -> Self {
        let (mut reader, [inputs, known, width, taps, blocks, drums]) = Reader::open(DRUMS);
        let weights = Self {
            scale: reader.take(inputs),
            shift: reader.take(inputs),
            first: reader.dense(taps * inputs + known, width),
            blocks: reader.blocks(blocks, width),
            heads: reader.dense(width, drums),
            taps,
        };
        reader.end();
        weights
    }
}

impl CertaintyWeights {
    /// The compiled-in weights, read once for all nets together.
    pub fn trained() -> &'static Self {
        static TRAINED: LazyLock<CertaintyWeights> = LazyLock::new(CertaintyWeights::read);
        &TRAINED
    }

    fn read() -> Self {
        let (mut reader, [inputs, width, answers]) = Reader::open(CERTAINTY);
        let weights = Self {
            scale: reader.take(inputs),
            shift: reader.take(inputs),
            first: reader.dense(inputs, width),
            answers: reader.dense(width, answers),
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

    fn blocks(&mut self, count: usize, width: usize) -> Vec<(Dense, Dense)> {
        (0..count).map(|_| (self.dense(TAPS * width, width), self.dense(width, width))).collect()
    }

    /// Everything has been read: the file matches the net.
    fn end(self) {
        debug_assert_eq!(self.numbers.len(), 0, "numbers left over");
    }
}
