//! `downbeatctl reload`: makes a daemon read its configuration again, and prints what became of it.

use crate::command::find;
use crate::exit::Failure;
use crate::server::Server;
use crate::stop::Stop;
use downbeat_log::one_line;
use downbeat_protocol::message::Role;
use downbeat_protocol::{Action, Event, When};
use std::io::Write;
use std::time::{Duration, Instant};

/// How long a daemon may take: an edge that does not close is waited for.
const ANSWER: Duration = Duration::from_secs(15);

/// Make the daemon read its configuration again, while the show runs
///
/// Prints what is in force at once, which outputs and controls were opened again, and what needs a restart. A
/// configuration with a mistake changes nothing: exits with 1 and prints the mistake.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    server: Server,
}

/// Sends the request and waits for the outcome.
///
/// # Errors
/// If the daemon is absent, refuses the configuration, or does not answer.
pub fn run(args: &Args) -> Result<(), Failure> {
    let stop = Stop::listen()?;
    let name = format!("reload-{}", std::process::id());
    let (session, _) = args.server.connect(&name, Role::Controller, &stop)?;
    let events = session.events();
    let view = session.wait(ANSWER, |view| view.status.is_some());
    let before = view.status.map_or(0, |status| status.config_reads);
    session.command(Action::Reload, When::Now).map_err(|error| Failure::Refused(error.to_string()))?;
    let end = Instant::now() + ANSWER;
    let told = find(&events, &name, end, &stop, |event| match event {
        Event::Status(status) if status.config_reads != before => Some(status.config.clone()),
        _ => None,
    })?;
    match told {
        Some(told) => match told.strip_prefix("refused: ") {
            Some(why) => Err(Failure::Refused(why.into())),
            None => Ok(writeln!(std::io::stdout(), "{}", one_line(&told, usize::MAX))?),
        },
        None => Err(Failure::Refused("sent, but the daemon reports nothing. Check `downbeatctl watch`".into())),
    }
}
