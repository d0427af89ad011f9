//! Where a new section begins.

use super::cell::{Cell, Cells, LEAST_DB, amplitude_db};
use crate::field::COUNT_WRAP;
use crate::frame::MEL;

/// Compares the newest beats with the same beats of every bar of the section, and tells a new one when they resemble
/// none of them, and differ throughout, by far more than bars of this music usually do.
///
/// A checkerboard kernel that looks back only (J. Foote: "Automatic audio segmentation using a measure of audio novelty",
/// ICME 2000), but against the nearest bar in place of the mean of all: chords that come round, patterns of two bars and
/// a fill that was there before are then no change.
pub(super) struct Sections {
    count: u16,
    /// Beats since the section began, and the seconds of the finished ones.
    age: usize,
    seconds: f32,
    /// How much bars usually differ, as [`log`] has it.
    usual: f32,
    novelty: f32,
    sounding: bool,
    /// The loudest of late, in decibels.
    loudest: f32,
    /// Beats for which nothing is judged, because of a rest.
    resting: u8,
}

/// So many beats tell a section, where the bar has more: it is said before its first bar is over.
const BEATS: usize = 3;
/// Bars that are compared with.
const BARS: usize = 8;
/// A section has at least so many bars, and hardly ever fewer than two groups of four.
const LEAST_BARS: f32 = 3.4;
const YOUNG_BARS: f32 = 7.0;
/// More than this no band counts: a crash cymbal is loud in many, but changes not the half of the spectrum.
const MOST_DB: f32 = 10.0;

/// How many times the square root of the usual difference (to the power of 1.5, as [`Change::size`]) a section begins
/// with, in logarithms: at a downbeat that lies a multiple of four bars after the last section, elsewhere, and in a section
/// that is young.
const NEEDED: f32 = 0.8;
const OFF_DOWNBEAT: f32 = 0.4;
const OFF_FOUR_BARS: f32 = 0.6;
const YOUNG: f32 = 1.3;
/// So far from a multiple of four bars is off it.
const NEAR_BARS: f32 = 0.6;
/// How fast the usual difference is learnt per beat, upwards and downwards, and how far one beat may lie above it.
const LEARNS: f32 = 0.08;
const UNLEARNS: f32 = 0.12;
const SURPRISE: f32 = 0.4;

/// Bands that lie further below the loudest are not compared.
const FLOOR_DB: f32 = 55.0;
/// How fast the loudest is forgotten, per beat.
const FORGETS_DB: f32 = 0.1;
/// Who falls by so much within the first beats rings out.
const RINGS_OUT_DB: f32 = 6.0;
/// A beat that lies so far below is a rest, and says nothing about sections; nor do the next beats.
const REST_DB: f32 = 28.0;
const RESTED_BEATS: u8 = 3;
/// A drop so soon after a section was told is that section.
const SAME_BEATS: usize = 7;

impl Sections {
    pub fn new() -> Self {
        Self {
            count: 0,
            age: 0,
            seconds: 0.0,
            usual: log(1.0),
            novelty: 0.0,
            sounding: false,
            loudest: -80.0,
            resting: 0,
        }
    }

    /// Judges the newest cells, and says whether a section has begun.
    pub fn step(&mut self, cells: &Cells, quiet: bool) -> bool {
        self.age += 1;
        self.seconds += cells.back(0).seconds;
        if quiet {
            self.sounding = false;
            self.novelty = 0.0;
            return false;
        }
        if !self.sounding {
            self.sounding = true;
            self.begin(0, 0.0);
            return true;
        }
        let newest = cells.back(0).mel.iter().copied().fold(LEAST_DB, f32::max);
        self.loudest = newest.max(self.loudest - FORGETS_DB);
        if newest < self.loudest - REST_DB {
            self.resting = RESTED_BEATS;
        }
        if self.resting > 0 {
            self.resting -= 1;
            return false;
        }
        let beats = BEATS.min(bar(cells.back(0)));
        let first = cells.back(beats - 1);
        let own: f32 = cells.newest(beats).map(|cell| cell.seconds).sum();
        let bars = bars(self.seconds - own, cells, beats);
        self.novelty = 0.0;
        let Some(change) = Change::of(cells, beats, self.age, self.loudest - FLOOR_DB) else { return false };
        let excess = change.size() - 0.5 * self.usual - NEEDED;
        self.novelty = (0.5 * excess.exp()).clamp(0.0, 1.0);
        let surprise = change.nearest.min(self.usual + SURPRISE) - self.usual;
        self.usual += surprise * if surprise > 0.0 { LEARNS } else { UNLEARNS };
        let begun = bars >= LEAST_BARS && excess > unlikely(first, bars) && holds(cells, beats);
        if begun {
            self.begin(beats, own);
        }
        begun
    }

