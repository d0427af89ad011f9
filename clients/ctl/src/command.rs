//! `downbeatctl command`: sends one command to the daemon and prints its effect.

use crate::describe;
use crate::exit::Failure;
use crate::server::Server;
use crate::stop::Stop;
use clap::ValueEnum;
use downbeat_client::{Events, View};
use downbeat_protocol::message::Role;
use downbeat_protocol::tree::{self, Access, ENTRIES, Kind, Read};
use downbeat_protocol::{Action, ActionError, Event, Value, When};
use std::io::Write;
use std::time::{Duration, Instant};

/// How long an effect may take after it is due.
pub const ANSWER: Duration = Duration::from_secs(2);
/// How often to check for Ctrl-C.
const NAP: Duration = Duration::from_millis(100);

/// Send a command to the daemon and print its effect
///
/// Address and value are as in OSC: `/tempo/tap`, `/show/blackout on`, `/layer/back/scene tunnel`. Exits with 0 once
/// the daemon confirms the effect, with 1 if it refuses or does not answer.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    server: Server,
    /// List all addresses and exit
    #[arg(long)]
    list: bool,
    /// With --list: print a Markdown page
    #[arg(long, requires = "list")]
    markdown: bool,
    /// The address to set
    #[arg(required_unless_present = "list")]
    address: Option<String>,
    /// A number, `on`, `off` or a text; buttons need none
    #[arg(allow_negative_numbers = true)]
    value: Option<String>,
    /// When it takes effect
    #[arg(long, value_enum, default_value_t = Moment::Now)]
    when: Moment,
}

/// When a command takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Moment {
    /// At once
    Now,
    /// At the next beat
    Beat,
    /// At the next downbeat
    Bar,
    /// At the next phrase
    Phrase,
}

/// Sends the command and waits for its effect.
///
/// # Errors
/// If the address or value is invalid, or the daemon is absent, refuses, or does not answer.
pub fn run(args: &Args) -> Result<(), Failure> {
    let Some(address) = args.address.as_ref().filter(|_| !args.list) else {
        return list(args.markdown, &mut std::io::stdout().lock());
    };
    let value = args.value.as_deref().map(Value::from);
    let (when, action) = parse(address, value.as_ref(), args.when)?;
    let wish = Wish { address: When::split(address).1, value: value.as_ref() };
    let stop = Stop::listen()?;
    let name = format!("command-{}", std::process::id());
    if action.is_about_lead() {
        return crate::lead::run(&args.server, action, &name, &stop);
    }
    let (session, view) = args.server.connect(&name, Role::Controller, &stop)?;
    let events = session.events();
    session.command(action, when).map_err(|error| Failure::Refused(error.to_string()))?;
    let end = Instant::now() + ANSWER + until(&view, when);
    let told = answer(&events, &wish, &name, end, &stop)?.or_else(|| already(&session.view(), &wish));
    match told {
        Some(told) => Ok(writeln!(std::io::stdout(), "{told}")?),
        None => Err(Failure::Refused(format!(
            "{address}: sent, but the daemon reports no effect. Check `downbeatctl watch`"
        ))),
    }
}

/// The requested change.
struct Wish<'a> {
    address: &'a str,
    value: Option<&'a Value>,
}

fn list(markdown: bool, out: &mut impl Write) -> Result<(), Failure> {
    if markdown {
        return Ok(write!(out, "{}", tree::reference())?);
    }
    for entry in ENTRIES.iter().filter(|entry| entry.access() != Access::Read) {
        writeln!(out, "{:26} {:28} {}", entry.address, tree::value(entry), entry.help)?;
    }
    Ok(())
}

/// The action of a typed address; `/next/bar/…` also sets the time.
fn parse(address: &str, value: Option<&Value>, when: Moment) -> Result<(When, Action), Failure> {
    let (in_address, rest) = When::split(address);
    let when = match when {
        Moment::Now => in_address,
        Moment::Beat => When::Beat,
        Moment::Bar => When::Bar,
        Moment::Phrase => When::Phrase,
    };
    let action = tree::parse(rest, value).map_err(|error| match error {
        ActionError::Definition { .. } => Failure::Usage(error.to_string()),
        _ => Failure::Usage(format!("{error}. `downbeatctl command --list` lists all addresses")),
    })?;
    let nothing = || Failure::Usage(format!("`{address}` with this value releases a button: nothing to do"));
    Ok((when, action.ok_or_else(nothing)?))
}

/// Time until the moment comes.
fn until(view: &View, when: When) -> Duration {
    let line = &view.timeline;
    let cycle = match when {
        When::Now | When::At(_) => 0.0,
        When::Beat => 1.0,
        When::Bar => line.bar().as_f64(),
        When::Phrase => line.phrase().as_f64(),
    };
    Duration::from_nanos((cycle * line.beat_ns()) as u64)
}

