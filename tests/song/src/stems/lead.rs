//! The lead stem: the hook and the broken chords, with an echo in time and a room.

use super::Pump;
use crate::LENGTH;
use crate::score::{Score, form};
use crate::synth::{Echo, Filter, Reverb, Stereo};
use crate::voices;

/// Hook and arpeggio.
pub fn lead(score: &Score, pump: &Pump) -> Stereo {
    let (mut hook, mut arpeggio) = (Stereo::silence(LENGTH), Stereo::silence(LENGTH));
    for note in &score.lead {
        hook.lay(&voices::lead(note), note.start, 0.62, 0.0);
    }
    for (number, note) in score.arpeggio.iter().enumerate() {
        let pan = if number % 2 == 0 { -0.45 } else { 0.45 };
        arpeggio.lay(&voices::pluck(note), note.start, 0.55, pan);
    }
    hook.mix(&arpeggio, 1.0);
    let mut cuts = [Filter::new(180.0, 0.7), Filter::new(180.0, 0.7)];
    hook.shape(|at, left, right| {
        let gain = pump.gain(at, 0.3);
        (gain * cuts[0].high(left), gain * cuts[1].high(right))
    });
    // Three sixteenths: the echo falls between the beats.
    let echo = Echo { feedback: 0.42, high_cut: 4200.0 }.answer(&hook, echo_distances());
    let room = Reverb { seconds: 1.8, damping: 6000.0, low_cut: 300.0 }.answer(&hook);
    hook.mix(&echo, 0.30);
    hook.mix(&room, 0.13);
    hook
}

fn echo_distances() -> impl Fn(usize) -> usize {
    let (first, second) = (form::TEMPOS[0].0, form::TEMPOS[1].0);
    let step = form::sample_at(second, 0.0);
    let distance = |bar| form::beat_samples(form::sample_at(bar, 8.0)) * 3 / 4;
    let (before, after) = (distance(first), distance(second));
    move |at| if at < step { before } else { after }
}
