//! The onset strength as a filled curve, with a mark over each onset.

use super::Sheet;
use super::canvas::Area;
use super::colour::{ONSET, STRENGTH};

pub(super) fn draw(sheet: &mut Sheet<'_>, area: Area) {
    let marks = sheet.px(12.0);
    let curve = Area { y: area.y + marks + sheet.px(4.0), height: area.height - marks - sheet.px(4.0), ..area };
    for (share, label) in [(0.0, "0"), (0.5, "0.5"), (1.0, "1")] {
        sheet.rule(curve, share, label);
    }
    for column in sheet.axis.columns() {
        let (from, to) = sheet.axis.span(column);
        let hops = &sheet.found.hops[sheet.found.between(from, to)];
        let strength = hops.iter().fold(0.0, |most: f32, hop| most.max(hop.strength));
        let top = curve.level(strength);
        sheet.canvas.upright(column, top, curve.level(0.0), STRENGTH, 0.75);
        sheet.canvas.upright(column, top, top + 1.0, STRENGTH, 1.0);
    }
    for onset in &sheet.found.onsets {
        let column = sheet.axis.column(*onset);
        sheet.canvas.upright(column, area.y as f32, (area.y + marks) as f32, ONSET, 1.0);
    }
}
