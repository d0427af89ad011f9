//! MIDI learn: picks the next element that really moves. Pure.

use super::slot::Gesture;
use std::collections::BTreeMap;

/// Distance from which a fader counts as moved, so that jitter does not.
const FAR: f64 = 3.0 / 127.0;

/// The state of learning.
#[derive(Clone, Debug, Default)]
pub struct Learning {
    address: String,
    /// An element was found, but the show has not confirmed it yet.
    found: bool,
    /// The first position of each fader.
    first: BTreeMap<String, f64>,
}

impl Learning {
    /// Sets the address to learn; empty for none.
    pub fn set(&mut self, address: &str) {
        if self.address != address {
            *self = Self { address: address.into(), ..Self::default() };
        }
    }

    /// The address to learn, if any.
    pub fn address(&self) -> Option<&str> {
        (!self.address.is_empty()).then_some(&self.address)
    }

    /// Whether a moved element is the one to learn.
    pub fn finds(&mut self, element: &str, gesture: Gesture) -> bool {
        let moved = match gesture {
            Gesture::Moved(to) => (to - *self.first.entry(element.into()).or_insert(to)).abs() >= FAR,
            Gesture::Turned(steps) => steps != 0.0,
            Gesture::Pressed(down) => down,
        };
        let finds = moved && !self.found;
        self.found |= finds;
        finds
    }

    /// The show refused the element.
    pub fn again(&mut self) {
        self.found = false;
        self.first.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learning() -> Learning {
        let mut learning = Learning::default();
        learning.set("/param/glow");
        learning
    }

    #[test]
    fn a_fader_that_trembles_is_not_the_one_that_is_meant() {
        let mut learning = learning();
        let finds = [0.5, 0.51, 0.49, 0.5].map(|to| learning.finds("fader.1", Gesture::Moved(to)));
        assert_eq!(finds, [false; 4]);
        assert!(!learning.finds("fader.2", Gesture::Moved(0.9)), "where it is first is not a movement");
        assert!(learning.finds("fader.2", Gesture::Moved(0.8)));
    }

    #[test]
    fn only_one_element_is_found_for_each_address() {
        let mut learning = learning();
        assert!(!learning.finds("pad.1", Gesture::Pressed(false)), "let go");
        assert!(learning.finds("pad.1", Gesture::Pressed(true)));
        assert!(!learning.finds("pad.2", Gesture::Pressed(true)));
        learning.set("/param/hue");
        assert!(learning.finds("pad.2", Gesture::Pressed(true)));
    }
}
