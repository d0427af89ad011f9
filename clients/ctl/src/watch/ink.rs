//! Draws text and bars on the terminal, clipped to their area at any size.

use downbeat_log::one_line;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Span;

/// Writes a text at a place in an area, cut at its edge; returns the column after it.
pub fn put(buffer: &mut Buffer, area: Rect, x: u16, y: u16, text: &str, style: Style) -> u16 {
    // Names and reasons are others'.
    let text = &one_line(text, usize::MAX);
    let area = area.intersection(buffer.area);
    let (column, row) = (area.x.saturating_add(x), area.y.saturating_add(y));
    if row >= area.bottom() || column >= area.right() {
        return x.saturating_add(cells(text));
    }
    let (end, _) = buffer.set_stringn(column, row, text, usize::from(area.right() - column), style);
    end - area.x
}

/// Right-aligns a text in a row of an area; returns its first column.
pub fn put_right(buffer: &mut Buffer, area: Rect, y: u16, text: &str, style: Style) -> u16 {
    let x = area.width.saturating_sub(cells(text));
    put(buffer, area, x, y, text, style);
    x
}

/// The cells of a text.
pub fn cells(text: &str) -> u16 {
    Span::raw(one_line(text, usize::MAX)).width().try_into().unwrap_or(u16::MAX)
}

/// Styles a whole area and clears its text.
pub fn paint(buffer: &mut Buffer, area: Rect, style: Style) {
    let area = area.intersection(buffer.area);
    for row in area.rows() {
        buffer.set_string(row.x, row.y, " ".repeat(usize::from(row.width)), style);
    }
}

/// A level bar of `width` cells, in eighths of a cell; `share` in `[0, 1]`.
pub fn bar(share: f32, width: u16) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = (finite(share) * f32::from(width) * 8.0).round() as usize;
    "█".repeat(eighths / 8) + EIGHTHS[eighths % 8]
}

/// A vertical bar `height` cells tall: the character of the cell `row`, counted from the top.
pub fn column(share: f32, height: u16, row: u16) -> &'static str {
    const EIGHTHS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
    let eighths = (finite(share) * f32::from(height) * 8.0).round() as i32;
    let below = 8 * i32::from(height.saturating_sub(row + 1));
    EIGHTHS[(eighths - below).clamp(0, 8) as usize]
}

/// Clamped to `[0, 1]`; zero for NaN.
fn finite(share: f32) -> f32 {
    if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_written_outside_an_area() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 6, 2));
        let area = Rect::new(1, 0, 3, 1);
        put(&mut buffer, area, 1, 0, "abcdef", Style::new());
        put(&mut buffer, area, 9, 0, "x", Style::new());
        put(&mut buffer, area, 0, 7, "x", Style::new());
        put(&mut buffer, Rect::new(4, 1, 90, 90), 0, 0, "long text", Style::new());
        assert_eq!(buffer, Buffer::with_lines(["  ab  ", "    lo"]));
    }

    #[test]
    fn bars_have_eighths() {
        assert_eq!(bar(0.5, 4), "██");
        assert_eq!(bar(1.0 / 32.0, 4), "▏");
        assert_eq!(bar(f32::NAN, 4), "");
        assert_eq!([column(0.75, 2, 0), column(0.75, 2, 1)], ["▄", "█"]);
        assert_eq!([column(0.25, 2, 0), column(0.25, 2, 1)], [" ", "▄"]);
    }
}
