//! The page without a terminal.

use super::desk::Desk;
use super::log::Log;
use super::page::Page;
use super::plain;
use super::sheet;
use super::sight::Sight;
use super::theme::{Depth, Theme};
use downbeat_client::View;
use downbeat_protocol::{Event, HostTime};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The rows of the page in a terminal of this size after these events, and below them the plain line.
pub fn drawn(view: View, values: Vec<f32>, events: &[Event], (width, height): (u16, u16)) -> Vec<String> {
    let (now, mut log) = (HostTime(1_000_000_000), Log::default());
    for event in events {
        match event {
            Event::Status(status) => log.status(now, status),
            other => log.event(now, other),
        }
    }
    let (show, heard) = (view.show_time(now), view.last_heard);
    let sight = Sight { server: "127.0.0.1:9440".into(), view, values, now, show, heard };
    let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
    let (desk, theme, area) = (Desk::default(), Theme { depth: Depth::Mono }, buffer.area);
    sheet::draw(&Page { sight: &sight, log: &log, desk: &desk, theme }, area, &mut buffer);
    let row = |row: Rect| row.columns().map(|cell| buffer[(cell.x, cell.y)].symbol()).collect();
    buffer.area.rows().map(row).chain([plain::line(&sight)]).collect()
}
