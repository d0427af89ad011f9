//! The beat on one bus, in show time.

use downbeat_analysis::{Pulse, State};
use downbeat_protocol::ShowTime;

/// The belief of a bus's beat tracker.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BusBeat {
    /// Whether there is music.
    pub state: MusicState,
    /// When there was last music; now, while there is.
    pub music_at: ShowTime,
    /// Beats per minute.
    pub tempo: f64,
    /// Confidence that there is a beat at all, `[0, 1]`.
    pub confidence: f32,
    /// Confidence that the tempo is the one people tap, given a beat, `[0, 1]`.
    pub level_confidence: f32,
    /// Confidence that the beat is where people tap, given the right tempo, `[0, 1]`.
    pub phase_confidence: f32,
    /// The beat nearest to now.
    pub beat: ShowTime,
    /// Beats in a bar.
    pub beats_per_bar: u8,
    /// The place of `beat` in its bar: 0 is the downbeat.
    pub beat_in_bar: u8,
    /// Confidence in the downbeat, `[0, 1]`.
    pub bar_confidence: f32,
}

impl BusBeat {
    /// A tracker's belief; `time_of` converts its sample positions to show time.
    /// They are heard at `now`.
    pub fn new(pulse: &Pulse, now: ShowTime, time_of: impl Fn(f64) -> ShowTime) -> Self {
        Self {
            state: pulse.state.into(),
            music_at: now.offset(-(pulse.absent.min(LONGEST_ABSENCE_S) * 1e9) as i64),
            tempo: pulse.tempo,
            confidence: pulse.confidence,
            level_confidence: pulse.level_confidence,
            phase_confidence: pulse.phase_confidence,
            beat: time_of(pulse.beat),
            beats_per_bar: pulse.beats_per_bar,
            beat_in_bar: pulse.beat_in_bar,
            bar_confidence: pulse.bar_confidence,
        }
    }

    /// Whether its numbers are valid.
    pub(super) fn is_sound(&self) -> bool {
        let confidences = [self.confidence, self.level_confidence, self.phase_confidence, self.bar_confidence];
        self.tempo.is_finite() && self.tempo > 0.0 && confidences.into_iter().all(f32::is_finite)
    }
}

/// Longer absence of music counts as one hour.
const LONGEST_ABSENCE_S: f64 = 3600.0;

/// The state of the music, in order of liveliness; the number is that of `music.state`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum MusicState {
    /// Nothing is connected.
    #[default]
    NoSignal = 0,
    /// A live input without music: silence, or only people, applause, hum or noise.
    Silence = 1,
    /// Music without its drums; the beat continues from before.
    Breakdown = 2,
    /// Music with its usual drive.
    Playing = 3,
}

impl MusicState {
    /// All states; the place of each is its number.
    pub const ALL: [Self; 4] = [Self::NoSignal, Self::Silence, Self::Breakdown, Self::Playing];

    /// The name for the operator.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoSignal => "no-signal",
            Self::Silence => "silence",
            Self::Breakdown => "breakdown",
            Self::Playing => "playing",
        }
    }

    /// Whether there is music.
    pub fn is_music(self) -> bool {
        self >= Self::Breakdown
    }
}

impl From<State> for MusicState {
    fn from(state: State) -> Self {
        match state {
            State::Playing => Self::Playing,
            State::Breakdown => Self::Breakdown,
            State::Silence => Self::Silence,
            State::NoSignal => Self::NoSignal,
        }
    }
}
