//! A piece: its sound and its truth.

use crate::chance::Chance;
use crate::drums::{Class, Hit};
use crate::form::{Part, Role, parts};
use crate::genre::{Genre, Twist};
use crate::grid::Grid;
use crate::mix;
use crate::nobeat::{pink, speech};
use crate::score::Score;
use crate::truth::{Drums, Section, Truth, merged};
use downbeat_song::synth::{Stereo, samples};

/// Hits of one kind that lie nearer together than this count once: a clap over a snare.
const TOGETHER: f64 = 0.02;
/// Onsets that lie nearer together than this count once: nobody hears two.
const ONE_ONSET: f64 = 0.03;

/// A piece.
pub struct Piece {
    /// The sound, at [`SAMPLE_RATE`](crate::SAMPLE_RATE).
    pub sound: Stereo,
    /// What is where in it.
    pub truth: Truth,
}

impl Piece {
    /// Plays a genre.
    pub fn play(genre: &Genre) -> Self {
        let mut chance = Chance::named(genre.id);
        let parts = parts(genre.form);
        let grid = grid(genre, &parts);
        let score = Score::compose(genre, &grid, &parts, &mut chance);
        let mut sound = mix::play(genre, &grid, &parts, &score, &mut chance);
        mix::level(&mut sound, chance.between(-18.0, -12.0));
        let truth = truth(genre, &grid, &parts, &score, &sound);
        twist(genre.twist, &mut sound, &mut chance);
        Self { sound, truth }
    }

    /// One record, cut in the middle of a bar to another that begins on its first beat.
    pub fn cut(id: &str, [first, second]: [&Genre; 2]) -> Self {
        let (first, second) = (Self::play(first), Self::play(second));
        let beats = &first.truth.beats;
        let cut = 0.5 * (beats[beats.len() - 3] + beats[beats.len() - 2]);
        // The second record is cued: its first beat is heard at once.
        let cue = second.truth.beats[0];
        let (at, from) = (samples(cut), samples(cue));
        let join = |one: &[f32], other: &[f32]| [&one[..at], &other[from..]].concat();
        let sound = Stereo {
            left: join(&first.sound.left, &second.sound.left),
            right: join(&first.sound.right, &second.sound.right),
        };
        let both = |one: &[f64], other: &[f64]| {
            let kept = one.iter().copied().filter(|time| *time < cut - 0.01);
            let moved = other.iter().filter(|time| **time >= cue - 1e-6).map(|time| time - cue + cut);
            merged(kept.chain(moved), 0.0)
        };
        let duration = sound.len() as f64 / f64::from(crate::SAMPLE_RATE);
        let section = |start, end| Section { start, end, name: Role::Groove.name().into() };
        let (one, other) = (&first.truth, &second.truth);
        let truth = Truth {
            meter: one.meter,
            beats: both(&one.beats, &other.beats),
            downbeats: both(&one.downbeats, &other.downbeats),
            onsets: one.onsets.as_ref().zip(other.onsets.as_ref()).map(|(one, other)| both(one, other)),
            drums: Drums {
                kick: both(&one.drums.kick, &other.drums.kick),
                snare: both(&one.drums.snare, &other.drums.snare),
                hat: both(&one.drums.hat, &other.drums.hat),
            },
            sections: vec![section(0.0, cut), section(cut, duration)],
            maybe_drops: vec![cut],
            ..Truth::of(id, &one.group, duration)
        };
        Self { sound, truth }
    }
}

fn grid(genre: &Genre, parts: &[Part]) -> Grid {
    let bars = parts.iter().map(|part| part.bars).sum();
    let mut tempo = (genre.bpm, 0.0);
    let mut grid = Grid::new(genre.per_bar, bars, |beat, time| {
        let bar = beat / genre.per_bar;
        match genre.twist {
            Twist::Step(from, bpm) if bar >= from => tempo.0 = bpm,
            Twist::Ramp(from, to, rate) if (from..to).contains(&bar) && beat > from * genre.per_bar => {
                tempo.0 *= 1.0 + rate * (time - tempo.1);
            }
            _ => {}
        }
        tempo.1 = time;
        tempo.0
    });
    if let Twist::Gap(bar, seconds) = genre.twist {
        grid.pause(bar, seconds);
    }
    grid
}

