//! A fuzz target for every decoder of the project: it decodes any bytes or reports an error, and its results are
//! usable.
//!
//! A target is a function of bytes, with a few seeds made by the encoders. libFuzzer drives it through the program
//! `fuzz` for as long as you like (`make fuzz`), and what it found worth keeping is in `corpus`. The tests of this crate
//! drive it with that, and with a simple [mutation] of it. One file in `targets` and one line in [`TARGETS`] each.

pub mod memory;
pub mod mutation;
mod targets;

use std::panic::PanicHookInfo;
use targets::{
    announcement, assignment, clock, clock_packet, config, datagram, definition, framing, history, kept, layout, log,
    mapping, midi, osc, oscquery, output, pairing, recording, renderer, saved, score, sources, status, stream, surface,
    visitor, watch, web,
};

/// A decoder under test.
pub struct Target {
    /// What it is called on the command line.
    pub name: &'static str,
    /// Decodes, and uses what was decoded. Panics when something is wrong.
    pub run: fn(&[u8]),
    /// Good input, made by encoders.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// How many mutated inputs the tests try.
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
    Target { name: "framing", run: framing::run, seeds: framing::seeds, rounds: 20_000 },
    Target { name: "oscquery", run: oscquery::run, seeds: oscquery::seeds, rounds: 3_000 },
    Target { name: "visitor", run: visitor::run, seeds: visitor::seeds, rounds: 10_000 },
    Target { name: "midi", run: midi::run, seeds: midi::seeds, rounds: 30_000 },
    Target { name: "surface", run: surface::run, seeds: surface::seeds, rounds: 2_000 },
    Target { name: "surface-file", run: surface::run_file, seeds: surface::file_seeds, rounds: 1_000 },
    Target { name: "score", run: score::run, seeds: score::seeds, rounds: 30_000 },
    Target { name: "mapping", run: mapping::run, seeds: mapping::seeds, rounds: 5_000 },
    Target { name: "definition", run: definition::run, seeds: definition::seeds, rounds: 5_000 },
    Target { name: "config", run: config::run, seeds: config::seeds, rounds: 1_200 },
    Target { name: "last-good", run: kept::run_last_good, seeds: kept::last_good_seeds, rounds: 1_200 },
    Target { name: "saved", run: saved::run, seeds: saved::seeds, rounds: 10_000 },
    Target { name: "peers", run: kept::run_peers, seeds: kept::peers_seeds, rounds: 10_000 },
    Target { name: "key", run: kept::run_key, seeds: kept::key_seeds, rounds: 10_000 },
    Target { name: "history", run: history::run, seeds: history::seeds, rounds: 5_000 },
    Target { name: "moment", run: renderer::run_moment, seeds: renderer::moment_seeds, rounds: 3_000 },
    Target { name: "announcement", run: announcement::run, seeds: announcement::seeds, rounds: 5_000 },
    Target { name: "place", run: announcement::run_place, seeds: announcement::place_seeds, rounds: 10_000 },
    Target { name: "http", run: web::run_http, seeds: web::http_seeds, rounds: 3_000 },
    Target { name: "socket", run: web::run_socket, seeds: web::socket_seeds, rounds: 1_500 },
    Target { name: "output", run: output::run, seeds: output::seeds, rounds: 3_000 },
    Target { name: "output-message", run: output::run_message, seeds: output::message_seeds, rounds: 10_000 },
    Target { name: "pattern", run: output::run_pattern, seeds: output::pattern_seeds, rounds: 3_000 },
    Target { name: "assignment", run: assignment::run, seeds: assignment::seeds, rounds: 2_000 },
    Target { name: "sources", run: sources::run, seeds: sources::seeds, rounds: 1_200 },
    Target { name: "renderer-config", run: renderer::run_config, seeds: renderer::config_seeds, rounds: 1_500 },
    Target { name: "metrics", run: status::run_metrics, seeds: status::metrics_seeds, rounds: 1_000 },
    Target { name: "wall", run: status::run_wall, seeds: status::wall_seeds, rounds: 10_000 },
    Target { name: "watch", run: watch::run, seeds: watch::seeds, rounds: 300 },
    Target { name: "film", run: watch::run_film, seeds: watch::film_seeds, rounds: 10_000 },
    Target { name: "layout", run: layout::run, seeds: layout::seeds, rounds: 1_000 },
    Target { name: "layout-file", run: layout::run_file, seeds: layout::file_seeds, rounds: 5_000 },
    Target { name: "recording", run: recording::run, seeds: recording::seeds, rounds: 8_000 },
    Target { name: "log-line", run: log::run_line, seeds: log::line_seeds, rounds: 20_000 },
    Target { name: "redact", run: log::run_redact, seeds: log::redact_seeds, rounds: 5_000 },
];

/// The target of a name.
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

/// Whether a panic is Symphonia's: damaged audio files make it panic, and our reader of files survives that.
pub fn is_survived(panic: &PanicHookInfo<'_>) -> bool {
    panic.location().is_some_and(|place| place.file().contains("/symphonia-"))
}
