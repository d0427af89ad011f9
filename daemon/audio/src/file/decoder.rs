//! One audio file, decoded piece by piece.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    time::Duration,
};

use symphonia::core::{
    audio::GenericAudioBufferRef,
    codecs::{
        CodecParameters,
        audio::{AudioDecoder, AudioDecoderOptions},
    },
    errors::Error,
    formats::{FormatOptions, FormatReader, Track, TrackType, probe::Hint},
    io::{MediaSource, MediaSourceStream},
    meta::MetadataOptions,
};

use super::{FileError, stamp::Stamp};

/// How far the length in the header of a whole file may be off: MP3 rounds it, and damage takes pieces away.
const INEXACT: Duration = Duration::from_secs(1);

/// Left and right samples, of equal number.
#[derive(Debug, Default)]
pub(super) struct Stereo {
    pub(super) left: Vec<f32>,
    pub(super) right: Vec<f32>,
}

/// The decoder of one file.
pub(super) struct Decoder {
    path: PathBuf,
    /// The file as it was when it was opened; none for another source.
    stamp: Option<Stamp>,
    format: Box<dyn FormatReader>,
    decoder: Box<dyn AudioDecoder>,
    track: u32,
    sample_rate: u32,
    frames: Option<u64>,
    /// Samples per channel so far.
    decoded: u64,
    planes: Vec<Vec<f32>>,
    is_damaged: bool,
}

impl Decoder {
    /// Opens a file and detects its format.
    pub(super) fn open(path: &Path) -> Result<Self, FileError> {
        let file = downbeat_files::open(path).map_err(|source| FileError::Read { path: path.into(), source })?;
        let metadata = file.metadata().ok();
        if metadata.as_ref().is_some_and(|metadata| metadata.len() == 0) {
            return Err(FileError::Empty(path.into()));
        }
        let stamp = metadata.as_ref().and_then(Stamp::new);
        Ok(Self { stamp, ..Self::over(path, Box::new(file))? })
    }

    /// Detects the format of a source, which messages call `path`.
    pub(super) fn over(path: &Path, source: Box<dyn MediaSource>) -> Result<Self, FileError> {
        survive(path, || Self::probe(path, source))
    }

