//! Which frame is due. Pure: frames are counted in show time, so that frame k is the same picture on every node.

use downbeat_protocol::ShowTime;

/// Issues frame numbers, each at most once and never late: frames too late to draw are dropped.
#[derive(Clone, Debug)]
pub struct Schedule {
    fps: u32,
    every: u32,
    last: Option<i64>,
    /// Frames that were due but not issued.
    pub dropped: u64,
}

/// The next step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// Draw this frame.
    Frame(i64),
    /// Nothing before this moment.
    At(ShowTime),
}

/// A gap beyond this is another show rather than a slow node.
const LATE_S: i64 = 5;
/// Within a show the clock never runs backwards; small steps back are tolerated, without showing a frame twice.
const BACK_NS: i64 = 500_000_000;

impl Schedule {
    /// Frames at `fps` per second, of which only multiples of `every` count. Both at least 1.
    pub fn new(fps: u32, every: u32) -> Self {
        Self { fps: fps.max(1), every: every.max(1), last: None, dropped: 0 }
    }

    /// The moment of a frame.
    pub fn time_of(&self, frame: i64) -> ShowTime {
        let ns = i128::from(frame) * 1_000_000_000 / i128::from(self.fps);
        ShowTime(i64::try_from(ns).unwrap_or(i64::MAX))
    }

    /// The frame to draw now, or when to ask again.
    pub fn due(&mut self, now: ShowTime) -> Due {
        let every = i64::from(self.every);
        let newest = self.newest(now).div_euclid(every) * every;
        if let Some(last) = self.last {
            if newest <= last && self.time_of(last).since(now) <= BACK_NS {
                return Due::At(self.time_of(last + every));
            }
            if newest > last && newest - last <= LATE_S * i64::from(self.fps).max(every) {
                self.dropped += ((newest - last) / every - 1) as u64;
            }
        }
        self.last = Some(newest);
        Due::Frame(newest)
    }

    /// The last frame whose moment has come.
    fn newest(&self, now: ShowTime) -> i64 {
        let fps = i128::from(self.fps);
        let frame = (i128::from(now.0) * fps).div_euclid(1_000_000_000) as i64;
        // A frame's moment is rounded down to a nanosecond, so it may come slightly before the division's result.
        if self.time_of(frame + 1) <= now { frame + 1 } else { frame }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_frame_is_given_out_once_at_its_moment() {
        let mut schedule = Schedule::new(30, 1);
        let start = schedule.time_of(100);
        assert_eq!(schedule.due(start), Due::Frame(100));
        assert_eq!(schedule.due(start), Due::At(schedule.time_of(101)));
        assert_eq!(schedule.due(schedule.time_of(101).offset(-1)), Due::At(schedule.time_of(101)));
        assert_eq!(schedule.due(schedule.time_of(101)), Due::Frame(101));
        assert_eq!(schedule.dropped, 0);
    }

    #[test]
    fn a_slow_node_skips_frames_and_counts_them_but_is_never_behind() {
        let mut schedule = Schedule::new(30, 1);
        schedule.due(schedule.time_of(100));
        assert_eq!(schedule.due(schedule.time_of(104)), Due::Frame(104));
        assert_eq!(schedule.dropped, 3);
    }

    #[test]
    fn only_multiples_count_when_each_nth_frame_is_wanted() {
        let mut schedule = Schedule::new(30, 15);
        assert_eq!(schedule.due(schedule.time_of(107)), Due::Frame(105));
        assert_eq!(schedule.due(schedule.time_of(119)), Due::At(schedule.time_of(120)));
        assert_eq!(schedule.due(schedule.time_of(151)), Due::Frame(150));
        assert_eq!(schedule.dropped, 2);
    }

    #[test]
    fn a_new_show_clock_is_followed_at_once_and_is_no_drop() {
        let mut schedule = Schedule::new(60, 1);
        schedule.due(schedule.time_of(100_000));
        assert_eq!(schedule.due(schedule.time_of(40)), Due::Frame(40));
        assert_eq!(schedule.due(schedule.time_of(900_000)), Due::Frame(900_000));
        assert_eq!(schedule.dropped, 0);
        assert_eq!(schedule.due(schedule.time_of(899_960)), Due::Frame(899_960));
        // A small correction of the clock is waited out: no frame is shown twice.
        assert_eq!(schedule.due(schedule.time_of(899_950)), Due::At(schedule.time_of(899_961)));
    }
}
