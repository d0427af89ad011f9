//! The conductor's next step.

use downbeat_protocol::{HostTime, ShowState, ShowTime};
use std::sync::Arc;
use std::time::Duration;

/// What to do now.
#[derive(Clone, Debug)]
pub enum Step {
    /// Nothing for so long, or until something has come.
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
    /// What was set then.
    pub state: Arc<ShowState>,
    /// Whether all of it is known for good, and nothing fades in or out here alone.
    pub sure: bool,
    /// When to hand it over to the display.
    pub due: HostTime,
    /// When its drawing began.
    pub begun: HostTime,
}
