//! Tempo and beat, large.

use super::ink::{bar, column, paint, put};
use super::page::Page;
use super::sight::MusicState;
use super::theme::{Depth, Ink};
use super::{digits, header};
use downbeat_protocol::Beats;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// A bar with more beats is drawn as one field that fills.
const MOST_BLOCKS: u8 = 8;

/// Draws the tempo at the left and the beats of the bar at the right; at least two rows.
pub fn draw(page: &Page<'_>, area: Rect, buffer: &mut Buffer) {
    let tempo = tempo(page);
    let ink = if page.sight.beating() { Ink::Text } else { Ink::Faint };
    let width = if area.height < digits::HEIGHT {
        let x = put(buffer, area, 0, 0, &tempo, page.theme.bold(ink));
        put(buffer, area, x + 1, 0, "BPM", page.theme.style(Ink::Dim));
        12
    } else {
        let top = (area.height - digits::HEIGHT) / 2;
        let figures = Rect { y: area.y + top, height: digits::HEIGHT, ..area };
        digits::draw(buffer, figures, &tempo, page.theme.style(ink));
        digits::width("000.0") + 2
    };
    let right = Rect { x: area.x + width, width: area.width.saturating_sub(width), ..area };
    let blocks = Rect { height: right.height.saturating_sub(1), ..right };
    draw_blocks(page, blocks, buffer);
    draw_place(page, Rect { y: blocks.bottom(), height: 1, ..right }, buffer);
}

/// One or two rows for a terminal too small for the page.
pub fn draw_tiny(page: &Page<'_>, area: Rect, buffer: &mut Buffer) {
    let beat = format!("{} BPM  {}", tempo(page).trim_start(), place(page));
    put(buffer, area, 0, 0, &beat, page.theme.bold(Ink::Text));
    let alarms = header::alarms(page);
    for (row, (text, ink)) in (1..area.height).zip(&alarms) {
        let strip = Rect { y: area.y + row, height: 1, ..area };
        paint(buffer, strip, page.theme.field(*ink, 1.0));
        put(buffer, strip, 0, 0, text, page.theme.field(*ink, 1.0));
    }
    let below = 1 + alarms.len() as u16;
    if below < area.height {
        draw_state(page, Rect { y: area.y + below, height: 1, ..area }, buffer);
    }
}

fn tempo(page: &Page<'_>) -> String {
    if page.sight.ever_connected() { format!("{:5.1}", page.sight.timeline().tempo) } else { "  -.-".into() }
}

/// Beat and bar length, as musicians write it: `3/4`; a dash without a beat.
fn place(page: &Page<'_>) -> String {
    let line = page.sight.timeline();
    match page.sight.beating() {
        true => format!("{}/{}", line.beat_in_bar(page.sight.beats().floor()) + 1, line.beats_per_bar),
        false => format!("–/{}", line.beats_per_bar),
    }
}

/// The beats of the bar: each lights up at its moment and fades until the next.
fn draw_blocks(page: &Page<'_>, area: Rect, buffer: &mut Buffer) {
    let line = page.sight.timeline();
    let (beats, count) = (page.sight.beats(), line.beats_per_bar.max(1));
    let (current, phase) = (line.beat_in_bar(beats.floor()), beats.phase(Beats::ONE) as f32);
    if count > MOST_BLOCKS {
        return draw_long_bar(page, area, buffer);
    }
    let width = (area.width + 1) / u16::from(count);
    for block in 0..count {
        let strength = match () {
            () if !page.sight.beating() => 0.0,
            () if block == current => 1.0 - 0.75 * phase,
            () if block < current => 0.2,
            () => 0.04,
        };
        let ink = if block == 0 { Ink::Downbeat } else { Ink::Beat };
        let left = area.x + width * u16::from(block);
        let place = Rect { x: left, width: width.saturating_sub(1), ..area };
        // Without shades, only the moment of the beat lights up.
        let strength = if page.theme.depth == Depth::Sixteen && strength < 0.55 { 0.0 } else { strength };
        let style = page.theme.field(ink, strength);
        paint(buffer, place, style);
        let number = (block + 1).to_string();
        put(buffer, place, place.width / 2, place.height / 2, &number, style);
    }
}

