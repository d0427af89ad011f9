//! The clock port of a server, bound or not: while another program has it, clients get the time over QUIC.

use super::NAME;
use super::clock_service::{ClockClients, ClockService, Running};
use super::settings::Settings;
use crate::clock::ShowClock;
use crate::dispatch::Health;
use downbeat_protocol::HostTime;
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

/// Pause between two tries to bind it.
const AGAIN: Duration = Duration::from_secs(1);

/// The clock port, unless it is switched off. Clients are told it even while it is not bound: they ask it now and then.
pub struct ServedClock {
    address: Option<SocketAddr>,
    /// Until it is served.
    bound: io::Result<UdpSocket>,
    service: Option<Running>,
    /// When to try again.
    retry: HostTime,
    pub clock_clients: ClockClients,
    pub clock: ShowClock,
}

impl ServedClock {
    /// Binds the configured port, or the one after QUIC's, or any free one.
    pub fn open(settings: &Settings, quic: SocketAddr, clock: ShowClock) -> Self {
        let after = quic.port().checked_add(1).unwrap_or(0);
        let at = |port: u16| SocketAddr::new(quic.ip(), port);
        let address = match settings.clock_port {
            Some(0) => None,
            Some(port) => Some(at(port)),
            None => Some(at(after)),
        };
        let bound = match settings.clock_port {
            Some(port) => UdpSocket::bind(at(port)),
            None => UdpSocket::bind(at(after)).or_else(|error| any(at(0), after, quic.port(), &error)),
        };
        // A port that the system chose is known by its socket only.
        let own = bound.as_ref().ok().and_then(|socket| socket.local_addr().ok());
        Self {
            address: address.map(|address| own.unwrap_or(address)),
            bound,
            service: None,
            retry: HostTime::ZERO,
            clock_clients: ClockClients::default(),
            clock,
        }
    }

    /// Its number; 0 if it is switched off.
    pub fn number(&self) -> u16 {
        self.address.map_or(0, |address| address.port())
    }

    /// When [`keep`](Self::keep) is next needed.
    pub fn wake_at(&self) -> HostTime {
        if self.address.is_none() || self.service.is_some() { HostTime(i64::MAX) } else { self.retry }
    }

    /// Serves it as soon as it is bound. Shows meanwhile why it is not.
    pub fn keep(&mut self, now: HostTime, health: &Arc<Health>) {
        let Some(address) = self.address.filter(|_| self.service.is_none() && now >= self.retry) else { return };
        let later = self.retry != HostTime::ZERO;
        self.retry = now + AGAIN;
        let bound = std::mem::replace(&mut self.bound, Err(io::ErrorKind::NotConnected.into()));
        let bound = if later { UdpSocket::bind(address) } else { bound };
        let (clock_clients, clock) = (self.clock_clients.clone(), self.clock.clone());
        let serve = |socket| ClockService { socket, clock_clients, clock, health: Arc::clone(health) }.start(NAME);
        match bound.and_then(serve) {
            Ok(service) => {
                self.service = Some(service);
                if later {
                    health.set_error(NAME, "");
                }
            }
            Err(error) => health.set_error(
                NAME,
                format!(
                    "cannot serve the clock on UDP port {} (`clock-port`; 0 switches it off): {error}; trying again until it \
                     works. Meanwhile clients get the time over QUIC, less accurately",
                    address.port()
                ),
            ),
        }
    }
}

/// Any free port in place of the usual one.
fn any(at: SocketAddr, usual: u16, quic: u16, error: &io::Error) -> io::Result<UdpSocket> {
    let free = UdpSocket::bind(at)?;
    let port = free.local_addr()?.port();
    tracing::warn!(
        "{NAME}: UDP port {usual}, the usual one for the clock after {quic}, is not free ({error}): the clock is served on \
         {port}. Clients are told so; a firewall has to let it through. `clock-port` names another one"
    );
    Ok(free)
}
