//! What cues and rules send: `note.60@1`, `cc.7@1`, `program.5@1`. Pure.

use super::packet::{Channel, Message, Seven};
use super::settings::{DEFAULT_LENGTH_MS, default_velocity};
use downbeat_protocol::{HostTime, Value};
use std::time::Duration;

/// How long a note sounds.
const LENGTH: Duration = Duration::from_millis(DEFAULT_LENGTH_MS as u64);

/// Checks a message.
pub fn check(address: &str, value: Option<&Value>) -> Result<(), String> {
    read(address, value).map(|_| ())
}

/// Its MIDI messages, each with its moment; none if it cannot be sent.
pub fn messages(address: &str, value: Option<&Value>, now: HostTime) -> impl Iterator<Item = (HostTime, Message)> {
    let (first, end) = read(address, value).ok().unzip();
    first.map(|first| (now, first)).into_iter().chain(end.flatten().map(|end| (now + LENGTH, end)))
}

/// Whether it begins a note, which is worth something only at its moment; all else ends or stays.
pub fn begins_note(address: &str, value: Option<&Value>) -> bool {
    read(address, value).is_ok_and(|(first, _)| first.is_note_on())
}

/// The message, and the one that ends its note.
fn read(address: &str, value: Option<&Value>) -> Result<(Message, Option<Message>), String> {
    let unknown =
        || format!("unknown MIDI message `{address}`; write note.60@1, cc.7@1 or program.5@1 (number@channel)");
    let (kind, rest) = address.split_once('.').ok_or_else(unknown)?;
    let (number, channel) = rest.split_once('@').unwrap_or((rest, "1"));
    let channel = channel.parse::<u8>().map_err(|_| unknown()).and_then(Channel::try_from)?;
    let number = number.parse::<u8>().map_err(|_| unknown()).and_then(Seven::try_from)?;
    let seven = |default: Seven| match value {
        None | Some(Value::Bool(true)) => Ok(default),
        Some(other) => match other.number().filter(|number| (0.0..=127.0).contains(number)) {
            Some(number) => Ok(Seven::nearest(number)),
            None => Err(format!("`{other}` is not a value from 0 to 127")),
        },
    };
    match kind {
        "note" if seven(default_velocity())? == Seven::nearest(0.0) => Ok((Message::note_off(channel, number), None)),
        "note" => {
            let begin = Message::note_on(channel, number, seven(default_velocity())?);
            Ok((begin, Some(Message::note_off(channel, number))))
        }
        "cc" => Ok((Message::control_change(channel, number, seven(Seven::nearest(127.0))?), None)),
        "program" if value.is_some() => Err(format!("`{address}` takes no value: its number is the program")),
        "program" => Ok((Message::program_change(channel, number), None)),
        _ => Err(unknown()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(address: &str, value: Option<Value>) -> Vec<(i64, Vec<u8>)> {
        check(address, value.as_ref()).expect("a message");
        let all = messages(address, value.as_ref(), HostTime(0));
        all.map(|(at, message)| (at.0 / 1_000_000, message.bytes().to_vec())).collect()
    }

    #[test]
    fn a_note_ends_by_itself_and_a_controller_stays() {
        assert_eq!(sent("note.60@10", Some(90.0.into())), [(0, vec![0x99, 60, 90]), (50, vec![0x89, 60, 0])]);
        assert_eq!(sent("note.60", Some(0.0.into())), [(0, vec![0x80, 60, 0])]);
        assert_eq!(sent("cc.7@2", Some(64.0.into())), [(0, vec![0xB1, 7, 64])]);
        assert_eq!(sent("cc.7@2", Some(false.into())), [(0, vec![0xB1, 7, 0])]);
        assert_eq!(sent("cc.7", None), [(0, vec![0xB0, 7, 127])]);
        assert_eq!(sent("program.5@16", None), [(0, vec![0xCF, 5])]);
    }

    #[test]
    fn only_a_note_that_begins_is_worth_nothing_after_its_moment() {
        assert!(begins_note("note.60", None) && begins_note("note.60@10", Some(&90.0.into())));
        let lasting = [("note.60", Some(0.0)), ("cc.7", Some(64.0)), ("cc.7", None), ("program.5", None)];
        for (address, value) in lasting {
            assert!(!begins_note(address, value.map(Value::from).as_ref()), "{address} {value:?}");
        }
    }

    #[test]
    fn what_is_not_midi_is_refused_with_what_to_write() {
        let refused = |address: &str, value: f64| check(address, Some(&value.into())).expect_err("refused");
        assert!(refused("/cue/go", 1.0).contains("write note.60@1"));
        assert!(refused("note.60@17", 1.0).contains("1 to 16"));
        assert!(refused("note.160", 1.0).contains("0 to 127"));
        assert!(refused("cc.7", 300.0).contains("not a value from 0 to 127"));
        assert!(refused("program.5", 1.0).contains("takes no value"));
    }
}
