//! Where messages go.

use super::packet::Message;
use downbeat_protocol::HostTime;
use std::time::Duration;

/// A port that takes messages with their moments.
pub trait Port: Send {
    /// How long before its moment it wants a message.
    fn ahead(&self) -> Duration;

    /// Whether it has just come back, so that its receivers have missed something. Says so once.
    fn has_come_back(&mut self) -> bool;

    /// Takes a message that is to be played at `at`; one that cannot be played is counted.
    fn send(&mut self, at: HostTime, message: Message, now: HostTime);

    /// Plays what has become due.
    fn play(&mut self, now: HostTime);

    /// When something becomes due that [`play`](Self::play) has to play.
    fn wake_at(&self) -> HostTime;

    /// Returns when everything has been played.
    fn finish(&mut self);
}
