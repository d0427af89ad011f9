//! The brightness of the sound.

use super::{Entry, Feature};
use crate::frame::Frame;
use crate::{Field, Unit};

/// The spectral centroid in Hz, the mean frequency by amplitude; 0 in silence. Up to 20 kHz, so that the sample rate
/// makes little difference.
pub(super) const ENTRY: Entry = Entry {
    fields: &[Field::scalar("centroid", Unit::Hertz, (0.0, HIGHEST_HERTZ as f32))],
    build: |_| Box::new(Centroid),
};

const HIGHEST_HERTZ: f64 = 20_000.0;
/// A sum of amplitudes below this is silence: the rounding noise of the transform has a centroid too.
const SILENCE: f32 = 1e-4;

struct Centroid;

impl Feature for Centroid {
    fn process(&mut self, frame: &Frame, values: &mut [f32]) {
        let bins = (HIGHEST_HERTZ / frame.bin_hertz()) as usize + 1;
        let (mut total, mut moment) = (0.0f32, 0.0f32);
        for (bin, magnitude) in frame.magnitudes().iter().take(bins).enumerate().skip(1) {
            total += magnitude;
            moment += magnitude * bin as f32;
        }
        values[0] = if total > SILENCE { moment / total * frame.bin_hertz() as f32 } else { 0.0 };
    }
}
