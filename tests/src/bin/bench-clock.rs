//! How far a follower's clock is off, beside what others do, in virtual time: 25 ppm of drift, ten exchanges a second.

use clap::Parser;
use downbeat_client::clock::Follower;
use e2e::bench::{Distribution, Flags, promise};
use e2e::clock::{Follows, Link, Ntp, Quickest, Snapcast, World};
use serde_json::{Map, Value};
use std::process::ExitCode;

/// A network, and the promise that is made for it.
struct Network {
    name: &'static str,
    promise: &'static str,
    world: fn(u64) -> World,
}

const NETWORKS: [Network; 3] = [
    Network { name: "loopback", promise: "loopback-p99-us", world: World::loopback },
    Network { name: "1 ms jitter", promise: "jitter-p99-us", world: World::jittery },
    Network { name: "Wi-Fi like", promise: "wi-fi-p99-us", world: World::wi_fi },
];
/// Who follows, and how far off it is in a world.
const FOLLOWERS: [(&str, Measure); 5] = [
    ("Downbeat", measure::<Follower>),
    ("line through the quickest fifth", measure::<Quickest>),
    ("Snapcast's median", measure::<Snapcast>),
    ("NTP's clock filter", measure::<Ntp>),
    ("Ableton Link's measurement", measure::<Link>),
];
type Measure = fn(fn(u64) -> World, f64) -> Distribution;
/// Networks drawn by chance, and from which second on a clock is looked at.
const RUNS: u64 = 10;
const FROM: f64 = 30.0;

fn main() -> ExitCode {
    let flags = Flags::parse();
    let (mut figures, mut kept) = (Map::new(), true);
    println!("error in microseconds (p50 / p99 / max), {RUNS} runs of {} s in virtual time", flags.seconds);
    println!("{:<34}{}", "", NETWORKS.map(|network| format!("{:>24}", network.name)).concat());
    for (number, (name, measure)) in FOLLOWERS.into_iter().enumerate() {
        let errors = NETWORKS.map(|network| measure(network.world, flags.seconds as f64));
        println!("{name:<34}{}", errors.each_ref().map(cell).concat());
        for (network, errors) in NETWORKS.iter().zip(&errors) {
            figures.insert(format!("{name}, {}", network.name), errors.json());
            kept &= number > 0 || errors.percentile_ms(99.0) * 1e3 <= promise("clock", network.promise);
        }
    }
    let promises = NETWORKS.map(|network| format!("{:>24}", format!("<= {}", promise("clock", network.promise))));
    println!("{:<34}{}", "promised of Downbeat, p99", promises.concat());
    if flags.json {
        println!("{}", Value::Object(figures));
    }
    if flags.check && !kept { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn measure<F: Follows>(world: fn(u64) -> World, seconds: f64) -> Distribution {
    let mut errors = Distribution::default();
    (1..=RUNS).flat_map(|seed| world(seed).errors::<F>(FROM, FROM + seconds)).for_each(|error| errors.add(error));
    errors
}

fn cell(errors: &Distribution) -> String {
    let [p50, p99, max] = [errors.percentile_ms(50.0), errors.percentile_ms(99.0), errors.max_ms()].map(|ms| ms * 1e3);
    format!("{:>24}", format!("{p50:.0} / {p99:.0} / {max:.0}"))
}
