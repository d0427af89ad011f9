//! The latest events, newest first.

use super::ink::put;
use super::page::{Page, Section};
use super::room::Want;
use super::sight::span;
use super::theme::Ink;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The section.
pub const SECTION: Section = Section { title: "RECENT", rows, draw };

fn rows(page: &Page<'_>, _: u16) -> Want {
    Want { least: 1, full: page.log.entries().count().max(1) as u16, spare: 0 }
}

fn draw(page: &Page<'_>, area: Rect, buffer: &mut Buffer) {
    if page.log.entries().next().is_none() {
        put(buffer, area, 0, 0, "nothing yet", page.theme.style(Ink::Faint));
    }
    for (y, entry) in (0..area.height).zip(page.log.entries()) {
        let age = span(page.sight.now.since(entry.at) as f64 * 1e-9);
        put(buffer, area, 0, y, &format!("{age:>7}"), page.theme.style(Ink::Faint));
        let ink = if entry.trouble { Ink::Bad } else { Ink::Dim };
        let x = put(buffer, area, 9, y, &entry.text, page.theme.style(ink));
        if entry.times > 1 {
            put(buffer, area, x + 1, y, &format!("×{}", entry.times), page.theme.style(Ink::Faint));
        }
    }
}
