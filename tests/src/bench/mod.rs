//! Common parts of all benchmarks: a table for people, a line of JSON for programs, and the project's promises.

pub mod distribution;
pub mod stamped;

pub use distribution::Distribution;
pub use stamped::Stamped;

use clap::Parser;

/// The flags that every benchmark takes.
#[derive(Debug, Parser)]
pub struct Flags {
    /// Print one JSON object on the last line.
    #[arg(long)]
    pub json: bool,
    /// Exit with 1 where a promise of tests/promises.toml is missed.
    #[arg(long)]
    pub check: bool,
    /// How many seconds to measure.
    #[arg(long, default_value_t = 30)]
    pub seconds: u64,
}

/// A promised figure, e.g. `promise("latency", "p99-ms")`.
///
/// # Panics
/// When the file has no such figure: a benchmark without a promise to hold has a wrong name in it.
pub fn promise(bench: &str, figure: &str) -> f64 {
    let promises: toml::Table = include_str!("../../promises.toml").parse().expect("promises.toml is TOML");
    let value = promises.get(bench).and_then(|it| it.get(figure)).and_then(toml::Value::as_float);
    value.unwrap_or_else(|| panic!("promises.toml has no number at [{bench}] {figure}"))
}