    fn probe(path: &Path, source: Box<dyn MediaSource>) -> Result<Self, FileError> {
        let stream = MediaSourceStream::new(source, Default::default());
        let mut hint = Hint::new();
        if let Some(extension) = path.extension().and_then(|extension| extension.to_str()) {
            hint.with_extension(extension);
        }
        let format = symphonia::default::get_probe()
            .probe(&hint, stream, FormatOptions::default(), MetadataOptions::default())
            .map_err(|error| describe(path, error))?;

        let unusable = |why: &str| FileError::Decode { path: path.into(), why: why.into() };
        let track = format.default_track(TrackType::Audio).ok_or_else(|| unusable("it contains no audio"))?;
        let (track_id, frames) = (track.id, track.num_frames);
        let (decoder, sample_rate) = make_decoder(track).map_err(|error| describe(path, error))?;
        let sample_rate = sample_rate.ok_or_else(|| unusable("it gives no sample rate"))?;
        Ok(Self {
            path: path.into(),
            stamp: None,
            format,
            decoder,
            track: track_id,
            sample_rate,
            frames,
            decoded: 0,
            planes: Vec::new(),
            is_damaged: false,
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Samples per second.
    pub(super) fn sample_rate(&self) -> u32 {
        self.sample_rate
    }

    /// The length in the file's header, if any.
    pub(super) fn duration(&self) -> Option<Duration> {
        // A damaged header gives any number.
        self.frames.and_then(|frames| Duration::try_from_secs_f64(frames as f64 / f64::from(self.sample_rate)).ok())
    }

    /// Decodes a little more and appends it; false at the end.
    ///
    /// An undecodable piece becomes silence of the same length, so that the rest stays in place. (Data not even
    /// recognised as a piece is skipped.) A truncated file ends there. Both are logged once.
    pub(super) fn read(&mut self, into: &mut Stereo) -> Result<bool, FileError> {
        let before = into.left.len();
        let read = survive(&self.path.clone(), || self.read_packet(into));
        self.decoded += (into.left.len() - before) as u64;
        read
    }

    /// How much of the length in its header was not there when it ended, if it is worth a word: its copy may just go on,
    /// or the header says too much. Some MP3 files have none, and their length is estimated.
    pub(super) fn shortfall(&self) -> Option<Duration> {
        let missing = self.frames?.saturating_sub(self.decoded);
        let missing = Duration::try_from_secs_f64(missing as f64 / f64::from(self.sample_rate)).ok()?;
        (missing > INEXACT).then_some(missing)
    }

    /// Whether the file has changed since it was opened, or just before: then somebody is writing it.
    pub(super) fn is_changing(&self) -> bool {
        let now = Stamp::of(&self.path);
        now != self.stamp || now.is_some_and(Stamp::is_recent)
    }

    fn read_packet(&mut self, into: &mut Stereo) -> Result<bool, FileError> {
        loop {
            let packet = match self.format.next_packet() {
                Ok(Some(packet)) => packet,
                Ok(None) => return Ok(false),
                Err(Error::ResetRequired) => {
                    self.restart_decoder()?;
                    continue;
                }
                Err(Error::IoError(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    self.complain("ends early");
                    return Ok(false);
                }
                Err(error) => return Err(describe(&self.path, error)),
            };
            if packet.track_id != self.track {
                continue;
            }
            match self.decoder.decode(&packet) {
                Ok(decoded) => append(&decoded, &mut self.planes, into),
                Err(Error::DecodeError(_) | Error::IoError(_)) => {
                    let length = into.left.len() + usize::try_from(packet.dur.get()).unwrap_or(0);
                    into.left.resize(length, 0.0);
                    into.right.resize(length, 0.0);
                    self.complain("is damaged in places");
                }
                Err(error) => return Err(describe(&self.path, error)),
            }
            return Ok(true);
        }
    }

    /// Continues with the next stream of a chained Ogg file.
    fn restart_decoder(&mut self) -> Result<(), FileError> {
        let unusable = |why: String| FileError::Decode { path: self.path.clone(), why };
        let track = self.format.default_track(TrackType::Audio);
        let track = track.ok_or_else(|| unusable("its audio ends early".into()))?;
        let (decoder, sample_rate) = make_decoder(track).map_err(|error| describe(&self.path, error))?;
        if sample_rate != Some(self.sample_rate) {
            return Err(unusable(format!("its sample rate changes from {} Hz", self.sample_rate)));
        }
        self.track = track.id;
        self.decoder = decoder;
        Ok(())
    }

    fn complain(&mut self, what: &str) {
        if !self.is_damaged {
            self.is_damaged = true;
            tracing::warn!("the audio file {} {what}; playing the rest", self.path.display());
        }
    }
}

/// Some damaged files make Symphonia panic. That is no reason to take the thread along, which would look like the end of
/// the file. After such an error the decoder is not used again.
fn survive<T>(path: &Path, read: impl FnOnce() -> Result<T, FileError>) -> Result<T, FileError> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| {
        let why = "it is damaged in a way that its decoder does not expect".into();
        Err(FileError::Decode { path: path.into(), why })
    })
}

fn make_decoder(track: &Track) -> Result<(Box<dyn AudioDecoder>, Option<u32>), Error> {
    let Some(CodecParameters::Audio(parameters)) = &track.codec_params else {
        return Err(Error::Unsupported("an unknown codec"));
    };
    let decoder = symphonia::default::get_codecs().make_audio_decoder(parameters, &AudioDecoderOptions::default())?;
    Ok((decoder, parameters.sample_rate.filter(|rate| *rate > 0)))
}

/// The first two channels; a single one counts twice.
fn append(decoded: &GenericAudioBufferRef<'_>, planes: &mut Vec<Vec<f32>>, into: &mut Stereo) {
    decoded.copy_to_vecs_planar(planes);
    let Some(left) = planes.first() else {
        return;
    };
    into.left.extend_from_slice(left);
    into.right.extend_from_slice(planes.get(1).unwrap_or(left));
}

fn describe(path: &Path, error: Error) -> FileError {
    match error {
        Error::IoError(source) if source.kind() != io::ErrorKind::UnexpectedEof => {
            FileError::Read { path: path.into(), source }
        }
        error => FileError::Decode { path: path.into(), why: error.to_string() },
    }
}
