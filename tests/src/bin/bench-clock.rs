//! Clock error of a follower, with 25 ppm of drift and ten exchanges a second: in virtual time beside other methods,
//! and over real sockets, on one machine and through emulated networks.

use clap::Parser;
use downbeat_client::clock::Follower;
use e2e::bench::{Distribution, Flags, Stamped, promise};
use e2e::clock::exchange::{Truth, follow, lead};
use e2e::clock::product;
use e2e::clock::{Follows, Link, Ntp, Quickest, Snapcast, World};
use e2e::network::{self, Conditions, Host, allowed};
use serde_json::{Map, Value};
use std::net::UdpSocket;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

/// A network, and the promise that is made for it.
struct Network {
    name: &'static str,
    promise: &'static str,
    world: fn(u64) -> World,
    /// Whether it lies between two hosts.
    between: bool,
}

const NETWORKS: [Network; 3] = [
    Network { name: "loopback", promise: "loopback-p99-us", world: World::loopback, between: false },
    Network { name: "1 ms jitter", promise: "jitter-p99-us", world: World::jittery, between: true },
    Network { name: "Wi-Fi like", promise: "wi-fi-p99-us", world: World::wi_fi, between: true },
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
    eprintln!("measuring over sockets for {} s", FROM as u64 + flags.seconds);
    println!("over sockets, {} s; but for loopback through a link between two hosts", flags.seconds);
    for (name, errors) in ["stamped when read", "stamped by the kernel"].into_iter().zip(over_sockets(flags.seconds)) {
        println!("{name:<34}{}", errors.each_ref().map(cell).concat());
        for (network, errors) in NETWORKS.iter().zip(&errors) {
            figures.insert(format!("{name}, {}", network.name), errors.json());
            let stamped = name == "stamped by the kernel" && !network.between;
            let limit = promise("clock", if stamped { "stamped-p99-us" } else { network.promise });
            kept &= errors.count() > 0 && errors.percentile_ms(99.0) * 1e3 <= limit;
        }
    }
    kept &= of_the_product(flags.seconds, &mut figures);
    if flags.json {
        println!("{}", Value::Object(figures));
    }
    if flags.check && !kept { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// A daemon and its sessions, as they are used.
fn of_the_product(seconds: u64, figures: &mut Map<String, Value>) -> bool {
    eprintln!("measuring the product for {} s", FROM as u64 + seconds);
    println!("downbeatd and sessions of downbeat-client, {seconds} s");
    let worlds = [World::jittery(1), World::wi_fi(1)];
    let names = ["product, loopback", "product, 1 ms jitter", "product, Wi-Fi like"];
    let promises = ["product-loopback-p99-us", "product-jitter-p99-us", "product-wi-fi-p99-us"];
    let mut kept = true;
    for ((name, wanted), it) in names.into_iter().zip(promises).zip(product::follow(&worlds, FROM, seconds as f64)) {
        let limit = promise("clock", wanted);
        let stamps = format!("{} stamps, {} jumps, bound kept: {}", it.stamps.name(), it.jumps, it.beyond <= 0);
        println!("{name:<34}{}   <= {limit} promised; {stamps}", cell(&it.errors));
        kept &= it.errors.percentile_ms(99.0) * 1e3 <= limit && it.jumps == 0 && it.beyond <= 0;
        figures.insert(name.into(), it.errors.json());
    }
    kept
}

fn measure<F: Follows>(world: fn(u64) -> World, seconds: f64) -> Distribution {
    let mut errors = Distribution::default();
    (1..=RUNS).flat_map(|seed| world(seed).errors::<F>(FROM, FROM + seconds)).for_each(|error| errors.add(error));
    errors
}

/// With and without the kernel's stamps, all at once: exchanges are rare and small.
fn over_sockets(seconds: u64) -> [[Distribution; 3]; 2] {
    std::thread::scope(|scope| {
        let threads = [false, true]
            .map(|kernel| NETWORKS.map(|network| scope.spawn(move || over_a_socket(&network, kernel, seconds))));
        threads.map(|threads| threads.map(|thread| thread.join().expect("the measuring thread ends")))
    })
}

/// Nothing where hosts are not allowed.
fn over_a_socket(network: &Network, kernel: bool, seconds: u64) -> Distribution {
    if network.between && !allowed() {
        return Distribution::default();
    }
    let joined = network.between.then(|| {
        let hosts = [Host::new(), Host::new()];
        let link = network::Link::between(&hosts[0], &hosts[1], 1);
        link.set(Conditions::from(&(network.world)(1)));
        (link, hosts)
    });
    let bind = |k: usize| match &joined {
        Some((link, hosts)) => hosts[k].inside(|| UdpSocket::bind((link.addresses()[k], 0))),
        None => UdpSocket::bind("127.0.0.1:0"),
    };
    let [leader, follower] = [0, 1].map(|k| bind(k).expect("a host has free ports"));
    follower.connect(leader.local_addr().expect("bound")).expect("the leader has an address");
    let ([leader, follower], truth, over) =
        ([leader, follower].map(Stamped::of), Truth::begin(), AtomicBool::new(false));
    std::thread::scope(|scope| {
        scope.spawn(|| lead(&leader, truth, kernel, &over));
        let errors = follow(&follower, truth, kernel, (FROM, FROM + seconds as f64));
        over.store(true, Ordering::Relaxed);
        errors
    })
}

fn cell(errors: &Distribution) -> String {
    if errors.count() == 0 {
        return format!("{:>24}", "not measured");
    }
    let [p50, p99, max] = [errors.percentile_ms(50.0), errors.percentile_ms(99.0), errors.max_ms()].map(|ms| ms * 1e3);
    format!("{:>24}", format!("{p50:.1} / {p99:.1} / {max:.1}"))
}
