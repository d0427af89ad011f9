//! Kills the leader of a show repeatedly, at random moments: what a client and an OSC receiver see.

use clap::Parser;
use e2e::bench::{Distribution, promise};
use e2e::takeover::{Rig, Takeover};
use indicatif::ProgressBar;
use serde_json::json;
use std::process::ExitCode;
use std::time::Duration;

#[derive(Debug, Parser)]
struct Flags {
    /// Print one JSON object on the last line.
    #[arg(long)]
    json: bool,
    /// Exit with 1 where a promise of tests/promises.toml is missed.
    #[arg(long)]
    check: bool,
    /// Print each takeover.
    #[arg(long)]
    each: bool,
    /// How often.
    #[arg(long, default_value_t = 50)]
    rounds: u64,
}

type Read = fn(&Takeover) -> f64;
/// What is promised of each takeover, and how it is read.
const FIGURES: [(&str, &str, Read); 5] = [
    ("no row for, ms", "gap-ms", |it| it.gap_ms),
    ("step of show time, ms", "show-step-ms", |it| it.show_step_ms),
    ("step of the beat, ms", "beat-step-ms", |it| it.beat_step_ms),
    ("beats missed after the first", "beats-missed", |it| it.beats_missed[1] as f64),
    ("two leaders for, ms", "two-leaders-ms", |it| it.two_leaders_ms),
];

fn main() -> ExitCode {
    let flags = Flags::parse();
    let mut rig = Rig::start(Duration::from_secs(60 + 20 * flags.rounds));
    let bar = ProgressBar::new(flags.rounds);
    let taken: Vec<Takeover> = (0..flags.rounds)
        .map(|_| {
            bar.inc(1);
            // Anywhere in a bar.
            let after = Duration::from_secs_f64(0.5 + 2.0 * fastrand::f64());
            let taken = rig.take_over(after, Duration::from_secs(3));
            if flags.each {
                eprintln!("{taken:?}");
            }
            taken
        })
        .collect();
    bar.finish_and_clear();
    println!("kill -9 of the leader, {} times: jackd 48 kHz / 128, the demo song's drop from mpv", flags.rounds);
    println!("{:<30} {:>9} {:>9} {:>9} {:>9}", "", "p50", "p99", "max", "promised");
    let (mut kept, mut figures) = (flags.rounds > 0, serde_json::Map::new());
    for (name, figure, read) in FIGURES {
        let mut distribution = Distribution::default();
        taken.iter().for_each(|it| distribution.add((read(it) * 1e6) as i64));
        let (p50, p99) = (distribution.percentile_ms(50.0), distribution.percentile_ms(99.0));
        let (most, limit) = (taken.iter().map(read).fold(0.0, f64::max), promise("takeover", figure));
        println!("{name:<30} {p50:>9.3} {p99:>9.3} {most:>9.3} {limit:>9.1}");
        kept &= most <= limit;
        figures.insert(figure.into(), json!({ "p50": p50, "p99": p99, "max": most }));
    }
    let around: i64 = taken.iter().map(|it| it.beats_missed[0]).sum();
    println!("beats that nobody sent in the moment of the takeover: {around}");
    if flags.json {
        println!("{}", serde_json::Value::Object(figures));
    }
    if flags.check && !kept { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
