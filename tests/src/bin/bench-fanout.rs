//! The cost of a hundred followers for the daemon and the lateness of their rows; beside it, in the same run, a program
//! that only sends the same datagrams to the same followers.

use clap::Parser;
use downbeat_client::{Session, View};
use e2e::bench::{Flags, promise};
use e2e::fanout::{Crowd, Seen, bare, cpu};
use e2e::port::free_port;
use e2e::{Daemon, Process, song};
use serde_json::{Value, json};
use std::process::{Command, ExitCode};
use std::time::Duration;

/// For measuring what nobody costs.
const ALONE: Duration = Duration::from_secs(5);
/// What is measured begins so long after everyone is there.
const SETTLE: Duration = Duration::from_secs(3);

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    flags: Flags,
    /// How many follow.
    #[arg(long, default_value_t = 100)]
    followers: usize,
    /// Serve rows of so many columns as the bare program; the benchmark starts itself so.
    #[arg(long, hide = true)]
    bare: Option<u16>,
}

/// One server, measured.
struct Measured {
    /// Per cent of one processor that the followers cost.
    cpu: f64,
    /// And what was used without them.
    alone: f64,
    /// Over which time.
    time: Duration,
    seen: Seen,
}

impl Measured {
    /// What a row costs on its way to one follower. Under load a server may have sent fewer.
    fn us_per_row(&self) -> f64 {
        self.cpu * 0.01 * self.time.as_secs_f64() * 1e6 / self.seen.rows.max(1) as f64
    }
}

fn main() -> ExitCode {
    let Arguments { flags, followers, bare } = Arguments::parse();
    if let Some(columns) = bare {
        return match bare::serve(columns) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("the bare fan-out: {error}");
                ExitCode::FAILURE
            }
        };
    }
    let time = Duration::from_secs(flags.seconds);
    eprintln!("measuring {followers} followers for {} s, twice", flags.seconds);
    let (daemon, columns, dropped) = measure_daemon(followers, time);
    let floor = measure_bare(followers, columns, time);

    let limit = promise("fanout", "cpu");
    let ratio = daemon.us_per_row() / floor.us_per_row();
    println!("{followers} followers, a row of {columns} columns each hop");
    println!(
        "{:<18} {:>7} {:>7} {:>9} {:>10} {:>9} {:>9} {:>9} {:>7} {:>7} {:>8}",
        "", "CPU %", "alone", "rows", "CPU us/row", "p50 ms", "p99 ms", "max ms", "lost", "served", "cut off"
    );
    for (name, it) in [("downbeatd", &daemon), ("bare quinn", &floor)] {
        let Seen { late, rows, lost, served, cut_off } = &it.seen;
        let [p50, p99, max] = [late.percentile_ms(50.0), late.percentile_ms(99.0), late.max_ms()];
        println!(
            "{name:<18} {:>7.1} {:>7.1} {rows:>9} {:>10.2} {p50:>9.2} {p99:>9.2} {max:>9.2} {lost:>7} {served:>7} {cut_off:>8}",
            it.cpu,
            it.alone,
            it.us_per_row()
        );
    }
    println!(
        "milliseconds: downbeatd from a hop's last sample, bare quinn from sending; to a program that waits for the row"
    );
    println!("rows and datagrams that downbeatd says it dropped: {dropped}");
    println!("a follower costs downbeatd {ratio:.2} times as much as bare quinn; promised: <= {limit}");
    if flags.json {
        let figures = json!({
            "bench": "fanout", "followers": followers, "downbeatd": figures(&daemon), "bare": figures(&floor),
            "dropped": dropped, "ratio": ratio, "promise": limit,
        });
        println!("{figures}");
    }
    if flags.check && ratio > limit { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Also how many columns a row has, and how many datagrams it says it has dropped.
fn measure_daemon(followers: usize, time: Duration) -> (Measured, u16, u64) {
    let port = free_port();
    let config = format!(
        r#"
        [audio]
        source = "file"
        files = {{ main = "{}" }}
        repeat = true
        [server]
        listen = "127.0.0.1:{port}"
        "#,
        song::mix().display()
    );
    let daemon = Daemon::start(&config, None);
    let alone = usage(daemon.process.id(), || std::thread::sleep(ALONE)).1;
    let crowd = Crowd::gather(port, followers);
    std::thread::sleep(SETTLE);
    let view = || crowd.any().map(Session::view).unwrap_or_default();
    let dropped = |view: &View| -> u64 {
        view.status.iter().flat_map(|status| &status.outputs).map(|output| output.dropped).sum()
    };
    let before = dropped(&view());
    let (seen, used) = usage(daemon.process.id(), || crowd.watch(time));
    // The status is told four times a second.
    std::thread::sleep(Duration::from_millis(500));
    let view = view();
    let dropped = dropped(&view).saturating_sub(before);
    let columns = u16::try_from(view.schema.width()).unwrap_or(u16::MAX);
    (Measured { cpu: used - alone, alone, time, seen }, columns, dropped)
}

fn measure_bare(followers: usize, columns: u16, time: Duration) -> Measured {
    let own = std::env::current_exe().expect("a program knows its own path");
    let process = Process::start("bare", Command::new(own).args(["--bare", &columns.to_string()]));
    let (_, line) = process.wait_for_line(bare::READY, Duration::from_secs(10));
    let port = line.trim_start_matches(bare::READY).parse().expect("the bare program says its port");
    let alone = usage(process.id(), || std::thread::sleep(ALONE)).1;
    let crowd = Crowd::gather(port, followers);
    std::thread::sleep(SETTLE);
    let (seen, used) = usage(process.id(), || crowd.watch(time));
    Measured { cpu: used - alone, alone, time, seen }
}

/// What a process uses meanwhile, in per cent of one processor.
fn usage<T>(process: u32, meanwhile: impl FnOnce() -> T) -> (T, f64) {
    let (before, start) = (cpu::used(process), std::time::Instant::now());
    let result = meanwhile();
    let used = cpu::used(process).saturating_sub(before);
    (result, 100.0 * used.as_secs_f64() / start.elapsed().as_secs_f64())
}

fn figures(it: &Measured) -> Value {
    json!({
        "cpu-percent": it.cpu, "alone-percent": it.alone, "late": it.seen.late.json(), "rows": it.seen.rows,
        "lost": it.seen.lost, "served": it.seen.served, "cut-off": it.seen.cut_off,
    })
}
