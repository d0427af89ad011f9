//! A picture of every signal: one page per heading of `docs/signals.md`, one row per signal.
//!
//! Each row is drawn twice: over the whole file, for slow changes, and in close-up, for those that follow the beat. The
//! style of a row depends only on its schema (`kind`), its page on its name (`groups`).

mod groups;
mod head;
mod kind;
mod row;
#[cfg(test)]
mod tests;

use super::axis::TimeAxis;
use super::canvas::{Area, Canvas};
use super::colour::{Colour, GROUND, TEXT};
use super::text::Pen;
use crate::analyse::{Extent, Findings, Rows, Song};
use groups::{GROUPS, Group};
use image::RgbImage;
use kind::Kind;
use row::Row;

/// Width of a page in pixels.
const WIDTH: i32 = 1600;
/// Left edge of the views, after names and ranges.
const MARGIN: i32 = 300;
/// Gap between the views, and at the right edge.
const GAP: i32 = 24;
/// Width of the close-up.
const CLOSE: i32 = 500;
/// Height above the rows.
const HEAD: i32 = 132;
/// Height below them.
const FOOT: i32 = 44;
/// Seconds in the close-up: four bars of dance music.
const CLOSE_SECONDS: f64 = 8.0;
/// The bus of a file's signals.
const BUS: &str = "main";

/// The inputs of the rows.
struct Page<'a> {
    canvas: Canvas,
    pen: &'a Pen,
    found: &'a Findings,
    rows: &'a Rows,
    sections: Vec<f64>,
    drops: Vec<f64>,
    colour: Colour,
}

impl Page<'_> {
    /// The summary of a number in a column of a view.
    fn extent(&self, view: TimeAxis, column: i32, place: usize) -> Option<Extent> {
        let (from, to) = view.span(column);
        self.rows.extent(self.rows.between(from, to), place)
    }

    /// A number at the start of a column.
    fn first(&self, view: TimeAxis, column: i32, place: usize) -> Option<f32> {
        let (from, to) = view.span(column);
        self.rows.between(from, to).next().map(|hop| self.rows.number(hop, place))
    }
}

/// Draws all pages of a file: the suffix of the file's name, and the picture. The close-up starts at a time in seconds,
/// or by default shortly before the first drop.
///
/// # Errors
/// Only if the built-in font is broken.
pub fn draw(
    song: &Song,
    found: &Findings,
    rows: &Rows,
    close_up: Option<f64>,
) -> Result<Vec<(&'static str, RgbImage)>, ab_glyph::InvalidFont> {
    let pen = Pen::new()?;
    let views = views(song.seconds(), close_up.filter(|from| from.is_finite()), rows);
    let page = |(index, group): (usize, &'static Group)| {
        let picture = draw_page(group, &rows_of(index, rows), views, &pen, (song, found, rows));
        (group.slug, picture)
    };
    Ok(GROUPS.iter().enumerate().map(page).collect())
}

/// The whole file, and the close-up.
fn views(seconds: f64, close_up: Option<f64>, rows: &Rows) -> [TimeAxis; 2] {
    let whole = Area { x: MARGIN, y: 0, width: WIDTH - MARGIN - CLOSE - 2 * GAP, height: 1 };
    let close = Area { x: WIDTH - GAP - CLOSE, width: CLOSE, ..whole };
    let span = CLOSE_SECONDS.min(seconds);
    let drop = rows.counted("drop-count").first().map(|drop| drop - 1.0);
    let from = close_up.or(drop).unwrap_or((seconds - span) / 2.0).clamp(0.0, seconds - span);
    [TimeAxis::along(whole, seconds), TimeAxis::from(close, from, span)]
}

/// The rows of a page, from top to bottom.
fn rows_of(page: usize, rows: &Rows) -> Vec<Row<'_>> {
    let mut placed: Vec<_> = rows
        .signals()
        .map(|(place, signal)| (groups::place_of(BUS, &signal.name), place, signal))
        .filter(|((of, _), ..)| *of == page)
        .collect();
    placed.sort_by_key(|((_, stem), place, _)| (*stem, *place));
    placed.into_iter().map(|(_, place, signal)| Row { signal, place, kind: Kind::of(signal) }).collect()
}

fn draw_page(
    group: &Group,
    signals: &[Row<'_>],
    views: [TimeAxis; 2],
    pen: &Pen,
    (song, found, rows): (&Song, &Findings, &Rows),
) -> RgbImage {
    let tops = tops(signals);
    let bottom = tops.last().copied().unwrap_or(HEAD);
    let canvas = Canvas::new(WIDTH as u32, (bottom + FOOT) as u32, GROUND);
    let (sections, drops) = (rows.counted("section-count"), rows.counted("drop-count"));
    let mut page = Page { canvas, pen, found, rows, sections, drops, colour: group.colour };
    head::title(&mut page, group.title, &song.name);
    let names = ["the whole file".to_owned(), head::span(views[1])];
    for (view, name) in views.into_iter().zip(&names) {
        head::view(&mut page, view, name);
        head::time(&mut page, view, bottom + 18, bottom + 6);
    }
    for (row, y) in signals.iter().zip(&tops) {
        row.label(&mut page, groups::without_bus(BUS, &row.signal.name), *y, MARGIN);
        for view in views {
            row.draw(&mut page, view, *y);
            // Counts would look like beats, and vice versa.
            if !matches!(row.kind, Kind::Ticks) {
                let area = Area { x: view.x, y: *y, width: view.width, height: row.kind.height(row.signal) };
                head::lines(&mut page, view, area, 0.4);
            }
        }
    }
    frame(&mut page, views, bottom);
    page.canvas.finish()
}

/// Marks the close-up's part in the whole file.
fn frame(page: &mut Page<'_>, [whole, close]: [TimeAxis; 2], bottom: i32) {
    let (from, to) = (close.from, close.from + close.seconds);
    let (left, right) = (whole.column(from), whole.column(to));
    page.canvas.fill(Area { x: left, y: HEAD - 7, width: right - left + 1, height: 3 }, TEXT, 0.9);
    for column in [left, right] {
        page.canvas.fill(Area { x: column, y: HEAD - 6, width: 1, height: bottom - HEAD + 6 }, TEXT, 0.55);
    }
}

/// The upper edge of each row, and the lower edge of the last. Related rows are adjacent.
fn tops(signals: &[Row<'_>]) -> Vec<i32> {
    let stem = |row: &Row<'_>| groups::stem_of(BUS, &row.signal.name).to_owned();
    let mut tops = vec![];
    let mut y = HEAD;
    for (index, row) in signals.iter().enumerate() {
        if index > 0 {
            y += if stem(row) == stem(&signals[index - 1]) { 5 } else { 14 };
        }
        tops.push(y);
        y += row.kind.height(row.signal);
    }
    tops.push(y);
    tops
}
