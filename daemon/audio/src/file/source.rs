//! Audio files as a source of blocks.

use std::{
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};

use super::{
    FileError,
    ahead::{Ahead, Chunk, Ended},
    decoder::Decoder,
    timing::Timing,
};
use crate::{Block, Got, Report, Source, host_time::host_now_ns};

/// Samples per channel in a block: as in a typical JACK setup for a show.
const BLOCK: usize = 256;

/// The files, and how to play them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileSettings {
    /// The name of each bus and its file.
    pub buses: Vec<(String, PathBuf)>,
    /// The pace of blocks.
    pub pace: Pace,
    /// Whether to loop. Sample numbers continue.
    pub repeat: bool,
}

/// The pace of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pace {
    /// In real time: a block arrives when its last sample would have been captured.
    #[default]
    RealTime,
    /// As fast as the reader takes blocks. Times are those of real time, counted from the first block.
    Fast,
}

/// Samples from audio files (WAV, AIFF, FLAC, MP3, Ogg Vorbis): one per bus, all with the same sample rate.
///
/// Plays the first two channels of a file; a mono channel goes to both sides. Pads shorter files with silence to the
/// longest. A thread decodes about a second ahead.
#[derive(Debug)]
pub struct FileSource {
    settings: FileSettings,
    sample_rate: u32,
    duration: Option<Duration>,
    ahead: Ahead,
    chunk: Option<Chunk>,
    /// Samples played of the chunk.
    chunk_played: usize,
    /// Samples played.
    played: u64,
    timing: Option<Timing>,
    /// Why it is over, and how.
    ended: Option<(String, How)>,
}

impl FileSource {
    /// Opens the files and starts decoding.
    ///
    /// # Errors
    /// [`FileError`] if there is no file, one is unreadable or cannot be decoded, or their sample rates differ.
    pub fn open(settings: FileSettings) -> Result<Self, FileError> {
        let decoders: Vec<Decoder> =
            settings.buses.iter().map(|(_, path)| Decoder::open(path)).collect::<Result<_, _>>()?;
        let sample_rate = common_sample_rate(&decoders)?;
        let duration = decoders
            .iter()
            .map(Decoder::duration)
            .try_fold(Duration::ZERO, |longest, duration| Some(longest.max(duration?)));
        let ahead = Ahead::start(decoders, settings.repeat)?;
        Ok(Self {
            settings,
            sample_rate,
            duration,
            ahead,
            chunk: None,
            chunk_played: 0,
            played: 0,
            timing: None,
            ended: None,
        })
    }

    /// The length of the longest file, if all headers have one.
    pub fn duration(&self) -> Option<Duration> {
        self.duration
    }

    /// Why it ended before its time.
    pub fn failure(&self) -> Option<&str> {
        self.ended.as_ref().and_then(|(why, how)| (*how != How::Played).then_some(why.as_str()))
    }

    /// Whether it ended because a file is not complete: there is no more of it until it changes.
    pub fn is_unfinished(&self) -> bool {
        matches!(self.ended, Some((_, How::Unfinished)))
    }

    /// Samples per second.
    pub fn sample_rate(&self) -> f64 {
        f64::from(self.sample_rate)
    }

    /// Moves the next samples into the block.
    fn fill(&mut self, block: &mut Block, timing: Timing, frames: usize) {
        let Some(chunk) = &self.chunk else {
            return;
        };
        block.shape(chunk.channels.len(), frames);
        for (to, from) in block.channels.iter_mut().zip(&chunk.channels) {
            to.copy_from_slice(&from[self.chunk_played..self.chunk_played + frames]);
        }
        block.first_sample = self.played;
        block.time_host_ns = timing.host_ns(self.played);
        self.played += frames as u64;
        block.received_host_ns = match self.settings.pace {
            // Its last sample. After the process stood still, what should have come then is as old as it is.
            Pace::RealTime => timing.host_ns(self.played),
            Pace::Fast => host_now_ns(),
        };
        self.chunk_played += frames;
        if self.chunk_played == chunk.frames
            && let Some(chunk) = self.chunk.take()
        {
            self.ahead.give_back(chunk);
        }
    }
}

impl Source for FileSource {
    fn next(&mut self, block: &mut Block, timeout: Duration) -> Got {
        let begun = Instant::now();
        if self.ended.is_some() {
            return Got::End;
        }
        let Some(timing) = self.timing else {
            self.timing = Some(Timing { start_host_ns: host_now_ns(), sample_rate: self.sample_rate });
            return Got::Started { sample_rate: self.sample_rate() };
        };
        if self.chunk.is_none() {
            match self.ahead.next(timeout) {
                Ok(chunk) => (self.chunk, self.chunk_played) = (chunk, 0),
                Err(ended) => {
                    self.ended = Some(describe(ended));
                    return Got::End;
                }
            }
        }
        let Some(chunk) = &self.chunk else {
            return Got::Nothing;
        };
        let frames = BLOCK.min(chunk.frames - self.chunk_played);
        if self.settings.pace == Pace::RealTime {
            let due_ns = timing.host_ns(self.played + frames as u64);
            let early = Duration::from_nanos(due_ns.saturating_sub(host_now_ns()).try_into().unwrap_or(0));
            let left = timeout.saturating_sub(begun.elapsed());
            thread::sleep(early.min(left));
            if early > left {
                return Got::Nothing;
            }
        }
        self.fill(block, timing, frames);
        Got::Block
    }

    fn report(&self) -> Report {
        let names = self.settings.buses.iter().map(|(_, path)| vec![path.display().to_string()]).collect();
        let position = self.played as f64 / self.sample_rate();
        let status = match (&self.ended, self.duration) {
            (Some((ended, _)), _) => ended.clone(),
            (None, Some(duration)) if !self.settings.repeat => {
                format!("playing files: {position:.0} of {:.0} s", duration.as_secs_f64())
            }
            _ => format!("playing files: {position:.0} s"),
        };
        Report { status, connected: names, sample_rate: self.sample_rate(), block: BLOCK, ..Report::default() }
    }
}

/// Sample rates that can be analysed, in hertz. A wrong header may say anything.
const SAMPLE_RATES: std::ops::RangeInclusive<u32> = 8_000..=192_000;

fn common_sample_rate(decoders: &[Decoder]) -> Result<u32, FileError> {
    let first = decoders.first().ok_or(FileError::NoFiles)?;
    if !SAMPLE_RATES.contains(&first.sample_rate()) {
        return Err(FileError::SampleRate { path: first.path().into(), rate: first.sample_rate() });
    }
    match decoders.iter().find(|decoder| decoder.sample_rate() != first.sample_rate()) {
        None => Ok(first.sample_rate()),
        Some(second) => Err(FileError::SampleRates {
            first: first.path().into(),
            first_rate: first.sample_rate(),
            second: second.path().into(),
            second_rate: second.sample_rate(),
        }),
    }
}

/// How files end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    Played,
    Unfinished,
    Failed,
}

fn describe(ended: Ended) -> (String, How) {
    match ended {
        Ended::Over => ("the files have ended".to_owned(), How::Played),
        Ended::Failed(error) => {
            tracing::warn!("audio: {error}");
            let how = if matches!(error, FileError::Unfinished { .. }) { How::Unfinished } else { How::Failed };
            (error.to_string(), how)
        }
    }
}
