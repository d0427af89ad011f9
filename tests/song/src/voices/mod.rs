//! The instruments: each file makes the sound of one, alone and dry.

mod bass;
mod clap;
mod cymbals;
mod kick;
mod lead;
mod pluck;
mod riser;
mod snare;
mod supersaw;
mod tom;

pub use bass::bass;
pub use clap::clap;
pub use cymbals::{closed_hat, crash, open_hat};
pub use kick::kick;
pub use lead::lead;
pub use pluck::pluck;
pub use riser::riser;
pub use snare::snare;
pub use supersaw::supersaw;
pub use tom::tom;
