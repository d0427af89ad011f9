//! One picture without a network: for tests, documentation, and logged shows at any size.

use crate::config::{Canvas, Slice};
use crate::feed::Feed;
use crate::gpu::{Gpu, GpuError, Image};
use crate::painter::{Frame, Painter};
use crate::presence::Presence;
use crate::scenes::Card;
use downbeat_protocol::{ShowState, ShowTime};

/// The picture that a node shows at a moment, its memories replayed from the feed.
///
/// # Errors
/// [`GpuError::Lost`] when the adapter gives nothing back.
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
