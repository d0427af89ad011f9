//! The tempo as a line, pale while the tracker is unsure, absent while no beat plays.

use super::Sheet;
use super::axis::round_numbers;
use super::canvas::Area;
use super::colour::{GRID, TEMPO, mix};

/// Minimum range, in beats per minute, so that a steady tempo looks steady.
const LEAST_RANGE: f64 = 16.0;

pub(super) fn draw(sheet: &mut Sheet<'_>, area: Area) {
    let (low, high) = range(sheet.found.hops.iter().filter(|hop| hop.beating).map(|hop| f64::from(hop.tempo)));
    let share = |tempo: f64| ((tempo - low) / (high - low)) as f32;
    for tempo in round_numbers(low, high, 4) {
        sheet.rule(area, share(tempo), &format!("{tempo}"));
    }
    let mut last = None;
    for column in sheet.axis.columns() {
        let (from, to) = sheet.axis.span(column);
        let hop = sheet.found.hops.get(sheet.found.between(from, to).start).filter(|hop| hop.beating);
        let point = hop.map(|hop| (column as f32, area.level(share(f64::from(hop.tempo)))));
        if let (Some(hop), Some(from), Some(to)) = (hop, last, point) {
            sheet.canvas.line(from, to, 2.5 * sheet.scale, mix(GRID, TEMPO, 0.35 + 0.65 * hop.confidence));
        }
        last = point;
    }
}

/// The range of the axis, with room above and below.
fn range(tempos: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) = tempos.fold((f64::MAX, f64::MIN), |(low, high), tempo| (low.min(tempo), high.max(tempo)));
    if low > high {
        return (100.0, 140.0);
    }
    let (middle, half) = ((low + high) / 2.0, (1.15 * (high - low)).max(LEAST_RANGE) / 2.0);
    (middle - half, middle + half)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_tempo_keeps_a_range_around_it() {
        assert_eq!(range([128.0, 128.0].into_iter()), (120.0, 136.0));
        assert_eq!(range(std::iter::empty()), (100.0, 140.0));
        let (low, high) = range([100.0, 140.0].into_iter());
        assert!(low < 100.0 && high > 140.0);
    }
}
