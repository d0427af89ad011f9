//! Digests of a picture and its inputs: a few numbers that show whether two nodes show the same. Pure.
//!
//! * [`Fingerprint`] of all inputs of a frame: equal on all nodes of a wall, whatever their slices and adapters
//! * [`luma`] of the picture: equal on nodes with the same slice and the same kind of adapter. Other adapters may round
//!   the last of 8 bits differently
//! * [`edges`]: brightness along the four borders of the picture, to compare with the neighbours

use crate::gpu::Image;
use downbeat_protocol::picture::{Edges, PARTS};

/// FNV-1a in 64 bits (Fowler, Noll, Vo; RFC 9923): fast, and the same on every machine. It guards against mistakes, not
/// malice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint(u64);

impl Default for Fingerprint {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fingerprint {
    /// Adds some bytes.
    pub fn take(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3));
    }

    /// Adds a number.
    pub fn take_number(&mut self, number: u64) {
        self.take(&number.to_le_bytes());
    }

    /// The fingerprint of all bytes so far.
    pub fn value(self) -> u64 {
        self.0
    }
}

/// The fingerprint of a picture's luma, row by row.
pub fn luma(image: &Image) -> u64 {
    let mut print = Fingerprint::default();
    image.rgba.chunks_exact(4).for_each(|pixel| print.take(&[luma_of(pixel)]));
    print.value()
}

/// The mean luma of a picture, `[0, 255]`.
pub fn brightness(image: &Image) -> f64 {
    let sum: u64 = image.rgba.chunks_exact(4).map(|pixel| u64::from(luma_of(pixel))).sum();
    sum as f64 / (image.rgba.len() / 4).max(1) as f64
}

/// The brightness of a picture's borders.
pub fn edges(image: &Image) -> Edges {
    let (width, height) = (image.width as usize, image.height as usize);
    let at =
        |x: usize, y: usize| image.rgba.get(4 * (y * width + x)..).map_or(0, |pixel| u64::from(luma_of(&pixel[..4])));
    let along = |length: usize, at: &dyn Fn(usize) -> u64| {
        let part = |part: usize| {
            let from = part * length / PARTS;
            let to = ((part + 1) * length / PARTS).max(from + 1).min(length.max(1));
            let sum: u64 = (from..to).map(at).sum();
            (sum / (to - from) as u64) as u8
        };
        (0..PARTS).map(part).collect()
    };
    let (right, lower) = (width.saturating_sub(1), height.saturating_sub(1));
    Edges {
        left: along(height, &|y| at(0, y)),
        right: along(height, &|y| at(right, y)),
        upper: along(width, &|x| at(x, 0)),
        lower: along(width, &|x| at(x, lower)),
    }
}

/// ITU-R BT.709's weights in 256ths.
fn luma_of(pixel: &[u8]) -> u8 {
    ((54 * u32::from(pixel[0]) + 183 * u32::from(pixel[1]) + 19 * u32::from(pixel[2])) >> 8) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: u32, height: u32, at: impl Fn(u32, u32) -> u8) -> Image {
        let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let rgba = pixels.flat_map(|(x, y)| [at(x, y), at(x, y), at(x, y), 255]).collect();
        Image { width, height, rgba }
    }

    #[test]
    fn the_fingerprint_is_that_of_the_reference() {
        let print = |text: &str| {
            let mut print = Fingerprint::default();
            print.take(text.as_bytes());
            print.value()
        };
        assert_eq!(print(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(print("a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(print("foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn one_step_of_one_pixel_changes_the_digest() {
        let grey = |darker: u32| picture(32, 20, move |x, y| if 32 * y + x == darker { 99 } else { 100 });
        assert_eq!(luma(&grey(7)), luma(&grey(7)));
        assert_ne!(luma(&grey(7)), luma(&grey(8)));
        assert_eq!(brightness(&picture(4, 4, |_, _| 255)), 255.0);
    }

    #[test]
    fn borders_are_as_bright_as_their_pixels() {
        let shown = picture(32, 48, |x, y| match (x, y) {
            (0, _) => 40,
            (_, 47) => 80,
            _ => 200,
        });
        let borders = edges(&shown);
        assert_eq!((borders.left, borders.right[..15].to_vec()), (vec![40; PARTS], vec![200; 15]));
        assert_eq!((borders.upper[0], borders.upper[1], borders.lower[15]), (120, 200, 80));
        assert_eq!(edges(&picture(1, 1, |_, _| 7)).lower, [7; PARTS]);
    }
}
