//! Clients: renderer nodes, operators' pages, standbys.
//!
//! | file | noun |
//! |---|---|
//! | `endpoint` | the thread `quic:server` that accepts connections |
//! | `connection` | one connection, from hello to goodbye |
//! | `admission` | who may come in (pure) |
//! | `subscribers` | the connections that everything is published to |
//! | `list` | all of them, for the status page |
//! | `transport`, `window` | TLS, limits, congestion |
//! | `wire` | messages on a stream |

pub(super) mod admission;
pub(super) mod connection;
mod endpoint;
mod list;
mod subscribers;
pub mod transport;
mod window;
pub(super) mod wire;

pub(super) use admission::AdmissionPolicy;
pub(super) use endpoint::Listener;
pub use list::{ClientList, Listing};
pub(super) use subscribers::Subscribers;
