//! Lost rows: up to where all have arrived, and which to request.

use super::GIVE_UP;
use super::ring::{Obstacle, Ring};
use downbeat_protocol::datagram::Want;
use downbeat_protocol::{HostTime, ShowTime};

/// Interval for requesting the same rows: longer than the round trip on most networks.
const AGAIN_NS: i64 = 15_000_000;
/// Requests at a time, and rows in each: two or three datagrams.
const QUESTIONS: usize = 4;
const ROWS: u8 = 8;

/// The requests so far, and up to where everything has arrived.
#[derive(Debug, Default)]
pub struct Repair {
    asked: Option<HostTime>,
    /// Everything up to this moment has arrived.
    reached: Option<ShowTime>,
}

impl Repair {
    /// Advances while nothing is missing. Returns the moment it advanced from, if it did.
    pub fn advance(&mut self, ring: &Ring) -> Option<ShowTime> {
        let newest = ring.newest()?.time;
        let before = *self.reached.get_or_insert(newest);
        if newest <= before {
            return None;
        }
        let given_up = newest.since(before) > GIVE_UP.as_nanos() as i64;
        // Just before the newest row is the last moment between two rows.
        match ring.obstacle(before, newest.offset(-1)) {
            Some(Obstacle::Hole(..) | Obstacle::Ahead) if !given_up => return None,
            _ => self.reached = Some(newest),
        }
        Some(before)
    }

    /// The requests to make now.
    pub fn wants(&mut self, ring: &Ring, term: u32, now: HostTime) -> Vec<Want> {
        if self.asked.is_some_and(|asked| now.since(asked) < AGAIN_NS) {
            return Vec::new();
        }
        let pieces = ring.holes().flat_map(|hole| {
            let (from, to) = hole.into_inner();
            (from..=to).step_by(usize::from(ROWS)).map(move |first| {
                let count = (to - first + 1).min(u64::from(ROWS)) as u8;
                Want { term, first, count }
            })
        });
        let wants: Vec<Want> = pieces.take(QUESTIONS).collect();
        if !wants.is_empty() {
            self.asked = Some(now);
        }
        wants
    }
}
