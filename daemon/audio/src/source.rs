//! The interface of audio sources.

use std::time::Duration;

use crate::Block;

/// A stream of blocks: a JACK client or audio files.
pub trait Source: Send {
    /// Waits up to `timeout` for the next event.
    ///
    /// After [`Got::Block`] the samples are in `block`; otherwise it is unchanged. Realtime-safe: no (it sleeps).
    fn next(&mut self, block: &mut Block, timeout: Duration) -> Got;

    /// The current report.
    fn report(&self) -> Report;
}

/// The result of [`Source::next`].
#[derive(Clone, Debug, PartialEq)]
pub enum Got {
    /// A block was filled.
    Block,
    /// The timeout passed.
    Nothing,
    /// A new stream begins: its samples are numbered from 0.
    Started {
        /// Samples per second.
        sample_rate: f64,
    },
    /// There is no stream until the next `Started`. The source keeps trying.
    Lost {
        /// What happened and what to do about it, for a person.
        why: String,
    },
    /// No samples come for a while, because the server does something else; the stream continues with the next block.
    Suspended {
        /// What it does, for a person.
        why: String,
    },
    /// The files have ended. Every further call returns this again.
    End,
}

/// The report of a source, for a status page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// One line for a person.
    pub status: String,
    /// Blocks lost because the reader was late, since the source was opened.
    pub dropped: u64,
    /// Times that JACK or its driver was late, since the source was opened.
    pub xruns: u64,
    /// MIDI messages refused or lost, since the source was opened: the queue was full, or there was no server.
    pub midi_dropped: u64,
    /// For each bus, the outputs that are connected to it (files: the file's name).
    pub connected: Vec<Vec<String>>,
    /// Samples per second; 0 without a stream.
    pub sample_rate: f64,
    /// Samples per channel in a block; 0 without a stream.
    pub block: usize,
}
