//! The controls: where the daemon listens for commands.

use super::grid::{self, Cell, Column};
use super::page::{Page, Section};
use super::room::Want;
use super::sight::count;
use super::theme::Ink;
use downbeat_protocol::status::Control;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The section.
pub const SECTION: Section = Section { title: "CONTROLS", rows, draw };

const COLUMNS: [Column; 4] = [
    Column { title: "", width: 11, number: false, from: 0 },
    Column { title: "listens", width: 0, number: false, from: 0 },
    Column { title: "taken", width: 5, number: true, from: 0 },
    Column { title: "refused", width: 7, number: true, from: 32 },
];

fn controls<'a>(page: &'a Page<'_>) -> Vec<&'a Control> {
    let mut controls: Vec<_> = page.sight.view.status.iter().flat_map(|status| &status.controls).collect();
    controls.sort_by_key(|control| control.error.is_empty());
    controls
}

fn rows(page: &Page<'_>, _: u16) -> Want {
    Want { least: 1, full: controls(page).len() as u16, spare: 0 }
}

fn draw(page: &Page<'_>, area: Rect, buffer: &mut Buffer) {
    let rows: Vec<Vec<Cell>> = controls(page).into_iter().map(row).collect();
    grid::draw(page, &SECTION, &COLUMNS, &rows, area, buffer);
}

fn row(control: &Control) -> Vec<Cell> {
    let well = control.error.is_empty();
    vec![
        (control.name.clone(), if well { Ink::Text } else { Ink::Bad }),
        if well { (control.listens.clone(), Ink::Dim) } else { (control.error.clone(), Ink::Bad) },
        (count(control.commands), Ink::Text),
        (count(control.rejected), if control.rejected > 0 { Ink::Warn } else { Ink::Dim }),
    ]
}
