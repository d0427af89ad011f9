//! Who is connected to a port.

use ::jack::{Client, ClientOptions, jack_sys};

use super::log;

/// The name of the client that looks.
const CLIENT: &str = "downbeat-look";

/// The ports connected to a port of any client of the default server; `None` without that port or the server.
///
/// It opens a client for a moment, so it takes a [lease](super::JackLease) where there are any. Realtime-safe: no.
pub fn peers(port: &str) -> Option<Vec<String>> {
    jack_sys::library().ok()?;
    log::divert();
    let (client, _) = Client::new(CLIENT, ClientOptions::NO_START_SERVER).ok()?;
    Some(client.port_by_name(port)?.get_connections())
}
