//! The graphics adapter and its resources.

mod bindings;
mod blend;
mod device;
mod format;
mod memory;
mod pipelines;
mod readback;
mod shader;
mod uniforms;

pub use device::{Gpu, GpuError};
pub use format::{CANVAS_FORMAT, MEMORY_FORMAT};
pub use memory::{Half, Memory, SPAN, TICK_RATE, Ticks};
pub use pipelines::Pipelines;
pub use readback::{Image, Readback};
pub use shader::{picture_source, tick_source};
pub use uniforms::{Uniforms, View};
