//! Detects new sections.

use super::cell::{Cell, Cells, LEAST_DB, amplitude_db};
use crate::field::COUNT_WRAP;
use crate::frame::MEL;

/// Compares the newest beats with the same beats of every bar of the section. A section is new if they resemble none of
/// them, and differ throughout, by far more than bars of this music usually do.
///
/// A checkerboard kernel that only looks back (J. Foote: "Automatic audio segmentation using a measure of audio
/// novelty", ICME 2000), but against the nearest bar rather than the mean of all: recurring chords, patterns of two
/// bars and repeated fills then count as no change.
pub(super) struct Sections {
    count: u16,
    /// Beats since the section started, and the seconds of the finished ones.
    age: usize,
    seconds: f32,
    /// The usual difference between bars, as in [`log`].
    usual: f32,
    novelty: f32,
    sounding: bool,
    /// The recent maximum, in decibels.
    loudest: f32,
    /// Beats without judgement, because of a rest.
    resting: u8,
}

/// The beats that identify a section, if the bar has more: reported before its first bar is over.
const BEATS: usize = 3;
/// Bars to compare with.
const BARS: usize = 8;
/// Minimum bars of a section, and the usual minimum of two groups of four.
const LEAST_BARS: f32 = 3.4;
const YOUNG_BARS: f32 = 7.0;
/// The maximum for a band: a crash cymbal is loud in many, but does not change half of the spectrum.
const MOST_DB: f32 = 10.0;

/// How many times the square root of the usual difference (to the power of 1.5, as in [`Change::size`]) starts a
/// section, in logarithms: at a downbeat a multiple of four bars after the last section, elsewhere, and in a young
/// section.
const NEEDED: f32 = 0.8;
const OFF_DOWNBEAT: f32 = 0.4;
const OFF_FOUR_BARS: f32 = 0.6;
const YOUNG: f32 = 1.3;
/// The distance from a multiple of four bars that counts as off.
const NEAR_BARS: f32 = 0.6;
/// How fast the usual difference is learnt per beat, upwards and downwards, and the maximum excess of one beat.
const LEARNS: f32 = 0.08;
const UNLEARNS: f32 = 0.12;
const SURPRISE: f32 = 0.4;

/// Bands further below the loudest are not compared.
const FLOOR_DB: f32 = 55.0;
/// How fast the maximum is forgotten, per beat.
const FORGETS_DB: f32 = 0.1;
/// A fall by this much within the first beats is a decay.
const RINGS_OUT_DB: f32 = 6.0;
/// A beat this far below is a rest, and ignored for sections; so are the next beats.
const REST_DB: f32 = 28.0;
const RESTED_BEATS: u8 = 3;
/// A drop this soon after a section belongs to it.
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

    /// Judges the newest cells; returns whether a section has started.
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

    /// A drop starts a section with the current beat, unless already reported.
    pub fn drop(&mut self) {
        if self.age > SAME_BEATS {
            self.count = (self.count + 1) % COUNT_WRAP;
        }
        (self.age, self.seconds) = (0, 0.0);
    }

    /// A section started this many beats, and seconds, ago.
    fn begin(&mut self, beats: usize, seconds: f32) {
        self.count = (self.count + 1) % COUNT_WRAP;
        (self.age, self.seconds) = (beats, seconds);
    }

    /// Beats of the section so far.
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

/// What is new in the newest beats.
struct Change {
    /// The mean difference from the nearest bar, as in [`log`].
    nearest: f32,
    /// How much all the beats differ from the mean of the last four bars in the same direction: unlike fills and chance
    /// pitches.
    lasting: f32,
}

/// Bars in the mean.
const MEAN_BARS: usize = 4;

impl Change {
    /// The change in the newest `beats` of a section that is `age` beats old with them, after at least one bar of it.
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
            // The smallest of all rises, or of all falls.
            lasting += least.max(-most).clamp(0.0, MOST_DB);
        }
        let nearest = apart[..bars].iter().copied().fold(f32::MAX, f32::min);
        Some(Self { nearest: log(nearest / (beats * MEL) as f32), lasting: log(lasting / MEL as f32) })
    }

    fn size(&self) -> f32 {
        self.nearest + 0.5 * self.lasting
    }
}

/// The logarithm of a difference in decibels; far below half a decibel counts as none.
fn log(decibels: f32) -> f32 {
    (decibels + 0.3).ln()
}

/// How much harder it is to start with a beat other than a downbeat a multiple of four bars after the last section.
fn unlikely(first: &Cell, bars: f32) -> f32 {
    let downbeat = if first.step.beat == 0 { 0.0 } else { OFF_DOWNBEAT * (0.3 + 0.7 * first.step.bar_confidence) };
    let fours = if (bars - 4.0 * (bars / 4.0).round()).abs() > NEAR_BARS { OFF_FOUR_BARS } else { 0.0 };
    let young = if bars < YOUNG_BARS { YOUNG } else { 0.0 };
    downbeat + fours + young
}

/// Converts seconds to bars, by the usual length of the beats before the newest ones: beats missed at the start of a
/// piece are not counted, but took time.
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

/// Whether the newest of `beats` cells is as loud as the first: a decay is not a section.
fn holds(cells: &Cells, beats: usize) -> bool {
    let level = |back: usize| amplitude_db(cells.back(back).full);
    level(0) > level(beats - 1) - RINGS_OUT_DB
}
