//! `downbeatctl`: watch the show, command it, change its configuration, save its cues and rules, pair nodes, check configurations, analyse files,
//! measure the wall.

mod analyse;
mod command;
mod describe;
mod doctor;
mod exit;
mod lead;
mod learn;
mod pairing;
mod plot;
mod program;
mod progress;
mod qr;
mod reload;
mod report;
mod server;
mod show;
mod skew;
mod stop;
mod touchosc;
mod validate;
mod watch;

/// What reads the bytes and texts of others, for tests in other crates.
pub mod reading {
    pub use crate::report::page::body;
    pub use crate::report::redact;
    pub use crate::server::whole;
    pub use crate::skew::video::{Grey, frame_said, read_frame};
    pub use crate::watch::drawn::drawn;
}

use clap::{CommandFactory, Parser, Subcommand};
use downbeat_log::Settings;
use exit::{Failure, STATUSES, USAGE};
use std::process::ExitCode;

/// Watch the show, command it, save its cues and rules, pair nodes, check configurations and the machine, analyse files,
/// measure the wall
#[derive(Parser)]
#[command(name = "downbeatctl", version, after_help = STATUSES, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    #[command(after_help = STATUSES)]
    Watch(watch::Args),
    #[command(after_help = STATUSES)]
    Command(command::Args),
    #[command(after_help = STATUSES)]
    Reload(reload::Args),
    #[command(after_help = STATUSES)]
    Show(show::Args),
    #[command(after_help = STATUSES)]
    Learn(learn::Args),
    #[command(after_help = STATUSES)]
    Pair(pairing::PairArgs),
    #[command(after_help = STATUSES)]
    Peers(pairing::PeersArgs),
    #[command(after_help = STATUSES)]
    Revoke(pairing::RevokeArgs),
    Web(pairing::WebArgs),
    #[command(after_help = STATUSES)]
    Touchosc(touchosc::Args),
    #[command(after_help = STATUSES)]
    Validate(validate::Args),
    #[command(after_help = STATUSES)]
    Analyse(analyse::Args),
    #[command(after_help = STATUSES)]
    Skew(skew::Args),
    #[command(after_help = STATUSES)]
    Doctor(doctor::Args),
    #[command(after_help = STATUSES)]
    Report(report::Args),
}

/// The command line, for manual pages and completions.
pub fn command_line() -> clap::Command {
    Cli::command()
}

/// Runs the program with the arguments of this process.
pub fn main() -> ExitCode {
    let what = match Cli::try_parse() {
        Ok(cli) => cli.what,
        Err(message) => return explain(&message),
    };
    // `watch` shows its log on its page.
    let _log = (!matches!(what, What::Watch(_)))
        .then(|| downbeat_log::start(Settings { variable: "RUST_LOG", filter: "warn", times: false }));
    let outcome = match &what {
        What::Watch(args) => watch::run(args),
        What::Command(args) => command::run(args),
        What::Reload(args) => reload::run(args),
        What::Show(args) => show::run(args),
        What::Learn(args) => learn::run(args),
        What::Pair(args) => pairing::pair(args),
        What::Peers(args) => pairing::peers(args),
        What::Revoke(args) => pairing::revoke(args),
        What::Web(args) => pairing::web(args),
        What::Touchosc(args) => touchosc::run(args),
        What::Validate(args) => validate::run(args),
        What::Analyse(args) => analyse::run(args),
        What::Skew(args) => skew::run(args),
        What::Doctor(args) => doctor::run(args),
        What::Report(args) => report::run(args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        // The reader of our output has seen enough, as with `head`.
        Err(failure) if failure.is_broken_pipe() => ExitCode::SUCCESS,
        Err(failure) => {
            if !matches!(failure, Failure::Reported) {
                failure.lines().iter().for_each(|line| downbeat_log::say(line));
            }
            failure.status()
        }
    }
}

/// Help goes to standard output; a wrong command line exits with the status that all our programs use for it.
fn explain(message: &clap::Error) -> ExitCode {
    // If even this fails, there is nowhere left to report it.
    let _ = message.print();
    if message.use_stderr() { ExitCode::from(USAGE) } else { ExitCode::SUCCESS }
}
