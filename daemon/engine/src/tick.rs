//! One immutable snapshot for every output.

use downbeat_protocol::{HostTime, Row, ShowState, Timeline};
use std::sync::Arc;

/// The result of one hop.
#[derive(Clone, Debug)]
pub struct Tick {
    /// All signals and parameters, laid out by the engine's schema; its time is when the last sample was captured.
    pub row: Row,
    /// The timeline.
    pub timeline: Timeline,
    /// The state.
    pub state: Arc<ShowState>,
    /// Whether to send beats: false in silence and without a signal, unless the operator holds the tempo.
    pub beating: bool,
    /// When JACK delivered the hop's last block of audio, for measuring the latency of the daemon.
    pub heard: HostTime,
}
