//! `downbeatctl learn`: binds an element of a MIDI surface to an address when it moves.

use crate::command::{ANSWER, find};
use crate::exit::Failure;
use crate::server::Server;
use crate::stop::Stop;
use downbeat_client::{Events, Session, View};
use downbeat_log::one_line;
use downbeat_protocol::message::Role;
use downbeat_protocol::nearest::hint;
use downbeat_protocol::state::Change;
use downbeat_protocol::tree::{self, Access, LEARN, Learnt};
use downbeat_protocol::{Action, Event, ShowState, Status, Tree, When};
use std::io::Write;
use std::time::{Duration, Instant};

/// Bind the next fader or button moved on a MIDI surface to an address
///
/// Learnt bindings override the configuration, are kept with the show, and last until forgotten.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    server: Server,
    /// The address to bind: `/layer/back/opacity`, `/layer/back/scene/tunnel`
    #[arg(required_unless_present = "list")]
    address: Option<String>,
    /// Forget all bindings to this address
    #[arg(long)]
    forget: bool,
    /// List all learnt bindings
    #[arg(long, conflicts_with = "forget")]
    list: bool,
    /// Seconds to wait for the movement
    #[arg(long = "for", value_name = "SECONDS", default_value_t = 30)]
    seconds: u64,
}

/// Learns, forgets or lists.
///
/// # Errors
/// If there is no such address, the daemon refuses, or nothing moves.
pub fn run(args: &Args) -> Result<(), Failure> {
    let stop = Stop::listen()?;
    let name = format!("learn-{}", std::process::id());
    let (session, view) = args.server.connect(&name, Role::Controller, &stop)?;
    match &args.address {
        Some(address) if args.forget => forget(&session, &view, address),
        Some(address) => {
            check(address, &view)?;
            learn(&session, address, &name, Duration::from_secs(args.seconds), &stop)
        }
        None => tree::learnt(&view.state).try_for_each(|learnt| say(&learnt)),
    }
}

/// One learnt binding, in one line: its names are a daemon's.
fn say(learnt: &Learnt<'_>) -> Result<(), Failure> {
    let Learnt { control, element, address, .. } = learnt;
    let line = one_line(&format!("{control} {element} sets {address}"), usize::MAX);
    Ok(writeln!(std::io::stdout(), "{line}")?)
}

/// Refuses addresses that no element can set.
fn check(address: &str, view: &View) -> Result<(), Failure> {
    let tree = Tree::new(&view.state, &view.schema, &Status::default());
    let address = When::split(address).1;
    let settable = || tree.nodes().filter(|node| node.access() != Access::Read).map(|node| node.address.as_str());
    match settable().any(|known| known == address) {
        true => Ok(()),
        false => Err(Failure::Usage(format!("unknown address `{address}`; {}", hint(address, settable())))),
    }
}

fn learn(session: &Session, address: &str, name: &str, patience: Duration, stop: &Stop) -> Result<(), Failure> {
    let events = session.events();
    set(session, LEARN, address)?;
    // Movements before the daemon knows would not count.
    let is_known = |view: &View| tree::setting(&view.state, LEARN) == Some(address.into());
    if !is_known(&session.wait(ANSWER, is_known)) {
        return Err(Failure::Refused("sent, but the daemon is not learning. Is the show locked?".into()));
    }
    writeln!(std::io::stdout(), "move the fader or press the button to bind to {address} ...")?;
    let learnt = wait(&events, address, name, patience, stop);
    if !matches!(learnt, Ok(Some(_))) {
        // Later movements must not be bound.
        set(session, LEARN, "")?;
        session.wait(ANSWER, |view| tree::setting(&view.state, LEARN) == Some("".into()));
    }
    let Some(at) = learnt? else {
        return Err(Failure::Refused(format!("nothing moved within {} s", patience.as_secs())));
    };
    let mut state = ShowState::default();
    state.apply(&Change::Set { address: at, value: address.into() });
    tree::learnt(&state).try_for_each(|learnt| say(&learnt))
}

/// The element that has learnt it; none after the timeout.
fn wait(events: &Events, wanted: &str, name: &str, patience: Duration, stop: &Stop) -> Result<Option<String>, Failure> {
    find(events, name, Instant::now() + patience, stop, |event| match event {
        Event::Changed { change: Change::Set { address, value }, .. } => {
            (address != LEARN && *value == wanted.into()).then(|| address.clone())
        }
        _ => None,
    })
}

fn forget(session: &Session, view: &View, address: &str) -> Result<(), Failure> {
    let known: Vec<Learnt<'_>> = tree::learnt(&view.state).filter(|it| it.address == address).collect();
    if known.is_empty() {
        let all = tree::learnt(&view.state).map(|it| it.address);
        return Err(Failure::Refused(format!("no element has learnt `{address}`; {}", hint(address, all))));
    }
    for learnt in &known {
        set(session, learnt.at, "")?;
    }
    let is_forgotten = |view: &View| tree::learnt(&view.state).all(|it| it.address != address);
    let view = session.wait(ANSWER, is_forgotten);
    if !is_forgotten(&view) {
        return Err(Failure::Refused("sent, but the daemon has not forgotten it. Is the show locked?".into()));
    }
    for Learnt { control, element, .. } in &known {
        let line = one_line(&format!("{control} {element}: forgot {address}"), usize::MAX);
        writeln!(std::io::stdout(), "{line}")?;
    }
    Ok(())
}

fn set(session: &Session, address: &str, text: &str) -> Result<(), Failure> {
    let action = Action::Set { address: address.into(), value: text.into() };
    session.command(action, When::Now).map_err(|error| Failure::Refused(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_protocol::Layer;
    use std::sync::Arc;

    #[test]
    fn only_what_can_be_set_in_this_show_can_be_learnt() {
        let mut view = View::default();
        Arc::make_mut(&mut view.state).layers.push(Layer { name: "back".into(), ..Layer::default() });
        assert!(check("/layer/back/opacity", &view).is_ok() && check("/next/bar/show/blackout", &view).is_ok());
        let why = check("/layer/bakc/opacity", &view).expect_err("unknown").to_string();
        assert!(why.contains("did you mean `/layer/back/opacity`?"), "{why}");
        assert!(check("/tempo/lock", &view).is_err(), "can only be read");
    }
}
