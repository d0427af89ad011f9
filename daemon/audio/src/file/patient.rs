//! Audio files that may be missing for a while: on a stick that is not plugged in, or being copied.

use super::{FileError, FileSettings, FileSource};
use crate::{Block, Got, Report, Source};
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

/// Pause between two tries.
const AGAIN: Duration = Duration::from_secs(1);

/// A [`FileSource`] that is opened again after every failure, from its beginning.
#[derive(Debug)]
pub struct PatientFiles {
    settings: FileSettings,
    source: Option<FileSource>,
    /// Why there is no source.
    why: String,
    /// When to try again.
    retry: Instant,
    /// A try in progress, on a thread of its own: a disk may take its time.
    opening: Option<Receiver<Result<FileSource, FileError>>>,
}

impl PatientFiles {
    /// Opens the files, or waits for them if they cannot be read or decoded: they may just be copied.
    ///
    /// # Errors
    /// [`FileError`] if no file is given, or their sample rates differ.
    pub fn open(settings: FileSettings) -> Result<Self, FileError> {
        let (source, why) = match FileSource::open(settings.clone()) {
            Ok(source) => (Some(source), String::new()),
            Err(error @ (FileError::Read { .. } | FileError::Empty(_) | FileError::Decode { .. })) => {
                tracing::warn!("audio: {error}; waiting for it");
                (None, error.to_string())
            }
            Err(error) => return Err(error),
        };
        Ok(Self { settings, source, why, retry: Instant::now() + AGAIN, opening: None })
    }

    /// Whether the files are there.
    pub fn is_open(&self) -> bool {
        self.source.is_some()
    }

    fn try_again(&mut self) {
        let Some(opening) = &self.opening else {
            if Instant::now() >= self.retry {
                let (done, opening) = sync_channel(1);
                let settings = self.settings.clone();
                let open = move || drop(done.send(FileSource::open(settings)));
                if thread::Builder::new().name("open".into()).spawn(open).is_ok() {
                    self.opening = Some(opening);
                }
                self.retry = Instant::now() + AGAIN;
            }
            return;
        };
        let opened = match opening.try_recv() {
            Err(TryRecvError::Empty) => return,
            Err(TryRecvError::Disconnected) => None,
            Ok(opened) => Some(opened),
        };
        self.opening = None;
        self.retry = Instant::now() + AGAIN;
        match opened {
            Some(Ok(source)) => {
                tracing::info!("audio: the files are there");
                self.source = Some(source);
            }
            Some(Err(error)) => self.fail(error.to_string()),
            None => {}
        }
    }

    fn fail(&mut self, why: String) {
        if why != self.why {
            tracing::warn!("audio: {why}; waiting for it");
            self.why = why;
        }
    }
}

impl Source for PatientFiles {
    fn next(&mut self, block: &mut Block, timeout: Duration) -> Got {
        let Some(source) = &mut self.source else {
            self.try_again();
            thread::sleep(timeout);
            return Got::Nothing;
        };
        let got = source.next(block, timeout);
        match source.failure().map(str::to_owned) {
            Some(why) if got == Got::End => {
                self.source = None;
                self.retry = Instant::now() + AGAIN;
                self.why.clone_from(&why);
                Got::Lost { why }
            }
            _ => got,
        }
    }

    fn report(&self) -> Report {
        match &self.source {
            Some(source) => source.report(),
            None => Report { status: format!("waiting: {}", self.why), ..Report::default() },
        }
    }
}
