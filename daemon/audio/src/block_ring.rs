//! Carries blocks from JACK's callback to the reading thread, in two rings of fixed size.

use rtrb::{Consumer, Producer, RingBuffer};

use crate::Block;

/// Capacity in blocks. At JACK's smallest block (16 samples) this is a third of a second.
const BLOCKS: usize = 1024;

/// The header of a block; see [`Block`].
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Header {
    pub(crate) frames: usize,
    pub(crate) first_sample: u64,
    pub(crate) time_host_ns: i64,
    pub(crate) received_host_ns: i64,
}

/// The callback's end.
#[derive(Debug)]
pub(crate) struct BlockWriter {
    channels: usize,
    headers: Producer<Header>,
    samples: Producer<f32>,
}

/// The reader's end.
#[derive(Debug)]
pub(crate) struct BlockReader {
    channels: usize,
    headers: Consumer<Header>,
    samples: Consumer<f32>,
}

/// A ring with room for `frames` samples of each channel.
pub(crate) fn block_ring(channels: usize, frames: usize) -> (BlockWriter, BlockReader) {
    let (header_writer, header_reader) = RingBuffer::new(BLOCKS);
    let (sample_writer, sample_reader) = RingBuffer::new(channels * frames);
    (
        BlockWriter { channels, headers: header_writer, samples: sample_writer },
        BlockReader { channels, headers: header_reader, samples: sample_reader },
    )
}

impl BlockWriter {
    /// Copies a block into the ring. Returns false and writes nothing if there is no room.
    ///
    /// `input` gives the samples of a channel; missing samples become silence.
    /// Realtime-safe: yes.
    pub(crate) fn write<'a>(&mut self, header: Header, input: impl Fn(usize) -> &'a [f32]) -> bool {
        if self.headers.is_full() {
            return false;
        }
        let Ok(mut room) = self.samples.write_chunk(self.channels * header.frames) else {
            return false;
        };
        let (first, second) = room.as_mut_slices();
        let mut rest = first.iter_mut().chain(second);
        for channel in 0..self.channels {
            let samples = input(channel).iter().chain(std::iter::repeat(&0.0)).take(header.frames);
            // In this order: a zip takes from its first side before it knows whether the second is empty.
            for (from, to) in samples.zip(rest.by_ref()) {
                *to = *from;
            }
        }
        room.commit_all();
        // The header goes last: a reader that sees it also sees its samples. There is room, as we are the only writer.
        self.headers.push(header).is_ok()
    }
}

impl BlockReader {
    /// Moves the oldest block into `block`. Returns false if there is none. Realtime-safe: no (`block` may grow).
    pub(crate) fn read(&mut self, block: &mut Block) -> bool {
        let Ok(header) = self.headers.pop() else {
            return false;
        };
        block.shape(self.channels, header.frames);
        block.first_sample = header.first_sample;
        block.time_host_ns = header.time_host_ns;
        block.received_host_ns = header.received_host_ns;
        block.channels.iter_mut().all(|channel| self.samples.pop_entire_slice(channel).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(frames: usize, first_sample: u64) -> Header {
        Header { frames, first_sample, time_host_ns: 1, received_host_ns: 2 }
    }

    #[test]
    fn blocks_of_changing_size_come_out_as_they_went_in() {
        let (mut writer, mut reader) = block_ring(2, 100);
        let mut block = Block::default();
        let mut first_sample = 0;
        for frames in [30, 64, 16, 99, 1, 50] {
            let left: Vec<f32> = (0..frames).map(|i| (first_sample + i) as f32).collect();
            let right: Vec<f32> = left.iter().map(|sample| -sample).collect();
            assert!(writer.write(header(frames, first_sample as u64), |c| if c == 0 { &left } else { &right }));
            assert!(reader.read(&mut block));
            assert_eq!((block.frames, block.first_sample), (frames, first_sample as u64));
            assert_eq!(block.channels, [left, right]);
            first_sample += frames;
        }
        assert!(!reader.read(&mut block));
    }

    #[test]
    fn a_block_that_does_not_fit_leaves_the_ring_as_it_was() {
        let (mut writer, mut reader) = block_ring(1, 10);
        assert!(writer.write(header(6, 0), |_| &[1.0; 6]));
        assert!(!writer.write(header(6, 6), |_| &[2.0; 6]));
        assert!(writer.write(header(4, 12), |_| &[3.0; 4]));
        let mut block = Block::default();
        assert!(reader.read(&mut block));
        assert!(reader.read(&mut block));
        assert_eq!((block.first_sample, block.channels), (12, vec![vec![3.0; 4]]));
    }

    #[test]
    fn a_channel_with_too_few_samples_is_filled_with_silence() {
        let (mut writer, mut reader) = block_ring(2, 10);
        assert!(writer.write(header(3, 0), |c| if c == 0 { &[1.0] } else { &[2.0; 3] }));
        let mut block = Block::default();
        assert!(reader.read(&mut block));
        assert_eq!(block.channels, [[1.0, 0.0, 0.0], [2.0; 3]]);
    }
}
