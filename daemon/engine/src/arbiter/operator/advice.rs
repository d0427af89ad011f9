//! What the beat trackers learn from the operator.
//!
//! The told timeline obeys at once. So that the trackers do not go on saying something else, they are told as well. What
//! those say that cannot follow, because the tempo lies outside of what they can track, is corrected into agreement.

use crate::arbiter::level::same_tempo;
use crate::arbiter::sources::Sources;
use downbeat_protocol::ShowTime;

/// What a bus' beat tracker is to learn from the operator: a [`Hint`](downbeat_analysis::Hint) in show time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Advice {
    /// The tempo, in beats per minute.
    Tempo(f64),
    /// The tempo as a multiple of what the tracker believes; 1 says that its level is right.
    Octave(f64),
    /// The tempi that may be heard, in beats per minute; without ends, any.
    Range(Option<[f64; 2]>),
    /// A beat is there.
    Beat(ShowTime),
    /// The beat nearest to this moment is the first of a bar.
    Downbeat(ShowTime),
    /// Tempo, metre and bar are to be learnt anew.
    Forget,
}

/// How near to a beat or to the middle between two a tap has to be to mean that, in half beats.
const ON_HALVES: f64 = 0.3;
/// Pieces of advice that may wait. Each command gives at most three to each bus.
const CAPACITY: usize = 256;

/// Advice that waits to be given: the order counts. Where nobody takes it, offline without audio say, the oldest is
/// dropped.
#[derive(Clone, Debug, Default)]
pub(super) struct Advices(Vec<(usize, Advice)>);

impl Advices {
    /// For the trackers of all buses.
    pub fn all(&mut self, advice: Advice, sources: &Sources) {
        (0..sources.buses()).for_each(|bus| self.push(bus, advice));
    }

    /// The tempo is this one, in beats per minute. Where a tracker has it in another octave, it knows it better than the
    /// operator, but for the octave.
    pub fn tempo(&mut self, tempo: f64, sources: &Sources) {
        for bus in 0..sources.buses() {
            let octave = sources.beat_of(bus).and_then(|(_, heard)| same_tempo(heard, tempo));
            self.push(bus, octave.map_or(Advice::Tempo(tempo), Advice::Octave));
        }
    }

    /// The operator taps a beat, which is to be heard at this time. A tracker that is sure of its beats, and is tapped on
    /// or right between them, knows better where exactly they are: between them, it is corrected. Any other is told.
    pub fn tap(&mut self, at: ShowTime, sources: &Sources) {
        for bus in 0..sources.buses() {
            let halves = sources.beat_of(bus).map(|(beat, tempo)| at.since(beat) as f64 * tempo / 30e9);
            if halves.is_none_or(|halves| (halves - halves.round()).abs() > ON_HALVES) {
                self.push(bus, Advice::Beat(at));
            }
        }
    }

    /// What was said since the last call.
    pub fn take(&mut self) -> impl Iterator<Item = (usize, Advice)> + '_ {
        self.0.drain(..)
    }

    /// For the tracker of a bus.
    fn push(&mut self, bus: usize, advice: Advice) {
        if self.0.len() >= CAPACITY {
            self.0.remove(0);
        }
        self.0.push((bus, advice));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_nobody_listens_the_newest_advice_is_kept() {
        let mut advices = Advices::default();
        (0..1000).for_each(|bpm| advices.push(0, Advice::Tempo(f64::from(bpm))));
        let kept: Vec<_> = advices.take().collect();
        assert_eq!((kept.len(), kept.last()), (CAPACITY, Some(&(0, Advice::Tempo(999.0)))));
        assert_eq!(advices.take().count(), 0);
    }
}
