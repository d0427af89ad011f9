//! A strip with the state of the music.

use super::Sheet;
use super::canvas::Area;
use super::colour::{Colour, DIM, TEXT};
use super::text::Align;
use downbeat_engine::MusicState;
use image::Rgb;

pub(super) fn draw(sheet: &mut Sheet<'_>, area: Area) {
    for (state, from, to) in spans(sheet.found.hops.iter().map(|hop| (hop.time, hop.state)), sheet.song.seconds()) {
        let (left, right) = (sheet.axis.column(from), sheet.axis.column(to) + 1);
        sheet.canvas.fill(Area { x: left, width: right - left, ..area }, colour(state), 1.0);
        sheet.canvas.fill(Area { x: left, width: 1, ..area }, super::GROUND, 1.0);
        let (size, room) = (15.0 * sheet.scale, (right - left) as f32 - 16.0 * sheet.scale);
        if sheet.pen.width(state.name(), size) <= room {
            let at = (left as f32 + 8.0 * sheet.scale, (area.y + area.height / 2) as f32);
            let ink = if state == MusicState::Playing || state == MusicState::Breakdown { TEXT } else { DIM };
            sheet.pen.write(&mut sheet.canvas, state.name(), at, size, Align::Left, ink);
        }
    }
}

fn colour(state: MusicState) -> Colour {
    match state {
        MusicState::Playing => Rgb([36, 104, 74]),
        MusicState::Breakdown => Rgb([88, 70, 150]),
        MusicState::Silence => Rgb([48, 55, 68]),
        MusicState::NoSignal => Rgb([30, 34, 42]),
    }
}

/// Stretches of one state: the state, from, to, in seconds.
fn spans(hops: impl Iterator<Item = (f64, MusicState)>, seconds: f64) -> Vec<(MusicState, f64, f64)> {
    let mut spans: Vec<(MusicState, f64, f64)> = Vec::new();
    let mut before = 0.0;
    for (time, state) in hops {
        match spans.last_mut() {
            Some(last) if last.0 == state => last.2 = time,
            _ => spans.push((state, before, time)),
        }
        before = time;
    }
    if let Some(last) = spans.last_mut() {
        last.2 = seconds;
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;
    use MusicState::{Playing, Silence};

    #[test]
    fn stretches_meet_and_reach_the_end() {
        let hops = [(0.1, Silence), (0.2, Silence), (0.3, Playing), (0.4, Playing)];
        assert_eq!(spans(hops.into_iter(), 0.45), [(Silence, 0.0, 0.2), (Playing, 0.2, 0.45)]);
    }
}
