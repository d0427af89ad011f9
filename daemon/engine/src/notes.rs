//! Exact notes, from a MIDI port or from a MIDI file that plays along with the audio.
//!
//! | file | noun |
//! |---|---|
//! | `state` | the held and the latest notes, and their signals (pure) |
//! | `score` | a Standard MIDI File (pure) |

mod score;
mod state;

pub use score::{Score, ScoreError};
pub use state::{Notes, WIDTH, fields};

use crossbeam_channel::{Receiver, Sender, bounded};

/// Capacity for messages until the next hop: a cable carries a thousand per second.
const WAITING: usize = 1024;

/// An event at a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// A short message; unused bytes are 0.
    Message([u8; 3]),
    /// The port has gone.
    Gone,
}

impl Arrival {
    /// A message that may be about notes: notes, controllers, or a reset.
    pub fn of(message: &[u8]) -> Option<Self> {
        let mut bytes = [0; 3];
        if !matches!(message.first()?, 0x80..=0x9F | 0xB0..=0xBF | 0xFF) {
            return None;
        }
        bytes.get_mut(..message.len())?.copy_from_slice(message);
        Some(Self::Message(bytes))
    }
}

/// One `[midi-source.NAME]`: the source of its notes, and their signals.
pub struct NoteSource {
    notes: Notes,
    feed: Feed,
}

enum Feed {
    Port(Receiver<Arrival>),
    /// A file, and where it comes from if it was not there at first. That is kept: to drop it frees memory.
    File(Option<Score>, Option<Receiver<Score>>),
}

impl NoteSource {
    /// Notes from the other end. `channel` counts from 0; without one, all channels.
    pub fn arriving(channel: Option<u8>) -> (Self, Sender<Arrival>) {
        let (sender, arrivals) = bounded(WAITING);
        (Self { notes: Notes::new(channel), feed: Feed::Port(arrivals) }, sender)
    }

    /// The notes of a file.
    pub fn score(score: Score, channel: Option<u8>) -> Self {
        Self { notes: Notes::new(channel), feed: Feed::File(Some(score), None) }
    }

    /// The notes of a file that comes later, from the other end. It joins in where the audio is then.
    pub fn awaited(channel: Option<u8>) -> (Self, Sender<Score>) {
        let (sender, scores) = bounded(1);
        (Self { notes: Notes::new(channel), feed: Feed::File(None, Some(scores)) }, sender)
    }

    /// Writes the signals of a hop of `seconds`. `position` is the position of the audio at its end, in seconds from
    /// its first sample; without audio it is none, and a file stands still. Realtime-safe: yes.
    pub fn hop(&mut self, seconds: f64, position: Option<f64>, values: &mut [f32; WIDTH]) {
        let Self { notes, feed } = self;
        match feed {
            // A device that never stops sending does not hold up the hop.
            Feed::Port(arrivals) => arrivals.try_iter().take(WAITING).for_each(|arrival| match arrival {
                Arrival::Message(message) => notes.observe(&message),
                Arrival::Gone => notes.release(),
            }),
            Feed::File(score, coming) => {
                if let Some(position) = position {
                    if score.is_none() {
                        *score = coming.as_ref().and_then(|coming| coming.try_recv().ok());
                        score.iter_mut().for_each(|score| score.join_in(position));
                    }
                    score.iter_mut().for_each(|score| {
                        score.play(position, |message| match message {
                            Some(message) => notes.observe(message),
                            None => notes.release(),
                        });
                    });
                }
            }
        }
        notes.write(seconds, values);
    }
}

#[cfg(test)]
mod tests;
