//! The score: what plays when.

use crate::chance::Chance;
use crate::drums::{Drum, Hit, Style};
use crate::form::{Part, Role};
use crate::genre::{Genre, Lines};
use crate::grid::Grid;
use crate::harmony::Harmony;

/// A note or a chord.
#[derive(Clone, Debug)]
pub struct Note {
    /// When, in seconds.
    pub start: f64,
    /// When it is let go.
    pub end: f64,
    /// MIDI.
    pub pitches: Vec<f64>,
    /// `(0, 1]`.
    pub velocity: f64,
    /// Whether it is held through a whole bar, softly.
    pub held: bool,
}

/// The whole score.
#[derive(Default)]
pub struct Score {
    /// In order of time.
    pub hits: Vec<Hit>,
    /// The bass.
    pub bass: Vec<Note>,
    /// The chords.
    pub chords: Vec<Note>,
    /// The melody.
    pub lead: Vec<Note>,
    /// Noise that rises from a time to another.
    pub risers: Vec<(f64, f64)>,
}

impl Score {
    /// Writes a piece.
    pub fn compose(genre: &Genre, grid: &Grid, parts: &[Part], chance: &mut Chance) -> Self {
        let harmony = Harmony::new(chance);
        let melody = Melody::new(genre.per_bar, chance);
        let mut writer = Writer { genre, grid, chance, score: Self::default() };
        for (index, part) in parts.iter().enumerate() {
            let leads_in = parts.get(index + 1).is_some_and(|next| next.role == Role::Drop);
            let returns = index > 0 && parts[index - 1].role.holds_back();
            writer.part(part, leads_in, returns || index > 0, &harmony, &melody);
        }
        let mut score = writer.score;
        score.hits.sort_by(|one, other| one.time.total_cmp(&other.time));
        score
    }
}

/// A melody of two bars: places in the bar, lengths in bars, steps of the scale.
struct Melody([Vec<(f64, f64, i32)>; 2]);

impl Melody {
    fn new(per_bar: usize, chance: &mut Chance) -> Self {
        let steps = 2 * per_bar;
        let density = chance.between(0.35, 0.7);
        let mut at = chance.below(5) as i32;
        let mut bar = || {
            let mut starts: Vec<usize> = (0..steps).filter(|_| chance.yes(density)).collect();
            if starts.is_empty() {
                starts.push(0);
            }
            let ends = starts.iter().skip(1).copied().chain([steps]).collect::<Vec<_>>();
            let notes = starts.into_iter().zip(ends).map(|(start, end)| {
                at = (at + chance.below(5) as i32 - 2).clamp(-2, 8);
                (start as f64 / steps as f64, (end - start) as f64 / steps as f64, at)
            });
            notes.collect::<Vec<_>>()
        };
        Self([bar(), bar()])
    }
}

struct Writer<'a> {
    genre: &'a Genre,
    grid: &'a Grid,
    chance: &'a mut Chance,
    score: Score,
}

