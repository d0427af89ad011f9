//! The layout of the page, at any size of terminal.

use super::ink::put;
use super::page::{Page, Section};
use super::room::{Want, share};
use super::theme::Ink;
use super::{beat, buses, clients, controls, footer, header, help, layers, outputs, parameters, recent};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Sections side by side.
type Shelf = &'static [&'static Section];

/// Minimum width for two columns.
const TWO_COLUMNS: u16 = 150;
/// Below one of these there is only room for the tempo and the alarm.
const LEAST: (u16, u16) = (44, 12);

/// The shelves of a page of one column, from top to bottom; the earlier ones grow first.
const ONE_COLUMN: &[Shelf] = &[
    &[&buses::SECTION],
    &[&layers::SECTION, &parameters::SECTION],
    &[&outputs::SECTION],
    &[&clients::SECTION, &controls::SECTION],
    &[&recent::SECTION],
];
const LEFT: &[Shelf] = &[&[&buses::SECTION], &[&layers::SECTION], &[&parameters::SECTION]];
const RIGHT: &[Shelf] = &[&[&outputs::SECTION], &[&clients::SECTION], &[&controls::SECTION], &[&recent::SECTION]];

/// Draws the page.
pub fn draw(page: &Page<'_>, area: Rect, buffer: &mut Buffer) {
    let area = area.intersection(buffer.area);
    if area.width < LEAST.0 || area.height < LEAST.1 {
        return beat::draw_tiny(page, area, buffer);
    }
    let beat_rows = match area.height {
        0..18 => 2,
        18..34 => 5,
        _ => 7,
    };
    let mut from = area.y;
    let mut take = |rows: u16| {
        let taken = Rect { y: from, height: rows, ..area };
        from += rows;
        taken
    };
    header::draw(page, take(1), buffer);
    header::draw_strip(page, take(1), buffer);
    beat::draw(page, take(beat_rows), buffer);
    beat::draw_state(page, take(1), buffer);
    let body = take(area.height - beat_rows - 4);
    footer::draw(page, take(1), buffer);
    if area.width >= TWO_COLUMNS {
        let left = Rect { width: body.width / 2 - 1, ..body };
        let right = Rect { x: body.x + body.width / 2 + 1, width: body.width - body.width / 2 - 1, ..body };
        stack(page, LEFT, left, buffer);
        stack(page, RIGHT, right, buffer);
    } else {
        stack(page, ONE_COLUMN, body, buffer);
    }
    if !page.sight.view.connected {
        // Everything below the alarm is outdated.
        buffer.set_style(body, page.theme.faded(Ink::Dim, 0.5));
    }
    if page.desk.help {
        help::draw(page, area, buffer);
    }
}

/// Draws shelves one below the other, each as tall as needed and possible.
fn stack(page: &Page<'_>, shelves: &[Shelf], area: Rect, buffer: &mut Buffer) {
    let wants: Vec<Want> = shelves.iter().map(|shelf| want(page, shelf, area.width)).collect();
    let mut y = area.y;
    for (shelf, height) in shelves.iter().zip(share(area.height, &wants)) {
        let (shown, width) = shown(page, shelf, area.width);
        for (index, section) in shown.iter().enumerate().filter(|_| height > 0) {
            let x = area.x + width * index as u16;
            let gap = if index + 1 < shown.len() { 2 } else { 0 };
            let place = Rect { x, y, width: width.saturating_sub(gap), height };
            heading(page, section.title, place, buffer);
            (section.draw)(page, Rect { y: y + 1, height: height - 1, ..place }, buffer);
        }
        y += height;
    }
}

/// The non-empty sections of a shelf, and the width of each.
fn shown(page: &Page<'_>, shelf: Shelf, width: u16) -> (Vec<&'static Section>, u16) {
    let shown: Vec<_> = shelf.iter().copied().filter(|section| (section.rows)(page, width).full > 0).collect();
    let each = width / shown.len().max(1) as u16;
    (shown, each)
}

/// The needs of a shelf: those of its tallest section, including headings.
fn want(page: &Page<'_>, shelf: Shelf, width: u16) -> Want {
    let (shown, width) = shown(page, shelf, width);
    shown.iter().map(|section| (section.rows)(page, width)).fold(Want::default(), |want, rows| Want {
        least: want.least.max(1 + rows.least.min(rows.full)),
        full: want.full.max(1 + rows.full),
        spare: want.spare.max(rows.spare),
    })
}

/// The heading of a section: its name on a thin line.
fn heading(page: &Page<'_>, title: &str, area: Rect, buffer: &mut Buffer) {
    put(buffer, area, 0, 0, &"─".repeat(usize::from(area.width)), page.theme.style(Ink::Faint));
    put(buffer, area, 0, 0, &format!("{title} "), page.theme.bold(Ink::Dim));
}
