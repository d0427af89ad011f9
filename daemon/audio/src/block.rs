//! A block of a source: some samples of every bus, and when they were captured.

/// Consecutive samples of all buses, with the time of the first.
///
/// Pass the same block to [`Source::next`](crate::Source::next) each time, to reuse its memory.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Block {
    /// Samples per channel in this block.
    pub frames: usize,
    /// Number of the first sample since the stream's start. A gap after the previous block means that the samples
    /// between were lost (full ring, xrun).
    pub first_sample: u64,
    /// `CLOCK_MONOTONIC` in nanoseconds when the first sample was captured.
    pub time_host_ns: i64,
    /// `CLOCK_MONOTONIC` in nanoseconds when the block was handed over (by JACK's callback, or by the file source).
    pub received_host_ns: i64,
    /// Two per bus, left and right, in the order of the buses; each `frames` long.
    pub channels: Vec<Vec<f32>>,
}

impl Block {
    /// The left and right samples of a bus, or `None` if there is no such bus.
    pub fn bus(&self, index: usize) -> Option<(&[f32], &[f32])> {
        Some((self.channels.get(2 * index)?, self.channels.get(2 * index + 1)?))
    }

    /// Makes room for `frames` samples of `channels` channels. Allocates only if the block grows.
    pub(crate) fn shape(&mut self, channels: usize, frames: usize) {
        self.frames = frames;
        self.channels.resize_with(channels, Vec::new);
        for channel in &mut self.channels {
            channel.resize(frames, 0.0);
        }
    }
}
