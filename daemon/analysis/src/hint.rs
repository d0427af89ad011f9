//! Hints of a person for the beat tracker.

/// A hint of the operator. It takes effect at once, and the tracker learns from it instead of fighting it.
///
/// A preferred tempo or level holds until [`Forget`](Self::Forget), or until the bus has been silent for four seconds:
/// the next song is different. A locked range holds until it is unlocked. Invalid hints, such as a tempo of NaN, are
/// ignored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Hint {
    /// The tempo of the music, in beats per minute: the tracker goes there, and prefers it and its level. A tempo
    /// outside the tracker's range means its nearest octave inside.
    Tempo(f64),
    /// The tempo is this multiple of the tracker's current one, in the same music: 2 or 0.5. 1 confirms the current
    /// level. If the result cannot be tracked, the level stays.
    Octave(f64),
    /// The lowest and highest tempo to report, in beats per minute. An invalid range (`Range(0.0, 0.0)`) opens the
    /// whole of [`Settings::tempo_range`](crate::Settings::tempo_range) again.
    Range(f64, f64),
    /// The position of a beat, in samples from the first one pushed, possibly in the future. People tap to within some
    /// 30 ms, so the exact place is left to the music.
    Beat(f64),
    /// The beat nearest to this position is a downbeat.
    Downbeat(f64),
    /// Forget tempo, metre and bar, and learn them anew. A locked range stays.
    Forget,
}
