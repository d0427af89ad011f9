//! The parameters as bars, with those held by hand marked.

use super::ink::{bar, put};
use super::page::{Page, Section, head_more};
use super::room::Want;
use super::theme::Ink;
use downbeat_protocol::Signal;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The section.
pub const SECTION: Section = Section { title: "PARAMETERS", rows, draw };

/// Minimum cells of a parameter.
const WIDTH: u16 = 36;

fn rows(page: &Page<'_>, width: u16) -> Want {
    Want { least: 1, full: (parameters(page).count() as u16).div_ceil(columns(width)), spare: 0 }
}

fn columns(width: u16) -> u16 {
    (width / WIDTH).max(1)
}

fn parameters<'a>(page: &'a Page<'_>) -> impl Iterator<Item = (&'a str, usize, &'a Signal)> {
    let places = page.sight.view.schema.places();
    places.filter_map(|(place, signal)| Some((signal.name.strip_prefix("param.")?, place, signal)))
}

fn draw(page: &Page<'_>, area: Rect, buffer: &mut Buffer) {
    let columns = columns(area.width);
    let width = area.width / columns;
    let hidden = parameters(page).count().saturating_sub(usize::from(area.height * columns));
    head_more(page, &SECTION, area, buffer, hidden);
    for (index, (name, place, signal)) in parameters(page).take(usize::from(area.height * columns)).enumerate() {
        let (row, column) = (index as u16 / columns, index as u16 % columns);
        let cell = Rect { x: area.x + column * width, y: area.y + row, width: width.saturating_sub(2), height: 1 };
        draw_parameter(page, name, page.sight.values.get(place).copied(), signal, cell, buffer);
    }
}

fn draw_parameter(page: &Page<'_>, name: &str, value: Option<f32>, signal: &Signal, area: Rect, buffer: &mut Buffer) {
    let theme = page.theme;
    let in_hand = page.sight.view.state.in_hand.contains_key(name);
    let ink = if in_hand { Ink::Warn } else { Ink::Beat };
    let label = Rect { width: (area.width / 3).clamp(8, 18), ..area }.intersection(area);
    put(buffer, label, 0, 0, name, theme.style(if in_hand { Ink::Warn } else { Ink::Text }));
    let width = area.width.saturating_sub(label.width + 1 + 7 + 5);
    let [low, high] = signal.range;
    let share = value.map_or(0.0, |value| (value - low) / (high - low).max(f32::MIN_POSITIVE));
    let x = label.width + 1;
    put(buffer, area, x, 0, &"░".repeat(usize::from(width)), theme.style(Ink::Faint));
    put(buffer, area, x, 0, &bar(share, width), theme.style(ink));
    let text = value.map_or("     –".into(), |value| format!("{value:6.2}"));
    let x = put(buffer, area, x + width, 0, &text, theme.style(Ink::Text));
    if in_hand {
        put(buffer, area, x + 1, 0, "hand", theme.bold(Ink::Warn));
    }
}
