//! A statement of the beat's position, in a form common to all sources.

use super::confidences::Confidences;
use downbeat_protocol::ShowTime;

/// What may set the timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The beat tracker of a bus, by its place in [`EngineConfig::buses`](crate::EngineConfig::buses).
    Bus(usize),
    /// The operator's taps.
    Taps,
    /// Another clock, by its place in [`EngineConfig::clocks`](crate::EngineConfig::clocks).
    Clock(usize),
}

/// The beat according to one source.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reference {
    /// The source.
    pub source: Source,
    /// A moment. Any beat will do: the tempo gives the others.
    pub moment: ShowTime,
    /// Beats per minute.
    pub tempo: f64,
    /// Position of the moment in its beat, `[0, 1)`: 0 if the moment is a beat.
    pub beat_phase: f64,
    /// Position of that beat in its bar, if known.
    pub bar: Option<BarPlace>,
    /// Confidence in each of these. The bar's counts only if its position is known.
    pub sure: Confidences,
}

/// The place of a beat in its bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BarPlace {
    /// Beats in a bar, 1 to 32.
    pub beats_per_bar: u8,
    /// The beat in its bar: 0 is the downbeat.
    pub beat_in_bar: u8,
    /// The bar in its phrase, if known: 0 is the first.
    pub bar_in_phrase: Option<u8>,
}

impl Reference {
    /// The start of the beat at that moment.
    pub fn beat(&self) -> ShowTime {
        let into = self.beat_phase * 60e9 / self.tempo;
        self.moment.offset(-(into.round() as i64))
    }

    /// Whether its numbers are valid.
    pub(super) fn is_sound(&self) -> bool {
        let Confidences { pulse, level, phase, bar } = self.sure;
        self.tempo.is_finite()
            && self.tempo > 0.0
            && (0.0..1.0).contains(&self.beat_phase)
            && [pulse, level, phase, bar].into_iter().all(f32::is_finite)
    }
}

impl BarPlace {
    /// Whether the position is valid.
    pub(super) fn is_possible(&self) -> bool {
        (1..=32).contains(&self.beats_per_bar) && self.beat_in_bar < self.beats_per_bar
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_inside_a_beat_tells_where_that_begins() {
        let moment = ShowTime::from_secs_f64(10.0);
        let at = |beat_phase| Reference {
            source: Source::Clock(0),
            moment,
            tempo: 120.0,
            beat_phase,
            bar: None,
            sure: Confidences::SURE,
        };
        assert_eq!(at(0.0).beat(), moment);
        assert_eq!(at(0.5).beat(), ShowTime::from_secs_f64(9.75));
        assert!(at(0.999).is_sound() && !at(1.0).is_sound() && !at(f64::NAN).is_sound());
    }
}
