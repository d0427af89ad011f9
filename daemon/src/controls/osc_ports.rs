//! Where controls take OSC, for those who tell others.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The UDP ports at which controls take OSC now, by the names of the controls. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct OscPorts(Arc<Mutex<BTreeMap<String, u16>>>);

impl OscPorts {
    /// A control takes OSC at a port from now on.
    pub fn enter(&self, control: &str, port: u16) {
        self.lock().insert(control.to_owned(), port);
    }

    /// A control is gone.
    pub fn remove(&self, control: &str) {
        self.lock().remove(control);
    }

    /// The port of the first control by name.
    pub fn first(&self) -> Option<u16> {
        self.lock().values().next().copied()
    }

    /// Whether a control takes OSC at a port.
    pub fn has(&self, port: u16) -> bool {
        self.lock().values().any(|own| *own == port)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, u16>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_control_by_name_is_told_as_long_as_it_is_there() {
        let ports = OscPorts::default();
        ports.enter("tablet", 9000);
        ports.enter("desk", 9002);
        assert_eq!(ports.clone().first(), Some(9002));
        assert!(ports.has(9000) && !ports.has(9001));
        ports.enter("desk", 9004);
        assert_eq!(ports.first(), Some(9004), "it has moved");
        ports.remove("desk");
        assert_eq!(ports.first(), Some(9000));
        ports.remove("tablet");
        assert_eq!(ports.first(), None);
    }
}
