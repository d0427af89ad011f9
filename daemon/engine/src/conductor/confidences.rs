//! How surely what is told is right: four questions, each given that the answer to the one before it is yes.

use super::Bend;
use crate::Heard;
use downbeat_protocol::Timeline;

/// How surely what is told is right, each `[0, 1]`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Confidences {
    /// There is a beat.
    pub pulse: f32,
    /// Its tempo is at the level at which people tap.
    pub level: f32,
    /// It is where people tap.
    pub phase: f32,
    /// The bar begins where it is told to.
    pub bar: f32,
}

impl Confidences {
    /// A person says so.
    pub const SURE: Self = Self { pulse: 1.0, level: 1.0, phase: 1.0, bar: 1.0 };

    /// Of what is told as it was heard, bent as the operator wants it.
    pub(super) fn of(heard: &Heard, bend: &Bend, told: &Timeline) -> Self {
        let sure = |said: bool, heard: f32| if said { 1.0 } else { heard.clamp(0.0, 1.0) };
        Self {
            pulse: sure(false, heard.confidence),
            level: sure(false, heard.level_confidence),
            phase: sure(bend.tapped, heard.phase_confidence),
            bar: sure(bend.the_one, bar(heard, bend, told)),
        }
    }
}

/// How surely the told bar is the one that is played. It is not always the heard one: that is followed only when it is
/// sure and stays.
fn bar(heard: &Heard, bend: &Bend, told: &Timeline) -> f32 {
    if bend.offbeat || bend.factor != 1.0 {
        // Bent beats are not the ones that the music counts.
        return 0.0;
    }
    let length = told.beats_per_bar;
    let beat = told.beats_at(heard.beat.offset(bend.later)).round();
    if length == heard.beats_per_bar && told.beat_in_bar(beat) == heard.beat_in_bar {
        return heard.bar_confidence;
    }
    // The other places of the bar share what the heard one leaves, and none is likelier than that.
    let others = f32::from(length.saturating_sub(1).max(1));
    ((1.0 - heard.bar_confidence) / others).min(heard.bar_confidence)
}
