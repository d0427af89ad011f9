//! Opens the sources of notes: MIDI ports and MIDI files.

use crate::config::{Config, MidiSourceConfig};
use crate::dispatch::Health;
use crate::exit::Failure;
use crate::inputs::notes::Notes;
use crate::inputs::score::{self, ScoreFileError, ScoreSearch};
use crate::midi_port::{In, Wanted, Watch};
use crate::outputs::Jack;
use crate::status::{Entry, Section};
use crossbeam_channel::Sender;
use downbeat_engine::notes::{NoteSource, Score};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The sources of notes in the engine's order, and where each gets them from.
#[derive(Default)]
pub(super) struct OpenedNotes {
    pub sources: Vec<NoteSource>,
    pub origins: Vec<Origin>,
}

/// Where notes come from.
pub(super) struct Origin {
    /// Its place in the status.
    pub entry: Entry,
    missing: Missing,
}

/// What has to be looked for.
enum Missing {
    Port(Wanted, In<Notes>),
    File(PathBuf, Sender<Score>),
    Nothing,
}

/// A search; it ends, and a port is released, when this is dropped.
#[derive(Default)]
pub(super) struct Search {
    _port: Option<Watch<In<Notes>>>,
    _file: Option<ScoreSearch>,
}

/// Refuses MIDI files without notes. One that is missing is waited for: it may be on a stick.
pub(super) fn check(config: &Config) -> Result<(), Failure> {
    for (name, table) in &config.midi_sources {
        match table.file.as_deref().map(score::read) {
            None | Some(Ok(_) | Err(ScoreFileError::Read { .. })) => {}
            Some(Err(error)) => {
                let key = ["midi-source", name, "file"].map(str::to_owned);
                return Err(Failure::NoInput(config.fault(&key, error.to_string()).to_string()));
            }
        }
    }
    Ok(())
}

/// Reads the MIDI files. Ports that are missing, and files that are missing or half copied, are found later: on stage the
/// show goes on without them.
pub(super) fn open(config: &Config) -> OpenedNotes {
    let mut opened = OpenedNotes::default();
    for (name, table) in &config.midi_sources {
        let (source, origin) = match (&table.port, &table.file) {
            (_, Some(path)) => file(name, table, path),
            (Some(wanted), None) => port(name, table, wanted),
            // The configuration has been checked.
            (None, None) => continue,
        };
        opened.sources.push(source);
        opened.origins.push(origin);
    }
    opened
}

fn port(name: &str, table: &MidiSourceConfig, wanted: &str) -> (NoteSource, Origin) {
    let (source, arrivals) = NoteSource::arriving(channel(table));
    let entry = entry(name, wanted);
    let input = In(Notes { arrivals, health: Arc::clone(&entry.health) });
    (source, Origin { entry, missing: Missing::Port(Wanted::from(wanted.to_owned()), input) })
}

fn file(name: &str, table: &MidiSourceConfig, path: &Path) -> (NoteSource, Origin) {
    let entry = entry(name, &path.display().to_string());
    match score::read(path) {
        Ok(score) => (NoteSource::score(score, channel(table)), Origin { entry, missing: Missing::Nothing }),
        Err(error) => {
            entry.health.set_error(name, score::waiting(&error));
            let (source, scores) = NoteSource::awaited(channel(table));
            (source, Origin { entry, missing: Missing::File(path.into(), scores) })
        }
    }
}

/// As the messages count it.
fn channel(table: &MidiSourceConfig) -> Option<u8> {
    table.channel.map(|channel| channel.saturating_sub(1))
}

fn entry(name: &str, place: &str) -> Entry {
    let health = Arc::new(Health::default());
    health.set_place(place);
    Entry { section: Section::Notes, name: name.into(), kind: "midi-source".into(), health }
}

impl Origin {
    /// Starts looking for what is missing, while the search is kept.
    pub fn search(self, jack: Option<&Jack>) -> Search {
        let Entry { name, health, .. } = self.entry;
        match self.missing {
            Missing::Port(wanted, input) => {
                let leases = jack.map(|jack| jack.leases.clone());
                Search { _port: Some(Watch::start(&name, wanted, input, leases, health)), _file: None }
            }
            Missing::File(path, scores) => {
                Search { _port: None, _file: Some(ScoreSearch::start(&name, path, scores, health)) }
            }
            Missing::Nothing => Search::default(),
        }
    }
}
