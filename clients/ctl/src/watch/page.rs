//! The page: what stands where, at any size of terminal.

use super::desk::Desk;
use super::ink::{cells, put, put_right};
use super::log::Log;
use super::room::{Want, share};
use super::sight::Sight;
use super::theme::{Ink, Theme};
use super::{beat, buses, clients, controls, footer, header, help, layers, outputs, parameters, recent};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// All that is drawn from.
pub struct Page<'a> {
    /// What is known of the show.
    pub sight: &'a Sight,
    /// What has happened.
    pub log: &'a Log,
    /// What the operator has chosen here.
    pub desk: &'a Desk,
    /// The colours.
    pub theme: Theme,
}

/// A part of the page with a heading.
pub struct Section {
    /// Its heading.
    pub title: &'static str,
    /// How many rows it wants in a width, heading not counted.
    pub rows: fn(&Page<'_>, u16) -> Want,
    /// Draws below the heading; the row above the area is the heading's, for titles of columns.
    pub draw: fn(&Page<'_>, Rect, &mut Buffer),
}

/// Sections beside each other.
type Shelf = &'static [&'static Section];

/// From here on the page has two columns.
const TWO_COLUMNS: u16 = 150;
/// Below one of these there is room for the tempo and the alarm only.
const LEAST: (u16, u16) = (44, 12);

/// The shelves of a page of one column, from the top down; the earlier ones grow first.
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
        // What is told below the alarm is of the past.
        buffer.set_style(body, page.theme.faded(Ink::Dim, 0.5));
    }
    if page.desk.help {
        help::draw(page, area, buffer);
    }
}

/// Draws shelves under each other, each as tall as it needs and the room allows.
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

/// The sections of a shelf that have something to show, and the width of each.
fn shown(page: &Page<'_>, shelf: Shelf, width: u16) -> (Vec<&'static Section>, u16) {
    let shown: Vec<_> = shelf.iter().copied().filter(|section| (section.rows)(page, width).full > 0).collect();
    let each = width / shown.len().max(1) as u16;
    (shown, each)
}

/// What a shelf wants: as much as the tallest of its sections, headings included.
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

/// Says behind the title of a section that so many of its entries found no room.
pub fn head_more(page: &Page<'_>, section: &Section, area: Rect, buffer: &mut Buffer, hidden: usize) {
    let row = Rect { y: area.y.saturating_sub(1), height: 1, ..area };
    if hidden > 0 {
        put(buffer, row, cells(section.title) + 1, 0, &format!("+{hidden} "), page.theme.bold(Ink::Warn));
    }
}

/// Writes into the heading of a section, at its right.
pub fn head_note(page: &Page<'_>, area: Rect, buffer: &mut Buffer, note: &str, ink: Ink) {
    let row = Rect { y: area.y.saturating_sub(1), height: 1, ..area };
    put_right(buffer, row, 0, &format!(" {note}"), page.theme.style(ink));
}
