//! A wall of four nodes, each on its own host: whether they draw the same, how far apart, and how long after a sound.
//!
//! Needs root, for the hosts. Draws everything on the processor, at a small size.

use clap::Parser;
use e2e::bench::{Distribution, Flags, promise};
use e2e::clock::World;
use e2e::network::{Conditions, allowed};
use e2e::wall::{Agreement, Clicker, FPS, Rig, Setup, Shown, agreement, shown_after, spread};
use e2e::{JackServer, wait_for};
use indicatif::ProgressBar;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Scenes that are a function of the moment, and one that remembers.
const PLAIN: &str = "[[layer]]\nname = \"back\"\nscene = \"tunnel\"\n\
                     [[layer]]\nname = \"front\"\nscene = \"spectrum\"\nblend = \"screen\"\n";
const REMEMBERING: &str = "[[layer]]\nname = \"back\"\nscene = \"echo\"\n";
/// As bright as the loudest sample.
const METER: &str = "[[layer]]\nname = \"back\"\nscene = \"solid\"\n\
                     [parameter.back.intensity]\nexpression = \"main.peak\"\nrange = [0.0, 1.0]\n";

/// Wired and with Wi-Fi, as the documentation recommends.
const WIRED_DELAY_MS: f64 = 10.0;
const WI_FI_DELAY_MS: f64 = 60.0;

#[derive(Debug, Parser)]
struct WallFlags {
    #[command(flatten)]
    flags: Flags,
    /// Keep the nodes' logs of frames in a folder.
    #[arg(long, value_name = "DIR")]
    logs: Option<PathBuf>,
}

fn main() -> ExitCode {
    let WallFlags { flags, logs: kept } = WallFlags::parse();
    if !allowed() {
        return ExitCode::FAILURE;
    }
    let mut outcome = Outcome { kept: true, figures: Vec::new() };
    let seconds = Duration::from_secs(flags.seconds);
    println!("four nodes at {FPS} frames a second, drawn on the processor; {} s each", flags.seconds);
    println!("{:<44} {:>7} {:>7} {:>9} {:>7} {:>7}", "", "frames", "by all", "differing", "unsure", "skipped");

    let wired = Setup { show: PLAIN, delay_ms: WIRED_DELAY_MS, conditions: Conditions::default(), server: None };
    let mut rig = Rig::start(&wired);
    for place in 0..4 {
        rig.join(place);
    }
    pass("wired", seconds);
    let logs = rig.finish(kept.as_deref());
    outcome.agree("wired", "wired", &logs);
    let apart = spread(&logs.iter().map(|(_, log)| &log[..]).collect::<Vec<_>>(), FPS as usize);

    let wi_fi = Setup { delay_ms: WI_FI_DELAY_MS, conditions: Conditions::from(&World::wi_fi(1)), ..wired };
    let mut rig = Rig::start(&wi_fi);
    for place in 0..4 {
        rig.join(place);
    }
    pass("Wi-Fi like", seconds);
    outcome.agree("Wi-Fi like", "wi-fi", &rig.finish(None));

    let mut rig = Rig::start(&Setup { show: REMEMBERING, ..wi_fi });
    let killed = [0, 1, 2].map(|place| rig.join(place))[2];
    pass("scenes that remember", seconds / 3);
    rig.join(3);
    rig.kill(killed);
    pass("one more, one killed", seconds / 3);
    rig.join(2);
    pass("and back", seconds / 3);
    outcome.agree("Wi-Fi like, with memory, one late, one killed", "memory", &rig.finish(None));

    println!("\nhanded over by all four, from the first to the last, ms");
    println!("{:<44} {:>8} {:>9} {:>9} {:>9} {:>9}", "", "frames", "p50", "p99", "max", "promised");
    outcome.within("spread", "wired", &apart, promise("wall", "spread-p99-ms"));

    println!("\nfrom a click entering JACK to the first frame handed over that shows it, ms");
    let clicks = click_to_frame(&wired, seconds);
    // The rows of a frame are older by the playout delay, and a click may just have missed a frame.
    let limit = WIRED_DELAY_MS + 1000.0 / FPS as f64 + promise("wall", "click-beyond-ms");
    outcome.within("click", "wired", &clicks, limit);

    if flags.json {
        println!("{}", Value::Object(outcome.figures.into_iter().collect()));
    }
    if flags.check && !outcome.kept { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

struct Outcome {
    kept: bool,
    figures: Vec<(String, Value)>,
}

impl Outcome {
    fn agree(&mut self, title: &str, name: &str, logs: &[(&'static str, Vec<Shown>)]) {
        let logs: Vec<(&str, &[Shown])> = logs.iter().map(|(slice, log)| (*slice, &log[..])).collect();
        let Agreement { shared, by_all, differing, unsure, drawn, skipped } = agreement(&logs);
        println!("{title:<44} {shared:>7} {by_all:>7} {differing:>9} {unsure:>7} {skipped:>7}");
        self.kept &= shared > 0 && differing == 0;
        let figures = json!({ "shared": shared, "by-all": by_all, "differing": differing, "unsure": unsure,
            "drawn": drawn, "skipped": skipped });
        self.figures.push((name.into(), figures));
    }

    fn within(&mut self, name: &str, title: &str, times: &Distribution, limit: f64) {
        println!("{title:<44} {} {limit:>9.1}", times.row());
        self.kept &= times.count() > 0 && times.percentile_ms(99.0) <= limit;
        let mut figures = times.json();
        figures["promised-p99-ms"] = json!(limit);
        self.figures.push((name.into(), figures));
    }
}

fn pass(what: &'static str, time: Duration) {
    let bar = ProgressBar::new(time.as_secs()).with_message(what);
    let begun = Instant::now();
    while begun.elapsed() < time {
        std::thread::sleep(Duration::from_millis(500).min(time));
        bar.set_position(begun.elapsed().as_secs());
    }
    bar.finish_and_clear();
}

fn click_to_frame(wired: &Setup<'_>, time: Duration) -> Distribution {
    let server = JackServer::start();
    let connect = format!("[bus.main]\nconnect = [\"{}\"]\n{METER}", Clicker::PORT);
    let mut rig = Rig::start(&Setup { show: &connect, server: Some(&server), ..*wired });
    let clicker = Clicker::join(&server);
    wait_for("clicks", Duration::from_secs(20), || (!clicker.clicks().is_empty()).then_some(()));
    for place in 0..4 {
        rig.join(place);
    }
    pass("clicks", time);
    let clicks = clicker.clicks();
    let mut all = Distribution::default();
    rig.finish(None).iter().for_each(|(_, log)| all.join(&shown_after(&clicks, log)));
    all
}
