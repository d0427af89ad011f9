//! The pictures written by headless nodes.

use image::RgbaImage;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The frame number in a file's name, `frame-00000001234.png`.
pub fn number(path: &Path) -> Option<u64> {
    path.file_name()?.to_str()?.strip_prefix("frame-")?.strip_suffix(".png")?.parse().ok()
}

/// The pictures in a directory by frame number.
pub fn list(directory: &Path) -> BTreeMap<u64, PathBuf> {
    let files = std::fs::read_dir(directory).into_iter().flatten().flatten().map(|file| file.path());
    files.filter_map(|path| Some((number(&path)?, path))).collect()
}

/// Reads one.
pub fn read(path: &Path) -> RgbaImage {
    image::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())).into_rgba8()
}

/// The greatest difference of any channel between a picture and the part of a larger one at column `left`.
pub fn difference(part: &RgbaImage, whole: &RgbaImage, left: u32) -> u8 {
    let pixels = part.enumerate_pixels().map(|(x, y, pixel)| {
        let other = whole.get_pixel(x + left, y);
        pixel.0.iter().zip(other.0).map(|(a, b)| a.abs_diff(b)).max().unwrap_or(0)
    });
    pixels.max().unwrap_or(0)
}

/// The mean brightness of a picture, 0 to 255.
pub fn brightness(picture: &RgbaImage) -> f64 {
    let sum: u64 = picture.pixels().map(|pixel| pixel.0[..3].iter().map(|it| u64::from(*it)).sum::<u64>()).sum();
    sum as f64 / (3.0 * f64::from(picture.width()) * f64::from(picture.height()))
}
