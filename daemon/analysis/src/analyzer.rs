//! One bus: samples in, a row of values and a pulse out.

use crate::features::{FEATURES, Feature};
use crate::fields::width;
use crate::frame::{self, Frame};
use crate::structure::Structure;
use crate::tracker::Tracker;
use crate::{Hint, Hop, Pulse, Settings, SettingsError};

/// Analyses one bus: all its features, its beat tracker, and the structure of the music.
pub struct Analyzer {
    frame: Frame,
    features: Vec<(Box<dyn Feature>, usize)>,
    tracker: Tracker,
    structure: Structure,
    values: Vec<f32>,
    heard: u64,
}

impl Analyzer {
    /// Builds everything for [`push`](Self::push), which then never allocates.
    ///
    /// # Errors
    /// If a setting is out of range.
    pub fn new(settings: &Settings) -> Result<Self, SettingsError> {
        settings.check()?;
        let features = FEATURES.iter().map(|entry| ((entry.build)(settings), entry.width())).collect();
        let frame = Frame::new(settings);
        Ok(Self {
            tracker: Tracker::new(settings, frame.ear().bands()),
            frame,
            features,
            structure: Structure::new(settings),
            values: vec![0.0; width()],
            heard: 0,
        })
    }

    /// Takes any number of samples and calls `each` for every hop that they complete. How the samples are split into
    /// calls makes no difference. If one side is shorter, the rest of the longer one is ignored.
    ///
    /// NaN counts as zero, and samples beyond ±[`Self::LIMIT`] as the limit.
    ///
    /// Realtime-safe: yes, if `each` is.
    pub fn push(&mut self, left: &[f32], right: &[f32], mut each: impl FnMut(Hop<'_>)) {
        let total = left.len().min(right.len());
        let (mut left, mut right) = (&left[..total], &right[..total]);
        while !left.is_empty() {
            let taken = self.frame.fill(left, right);
            (left, right) = (&left[taken..], &right[taken..]);
            self.heard += taken as u64;
            if self.frame.is_full() {
                let pulse = self.finish_hop();
                each(Hop { end: self.heard, values: &self.values, pulse, polarity: self.frame.polarity() });
            }
        }
    }

    /// Takes a hint from the operator; the next hop's pulse obeys it. Realtime-safe: yes.
    pub fn hint(&mut self, hint: Hint) {
        self.tracker.hint(hint);
    }

    /// The evidence for and against the beat, as the certainty net gets it. For training.
    #[doc(hidden)]
    pub fn evidence(&self) -> &[f32] {
        self.tracker.evidence()
    }

    /// While frozen, levelled signals keep their scale, whatever the music does: a show set up in the sound check stays
    /// as it is.
    ///
    /// Realtime-safe: yes.
    pub fn freeze_levels(&mut self, frozen: bool) {
        for (feature, _) in &mut self.features {
            feature.freeze_levels(frozen);
        }
    }

    /// The clipping level, 24 dB above full scale.
    pub const LIMIT: f32 = frame::LIMIT;

    fn finish_hop(&mut self) -> Pulse {
        self.frame.analyse();
        let mut rest = self.values.as_mut_slice();
        for (feature, width) in &mut self.features {
            let (mine, others) = rest.split_at_mut(*width);
            feature.process(&self.frame, mine);
            rest = others;
        }
        self.tracker.process(&self.frame);
        let mut pulse = self.tracker.pulse();
        self.structure.process(&self.frame, self.heard, &mut pulse, rest);
        self.frame.clear();
        pulse
    }
}
