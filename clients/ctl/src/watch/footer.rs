//! The last row: the keys.

use super::ink::{cells, put};
use super::page::Page;
use super::theme::Ink;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Short labels for the footer, the most important first.
const HINTS: [(&str, &str); 13] = [
    ("q", "quit"),
    ("?", "help"),
    ("b", "blackout"),
    ("f", "freeze"),
    ("t", "tap"),
    ("1", "the one"),
    ("←→", "nudge"),
    ("x", "×2"),
    ("d", "÷2"),
    ("h", "hold"),
    ("l", "listen"),
    ("Tab", "layer"),
    ("n", "scene"),
];

/// Draws as many as fit.
pub fn draw(page: &Page<'_>, area: Rect, buffer: &mut Buffer) {
    let hints = if page.desk.view_only { &HINTS[..2] } else { &HINTS[..] };
    let mut x = 0;
    for (key, word) in hints {
        if x + cells(key) + cells(word) + 1 > area.width {
            return;
        }
        x = put(buffer, area, x, 0, key, page.theme.bold(Ink::Text));
        x = put(buffer, area, x + 1, 0, word, page.theme.style(Ink::Dim)) + 2;
    }
    if page.desk.view_only {
        put(buffer, area, x + 1, 0, "viewing only", page.theme.style(Ink::Warn));
    }
}
