//! The pure middle: what was heard and asked for goes in, one tick a hop comes out.
//!
//! [`Engine`] asks no clock, opens no socket and starts no thread: time and values are arguments. So it runs in
//! virtual time in tests, offline on a file, and the same way again from the same input.
//!
//! * `arbiter`: where the beat is
//! * `mapper`: signals → parameters
//! * `show` and `pending`: what is set, and what will be
//! * `rules`: what is done by itself
//! * [`listener`]: samples → analysers → the engine
//! * [`notes`]: exact notes beside what is heard
//! * [`pulse`]: what happens once a beat, or so many times a beat
//! * [`election`]: which of several daemons leads

mod arbiter;
mod bus_beat;
pub mod election;
mod engine;
mod error;
mod layout;
pub mod listener;
mod mapper;
pub mod notes;
mod pending;
pub mod pulse;
mod roles;
mod rules;
mod settings;
mod show;
mod tick;

pub use arbiter::{Advice, BarPlace, Confidences, Lead, Lock, Reference, Source};
pub use bus_beat::{BusBeat, MusicState};
pub use engine::{Engine, Mirrored};
pub use error::EngineError;
pub use mapper::{Curve, ExpressionError, InHand, Mapper, Mistake};
pub use roles::Role;
pub use settings::{CheckMessage, ClockConfig, EngineConfig, LayerConfig, Messages, ParameterConfig, TempoConfig};
pub use tick::Tick;
