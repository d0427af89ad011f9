//! Turns an address and its value into commands, for all surfaces that use addresses.

use super::reach::reached;
use super::senders::{Senders, is_urgent};
use crate::clock::{ShowClock, host_now};
use crate::edges::osc::decode::Message;
use crate::edges::osc::timetag;
use downbeat_protocol::{Action, Command, ShowTime, Tree, Value, When, tree};
use std::net::IpAddr;

/// The commands of an OSC message.
#[derive(Debug, PartialEq)]
pub struct Commands {
    /// Each with its own address.
    pub commands: Vec<(String, Command)>,
    /// What is odd about the time of the message, for the operator.
    pub warning: Option<String>,
}

/// The commands of an OSC message from a host. A prefix of its address, or else the time tag of its bundle, sets the
/// time; `senders` knows which tags to obey.
///
/// # Errors
/// As [`commands`].
pub fn of_message(
    tree: &Tree,
    clock: &ShowClock,
    senders: &mut Senders,
    message: &Message,
    (host, from): (IpAddr, &str),
) -> Result<Commands, String> {
    let (when, address) = When::split(&message.address);
    let mut commands = commands(tree, address, message.value.as_ref(), when, from)?;
    let at = message.time.filter(|_| when == When::Now).and_then(|tag| {
        let offset = timetag::wall_offset();
        senders.tell_time(offset);
        timetag::moment(tag, offset)
    });
    let Some(at) = at else { return Ok(Commands { commands, warning: None }) };
    let now = host_now();
    let at_once = commands.iter().any(|(_, command)| is_urgent(&command.what));
    let verdict = senders.judge(host, at.since(now), at_once, now);
    if !verdict.wait.is_zero() {
        let when = When::At(clock.show(now + verdict.wait));
        commands.iter_mut().for_each(|(_, command)| command.when = when);
    }
    Ok(Commands { commands, warning: verdict.warning })
}

/// A tap counts when it arrives, whenever the show takes it up.
pub fn arrived(command: Command, at: ShowTime) -> Command {
    match (&command.what, command.when) {
        (Action::Tap, When::Now) => Command { when: When::At(at), ..command },
        _ => command,
    }
}

/// The commands of a message, each with its own address: several for a pattern, none for the release of a button.
/// `from` is their sender.
///
/// # Errors
/// A message, if no settable address matches, or none of those takes the value.
pub fn commands(
    tree: &Tree,
    address: &str,
    value: Option<&Value>,
    when: When,
    from: &str,
) -> Result<Vec<(String, Command)>, String> {
    let (mut commands, mut mistake, mut fits) = (Vec::new(), None, false);
    for address in reached(tree, address).map_err(|error| error.to_string())? {
        match tree::parse(&address, value) {
            Ok(what) => {
                fits = true;
                let command = |what| (address.into_owned(), Command { what, when, from: from.to_owned() });
                commands.extend(what.map(command));
            }
            // A pattern may also match addresses that take another kind of value.
            Err(error) => {
                mistake.get_or_insert(error);
            }
        }
    }
    match mistake {
        Some(error) if !fits => Err(error.to_string()),
        _ => Ok(commands),
    }
}
