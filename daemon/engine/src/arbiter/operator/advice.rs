//! What the beat trackers learn from the operator.
//!
//! The reported timeline obeys at once. The trackers are advised as well, so that they stop contradicting it.
//! References of a tracker that cannot follow, because the tempo is outside its range, are corrected into agreement.

use crate::arbiter::level::same_tempo;
use crate::arbiter::sources::Sources;
use downbeat_protocol::ShowTime;

/// Advice for a bus's beat tracker: a [`Hint`](downbeat_analysis::Hint) in show time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Advice {
    /// The tempo, in beats per minute.
    Tempo(f64),
    /// The tempo as a multiple of the tracker's; 1 confirms its level.
    Octave(f64),
    /// The possible tempi, in beats per minute; without ends, any.
    Range(Option<[f64; 2]>),
    /// A beat is there.
    Beat(ShowTime),
    /// The beat nearest to this moment is a downbeat.
    Downbeat(ShowTime),
    /// Learn tempo, metre and bar again.
    Forget,
}

/// How near to a beat or to the middle between two a tap must be to count as that, in half beats.
const ON_HALVES: f64 = 0.3;
/// Capacity of the queue. Each command gives at most three pieces of advice to each bus.
const CAPACITY: usize = 256;

/// Advice in its queue: the order matters. If no one takes it, as offline without audio, the oldest is dropped.
#[derive(Clone, Debug, Default)]
pub(super) struct Advices(Vec<(usize, Advice)>);

impl Advices {
    /// For the trackers of all buses.
    pub fn all(&mut self, advice: Advice, sources: &Sources) {
        (0..sources.buses()).for_each(|bus| self.push(bus, advice));
    }

    /// The tempo, in beats per minute. A tracker in another octave keeps its own tempo, which is more precise, in the
    /// operator's octave.
    pub fn tempo(&mut self, tempo: f64, sources: &Sources) {
        for bus in 0..sources.buses() {
            let octave = sources.beat_of(bus).and_then(|(_, heard)| same_tempo(heard, tempo));
            self.push(bus, octave.map_or(Advice::Tempo(tempo), Advice::Octave));
        }
    }

    /// The operator taps a beat, audible at this time. A tracker sure of its beats, when tapped on or right between
    /// them, knows the exact place better and gets no advice; between them, its reference is corrected. Any other is
    /// advised.
    pub fn tap(&mut self, at: ShowTime, sources: &Sources) {
        for bus in 0..sources.buses() {
            let halves = sources.beat_of(bus).map(|(beat, tempo)| at.since(beat) as f64 * tempo / 30e9);
            if halves.is_none_or(|halves| (halves - halves.round()).abs() > ON_HALVES) {
                self.push(bus, Advice::Beat(at));
            }
        }
    }

    /// The advice since the last call.
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
