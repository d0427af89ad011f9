//! The clients and how well each keeps time.

use super::grid::{self, Cell, Column};
use super::page::{Page, Section};
use super::room::Want;
use super::sight::{count, micros};
use super::theme::Ink;
use downbeat_protocol::status::Client;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The section.
pub const SECTION: Section = Section { title: "CLIENTS", rows, draw };

const COLUMNS: [Column; 10] = [
    Column { title: "", width: 14, number: false, from: 0 },
    Column { title: "role", width: 10, number: false, from: 60 },
    Column { title: "address", width: 0, number: false, from: 56 },
    Column { title: "clock", width: 8, number: true, from: 0 },
    Column { title: "ppm", width: 6, number: true, from: 92 },
    Column { title: "trip", width: 7, number: true, from: 92 },
    Column { title: "stamps", width: 6, number: false, from: 92 },
    Column { title: "jumps", width: 5, number: true, from: 92 },
    Column { title: "fps", width: 4, number: true, from: 0 },
    Column { title: "dropped", width: 7, number: true, from: 0 },
];

/// A clock that may be further off than this is marked, in microseconds: a tenth of a frame at 60 a second.
const DOUBTFUL_US: f64 = 1_600.0;

fn clients<'a>(page: &'a Page<'_>) -> Vec<&'a Client> {
    page.sight.view.status.iter().flat_map(|status| &status.clients).collect()
}

fn rows(page: &Page<'_>, _: u16) -> Want {
    Want { least: 1, full: clients(page).len() as u16, spare: 0 }
}

fn draw(page: &Page<'_>, area: Rect, buffer: &mut Buffer) {
    let rows: Vec<Vec<Cell>> = clients(page).into_iter().map(row).collect();
    grid::draw(page, &SECTION, &COLUMNS, &rows, area, buffer);
}

fn row(client: &Client) -> Vec<Cell> {
    let report = &client.report;
    let known = report.clock_error_us > 0.0;
    let draws = client.role == "renderer";
    vec![
        (client.name.clone(), Ink::Text),
        (client.role.clone(), Ink::Dim),
        (client.address.clone(), Ink::Dim),
        (clock_error(report.clock_error_us), if report.clock_error_us > DOUBTFUL_US { Ink::Warn } else { Ink::Dim }),
        (if known { format!("{:+.1}", report.clock_drift_ppm) } else { "–".into() }, Ink::Dim),
        (micros(report.round_trip_us), Ink::Dim),
        (report.clock_stamps.clone(), if report.clock_stamps == "quic" { Ink::Warn } else { Ink::Dim }),
        (count(report.clock_jumps), if report.clock_jumps > 0 { Ink::Warn } else { Ink::Dim }),
        (if draws { format!("{:.0}", report.fps) } else { "–".into() }, if draws { Ink::Text } else { Ink::Dim }),
        (count(report.frames_dropped), if report.frames_dropped > 0 { Ink::Warn } else { Ink::Dim }),
    ]
}

/// How far a clock may be off; a dash until the client has said so.
fn clock_error(microseconds: f64) -> String {
    if microseconds > 0.0 { format!("±{}", micros(microseconds)) } else { "–".into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clock_errors_are_in_readable_units() {
        assert_eq!([clock_error(0.0), clock_error(74.4), clock_error(2_345.0)], ["–", "±74 µs", "±2.3 ms"]);
    }
}
