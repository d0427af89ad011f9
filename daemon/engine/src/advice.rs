//! What the operator says, on its way to the beat trackers.

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

/// Advice that waits to be given: the order counts. Where nobody takes it, offline without audio say, the oldest is
/// dropped.
#[derive(Clone, Debug, Default)]
pub(super) struct Advices(Vec<(usize, Advice)>);

/// Pieces of advice that may wait. Each wish gives at most three to each bus.
const CAPACITY: usize = 256;

impl Advices {
    /// For the tracker of a bus.
    pub fn push(&mut self, bus: usize, advice: Advice) {
        if self.0.len() >= CAPACITY {
            self.0.remove(0);
        }
        self.0.push((bus, advice));
    }

    /// What was said since the last call.
    pub fn take(&mut self) -> impl Iterator<Item = (usize, Advice)> + '_ {
        self.0.drain(..)
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
