//! `downbeatctl`: watch the show, command it, save its cues and rules, pair nodes, check configurations, analyse files,
//! measure the wall.

mod analyse;
mod command;
mod describe;
mod exit;
mod learn;
mod pairing;
mod plot;
mod program;
mod progress;
mod qr;
mod server;
mod show;
mod skew;
mod stop;
mod touchosc;
mod validate;
mod watch;

use clap::{Parser, Subcommand};
use exit::{Failure, STATUSES, USAGE};
use std::process::ExitCode;

/// Watch the show, command it, save its cues and rules, pair nodes, check configurations, analyse files, measure the
/// wall
#[derive(Parser)]
#[command(version, after_help = STATUSES, propagate_version = true)]
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
}

fn main() -> ExitCode {
    let what = match Cli::try_parse() {
        Ok(cli) => cli.what,
        Err(message) => return explain(&message),
    };
    if !matches!(what, What::Watch(_)) {
        log();
    }
    let outcome = match &what {
        What::Watch(args) => watch::run(args),
        What::Command(args) => command::run(args),
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
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        // The reader of our output has seen enough, as with `head`.
        Err(failure) if failure.is_broken_pipe() => ExitCode::SUCCESS,
        Err(failure) => {
            if !matches!(failure, Failure::Reported) {
                eprintln!("downbeatctl: {failure}");
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

/// Logs of the libraries go to standard error; `watch` shows them on its page. `RUST_LOG` sets the level.
fn log() {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .without_time()
        .with_target(false)
        .init();
}
