//! The exact truth about the song.

use crate::score::{Score, form};
use crate::{FINGERPRINT, LENGTH, SAMPLE_RATE};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The truth about the song; all times are seconds from its first sample.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Truth {
    /// Which version of the song this is about.
    pub fingerprint: String,
    /// Samples per second.
    pub sample_rate: u32,
    /// Length of the song.
    pub duration: f64,
    /// Beats of a bar.
    pub beats_per_bar: u8,
    /// Every beat, also where nothing strikes it, up to the last hit.
    pub beats: Vec<f64>,
    /// Every first beat of a bar.
    pub downbeats: Vec<f64>,
    /// Every hit, by drum: `kick`, `snare`, `clap`, `closed-hat`, `open-hat`, `crash`, `tom`.
    pub onsets: BTreeMap<String, Vec<f64>>,
    /// The parts in order.
    pub sections: Vec<Section>,
    /// The tempos in order.
    pub tempos: Vec<Tempo>,
}

/// A part of the song: `intro`, `build-up`, `drop`, `breakdown`, `second-drop`, `end`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Section {
    /// What it is called.
    pub name: String,
    /// Its first downbeat.
    pub start: f64,
    /// The next part's first downbeat, or the end of the song.
    pub end: f64,
}

/// A tempo and from where it holds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tempo {
    /// Its first downbeat.
    pub start: f64,
    /// Beats per minute.
    pub bpm: f64,
}

impl Truth {
    pub(crate) fn of(score: &Score) -> Self {
        let steps = form::STEPS / form::BEATS;
        let bars = 0..form::LAST_BAR;
        let beat = |bar, beat: usize| seconds(form::sample_at(bar, (beat * steps) as f64));
        let beats = bars.flat_map(|bar| (0..form::BEATS).map(move |number| beat(bar, number)));
        let mut onsets: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        for hit in &score.hits {
            onsets.entry(hit.drum.name().into()).or_default().push(seconds(hit.at));
        }
        Self {
            fingerprint: FINGERPRINT.into(),
            sample_rate: SAMPLE_RATE,
            duration: seconds(LENGTH),
            beats_per_bar: form::BEATS as u8,
            beats: beats.chain([beat(form::LAST_BAR, 0)]).collect(),
            downbeats: (0..=form::LAST_BAR).map(|bar| beat(bar, 0)).collect(),
            onsets,
            sections: form::PARTS.iter().map(section).collect(),
            tempos: form::TEMPOS.iter().map(|(bar, bpm)| Tempo { start: beat(*bar, 0), bpm: *bpm }).collect(),
        }
    }

    /// The part of a name.
    pub fn section(&self, name: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.name == name)
    }
}

fn section(part: &form::Part) -> Section {
    let end = if part.end > form::LAST_BAR { LENGTH } else { form::sample_at(part.end, 0.0) };
    Section { name: part.name.into(), start: seconds(form::sample_at(part.first, 0.0)), end: seconds(end) }
}

fn seconds(sample: usize) -> f64 {
    sample as f64 / f64::from(SAMPLE_RATE)
}
