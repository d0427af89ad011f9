//! What a client of the daemon needs: a session that comes back by itself, the show's clock, and the rows at a moment.
//!
//! * [`Session`] keeps a connection for as long as it lives and shows what it knows as a [`View`]
//! * [`clock::Follower`] tells show time from four time stamps at a time; pure
//! * [`playout::Playout`] puts rows in order and tells the signals at any moment; pure
//!
//! A picture that shall be the same on every node is a function of [`View::state`] and of [`Session::row_at`] a show
//! time: both are the same on every node, whatever arrived when.

pub mod admin;
pub mod clock;
pub mod playout;
pub mod session;

pub use playout::RowView;
pub use session::{ClockView, CommandError, Events, Session, Settings, Stamps, View};
