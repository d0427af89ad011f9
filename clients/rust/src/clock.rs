//! The show's clock on this machine, from four time stamps at a time.
//!
//! A ping leaves at `sent` and its answer is back at `back`, both on this machine's clock; the daemon had it at
//! `received` and answered at `answered`, both in show time. Whatever delays a packet or a thread makes a stamp late and
//! never early, so each exchange proves two things: show time minus host time was at most `received - sent` when the
//! ping left, and at least `answered - back` when the answer was there. A straight line of offset over host time (two
//! quartz clocks differ by an offset and a drift) has to run between the two clouds of such points.
//!
//! The [`Follower`] takes the line in the middle of the corridor between the clouds over the last minute. It
//! needs the quickest packets of each direction, but not both in one exchange, which the usual choice by round trip
//! does. How far the lines that fit between the clouds lie apart is the [stated error](Follower::error): a difference
//! between the quickest ways there and back cannot be seen by anybody and is inside it.
//!
//! What is [shown](Follower::show) never steps after the first moments: the clock runs a little faster or slower until
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
