//! Samples in, features and beats out.
//!
//! [`Analyzer`] analyses one bus. It cuts the samples into hops, computes the common base of the features once per hop
//! (the `frame`), lets every feature of the table `FEATURES` write its numbers into the row, and gets the belief of the
//! beat `tracker`, which runs on its own clock. `structure` follows sections and drops with the tracker's help. A new
//! feature is one file in `features/` and one line there.
//!
//! This crate does no I/O, has no thread and no clock, and allocates nothing after [`Analyzer::new`].

mod analyzer;
mod biquad;
mod chromagram;
mod decimator;
mod dot;
mod features;
mod field;
mod fields;
mod filterbank;
mod flatness;
mod frame;
mod hint;
mod key;
mod leveller;
mod long;
mod medians;
mod novelty;
mod partition;
mod programme;
mod pulse;
mod rhythm;
mod settings;
mod span;
mod spectrum;
mod structure;
mod swing;
mod tracker;
pub mod training;

pub use analyzer::Analyzer;
pub use field::{COUNT_WRAP, Field, Unit};
pub use fields::fields;
pub use hint::Hint;
pub use pulse::{Hop, Polarity, Pulse, State};
pub use settings::{Settings, SettingsError};
