//! The source of a picture's numbers.

use downbeat_protocol::{Schema, ShowTime, Timeline};

/// Rows and timelines of a show, for any moment of the last seconds.
///
/// The same rows must give the same answer on every node, whatever arrived when: that is what makes a wall one picture.
pub trait Feed {
    /// The layout of the rows.
    fn schema(&self) -> &Schema;

    /// Puts the row of a moment into `row` and returns the timeline that held then. None, and an empty `row`, when
    /// the moment lies before all that is known. After the newest row its signals sink, its parameters stay.
    fn read(&self, at: ShowTime, row: &mut Vec<f32>) -> Option<Timeline>;
}
