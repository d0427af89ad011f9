//! TLS and the limits of a connection.

use super::window::FixedWindowFactory;
use downbeat_peer::identity::Identity;
use downbeat_peer::identity::tls::{self, TlsError};
use quinn::{ServerConfig, TransportConfig, VarInt};
use std::sync::Arc;
use std::time::Duration;

/// Maximum datagram of rows. A QUIC packet has 1200 bytes on every path (RFC 9000, 14.1); of these, header, connection
/// id, packet number, frame header and tag take at most 50.
pub const DATAGRAM_LEN: usize = 1_150;

/// Maximum hops waiting to be sent. After an outage only these are late, by 20 ms at the usual hop.
const HOPS_WAITING: usize = 4;
/// quinn's overhead per waiting datagram; generous.
const DATAGRAM_OVERHEAD: usize = 128;
/// Silence after which a client counts as gone. Clients send something five times a second.
const IDLE_MS: u32 = 1_000;
/// Initial estimate of the round trip; see the client.
const INITIAL_RTT: Duration = Duration::from_millis(15);
/// Maximum stream bytes waiting for one client.
const SEND_WINDOW: u64 = 256 * 1024;
/// Maximum stream bytes from one client that we have not read.
const RECEIVE_WINDOW: u32 = 64 * 1024;
/// Maximum datagram bytes waiting for us: pings.
const DATAGRAMS_IN: usize = 16 * 1024;

/// For rows with this many columns.
pub fn server_config(columns: usize, identity: &Identity) -> Result<ServerConfig, TlsError> {
    let mut transport = TransportConfig::default();
    transport
        .max_idle_timeout(Some(VarInt::from_u32(IDLE_MS).into()))
        .initial_rtt(INITIAL_RTT)
        .max_concurrent_bidi_streams(VarInt::from_u32(1))
        .max_concurrent_uni_streams(VarInt::from_u32(0))
        .stream_receive_window(VarInt::from_u32(RECEIVE_WINDOW))
        .receive_window(VarInt::from_u32(RECEIVE_WINDOW))
        .send_window(SEND_WINDOW)
        .datagram_receive_buffer_size(Some(DATAGRAMS_IN))
        .datagram_send_buffer_size(send_buffer(columns))
        .congestion_controller_factory(Arc::new(FixedWindowFactory));
    let mut config = ServerConfig::with_crypto(Arc::new(tls::server(identity)?));
    config.transport_config(Arc::new(transport)).migration(true);
    Ok(config)
}

/// Room for a few hops, each in as many datagrams as its row needs. By default quinn keeps a mebibyte, seconds of rows.
fn send_buffer(columns: usize) -> usize {
    let datagrams = (2 * columns).div_ceil(DATAGRAM_LEN / 2).max(1);
    HOPS_WAITING * datagrams * (DATAGRAM_LEN + DATAGRAM_OVERHEAD)
}