    /// A drop begins a section with the beat that has just begun, if that was not told before.
    pub fn drop(&mut self) {
        if self.age > SAME_BEATS {
            self.count = (self.count + 1) % COUNT_WRAP;
        }
        (self.age, self.seconds) = (0, 0.0);
    }

    /// A section has begun so many beats, and seconds, ago.
    fn begin(&mut self, beats: usize, seconds: f32) {
        self.count = (self.count + 1) % COUNT_WRAP;
        (self.age, self.seconds) = (beats, seconds);
    }

    /// Beats of the section that were heard.
    pub fn age(&self) -> usize {
        self.age
    }

    pub fn count(&self) -> u16 {
        self.count
    }

    pub fn novelty(&self) -> f32 {
        self.novelty
    }
}

/// What the newest beats have that the bars before had not.
struct Change {
    /// The mean difference from the bar that is nearest, as [`log`] has it.
    nearest: f32,
    /// How much all the beats differ from the mean of the last four bars in the same direction: a fill does not, and what
    /// was tuned by chance.
    lasting: f32,
}

/// Bars of which the mean is taken.
const MEAN_BARS: usize = 4;

impl Change {
    /// That of the newest `beats`, of a section that is `age` beats old with them, once a bar of it was heard before.
    fn of(cells: &Cells, beats: usize, age: usize, floor: f32) -> Option<Self> {
        let bar = bar(cells.back(0));
        let bars = (age.min(cells.len()).saturating_sub(beats) / bar).min(BARS);
        if bars == 0 {
            return None;
        }
        let level = |back: usize, band: usize| cells.back(back).mel[band].max(floor);
        let mut apart = [0.0; BARS];
        let mut lasting = 0.0;
        for band in 0..MEL {
            let (mut least, mut most) = (f32::MAX, f32::MIN);
            for back in 0..beats {
                let now = level(back, band);
                let mut mean = 0.0;
                for (ago, apart) in apart.iter_mut().take(bars).enumerate() {
                    let before = level(back + (ago + 1) * bar, band);
                    *apart += (now - before).abs().min(MOST_DB);
                    if ago < MEAN_BARS {
                        mean += before;
                    }
                }
                let rise = now - mean / bars.min(MEAN_BARS) as f32;
                (least, most) = (least.min(rise), most.max(rise));
            }
            // Of all the rises, or of all the falls, the smallest.
            lasting += least.max(-most).clamp(0.0, MOST_DB);
        }
        let nearest = apart[..bars].iter().copied().fold(f32::MAX, f32::min);
        Some(Self { nearest: log(nearest / (beats * MEL) as f32), lasting: log(lasting / MEL as f32) })
    }

    fn size(&self) -> f32 {
        self.nearest + 0.5 * self.lasting
    }
}

/// The logarithm of a difference in decibels; what is far below half a decibel is no difference.
fn log(decibels: f32) -> f32 {
    (decibels + 0.3).ln()
}

/// How much harder it is to begin with a beat than with a downbeat that lies a multiple of four bars after the last section.
fn unlikely(first: &Cell, bars: f32) -> f32 {
    let downbeat = if first.step.beat == 0 { 0.0 } else { OFF_DOWNBEAT * (0.3 + 0.7 * first.step.bar_confidence) };
    let fours = if (bars - 4.0 * (bars / 4.0).round()).abs() > NEAR_BARS { OFF_FOUR_BARS } else { 0.0 };
    let young = if bars < YOUNG_BARS { YOUNG } else { 0.0 };
    downbeat + fours + young
}

/// How many bars some seconds are, by the usual length of the beats before the newest ones: beats that were not heard at
/// the start of a piece are not counted, but lasted.
fn bars(seconds: f32, cells: &Cells, newest: usize) -> f32 {
    let mut lengths = [0.0; 8];
    for (back, length) in lengths.iter_mut().enumerate() {
        *length = cells.back(newest + back).seconds;
    }
    lengths.sort_unstable_by(f32::total_cmp);
    let beat = 0.5 * (lengths[3] + lengths[4]);
    seconds / (beat.max(0.1) * bar(cells.back(newest)) as f32)
}

/// Beats of a cell's bar.
fn bar(cell: &Cell) -> usize {
    usize::from(cell.step.beats).clamp(2, 12)
}

/// Whether the newest of `beats` cells is as loud as the first: what rings out is no section.
fn holds(cells: &Cells, beats: usize) -> bool {
    let level = |back: usize| amplitude_db(cells.back(back).full);
    level(0) > level(beats - 1) - RINGS_OUT_DB
}
