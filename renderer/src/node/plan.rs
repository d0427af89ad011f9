//! The next step of the frame loop.

use downbeat_protocol::{HostTime, ShowState, ShowTime};
use std::sync::Arc;
use std::time::Duration;

/// The next step.
#[derive(Clone, Debug)]
pub enum Step {
    /// Wait this long, or for news.
    Wait(Duration),
    /// Draw a frame.
    Draw(Plan),
}

/// A frame to draw, and when to hand it over.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The frame's number.
    pub frame: i64,
    /// The moment that it shows.
    pub time: ShowTime,
    /// The state at that moment.
    pub state: Arc<ShowState>,
    /// Whether its input is final, and no fade differs on this node.
    pub sure: bool,
    /// When to hand it over to the display.
    pub due: HostTime,
    /// The start of its drawing.
    pub begun: HostTime,
}
