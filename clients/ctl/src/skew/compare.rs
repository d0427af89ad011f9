//! Time differences between screens, from their flashes.

use super::flash::{Flash, quantile};
use serde::Serialize;

/// Flashes further apart than this belong to different seconds.
const SAME_SECOND: f64 = 0.45;

/// Minimum number of flashes that all screens must share.
pub const LEAST_FLASHES: usize = 3;

/// Errors of a camera that repeat every second, as a share of its frame: exposures slightly shorter than the frame, a
/// tone curve that is not a plain gamma, compression. They do not show in the spread. Simulated films stay within it.
const CAMERA: f64 = 0.1;

/// One screen compared with the others.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Skew {
    /// Flashes seen on all screens.
    pub flashes: usize,
    /// Milliseconds behind the median of all screens; early is negative. The median over the flashes.
    pub skew_ms: f64,
    /// Deviation of single flashes from it: half of them less, half of them more.
    pub spread_ms: f64,
    /// Uncertainty of `skew_ms`: from the spread, from edges between two exposures, and from the camera.
    pub uncertainty_ms: f64,
}

/// Compares screens flash by flash; `frame` is the length of a video frame in seconds. `None` if they share too few.
pub fn compare(screens: &[Vec<Flash>], frame: f64) -> Option<Vec<Skew>> {
    let reference = screens.first()?;
    let mut apart = vec![Vec::new(); screens.len()];
    let mut unseen = vec![0.0; screens.len()];
    for flash in reference {
        let Some(together) = screens.iter().map(|screen| nearest(screen, flash.centre)).collect::<Option<Vec<_>>>()
        else {
            continue;
        };
        let centres: Vec<f64> = together.iter().map(|flash| flash.centre).collect();
        let middle = quantile(&centres, 0.5);
        for (screen, flash) in together.iter().enumerate() {
            apart[screen].push(1000.0 * (flash.centre - middle));
            unseen[screen] += 0.5 * f64::from(flash.unseen);
        }
    }
    let enough = apart.iter().all(|apart| apart.len() >= LEAST_FLASHES);
    enough.then(|| apart.iter().zip(unseen).map(|(apart, unseen)| skew(apart, unseen, 1000.0 * frame)).collect())
}

fn skew(apart: &[f64], unseen: f64, frame_ms: f64) -> Skew {
    let count = apart.len() as f64;
    let skew_ms = quantile(apart, 0.5);
    let away: Vec<f64> = apart.iter().map(|apart| (apart - skew_ms).abs()).collect();
    let spread_ms = quantile(&away, 0.5);
    // 1.4826 makes a standard deviation of the median deviation, 1.2533 is the median's loss against the mean.
    let chance = 1.4826 * 1.2533 * spread_ms / count.sqrt();
    // An edge between two exposures is uncertain by half a frame either way, and does not average out when the camera
    // runs in step with the show.
    let gaps = 0.5 * frame_ms * unseen / count;
    Skew { flashes: apart.len(), skew_ms, spread_ms, uncertainty_ms: chance.max(gaps).max(CAMERA * frame_ms) }
}

/// The flash of the same second.
fn nearest(flashes: &[Flash], centre: f64) -> Option<Flash> {
    let away = |flash: &&Flash| (flash.centre - centre).abs();
    flashes
        .iter()
        .min_by(|one, other| away(one).total_cmp(&away(other)))
        .filter(|flash| away(flash) < SAME_SECOND)
        .copied()
}
