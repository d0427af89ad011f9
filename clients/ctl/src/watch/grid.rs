//! Tables with their titles in the section's heading; narrow ones drop minor columns.

use super::ink::{cells, paint, put};
use super::page::{Page, Section, head_more};
use super::theme::Ink;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// A column.
pub struct Column {
    /// Its title.
    pub title: &'static str,
    /// Width in cells; 0 takes the rest.
    pub width: u16,
    /// Whether it is right-aligned, as numbers are.
    pub number: bool,
    /// The minimum width of a table that shows it.
    pub from: u16,
}

/// The content of a cell.
pub type Cell = (String, Ink);

/// Draws rows below the heading; the first column leaves room for the section's title.
pub fn draw(
    page: &Page<'_>,
    section: &Section,
    columns: &[Column],
    rows: &[Vec<Cell>],
    area: Rect,
    buffer: &mut Buffer,
) {
    let fixed: u16 = shown(columns, area).map(|(_, column)| column.width + 1).sum();
    let fill = area.width.saturating_sub(fixed);
    let head = Rect { y: area.y.saturating_sub(1), height: 1, ..area };
    let fits = usize::from(area.height).min(rows.len());
    let titles = columns.first().map_or(0, |first| first.width);
    paint(buffer, Rect { x: head.x + titles, width: head.width.saturating_sub(titles), ..head }, Style::new());
    let mut x = 0;
    for (index, column) in shown(columns, area) {
        let width = if column.width == 0 { fill } else { column.width };
        if index > 0 {
            write(page, column, (column.title, Ink::Dim), (x, width), head, 0, buffer);
        }
        for (y, row) in rows.iter().take(fits).enumerate() {
            let (text, ink) = &row[index];
            write(page, column, (text, *ink), (x, width), area, y as u16, buffer);
        }
        x += width + 1;
    }
    head_more(page, section, area, buffer, rows.len() - fits);
}

fn shown(columns: &[Column], area: Rect) -> impl Iterator<Item = (usize, &Column)> {
    columns.iter().enumerate().filter(move |(_, column)| column.from <= area.width)
}

fn write(
    page: &Page<'_>,
    column: &Column,
    (text, ink): (&str, Ink),
    (x, width): (u16, u16),
    area: Rect,
    y: u16,
    buffer: &mut Buffer,
) {
    let place = Rect { x: area.x + x, width, ..area }.intersection(area);
    let indent = if column.number { place.width.saturating_sub(cells(text)) } else { 0 };
    put(buffer, place, indent, y, text, page.theme.style(ink));
}
