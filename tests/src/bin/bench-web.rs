//! The cost of open pages for the daemon: each subscribes to every readable value, at thirty updates a second.

use clap::Parser;
use e2e::bench::{Flags, promise};
use e2e::fanout::cpu;
use e2e::page::Page;
use e2e::port::free_port;
use e2e::{Daemon, song};
use serde_json::{Value, json};
use std::process::{Command, ExitCode};
use std::time::Duration;

/// What is measured begins so long after everyone is there.
const SETTLE: Duration = Duration::from_secs(2);

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    flags: Flags,
    /// How many pages are open.
    #[arg(long, default_value_t = 10)]
    pages: usize,
}

fn main() -> ExitCode {
    let Arguments { flags, pages: count } = Arguments::parse();
    let time = Duration::from_secs(flags.seconds);
    let (web, limit) = (free_port(), promise("web", "cpu-per-page"));
    let config = format!(
        "[audio]\nsource = \"file\"\nfiles = {{ main = {:?} }}\nrepeat = true\n[web]\nlisten = \"127.0.0.1:{web}\"\n",
        song::mix()
    );
    let daemon = Daemon::start(&config, None);
    std::thread::sleep(SETTLE);
    let alone = used(&daemon, time);
    let paths = readable(web);
    let pages: Vec<_> = (0..count)
        .map(|_| {
            let mut page = Page::open(web);
            paths.iter().for_each(|path| page.listen(path));
            std::thread::spawn(move || page.watch(SETTLE + time))
        })
        .collect();
    std::thread::sleep(SETTLE);
    let busy = used(&daemon, time);
    let seen: Vec<(usize, usize)> = pages.into_iter().map(|page| page.join().expect("a page reads")).collect();
    let seconds = (SETTLE + time).as_secs_f64() * count as f64;
    let updates = seen.iter().map(|seen| seen.0).sum::<usize>() as f64 / seconds;
    let values = seen.iter().map(|seen| seen.1).sum::<usize>() as f64 / seconds;
    let each = (busy - alone) / count as f64;
    println!(
        "{count} pages, each listening to {} paths: {updates:.1} updates and {values:.0} values a second",
        paths.len()
    );
    println!(
        "the daemon alone {alone:.1} %, with them {busy:.1} %: {each:.2} % of a core for each; promised: <= {limit}"
    );
    if flags.json {
        println!(
            "{}",
            json!({ "bench": "web", "pages": count, "cpu": each, "alone": alone, "updates": updates, "promise": limit })
        );
    }
    if flags.check && each > limit { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Per cent of a core that the daemon uses over a time.
fn used(daemon: &Daemon, time: Duration) -> f64 {
    let before = cpu::used(daemon.process.id());
    std::thread::sleep(time);
    (cpu::used(daemon.process.id()) - before).as_secs_f64() / time.as_secs_f64() * 100.0
}

/// Every path that can be read.
fn readable(port: u16) -> Vec<String> {
    let curl = Command::new("curl").args(["-s", &format!("http://127.0.0.1:{port}/")]).output().expect("curl runs");
    let tree: Value = serde_json::from_slice(&curl.stdout).expect("JSON");
    let (mut paths, mut waiting) = (Vec::new(), vec![&tree]);
    while let Some(node) = waiting.pop() {
        waiting.extend(node["CONTENTS"].as_object().into_iter().flat_map(|below| below.values()));
        if node["ACCESS"].as_u64().is_some_and(|access| access & 1 == 1) {
            paths.extend(node["FULL_PATH"].as_str().map(str::to_owned));
        }
    }
    paths
}
