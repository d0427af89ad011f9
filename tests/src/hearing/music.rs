//! A piece of music and the truth about it, in the neutral format: a sound file and a JSON file of one name.

use serde::Deserialize;
use std::path::{Path, PathBuf};

/// The truth about a piece; times are seconds from its first sample.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Music {
    /// Its name.
    pub id: String,
    /// What it is reported with.
    pub group: String,
    /// Length.
    pub duration: f64,
    /// Every beat.
    pub beats: Vec<f64>,
    /// Every first beat of a bar, where it is known.
    pub downbeats: Option<Vec<f64>>,
    /// Every onset, where it is known.
    pub onsets: Option<Vec<f64>>,
    /// Beats per minute, where there is one tempo.
    pub tempo: Option<f64>,
    /// Whether it has no beat.
    pub no_beat: bool,
    /// Hits of the drums, where they are known.
    #[serde(default)]
    pub drums: Option<Drums>,
    /// The parts; none where it has none or nobody knows.
    #[serde(default)]
    pub sections: Vec<Section>,
    /// Where it drops; nothing where nobody knows.
    #[serde(default)]
    pub drops: Option<Vec<f64>>,
    /// Where saying a drop is neither right nor wrong.
    #[serde(default)]
    pub maybe_drops: Vec<f64>,
    /// The sound.
    #[serde(skip)]
    pub sound: PathBuf,
}

/// Hits by their kind.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Drums {
    /// Bass drums.
    pub kick: Vec<f64>,
    /// Snares and claps.
    pub snare: Vec<f64>,
    /// Hi-hats.
    pub hat: Vec<f64>,
}

/// A part of a piece.
#[derive(Clone, Debug, Deserialize)]
pub struct Section {
    /// Where it begins.
    pub start: f64,
}

/// Why music cannot be used.
#[derive(Debug)]
pub struct Unusable(String);

impl std::fmt::Display for Unusable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Music {
    /// Reads the truth at a path; the sound lies beside it.
    fn read(truth: &Path) -> Result<Self, Unusable> {
        let wrong = |why: String| Unusable(format!("{}: {why}", truth.display()));
        let text = std::fs::read_to_string(truth).map_err(|error| wrong(error.to_string()))?;
        let mut music: Self = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        let sound = ["wav", "flac", "ogg", "mp3"].into_iter().map(|kind| truth.with_extension(kind));
        music.sound = { sound }.find(|path| path.is_file()).ok_or_else(|| wrong("no sound lies beside it".into()))?;
        Ok(music)
    }

    /// All pieces of a folder, by their names.
    pub fn folder(folder: &Path) -> Result<Vec<Self>, Unusable> {
        let entries = std::fs::read_dir(folder).map_err(|error| Unusable(format!("{}: {error}", folder.display())))?;
        let mut truths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        truths.retain(|path| path.extension().is_some_and(|kind| kind == "json"));
        truths.sort();
        if truths.is_empty() {
            return Err(Unusable(format!("{}: no piece of music lies there", folder.display())));
        }
        truths.iter().map(|truth| Self::read(truth)).collect()
    }

    /// The room in which it is heard, or what else was done to it; nothing for music as it was made.
    pub fn condition(&self) -> Option<&str> {
        self.group.strip_prefix("room_")
    }

    /// Whether people played it, whose beats are never even.
    pub fn is_human(&self) -> bool {
        self.group == "drums_human"
    }

    /// The name of the piece that this is, wherever it is heard.
    pub fn dry_id(&self) -> &str {
        self.id.split_once('@').map_or(&self.id, |(dry, _)| dry)
    }

    /// The length of a bar in seconds: the middle one of all.
    pub fn bar(&self) -> Option<f64> {
        let downbeats = self.downbeats.as_deref()?;
        let mut bars: Vec<f64> = downbeats.windows(2).map(|pair| pair[1] - pair[0]).collect();
        bars.sort_by(f64::total_cmp);
        bars.get(bars.len() / 2).copied()
    }
}
