//! The findings in one file, for the picture.

use downbeat_engine::MusicState;

/// One hop of the analysis, as far as the picture needs it.
#[derive(Clone, Copy, Debug)]
pub struct HopFindings {
    /// Seconds of audio at its end.
    pub time: f64,
    /// Onset strength of the whole spectrum, `[0, 1]`.
    pub strength: f32,
    /// Beats per minute.
    pub tempo: f32,
    /// The tracker's confidence in it, `[0, 1]`.
    pub confidence: f32,
    /// Whether beats play.
    pub beating: bool,
    /// The state of the music.
    pub state: MusicState,
}

/// A reported beat.
#[derive(Clone, Copy, Debug)]
pub struct Beat {
    /// Seconds.
    pub time: f64,
    /// Whether it is a downbeat.
    pub downbeat: bool,
}

/// All findings in one file.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// In order of time, evenly spaced.
    pub hops: Vec<HopFindings>,
    /// Mel energies of all hops, one hop after the other, `[0, 1]` as 0..=255.
    pub mel: Vec<u8>,
    /// Mel bands per hop.
    pub mel_bands: usize,
    /// In order of reporting.
    pub beats: Vec<Beat>,
    /// Seconds at which onsets were picked.
    pub onsets: Vec<f64>,
}

impl Findings {
    /// Empty, for hops with this many mel bands.
    pub fn of_bands(mel_bands: usize) -> Self {
        Self { mel_bands, ..Self::default() }
    }

    /// The mel energies of a hop, lowest band first.
    pub fn mel_of(&self, hop: usize) -> &[u8] {
        self.mel.get(hop * self.mel_bands..(hop + 1) * self.mel_bands).unwrap_or(&[])
    }

    /// The hops that end in `from..to` seconds; at least the one nearest to `from`, if there are any.
    pub fn between(&self, from: f64, to: f64) -> std::ops::Range<usize> {
        let first = self.hops.partition_point(|hop| hop.time < from);
        let last = self.hops.partition_point(|hop| hop.time < to);
        match self.hops.len() {
            0 => 0..0,
            len if first == last => first.min(len - 1)..first.min(len - 1) + 1,
            _ => first..last,
        }
    }

    /// The tempo of most beats, in beats per minute, to the nearest tenth.
    pub fn main_tempo(&self) -> Option<f64> {
        let mut counts = std::collections::BTreeMap::<i64, usize>::new();
        for hop in self.hops.iter().filter(|hop| hop.beating) {
            *counts.entry((f64::from(hop.tempo) * 10.0).round() as i64).or_default() += 1;
        }
        counts.into_iter().max_by_key(|(_, count)| *count).map(|(tenths, _)| tenths as f64 / 10.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(tempos: &[f32]) -> Findings {
        let hop = |(index, tempo): (usize, &f32)| HopFindings {
            time: index as f64 * 0.1,
            strength: 0.0,
            tempo: *tempo,
            confidence: 1.0,
            beating: true,
            state: MusicState::Playing,
        };
        Findings { hops: tempos.iter().enumerate().map(hop).collect(), ..Findings::default() }
    }

    #[test]
    fn a_column_narrower_than_a_hop_shows_the_nearest() {
        let found = findings(&[120.0; 5]);
        assert_eq!(found.between(0.1, 0.3), 1..3);
        assert_eq!(found.between(0.21, 0.22), 3..4);
        assert_eq!(found.between(9.0, 9.1), 4..5);
        assert_eq!(Findings::default().between(0.0, 1.0), 0..0);
    }

    #[test]
    fn the_main_tempo_is_the_one_that_lasted_longest() {
        assert_eq!(findings(&[120.0, 128.02, 127.98, 128.0, 140.0]).main_tempo(), Some(128.0));
        assert_eq!(Findings::default().main_tempo(), None);
    }
}
