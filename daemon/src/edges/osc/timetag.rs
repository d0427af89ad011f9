//! OSC time tags: NTP time of day, converted to and from this machine's monotonic clock.

use crate::clock::host_now;
use downbeat_protocol::HostTime;
use rosc::OscTime;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Nanoseconds from the machine's monotonic clock to the time of day since 1970.
///
/// The time of day is read between two readings of the monotonic clock and compared with their middle; of a few
/// attempts the closest pair counts, so that preemption in between does no harm.
pub fn wall_offset() -> i64 {
    let reading = || {
        let before = host_now();
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as i64);
        let width = host_now().since(before);
        (width, wall - before.offset(width / 2).0)
    };
    let narrowest = [reading(), reading(), reading()].into_iter().min_by_key(|(width, _)| *width);
    narrowest.map_or(0, |(_, offset)| offset)
}

/// The time tag of a moment, given the [`wall_offset`]. Times before 1970 or after 2036 become "at once".
pub fn tag(at: HostTime, wall_offset: i64) -> OscTime {
    let since_1970 = u64::try_from(at.0.saturating_add(wall_offset)).unwrap_or(0);
    OscTime::try_from(UNIX_EPOCH + Duration::from_nanos(since_1970)).unwrap_or(super::encode::IMMEDIATE)
}

/// The moment of a time tag; `None` for "at once" and times before 1970.
pub fn moment(tag: OscTime, wall_offset: i64) -> Option<HostTime> {
    /// Seconds from 1900, where NTP begins, to 1970 (RFC 5905).
    const UNIX: u32 = 2_208_988_800;
    let seconds = i64::from(tag.seconds.checked_sub(UNIX)?);
    let nanoseconds = (i64::from(tag.fractional) * 1_000_000_000) >> 32;
    Some(HostTime(seconds * 1_000_000_000 + nanoseconds - wall_offset))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edges::osc::encode::IMMEDIATE;

    #[test]
    fn a_moment_survives_the_way_through_a_time_tag() {
        let offset = 1_700_000_000_123_456_789;
        let at = HostTime(98_765_432_101);
        let back = moment(tag(at, offset), offset).expect("a time");
        assert!(back.since(at).abs() < 5, "{back:?}");
    }

    #[test]
    fn at_once_is_no_moment() {
        assert_eq!(moment(IMMEDIATE, 0), None);
    }

    #[test]
    fn the_two_clocks_are_bracketed_within_a_millisecond() {
        assert!((wall_offset() - wall_offset()).abs() < 1_000_000);
    }
}
