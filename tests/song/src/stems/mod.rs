//! The four stems: voices in their places, with filters, pumping and space.

mod bass;
mod chords;
mod drums;
mod lead;
mod pump;

pub use bass::bass;
pub use chords::chords;
pub use drums::drums;
pub use lead::lead;
pub use pump::{Pump, pump};
