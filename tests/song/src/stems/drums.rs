//! The drum stem.

use crate::LENGTH;
use crate::score::{Drum, Hit, Score, sample_at};
use crate::synth::{Reverb, Stereo, soft_clip};
use crate::voices;

/// The kit: each drum's sound is made once, noisy ones in four variations.
struct Kit {
    kick: Stereo,
    snares: [Stereo; 4],
    claps: [Stereo; 4],
    closed_hats: [Stereo; 4],
    open_hat: Stereo,
    crash: Stereo,
}

impl Kit {
    fn new() -> Self {
        let four = [0, 1, 2, 3];
        Self {
            kick: voices::kick(),
            snares: four.map(voices::snare),
            claps: four.map(voices::clap),
            closed_hats: four.map(voices::closed_hat),
            open_hat: voices::open_hat(),
            crash: voices::crash(),
        }
    }

    /// Lays one hit into the dry kit and into what the room hears.
    fn play(&self, hit: &Hit, number: usize, dry: &mut Stereo, room: &mut Stereo) {
        let turn = number % 4;
        let tom;
        let (sound, gain, pan, send) = match hit.drum {
            Drum::Kick => (&self.kick, 0.92, 0.0, 0.0),
            Drum::Snare => (&self.snares[turn], 0.55, 0.05, 0.22),
            Drum::Clap => (&self.claps[turn], 0.62, -0.05, 0.30),
            Drum::ClosedHat => (&self.closed_hats[turn], 0.66, 0.28, 0.04),
            Drum::OpenHat => (&self.open_hat, 0.50, -0.22, 0.06),
            Drum::Crash => (&self.crash, 0.50, 0.0, 0.15),
            Drum::Tom => {
                tom = voices::tom(hit.pitch / 3);
                (&tom, 0.6, f64::from(hit.pitch.clamp(-24, 4) + 10) / 40.0, 0.15)
            }
        };
        dry.lay(sound, hit.at, gain * hit.velocity, pan);
        if send > 0.0 {
            room.lay(sound, hit.at, send * gain * hit.velocity, pan);
        }
    }
}

/// Everything that is struck, and the noise that rises to the drops.
pub fn drums(score: &Score) -> Stereo {
    let kit = Kit::new();
    let (mut dry, mut room) = (Stereo::silence(LENGTH), Stereo::silence(LENGTH));
    for (number, hit) in score.hits.iter().enumerate() {
        kit.play(hit, number, &mut dry, &mut room);
    }
    for (bar, end_bar, gain) in [(8, 11, 0.55), (29, 31, 0.36)] {
        let (start, end) = (sample_at(bar, 0.0), sample_at(end_bar, 12.0));
        let riser = voices::riser(end - start);
        dry.lay(&riser, start, gain, 0.0);
        room.lay(&riser, start, 0.3 * gain, 0.0);
    }
    let answer = Reverb { seconds: 0.9, damping: 6500.0, low_cut: 350.0 }.answer(&room);
    dry.mix(&answer, 0.55);
    // Gentle saturation glues the kit together.
    dry.shape(|_, left, right| (soft_clip(left), soft_clip(right)));
    dry
}
