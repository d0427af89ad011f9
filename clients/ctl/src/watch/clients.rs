//! The clients and their clock quality.

use super::grid::{self, Cell, Column};
use super::page::{Page, Section};
use super::room::Want;
use super::sight::{count, micros};
use super::theme::Ink;
use downbeat_protocol::status::{Client, Report};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The section.
pub const SECTION: Section = Section { title: "CLIENTS", rows, draw };

const COLUMNS: [Column; 13] = [
    Column { title: "", width: 14, number: false, from: 0 },
    Column { title: "role", width: 10, number: false, from: 60 },
    Column { title: "address", width: 0, number: false, from: 56 },
    Column { title: "clock", width: 8, number: true, from: 0 },
    Column { title: "ppm", width: 6, number: true, from: 120 },
    Column { title: "trip", width: 7, number: true, from: 120 },
    Column { title: "stamps", width: 6, number: false, from: 92 },
    Column { title: "jumps", width: 5, number: true, from: 120 },
    Column { title: "fps", width: 4, number: true, from: 0 },
    Column { title: "late", width: 7, number: true, from: 120 },
    Column { title: "delay", width: 8, number: true, from: 88 },
    Column { title: "kept", width: 5, number: true, from: 92 },
    Column { title: "dropped", width: 7, number: true, from: 0 },
];

/// A clock with a larger error is marked, in microseconds: a tenth of a frame at 60 per second.
const DOUBTFUL_US: f64 = 1_600.0;

fn clients<'a>(page: &'a Page<'_>) -> Vec<&'a Client> {
    let mut clients: Vec<&Client> = page.sight.view.status.iter().flat_map(|status| &status.clients).collect();
    clients.sort_by_key(|client| client.differs.is_empty());
    clients
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
    let differs = !client.differs.is_empty();
    let of_picture = |text: String| if draws { (text, Ink::Dim) } else { ("–".into(), Ink::Dim) };
    let [_, late_p99_ms] = report.late_ms;
    let doubtful = report.clock_error_us > DOUBTFUL_US || report.clock_jumps > 0;
    let short = report.delay_wanted_ms > report.playout_delay_ms;
    vec![
        (client.name.clone(), if differs { Ink::Warn } else { Ink::Text }),
        (client.role.clone(), Ink::Dim),
        // Its place matters less than a screen that differs from the wall.
        if differs { (client.differs.clone(), Ink::Warn) } else { (client.address.clone(), Ink::Dim) },
        // The column of jumps needs a wide terminal.
        (clock_error(report.clock_error_us), if doubtful { Ink::Warn } else { Ink::Dim }),
        (if known { format!("{:+.1}", report.clock_drift_ppm) } else { "–".into() }, Ink::Dim),
        (micros(report.round_trip_us), Ink::Dim),
        (report.clock_stamps.clone(), if report.clock_stamps == "quic" { Ink::Warn } else { Ink::Dim }),
        (count(report.clock_jumps), if report.clock_jumps > 0 { Ink::Warn } else { Ink::Dim }),
        (if draws { format!("{:.0}", report.fps) } else { "–".into() }, if draws { Ink::Text } else { Ink::Dim }),
        of_picture(format!("{late_p99_ms:.1} ms")),
        if short && draws { (delay(report), Ink::Warn) } else { of_picture(delay(report)) },
        of_picture(count(report.frames_kept)),
        (count(report.frames_dropped), if report.frames_dropped > 0 { Ink::Warn } else { Ink::Dim }),
    ]
}

/// The error of a clock; a dash until the client reports it.
fn clock_error(microseconds: f64) -> String {
    if microseconds > 0.0 { format!("±{}", micros(microseconds)) } else { "–".into() }
}

/// The playout delay, and the needed one if larger.
fn delay(report: &Report) -> String {
    let (set, wanted) = (report.playout_delay_ms, report.delay_wanted_ms);
    if wanted > set { format!("{set:.0} < {wanted:.0}") } else { format!("{set:.0} ms") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_that_is_too_short_tells_what_it_should_be() {
        let report = |delay_wanted_ms| Report { playout_delay_ms: 10.0, delay_wanted_ms, ..Report::default() };
        assert_eq!([0.0, 8.2, 34.3].map(|wanted| delay(&report(wanted))), ["10 ms", "10 ms", "10 < 34"]);
    }

    #[test]
    fn clock_errors_are_in_readable_units() {
        assert_eq!([clock_error(0.0), clock_error(74.4), clock_error(2_345.0)], ["–", "±74 µs", "±2.3 ms"]);
    }
}
