//! The corridor between what is too much and what is too little, and the lines that run through it.
//!
//! After Moon, Skelly and Towsley, "Estimation and Removal of Clock Skew from Network Delay Measurements" (INFOCOM
//! 1999), who fit one line below one cloud; here one line runs between two. For a given steepness the lowest line of
//! the upper cloud is the least of linear functions, hence concave in the steepness, and only the corners of the
//! cloud's convex hull matter. So every question below is the maximum of a concave function of one variable.

/// A place of a cloud: time and offset, both in nanoseconds from an origin that the caller keeps near.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// When.
    pub x: f64,
    /// A limit of the offset then.
    pub y: f64,
}

/// Steepest line looked for. The kernel lets a clock be slewed by 500 ppm (`MAXFREQ` in Linux' `timex.h`), quartz is
/// off by up to 100.
const STEEPEST: f64 = 1e-3;
/// What is believed of the steepness before anything is known, and how much corridor that belief is worth: a
/// microsecond at 50 ppm, which decides in the first moments and nothing after a second.
const USUAL: f64 = 50e-6;
const USUAL_WORTH_NS: f64 = 1_000.0;

/// The corners of two clouds with room for a line between them.
#[derive(Debug)]
pub struct Corridor {
    upper: Vec<Point>,
    lower: Vec<Point>,
    middle: f64,
    steepness: f64,
}

impl Corridor {
    /// Between limits from above and from below, each in order of time. None when no straight line fits between them.
    pub fn between(upper: &[Point], lower: &[Point]) -> Option<Self> {
        let count = (upper.len() + lower.len()) as f64;
        let middle = upper.iter().chain(lower).map(|point| point.x).sum::<f64>() / count;
        let mut corridor = Self { upper: corners(upper, 1.0), lower: corners(lower, -1.0), middle, steepness: 0.0 };
        if corridor.upper.is_empty() || corridor.lower.is_empty() {
            return None;
        }
        let belief = |steepness: f64| USUAL_WORTH_NS * (steepness / USUAL).powi(2);
        corridor.steepness = highest(-STEEPEST, STEEPEST, |steepness| corridor.width(steepness) - belief(steepness));
        (corridor.width(corridor.steepness) >= 0.0).then_some(corridor)
    }

    /// Nanoseconds of offset a nanosecond: the steepness that leaves the widest corridor.
    pub fn steepness(&self) -> f64 {
        self.steepness
    }

    /// The line in the middle of the corridor, at a time.
    pub fn centre(&self, x: f64) -> f64 {
        let (ceiling, floor) = (self.ceiling(self.steepness, x), self.floor(self.steepness, x));
        0.5 * (ceiling + floor)
    }

    /// The least and the greatest that any line in the corridor can be at a time.
    pub fn bounds(&self, x: f64) -> (f64, f64) {
        let (flattest, steepest) = (self.limit(-STEEPEST), self.limit(STEEPEST));
        let up = highest(flattest, steepest, |steepness| self.ceiling(steepness, x));
        let down = highest(flattest, steepest, |steepness| -self.floor(steepness, x));
        (self.floor(down, x), self.ceiling(up, x))
    }

    /// The last steepness towards `end` at which a line still fits.
    fn limit(&self, end: f64) -> f64 {
        if self.width(end) >= 0.0 {
            return end;
        }
        let (mut fits, mut fails) = (self.steepness, end);
        for _ in 0..40 {
            let between = 0.5 * (fits + fails);
            if self.width(between) >= 0.0 { fits = between } else { fails = between }
        }
        fits
    }

    /// How wide the corridor of lines of one steepness is.
    fn width(&self, steepness: f64) -> f64 {
        self.ceiling(steepness, self.middle) - self.floor(steepness, self.middle)
    }

    /// The highest line of a steepness that no upper limit forbids, at a time.
    fn ceiling(&self, steepness: f64, x: f64) -> f64 {
        self.upper.iter().map(|point| point.y + steepness * (x - point.x)).fold(f64::INFINITY, f64::min)
    }

    /// The lowest line of a steepness that no lower limit forbids, at a time.
    fn floor(&self, steepness: f64, x: f64) -> f64 {
        self.lower.iter().map(|point| point.y + steepness * (x - point.x)).fold(f64::NEG_INFINITY, f64::max)
    }
}

/// The corners of a cloud's lower hull (`side` 1) or upper hull (`side` -1), by Andrew's monotone chain.
fn corners(points: &[Point], side: f64) -> Vec<Point> {
    let mut hull: Vec<Point> = Vec::new();
    for point in points {
        while let [.., first, second] = hull.as_slice() {
            let turn = (second.x - first.x) * (point.y - first.y) - (second.y - first.y) * (point.x - first.x);
            if side * turn > 0.0 {
                break;
            }
            hull.pop();
        }
        hull.push(*point);
    }
    hull
}

/// Where a concave function is highest, by golden section (Kiefer 1953).
fn highest(mut low: f64, mut high: f64, function: impl Fn(f64) -> f64) -> f64 {
    const GOLDEN: f64 = 0.618_033_988_749_894_9;
    let (mut left, mut right) = (high - GOLDEN * (high - low), low + GOLDEN * (high - low));
    let (mut at_left, mut at_right) = (function(left), function(right));
    for _ in 0..48 {
        if at_left < at_right {
            (low, left, at_left) = (left, right, at_right);
            right = low + GOLDEN * (high - low);
            at_right = function(right);
        } else {
            (high, right, at_right) = (right, left, at_left);
            left = high - GOLDEN * (high - low);
            at_left = function(left);
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cloud(steepness: f64, distance: f64) -> Vec<Point> {
        let late = |step: usize| distance + distance.signum() * ((step * 7919) % 400) as f64 * 1e3;
        (0..400).map(|step| Point { x: step as f64 * 1e8, y: step as f64 * 1e8 * steepness + late(step) }).collect()
    }

    #[test]
    fn the_centre_runs_between_the_nearest_points_of_both_clouds() {
        let corridor = Corridor::between(&cloud(40e-6, 9e3), &cloud(40e-6, -5e3)).expect("a line fits");
        assert!((corridor.steepness() - 40e-6).abs() < 0.5e-6, "{}", corridor.steepness());
        assert!((corridor.centre(20e9) - (20e9 * 40e-6 + 2e3)).abs() < 4e3, "{}", corridor.centre(20e9) - 20e9 * 40e-6);
        let (low, high) = corridor.bounds(40e9);
        assert!(low <= 40e9 * 40e-6 && 40e9 * 40e-6 <= high && high - low < 60e3, "{low}..{high}");
    }

    #[test]
    fn clouds_that_overlap_leave_no_corridor() {
        assert!(Corridor::between(&cloud(0.0, 1e3), &cloud(0.0, -1e3)).is_some());
        let above: Vec<Point> = cloud(0.0, -1e3).iter().map(|point| Point { y: point.y + 1e6, ..*point }).collect();
        assert!(Corridor::between(&cloud(0.0, 1e3), &above).is_none());
        assert!(Corridor::between(&[], &above).is_none());
    }

    #[test]
    fn one_exchange_leaves_a_corridor_without_a_drift() {
        let corridor = Corridor::between(&[Point { x: 0.0, y: 50e3 }], &[Point { x: 1e5, y: -50e3 }]).expect("fits");
        assert!(corridor.steepness().abs() < 10e-6, "{}", corridor.steepness());
        assert!(corridor.centre(1e5).abs() < 10.0);
    }
}
