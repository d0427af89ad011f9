//! Pieces of many genres, rendered with their exact truth, to evaluate hearing.
//!
//! Clubs, bands, odd bars, pieces made to be hard, and sounds without a beat: speech, applause, noise, silence. Each
//! has its own drums, and everything not in the catalogue is random, seeded by the piece's name: the same on every
//! machine, and not tuned to any ear. Beside each `ID.wav` (48 kHz, stereo, 16 bit) is `ID.json` with beats, downbeats,
//! onsets, drum hits, sections and drops.
//!
//! The path is genre → grid and form → score → mix → truth. Sounds come from the demo song's own synthesiser.

mod catalogue;
mod chance;
mod drums;
mod files;
mod form;
mod genre;
mod grid;
mod harmony;
mod mix;
mod nobeat;
mod piece;
mod score;
mod truth;
mod voices;

pub use files::{FileError, ensure, fingerprint, write};
pub use piece::Piece;
pub use truth::{Drums, Section, Truth};

/// Samples per second of every piece.
pub const SAMPLE_RATE: u32 = downbeat_song::SAMPLE_RATE;

/// The name of the piece that is cut from one record to another.
const CUT: &str = "cut_124_141";

/// The names of all pieces.
pub fn names() -> Vec<&'static str> {
    catalogue::genres().map(|genre| genre.id).chain([CUT]).chain(nobeat::names()).collect()
}

/// Renders a piece; a second or two of work. None when there is no piece of that name.
pub fn render(name: &str) -> Option<Piece> {
    if name == CUT {
        return Some(Piece::cut(CUT, catalogue::CUT));
    }
    let genre = catalogue::genres().find(|genre| genre.id == name);
    genre.map(Piece::play).or_else(|| nobeat::piece(name))
}

#[cfg(test)]
mod tests;
