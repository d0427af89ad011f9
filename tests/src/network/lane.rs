//! One way of a link, in virtual time.

use super::Conditions;
use fastrand::Rng;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Frames that may wait; more are lost, as they would be in a switch.
const ROOM: usize = 10_000;

/// Frames on their way.
pub struct Lane {
    rng: Rng,
    /// By when they are due; those that came first, first.
    waiting: BinaryHeap<Reverse<(i64, u64, Vec<u8>)>>,
    came: u64,
    /// The last one that keeps the order is due then.
    last: i64,
    /// When the line is free to send another frame.
    free: i64,
    lost: u64,
}

impl Lane {
    /// A way on which chance is as a seed says.
    pub fn new(seed: u64) -> Self {
        Self { rng: Rng::with_seed(seed), waiting: BinaryHeap::new(), came: 0, last: i64::MIN, free: i64::MIN, lost: 0 }
    }

    /// A frame sets out.
    pub fn enter(&mut self, frame: &[u8], conditions: &Conditions, now: i64) {
        let mut happens = |share: f64| share > 0.0 && self.rng.f64() < share;
        let lost = conditions.cut || happens(conditions.loss) || self.waiting.len() >= ROOM;
        let (twice, overtakes, bursts) =
            (happens(conditions.duplicate), happens(conditions.overtake), happens(conditions.burst.0));
        if lost {
            self.lost += 1;
            return;
        }
        let mut due = now;
        if conditions.rate > 0.0 {
            self.free = self.free.max(now) + (8e9 * frame.len() as f64 / conditions.rate) as i64;
            due = self.free;
        }
        due += conditions.delay as i64;
        if !overtakes {
            let late = -self.rng.f64().max(1e-12).ln() * conditions.jitter;
            let burst = if bursts { self.rng.f64() * conditions.burst.1 } else { 0.0 };
            due = (due + (late + burst) as i64).max(self.last);
            self.last = due;
        }
        for _ in 0..1 + usize::from(twice) {
            self.waiting.push(Reverse((due, self.came, frame.to_vec())));
            self.came += 1;
        }
    }

    /// A frame that has arrived by now.
    pub fn leave(&mut self, now: i64) -> Option<Vec<u8>> {
        let arrived = self.next().is_some_and(|due| due <= now);
        arrived.then(|| self.waiting.pop()).flatten().map(|Reverse((.., frame))| frame)
    }

    /// When the next frame arrives.
    pub fn next(&self) -> Option<i64> {
        self.waiting.peek().map(|Reverse((due, ..))| *due)
    }

    /// How many were lost.
    pub fn lost(&self) -> u64 {
        self.lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: i64 = 1_000_000;

    /// Sends a frame of so many bytes every millisecond; which arrived, and when.
    fn arrivals(conditions: Conditions, count: u16, bytes: usize) -> Vec<(u16, i64)> {
        let mut lane = Lane::new(7);
        for number in 0..count {
            let mut frame = number.to_be_bytes().to_vec();
            frame.resize(bytes, 0);
            lane.enter(&frame, &conditions, i64::from(number) * MS);
        }
        let mut arrivals = Vec::new();
        while let Some(due) = lane.next() {
            assert_eq!(lane.leave(due - 1), None);
            arrivals.extend(lane.leave(due).map(|frame| (u16::from_be_bytes([frame[0], frame[1]]), due)));
        }
        assert_eq!(lane.lost() as usize + arrivals.len(), usize::from(count) + duplicates(&arrivals));
        arrivals
    }

    fn duplicates(arrivals: &[(u16, i64)]) -> usize {
        let mut numbers: Vec<u16> = arrivals.iter().map(|(number, _)| *number).collect();
        numbers.sort_unstable();
        numbers.windows(2).filter(|pair| pair[0] == pair[1]).count()
    }

    fn in_order(arrivals: &[(u16, i64)]) -> bool {
        arrivals.windows(2).all(|pair| pair[0].0 <= pair[1].0)
    }

    #[test]
    fn delay_and_jitter_are_as_asked_and_keep_the_order() {
        let still = arrivals(Conditions { delay: 5e6, ..Conditions::default() }, 50, 64);
        assert!(still.iter().all(|(number, at)| *at == i64::from(*number) * MS + 5 * MS));
        let jittery = arrivals(Conditions { delay: 5e6, jitter: 0.2e6, ..Conditions::default() }, 5_000, 64);
        let late: i64 = jittery.iter().map(|(number, at)| at - i64::from(*number) * MS - 5 * MS).sum();
        assert!(in_order(&jittery));
        assert!((late / 5_000 - MS / 5).abs() < MS / 50, "{late}");
    }

    #[test]
    fn frames_are_lost_doubled_and_overtake_as_often_as_asked() {
        let lossy = arrivals(Conditions { loss: 0.1, ..Conditions::default() }, 10_000, 64);
        assert!((8_850..=9_150).contains(&lossy.len()), "{}", lossy.len());
        let doubled = arrivals(Conditions { duplicate: 0.1, ..Conditions::default() }, 5_000, 64);
        assert!((420..=580).contains(&duplicates(&doubled)), "{}", duplicates(&doubled));
        let mixed = arrivals(Conditions { jitter: 5e6, overtake: 0.1, ..Conditions::default() }, 1_000, 64);
        assert!(!in_order(&mixed));
        assert!(arrivals(Conditions { cut: true, ..Conditions::default() }, 10, 64).is_empty());
    }

    #[test]
    fn a_rate_lets_frames_pass_one_after_the_other() {
        // 1250 bytes are 10 ms at 1 Mbit/s.
        let slow = arrivals(Conditions { rate: 1e6, ..Conditions::default() }, 20, 1_250);
        assert!(slow.iter().all(|(number, at)| *at == (i64::from(*number) + 1) * 10 * MS), "{slow:?}");
    }
}
