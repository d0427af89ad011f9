//! One immutable snapshot of everything, handed to every output.

use downbeat_protocol::{HostTime, Row, ShowState, Timeline};
use std::sync::Arc;

/// What one hop amounts to.
#[derive(Clone, Debug)]
pub struct Tick {
    /// All signals and parameters, laid out by the engine's schema; its time is when the last sample was captured.
    pub row: Row,
    /// Where the beat is.
    pub timeline: Timeline,
    /// What is set.
    pub state: Arc<ShowState>,
    /// Whether beats shall be played: false in silence and with no signal, unless the operator holds the tempo.
    pub beating: bool,
    /// When the hop's last block of audio was handed over by JACK, for measuring the way through the daemon.
    pub heard: HostTime,
}
