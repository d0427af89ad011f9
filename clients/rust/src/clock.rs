//! The show's clock on this machine, from four time stamps at a time.
//!
//! A ping leaves at `sent` and its answer is back at `back`, both on this machine's clock; the daemon had it at
//! `received` and answered at `answered`, both in show time. Delays of packets and threads make stamps late, never
//! early, so each exchange proves two things: show time minus host time was at most `received - sent` when the ping
//! left, and at least `answered - back` when the answer arrived. A straight line of offset over host time (two quartz
//! clocks differ by an offset and a drift) must run between the two clouds of such points.
//!
//! The [`Follower`] takes the line in the middle of the corridor between the clouds over the last minute. It needs the
//! fastest packets of each direction, but not both in one exchange, unlike the usual choice by round trip. The [error
//! bound](Follower::error) is the distance between the lines that fit between the clouds; it includes the unmeasurable
//! difference between the fastest ways there and back.
//!
//! The [displayed](Follower::show) time never steps after the first moments: the clock runs slightly fast or slow until
//! it meets the line.

mod corridor;
mod follower;
mod key;
mod line;
mod pace;

pub use follower::Follower;
pub use key::Key;
pub use line::Line;
pub use pace::{Pace, pause};
