//! A fuzz target for every decoder of the project: it decodes any bytes or reports an error, and its results are
//! usable.
//!
//! A target is a function of bytes, with a few seeds made by the encoders. libFuzzer drives it through the program
//! `fuzz` for as long as you like (`make fuzz`); the tests of this crate drive it briefly with a simple [mutation] of
//! the seeds. One file in `targets` and one line in [`TARGETS`] each.

pub mod mutation;
mod targets;

use targets::{
    clock, clock_packet, config, datagram, definition, mapping, midi, osc, oscquery, pairing, saved, score, stream,
};

/// A decoder under test.
pub struct Target {
    /// What it is called on the command line.
    pub name: &'static str,
    /// Decodes, and uses what was decoded. Panics when something is wrong.
    pub run: fn(&[u8]),
    /// Good input, made by encoders.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// How many mutated seeds the tests try.
    pub rounds: usize,
}

/// Every decoder.
pub const TARGETS: &[Target] = &[
    Target { name: "datagram", run: datagram::run, seeds: datagram::seeds, rounds: 60_000 },
    Target { name: "clock", run: clock::run, seeds: clock::seeds, rounds: 10_000 },
    Target { name: "packet", run: clock_packet::run, seeds: clock_packet::seeds, rounds: 30_000 },
    Target { name: "pairing", run: pairing::run, seeds: pairing::seeds, rounds: 500 },
    Target { name: "server-message", run: stream::run_server, seeds: stream::server_seeds, rounds: 10_000 },
    Target { name: "client-message", run: stream::run_client, seeds: stream::client_seeds, rounds: 10_000 },
    Target { name: "osc", run: osc::run, seeds: osc::seeds, rounds: 30_000 },
    Target { name: "oscquery", run: oscquery::run, seeds: oscquery::seeds, rounds: 3_000 },
    Target { name: "midi", run: midi::run, seeds: midi::seeds, rounds: 30_000 },
    Target { name: "score", run: score::run, seeds: score::seeds, rounds: 30_000 },
    Target { name: "mapping", run: mapping::run, seeds: mapping::seeds, rounds: 5_000 },
    Target { name: "definition", run: definition::run, seeds: definition::seeds, rounds: 5_000 },
    Target { name: "config", run: config::run, seeds: config::seeds, rounds: 600 },
    Target { name: "saved", run: saved::run, seeds: saved::seeds, rounds: 10_000 },
];

/// The target of a name.
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
