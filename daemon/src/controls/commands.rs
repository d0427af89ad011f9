//! Turns an address and its value into commands, for all surfaces that use addresses.

use super::reach::reached;
use crate::clock::{ShowClock, host_now};
use crate::edges::osc::decode::Message;
use crate::edges::osc::timetag;
use downbeat_protocol::{Command, Tree, Value, When, tree};
use rosc::OscTime;
use std::time::Duration;

/// A time tag further ahead than this comes from a clock that is not set: its message counts as now.
const AHEAD: Duration = Duration::from_secs(10);

/// The commands of an OSC message. A prefix of its address, or else the time tag of its bundle, sets the time.
///
/// # Errors
/// As [`commands`].
pub fn of_message(
    tree: &Tree,
    clock: &ShowClock,
    message: &Message,
    from: &str,
) -> Result<Vec<(String, Command)>, String> {
    let (when, address) = When::split(&message.address);
    let when = if when == When::Now { at(message.time, clock) } else { when };
    commands(tree, address, message.value.as_ref(), when, from)
}

fn at(time: Option<OscTime>, clock: &ShowClock) -> When {
    let Some(at) = time.and_then(|time| timetag::moment(time, timetag::wall_offset())) else { return When::Now };
    let now = host_now();
    if at > now && at < now + AHEAD { When::At(clock.show(at)) } else { When::Now }
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
