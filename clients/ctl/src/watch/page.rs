//! What the page is drawn from, and what a section of it is.

use super::desk::Desk;
use super::ink::{cells, put, put_right};
use super::log::Log;
use super::room::Want;
use super::sight::Sight;
use super::theme::{Ink, Theme};
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
