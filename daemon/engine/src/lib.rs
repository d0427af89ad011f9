//! The pure core: analysis and commands in, one tick per hop out.
//!
//! [`Engine`] reads no clock, opens no socket and starts no thread: time and values are arguments. So it runs in
//! virtual time in tests, offline on a file, and repeatably from the same input.
//!
//! * `arbiter`: the timeline
//! * `mapper`: signals → parameters
//! * `show` and `pending`: the state, and queued commands
//! * `rules`: rules
//! * [`listener`]: samples → analysers → the engine
//! * [`notes`]: exact MIDI notes
//! * [`pulse`]: pulses, one or more per beat
//! * [`election`]: which of several daemons leads

mod arbiter;
mod bus_beat;
mod echo;
pub mod election;
mod engine;
mod error;
mod kept;
mod layout;
pub mod listener;
mod mapper;
pub mod notes;
mod pending;
mod places;
pub mod pulse;
mod roles;
mod rules;
mod settings;
mod show;
mod tick;
mod two_ways;

pub use arbiter::{Advice, BarPlace, Confidences, Hearing, Lead, Lock, Reference, Source};
pub use bus_beat::{BusBeat, MusicState};
pub use engine::{Adoption, Engine, Mirrored};
pub use error::EngineError;
pub use kept::Kept;
pub use mapper::{Curve, ExpressionError, InHand, Mapper, Mistake};
pub use roles::Role;
pub use settings::{CheckMessage, ClockConfig, EngineConfig, LayerConfig, Messages, ParameterConfig, TempoConfig};
pub use tick::Tick;
