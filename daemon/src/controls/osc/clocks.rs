//! Clock quality of the clients, for surfaces: `/status/clock/NAME` for each that reports it.
//!
//! | argument | |
//! |---|---|
//! | `f` | show time less its own, in milliseconds |
//! | `f` | what the show's clock gains on its own, in millionths |
//! | `f` | how far it may be off, in microseconds; 0 is unknown |
//! | `f` | shortest round trip of the last minute, in microseconds |
//! | `s` | how it knows when packets came: `kernel`, `read`, `quic` or `none` |
//! | `i` | how often it was set |

use crate::edges::osc::encode::{Arg, message};
use downbeat_protocol::Status;
use downbeat_protocol::status::Client;
use std::collections::BTreeMap;

/// Maximum of reported clients: a surface shows no more, and one daemon serves no more.
const MOST: usize = 256;

/// The last report of each client, by its address.
#[derive(Debug, Default)]
pub struct Clocks(BTreeMap<String, Vec<u8>>);

impl Clocks {
    /// The messages for changes. A client that left is reported anew when it returns.
    pub fn take(&mut self, status: &Status) -> Vec<Vec<u8>> {
        let before = std::mem::take(&mut self.0);
        let reported = status.clients.iter().filter(|client| !client.report.clock_stamps.is_empty());
        self.0 = reported.take(MOST).map(said).collect();
        self.0.iter().filter(|(address, bytes)| before.get(*address) != Some(bytes)).map(|(_, it)| it.clone()).collect()
    }
}

fn said(client: &Client) -> (String, Vec<u8>) {
    // Characters that an address may not contain (OSC 1.0, "OSC Address Spaces").
    let name = client.name.replace(|it: char| !it.is_ascii_graphic() || " #*,/?[]{}".contains(it), "_");
    let (address, report) = (format!("/status/clock/{name}"), &client.report);
    let numbers = [report.clock_offset_ms, report.clock_drift_ppm, report.clock_error_us, report.round_trip_us];
    let [offset, drift, error, trip] = numbers.map(|number| Arg::Float(number as f32));
    let jumps = Arg::Int(i32::try_from(report.clock_jumps).unwrap_or(i32::MAX));
    let bytes = message(&address, &[offset, drift, error, trip, Arg::Text(&report.clock_stamps), jumps]);
    (address, bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_protocol::status::Report;
    use rosc::{OscPacket, OscType};

    fn status(name: &str, error_us: f64) -> Status {
        let report = Report {
            clock_offset_ms: -2.5,
            clock_drift_ppm: 12.5,
            clock_error_us: error_us,
            round_trip_us: 110.0,
            clock_stamps: "kernel".into(),
            clock_jumps: 1,
            ..Report::default()
        };
        Status { clients: vec![Client { name: name.into(), report, ..Client::default() }], ..Status::default() }
    }

    #[test]
    fn a_clients_clock_is_told_when_it_has_changed() {
        let mut clocks = Clocks::default();
        let told = clocks.take(&status("wall left/1", 84.0));
        let [bytes] = told.as_slice() else { panic!("{told:?}") };
        let Ok((_, OscPacket::Message(message))) = rosc::decoder::decode_udp(bytes) else { panic!("{bytes:?}") };
        assert_eq!(message.addr, "/status/clock/wall_left_1");
        let numbers = [-2.5, 12.5, 84.0, 110.0].map(OscType::Float).to_vec();
        let rest = vec![OscType::String("kernel".into()), OscType::Int(1)];
        assert_eq!(message.args, [numbers, rest].concat());
        assert!(clocks.take(&status("wall left/1", 84.0)).is_empty(), "nothing new");
        assert_eq!(clocks.take(&status("wall left/1", 90.0)).len(), 1);
        assert!(clocks.take(&Status::default()).is_empty());
        assert_eq!(clocks.take(&status("wall left/1", 90.0)).len(), 1, "it is back");
    }

    #[test]
    fn a_client_that_has_not_reported_is_not_told_of() {
        let mut silent = status("a", 1.0);
        silent.clients[0].report = Report::default();
        assert!(Clocks::default().take(&silent).is_empty());
    }
}
