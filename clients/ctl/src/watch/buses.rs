//! The audio inputs: level, bands, onsets, and connections.

use super::beat::spectrum;
use super::ink::{bar, cells, put};
use super::page::{Page, Section, head_more, head_note};
use super::room::Want;
use super::theme::Ink;
use downbeat_protocol::status::Bus;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The section.
pub const SECTION: Section = Section { title: "BUSES", rows, draw };

/// The bands of the meters, lowest first, by signal name.
const BANDS: [&str; 8] = ["sub", "bass", "low", "lowmid", "mid", "highmid", "high", "air"];
/// The lowest level of a meter, in decibels.
const FLOOR_DB: f32 = -60.0;
/// Minimum rows of a bus.
const LEAST: u16 = 2;
/// Preferred rows of a bus.
const MOST: u16 = 9;
/// Columns of levels, spectra and lamps.
const METERS: u16 = 10;

/// At least two buses are shown; all of them grow with the room.
fn rows(page: &Page<'_>, _: u16) -> Want {
    Want { least: LEAST * count(page).min(2), full: LEAST * count(page), spare: (MOST - LEAST) * count(page) }
}

fn count(page: &Page<'_>) -> u16 {
    page.sight.view.status.as_ref().map_or(0, |status| status.buses.len()) as u16
}

fn draw(page: &Page<'_>, area: Rect, buffer: &mut Buffer) {
    let Some(status) = &page.sight.view.status else { return };
    let count = count(page).max(1);
    let shown = (area.height / LEAST).min(count).max(1);
    let height = (area.height / shown).clamp(1, MOST);
    for (index, bus) in (0..shown).zip(&status.buses) {
        let place = Rect { y: area.y + index * height, height, ..area }.intersection(area);
        draw_bus(page, bus, place, buffer);
    }
    let mut note = format!("{}   hop p99 {:.2} ms", status.source, status.hop_p99_us / 1e3);
    let trouble = status.xruns + status.audio_dropped;
    if trouble > 0 {
        note += &format!("   {} xruns   {} blocks dropped", status.xruns, status.audio_dropped);
    }
    head_more(page, &SECTION, area, buffer, usize::from(count - shown));
    if cells(&note) + 10 < area.width {
        head_note(page, area, buffer, &note, if trouble > 0 { Ink::Warn } else { Ink::Dim });
    }
}

/// One bus: a row of levels and lamps, and below it the bands and the spectrum.
fn draw_bus(page: &Page<'_>, bus: &Bus, area: Rect, buffer: &mut Buffer) {
    let theme = page.theme;
    put(buffer, area, 0, 0, &bus.name, theme.bold(Ink::Text));
    let (state, ink) = match bus.state.as_str() {
        "no-signal" => ("no-signal", Ink::Bad),
        _ if bus.cancels => ("L/R cancel", Ink::Bad),
        state => (state, Ink::Dim),
    };
    put(buffer, area, 0, 1, state, theme.style(ink));
    let x = draw_level(page, bus, area, buffer);
    let x = draw_lamps(page, bus, area, buffer, x);
    let ports = if bus.sources.is_empty() { "nothing connected".into() } else { bus.sources.join("  ") };
    let ink = if bus.sources.is_empty() { Ink::Warn } else { Ink::Dim };
    put(buffer, area, x, 0, &ports, theme.style(ink));
    draw_spectra(page, bus, area, buffer);
}

/// The level with its peak; returns the column behind it.
fn draw_level(page: &Page<'_>, bus: &Bus, area: Rect, buffer: &mut Buffer) -> u16 {
    let theme = page.theme;
    let width = (area.width / 4).clamp(10, 34);
    let decibels = |name: &str| page.sight.number(&format!("{}.{name}", bus.name)).map(decibels);
    let share = |level: f32| 1.0 - level / FLOOR_DB;
    let rms = decibels("rms").unwrap_or(FLOOR_DB);
    let peak = decibels("peak").unwrap_or(FLOOR_DB);
    let ink = match peak {
        level if level >= -0.1 => Ink::Bad,
        level if level >= -3.0 => Ink::Warn,
        _ => Ink::Good,
    };
    put(buffer, area, METERS, 0, &"░".repeat(usize::from(width)), theme.style(Ink::Faint));
    put(buffer, area, METERS, 0, &bar(share(rms), width), theme.style(ink));
    let mark = METERS + (share(peak) * f32::from(width - 1)).clamp(0.0, f32::from(width - 1)) as u16;
    if peak > FLOOR_DB {
        put(buffer, area, mark, 0, "┃", theme.bold(ink));
    }
    let text = if peak > FLOOR_DB { format!("{peak:6.1} dB") } else { "   –   dB".into() };
    put(buffer, area, METERS + width, 0, &text, theme.style(if ink == Ink::Good { Ink::Text } else { ink })) + 2
}

/// In decibels, no lower than the floor.
fn decibels(amplitude: f32) -> f32 {
    (20.0 * amplitude.max(1e-9).log10()).max(FLOOR_DB)
}

/// A lamp for the onsets of each range; returns the column behind them.
fn draw_lamps(page: &Page<'_>, bus: &Bus, area: Rect, buffer: &mut Buffer, mut x: u16) -> u16 {
    for (name, ink) in [("low", Ink::Low), ("mid", Ink::Mid), ("high", Ink::High)] {
        let lit = page.sight.number(&format!("{}.onset.{name}", bus.name)).unwrap_or(0.0);
        x = put(buffer, area, x, 0, "●", page.theme.faded(ink, lit));
        x = put(buffer, area, x + 1, 0, name, page.theme.style(Ink::Dim)) + 1;
    }
    x + 1
}

fn draw_spectra(page: &Page<'_>, bus: &Bus, area: Rect, buffer: &mut Buffer) {
    // With room to spare, a row below stays free.
    let height = if area.height >= 4 { area.height - 2 } else { area.height.saturating_sub(1) };
    let rows = Rect { y: area.y + 1, height, ..area };
    let number = |name: &str| page.sight.number(&format!("{}.{name}", bus.name));
    let bands = BANDS.map(|band| number(&format!("band.{band}")).unwrap_or(0.0));
    let at = |x: u16| Rect { x: rows.x + x, width: rows.width.saturating_sub(x), ..rows };
    spectrum(page, at(METERS), buffer, &bands, 2, range_of);
    let mel = page.sight.signal(&format!("{}.mel", bus.name));
    let wide = if area.width > METERS + 18 + 64 + 14 { 2 } else { 1 };
    spectrum(page, at(METERS + 18), buffer, mel, wide, range_of);
    let right = METERS + 18 + wide * 32 + 2;
    if let Some(loudness) = number("loudness.short").filter(|loudness| *loudness > -70.0) {
        let last = rows.height.saturating_sub(1);
        put(buffer, rows, right, last, &format!("{loudness:.1} LUFS"), page.theme.style(Ink::Dim));
    }
}

/// The colour of a place in the spectrum, 0 being the lowest.
fn range_of(place: f32) -> Ink {
    match place {
        place if place < 0.3 => Ink::Low,
        place if place < 0.65 => Ink::Mid,
        _ => Ink::High,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_the_floor_and_full_scale_is_zero() {
        assert_eq!(decibels(0.0), FLOOR_DB);
        assert_eq!(decibels(1.0), 0.0);
        assert!((decibels(0.5) + 6.02).abs() < 0.01);
    }
}
