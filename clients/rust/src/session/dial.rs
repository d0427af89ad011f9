//! Sockets and TLS: how this client reaches a daemon.

use super::dial_error::DialError;
use super::discovery::Discovery;
use super::place::{Address, Place};
use downbeat_peer::identity::{Identity, tls};
use quinn::{
    ClientConfig, Connection, ConnectionError, Endpoint, EndpointConfig, TokioRuntime, TransportConfig, VarInt,
};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// Time limit of one attempt. Initial packets are repeated within it.
const ATTEMPT: Duration = Duration::from_secs(1);
/// Silence after which a daemon counts as gone. (QUIC has no limit by default: RFC 9000, 10.1.)
const IDLE_MS: u32 = 1_000;
/// Keep-alive interval, so that a few lost packets do not count as death.
const KEEP_ALIVE: Duration = Duration::from_millis(200);
/// Initial estimate of the round trip: the first retransmission comes after three times as long, each later one after
/// twice the previous time. The standard's 333 ms are for the internet; with this value a link that comes back during
/// an attempt waits at most a third of a second for the next packet. On slower links some packets are sent twice.
const INITIAL_RTT: Duration = Duration::from_millis(15);
/// Room for datagrams waiting to be sent. Pings are small; old ones are useless.
const DATAGRAMS: usize = 8 * 1024;
/// TLS alert `no_application_protocol` (RFC 7301) as QUIC carries it (RFC 9001, 4.8).
const NO_APPLICATION_PROTOCOL: u64 = 0x100 + 120;

/// Resolves the daemon and connects to one of its addresses: a different one on each attempt, IPv4 first.
pub async fn dial(
    place: &Place,
    identity: &Identity,
    discovery: &mut Option<Discovery>,
    attempt: usize,
) -> Result<(Endpoint, Connection), DialError> {
    let addresses = match &place.address {
        Address::Named(server) => look_up(server).await?,
        Address::Announced(show) => discover(discovery, show.as_deref()).await?,
    };
    let address = addresses[attempt % addresses.len()];
    let socket = place.socket(address)?;
    let endpoint = Endpoint::new(EndpointConfig::default(), None, socket, Arc::new(TokioRuntime))?;
    let failed = |error: &dyn std::fmt::Display| DialError::Failed(address, error.to_string());
    let connecting =
        endpoint.connect_with(client_config(identity)?, address, tls::SERVER_NAME).map_err(|error| failed(&error))?;
    match tokio::time::timeout(ATTEMPT, connecting).await {
        Ok(Ok(connection)) => Ok((endpoint, connection)),
        Err(_) | Ok(Err(ConnectionError::TimedOut)) => Err(DialError::Silent(address)),
        Ok(Err(ConnectionError::VersionMismatch)) => Err(DialError::Stranger(address)),
        Ok(Err(ConnectionError::ConnectionClosed(close))) if u64::from(close.error_code) == NO_APPLICATION_PROTOCOL => {
            Err(DialError::Stranger(address))
        }
        Ok(Err(error)) => Err(failed(&error)),
    }
}

/// At least one address.
async fn look_up(server: &str) -> Result<Vec<SocketAddr>, DialError> {
    let lookup = |source| DialError::Lookup { server: server.into(), source };
    let found = tokio::time::timeout(ATTEMPT, tokio::net::lookup_host(server));
    let found = found.await.map_err(|late| lookup(late.into()))?.map_err(lookup)?;
    let mut addresses: Vec<SocketAddr> = found.collect();
    addresses.sort_by_key(SocketAddr::is_ipv6);
    if addresses.is_empty() { Err(DialError::NoAddress(server.into())) } else { Ok(addresses) }
}

/// At least one address. Keeps listening for announcements while `discovery` is kept.
async fn discover(discovery: &mut Option<Discovery>, show: Option<&str>) -> Result<Vec<SocketAddr>, DialError> {
    let discovery = match discovery {
        Some(discovery) => discovery,
        None => discovery.insert(Discovery::start().map_err(|error| DialError::Discovery(error.to_string()))?),
    };
    let addresses = discovery.find(show).await;
    let of = || show.map_or(String::new(), |show| format!(" of the show `{show}`"));
    if addresses.is_empty() { Err(DialError::Unannounced(of())) } else { Ok(addresses) }
}

fn client_config(identity: &Identity) -> Result<ClientConfig, DialError> {
    let crypto = tls::client(identity).map_err(|error| DialError::Tls(error.to_string()))?;
    let mut transport = TransportConfig::default();
    transport
        .max_idle_timeout(Some(VarInt::from_u32(IDLE_MS).into()))
        .keep_alive_interval(Some(KEEP_ALIVE))
        .initial_rtt(INITIAL_RTT)
        .datagram_send_buffer_size(DATAGRAMS)
        .max_concurrent_bidi_streams(VarInt::from_u32(0))
        .max_concurrent_uni_streams(VarInt::from_u32(1));
    let mut config = ClientConfig::new(Arc::new(crypto));
    config.transport_config(Arc::new(transport));
    Ok(config)
}
