//! How much may be on its way to midir. Pure.
//!
//! Between two of JACK's cycles, midir keeps messages in a ring. When that is full it writes half of one, and reads nonsense
//! from then on; while JACK runs no cycles, it soon would be. So only so much is sent in a cycle.

/// Maximum of messages, a quarter of the ring: midir's client may run a cycle after the daemon's own.
const MESSAGES: usize = 512;
/// Maximum of bytes, also a quarter.
const BYTES: usize = 4096;

/// What was sent in the current cycle.
#[derive(Debug, Default)]
pub struct Flow {
    cycle: u64,
    messages: usize,
    bytes: usize,
}

impl Flow {
    /// Whether a message of this length may be sent in a cycle.
    pub fn takes(&mut self, cycle: u64, length: usize) -> bool {
        if self.cycle != cycle {
            *self = Self { cycle, ..Self::default() };
        }
        let has_room = self.messages < MESSAGES && self.bytes + length <= BYTES;
        if has_room {
            self.messages += 1;
            self.bytes += length;
        }
        has_room
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn while_jack_runs_no_cycles_only_so_much_is_sent() {
        let mut flow = Flow::default();
        let mut sent = |cycle, length| (0..10_000).filter(|_| flow.takes(cycle, length)).count();
        assert_eq!([sent(1, 3), sent(1, 3), sent(2, 3)], [512, 0, 512]);
        assert_eq!(sent(3, 22), 4096 / 22, "texts of displays");
    }
}
