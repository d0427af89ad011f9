//! Follows a reference: at once where it fits, and otherwise once it persists.

mod bars;
mod beat;

use super::adjustment::Adjustment;
use super::operator::Correction;
use super::reference::Reference;
use super::steering::Steering;
use super::target::Target;
use bars::Bars;
use beat::Beat;
use downbeat_protocol::ShowTime;

/// Follows the leading reference.
#[derive(Clone, Debug, Default)]
pub(super) struct Following {
    beat: Beat,
    bars: Bars,
}

impl Following {
    /// Whether a beat was found in this song.
    pub fn is_locked(&self) -> bool {
        self.beat.is_locked()
    }

    /// The timeline was inherited: there is a beat already.
    pub fn lock(&mut self) {
        self.beat.lock();
    }

    /// The beat went on by the clock until now, and the trackers are new.
    pub fn carried(&mut self, now: ShowTime) {
        self.beat.carried(now);
    }

    /// The beat is lost: another one must be found.
    pub fn forget_beat(&mut self) {
        self.beat.forget();
    }

    /// Beat and bar must be found again.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// Steers to beat and bar of the corrected reference, `target`. Returns how, if that changes the timeline visibly.
    pub fn follow(
        &mut self,
        reference: &Reference,
        correction: &Correction,
        target: &Target,
        steering: &mut Steering,
        now: ShowTime,
    ) -> Option<Adjustment> {
        let beat = self.beat.follow(steering, target, now);
        let bar = self.follow_bar(reference, correction, steering, now);
        beat.or(bar)
    }

    fn follow_bar(
        &mut self,
        reference: &Reference,
        correction: &Correction,
        steering: &mut Steering,
        now: ShowTime,
    ) -> Option<Adjustment> {
        // Moved beats are not the ones that the music counts.
        if correction.has_the_one() || correction.moves_beats() {
            return None;
        }
        let goal = *steering.goal();
        let beat = goal.beats_at(correction.beat(reference)).round();
        let (origin, beats_per_bar) = self.bars.follow(reference, beat, &goal, now)?;
        steering.set_bars(origin, beats_per_bar);
        Some(Adjustment::Downbeat)
    }
}
