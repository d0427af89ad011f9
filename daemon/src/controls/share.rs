//! How much of the room at the door each peer may fill.
//!
//! The door is emptied at every hop, as far as there is time for that. Until then, no host takes more than half of
//! it, all whose address may be forged no more than half together, and the last quarter is for those who have taken little:
//! there is always room for the operator.

use crate::door::{Door, Shut};
use downbeat_protocol::{Command, Trust};
use std::collections::HashMap;

/// Maximum of peers that are counted; more share what is left.
const PEERS: usize = 1_024;
/// Who has taken less than this part of the room has taken little.
const LITTLE: usize = 32;

/// What each host has put through the door since that was last emptied.
#[derive(Debug, Default)]
pub struct Shares {
    taken: HashMap<String, usize>,
    /// How many commands waited after the last one.
    waiting: usize,
}

impl Shares {
    /// Sends a command through the door, if its sender has room left there. The error is for the sender.
    ///
    /// # Errors
    /// If the sender's share or the door is full, or nobody is behind it any more.
    pub fn send(&mut self, door: &Door, command: Command) -> Result<(), String> {
        let waiting = door.len();
        if waiting == 0 || waiting < self.waiting {
            self.taken.clear();
        }
        let room = door.room();
        // More connections or ports of one host have no more room.
        let is_unproven = Command::trust(&command.from) == Trust::Unproven;
        let key = if is_unproven { "".into() } else { Command::machine(&command.from) };
        let most = (room / 2).max(1);
        let taken = self.taken.get(&*key).copied().unwrap_or(0);
        let is_late = waiting >= room - room / 4 && taken >= (room / LITTLE).max(1);
        let is_full = taken >= most || (is_unproven && waiting >= most);
        if is_full || is_late || self.taken.len() >= PEERS {
            self.waiting = waiting;
            return Err("too many commands at once; this one was dropped".into());
        }
        let key = key.into_owned();
        door.send(command).map_err(|shut| match shut {
            Shut::Full => "the show is busy; the command was dropped".to_owned(),
            Shut::Closed => "the show has ended".to_owned(),
        })?;
        *self.taken.entry(key).or_default() += 1;
        self.waiting = door.len();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::door::door;
    use downbeat_protocol::{Action, When};

    fn from(name: &str) -> Command {
        Command { what: Action::Tap, when: When::Now, from: name.into() }
    }

    #[test]
    fn one_that_fills_its_share_leaves_room_for_others_until_the_door_is_emptied() {
        let (door, mut commands) = door(16);
        let mut shares = Shares::default();
        let flood = (0..100).filter(|_| shares.send(&door, from("osc:192.0.2.66:1")).is_ok()).count();
        assert_eq!(flood, 8);
        assert!(shares.send(&door, from("osc:192.0.2.7:1")).is_ok());
        while commands.next(false).is_some() {}
        assert!(shares.send(&door, from("osc:192.0.2.66:1")).is_ok());
    }

    #[test]
    fn two_hosts_with_many_connections_each_do_not_fill_the_door() {
        let (door, mut commands) = door(512);
        let mut shares = Shares::default();
        for hop in 0..3 {
            for number in 0..2_000 {
                let _ = shares.send(&door, from(&format!("osc:192.0.2.{}:{}", 66 + number % 2, number / 100)));
            }
            for number in 0..16 {
                assert!(shares.send(&door, from("osc:192.0.2.7:1")).is_ok(), "command {number} in hop {hop}");
            }
            while commands.next(false).is_some() {}
        }
    }

    #[test]
    fn a_machine_with_many_addresses_fills_no_more_than_one_with_one() {
        let (door, _commands) = door(1_024);
        let mut shares = Shares::default();
        let flood = |number: usize| from(&format!("osc:[2001:db8::{:x}]:{number}", number % 600));
        assert_eq!((0..5_000).filter(|number| shares.send(&door, flood(*number)).is_ok()).count(), 512);
        assert!(shares.send(&door, from("osc:[2001:db8:0:1::7]:1")).is_ok(), "another machine");
    }

    #[test]
    fn forged_senders_take_half_together_however_many_they_are() {
        let (door, mut commands) = door(64);
        let mut shares = Shares::default();
        for hop in 0..10 {
            let forged =
                (0..200).filter(|it| shares.send(&door, from(&format!("osc:192.0.2.{it}:{hop}?"))).is_ok()).count();
            assert_eq!(forged, 32);
            assert!(shares.send(&door, from("osc:192.0.2.7:1")).is_ok(), "hop {hop}");
            while commands.next(false).is_some() {}
        }
    }
}
