//! The mel bands as a heat map, low at the bottom; smooth between bands, so that the eye follows lines rather than
//! blocks.

use super::Sheet;
use super::canvas::Area;
use super::colour::{DIM, heat};
use super::text::Align;

pub(super) fn draw(sheet: &mut Sheet<'_>, area: Area) {
    let bands = sheet.found.mel_bands;
    if bands == 0 {
        return;
    }
    let mut energies = vec![0.0f32; bands];
    for column in sheet.axis.columns() {
        let (from, to) = sheet.axis.span(column);
        column_energies(sheet, from, to, &mut energies);
        for row in 0..area.height {
            let place = (1.0 - (row as f32 + 0.5) / area.height as f32) * bands as f32 - 0.5;
            sheet.canvas.dot(column, area.y + row, heat(between(&energies, place)), 1.0);
        }
    }
    for (hertz, label) in
        [(100.0, "100 Hz"), (500.0, "500"), (1_000.0, "1k"), (2_000.0, "2k"), (5_000.0, "5k"), (10_000.0, "10k")]
    {
        let y = area.level(share(hertz));
        sheet.canvas.across(area.x - sheet.px(5.0), y as i32, sheet.px(5.0), DIM, 1.0);
        let at = (area.x as f32 - 10.0 * sheet.scale, y);
        sheet.pen.write(&mut sheet.canvas, label, at, 14.0 * sheet.scale, Align::Right, DIM);
    }
    ramp(sheet, area);
}

/// The position of a frequency between the lowest and the highest band: 0 to 1.
fn share(hertz: f32) -> f32 {
    // The scale and range of the feature `mel`.
    let mel = |hertz: f32| 2595.0 * (1.0 + hertz / 700.0).log10();
    let (low, high) = (mel(30.0), mel(16_000.0));
    (mel(hertz) - low) / (high - low)
}

/// The legend of the colours, below the panel's title.
fn ramp(sheet: &mut Sheet<'_>, area: Area) {
    let (left, width) = (sheet.px(24.0), sheet.px(96.0));
    let top = area.y + area.height / 2 + sheet.px(28.0);
    for column in 0..width {
        let colour = heat(column as f32 / width as f32);
        sheet.canvas.fill(Area { x: left + column, y: top, width: 1, height: sheet.px(8.0) }, colour, 1.0);
    }
    let y = (top + sheet.px(19.0)) as f32;
    for (label, x, align) in [("0", left, Align::Left), ("1", left + width, Align::Right)] {
        sheet.pen.write(&mut sheet.canvas, label, (x as f32, y), 12.0 * sheet.scale, align, DIM);
    }
}

/// The maximum of each band within a column, so that a short sound does not disappear.
fn column_energies(sheet: &Sheet<'_>, from: f64, to: f64, energies: &mut [f32]) {
    energies.fill(0.0);
    for hop in sheet.found.between(from, to) {
        for (energy, heard) in energies.iter_mut().zip(sheet.found.mel_of(hop)) {
            *energy = energy.max(f32::from(*heard) / 255.0);
        }
    }
}

/// The interpolated value at a position between bands; beyond the ends that of the nearest band.
fn between(energies: &[f32], place: f32) -> f32 {
    let last = energies.len() - 1;
    let below = (place.max(0.0) as usize).min(last);
    let above = (below + 1).min(last);
    let share = (place - below as f32).clamp(0.0, 1.0);
    energies[below] + (energies[above] - energies[below]) * share
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequencies_stand_where_the_ear_puts_them() {
        assert!((share(30.0), share(16_000.0)) == (0.0, 1.0));
        assert!(share(1_000.0) > 0.25 && share(1_000.0) < 0.35);
    }

    #[test]
    fn between_two_bands_lies_the_mean() {
        assert_eq!(between(&[0.0, 1.0], 0.5), 0.5);
        assert_eq!(between(&[0.0, 1.0], -3.0), 0.0);
        assert_eq!(between(&[0.0, 1.0], 7.0), 1.0);
    }
}
