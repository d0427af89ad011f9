//! Drawing on pixels: rectangles, lines with soft edges, all clipped to the picture.

use super::colour::{Colour, mix};
use image::RgbImage;

/// A rectangle in pixels, from the top left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Area {
    /// Left edge.
    pub x: i32,
    /// Upper edge.
    pub y: i32,
    /// Width.
    pub width: i32,
    /// Height.
    pub height: i32,
}

impl Area {
    /// One past the last row.
    pub fn bottom(self) -> i32 {
        self.y + self.height
    }

    /// The height of a share of the range: 0 is the bottom, 1 the top.
    pub fn level(self, share: f32) -> f32 {
        self.bottom() as f32 - 1.0 - share.clamp(0.0, 1.0) * (self.height - 1) as f32
    }
}

/// The picture being drawn.
pub struct Canvas {
    image: RgbImage,
}

impl Canvas {
    /// A picture of one colour.
    pub fn new(width: u32, height: u32, ground: Colour) -> Self {
        Self { image: RgbImage::from_pixel(width, height, ground) }
    }

    /// Width and height in pixels.
    pub fn size(&self) -> (i32, i32) {
        (self.image.width() as i32, self.image.height() as i32)
    }

    /// The finished picture.
    pub fn finish(self) -> RgbImage {
        self.image
    }

    /// Blends a colour over one pixel; `cover` 0 leaves it, 1 replaces it.
    pub fn dot(&mut self, x: i32, y: i32, colour: Colour, cover: f32) {
        let (width, height) = self.size();
        if (0..width).contains(&x) && (0..height).contains(&y) {
            let pixel = self.image.get_pixel_mut(x as u32, y as u32);
            *pixel = mix(*pixel, colour, cover);
        }
    }

    /// Blends a colour over a rectangle.
    pub fn fill(&mut self, area: Area, colour: Colour, cover: f32) {
        for y in area.y..area.bottom() {
            for x in area.x..area.x + area.width {
                self.dot(x, y, colour, cover);
            }
        }
    }

    /// A horizontal line one pixel thick.
    pub fn across(&mut self, x: i32, y: i32, width: i32, colour: Colour, cover: f32) {
        self.fill(Area { x, y, width, height: 1 }, colour, cover);
    }

    /// A vertical line one pixel thick between two heights, in either order.
    pub fn upright(&mut self, x: i32, from: f32, to: f32, colour: Colour, cover: f32) {
        let (top, bottom) = (from.min(to).round() as i32, from.max(to).round() as i32);
        self.fill(Area { x, y: top, width: 1, height: bottom - top + 1 }, colour, cover);
    }

    /// A straight line with soft edges. Points are in pixels; `thickness` too.
    pub fn line(&mut self, from: (f32, f32), to: (f32, f32), thickness: f32, colour: Colour) {
        let reach = thickness / 2.0 + 1.0;
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let length2 = dx * dx + dy * dy;
        let span = |a: f32, b: f32| (a.min(b) - reach).floor() as i32..=(a.max(b) + reach).ceil() as i32;
        for y in span(from.1, to.1) {
            for x in span(from.0, to.0) {
                let (px, py) = (x as f32 - from.0, y as f32 - from.1);
                let along = if length2 > 0.0 { ((px * dx + py * dy) / length2).clamp(0.0, 1.0) } else { 0.0 };
                let distance = (px - along * dx).hypot(py - along * dy);
                self.dot(x, y, colour, (thickness / 2.0 + 0.5 - distance).clamp(0.0, 1.0));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    const BLACK: Colour = Rgb([0, 0, 0]);
    const WHITE: Colour = Rgb([255, 255, 255]);

    #[test]
    fn what_lies_outside_the_picture_is_clipped() {
        let mut canvas = Canvas::new(4, 4, BLACK);
        canvas.fill(Area { x: -3, y: -3, width: 4, height: 4 }, WHITE, 1.0);
        canvas.line((-9.0, 3.0), (40.0, 3.0), 1.0, WHITE);
        let image = canvas.finish();
        assert_eq!([image[(0, 0)], image[(1, 1)], image[(3, 3)]], [WHITE, BLACK, WHITE]);
    }

    #[test]
    fn a_line_of_one_pixel_covers_one_row() {
        let mut canvas = Canvas::new(8, 5, BLACK);
        canvas.line((0.0, 2.0), (7.0, 2.0), 1.0, WHITE);
        let image = canvas.finish();
        assert_eq!([image[(4, 1)], image[(4, 2)], image[(4, 3)]], [BLACK, WHITE, BLACK]);
    }
}
