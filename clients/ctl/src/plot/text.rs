//! Text, in a built-in font: the same picture on every machine.

use super::canvas::Canvas;
use super::colour::Colour;
use ab_glyph::{Font, FontRef, PxScale, ScaleFont, point};

const FONT: &[u8] = include_bytes!("../../assets/dejavu-sans.ttf");

/// The part of a text at the given point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Its left end.
    Left,
    /// Its middle.
    Middle,
    /// Its right end.
    Right,
}

/// Writes texts.
pub struct Pen {
    font: FontRef<'static>,
}

impl Pen {
    /// A pen with the built-in font.
    ///
    /// # Errors
    /// Only if the built-in font is broken.
    pub fn new() -> Result<Self, ab_glyph::InvalidFont> {
        Ok(Self { font: FontRef::try_from_slice(FONT)? })
    }

    /// The width of a text in pixels at a size in pixels.
    pub fn width(&self, text: &str, size: f32) -> f32 {
        let font = self.font.as_scaled(PxScale::from(size));
        text.chars().map(|letter| font.h_advance(font.glyph_id(letter))).sum()
    }

    /// Writes `text` in `size` pixels with its middle line at `y`; returns its width in pixels.
    pub fn write(
        &self,
        canvas: &mut Canvas,
        text: &str,
        at: (f32, f32),
        size: f32,
        align: Align,
        colour: Colour,
    ) -> f32 {
        let width = self.width(text, size);
        let left = match align {
            Align::Left => at.0,
            Align::Middle => at.0 - width / 2.0,
            Align::Right => at.0 - width,
        };
        let font = self.font.as_scaled(PxScale::from(size));
        // The middle of the digits is about a third of the ascent above the baseline.
        let baseline = at.1 + font.ascent() * 0.39;
        let mut x = left.round();
        for letter in text.chars() {
            let id = font.glyph_id(letter);
            let glyph = id.with_scale_and_position(PxScale::from(size), point(x, baseline.round()));
            if let Some(shape) = self.font.outline_glyph(glyph) {
                let corner = shape.px_bounds().min;
                shape.draw(|dx, dy, cover| {
                    canvas.dot(corner.x as i32 + dx as i32, corner.y as i32 + dy as i32, colour, cover);
                });
            }
            x += font.h_advance(id);
        }
        width
    }

    /// The part of a text that fits into `width` pixels, with an ellipsis if it is cut.
    pub fn fit(&self, text: &str, size: f32, width: f32) -> String {
        if self.width(text, size) <= width {
            return text.into();
        }
        let mut kept = String::new();
        for letter in text.chars() {
            let longer = format!("{kept}{letter}");
            if self.width(&longer, size) + self.width("…", size) > width {
                break;
            }
            kept = longer;
        }
        kept + "…"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::colour::{GROUND, TEXT};

    #[test]
    fn the_font_has_every_sign_that_the_picture_uses() {
        let pen = Pen::new().expect("the font is sound");
        for sign in "0123456789:.%×·–…#[]abcXYZäéÅ".chars() {
            assert_ne!(pen.font.glyph_id(sign).0, 0, "{sign}");
        }
    }

    #[test]
    fn a_text_too_long_for_its_place_ends_in_an_ellipsis() {
        let pen = Pen::new().expect("the font is sound");
        let short = pen.fit("a very long name of a song.flac", 20.0, 120.0);
        assert!(short.ends_with('…') && pen.width(&short, 20.0) <= 120.0, "{short}");
        assert_eq!(pen.fit("short", 20.0, 120.0), "short");
    }

    #[test]
    fn writing_leaves_ink_at_its_place() {
        let mut canvas = Canvas::new(60, 20, GROUND);
        Pen::new().expect("the font is sound").write(&mut canvas, "128", (30.0, 10.0), 16.0, Align::Middle, TEXT);
        let image = canvas.finish();
        let ink = image.enumerate_pixels().filter(|(_, _, pixel)| pixel[0] > 200).map(|(x, _, _)| x);
        let (left, right) = ink.fold((60, 0), |(left, right), x| (left.min(x), right.max(x)));
        assert!((12..24).contains(&left) && (36..48).contains(&right), "{left}..{right}");
    }
}
