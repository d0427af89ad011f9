//! The outputs, those with faults first.

use super::grid::{self, Cell, Column};
use super::page::{Page, Section};
use super::room::Want;
use super::sight::count;
use super::theme::Ink;
use downbeat_protocol::status::Output;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The section.
pub const SECTION: Section = Section { title: "OUTPUTS", rows, draw };

const COLUMNS: [Column; 7] = [
    Column { title: "", width: 12, number: false, from: 0 },
    Column { title: "kind", width: 5, number: false, from: 60 },
    Column { title: "target", width: 0, number: false, from: 0 },
    Column { title: "rate/s", width: 7, number: true, from: 0 },
    Column { title: "sent", width: 7, number: true, from: 50 },
    Column { title: "late", width: 6, number: true, from: 0 },
    Column { title: "dropped", width: 7, number: true, from: 0 },
];

fn outputs<'a>(page: &'a Page<'_>) -> Vec<&'a Output> {
    let mut outputs: Vec<_> = page.sight.view.status.iter().flat_map(|status| &status.outputs).collect();
    outputs.sort_by_key(|output| output.error.is_empty());
    outputs
}

fn rows(page: &Page<'_>, _: u16) -> Want {
    Want { least: 1, full: outputs(page).len() as u16, spare: 0 }
}

fn draw(page: &Page<'_>, area: Rect, buffer: &mut Buffer) {
    let rows: Vec<Vec<Cell>> = outputs(page).into_iter().map(row).collect();
    grid::draw(page, &SECTION, &COLUMNS, &rows, area, buffer);
}

fn row(output: &Output) -> Vec<Cell> {
    let well = output.error.is_empty();
    let counted = |number: u64| (count(number), if number > 0 { Ink::Warn } else { Ink::Dim });
    vec![
        (output.name.clone(), if well { Ink::Text } else { Ink::Bad }),
        (output.kind.clone(), Ink::Dim),
        if well { (output.target.clone(), Ink::Dim) } else { (output.error.clone(), Ink::Bad) },
        (format!("{:.0}", output.rate), if output.rate > 0.0 { Ink::Text } else { Ink::Dim }),
        (count(output.sent), Ink::Dim),
        counted(output.late),
        counted(output.dropped),
    ]
}
