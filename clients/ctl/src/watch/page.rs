//! The data of the page, and its sections.

use super::desk::Desk;
use super::ink::{cells, put, put_right};
use super::log::Log;
use super::room::Want;
use super::sight::Sight;
use super::theme::{Ink, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Everything that is drawn.
pub struct Page<'a> {
    /// The show.
    pub sight: &'a Sight,
    /// The events so far.
    pub log: &'a Log,
    /// The operator's choices.
    pub desk: &'a Desk,
    /// The colours.
    pub theme: Theme,
}

/// A part of the page with a heading.
pub struct Section {
    /// Its heading.
    pub title: &'static str,
    /// How many rows it needs at a width, without its heading.
    pub rows: fn(&Page<'_>, u16) -> Want,
    /// Draws it below the heading; the row above the area is the heading's, for column titles.
    pub draw: fn(&Page<'_>, Rect, &mut Buffer),
}

/// Notes behind a section's title how many of its entries are hidden.
pub fn head_more(page: &Page<'_>, section: &Section, area: Rect, buffer: &mut Buffer, hidden: usize) {
    let row = Rect { y: area.y.saturating_sub(1), height: 1, ..area };
    if hidden > 0 {
        put(buffer, row, cells(section.title) + 1, 0, &format!("+{hidden} "), page.theme.bold(Ink::Warn));
    }
}

/// Writes at the right of a section's heading.
pub fn head_note(page: &Page<'_>, area: Rect, buffer: &mut Buffer, note: &str, ink: Ink) {
    let row = Rect { y: area.y.saturating_sub(1), height: 1, ..area };
    put_right(buffer, row, 0, &format!(" {note}"), page.theme.style(ink));
}
