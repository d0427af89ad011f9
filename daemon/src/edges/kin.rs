//! The addresses from which machines have shown that they belong to the rig: they are paired, or let in.

use downbeat_protocol::HostTime;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Maximum of addresses; one more takes the place of the one that came first.
const MOST: usize = 512;

/// The addresses, and when each was last noted. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Kin(Arc<Mutex<HashMap<IpAddr, HostTime>>>);

impl Kin {
    /// A machine of the rig has come from an address.
    pub fn note(&self, address: IpAddr, now: HostTime) {
        let (mut known, address) = (self.lock(), address.to_canonical());
        if known.len() >= MOST && !known.contains_key(&address) {
            let oldest = known.iter().min_by_key(|(_, noted)| **noted).map(|(address, _)| *address);
            oldest.and_then(|oldest| known.remove(&oldest));
        }
        known.insert(address, now);
    }

    /// Whether one has.
    pub fn has(&self, address: IpAddr) -> bool {
        self.lock().contains_key(&address.to_canonical())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, HostTime>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_are_remembered() {
        let (kin, address) = (Kin::default(), |number: u32| IpAddr::from((0xC000_0200 + number).to_be_bytes()));
        (0..=MOST as u32).for_each(|number| kin.note(address(number), HostTime(number.into())));
        assert!(!kin.has(address(0)) && kin.has(address(1)) && kin.has(address(MOST as u32)));
        assert!(kin.has("::ffff:192.0.2.1".parse().expect("an address")));
        assert_eq!(kin.lock().len(), MOST);
    }
}
