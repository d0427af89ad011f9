//! `downbeat-wall LEFT … OUT`: lays the pictures that the nodes of a wall wrote side by side, to see the wall.

use anyhow::{Context, Result, ensure};
use clap::Parser;
use image::RgbImage;
use std::path::{Path, PathBuf};

/// Lays pictures of equal height side by side, from left to right.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The nodes' pictures from left to right, then the picture to write (PNG).
    #[arg(required = true, num_args = 2.., value_names = ["PICTURE", "OUT"])]
    pictures: Vec<PathBuf>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let Some((out, parts)) = arguments.pictures.split_last() else { return Ok(()) };
    let parts = parts.iter().map(|path| read(path)).collect::<Result<Vec<_>>>()?;
    stitch(&parts)?.save(out).with_context(|| format!("cannot write {}", out.display()))
}

fn read(path: &Path) -> Result<RgbImage> {
    Ok(image::open(path).with_context(|| format!("cannot read {}", path.display()))?.into_rgb8())
}

fn stitch(parts: &[RgbImage]) -> Result<RgbImage> {
    let height = parts.first().map_or(0, RgbImage::height);
    ensure!(parts.iter().all(|part| part.height() == height), "the pictures are not of the same height");
    let mut wall = RgbImage::new(parts.iter().map(RgbImage::width).sum(), height);
    let mut x = 0;
    for part in parts {
        image::imageops::replace(&mut wall, part, i64::from(x), 0);
        x += part.width();
    }
    Ok(wall)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    #[test]
    fn pictures_stand_side_by_side_from_left_to_right() {
        let part = |width, shade| RgbImage::from_pixel(width, 2, Rgb([shade; 3]));
        let wall = stitch(&[part(1, 10), part(2, 20)]).expect("of one height");
        assert_eq!(wall.dimensions(), (3, 2));
        assert_eq!([0, 1, 2].map(|x| wall.get_pixel(x, 1)[0]), [10, 20, 20]);
    }

    #[test]
    fn pictures_of_different_heights_are_refused() {
        assert!(stitch(&[RgbImage::new(1, 1), RgbImage::new(1, 2)]).is_err());
    }
}
