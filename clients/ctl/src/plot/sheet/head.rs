//! Above and below the rows: title, legend, beats, sections, drops, and the time.

use super::{HEAD, Page};
use crate::plot::axis::{self, TimeAxis};
use crate::plot::canvas::Area;
use crate::plot::colour::{BEAT, Colour, DIM, DOWNBEAT, DROP, SECTION, TEXT};
use crate::plot::text::Align;

/// Height of the marks above a view, in pixels.
const MARKS: i32 = 20;
/// Pixels per second from which beats are distinguishable.
const CLEAR: f64 = 40.0;

pub fn title(page: &mut Page<'_>, title: &str, song: &str) {
    let width = page.pen.write(&mut page.canvas, title, (24.0, 32.0), 30.0, Align::Left, page.colour);
    let mut right = (page.canvas.size().0 - 24) as f32;
    let entries: [(&str, Colour); 4] = [("beat", BEAT), ("bar", DOWNBEAT), ("drop", DROP), ("new section", SECTION)];
    for (word, colour) in entries {
        right -= page.pen.write(&mut page.canvas, word, (right, 32.0), 17.0, Align::Right, DIM) + 12.0;
        page.canvas.fill(Area { x: right as i32, y: 22, width: 3, height: 20 }, colour, 1.0);
        right -= 26.0;
    }
    let left = 24.0 + width + 18.0;
    let song = page.pen.fit(song, 17.0, right - left);
    page.pen.write(&mut page.canvas, &song, (left, 34.0), 17.0, Align::Left, DIM);
}

/// A view's name, its time, and its marks.
pub fn view(page: &mut Page<'_>, view: TimeAxis, what: &str) {
    let x = view.x as f32;
    page.pen.write(&mut page.canvas, what, (x, 68.0), 16.0, Align::Left, TEXT);
    time(page, view, 92, HEAD - MARKS - 8);
    let area = Area { x: view.x, y: HEAD - MARKS - 6, width: view.width, height: MARKS };
    lines(page, view, area, 1.0);
}

/// Times along a view, written at `y`, with ticks at `tick`.
pub fn time(page: &mut Page<'_>, view: TimeAxis, y: i32, tick: i32) {
    for (seconds, label) in view.ticks(90.0) {
        let column = view.column(seconds);
        page.canvas.fill(Area { x: column, y: tick - 5, width: 1, height: 5 }, DIM, 1.0);
        let half = page.pen.width(&label, 15.0) / 2.0;
        let (left, right) = (view.x as f32 + half, (view.x + view.width) as f32 - half);
        let at = ((column as f32).clamp(left, right.max(left)), y as f32);
        page.pen.write(&mut page.canvas, &label, at, 15.0, Align::Middle, DIM);
    }
}

/// Beats (if distinguishable), new sections and drops as vertical lines.
pub fn lines(page: &mut Page<'_>, view: TimeAxis, area: Area, cover: f32) {
    let apart = f64::from(view.width) / view.seconds;
    // Through the rows only if they help to see what is on the beat.
    let bars = if cover < 1.0 { CLEAR } else { 8.0 };
    for beat in page.found.beats.iter().filter(|beat| view.holds(beat.time)) {
        let (colour, faint, least) = if beat.downbeat { (DOWNBEAT, 0.6, bars) } else { (BEAT, 0.4, CLEAR) };
        if apart >= least {
            let column = view.column(beat.time);
            page.canvas.fill(Area { x: column, width: 1, ..area }, colour, faint * cover);
        }
    }
    // Side by side, because a drop often starts a section.
    for (times, colour, aside) in [(&page.sections, SECTION, 2), (&page.drops, DROP, 0)] {
        for time in times.iter().filter(|time| view.holds(**time)) {
            let column = (view.column(*time) - aside).max(area.x);
            page.canvas.fill(Area { x: column, width: 2, ..area }, colour, 0.9 * cover.max(0.6));
        }
    }
}

/// The name of the close-up: its start and end.
pub fn span(view: TimeAxis) -> String {
    let end = view.from + view.seconds;
    format!("close-up, {} to {}", axis::clock(view.from, 0.1), axis::clock(end, 0.1))
}
