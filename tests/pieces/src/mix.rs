//! From the score to sound.

use crate::chance::Chance;
use crate::drums::{Drum, Kit};
use crate::form::{Part, Role};
use crate::genre::Genre;
use crate::grid::Grid;
use crate::score::{Note, Score};
use crate::voices::Chord;
use downbeat_song::synth::{Filter, Noise, Reverb, Stereo, exp2, samples, soft_clip};

/// Plays a score.
pub fn play(genre: &Genre, grid: &Grid, parts: &[Part], score: &Score, chance: &mut Chance) -> Stereo {
    let length = samples(grid.end() + 1.0);
    let kit = Kit::new(genre.style, chance, score.hits.iter().map(|hit| hit.drum));
    let mut mix = kit.play(&score.hits, length);
    for (start, end) in &score.risers {
        mix.lay(&riser(samples(end - start), chance), samples(*start), chance.between(0.3, 0.6), 0.0);
    }
    let curtain = Curtain::new(grid, parts, chance);
    let pump = Pump::new(genre, grid, score, length);

    let mut bass = Stereo::silence(length);
    for note in &score.bass {
        let pitch = note.pitches.first().copied().unwrap_or(33.0);
        lay(&mut bass, note, &genre.bass.0.note(pitch, held(note), note.velocity, chance.seed()), 0.0);
    }
    pump.press(&mut bass, 1.0);
    mix.mix(&bass, (0.55 * chance.between(0.8, 1.2)) as f32);

    let mut tones = Stereo::silence(length);
    for note in &score.chords {
        let voice = if note.held { Chord::Pad } else { genre.chords.0 };
        lay(&mut tones, note, &voice.play(&note.pitches, held(note), note.velocity, chance.seed()), 0.0);
    }
    tones.shape(|_, left, right| (0.8 * left, 0.8 * right));
    let pan = chance.between(-0.3, 0.3);
    if let Some(lead) = genre.lead {
        for note in &score.lead {
            let pitch = note.pitches.first().copied().unwrap_or(72.0);
            lay(&mut tones, note, &lead.note(pitch, held(note), note.velocity, chance.seed()), pan);
        }
    }
    curtain.draw(&mut tones);
    pump.press(&mut tones, 0.8);
    let room = Reverb { seconds: chance.between(0.8, 2.4), damping: 5000.0, low_cut: 250.0 }.answer(&tones);
    tones.mix(&room, chance.between(0.08, 0.25) as f32);
    mix.mix(&tones, (0.5 * chance.between(0.8, 1.25)) as f32);
    curtain.thin(&mut mix);
    mix
}

/// Brings a mix to a loudness (root mean square, dB below full scale), bending what is above full scale.
pub fn level(mix: &mut Stereo, decibel: f64) {
    let power = mix.left.iter().chain(&mix.right).map(|x| f64::from(*x) * f64::from(*x)).sum::<f64>();
    let rms = (power / (2 * mix.len()).max(1) as f64).sqrt();
    if rms > 0.0 {
        let gain = amplitude(decibel) / rms;
        mix.shape(|_, left, right| (0.97 * soft_clip(gain * left), 0.97 * soft_clip(gain * right)));
    }
}

/// The factor of some decibels.
pub fn amplitude(decibel: f64) -> f64 {
    // log2(10) / 20
    exp2(decibel * 0.166_096_404_744_368)
}

fn held(note: &Note) -> usize {
    samples(note.end - note.start)
}

fn lay(bus: &mut Stereo, note: &Note, sound: &Stereo, pan: f64) {
    bus.lay(sound, samples(note.start), 1.0, pan);
}

/// Noise that climbs.
fn riser(length: usize, chance: &mut Chance) -> Stereo {
    let seed = chance.seed();
    let octaves = chance.between(3.5, 5.5);
    let mut sides = [0, 1].map(|side| (Noise::new(2 * seed + side), Filter::new(300.0, 2.5)));
    Stereo::collect((0..length).map(|at| {
        let way = at as f64 / length as f64;
        let fade = ((length - at) as f64 / 480.0).min(1.0);
        let mut side = |index: usize| {
            let (noise, filter) = &mut sides[index];
            if at % 16 == 0 {
                filter.tune(260.0 * exp2(octaves * way));
            }
            way * way * fade * filter.band(noise.next())
        };
        (side(0), side(1))
    }))
}

