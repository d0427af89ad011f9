//! Finds the screens in a film: patches that are dark most of the time and bright for a tenth of it.

use super::video::Grey;
use std::str::FromStr;

/// A rectangle in pixels of the video.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// The corner at the top left, width and height.
    pub x: usize,
    /// See `x`.
    pub y: usize,
    /// See `x`.
    pub width: usize,
    /// See `x`.
    pub height: usize,
}

impl FromStr for Region {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers: Option<Vec<usize>> = text.split(',').map(|number| number.trim().parse().ok()).collect();
        match numbers.as_deref() {
            Some(&[x, y, width, height]) if width > 0 && height > 0 => Ok(Self { x, y, width, height }),
            _ => Err("write it as X,Y,WIDTH,HEIGHT in pixels of the video, such as 100,40,320,180".into()),
        }
    }
}

impl Region {
    /// The mean light of its pixels in a frame; see [`light`](super::flash::light).
    pub fn light(&self, frame: &Grey) -> f64 {
        let rows = frame.pixels.chunks(frame.size.0).skip(self.y).take(self.height);
        let pixels = rows.flat_map(|row| row.iter().skip(self.x).take(self.width));
        let (sum, count) = pixels.fold((0.0, 0.0), |(sum, count), &grey| (sum + LIGHT[usize::from(grey)], count + 1.0));
        sum / f64::max(count, 1.0)
    }

    /// The same place in a picture of another size; at least one pixel.
    pub fn scaled(&self, from: (usize, usize), to: (usize, usize)) -> Self {
        let along = |at: usize, from: usize, to: usize| (at * to + from / 2) / from.max(1);
        let (x, y) = (along(self.x, from.0, to.0), along(self.y, from.1, to.1));
        let width = along(self.x + self.width, from.0, to.0).saturating_sub(x).max(1);
        Self { x, y, width, height: along(self.y + self.height, from.1, to.1).saturating_sub(y).max(1) }
    }
}

static LIGHT: std::sync::LazyLock<[f64; 256]> =
    std::sync::LazyLock::new(|| std::array::from_fn(|grey| super::flash::light(grey as f64)));

/// Number of grey levels.
const STEPS: usize = 16;

/// A patch smaller than this share of the picture is a reflection or noise.
const LEAST_SHARE: f64 = 0.001;

/// Finds the screens frame by frame: counts the grey levels of each pixel.
#[derive(Default)]
pub struct Finder {
    size: (usize, usize),
    frames: u32,
    counts: Vec<[u32; STEPS]>,
}

impl Finder {
    /// Counts a frame; skips one of another size than the first.
    pub fn see(&mut self, frame: &Grey) {
        if self.frames == 0 {
            self.size = frame.size;
            self.counts = vec![[0; STEPS]; frame.pixels.len()];
        }
        if frame.size == self.size {
            self.frames += 1;
            for (counts, grey) in self.counts.iter_mut().zip(&frame.pixels) {
                counts[usize::from(grey / 16)] += 1;
            }
        }
    }

    /// The size of the frames seen.
    pub fn size(&self) -> (usize, usize) {
        self.size
    }

    /// The patches that flash, from left to right: adjacent pixels are one patch.
    pub fn regions(&self) -> Vec<Region> {
        let mut open: Vec<bool> = self.counts.iter().map(|counts| flashes(counts, self.frames)).collect();
        let least = (LEAST_SHARE * open.len() as f64).max(9.0);
        let mut regions = Vec::new();
        while let Some(start) = open.iter().position(|open| *open) {
            let (region, pixels) = self.fill(&mut open, start);
            if pixels as f64 >= least {
                regions.push(region);
            }
        }
        regions.sort_by_key(|region| (region.x, region.y));
        regions
    }

    /// The patch around a pixel, removed from the set, and its number of pixels.
    fn fill(&self, open: &mut [bool], start: usize) -> (Region, usize) {
        let (width, height) = self.size;
        let (mut low, mut high, mut pixels) = ((width, height), (0, 0), 0);
        let mut ahead = vec![start];
        open[start] = false;
        while let Some(at) = ahead.pop() {
            let (x, y) = (at % width, at / width);
            low = (low.0.min(x), low.1.min(y));
            high = (high.0.max(x), high.1.max(y));
            pixels += 1;
            let beside = [(x > 0, at.wrapping_sub(1)), (x + 1 < width, at + 1)];
            let above = [(y > 0, at.wrapping_sub(width)), (y + 1 < height, at + width)];
            for (inside, next) in beside.into_iter().chain(above) {
                if inside && open[next] {
                    open[next] = false;
                    ahead.push(next);
                }
            }
        }
        (Region { x: low.0, y: low.1, width: high.0 - low.0 + 1, height: high.1 - low.1 + 1 }, pixels)
    }
}

/// Whether a pixel is dark most of the time and bright for about a tenth of it.
fn flashes(counts: &[u32; STEPS], frames: u32) -> bool {
    let share_from = |step: usize| f64::from(counts[step..].iter().sum::<u32>()) / f64::from(frames.max(1));
    let Some(median) = (0..STEPS).rev().find(|&step| share_from(step) >= 0.5) else { return false };
    let Some(bright) = (0..STEPS).rev().find(|&step| share_from(step) >= 0.03) else { return false };
    // A quarter of the scale: more than a lamp or a reflection nearby.
    bright >= median + 4 && (0.04..0.22).contains(&share_from((median + bright).div_ceil(2)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two seconds at 50 frames/s of a picture 60 by 20: a pixel's grey value by place and frame.
    fn found(grey: impl Fn(usize, usize, usize) -> u8) -> Vec<Region> {
        let mut finder = Finder::default();
        for frame in 0..100 {
            let pixels = (0..1200).map(|at| grey(at % 60, at / 60, frame)).collect();
            finder.see(&Grey { size: (60, 20), pixels });
        }
        finder.regions()
    }

    #[test]
    fn screens_that_flash_are_found_and_lamps_and_blinking_lights_are_not() {
        let regions = found(|x, y, frame| match (x, y) {
            (5..15, 5..15) | (20..30, 5..12) if frame % 50 < 5 => 240,
            // Always bright; on for a third and for half of the time; a flash of a single pixel.
            (40..45, 5..15) => 250,
            (32..38, 13..19) if frame % 50 < 17 => 250,
            (50..55, 5..15) if frame % 50 < 25 => 250,
            (58, 18) if frame % 50 < 5 => 250,
            _ => 12,
        });
        let wanted = [Region { x: 5, y: 5, width: 10, height: 10 }, Region { x: 20, y: 5, width: 10, height: 7 }];
        assert_eq!(regions, wanted);
    }

    #[test]
    fn a_region_keeps_its_place_in_a_picture_of_another_size() {
        let region: Region = "100, 40,320,180".parse().expect("a region");
        assert_eq!(region.scaled((1920, 1080), (480, 270)), Region { x: 25, y: 10, width: 80, height: 45 });
        assert!("100,40,320".parse::<Region>().is_err() && "1,2,0,4".parse::<Region>().is_err());
    }
}
