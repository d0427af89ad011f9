//! Results of other causal programs for the same music.

use super::music::Music;
use super::said::Said;
use super::score::Score;
use super::scoring::score;
use super::summary::Summary;
use std::path::Path;

/// Another program's scores on some pieces.
pub struct Peer {
    /// Its name.
    pub name: String,
    /// A score for each piece, in the order of the pieces; nothing where it did not hear one.
    pub scores: Vec<Option<Score>>,
}

impl Peer {
    /// The peers whose lines lie in a folder, as `NAME/PIECE.jsonl`; none where there is no such folder.
    pub fn folder(folder: &Path, music: &[Music]) -> Vec<Self> {
        let Ok(entries) = std::fs::read_dir(folder) else { return vec![] };
        let mut names: Vec<String> =
            entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        let peer = |name: String| {
            let lines = |piece: &Music| std::fs::read_to_string(folder.join(&name).join(format!("{}.jsonl", piece.id)));
            let said: Vec<Option<Said>> =
                music.iter().map(|piece| lines(piece).ok().map(|text| Said::read(&text))).collect();
            let tells = said.iter().flatten().flat_map(Said::kinds).collect();
            let scores = music.iter().zip(&said);
            let scores = scores.map(|(piece, said)| said.as_ref().map(|said| score(piece, said, &tells)));
            Self { scores: scores.collect(), name }
        };
        names.into_iter().map(peer).filter(|peer| peer.scores.iter().any(Option::is_some)).collect()
    }

    /// Its summary over some pieces.
    pub fn summary(&self, places: &[usize]) -> Summary {
        Summary::of(places.iter().filter_map(|place| self.scores[*place].as_ref()))
    }
}

/// Where the figures of [`published`] come from.
pub const SOURCE: &str =
    "peers' rows: measured on the 48 pieces of the shared rhythm bench, of which 45 have beats and 29 have onsets";

/// How many pieces that are: beside other music those figures would compare with nothing.
pub const PIECES: usize = 48;

/// Peers' figures over those pieces, for where their lines do not lie beside the music.
pub fn published() -> Vec<(&'static str, Summary)> {
    let beats = |f, cmlt, amlt, p50, p90, lock, cpu, false_beats| {
        Summary::published(&[
            ("f", f),
            ("cmlt", cmlt),
            ("amlt", amlt),
            ("late-p50", p50),
            ("late-p90", p90),
            ("lock", lock),
            ("cpu", cpu),
            ("false-per-minute", false_beats),
            ("beat-pieces", 45.0),
        ])
    };
    let onsets = |f, p50, p90, cpu| {
        Summary::published(&[
            ("onset-f", f),
            ("onset-late-p50", p50),
            ("onset-late-p90", p90),
            ("cpu", cpu),
            ("onset-pieces", 29.0),
        ])
    };
    vec![
        ("madmom DBN online", beats(0.852, 0.726, 0.904, 18.0, 27.0, 0.6, 3.37, 50.0)),
        ("BTrack", beats(0.724, 0.581, 0.840, 17.0, 35.0, 1.8, 0.39, 130.0)),
        ("BeatNet online", beats(0.659, 0.363, 0.495, 32.0, 49.0, 9.4, 6.54, 84.0)),
        ("aubio", beats(0.596, 0.440, 0.606, 2.0, 16.0, 2.8, 0.16, 67.0)),
        ("madmom SuperFlux online", onsets(0.911, 17.0, 25.0, 0.49)),
        ("madmom RNN LL", onsets(0.910, 21.0, 31.0, 0.82)),
        ("aubio HFC, hop 256", onsets(0.902, 29.0, 35.0, 0.16)),
    ]
}
