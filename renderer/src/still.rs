//! One picture without a network: for tests, documentation, and recorded shows at any size.

use crate::config::{Canvas, Slice};
use crate::feed::Feed;
use crate::gpu::{Gpu, GpuError, Image};
use crate::painter::{Frame, Painter};
use crate::presence::Presence;
use crate::scenes::Card;
use downbeat_protocol::{ShowState, ShowTime};

/// A node's picture at a moment, with its memories replayed from the feed.
///
/// # Errors
/// [`GpuError::Lost`] if the adapter returns nothing.
pub fn render_frame(
    gpu: &Gpu,
    (canvas, slice): (Canvas, Slice),
    state: &ShowState,
    feed: &dyn Feed,
    time: ShowTime,
) -> Result<Image, GpuError> {
    let mut painter = Painter::new(gpu.clone(), canvas, slice);
    painter.draw(&Frame {
        number: 0,
        time,
        state,
        feed,
        delay_ns: 0,
        sure: true,
        presence: Presence::FULL,
        card: &Card::default(),
        only_card: false,
    });
    painter.read()
}
