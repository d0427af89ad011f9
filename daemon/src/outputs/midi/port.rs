//! The destination of messages.

use super::packet::Message;
use downbeat_protocol::HostTime;
use std::time::Duration;

/// A port that takes messages with their moments.
pub trait Port: Send {
    /// How long before its moment it needs a message.
    fn ahead(&self) -> Duration;

    /// Whether it has just come back, so that its receivers have missed something. True once.
    fn has_come_back(&mut self) -> bool;

    /// Takes a message to play at `at`; counts it if it cannot be played.
    fn send(&mut self, at: HostTime, message: Message, now: HostTime);

    /// Another daemon leads: of what waits, the values are forgotten; the ends of notes are still played.
    fn forget_values(&mut self);

    /// Plays what is due.
    fn play(&mut self, now: HostTime);

    /// When [`play`](Self::play) is next needed.
    fn wake_at(&self) -> HostTime;

    /// Returns when everything has been played.
    fn finish(&mut self);
}
