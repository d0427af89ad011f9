//! A fixed congestion window.
//!
//! The traffic has a fixed, known and small rate, and is worthless when late. A controller that slows down after a loss
//! makes it late and keeps the wall dark long after the link is back: with CUBIC and a short send buffer 1.6 s longer.
//! So the window is fixed, and what does not fit into it is dropped from the send buffer, oldest first.

use quinn::congestion::{Controller, ControllerFactory};
use std::any::Any;
use std::sync::Arc;
use std::time::Instant;

/// Maximum unacknowledged bytes in flight: two seconds of one datagram a hop. In an outage nothing is acknowledged;
/// sending continues into the void, so that the first row after it gets through at once, until the connection counts as
/// dead.
const WINDOW: u64 = 512 * 1024;

/// Makes [fixed windows](FixedWindow).
pub struct FixedWindowFactory;

#[derive(Clone)]
struct FixedWindow;

impl ControllerFactory for FixedWindowFactory {
    fn build(self: Arc<Self>, _: Instant, _: u16) -> Box<dyn Controller> {
        Box::new(FixedWindow)
    }
}

impl Controller for FixedWindow {
    fn on_congestion_event(&mut self, _: Instant, _: Instant, _: bool, _: u64) {}

    fn on_mtu_update(&mut self, _: u16) {}

    fn window(&self) -> u64 {
        WINDOW
    }

    fn clone_box(&self) -> Box<dyn Controller> {
        Box::new(self.clone())
    }

    fn initial_window(&self) -> u64 {
        WINDOW
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}
