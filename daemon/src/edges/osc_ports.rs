//! Where controls take OSC, for those who tell others.

use super::own::is_own;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The addresses at which controls take OSC now, by the names of the controls. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct OscPorts(Arc<Mutex<BTreeMap<String, SocketAddr>>>);

impl OscPorts {
    /// A control takes OSC at an address from now on.
    pub fn enter(&self, control: &str, at: SocketAddr) {
        self.lock().insert(control.to_owned(), at);
    }

    /// A control is gone.
    pub fn remove(&self, control: &str) {
        self.lock().remove(control);
    }

    /// The port of the first control by name.
    pub fn first(&self) -> Option<u16> {
        self.lock().values().next().map(SocketAddr::port)
    }

    /// Whether a control takes OSC at a port.
    pub fn has(&self, port: u16) -> bool {
        self.lock().values().any(|own| own.port() == port)
    }

    /// The control that would get what is sent to an address.
    pub fn control_at(&self, to: SocketAddr) -> Option<String> {
        let ip = to.ip().to_canonical();
        let gets = |own: &SocketAddr| match own.ip().to_canonical() {
            at if at.is_unspecified() => is_own(ip),
            // A target of no address is this machine.
            at => at == ip || ip.is_unspecified() && at.is_loopback(),
        };
        let found = |own: &SocketAddr| own.port() == to.port() && gets(own);
        self.lock().iter().find(|(_, own)| found(own)).map(|(name, _)| name.clone())
    }

    /// Refuses to send to a control of this daemon, which would take it for commands.
    ///
    /// # Errors
    /// The address is that of a control; the error says what to do.
    pub fn refuse(&self, to: SocketAddr) -> Result<(), String> {
        let Some(name) = self.control_at(to) else { return Ok(()) };
        Err(format!(
            "{to} is this daemon's own [control.{name}]: it would take what it tells for commands. Send to the port of \
             another program, or give the control another `listen`"
        ))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, SocketAddr>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(address: &str) -> SocketAddr {
        address.parse().expect("an address")
    }

    #[test]
    fn the_first_control_by_name_is_told_as_long_as_it_is_there() {
        let ports = OscPorts::default();
        ports.enter("tablet", at("0.0.0.0:9000"));
        ports.enter("desk", at("0.0.0.0:9002"));
        assert_eq!(ports.clone().first(), Some(9002));
        assert!(ports.has(9000) && !ports.has(9001));
        ports.enter("desk", at("0.0.0.0:9004"));
        assert_eq!(ports.first(), Some(9004), "it has moved");
        ports.remove("desk");
        assert_eq!(ports.first(), Some(9000));
        ports.remove("tablet");
        assert_eq!(ports.first(), None);
    }

    #[test]
    fn what_would_reach_a_control_is_refused_and_its_neighbours_are_not() {
        let ports = OscPorts::default();
        ports.enter("tablet", at("[::]:9000"));
        ports.enter("desk", at("127.0.0.1:9002"));
        for own in ["127.0.0.1:9000", "[::1]:9000", "0.0.0.0:9000", "[::ffff:127.0.0.1]:9002", "0.0.0.0:9002"] {
            assert!(ports.refuse(at(own)).is_err(), "{own}");
        }
        for other in ["127.0.0.1:9001", "192.0.2.10:9000", "127.0.0.2:9002", "192.0.2.10:9002"] {
            assert_eq!(ports.refuse(at(other)), Ok(()), "{other}");
        }
    }
}
