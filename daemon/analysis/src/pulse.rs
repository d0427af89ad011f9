//! The result of one hop.

/// Whether there is music, and of what kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Music with its usual drive.
    Playing,
    /// Music without its drums; the beat continues from before.
    Breakdown,
    /// A live input without music: silence, or only people, applause, hum or noise.
    Silence,
    /// Digital zero: nothing is connected.
    #[default]
    NoSignal,
}

impl State {
    /// Seconds without sound before [`Silence`](Self::Silence) or [`NoSignal`](Self::NoSignal) is reported. A rest in
    /// the music is shorter.
    pub const SILENT_SECONDS: f64 = 1.0;
}

/// The polarity of the two sides of a bus.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Polarity {
    /// Equal, or unknown.
    #[default]
    Normal,
    /// One side is reversed: they cancel in the sum. The analysis uses their difference.
    Reversed,
}

/// The belief of the beat tracker.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pulse {
    /// Whether there is music.
    pub state: State,
    /// Seconds since there was last music; 0 while there is, infinite before any.
    pub absent: f64,
    /// Beats per minute, within the settings' range.
    pub tempo: f64,
    /// Confidence that there is a beat at all, 0 to 1. Near 0 in speech, noise and silence.
    pub confidence: f32,
    /// Confidence that the tempo is the one people tap, given a beat, 0 to 1.
    pub level_confidence: f32,
    /// Confidence that the beat is where people tap, given the right tempo, 0 to 1.
    pub phase_confidence: f32,
    /// The beat nearest to the end of this hop, as a position in samples from the first one pushed; with a fraction,
    /// and before or after the end of the hop. Constant latencies are taken out: a drum stroke on the beat begins here.
    pub beat: f64,
    /// Beats in a bar.
    pub beats_per_bar: u8,
    /// The number of that beat in its bar, from 0, the downbeat.
    pub beat_in_bar: u8,
    /// Confidence in the downbeat, 0 to 1.
    pub bar_confidence: f32,
    /// Bars in a phrase: 4, 8 or 16.
    pub phrase_bars: u8,
    /// The number of the current bar in its phrase, from 0.
    pub bar_in_phrase: u8,
    /// Confidence in the start of phrases, 0 to 1.
    pub phrase_confidence: f32,
}

impl Pulse {
    /// Confidence from which a beat is worth showing.
    pub const SURE: f32 = 0.4;
    /// A song ends with one empty bar after its last beat; the end comes this many beats before the next one would be
    /// reported.
    pub const BAR_ENDS_BEATS: f64 = 0.3;

    /// Whether to show beats: there is music and its beat is known.
    pub fn is_beating(&self) -> bool {
        matches!(self.state, State::Playing | State::Breakdown) && self.confidence >= Self::SURE
    }
}

/// One finished hop.
#[derive(Clone, Copy, Debug)]
pub struct Hop<'a> {
    /// Samples pushed when this hop was full.
    pub end: u64,
    /// The signals, laid out as in [`fields`](crate::fields).
    pub values: &'a [f32],
    /// The current belief of the beat tracker.
    pub pulse: Pulse,
    /// The polarity of the two sides.
    pub polarity: Polarity,
}
