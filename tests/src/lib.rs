//! A stage for whole-system tests: real JACK servers, real players, real daemons and nodes, each ended with its owner.
//!
//! Every part is a separate process, as on a rig. Tests wait for conditions with a limit, never for a fixed time.

pub mod bench;
pub mod binaries;
pub mod clock;
pub mod daemon;
pub mod fanout;
pub mod frames;
pub mod hearing;
pub mod jack_server;
pub mod keys;
pub mod listener;
pub mod network;
pub mod oscdump;
pub mod page;
pub mod pipewire;
#[path = "../../daemon/audio/tests/support/place.rs"]
mod place;
pub mod player;
pub mod plot;
pub mod port;
pub mod process;
pub mod soak;
pub mod song;
pub mod surface;
pub mod takeover;
pub mod turn;
pub mod wait;
pub mod wall;

pub use daemon::Daemon;
pub use jack_server::JackServer;
pub use keys::Keys;
pub use listener::Listener;
pub use oscdump::OscDump;
pub use pipewire::PipeWire;
pub use player::Player;
pub use process::Process;
pub use turn::{shared_turn, turn};
pub use wait::{host_now_ns, wait_for};
