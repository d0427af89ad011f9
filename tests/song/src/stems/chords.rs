//! The chord stem: pads and stabs through sweeping filters into a large room.

use super::Pump;
use crate::LENGTH;
use crate::score::{Note, Score, bar_at};
use crate::synth::{Adsr, Automation, Filter, Reverb, Stereo, exp2};
use crate::voices;

/// Corner of the pads' filter in octaves above 100 Hz: opens through the intro and the build-up, rests in the
/// breakdown, opens again towards the second drop.
const PAD_SWEEP: Automation = Automation(&[
    (0.0, 1.6),
    (4.0, 2.6),
    (8.0, 3.2),
    (11.75, 6.2),
    (12.0, 4.6),
    (20.0, 5.4),
    (24.0, 5.4),
    (24.0, 2.6),
    (28.0, 3.3),
    (31.75, 6.0),
    (32.0, 4.8),
    (47.0, 5.8),
    (48.0, 3.0),
]);

/// Loudness of the pads.
const PAD_LEVEL: Automation = Automation(&[
    (0.0, 0.30),
    (8.0, 0.42),
    (11.75, 0.55),
    (12.0, 0.40),
    (24.0, 0.40),
    (24.0, 0.30),
    (30.0, 0.34),
    (31.75, 0.42),
    (32.0, 0.42),
    (48.0, 0.42),
]);

/// Corner of the stabs' filter, as above.
const STAB_SWEEP: Automation =
    Automation(&[(4.0, 1.8), (8.0, 3.0), (11.0, 5.4), (12.0, 5.0), (16.0, 5.6), (24.0, 6.0), (32.0, 5.2), (47.0, 6.2)]);

/// Pads and stabs, both pumping.
pub fn chords(score: &Score, pump: &Pump) -> Stereo {
    let held = Adsr { attack: 0.02, decay: 0.4, sustain: 0.85, release: 0.18 };
    let short = Adsr { attack: 0.003, decay: 0.09, sustain: 0.35, release: 0.09 };
    let mut pads = play(&score.pads, held, 0);
    sweep(&mut pads, PAD_SWEEP, 0.9);
    pads.shape(|at, left, right| {
        let gain = pump.gain(at, 0.75) * PAD_LEVEL.at(bar_at(at));
        (gain * left, gain * right)
    });
    let mut stabs = play(&score.stabs, short, 1 << 20);
    sweep(&mut stabs, STAB_SWEEP, 1.3);
    stabs.shape(|at, left, right| {
        let gain = 0.55 * pump.gain(at, 0.6);
        (gain * left, gain * right)
    });
    pads.mix(&stabs, 1.0);
    let room = Reverb { seconds: 2.4, damping: 5200.0, low_cut: 250.0 }.answer(&pads);
    pads.mix(&room, 0.16);
    pads
}

fn play(notes: &[Note], shape: Adsr, seed: u64) -> Stereo {
    let mut bus = Stereo::silence(LENGTH);
    for (number, note) in notes.iter().enumerate() {
        bus.lay(&voices::supersaw(note, shape, seed + number as u64), note.start, 0.5, 0.0);
    }
    bus
}

/// Moves a low-pass along the song; what lies under the chords' own range is cut, it belongs to the bass.
fn sweep(bus: &mut Stereo, corner: Automation, q: f64) {
    let mut low = [Filter::new(100.0, q), Filter::new(100.0, q)];
    let mut cut = [Filter::new(140.0, 0.7), Filter::new(140.0, 0.7)];
    bus.shape(|at, left, right| {
        if at % 32 == 0 {
            let hertz = 100.0 * exp2(corner.at(bar_at(at)));
            low.iter_mut().for_each(|filter| filter.tune(hertz));
        }
        (cut[0].high(low[0].low(left)), cut[1].high(low[1].low(right)))
    });
}
