//! A film of the wall: its screens, and their time differences.

use super::compare::{LEAST_FLASHES, Skew, compare};
use super::flash::{Flash, flashes, quantile};
use super::regions::{Finder, Region};
use super::video::{Film, scan, size};
use crate::exit::Failure;
use crate::stop::Stop;
use serde::Serialize;
use std::path::Path;

/// Maximum of screens: more are reflections, or an audience's phones.
const MOST_SCREENS: usize = 64;

/// A screen of the wall, as printed.
#[derive(Debug, Serialize)]
pub struct Screen {
    /// From 1, from left to right, or in the order of the given regions.
    pub screen: usize,
    /// Its place, in pixels of the film.
    pub x: usize,
    /// See `x`.
    pub y: usize,
    /// Width.
    pub w: usize,
    /// Height.
    pub h: usize,
    /// Its difference to the others.
    #[serde(flatten)]
    pub skew: Skew,
}

/// Measures the screens in a film; finds them if none are given.
///
/// # Errors
/// If the film is unreadable, or does not show at least two screens that flash.
pub fn measure(path: &Path, given: &[Region]) -> Result<Vec<Screen>, Failure> {
    let stop = Stop::listen()?;
    let size = size(path, &stop)?;
    let outside = |region: &&Region| {
        region.x.saturating_add(region.width) > size.0 || region.y.saturating_add(region.height) > size.1
    };
    if let Some(Region { x, y, width, height }) = given.iter().find(outside) {
        return Err(Failure::Usage(format!(
            "--region {x},{y},{width},{height} exceeds the picture, which is {} x {} pixels. Measure it again in a \
             still of the film",
            size.0, size.1
        )));
    }
    let found = if given.is_empty() { find(path, &stop)? } else { given.to_vec() };
    let mut light = vec![Vec::new(); found.len()];
    let film = scan(path, &stop, |frame| {
        for (light, region) in light.iter_mut().zip(&found) {
            light.push(region.scaled(size, frame.size).light(frame));
        }
    })?;
    report(path, &film, given, &found, &light)
}

fn report(
    path: &Path,
    film: &Film,
    given: &[Region],
    found: &[Region],
    light: &[Vec<f64>],
) -> Result<Vec<Screen>, Failure> {
    let mut screens: Vec<(Region, Vec<Flash>)> =
        found.iter().zip(light).map(|(region, light)| (*region, flashes(&film.times, light))).collect();
    if let Some(at) = screens.iter().position(|(_, flashes)| !given.is_empty() && flashes.len() < LEAST_FLASHES) {
        return Err(nothing(path, &format!("region {} does not flash", at + 1)));
    }
    screens.retain(|(_, flashes)| flashes.len() >= LEAST_FLASHES);
    match screens.len() {
        0 => return Err(nothing(path, "no flashing screen found")),
        1 => {
            return Err(nothing(
                path,
                "only one flashing screen found (screens that touch in the picture count as one: give each its \
                 --region)",
            ));
        }
        _ => {}
    }
    let frames: Vec<f64> = film.times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let flashes: Vec<Vec<Flash>> = screens.iter().map(|(_, flashes)| flashes.clone()).collect();
    let skews = compare(&flashes, quantile(&frames, 0.5))
        .ok_or_else(|| nothing(path, &format!("the screens share fewer than {LEAST_FLASHES} flashes")))?;
    let rows = screens.iter().zip(skews).enumerate();
    let row = |(at, ((region, _), skew)): (usize, (&(Region, _), Skew))| {
        let &Region { x, y, width: w, height: h } = region;
        Screen { screen: at + 1, x, y, w, h, skew }
    };
    Ok(rows.map(row).collect())
}

/// The screens that flash, in pixels of the film.
fn find(path: &Path, stop: &Stop) -> Result<Vec<Region>, Failure> {
    let mut finder = Finder::default();
    let film = scan(path, stop, |frame| finder.see(frame))?;
    let mut regions = finder.regions();
    if regions.len() > MOST_SCREENS {
        return Err(nothing(path, "too many places flash (phones in the audience, or a moving camera?)"));
    }
    regions.iter_mut().for_each(|region| *region = region.scaled(finder.size(), film.size));
    Ok(regions)
}

fn nothing(path: &Path, what: &str) -> Failure {
    Failure::Input(format!(
        "{}: {what}. Show the scene \"flash\" on all nodes, film all screens, keep the camera still, for 5 s at least, \
         or give their places with --region",
        path.display()
    ))
}
