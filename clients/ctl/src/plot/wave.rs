//! The waveform: peaks, and the energy inside them.

use super::canvas::Area;
use super::colour::{ENERGY, PEAKS};
use super::{GRID, Sheet};

pub(super) fn draw(sheet: &mut Sheet<'_>, area: Area) {
    for (share, label) in [(0.0, "–1"), (0.5, "0"), (1.0, "1")] {
        sheet.rule(area, share, label);
    }
    let level = |sample: f32| area.level((sample + 1.0) / 2.0);
    for column in sheet.axis.columns() {
        let (from, to) = sheet.axis.span(column);
        let Some(extent) = extent(sheet.song.between(from, to)) else { continue };
        sheet.canvas.upright(column, level(extent.low), level(extent.high), PEAKS, 1.0);
        sheet.canvas.upright(column, level(-extent.energy), level(extent.energy), ENERGY, 1.0);
    }
    sheet.canvas.across(area.x, level(0.0) as i32, area.width, GRID, 0.5);
}

/// The range of a few samples of both channels.
struct Extent {
    low: f32,
    high: f32,
    /// Root of the mean square.
    energy: f32,
}

fn extent((left, right): (&[f32], &[f32])) -> Option<Extent> {
    let samples = || left.iter().chain(right).copied();
    let count = left.len() + right.len();
    (count > 0).then(|| Extent {
        low: samples().fold(0.0, f32::min),
        high: samples().fold(0.0, f32::max),
        energy: (samples().map(|sample| f64::from(sample).powi(2)).sum::<f64>() / count as f64).sqrt() as f32,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extent_covers_both_channels() {
        let extent = extent((&[0.5, -0.1], &[0.1, -0.7])).expect("there are samples");
        assert_eq!((extent.low, extent.high), (-0.7, 0.5));
        assert!((extent.energy - 0.435_89).abs() < 1e-4);
        assert!(super::extent((&[], &[])).is_none());
    }
}
