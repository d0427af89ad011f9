//! How long before its hand-over a frame must start. Pure.

use std::collections::VecDeque;
use std::time::Duration;

/// Frames remembered.
const FRAMES: usize = 128;
/// One in this many frames may take longer.
const ONE_IN: usize = 20;
/// Reserve for waking up.
const MARGIN: Duration = Duration::from_micros(300);

/// Drawing times of the last frames.
#[derive(Clone, Debug, Default)]
pub struct Pace {
    took: VecDeque<Duration>,
}

impl Pace {
    /// Adds a frame's drawing time.
    pub fn add(&mut self, took: Duration) {
        if self.took.len() == FRAMES {
            self.took.pop_front();
        }
        self.took.push_back(took);
    }

    /// How long before its hand-over the next frame must start; at most a frame's length.
    pub fn lead(&self, frame: Duration) -> Duration {
        let mut sorted: Vec<Duration> = self.took.iter().copied().collect();
        sorted.sort_unstable();
        let usual = sorted.len().checked_sub(1 + sorted.len() / ONE_IN).and_then(|place| sorted.get(place));
        usual.map_or(Duration::ZERO, |usual| (*usual + MARGIN).min(frame))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Duration = Duration::from_millis(16);

    #[test]
    fn a_frame_is_begun_as_early_as_most_frames_need() {
        let mut pace = Pace::default();
        assert_eq!(pace.lead(FRAME), Duration::ZERO);
        (0..1000).for_each(|count| pace.add(Duration::from_millis(if count % 25 == 0 { 12 } else { 3 })));
        assert_eq!(pace.lead(FRAME), Duration::from_micros(3_300));
        (0..200).for_each(|_| pace.add(Duration::from_millis(8)));
        assert_eq!(pace.lead(FRAME), Duration::from_micros(8_300));
    }

    #[test]
    fn no_frame_is_begun_before_the_one_before_it_is_seen() {
        let mut pace = Pace::default();
        (0..200).for_each(|_| pace.add(Duration::from_millis(40)));
        assert_eq!(pace.lead(FRAME), FRAME);
    }
}
