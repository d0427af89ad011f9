//! Beats and downbeats as vertical lines through all panels, as far as they are distinguishable.

use super::Sheet;
use super::canvas::Area;
use super::colour::{BEAT, DOWNBEAT};

/// Lines nearer than this many pixels would blur; they are left out.
const NEAREST: f64 = 5.0;

pub(super) fn draw(sheet: &mut Sheet<'_>, areas: &[Area]) {
    let beats = &sheet.found.beats;
    let downbeats = beats.iter().filter(|beat| beat.downbeat).count();
    let (with_beats, with_downbeats) = (apart(sheet, beats.len()), apart(sheet, downbeats));
    for beat in beats.iter().filter(|beat| if beat.downbeat { with_downbeats } else { with_beats }) {
        let column = sheet.axis.column(beat.time);
        let (colour, cover) = if beat.downbeat { (DOWNBEAT, 0.55) } else { (BEAT, 0.28) };
        // The strip of states at the foot stays readable.
        for area in areas.iter().take(areas.len().saturating_sub(1)) {
            sheet.canvas.fill(Area { x: column, width: 1, ..*area }, colour, cover);
        }
    }
}

/// Whether this many lines over the whole width keep their distance.
fn apart(sheet: &Sheet<'_>, lines: usize) -> bool {
    f64::from(sheet.axis.width) / lines.max(1) as f64 >= NEAREST * f64::from(sheet.scale)
}
