//! The pure middle: what was heard and wished for goes in, one tick a hop comes out.

mod tick;

pub use tick::Tick;
