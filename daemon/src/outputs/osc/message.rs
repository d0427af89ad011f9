//! What cues and rules send: an address, and after a comma the argument's type, if it is not clear from the value.
//! Pure.

use super::settings::is_address;
use crate::edges::osc::encode::{Arg, message};
use downbeat_protocol::Value;

/// Checks a message.
pub fn check(address: &str, value: Option<&Value>) -> Result<(), String> {
    let (address, argument) = read(address, value)?;
    if !is_address(address) {
        return Err(format!("`{address}` is not an OSC address: it starts with / and has no spaces or #*,?[]{{}}"));
    }
    let size = encode(address, argument).len();
    if size > LONGEST {
        Err(format!("the message has {size} bytes; an output sends at most {LONGEST}"))
    } else {
        Ok(())
    }
}

/// The datagram, and the one that releases the button if there is no value.
pub fn datagrams(address: &str, value: Option<&Value>) -> Option<(Vec<u8>, Option<Vec<u8>>)> {
    let (address, argument) = read(address, value).ok()?;
    let release = value.is_none().then(|| encode(address, Arg::Int(0)));
    Some((encode(address, argument), release))
}

/// Bytes of a message.
const LONGEST: usize = 1024;

fn encode(address: &str, argument: Arg<'_>) -> Vec<u8> {
    message(address, &[argument])
}

/// The address alone, and the argument: a number is a float, a switch or a button an integer, unless the address gives
/// a type: `/ch/01/config/color,i`.
fn read<'a>(address: &'a str, value: Option<&'a Value>) -> Result<(&'a str, Arg<'a>), String> {
    let (address, tag) = match address.split_once(',') {
        Some((address, tag)) => (address, Some(tag)),
        None => (address, None),
    };
    let number = || value.map_or(Some(1.0), Value::number);
    let wrong = |what: &str| format!("the value of `{address}` is not {what}");
    let argument = match (tag, value) {
        (None, None | Some(Value::Bool(_))) | (Some("i"), _) => {
            Arg::Int(number().ok_or_else(|| wrong("a number"))?.round() as i32)
        }
        (None, Some(Value::Number(_))) | (Some("f"), _) => {
            Arg::Float(number().ok_or_else(|| wrong("a number"))? as f32)
        }
        (None | Some("s"), Some(Value::Text(text))) => Arg::Text(text),
        (Some("s"), _) => return Err(wrong("a text")),
        (Some(tag), _) => return Err(format!("unknown OSC type `{tag}` in `{address},{tag}`; choose i, f or s")),
    };
    Ok((address, argument))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rosc::{OscPacket, OscType, decoder::decode_udp};

    fn sent(address: &str, value: Option<Value>) -> Vec<OscType> {
        check(address, value.as_ref()).expect("a message");
        let (first, release) = datagrams(address, value.as_ref()).expect("a message");
        let arguments = |bytes: Vec<u8>| match decode_udp(&bytes).expect("OSC").1 {
            OscPacket::Message(message) => message.args,
            OscPacket::Bundle(_) => Vec::new(),
        };
        [arguments(first), release.map(arguments).unwrap_or_default()].concat()
    }

    #[test]
    fn a_value_says_its_type_unless_the_address_does() {
        assert_eq!(sent("/cue/go", None), [OscType::Int(1), OscType::Int(0)], "a button is let go");
        assert_eq!(sent("/bypass", Some(true.into())), [OscType::Int(1)]);
        assert_eq!(sent("/opacity", Some(0.5.into())), [OscType::Float(0.5)]);
        assert_eq!(sent("/cmd", Some("Go+ Executor 3".into())), [OscType::String("Go+ Executor 3".into())]);
        assert_eq!(sent("/ch/01/config/color,i", Some(3.0.into())), [OscType::Int(3)]);
        assert_eq!(sent("/exec/1,f", Some(true.into())), [OscType::Float(1.0)]);
    }

    #[test]
    fn what_no_receiver_understands_is_refused_with_what_to_write() {
        let refused = |address: &str, value: Value| check(address, Some(&value)).expect_err("refused");
        assert!(refused("layer/1", 1.0.into()).contains("starts with /"));
        assert!(refused("/layer/*", 1.0.into()).contains("no spaces or #*"));
        assert!(refused("/x,q", 1.0.into()).contains("choose i, f or s"));
        assert!(refused("/x,i", "red".into()).contains("not a number"));
        assert!(refused("/x", Value::Text("y".repeat(2000))).contains("at most 1024"));
    }
}