/// Description of the first event that shows the effect; none after the timeout.
fn answer(events: &Events, wish: &Wish<'_>, name: &str, end: Instant, stop: &Stop) -> Result<Option<String>, Failure> {
    find(events, name, end, stop, |event| {
        let shown = describe::shows(event, wish.address, wish.value);
        shown.then(|| describe::event(event).unwrap_or_else(|| "done".into()))
    })
}

/// The first event in which `found` finds something; none if none came in time.
///
/// # Errors
/// If the daemon refuses the command of this client, or on Ctrl-C.
pub fn find<T>(
    events: &Events,
    name: &str,
    end: Instant,
    stop: &Stop,
    found: impl Fn(&Event) -> Option<T>,
) -> Result<Option<T>, Failure> {
    while Instant::now() < end {
        if stop.asked() {
            return Err(Failure::Cancelled);
        }
        match events.next(NAP.min(end.saturating_duration_since(Instant::now()))) {
            Some(Event::Refused { from, why }) if from.ends_with(&format!(":{name}")) => {
                return Err(Failure::Refused(why));
            }
            Some(event) => {
                if let Some(found) = found(&event) {
                    return Ok(Some(found));
                }
            }
            None => {}
        }
    }
    Ok(None)
}

/// The message when nothing changed because the value was set already.
fn already(view: &View, wish: &Wish<'_>) -> Option<String> {
    let (entry, names) = tree::entry(wish.address)?;
    let so = match (entry.read, entry.kind) {
        (Read::State(read) | Read::StateOrSignal(read, _), Kind::Number(..)) => {
            read(&view.state, &names)?.number() == wish.value?.number()
        }
        (Read::State(read), _) => describe::fits(entry, &read(&view.state, &names)?, wish.value),
        (Read::Setting(_), _) => describe::fits(entry, &tree::setting(&view.state, wish.address)?, wish.value),
        (Read::Signal("tempo.bpm"), _) => Some(view.timeline.tempo) == wish.value?.number(),
        _ => false,
    };
    so.then(|| "already set".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn a_command_reads_as_its_osc_message_would() {
        let parsed = |address, value: Option<&str>| {
            parse(address, value.map(Value::from).as_ref(), Moment::Now).expect("parses")
        };
        assert_eq!(parsed("/tempo/tap", None), (When::Now, Action::Tap));
        assert_eq!(parsed("/tempo/nudge", Some("-5")), (When::Now, Action::Nudge(-5.0)));
        assert_eq!(parsed("/show/blackout", Some("on")), (When::Now, Action::Blackout(true)));
        assert_eq!(parsed("/next/bar/show/freeze", Some("1")), (When::Bar, Action::Freeze(true)));
        let (when, _) = parse("/show/freeze", Some(&"1".into()), Moment::Phrase).expect("parses");
        assert_eq!(when, When::Phrase);
    }

    #[test]
    fn a_wrong_address_or_value_says_where_to_look() {
        let error = parse("/tempo/tapp", None, Moment::Now).expect_err("unknown");
        assert!(error.to_string().contains("`/tempo/tapp`. `downbeatctl command --list`"), "{error}");
        assert!(parse("/tempo/bpm", Some(&"fast".into()), Moment::Now).is_err());
        assert!(parse("/tempo/tap", Some(&"0".into()), Moment::Now).is_err());
    }

    #[test]
    fn the_list_names_every_address() {
        let mut out = Vec::new();
        list(false, &mut out).expect("written");
        let text = String::from_utf8(out).expect("text");
        let settable = ENTRIES.iter().filter(|entry| entry.access() != Access::Read);
        assert_eq!(text.lines().count(), settable.count());
        assert!(text.lines().all(|line| line.starts_with('/')));
    }

    #[test]
    fn a_wait_for_the_bar_takes_as_long_as_a_bar() {
        let view = View::default();
        assert_eq!(until(&view, When::Bar), Duration::from_secs(2));
        assert_eq!(until(&view, When::Now), Duration::ZERO);
    }

    #[test]
    fn what_was_so_before_needs_no_event() {
        let mut view = View::default();
        Arc::make_mut(&mut view.state).blackout = true;
        let (on, off) = (Value::from("on"), Value::from("off"));
        let already = |address, value| already(&view, &Wish { address, value });
        assert!(already("/show/blackout", Some(&on)).is_some());
        assert!(already("/show/blackout", Some(&off)).is_none());
        assert!(already("/tempo/tap", None).is_none());
    }
}
