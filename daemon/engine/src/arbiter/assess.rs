//! Confidence in the reported beat, from the leading reference and the operator's correction.

use super::confidences::Confidences;
use super::operator::Correction;
use super::reference::Reference;
use downbeat_protocol::Timeline;

/// Confidence in the reported beat.
pub(super) fn confidences(reference: &Reference, correction: &Correction, told: &Timeline) -> Confidences {
    let sure = |said: bool, by: f32| if said { 1.0 } else { by.clamp(0.0, 1.0) };
    Confidences {
        pulse: sure(false, reference.sure.pulse),
        level: sure(false, reference.sure.level),
        phase: sure(correction.has_tapped(), reference.sure.phase),
        bar: sure(correction.has_the_one(), bar(reference, correction, told)),
    }
}

/// Confidence in the reported bar. It may differ from the reference's, which is followed only if it is sure and stays.
fn bar(reference: &Reference, correction: &Correction, told: &Timeline) -> f32 {
    let Some(place) = reference.bar else { return 0.0 };
    if correction.moves_beats() {
        // Moved beats are not the ones that the music counts.
        return 0.0;
    }
    let length = told.beats_per_bar;
    let beat = told.beats_at(correction.beat(reference)).round();
    if length == place.beats_per_bar && told.beat_in_bar(beat) == place.beat_in_bar {
        return reference.sure.bar;
    }
    // The other places of the bar share the rest, and none is likelier than that.
    let others = f32::from(length.saturating_sub(1).max(1));
    ((1.0 - reference.sure.bar) / others).min(reference.sure.bar)
}