fn draw_long_bar(page: &Page<'_>, area: Rect, buffer: &mut Buffer) {
    let share = if page.sight.beating() { page.sight.timeline().bar_phase(page.sight.show) as f32 } else { 0.0 };
    let bar = bar(share, area.width);
    for y in 0..area.height {
        put(buffer, area, 0, y, &bar, page.theme.style(Ink::Beat));
    }
}

/// Beat, bar and phrase in one row.
fn draw_place(page: &Page<'_>, area: Rect, buffer: &mut Buffer) {
    let (line, theme) = (page.sight.timeline(), page.theme);
    let bar = line.bar_of(page.sight.beats().floor());
    let x = put(buffer, area, 0, 0, &format!("beat {}", place(page)), theme.bold(Ink::Text));
    let bars = i64::from(line.bars_per_phrase.max(1));
    let x = put(buffer, area, x, 0, &format!("   bar {}/{bars}", bar.rem_euclid(bars) + 1), theme.style(Ink::Dim));
    let x = put(buffer, area, x, 0, "   phrase ", theme.style(Ink::Dim));
    let phrase = if page.sight.beating() { line.phrase_phase(page.sight.show) as f32 } else { 0.0 };
    let width = area.width.saturating_sub(x + 1).min(32);
    put(buffer, area, x, 0, &"─".repeat(usize::from(width)), theme.style(Ink::Faint));
    put(buffer, area, x, 0, &"━".repeat((phrase * f32::from(width)) as usize), theme.style(Ink::Beat));
}

/// State, confidence, and what sets the tempo and why; without a daemon, why that is so.
pub fn draw_state(page: &Page<'_>, area: Rect, buffer: &mut Buffer) {
    let theme = page.theme;
    if !page.sight.view.connected {
        put(buffer, area, 0, 0, &page.sight.view.why, theme.style(Ink::Bad));
        return;
    }
    let (name, ink) = match page.sight.music() {
        Some(MusicState::Playing) => ("PLAYING", Ink::Good),
        Some(MusicState::Breakdown) => ("BREAKDOWN", Ink::Warn),
        Some(MusicState::Silence) => ("SILENCE", Ink::Dim),
        Some(MusicState::NoSignal) => ("NO SIGNAL", Ink::Bad),
        None => ("–", Ink::Dim),
    };
    put(buffer, area, 0, 0, name, theme.bold(ink));
    let x = put(buffer, area, 11, 0, "confidence ", theme.style(Ink::Dim));
    let confidence = page.sight.number("tempo.confidence").unwrap_or(0.0);
    let locked = page.sight.number("tempo.locked").is_some_and(|locked| locked > 0.0);
    let ink = if locked { Ink::Good } else { Ink::Warn };
    put(buffer, area, x, 0, &"░".repeat(10), theme.style(Ink::Faint));
    put(buffer, area, x, 0, &bar(confidence, 10), theme.style(ink));
    let x = put(buffer, area, x + 11, 0, &format!("{:3.0} %", confidence * 100.0), theme.style(Ink::Text));
    let Some(status) = &page.sight.view.status else { return };
    let x = put(buffer, area, x + 3, 0, "led by ", theme.style(Ink::Dim));
    let x = put(buffer, area, x, 0, &status.tempo_source, theme.bold(Ink::Text));
    // Why the beat cannot be trusted matters more than why it last moved.
    let why = if locked { &status.tempo_why } else { &status.locked_why };
    put(buffer, area, x + 3, 0, why, theme.style(Ink::Dim));
}

/// A small bar chart of several numbers, one cell each, `area.height` cells tall.
pub fn spectrum(page: &Page<'_>, area: Rect, buffer: &mut Buffer, values: &[f32], cell: u16, ink: impl Fn(f32) -> Ink) {
    for (index, value) in values.iter().enumerate() {
        let ink = ink(index as f32 / values.len() as f32);
        for row in 0..area.height {
            let sign = column(*value, area.height, row).repeat(usize::from(cell));
            put(buffer, area, index as u16 * cell, row, &sign, page.theme.style(ink));
        }
    }
}
