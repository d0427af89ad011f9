//! The demo song: ninety seconds of dance music, its four stems, and the exact truth about it.
//!
//! `make demo` plays it and the tests measure against it: the place of each beat, downbeat and drum hit is known to the
//! sample, because this crate put it there. Rendering is bit-identical on every machine: it uses only the arithmetic
//! that IEEE 754 fixes (`+ − × ÷ √` and rounding), never a `sin` or `exp` of the platform.
//!
//! The path is score → voices → stems → master: `score` is what plays when, `voices` make single sounds, `stems`
//! combine them with filters and space, and `master` sets the levels, limits, and adds the stems up.

mod files;
mod master;
mod score;
mod stems;
#[allow(clippy::should_implement_trait, clippy::len_without_is_empty, reason = "small words for the score's own use")]
pub mod synth;
mod truth;
mod voices;

pub use files::{FileError, SongFiles, ensure, write};
pub use truth::{Section, Tempo, Truth};

/// Samples per second of everything here.
pub const SAMPLE_RATE: u32 = 48_000;

/// Length of the song in samples: 90 s.
pub const LENGTH: usize = 90 * SAMPLE_RATE as usize;

/// Tells one version of the song from another: the hash of its samples. A test renders the song and compares, so a
/// change of the music cannot leave files of the old song in use.
pub const FINGERPRINT: &str = "ca75b0d1ad99e5fc";

/// The song.
#[derive(Clone, Debug)]
pub struct Song {
    /// Samples per second.
    pub sample_rate: u32,
    /// `drums`, `bass`, `chords`, `lead`. Their samples add up to the mix exactly, in any order.
    pub stems: Vec<Stem>,
    /// The mix, left.
    pub left: Vec<f32>,
    /// The mix, right.
    pub right: Vec<f32>,
    /// What is where.
    pub truth: Truth,
}

/// One group of instruments, as it is heard in the mix.
#[derive(Clone, Debug)]
pub struct Stem {
    /// What the file is called, and a bus that hears it.
    pub name: &'static str,
    /// Samples in `[-1, 1]`, each a multiple of 2⁻²³.
    pub left: Vec<f32>,
    /// As `left`.
    pub right: Vec<f32>,
}

impl Song {
    /// The stem of a name.
    pub fn stem(&self, name: &str) -> Option<&Stem> {
        self.stems.iter().find(|stem| stem.name == name)
    }

    /// A hash of every sample (FNV-1a over the 24-bit values of the stems).
    pub fn fingerprint(&self) -> String {
        let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
        for sample in self.stems.iter().flat_map(|stem| stem.left.iter().chain(&stem.right)) {
            hash = (hash ^ u64::from(master::to_24_bits(*sample) as u32)).wrapping_mul(0x0100_0000_01b3);
        }
        format!("{hash:016x}")
    }
}

/// Renders the song; about a second of work on two cores.
pub fn render() -> Song {
    let score = score::Score::compose();
    let pump = stems::pump(&score);
    let (drums, bass, chords, lead) = std::thread::scope(|scope| {
        let drums = scope.spawn(|| stems::drums(&score));
        let bass = scope.spawn(|| stems::bass(&score, &pump));
        let chords = scope.spawn(|| stems::chords(&score, &pump));
        let lead = stems::lead(&score, &pump);
        (join(drums), join(bass), join(chords), lead)
    });
    let stems = master::finish([("drums", drums), ("bass", bass), ("chords", chords), ("lead", lead)]);
    let (left, right) = master::sum(&stems);
    Song { sample_rate: SAMPLE_RATE, stems, left, right, truth: Truth::of(&score) }
}

fn join<T>(thread: std::thread::ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

#[cfg(test)]
mod tests;
