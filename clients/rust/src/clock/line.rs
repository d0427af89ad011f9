//! Show time over host time, in straight pieces without steps.

use downbeat_protocol::{HostTime, ShowTime};

/// The display of a clock: one rate until a moment, another from there to a second moment, then a third.
///
/// Rates are the gain of show time on this machine's clock, in nanoseconds per nanosecond, all small against 1: so time
/// never stops or runs back. Cheap to copy, so that a renderer reads it without a lock.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Line {
    bend: Knee,
    end: Knee,
    rates: [f64; 3],
}

/// A moment on both clocks.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Knee {
    host: HostTime,
    show: ShowTime,
}

impl Line {
    /// Straight through a point.
    pub fn through(host: HostTime, show: ShowTime, rate: f64) -> Self {
        let knee = Knee { host, show };
        Self { bend: knee, end: knee, rates: [rate; 3] }
    }

    /// The same until `host`; from there at `rate` for this many nanoseconds; then at `after`.
    pub fn bent(&self, host: HostTime, rate: f64, for_ns: i64, after: f64) -> Self {
        let bend = Knee { host, show: self.show(host) };
        let end = Knee { host: host.offset(for_ns), show: bend.show.offset(gained(for_ns, rate)) };
        Self { bend, end, rates: [self.rate(host), rate, after] }
    }

    /// Show time at a moment of this machine.
    pub fn show(&self, host: HostTime) -> ShowTime {
        let from = if host < self.end.host { self.bend } else { self.end };
        from.show.offset(gained(host.since(from.host), self.rate(host)))
    }

    /// The moment of this machine at a show time. Inverse of [`show`](Self::show) to within two nanoseconds.
    pub fn host(&self, show: ShowTime) -> HostTime {
        let from = if show < self.end.show { self.bend } else { self.end };
        let rate = self.rates[if show < self.bend.show { 0 } else { 1 + usize::from(show >= self.end.show) }];
        // Only the difference between the clocks is scaled: it stays exact to the nanosecond for days.
        from.host.offset(gained(show.since(from.show), -rate / (1.0 + rate)))
    }

    /// What show time gains at a moment.
    fn rate(&self, host: HostTime) -> f64 {
        self.rates[if host < self.bend.host { 0 } else { 1 + usize::from(host >= self.end.host) }]
    }
}

/// The gain of a clock with a rate after this many nanoseconds.
fn gained(ns: i64, rate: f64) -> i64 {
    ns.saturating_add((ns as f64 * rate).round() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_bent_line_is_continuous_and_runs_forward(
            at in 0i64..1_000_000_000_000, first in -0.01f64..0.01, second in -0.01f64..0.01, step in 1i64..1_000_000_000,
        ) {
            let line = Line::through(HostTime(0), ShowTime(77), first).bent(HostTime(at), second, step, first);
            for knee in [at, at + step] {
                let around = [knee - step, knee - 1, knee, knee + 1, knee + step].map(|host| line.show(HostTime(host)).0);
                prop_assert!(around.windows(2).all(|pair| pair[0] <= pair[1]), "{around:?}");
                prop_assert!(around[3] - around[1] <= 4, "{around:?}");
            }
        }

        #[test]
        fn a_moment_found_by_its_show_time_is_the_same_moment(
            host in -1_000_000_000_000i64..1_000_000_000_000, rate in -0.01f64..0.01, turn in 0i64..1_000_000_000,
        ) {
            let line = Line::through(HostTime(0), ShowTime(5), rate).bent(HostTime(turn), -rate, 2 * turn, rate);
            prop_assert!((line.host(line.show(HostTime(host))).0 - host).abs() <= 2);
        }
    }
}
