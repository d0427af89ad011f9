//! The corridor between an upper and a lower cloud of limits, and the lines through it.
//!
//! After Moon, Skelly and Towsley, "Estimation and Removal of Clock Skew from Network Delay Measurements" (INFOCOM
//! 1999), who fit one line below one cloud; here one line runs between two. For a given steepness the lowest line of
//! the upper cloud is the least of linear functions, hence concave in the steepness, and only the corners of the
//! cloud's convex hull matter. So every question below is the maximum of a concave function of one variable.

/// A point of a cloud: time and offset, both in nanoseconds from a nearby origin chosen by the caller.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// The time.
    pub x: f64,
    /// A limit of the offset at that time.
    pub y: f64,
}

/// Maximum steepness. The kernel lets a clock be slewed by 500 ppm (`MAXFREQ` in Linux' `timex.h`), quartz is off by up
/// to 100.
const STEEPEST: f64 = 1e-3;
/// Prior for the steepness, in corridor width: a microsecond at 50 ppm, which decides in the first moments and does not
/// matter after a second.
const USUAL: f64 = 50e-6;
const USUAL_WORTH_NS: f64 = 1_000.0;

/// The corners of two clouds with room for a line between them.
#[derive(Debug)]
pub struct Corridor {
    all: Clouds,
    middle: f64,
    steepness: f64,
}

/// The corners of an upper and a lower cloud.
#[derive(Debug)]
struct Clouds {
    upper: Vec<Point>,
    lower: Vec<Point>,
}

impl Corridor {
    /// Between upper and lower limits, each in order of time. None if no straight line fits between them.
    pub fn between(upper: &[Point], lower: &[Point]) -> Option<Self> {
        let count = (upper.len() + lower.len()) as f64;
        let middle = upper.iter().chain(lower).map(|point| point.x).sum::<f64>() / count;
        let all = Clouds::of(upper, lower)?;
        let belief = |steepness: f64| USUAL_WORTH_NS * (steepness / USUAL).powi(2);
        let widest = highest(-STEEPEST, STEEPEST, |steepness| all.width(steepness, middle) - belief(steepness));
        let mut corridor = Self { all, middle, steepness: widest };
        if corridor.width(widest) < 0.0 {
            return None;
        }
        // While the network was better, the corridor is narrow, whatever its steepness. So each half has a say: how far
        // the line is from the middle of what that half alone allows.
        let halves = halves(upper, lower);
        let (flattest, steepest) = (corridor.limit(-STEEPEST), corridor.limit(STEEPEST));
        corridor.steepness = highest(flattest, steepest, |steepness| {
            let (width, centre) = (corridor.width(steepness), corridor.all.centre(steepness, middle));
            let off = |half: &Clouds| {
                let off = half.centre(steepness, middle) - centre;
                off * off / half.width(steepness, middle).max(1.0)
            };
            width - belief(steepness) - halves.iter().map(off).sum::<f64>()
        });
        Some(corridor)
    }

    /// Nanoseconds of offset per nanosecond: the steepness of the widest corridor, weighing both halves.
    pub fn steepness(&self) -> f64 {
        self.steepness
    }

    /// The line in the middle of the corridor, at a time.
    pub fn centre(&self, x: f64) -> f64 {
        self.all.centre(self.steepness, x)
    }

    /// The minimum and maximum of all lines in the corridor at a time.
    pub fn bounds(&self, x: f64) -> (f64, f64) {
        let (flattest, steepest) = (self.limit(-STEEPEST), self.limit(STEEPEST));
        let up = highest(flattest, steepest, |steepness| self.all.ceiling(steepness, x));
        let down = highest(flattest, steepest, |steepness| -self.all.floor(steepness, x));
        (self.all.floor(down, x), self.all.ceiling(up, x))
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

    /// The width of the corridor at one steepness.
    fn width(&self, steepness: f64) -> f64 {
        self.all.width(steepness, self.middle)
    }
}

impl Clouds {
    /// None if one of them has no points.
    fn of(upper: &[Point], lower: &[Point]) -> Option<Self> {
        let clouds = Self { upper: corners(upper, 1.0), lower: corners(lower, -1.0) };
        (!clouds.upper.is_empty() && !clouds.lower.is_empty()).then_some(clouds)
    }

    /// The distance between the highest and the lowest line of one steepness; the same at any time.
    fn width(&self, steepness: f64, x: f64) -> f64 {
        self.ceiling(steepness, x) - self.floor(steepness, x)
    }

    /// The line of a steepness half-way between them, at a time.
    fn centre(&self, steepness: f64, x: f64) -> f64 {
        0.5 * (self.ceiling(steepness, x) + self.floor(steepness, x))
    }

    /// The highest line of a steepness below all upper limits, at a time.
    fn ceiling(&self, steepness: f64, x: f64) -> f64 {
        self.upper.iter().map(|point| point.y + steepness * (x - point.x)).fold(f64::INFINITY, f64::min)
    }

    /// The lowest line of a steepness above all lower limits, at a time.
    fn floor(&self, steepness: f64, x: f64) -> f64 {
        self.lower.iter().map(|point| point.y + steepness * (x - point.x)).fold(f64::NEG_INFINITY, f64::max)
    }
}

/// The older and the newer half, by time, without empty ones.
fn halves(upper: &[Point], lower: &[Point]) -> Vec<Clouds> {
    let (Some(first), Some(last)) = (upper.first(), lower.last()) else { return Vec::new() };
    let split = 0.5 * (first.x + last.x);
    let at = |points: &[Point]| points.partition_point(|point| point.x < split);
    let ((older_up, newer_up), (older_down, newer_down)) = (upper.split_at(at(upper)), lower.split_at(at(lower)));
    [Clouds::of(older_up, older_down), Clouds::of(newer_up, newer_down)].into_iter().flatten().collect()
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

/// The maximum of a concave function, by golden section (Kiefer 1953).
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
