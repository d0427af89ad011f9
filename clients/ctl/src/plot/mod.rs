//! One picture of a whole file: the sound, the findings, the beats.
//!
//! Panels share one time axis, one below the other; beats and downbeats run through all of them. A new panel is one
//! file and one line in [`PANELS`].

mod axis;
mod beats;
mod canvas;
mod colour;
mod mel;
mod sheet;
mod state;
mod strength;
mod tempo;
mod text;
mod title;
mod wave;

pub use sheet::draw as sheet;

use crate::analyse::{Findings, Song};
use axis::TimeAxis;
use canvas::{Area, Canvas};
use colour::{DIM, GRID, GROUND, PANEL, TEXT};
use image::RgbImage;
use text::{Align, Pen};

/// The reference size of the layout; others scale its letters and margins.
pub const SIZE: (u32, u32) = (1920, 1080);

/// A strip of the picture.
struct Panel {
    /// Its title, at the left.
    title: &'static str,
    /// The second line of the title: the unit.
    unit: &'static str,
    /// Its share of the height.
    share: i32,
    /// Draws it into the area.
    draw: fn(&mut Sheet<'_>, Area),
}

/// From top to bottom.
const PANELS: &[Panel] = &[
    Panel { title: "Waveform", unit: "full scale", share: 15, draw: wave::draw },
    Panel { title: "Mel bands", unit: "levelled", share: 35, draw: mel::draw },
    Panel { title: "Onset strength", unit: "and onsets", share: 19, draw: strength::draw },
    Panel { title: "Tempo", unit: "BPM", share: 19, draw: tempo::draw },
    Panel { title: "State", unit: "", share: 4, draw: state::draw },
];

/// The inputs of a panel.
struct Sheet<'a> {
    canvas: Canvas,
    pen: &'a Pen,
    song: &'a Song,
    found: &'a Findings,
    axis: TimeAxis,
    /// Pixels for one pixel of the layout at [`SIZE`].
    scale: f32,
}

impl Sheet<'_> {
    /// Pixels for a length of the layout at [`SIZE`].
    fn px(&self, length: f32) -> i32 {
        (length * self.scale).round() as i32
    }

    /// A horizontal line through an area with its label at the left.
    fn rule(&mut self, area: Area, share: f32, label: &str) {
        let y = area.level(share);
        self.canvas.across(area.x, y as i32, area.width, GRID, 1.0);
        let at = (area.x as f32 - 10.0 * self.scale, y);
        self.pen.write(&mut self.canvas, label, at, 14.0 * self.scale, Align::Right, DIM);
    }
}

/// Draws the picture of a file in the given width and height in pixels (at least 320 × 240).
///
/// # Errors
/// Only if the built-in font is broken.
pub fn draw(song: &Song, found: &Findings, size: (u32, u32)) -> Result<RgbImage, ab_glyph::InvalidFont> {
    let (width, height) = (size.0.max(320), size.1.max(240));
    let pen = Pen::new()?;
    let scale = (width as f32 / SIZE.0 as f32).min(height as f32 / SIZE.1 as f32).max(0.5);
    let canvas = Canvas::new(width, height, GROUND);
    let px = |length: f32| (length * scale).round() as i32;
    let plot = Area {
        x: px(190.0),
        y: px(92.0),
        width: width as i32 - px(190.0) - px(36.0),
        height: height as i32 - px(92.0) - px(62.0),
    };
    let mut sheet = Sheet { canvas, pen: &pen, song, found, axis: TimeAxis::along(plot, song.seconds()), scale };
    title::draw(&mut sheet, plot);
    let areas = stack(plot, px(14.0));
    for (panel, area) in PANELS.iter().zip(&areas) {
        sheet.canvas.fill(*area, PANEL, 1.0);
        (panel.draw)(&mut sheet, *area);
        label(&mut sheet, panel, *area);
    }
    beats::draw(&mut sheet, &areas);
    time(&mut sheet, plot);
    Ok(sheet.canvas.finish())
}

/// The areas of the panels, `gap` pixels apart.
fn stack(plot: Area, gap: i32) -> Vec<Area> {
    let shares: i32 = PANELS.iter().map(|panel| panel.share).sum();
    let room = plot.height - gap * (PANELS.len() as i32 - 1);
    let mut used = 0;
    PANELS
        .iter()
        .enumerate()
        .map(|(index, panel)| {
            let (from, to) = (room * used / shares, room * (used + panel.share) / shares);
            used += panel.share;
            Area { y: plot.y + from + gap * index as i32, height: to - from, ..plot }
        })
        .collect()
}

/// Title and unit in the margin.
fn label(sheet: &mut Sheet<'_>, panel: &Panel, area: Area) {
    let (scale, x) = (sheet.scale, 24.0 * sheet.scale);
    let middle = (area.y + area.height / 2) as f32;
    let lift = if panel.unit.is_empty() { 0.0 } else { 10.0 * scale };
    sheet.pen.write(&mut sheet.canvas, panel.title, (x, middle - lift), 17.0 * scale, Align::Left, TEXT);
    sheet.pen.write(&mut sheet.canvas, panel.unit, (x, middle + lift), 13.0 * scale, Align::Left, DIM);
}

/// The time axis at the bottom.
fn time(sheet: &mut Sheet<'_>, plot: Area) {
    let scale = sheet.scale;
    for (seconds, label) in sheet.axis.ticks(f64::from(90.0 * scale)) {
        let x = sheet.axis.column(seconds);
        sheet.canvas.upright(x, plot.bottom() as f32 + 4.0 * scale, plot.bottom() as f32 + 11.0 * scale, DIM, 1.0);
        let at = (x as f32, plot.bottom() as f32 + 26.0 * scale);
        sheet.pen.write(&mut sheet.canvas, &label, at, 15.0 * scale, Align::Middle, TEXT);
    }
    let at = (24.0 * scale, plot.bottom() as f32 + 26.0 * scale);
    sheet.pen.write(&mut sheet.canvas, "Time", at, 17.0 * scale, Align::Left, TEXT);
    let at = (24.0 * scale, plot.bottom() as f32 + 44.0 * scale);
    sheet.pen.write(&mut sheet.canvas, "min:s", at, 13.0 * scale, Align::Left, DIM);
}
