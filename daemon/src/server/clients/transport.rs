//! TLS and the limits of a connection.

use super::window::FixedWindowFactory;
use downbeat_peer::identity::Identity;
use downbeat_peer::identity::tls::{self, TlsError};
use quinn::{ServerConfig, TransportConfig, VarInt};
use std::sync::Arc;
use std::time::Duration;

/// The longest datagram of rows. A QUIC packet has 1200 bytes on every path (RFC 9000, 14.1); of these, header,
/// connection id, packet number, frame header and tag take at most 50.
pub const DATAGRAM_LEN: usize = 1_150;

/// Hops that may wait to be sent. After an outage only these come late, by 20 ms at the usual hop.
const HOPS_WAITING: usize = 4;
/// What quinn keeps beside each waiting datagram; generous.
const DATAGRAM_OVERHEAD: usize = 128;
/// A client that is silent for so long is gone. Clients say something five times a second.
const IDLE_MS: u32 = 1_000;
/// What is believed of the round trip before it is known; see the client.
const INITIAL_RTT: Duration = Duration::from_millis(15);
/// Stream bytes that wait for one client.
const SEND_WINDOW: u64 = 256 * 1024;
/// Stream bytes that one client may send ahead of our reading.
const RECEIVE_WINDOW: u32 = 64 * 1024;
/// Datagram bytes that may wait for us: pings.
const DATAGRAMS_IN: usize = 16 * 1024;

/// For rows of so many columns.
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
