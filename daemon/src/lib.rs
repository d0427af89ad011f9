//! The daemon as a library: `downbeatd` wires it together, and offline tools run it in virtual time.
//!
//! The path is one line: [`hop`] feeds samples to analysers and their rows to the [engine](downbeat_engine); each hop
//! leaves as one [`Tick`](downbeat_engine::Tick), which [`dispatch`] fans out to the [`outputs`]. Requests of people
//! and other programs come in through the [`controls`] as a [`Command`](downbeat_protocol::Command).

pub mod app;
pub mod board;
pub mod clock;
pub mod config;
pub mod controls;
pub mod dispatch;
pub mod door;
pub mod edges;
pub mod exit;
pub mod flags;
pub mod hop;
pub mod inputs;
pub mod keeper;
pub mod midi_port;
pub mod outputs;
pub mod realtime;
pub mod saved;
pub mod server;
pub mod status;
pub mod threads;
pub mod web;
