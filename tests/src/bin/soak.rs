//! The whole rig for hours, with faults by chance: what was lost, and what grew.

use clap::Parser;
use e2e::soak::excuses::Excuses;
use e2e::soak::rig::Rig;
use e2e::soak::usage::SETTLED;
use e2e::soak::{Course, Report, report, run};
use indicatif::{ProgressBar, ProgressStyle};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

#[derive(Debug, Parser)]
struct Flags {
    /// For how long.
    #[arg(long, default_value_t = 2.0)]
    hours: f64,
    /// What chance begins with; the same one brings the same faults in the same order.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Only faults with this in their name.
    #[arg(long)]
    only: Option<String>,
    /// Where logs and the table go.
    #[arg(long, default_value = "target/soak")]
    folder: PathBuf,
}

fn main() -> ExitCode {
    let flags = Flags::parse();
    if !e2e::network::allowed() {
        return ExitCode::FAILURE;
    }
    let lasts = Duration::from_secs_f64(flags.hours * 3_600.0);
    let settled = SETTLED.min(lasts / 4);
    // A folder for each run: nothing of another one is taken for this one's.
    let begun = std::time::UNIX_EPOCH.elapsed().unwrap_or_default().as_secs();
    let folder = flags.folder.join(begun.to_string());
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    let folder = folder.canonicalize().expect("it is there");
    let excuses = Excuses::default();
    eprintln!("starting the rig; logs are in {}", folder.display());
    let mut rig = Rig::start(&folder, lasts, &excuses, flags.seed);
    let bar = ProgressBar::new(1_000);
    bar.set_style(ProgressStyle::with_template("{elapsed_precise} {wide_bar} {eta} left").expect("a template"));
    let tell = |what: &str, share: f64| {
        bar.set_position((share * 1_000.0) as u64);
        bar.suspend(|| eprintln!("{what}"));
    };
    // Ctrl-C ends it early, with a table of what there was.
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        flag::register(signal, Arc::clone(&stop)).expect("these signals can be caught");
    }
    let begun = Instant::now();
    let course = Course { lasts, settled, seed: flags.seed, only: flags.only.as_deref(), stop: &stop };
    let happened = run(&mut rig, &excuses, &course, tell);
    bar.finish_and_clear();
    let hours = begun.elapsed().as_secs_f64() / 3_600.0;
    let report = Report::of(rig, &excuses, &happened, hours, settled);
    let text = format!("{hours:.2} h, seed {}, faults:\n{}\n{report}", flags.seed, report::faults(&happened));
    print!("{text}");
    std::fs::write(folder.join("table.txt"), &text).expect("the folder can be written");
    if report.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
