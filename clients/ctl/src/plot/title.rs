//! The header of the picture: the file, its figures, and the legend.

use super::canvas::Area;
use super::colour::{BEAT, Colour, DOWNBEAT, ONSET};
use super::text::Align;
use super::{DIM, Sheet, TEXT, axis};

pub(super) fn draw(sheet: &mut Sheet<'_>, plot: Area) {
    let scale = sheet.scale;
    let legend = legend(sheet, plot);
    let left = 24.0 * scale;
    let name = sheet.pen.fit(&sheet.song.name, 26.0 * scale, legend - left - 30.0 * scale);
    sheet.pen.write(&mut sheet.canvas, &name, (left, 30.0 * scale), 26.0 * scale, Align::Left, TEXT);
    let facts = facts(sheet);
    sheet.pen.write(&mut sheet.canvas, &facts, (left, 64.0 * scale), 16.0 * scale, Align::Left, DIM);
}

/// Length, rate, tempo and counts in one line.
fn facts(sheet: &Sheet<'_>) -> String {
    let found = sheet.found;
    let downbeats = found.beats.iter().filter(|beat| beat.downbeat).count();
    let tempo = found.main_tempo().map_or("no beat".into(), |tempo| format!("mostly {tempo:.1} BPM"));
    format!(
        "{}  ·  {} Hz  ·  {tempo}  ·  {} beats, {downbeats} downbeats  ·  {} onsets",
        axis::clock(sheet.song.seconds(), 0.1),
        sheet.song.rate(),
        found.beats.len(),
        found.onsets.len()
    )
}

/// From the right edge inwards; returns its left edge.
fn legend(sheet: &mut Sheet<'_>, plot: Area) -> f32 {
    let (scale, y) = (sheet.scale, 30.0 * sheet.scale);
    let mut right = (plot.x + plot.width) as f32;
    let entries: [(&str, Colour, f32); 3] = [("onset", ONSET, 1.0), ("beat", BEAT, 0.8), ("downbeat", DOWNBEAT, 1.0)];
    for (word, colour, cover) in entries {
        let width = sheet.pen.write(&mut sheet.canvas, word, (right, y), 16.0 * scale, Align::Right, DIM);
        right -= width + 12.0 * scale;
        let mark =
            Area { x: right as i32, y: (y - 9.0 * scale) as i32, width: sheet.px(2.0).max(1), height: sheet.px(18.0) };
        sheet.canvas.fill(mark, colour, cover);
        right -= 24.0 * scale;
    }
    right
}
