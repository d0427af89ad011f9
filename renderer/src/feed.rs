//! The source of a picture's numbers.

use downbeat_protocol::{Schema, ShowTime, Timeline};

/// Rows and timelines of a show, for any moment of the last seconds.
///
/// The same rows must give the same answer on every node, in whatever order they arrived: this makes a wall one
/// picture.
pub trait Feed {
    /// The layout of the rows.
    fn schema(&self) -> &Schema;

    /// Writes the row of a moment to `row` and returns its timeline. None, and an empty `row`, if the moment is before
    /// all known rows. After the newest row its signals decay, its parameters stay.
    fn read(&self, at: ShowTime, row: &mut Vec<f32>) -> Option<Timeline>;
}
