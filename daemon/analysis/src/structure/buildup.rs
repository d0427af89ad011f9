//! Build-ups towards a drop.

use super::cell::{Cells, amplitude_db};
use crate::frame::MEL;

/// Watches everything that rises: the high bands of a noise riser or an opening filter, the centroid, the density of a
/// snare roll, and the loudness; over two, four and eight bars.
pub(super) struct BuildUp {
    progress: f32,
    /// Beats since the last growth.
    rest: u32,
    /// Beats since the last arrival: earlier beats no longer count. Negative while it still sounds.
    heard: i64,
}

/// Windows over which rises are measured, in beats.
const WINDOWS: [usize; 3] = [8, 16, 32];
/// The rise of a complete build-up: decibels above 2 kHz, mel bands of the centroid, doublings of the onset density,
/// decibels.
const WHOLE: [f32; CUES] = [14.0, 7.0, 1.7, 10.0];
const WEIGHTS: [f32; CUES] = [0.7, 0.6, 0.7, 0.4];
const CUES: usize = 4;
/// Fewer onsets per second are not a roll, and all count the same.
const LEAST_DENSITY: f32 = 2.5;
/// The first mel band above 2 kHz.
const HIGH: usize = 16;
/// A rise counts in full if none of its three steps exceeds this share: 1 - 1 / this.
const GRADUAL: f32 = 2.5;
/// Growth must continue in the last quarter: the share of the whole rise needed to count in full.
const LAST: f32 = 0.2;
/// A rest of this many beats, as before many drops, does not end it.
const REST_BEATS: u32 = 5;
/// Beats in which a drop still unfolds: no new build-up yet.
const ARRIVAL_BEATS: i64 = 8;

impl BuildUp {
    pub fn new() -> Self {
        Self { progress: 0.0, rest: 0, heard: 0 }
    }

    pub fn step(&mut self, cells: &Cells, quiet: bool) {
        self.heard = if quiet { 0 } else { self.heard.saturating_add(1) };
        let known = (self.heard.max(0) as usize).min(cells.len());
        let windows = WINDOWS.into_iter().filter(|window| *window <= known);
        let evidence = windows.map(|window| evidence(cells, window)).fold(0.0, f32::max);
        if evidence >= self.progress {
            self.progress += (evidence - self.progress) * 0.6;
            self.rest = 0;
        } else {
            self.rest += 1;
            let keeps = if self.rest <= REST_BEATS { 0.97 } else { 0.7 };
            self.progress = evidence + (self.progress - evidence) * keeps;
        }
    }

    /// Ends it, at a drop.
    pub fn end(&mut self) {
        self.progress = 0.0;
        self.rest = REST_BEATS;
        self.heard = -ARRIVAL_BEATS;
    }

    /// Ignores everything before this many beats.
    pub fn forget(&mut self, beats: usize) {
        self.heard = self.heard.min(beats as i64);
    }

    pub fn progress(&self) -> f32 {
        self.progress
    }
}

/// The evidence for a build-up in the newest cells, 0 to 1.
fn evidence(cells: &Cells, window: usize) -> f32 {
    let mut trends = [Trend::default(); CUES];
    for back in (0..window).rev() {
        let cell = cells.back(back);
        let high = &cell.mel[HIGH..];
        let amplitudes = cell.mel.map(|db| 10f32.powf(db / 20.0));
        let total = amplitudes.iter().sum::<f32>().max(1e-9);
        let centroid = amplitudes.iter().enumerate().map(|(band, x)| band as f32 * x).sum::<f32>() / total;
        let density = cell.density.max(LEAST_DENSITY).log2();
        let values = [high.iter().sum::<f32>() / (MEL - HIGH) as f32, centroid, density, amplitude_db(cell.full)];
        for (trend, value) in trends.iter_mut().zip(values) {
            trend.process(value, window);
        }
    }
    let lacks = trends.iter().zip(WHOLE).zip(WEIGHTS).map(|((trend, whole), weight)| 1.0 - weight * trend.cue(whole));
    1.0 - lacks.product::<f32>()
}

/// A least-squares line through evenly spaced values.
#[derive(Clone, Copy, Debug, Default)]
struct Trend {
    n: f32,
    y: f32,
    ty: f32,
    yy: f32,
    /// The sums of the four quarters.
    quarters: [f32; 4],
}

impl Trend {
    fn process(&mut self, value: f32, window: usize) {
        self.quarters[(4.0 * self.n / window as f32) as usize % 4] += value;
        self.y += value;
        self.ty += self.n * value;
        self.yy += value * value;
        self.n += 1.0;
    }

    /// The share of a whole rise, as far as it is steady.
    fn cue(&self, whole: f32) -> f32 {
        let n = self.n;
        let time = n * (n * n - 1.0) / 12.0;
        let both = self.ty - (n - 1.0) / 2.0 * self.y;
        let spread = (self.yy - self.y * self.y / n).max(1e-6);
        let rise = both / time * n;
        let straight = both / (time * spread).sqrt();
        (rise / whole).clamp(0.0, 1.0) * ((straight - 0.4) / 0.4).clamp(0.0, 1.0) * self.gradual()
    }

    /// 1 if the quarters rise by equal steps, 0 if there is only one step: a sudden start is not a build-up; nor is a
    /// rise that has stopped.
    fn gradual(&self) -> f32 {
        let steps = [1, 2, 3].map(|k| self.quarters[k] - self.quarters[k - 1]);
        let greatest = steps.into_iter().fold(0.0, f32::max);
        let whole = self.quarters[3] - self.quarters[0];
        if whole <= 0.0 {
            return 0.0;
        }
        (GRADUAL * (1.0 - greatest / whole)).clamp(0.0, 1.0) * (steps[2] / (LAST * whole)).clamp(0.0, 1.0)
    }
}
