//! Audio files that may be missing for a while: on a stick that is not plugged in, or being copied.

use super::stamp::Stamp;
use super::{FileError, FileSettings, FileSource};
use crate::{Block, Got, Report, Source};
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

/// Pause between two tries.
const AGAIN: Duration = Duration::from_secs(1);

/// A [`FileSource`] that is opened again after every failure, from its beginning: one whose files are not complete once
/// one of them has changed.
#[derive(Debug)]
pub struct PatientFiles {
    settings: FileSettings,
    source: Option<FileSource>,
    /// Why there is no source.
    why: String,
    /// When to try again.
    retry: Instant,
    /// The files as they were before they were opened last.
    stamps: Stamps,
    /// Whether they are played again only once they differ from that.
    until_changed: bool,
    /// A try in progress, on a thread of its own: a disk may take its time.
    opening: Option<Receiver<Option<Opened>>>,
}

/// One for each file, if it is there.
type Stamps = Vec<Option<Stamp>>;

/// What came of a try.
type Opened = (Result<FileSource, FileError>, Stamps);

impl PatientFiles {
    /// Opens the files, or waits for them if they cannot be read or decoded: they may just be copied.
    ///
    /// # Errors
    /// [`FileError`] if no file is given, or their sample rates differ.
    pub fn open(settings: FileSettings) -> Result<Self, FileError> {
        let stamps = stamps(&settings);
        let (source, why) = match FileSource::open(settings.clone()) {
            Ok(source) => (Some(source), String::new()),
            Err(error @ (FileError::Read { .. } | FileError::Empty(_) | FileError::Decode { .. })) => {
                tracing::warn!("audio: {error}; waiting for it");
                (None, error.to_string())
            }
            Err(error) => return Err(error),
        };
        let retry = Instant::now() + AGAIN;
        Ok(Self { settings, source, why, retry, stamps, until_changed: false, opening: None })
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
                let known = self.until_changed.then(|| self.stamps.clone());
                let open = move || {
                    let stamps = stamps(&settings);
                    let is_news = known != Some(stamps.clone());
                    drop(done.send(is_news.then(|| (FileSource::open(settings), stamps))));
                };
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
            Ok(opened) => opened,
        };
        self.opening = None;
        self.retry = Instant::now() + AGAIN;
        let Some((opened, stamps)) = opened else { return };
        (self.stamps, self.until_changed) = (stamps, false);
        match opened {
            Ok(source) => {
                tracing::info!("audio: the files are there");
                self.source = Some(source);
            }
            Err(error) => self.fail(error.to_string()),
        }
    }

    fn fail(&mut self, why: String) {
        if why != self.why {
            tracing::warn!("audio: {why}; waiting for it");
            self.why = why;
        }
    }
}

fn stamps(settings: &FileSettings) -> Stamps {
    settings.buses.iter().map(|(_, path)| Stamp::of(path)).collect()
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
                self.until_changed = source.is_unfinished();
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
