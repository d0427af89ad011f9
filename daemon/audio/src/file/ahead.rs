//! The thread `decode`, which decodes ahead of the player.

use std::{
    path::{Path, PathBuf},
    sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    thread,
    time::Duration,
};

use super::{
    FileError,
    decoder::{Decoder, Stereo},
};

/// Samples per channel in a chunk.
pub(super) const CHUNK: usize = 4096;

/// Chunks decoded ahead: 1.4 s at 48 kHz.
const AHEAD: usize = 16;

/// Samples per channel of one pass, at least: a shorter file is followed by silence when it repeats. One of a single sample
/// would have to be opened 48,000 times a second.
const SHORTEST: usize = CHUNK;

/// Some samples of all files at once.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    pub(super) frames: usize,
    /// Left and right of each file.
    pub(super) channels: Vec<Vec<f32>>,
}

/// The decoded chunks, in order. The queue is bounded: the decoder waits when it is far enough ahead.
#[derive(Debug)]
pub(super) struct Ahead {
    ready: Receiver<Result<Chunk, FileError>>,
    /// Chunks are reused, so that the reading thread frees no memory.
    spent: SyncSender<Chunk>,
}

impl Ahead {
    /// Starts decoding.
    pub(super) fn start(decoders: Vec<Decoder>, repeat: bool) -> Result<Self, FileError> {
        let (ready_sender, ready) = sync_channel(AHEAD);
        let (spent, spent_receiver) = sync_channel(AHEAD + 2);
        let decode = move || decode(decoders, repeat, &ready_sender, &spent_receiver);
        thread::Builder::new().name("decode".to_owned()).spawn(decode).map_err(FileError::Thread)?;
        Ok(Self { ready, spent })
    }

    /// The next chunk, waiting for at most `timeout`; `Ok(None)` if there is none yet.
    pub(super) fn next(&self, timeout: Duration) -> Result<Option<Chunk>, Ended> {
        match self.ready.recv_timeout(timeout) {
            Ok(Ok(chunk)) => Ok(Some(chunk)),
            Ok(Err(error)) => Err(Ended::Failed(error)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(Ended::Over),
        }
    }

    /// Returns a chunk that has been played.
    pub(super) fn give_back(&self, chunk: Chunk) {
        // If the decoder is gone, or has enough, it is freed here.
        let _full = self.spent.try_send(chunk);
    }
}

/// Why there are no more chunks.
#[derive(Debug)]
pub(super) enum Ended {
    Over,
    Failed(FileError),
}

fn decode(decoders: Vec<Decoder>, repeat: bool, ready: &SyncSender<Result<Chunk, FileError>>, spent: &Receiver<Chunk>) {
    let paths: Vec<PathBuf> = decoders.iter().map(|decoder| decoder.path().into()).collect();
    let rates: Vec<u32> = decoders.iter().map(Decoder::sample_rate).collect();
    let mut lanes: Vec<Lane> = decoders.into_iter().map(Lane::new).collect();
    loop {
        let mut frames = 0;
        loop {
            match next_chunk(&mut lanes, spent.try_recv().unwrap_or_default()) {
                Ok(None) => break,
                Ok(Some(chunk)) => {
                    frames += chunk.frames;
                    if ready.send(Ok(chunk)).is_err() {
                        return;
                    }
                }
                Err(error) => {
                    let _nobody_listens = ready.send(Err(error));
                    return;
                }
            }
        }
        // The part of a file that is there is better than nothing, and the next pass has more of it.
        if !repeat || frames == 0 {
            if let Some(error) = unfinished(&lanes, frames) {
                let _nobody_listens = ready.send(Err(error));
            }
            return;
        }
        if frames < SHORTEST && ready.send(Ok(silence(lanes.len(), SHORTEST - frames))).is_err() {
            return;
        }
        match paths.iter().zip(&rates).map(|(path, rate)| reopen(path, *rate)).collect() {
            Ok(reopened) => lanes = reopened,
            Err(error) => {
                let _nobody_listens = ready.send(Err(error));
                return;
            }
        }
    }
}

/// Why files that have ended may have more to play later: a copy of one has only begun. One that was played, and that
/// nobody changes, is over, whatever its header says.
fn unfinished(lanes: &[Lane], frames: usize) -> Option<FileError> {
    let short = lanes.iter().find_map(|lane| {
        let missing = lane.decoder.shortfall()?;
        (frames == 0 || lane.decoder.is_changing()).then_some((lane, Some(missing)))
    });
    let (lane, missing) = short.or_else(|| Some((lanes.first().filter(|_| frames == 0)?, None)))?;
    let how = match missing {
        Some(missing) if frames > 0 => format!("lacks its last {} s", missing.as_secs_f64().ceil()),
        _ => "has no samples yet".to_owned(),
    };
    Some(FileError::Unfinished { path: lane.decoder.path().into(), how })
}

/// Opens a file for its next pass. One of another sample rate, put in its place meanwhile, would play at the wrong speed.
fn reopen(path: &Path, rate: u32) -> Result<Lane, FileError> {
    let decoder = Decoder::open(path)?;
    match decoder.sample_rate() {
        now if now == rate => Ok(Lane::new(decoder)),
        now => Err(FileError::Replaced { path: path.into(), rate, now }),
    }
}

fn silence(files: usize, frames: usize) -> Chunk {
    Chunk { frames, channels: vec![vec![0.0; frames]; 2 * files] }
}

/// One file, and its decoded samples that are not yet in a chunk.
struct Lane {
    decoder: Decoder,
    pending: Stereo,
    is_over: bool,
}

impl Lane {
    fn new(decoder: Decoder) -> Self {
        Self { decoder, pending: Stereo::default(), is_over: false }
    }

    fn fill(&mut self) -> Result<(), FileError> {
        while !self.is_over && self.pending.left.len() < CHUNK {
            self.is_over = !self.decoder.read(&mut self.pending)?;
        }
        Ok(())
    }
}

/// Moves the next samples of all files into a chunk; shorter ones are padded with silence. `None` when all have ended.
fn next_chunk(lanes: &mut [Lane], spent: Chunk) -> Result<Option<Chunk>, FileError> {
    let mut frames = 0;
    for lane in &mut *lanes {
        lane.fill()?;
        frames = frames.max(lane.pending.left.len().min(CHUNK));
    }
    if frames == 0 {
        return Ok(None);
    }
    let mut channels = spent.channels;
    channels.resize_with(2 * lanes.len(), Vec::new);
    for (lane, pair) in lanes.iter_mut().zip(channels.chunks_exact_mut(2)) {
        for (from, to) in [&mut lane.pending.left, &mut lane.pending.right].into_iter().zip(pair) {
            to.clear();
            to.extend(from.drain(..from.len().min(frames)));
            to.resize(frames, 0.0);
        }
    }
    Ok(Some(Chunk { frames, channels }))
}
