//! `downbeatctl watch`: the show at a glance in a terminal, or one line per second to a file or pipe.

mod beat;
mod buses;
mod clients;
mod controls;
mod desk;
mod digits;
pub mod drawn;
mod footer;
mod grid;
mod header;
mod help;
mod ink;
mod keys;
mod layers;
mod lines;
mod log;
mod observer;
mod outputs;
mod page;
mod parameters;
mod plain;
mod recent;
mod room;
mod screen;
mod sheet;
mod sight;
#[cfg(test)]
mod tests;
mod theme;

use crate::exit::Failure;
use crate::server::Server;
use crate::stop::Stop;
use downbeat_client::Session;
use downbeat_protocol::message::Role;
use lines::Lines;
use observer::Observer;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// Watch and control the show on a terminal page
///
/// Shows tempo and beat, inputs, layers, parameters, outputs, clients and recent events; keys control the show (? lists
/// them). If the daemon is lost, it says so and reconnects.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    server: Server,
    /// One line per second instead of the page; the default if the output is not a terminal
    #[arg(long)]
    plain: bool,
    /// Disable the keys that send commands
    #[arg(long)]
    view_only: bool,
    /// Exit after this many seconds
    #[arg(long = "for", value_name = "SECONDS", value_parser = seconds)]
    duration: Option<Duration>,
}

/// Runs until the operator quits or the time is over.
///
/// # Errors
/// If the terminal fails, or lines are missing at the end.
pub fn run(args: &Args) -> Result<(), Failure> {
    let page = !args.plain && std::io::stdout().is_terminal();
    let role = if page && !args.view_only { Role::Controller } else { Role::Viewer };
    let name = format!("watch-{}", std::process::id());
    let session = Session::start(args.server.settings(&name, role)?);
    let stop = if page { Stop::listen_and(screen::abandon)? } else { Stop::listen()? };
    let mut observer = Observer::new(session, args.server.address());
    let end = args.duration.map(|duration| Instant::now() + duration);
    let over = || stop.asked() || end.is_some_and(|end| Instant::now() >= end);
    if page { screen::run(&mut observer, args.view_only, over) } else { print_lines(&mut observer, over) }
}

/// One line a second, kept to the second however long printing takes.
fn print_lines(observer: &mut Observer, over: impl Fn() -> bool) -> Result<(), Failure> {
    const BETWEEN: Duration = Duration::from_secs(1);
    const NAP: Duration = Duration::from_millis(50);
    observer.wait_connected(Duration::from_millis(900));
    let (mut due, mut lines) = (Instant::now(), Lines::to_stdout()?);
    while !over() {
        if Instant::now() >= due {
            due += BETWEEN;
            lines.put(&plain::line(&observer.look()))?;
        }
        std::thread::sleep(NAP.min(due.saturating_duration_since(Instant::now())));
    }
    Ok(lines.finish()?)
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "expected a number of seconds".to_owned())?;
    Duration::try_from_secs_f64(seconds).map_err(|_| "must be 0 or more seconds".to_owned())
}