/// Filters that open and close with the form.
struct Curtain {
    /// Start and end in samples; corner of the tones at both; corner below which everything is thinned at both; Hz.
    spans: Vec<(usize, usize, [f64; 2], [f64; 2])>,
}

const OPEN: f64 = 16_000.0;

impl Curtain {
    fn new(grid: &Grid, parts: &[Part], chance: &mut Chance) -> Self {
        let span = |part: &Part| {
            let tones = match part.role {
                Role::Intro => [chance.between(500.0, 1500.0), chance.between(2000.0, 8000.0)],
                Role::BuildUp => [chance.between(300.0, 800.0), chance.between(6000.0, 12_000.0)],
                Role::Breakdown => [chance.between(900.0, 3000.0), chance.between(1500.0, 4000.0)],
                _ => [OPEN, OPEN],
            };
            let thin = match part.role {
                Role::BuildUp => [25.0, chance.one_of(&[25.0, 150.0, 300.0, 500.0])],
                _ => [25.0, 25.0],
            };
            (samples(grid.at(part.first, 0.0)), samples(grid.at(part.first + part.bars, 0.0)), tones, thin)
        };
        Self { spans: parts.iter().map(span).collect() }
    }

    /// Low-pass on what has a pitch.
    fn draw(&self, bus: &mut Stereo) {
        let mut filters = [Filter::new(OPEN, 0.8), Filter::new(OPEN, 0.8)];
        let mut span = 0;
        bus.shape(|at, left, right| {
            if at % 32 == 0 {
                let corner = self.corner(at, &mut span, |span| span.2);
                filters.iter_mut().for_each(|filter| filter.tune(corner));
            }
            (filters[0].low(left), filters[1].low(right))
        });
    }

    /// High-pass on everything, towards a drop.
    fn thin(&self, mix: &mut Stereo) {
        let mut filters = [Filter::new(25.0, 0.7), Filter::new(25.0, 0.7)];
        let mut span = 0;
        mix.shape(|at, left, right| {
            if at % 32 == 0 {
                let corner = self.corner(at, &mut span, |span| span.3);
                filters.iter_mut().for_each(|filter| filter.tune(corner));
            }
            (filters[0].high(left), filters[1].high(right))
        });
    }

    fn corner(
        &self,
        at: usize,
        span: &mut usize,
        pick: impl Fn(&(usize, usize, [f64; 2], [f64; 2])) -> [f64; 2],
    ) -> f64 {
        while *span + 1 < self.spans.len() && self.spans[*span].1 <= at {
            *span += 1;
        }
        let Some(now) = self.spans.get(*span) else { return OPEN };
        let way = (at.saturating_sub(now.0) as f64 / (now.1 - now.0).max(1) as f64).min(1.0);
        let [from, to] = pick(now);
        if from == to { from } else { from + (to - from) * way * way }
    }
}

/// Everything ducks under the kick, as a compressor with the kick in its side-chain would do.
struct Pump(Option<Vec<f32>>);

impl Pump {
    fn new(genre: &Genre, grid: &Grid, score: &Score, length: usize) -> Self {
        if genre.pump <= 0.0 {
            return Self(None);
        }
        let mut duck = vec![0.0f32; length];
        for hit in score.hits.iter().filter(|hit| hit.drum == Drum::Kick) {
            let (first, back) = (samples(hit.time), samples(0.8 * grid.beat_length(hit.time)));
            let down = samples(0.003) as f64;
            let end = (first + back).min(length);
            for (since, deepest) in duck[first.min(end)..end].iter_mut().enumerate() {
                let way = 1.0 - since as f64 / back as f64;
                let depth = genre.pump * hit.velocity * (since as f64 / down).min(1.0) * way * way * (3.0 - 2.0 * way);
                *deepest = deepest.max(depth as f32);
            }
        }
        Self(Some(duck))
    }

    fn press(&self, bus: &mut Stereo, share: f64) {
        let Some(duck) = &self.0 else { return };
        bus.shape(|at, left, right| {
            let gain = 1.0 - share * f64::from(duck[at]);
            (gain * left, gain * right)
        });
    }
}
