//! The client library of the daemon: a reconnecting session, the show's clock, and the signals at any moment.
//!
//! * [`Session`] keeps a connection and gives its current state as a [`View`]
//! * [`clock::Follower`] computes show time from exchanges of four time stamps; pure
//! * [`playout::Playout`] orders rows and gives the signals at any moment; pure
//!
//! To draw the same picture on every node, make it a function of [`View::state`] and [`Session::row_at`] a show time:
//! both are the same on every node, regardless of when data arrived.

pub mod admin;
pub mod clock;
pub mod playout;
pub mod session;

pub use playout::RowView;
pub use session::{ClockView, CommandError, Events, Session, Settings, Stamps, View};
