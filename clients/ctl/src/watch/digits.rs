//! Large digits, readable across the booth.

use super::ink::put;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// Rows of a digit.
pub const HEIGHT: u16 = 5;

/// Pixels of each character, from the top; three bits a row, the left one first.
const SIGNS: [(char, [u8; 5]); 13] = [
    ('0', [0b111, 0b101, 0b101, 0b101, 0b111]),
    ('1', [0b010, 0b110, 0b010, 0b010, 0b111]),
    ('2', [0b111, 0b001, 0b111, 0b100, 0b111]),
    ('3', [0b111, 0b001, 0b111, 0b001, 0b111]),
    ('4', [0b101, 0b101, 0b111, 0b001, 0b001]),
    ('5', [0b111, 0b100, 0b111, 0b001, 0b111]),
    ('6', [0b111, 0b100, 0b111, 0b101, 0b111]),
    ('7', [0b111, 0b001, 0b001, 0b010, 0b010]),
    ('8', [0b111, 0b101, 0b111, 0b101, 0b111]),
    ('9', [0b111, 0b101, 0b111, 0b001, 0b111]),
    ('.', [0b000, 0b000, 0b000, 0b000, 0b100]),
    ('-', [0b000, 0b000, 0b111, 0b000, 0b000]),
    (' ', [0b000, 0b000, 0b000, 0b000, 0b000]),
];

/// Cells per character, including its gap. A pixel is two cells wide, as cells are twice as tall as wide.
fn advance(sign: char) -> u16 {
    if sign == '.' { 4 } else { 8 }
}

/// Cells of a text.
pub fn width(text: &str) -> u16 {
    text.chars().map(advance).sum::<u16>().saturating_sub(2)
}

/// Draws digits, `.`, `-` and spaces at the top left of an area; other characters stay blank.
pub fn draw(buffer: &mut Buffer, area: Rect, text: &str, style: Style) {
    let mut x = 0;
    for sign in text.chars() {
        let rows = SIGNS.iter().find(|(known, _)| *known == sign).map_or([0; 5], |(_, rows)| *rows);
        for (y, row) in rows.into_iter().enumerate() {
            for pixel in (0..3).filter(|pixel| row & (0b100 >> pixel) != 0) {
                put(buffer, area, x + 2 * pixel, y as u16, "██", style);
            }
        }
        x += advance(sign);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_looks_like_itself() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, width("4."), HEIGHT));
        let area = buffer.area;
        draw(&mut buffer, area, "4.", Style::new());
        let wanted = ["██  ██    ", "██  ██    ", "██████    ", "    ██    ", "    ██  ██"];
        assert_eq!(buffer, Buffer::with_lines(wanted));
    }
}