impl Writer<'_> {
    fn part(&mut self, part: &Part, leads_in: bool, opens: bool, harmony: &Harmony, melody: &Melody) {
        let lines = self.lines(part.role);
        let kick_in_build = self.chance.yes(0.4);
        let breath = if self.chance.yes(0.6) { 0.75 } else { 1.0 };
        let soft_break = self.chance.yes(0.5);
        for bar in part.first..part.first + part.bars {
            let way = part.way(bar);
            let last = part.ends_with(bar);
            match part.role {
                Role::BuildUp => self.build_up(bar, way, last, kick_in_build, breath),
                Role::Breakdown if soft_break => {
                    self.drums(bar, lines, 0.45, 1.0, |drum| way >= 0.5 && matches!(drum, Drum::Closed | Drum::Shaker))
                }
                Role::Breakdown => {}
                Role::Intro => self.drums(bar, lines, 0.75, 1.0, |drum| way >= 0.5 || is_plain(drum)),
                Role::Outro => self.drums(bar, lines, 0.8, 1.0, |drum| way < 0.5 || is_plain(drum)),
                Role::Bridge => self.drums(bar, lines, 0.7, 1.0, |drum| drum != Drum::Snare && drum != Drum::Clap),
                _ => {
                    let fills = last || (bar - part.first) % 8 == 7;
                    self.drums(bar, lines, 1.0, if fills && !lines.is_empty() { 0.75 } else { 1.0 }, |_| true);
                    if fills && !lines.is_empty() {
                        self.fill(bar);
                    }
                }
            }
            if opens && bar == part.first && part.role.is_full() && !lines.is_empty() {
                self.hit(Drum::Crash, bar, 0.0, 0.9);
            }
            self.bass(part.role, bar, way, harmony);
            self.chords(part.role, bar, if last && leads_in { breath } else { 1.0 }, harmony);
            self.lead(part.role, bar, way, harmony, melody);
        }
        if part.role == Role::BuildUp {
            let end = part.first + part.bars - 1;
            self.score.risers.push((self.grid.at(part.first, 0.0), self.grid.at(end, breath)));
        }
    }

    fn lines(&self, role: Role) -> Lines {
        let full = matches!(role, Role::Drop | Role::Chorus) && !self.genre.lift.is_empty();
        if full { self.genre.lift } else { self.genre.groove }
    }

    /// A bar of some lines, as far as a place in it.
    fn drums(&mut self, bar: usize, lines: Lines, strength: f64, until: f64, plays: impl Fn(Drum) -> bool) {
        for (drum, pattern) in lines.iter().filter(|(drum, _)| plays(*drum)) {
            for (place, _, mark) in self.strokes(pattern) {
                let Some(digit) = mark.to_digit(10) else { continue };
                if place < until || matches!(drum, Drum::Kick) {
                    self.hit(*drum, bar, place, strength * velocity(digit));
                }
            }
        }
    }

    /// Tension: a roll that becomes denser and louder.
    fn build_up(&mut self, bar: usize, way: f64, last: bool, kick: bool, breath: f64) {
        let beats = self.genre.per_bar;
        let per_beat = [1, 1, 2, 4][((way * 4.0) as usize).min(3)];
        let strokes = beats * per_beat;
        for stroke in 0..strokes {
            let place = stroke as f64 / strokes as f64;
            if last && place >= breath {
                break;
            }
            let velocity = 0.3 + 0.6 * (way + place / 8.0);
            self.hit(Drum::Snare, bar, place, velocity.min(0.95));
        }
        if kick && !last {
            (0..beats).for_each(|beat| self.hit(Drum::Kick, bar, beat as f64 / beats as f64, 0.7));
        }
    }

    /// The end of a phrase: a run on the snare or down the toms.
    fn fill(&mut self, bar: usize) {
        let toms = self.genre.style == Style::Acoustic || self.chance.yes(0.3);
        let strokes = 4 * self.genre.per_bar;
        let first = strokes * 3 / 4;
        for stroke in first..strokes {
            let drum = if toms { Drum::Tom(((stroke - first) * 3 / (strokes - first)) as u8) } else { Drum::Snare };
            if self.chance.yes(0.75) {
                let velocity = self.chance.between(0.6, 0.9);
                self.hit(drum, bar, stroke as f64 / strokes as f64, velocity);
            }
        }
    }

    fn bass(&mut self, role: Role, bar: usize, way: f64, harmony: &Harmony) {
        let strength = match role {
            Role::BuildUp | Role::Breakdown => return,
            Role::Intro | Role::Outro if (way < 0.5) == (role == Role::Intro) => return,
            Role::Intro | Role::Outro => 0.7,
            Role::Verse | Role::Bridge => 0.85,
            _ => 1.0,
        };
        let root = harmony.root(bar);
        for (place, length, mark) in self.strokes(self.genre.bass.1) {
            let pitch = root
                + match mark {
                    'o' => 12.0,
                    'f' => 7.0,
                    _ => 0.0,
                };
            let velocity = strength * self.chance.between(0.8, 1.0);
            let note = self.note(bar, place, 0.92 * length, vec![pitch], velocity);
            self.score.bass.push(note);
        }
    }

    fn chords(&mut self, role: Role, bar: usize, until: f64, harmony: &Harmony) {
        let strength = match role {
            Role::Intro | Role::Outro => 0.6,
            Role::Verse => 0.7,
            _ => 0.9,
        };
        let notes = harmony.chord_notes(bar);
        if role.holds_back() {
            let mut note = self.note(bar, 0.0, until, notes, 0.7);
            note.held = true;
            self.score.chords.push(note);
            return;
        }
        for (place, length, mark) in self.strokes(self.genre.chords.1) {
            let velocity = strength * velocity(mark.to_digit(10).unwrap_or(7));
            let note = self.note(bar, place, 0.95 * length, notes.clone(), velocity);
            self.score.chords.push(note);
        }
    }

    fn lead(&mut self, role: Role, bar: usize, way: f64, harmony: &Harmony, melody: &Melody) {
        let rests = match role {
            Role::Intro | Role::Outro | Role::BuildUp => true,
            Role::Breakdown => way < 0.25,
            _ => false,
        };
        if rests || self.genre.lead.is_none() {
            return;
        }
        let raised = if role.is_full() { 2 } else { 0 };
        for (place, length, step) in &melody.0[bar % 2] {
            let velocity = self.chance.between(0.65, 0.95);
            let note = self.note(bar, *place, 0.9 * length, vec![harmony.melody(step + raised)], velocity);
            self.score.lead.push(note);
        }
    }

    fn hit(&mut self, drum: Drum, bar: usize, place: f64, strength: f64) {
        let time = self.loosely(self.grid.at(bar, place));
        // No drummer hits twice alike.
        let velocity = strength * (1.0 - 0.1 * self.chance.between(0.0, 1.0));
        self.score.hits.push(Hit { drum, time, velocity });
    }

    fn note(&mut self, bar: usize, place: f64, length: f64, pitches: Vec<f64>, velocity: f64) -> Note {
        let start = self.loosely(self.grid.at(bar, place));
        // The bar's own seconds: the next one may lie behind a pause.
        let seconds = length * self.genre.per_bar as f64 * self.grid.beat_length(start);
        Note { start, end: start + seconds.max(0.03), pitches, velocity, held: false }
    }

    fn loosely(&mut self, time: f64) -> f64 {
        (time + self.genre.loose * self.chance.bell()).max(0.0)
    }

    /// The marks of a pattern: place and length in bars, and the character.
    fn strokes(&self, pattern: &str) -> Vec<(f64, f64, char)> {
        let steps = pattern.len() as f64;
        let swings = pattern.len() == 4 * self.genre.per_bar;
        let marks = pattern.char_indices().filter(|(_, mark)| *mark != '.' && *mark != '-');
        let stroke = |(index, mark): (usize, char)| {
            let held = pattern[index + 1..].chars().take_while(|next| *next == '-').count();
            let late = if swings && index % 2 == 1 { self.genre.swing } else { 0.0 };
            ((index as f64 + late) / steps, (1 + held) as f64 / steps, mark)
        };
        marks.map(stroke).collect()
    }
}

/// The strength of a digit: players' dynamics are narrower than the digits look.
fn velocity(digit: u32) -> f64 {
    0.2 + 0.8 * f64::from(digit) / 9.0
}

/// What plays while little plays.
fn is_plain(drum: Drum) -> bool {
    matches!(drum, Drum::Kick | Drum::Closed | Drum::Shaker)
}
