//! Hints of a person for the beat tracker.

/// A hint of the operator. It takes effect at once, and the tracker learns from it instead of fighting it.
///
/// A preference for a tempo or a level lasts until [`Forget`](Self::Forget), or until the bus has been silent for four
/// seconds: the next song is another one. A locked range lasts until it is unlocked. Invalid hints, such as a tempo of
/// NaN, are ignored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Hint {
    /// The music has this tempo, in beats per minute: the tracker goes there, and prefers it and its level. A tempo outside
    /// the tracker's range means its nearest octave inside.
    Tempo(f64),
    /// The tempo is this multiple of what the tracker believes now, in the same music: 2 or 0.5. With 1 the level that
    /// it believes is the right one. Where the result cannot be tracked, the present level is kept.
    Octave(f64),
    /// No tempo below the first or above the second is reported, in beats per minute. With ends that make no range
    /// (`Range(0.0, 0.0)`) the whole of [`Settings::tempo_range`](crate::Settings::tempo_range) is open again.
    Range(f64, f64),
    /// A beat lies at this position, in samples from the first one pushed, which may lie ahead of what has been heard.
    /// People tap to within some 30 ms, so where exactly the beat lies is left to the music.
    Beat(f64),
    /// The beat nearest to this position is the first of a bar.
    Downbeat(f64),
    /// Forget tempo, metre and bar, and learn them afresh. A locked range stays.
    Forget,
}
