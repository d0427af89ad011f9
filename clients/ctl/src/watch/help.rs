//! All keys, over the page.

use super::ink::{paint, put};
use super::keys::KEYS;
use super::page::Page;
use super::theme::Ink;
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Rect};
use ratatui::style::Style;
use ratatui::widgets::{Block, BorderType, Widget};

const WIDTH: u16 = 44;

/// Draws a box in the middle.
pub fn draw(page: &Page<'_>, area: Rect, buffer: &mut Buffer) {
    let height = KEYS.len() as u16 + 2;
    let place = area.centered(Constraint::Length(WIDTH), Constraint::Length(height)).intersection(area);
    paint(buffer, place, Style::reset());
    let frame = Block::bordered().border_type(BorderType::Rounded).border_style(page.theme.style(Ink::Beat));
    let inner = frame.inner(place);
    frame.title(" keys ").render(place, buffer);
    for (y, (key, what)) in KEYS.iter().enumerate() {
        put(buffer, inner, 1, y as u16, key, page.theme.bold(Ink::Text));
        put(buffer, inner, 7, y as u16, what, page.theme.style(Ink::Dim));
    }
}