fn twist(twist: Twist, sound: &mut Stereo, chance: &mut Chance) {
    match twist {
        Twist::Quiet(decibel) => {
            let gain = mix::amplitude(-decibel) as f32;
            sound.left.iter_mut().chain(&mut sound.right).for_each(|sample| *sample *= gain);
        }
        Twist::Noise(below) => {
            let mut noise = pink(sound.len(), chance);
            mix::level(&mut noise, -16.0 - below);
            sound.mix(&noise, 1.0);
            mix::level(sound, -14.0);
        }
        Twist::Talk => {
            let mut talk = speech(sound.len(), chance);
            mix::level(&mut talk, -16.0);
            sound.mix(&talk, 0.9);
            mix::level(sound, -14.0);
        }
        Twist::None | Twist::Step(..) | Twist::Ramp(..) | Twist::Gap(..) => {}
    }
}

fn truth(genre: &Genre, grid: &Grid, parts: &[Part], score: &Score, sound: &Stereo) -> Truth {
    let duration = sound.len() as f64 / f64::from(crate::SAMPLE_RATE);
    let of = |class| {
        let hits = score.hits.iter().filter(|hit: &&Hit| hit.drum.class() == Some(class));
        merged(hits.map(|hit| hit.time), TOGETHER)
    };
    let chords = score.chords.iter().filter(|note| genre.chords.0.strikes() && !note.held);
    let lead = score.lead.iter().filter(|_| genre.lead.is_some_and(|lead| lead.strikes()));
    let notes = score.bass.iter().chain(chords).chain(lead).map(|note| note.start);
    let onsets = merged(score.hits.iter().map(|hit| hit.time).chain(notes), ONE_ONSET);
    let returns = parts.windows(2).filter(|pair| pair[1].role == Role::Drop && pair[0].role.holds_back());
    let maybe = parts.windows(2).filter(|pair| {
        let opens = pair[0].role == Role::Intro && pair[1].role.is_full();
        opens || (pair[0].role == Role::Bridge && pair[1].role.is_full())
    });
    let start = |pair: &[Part]| tidy(grid.at(pair[1].first, 0.0));
    let mut maybe_drops: Vec<f64> = maybe.map(start).collect();
    if let Twist::Gap(bar, _) = genre.twist {
        maybe_drops.push(tidy(grid.at(bar, 0.0)));
    }
    // Someone talking over it has onsets of his own that nobody has counted.
    let onsets = (genre.twist != Twist::Talk).then_some(onsets);
    let steady = !matches!(genre.twist, Twist::Step(..) | Twist::Ramp(..) | Twist::Gap(..));
    Truth {
        tempo: steady.then_some(genre.bpm),
        meter: genre.per_bar,
        beats: merged(grid.beats(), 0.0),
        downbeats: merged(grid.downbeats(), 0.0),
        onsets,
        drums: Drums { kick: of(Class::Kick), snare: of(Class::Snare), hat: of(Class::Hat) },
        sections: sections(grid, parts, duration),
        drops: returns.map(start).collect(),
        maybe_drops,
        ..Truth::of(genre.id, genre.group, duration)
    }
}

/// The parts by their times; neighbours of one kind are one part.
fn sections(grid: &Grid, parts: &[Part], duration: f64) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        let start = if index == 0 { 0.0 } else { tidy(grid.at(part.first, 0.0)) };
        let next = tidy(grid.at(part.first + part.bars, 0.0));
        let end = if index + 1 == parts.len() { duration } else { next };
        match sections.last_mut().filter(|last| last.name == part.role.name()) {
            Some(last) => last.end = end,
            None => sections.push(Section { start, end, name: part.role.name().into() }),
        }
    }
    if sections.len() < 2 { vec![] } else { sections }
}

fn tidy(time: f64) -> f64 {
    (time * 1e5).round() / 1e5
}
