//! Takes and gives the lead: the one command that also goes to a daemon that stands by, since that is when it is needed.

use crate::exit::Failure;
use crate::server::Server;
use crate::stop::Stop;
use downbeat_client::View;
use downbeat_protocol::message::Role;
use downbeat_protocol::{Action, Event, When};
use std::io::Write;
use std::time::{Duration, Instant};

/// How long the effect may take.
const ANSWER: Duration = Duration::from_secs(2);
/// How often to check for the effect and for Ctrl-C.
const NAP: Duration = Duration::from_millis(50);

/// Sends the command and waits until the daemon leads, or no longer does.
///
/// # Errors
/// If no daemon answers, or it refuses, or nothing changes.
pub fn run(server: &Server, action: Action, name: &str, stop: &Stop) -> Result<(), Failure> {
    let takes = action == Action::TakeLead;
    let (session, view) = server.connect_any(name, Role::Controller, stop)?;
    let (path, leads) = chosen(&view, takes);
    if takes && leads {
        return Ok(writeln!(std::io::stdout(), "{} leads already", view.paths[path].server)?);
    }
    let events = session.events();
    session.command_to(path, action, When::Now).map_err(|error| Failure::Refused(error.to_string()))?;
    let end = Instant::now() + ANSWER;
    while Instant::now() < end {
        if stop.asked() {
            return Err(Failure::Cancelled);
        }
        let view = session.wait(NAP, |view| is_led(view, path) == takes);
        if is_led(&view, path) == takes {
            let how = if takes { "leads now" } else { "no longer leads" };
            return Ok(writeln!(std::io::stdout(), "{} {how}", view.paths[path].server)?);
        }
        while let Some(event) = events.next(Duration::ZERO) {
            if let Event::Refused { from, why } = event
                && from.ends_with(&format!(":{name}"))
            {
                return Err(Failure::Refused(why));
            }
        }
    }
    Err(Failure::Refused(format!(
        "{}: sent, but nothing has changed. Check `downbeatctl watch`{}",
        view.paths[path].server,
        if takes { "" } else { "; the lead can only be given to a daemon that stands by" }
    )))
}

fn is_led(view: &View, path: usize) -> bool {
    view.paths[path].daemon.is_some_and(|daemon| daemon.leads)
}

/// The daemon to ask, by its place in the list, and whether it leads: to take the lead, the first one that stands by; to
/// give it, the leader.
fn chosen(view: &View, takes: bool) -> (usize, bool) {
    let there = || view.paths.iter().enumerate().filter_map(|(place, path)| Some((place, path.daemon?.leads)));
    let wanted = there().find(|(_, leads)| *leads != takes);
    wanted.or_else(|| there().next()).unwrap_or((0, false))
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_client::session::PathView;
    use downbeat_protocol::message::Daemon;

    #[test]
    fn who_stands_by_takes_the_lead_and_who_leads_gives_it() {
        let path = |leads: Option<bool>| PathView {
            daemon: leads.map(|leads| Daemon { run: 1, term: 0, leads, port: 0, early_ns: 0 }),
            ..PathView::default()
        };
        let view = |all: &[Option<bool>]| View { paths: all.iter().map(|it| path(*it)).collect(), ..View::default() };
        assert_eq!(chosen(&view(&[None, Some(true), Some(false)]), true), (2, false));
        assert_eq!(chosen(&view(&[Some(false), Some(true)]), false), (1, true));
        assert_eq!(chosen(&view(&[Some(false)]), true), (0, false), "its leader is gone");
        assert_eq!(chosen(&view(&[Some(true)]), true), (0, true));
    }
}
