//! Lost rows: up to where all have arrived, and which to ask for.

use super::GIVE_UP;
use super::ring::{Obstacle, Ring};
use downbeat_protocol::datagram::Want;
use downbeat_protocol::{HostTime, ShowTime};

/// How often to ask for the same rows: longer than the round trip on most networks.
const AGAIN_NS: i64 = 15_000_000;
/// Questions at a time, and rows in each: two or three datagrams.
const QUESTIONS: usize = 4;
const ROWS: u8 = 8;

/// What was asked, and how far everything is here.
#[derive(Debug, Default)]
pub struct Repair {
    asked: Option<HostTime>,
    /// Up to this moment nothing is missing.
    reached: Option<ShowTime>,
}

impl Repair {
    /// Goes on as far as nothing is missing. The moment from which it went on, when it did.
    pub fn advance(&mut self, ring: &Ring) -> Option<ShowTime> {
        let newest = ring.newest()?.time;
        let before = *self.reached.get_or_insert(newest);
        if newest <= before {
            return None;
        }
        let given_up = newest.since(before) > GIVE_UP.as_nanos() as i64;
        // Just before the newest row lies the last moment that is between two rows.
        match ring.obstacle(before, newest.offset(-1)) {
            Some(Obstacle::Hole(..) | Obstacle::Ahead) if !given_up => return None,
            _ => self.reached = Some(newest),
        }
        Some(before)
    }

    /// What to ask for now.
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
