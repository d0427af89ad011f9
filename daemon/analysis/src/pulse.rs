//! What one hop amounts to.

/// Whether there is music, and of what kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Music with its usual drive.
    Playing,
    /// Music whose drums have gone; the beat is carried on from before.
    Breakdown,
    /// A live input without music: nothing is to be heard, or only people, applause, hum or noise.
    Silence,
    /// Digital zero: nothing is connected.
    #[default]
    NoSignal,
}

impl State {
    /// How long nothing must be heard until it is told as [`Silence`](Self::Silence) or [`NoSignal`](Self::NoSignal), in
    /// seconds. A rest in the music is shorter.
    pub const SILENT_SECONDS: f64 = 1.0;
}

/// Whether both sides of a bus push together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Polarity {
    /// They do, or nothing tells otherwise.
    #[default]
    Normal,
    /// One of them is reversed: they cancel where they are added up. What is heard is their difference.
    Reversed,
}

/// What the beat tracker believes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pulse {
    /// Whether there is music.
    pub state: State,
    /// For how many seconds no music has been heard, as far as is known now; 0 while there is music, infinite before any.
    pub absent: f64,
    /// Beats per minute, within the settings' range.
    pub tempo: f64,
    /// How surely there is a beat at all, 0 to 1. Near 0 in speech, noise and silence.
    pub confidence: f32,
    /// How surely the tempo is at the level at which people tap, given that there is a beat, 0 to 1.
    pub level_confidence: f32,
    /// How surely the beat is where people tap, given that the level is right, 0 to 1.
    pub phase_confidence: f32,
    /// The beat nearest to the end of this hop, as a position in samples from the first one pushed; with a fraction,
    /// and before or after the end of the hop. Constant latencies are taken out: a drum stroke on the beat begins here.
    pub beat: f64,
    /// Beats in a bar.
    pub beats_per_bar: u8,
    /// Which beat of its bar that beat is, from 0, the downbeat.
    pub beat_in_bar: u8,
    /// How surely the downbeat is where it is said to be, 0 to 1.
    pub bar_confidence: f32,
    /// Bars in a phrase: 4, 8 or 16.
    pub phrase_bars: u8,
    /// Which bar of its phrase the one that is going on is, from 0.
    pub bar_in_phrase: u8,
    /// How surely phrases begin where they are said to, 0 to 1.
    pub phrase_confidence: f32,
}

impl Pulse {
    /// From this confidence on a beat is worth showing.
    pub const SURE: f32 = 0.4;
    /// After the last beat of a song one empty bar is carried; it is over so many beats before the next one would be told.
    pub const BAR_ENDS_BEATS: f64 = 0.3;

    /// Whether beats shall be shown: there is music and its beat is known.
    pub fn is_beating(&self) -> bool {
        matches!(self.state, State::Playing | State::Breakdown) && self.confidence >= Self::SURE
    }
}

/// One finished hop.
#[derive(Clone, Copy, Debug)]
pub struct Hop<'a> {
    /// How many samples had been pushed when this hop was full.
    pub end: u64,
    /// The signals, laid out as [`fields`](crate::fields) says.
    pub values: &'a [f32],
    /// What the beat tracker believes now.
    pub pulse: Pulse,
    /// Whether both sides push together.
    pub polarity: Polarity,
}
