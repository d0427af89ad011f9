//! The layers, the highest first, as they cover each other.

use super::ink::{bar, put};
use super::page::{Page, Section, head_more};
use super::room::Want;
use super::theme::Ink;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The section.
pub const SECTION: Section = Section { title: "LAYERS", rows, draw };

/// Cells for opacity and blend, beside the bar.
const FIGURES: u16 = 17;

fn rows(page: &Page<'_>, _: u16) -> Want {
    Want { least: 1, full: page.sight.view.state.layers.len() as u16, spare: 0 }
}

fn draw(page: &Page<'_>, area: Rect, buffer: &mut Buffer) {
    let (state, theme) = (&page.sight.view.state, page.theme);
    let chosen = page.desk.chosen(state).map(|layer| &layer.name);
    head_more(page, &SECTION, area, buffer, state.layers.len().saturating_sub(usize::from(area.height)));
    for (y, layer) in (0..area.height).zip(state.layers.iter().rev()) {
        let marked = !page.desk.view_only && chosen == Some(&layer.name);
        if marked {
            put(buffer, area, 0, y, "▸", theme.bold(Ink::Beat));
        }
        let ink = if layer.opacity > 0.0 && !state.blackout { Ink::Text } else { Ink::Dim };
        let width = (area.width / 8).clamp(3, 16);
        let names = area.width.saturating_sub(width + FIGURES);
        let half =
            |from: u16, to: u16| Rect { x: area.x + from, width: to.saturating_sub(from), ..area }.intersection(area);
        put(buffer, half(2, names / 2 + 1), 0, y, &layer.name, theme.style(Ink::Dim));
        put(buffer, half(names / 2 + 2, names), 0, y, &layer.scene, theme.bold(ink));
        let x = names + 1;
        put(buffer, area, x, y, &"░".repeat(usize::from(width)), theme.style(Ink::Faint));
        put(buffer, area, x, y, &bar(layer.opacity, width), theme.style(Ink::Beat));
        let x = put(buffer, area, x + width, y, &format!("{:4.0} %  ", layer.opacity * 100.0), theme.style(ink));
        put(buffer, area, x, y, layer.blend.name(), theme.style(Ink::Dim));
    }
}
