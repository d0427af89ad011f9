//! Samples in, features and beats out.
//!
//! [`Analyzer`] hears one bus. It cuts the samples into hops, computes what several features need once per hop (the
//! `frame`), lets every feature of the table `FEATURES` write its numbers into the row, and asks the beat `tracker`,
//! which runs on a clock of its own, what it believes. `structure` follows sections and drops with the tracker's help. A
//! new feature is one file in `features/` and one line there.
//!
//! This crate does no I/O, has no thread and no clock, and allocates nothing after [`Analyzer::new`].

mod analyzer;
mod biquad;
mod features;
mod field;
mod filterbank;
mod frame;
mod leveller;
mod novelty;
mod pulse;
mod settings;
mod span;
mod spectrum;
mod structure;
mod tracker;

pub use analyzer::Analyzer;
pub use field::{COUNT_WRAP, Field, Unit, fields};
pub use pulse::{Hop, Pulse, State};
pub use settings::{Settings, SettingsError};
