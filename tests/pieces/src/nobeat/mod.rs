//! Sounds of a hall without a beat.

mod applause;
mod crowd;
mod drone;
mod noise;
mod speech;

pub use noise::pink;
pub use speech::speech;

use crate::chance::Chance;
use crate::mix;
use crate::piece::Piece;
use crate::truth::Truth;
use downbeat_song::synth::{Stereo, samples};

/// Length of each in seconds.
const SECONDS: f64 = 45.0;

/// Something without a beat: its name, how it sounds, its level in dB, and whether it is known to hold no onset.
type Nothing = (&'static str, fn(usize, &mut Chance) -> Stereo, f64, bool);

const PIECES: [Nothing; 7] = [
    ("speech_one", speech::speech, -20.0, false),
    ("speech_two", speech::speech, -24.0, false),
    ("applause", applause::applause, -18.0, false),
    ("crowd", crowd::crowd, -22.0, false),
    ("pink_noise", noise::pink, -20.0, true),
    ("silence", |length, _| Stereo::silence(length), -20.0, true),
    ("drone", drone::drone, -20.0, false),
];

/// Their names.
pub fn names() -> impl Iterator<Item = &'static str> {
    PIECES.into_iter().map(|(name, ..)| name)
}

/// One of them, by its name.
pub fn piece(name: &str) -> Option<Piece> {
    let (name, sound, level, still) = PIECES.into_iter().find(|(it, ..)| *it == name)?;
    let mut sound = sound(samples(SECONDS), &mut Chance::named(name));
    mix::level(&mut sound, level);
    Some(Piece { sound, truth: Truth::without_beats(name, SECONDS, still.then(Vec::new)) })
}
