//! Places and labels of an axis' ticks.

use super::canvas::Area;

/// Seconds along the width of an area.
#[derive(Clone, Copy, Debug)]
pub struct TimeAxis {
    /// The left edge, in pixels.
    pub x: i32,
    /// In pixels.
    pub width: i32,
    /// The time at the left edge.
    pub from: f64,
    /// The seconds across the width.
    pub seconds: f64,
}

impl TimeAxis {
    /// An axis along an area, from the start of the file.
    pub fn along(area: Area, seconds: f64) -> Self {
        Self::from(area, 0.0, seconds)
    }

    /// An axis along an area, for this many seconds from a time.
    pub fn from(area: Area, from: f64, seconds: f64) -> Self {
        Self { x: area.x, width: area.width.max(1), from, seconds: seconds.max(1e-3) }
    }

    /// Whether a time is on it.
    pub fn holds(self, seconds: f64) -> bool {
        (0.0..self.seconds).contains(&(seconds - self.from))
    }

    /// The pixel column of a time.
    pub fn column(self, seconds: f64) -> i32 {
        self.x + (((seconds - self.from) / self.seconds * f64::from(self.width)) as i32).clamp(0, self.width - 1)
    }

    /// The seconds per pixel column.
    pub fn span(self, column: i32) -> (f64, f64) {
        let at = |column: i32| self.from + f64::from(column - self.x) / f64::from(self.width) * self.seconds;
        (at(column), at(column + 1))
    }

    /// Pixel columns from left to right.
    pub fn columns(self) -> std::ops::Range<i32> {
        self.x..self.x + self.width
    }

    /// Ticks at least `room` pixels apart: time and label.
    pub fn ticks(self, room: f64) -> Vec<(f64, String)> {
        const STEPS: [f64; 18] = [
            0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0,
        ];
        let least = self.seconds * room / f64::from(self.width);
        let step = STEPS.into_iter().find(|step| *step >= least).unwrap_or_else(|| (least / 3600.0).ceil() * 3600.0);
        let (first, last) = ((self.from / step).ceil() as i64, ((self.from + self.seconds) / step) as i64);
        (first..=last).map(|tick| (tick as f64 * step, clock(tick as f64 * step, step))).collect()
    }
}

/// A time in minutes and seconds, with as many decimals as steps of `step` seconds need.
pub fn clock(seconds: f64, step: f64) -> String {
    let decimals = if step >= 1.0 { 0 } else { (-step.log10()).ceil() as usize };
    // Rounded first, so that 59.96 is not written as 0:60.0.
    let grain = 10f64.powi(decimals as i32);
    let seconds = (seconds * grain).round() / grain;
    let minutes = (seconds / 60.0).floor();
    let rest = seconds - minutes * 60.0;
    let width = if decimals == 0 { 2 } else { decimals + 3 };
    let (hours, minutes) = ((minutes / 60.0).floor(), minutes % 60.0);
    if hours > 0.0 {
        format!("{hours}:{minutes:02}:{rest:0width$.decimals$}")
    } else {
        format!("{minutes}:{rest:0width$.decimals$}")
    }
}

/// Round numbers inside `low..=high`, about `count` of them.
pub fn round_numbers(low: f64, high: f64, count: usize) -> Vec<f64> {
    let raw = (high - low).max(1e-9) / count.max(1) as f64;
    let power = 10f64.powf(raw.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|factor| factor * power).find(|step| *step >= raw);
    let step = step.unwrap_or(10.0 * power);
    let first = (low / step).ceil() as i64;
    let last = (high / step).floor() as i64;
    (first..=last).map(|index| index as f64 * step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(seconds: f64) -> TimeAxis {
        TimeAxis::along(Area { x: 100, y: 0, width: 1000, height: 1 }, seconds)
    }

    #[test]
    fn ticks_keep_their_distance_and_read_as_a_clock() {
        let labels = |seconds| axis(seconds).ticks(90.0).into_iter().map(|(_, label)| label).collect::<Vec<_>>();
        assert_eq!(labels(90.0)[..3], ["0:00", "0:10", "0:20"]);
        assert_eq!(labels(4.0)[..3], ["0:00.0", "0:00.5", "0:01.0"]);
        assert_eq!(labels(7200.0)[..4], ["0:00", "30:00", "1:00:00", "1:30:00"]);
        assert_eq!(clock(59.96, 0.1), "1:00.0");
    }

    #[test]
    fn a_column_and_its_span_belong_together() {
        let axis = axis(90.0);
        for column in axis.columns() {
            let (from, to) = axis.span(column);
            assert_eq!(axis.column((from + to) / 2.0), column);
        }
    }

    #[test]
    fn an_axis_that_begins_later_has_its_own_ticks_and_moments() {
        let axis = TimeAxis::from(Area { x: 100, y: 0, width: 1000, height: 1 }, 22.5, 8.0);
        assert_eq!(axis.ticks(200.0).first().map(|(_, label)| label.as_str()), Some("0:24"));
        assert_eq!(axis.column(26.5), 600);
        assert!(axis.holds(22.5) && !axis.holds(22.4) && !axis.holds(30.5));
    }

    #[test]
    fn round_numbers_are_round() {
        assert_eq!(round_numbers(117.0, 143.0, 4), [120.0, 130.0, 140.0]);
        assert_eq!(round_numbers(0.0, 1.0, 2), [0.0, 0.5, 1.0]);
    }
}
