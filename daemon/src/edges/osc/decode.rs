//! Decodes OSC packets from any source: bytes in, messages out, never a panic.
//!
//! `rosc` reads the messages. Bundles are unpacked here, with a limit on nesting: a datagram has room for three
//! thousand levels, a thread's stack has not. Pure.

use downbeat_protocol::Value;
use rosc::{OscPacket, OscTime, OscType, decoder::decode_udp};

/// Maximum nesting of bundles; nobody sends more than two.
const MAX_DEPTH: usize = 8;
/// `#bundle` and its zero byte.
const BUNDLE: &[u8] = b"#bundle\0";
/// A bundle's head: [`BUNDLE`] and a time tag.
const BUNDLE_HEAD: usize = 16;

/// The relevant parts of a message.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Starts with a slash.
    pub address: String,
    /// The first argument, if it can set something.
    pub value: Option<Value>,
    /// Whether there are further ones.
    pub has_more: bool,
    /// The time tag of the bundle around it.
    pub time: Option<OscTime>,
}

/// Why bytes are not OSC.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PacketError {
    /// A wrong start, or a premature end.
    #[error("not OSC: {0}")]
    Malformed(String),
    /// Bundles nested too deep.
    #[error("bundles nested more than {MAX_DEPTH} deep")]
    TooDeep,
    /// An argument of an unsupported type.
    #[error("`{address}` came with {what}; expected a number, a switch or a text")]
    Argument {
        /// The address of the message.
        address: String,
        /// The type that came.
        what: &'static str,
    },
}

/// Passes each message of a packet to `each`, in order. A bad message does not affect those around it.
pub fn read(packet: &[u8], each: &mut impl FnMut(Result<Message, PacketError>)) {
    read_element(packet, None, 0, each);
}

fn read_element(
    bytes: &[u8],
    time: Option<OscTime>,
    depth: usize,
    each: &mut impl FnMut(Result<Message, PacketError>),
) {
    if !bytes.starts_with(BUNDLE) {
        return each(read_message(bytes, time));
    }
    if depth == MAX_DEPTH {
        return each(Err(PacketError::TooDeep));
    }
    let Some((head, mut rest)) = bytes.split_at_checked(BUNDLE_HEAD) else {
        return each(Err(malformed("a bundle without a time tag")));
    };
    let (seconds, fractional) = (be_u32(&head[8..]), be_u32(&head[12..]));
    let time = seconds.zip(fractional).map(|(seconds, fractional)| OscTime { seconds, fractional });
    while !rest.is_empty() {
        let element = be_u32(rest).and_then(|length| rest[4..].split_at_checked(length as usize));
        let Some((element, after)) = element else {
            return each(Err(malformed("a bundle that ends within a message")));
        };
        read_element(element, time, depth + 1, each);
        rest = after;
    }
}

fn read_message(bytes: &[u8], time: Option<OscTime>) -> Result<Message, PacketError> {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    let tags = bytes.get((end + 4) & !3..).unwrap_or_default();
    if tags.is_empty() {
        // Old senders omit the type tags of messages without arguments; OSC 1.0 asks to be lenient.
        let address = std::str::from_utf8(&bytes[..end]).ok().filter(|text| text.starts_with('/'));
        let address = address.ok_or_else(|| malformed("an address must begin with a slash"))?.to_owned();
        return Ok(Message { address, value: None, has_more: false, time });
    }
    // Arrays set nothing here, and rosc builds nested ones to any depth.
    if tags.iter().take_while(|byte| **byte != 0).any(|tag| *tag == b'[') {
        let address = String::from_utf8_lossy(&bytes[..end]).into_owned();
        return Err(PacketError::Argument { address, what: "an array" });
    }
    match decode_udp(bytes) {
        Ok((_, OscPacket::Message(message))) => {
            let has_more = message.args.len() > 1;
            let value = message.args.into_iter().next().map(value).transpose();
            let value = value.map_err(|what| PacketError::Argument { address: message.addr.clone(), what })?;
            Ok(Message { address: message.addr, value, has_more, time })
        }
        Ok((_, OscPacket::Bundle(_))) => Err(malformed("a bundle where a message should be")),
        Err(error) => Err(PacketError::Malformed(error.to_string())),
    }
}

/// Nil and impulse are a button press, which counts as on.
fn value(argument: OscType) -> Result<Value, &'static str> {
    Ok(match argument {
        OscType::Int(number) => Value::Number(number.into()),
        OscType::Long(number) => Value::Number(number as f64),
        OscType::Float(number) => Value::from(number),
        OscType::Double(number) => Value::Number(number),
        OscType::Bool(on) => Value::Bool(on),
        OscType::Nil | OscType::Inf => Value::Bool(true),
        OscType::String(text) => Value::Text(text),
        OscType::Char(letter) => Value::Text(letter.into()),
        OscType::Blob(_) => return Err("a blob"),
        OscType::Time(_) => return Err("a time"),
        OscType::Color(_) => return Err("a colour"),
        OscType::Midi(_) => return Err("a MIDI message"),
        OscType::Array(_) => return Err("an array"),
    })
}

fn be_u32(bytes: &[u8]) -> Option<u32> {
    bytes.first_chunk().map(|bytes| u32::from_be_bytes(*bytes))
}

fn malformed(why: &str) -> PacketError {
    PacketError::Malformed(why.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rosc::{OscArray, OscBundle, OscMessage, encoder::encode};

    fn read_all(bytes: &[u8]) -> Vec<Result<Message, PacketError>> {
        let mut all = Vec::new();
        read(bytes, &mut |message| all.push(message));
        all
    }

    fn packet(argument: OscType) -> OscPacket {
        OscPacket::Message(OscMessage { addr: "/param/glow".into(), args: vec![argument] })
    }

    fn value_of(argument: OscType) -> Option<Value> {
        let bytes = encode(&packet(argument)).expect("encodes");
        read_all(&bytes).remove(0).ok().and_then(|message| message.value)
    }

    #[test]
    fn every_kind_of_number_switch_and_text_is_understood() {
        assert_eq!(value_of(OscType::Int(-3)), Some(Value::Number(-3.0)));
        assert_eq!(value_of(OscType::Long(1 << 40)), Some(Value::Number((1i64 << 40) as f64)));
        assert_eq!(value_of(OscType::Float(0.5)), Some(Value::Number(0.5)));
        assert_eq!(value_of(OscType::Double(0.1)), Some(Value::Number(0.1)));
        assert_eq!(value_of(OscType::Bool(false)), Some(Value::Bool(false)));
        assert_eq!(value_of(OscType::Nil), Some(Value::Bool(true)));
        assert_eq!(value_of(OscType::String("tunnel".into())), Some(Value::Text("tunnel".into())));
    }

    #[test]
    fn what_can_set_nothing_is_named() {
        let bytes = encode(&packet(OscType::Blob(vec![1]))).expect("encodes");
        let why = read_all(&bytes).remove(0).expect_err("a blob").to_string();
        assert_eq!(why, "`/param/glow` came with a blob; expected a number, a switch or a text");
        let array = OscType::Array(OscArray { content: vec![OscType::Int(1)] });
        let bytes = encode(&packet(array)).expect("encodes");
        assert!(matches!(read_all(&bytes)[..], [Err(PacketError::Argument { what: "an array", .. })]));
    }

    #[test]
    fn a_message_needs_no_arguments_and_no_type_tags() {
        for bytes in [&b"/tempo/tap\0\0,\0\0\0"[..], b"/tempo/tap\0\0", b"/tempo/tap"] {
            let message = Message { address: "/tempo/tap".into(), value: None, has_more: false, time: None };
            assert_eq!(read_all(bytes), [Ok(message)]);
        }
    }

    #[test]
    fn nested_bundles_keep_their_order_and_their_own_time() {
        let inner = OscBundle { timetag: (9, 0).into(), content: vec![packet(OscType::Int(2))] };
        let outer = OscBundle {
            timetag: (7, 0).into(),
            content: vec![packet(OscType::Int(1)), OscPacket::Bundle(inner), packet(OscType::Int(3))],
        };
        let bytes = encode(&OscPacket::Bundle(outer)).expect("encodes");
        let read = read_all(&bytes).into_iter().map(|message| message.expect("good"));
        let read: Vec<_> = read.map(|message| (message.value, message.time.map(|time| time.seconds))).collect();
        let number = |number: f64| Some(Value::Number(number));
        assert_eq!(read, [(number(1.0), Some(7)), (number(2.0), Some(9)), (number(3.0), Some(7))]);
    }

    #[test]
    fn a_datagram_full_of_nested_bundles_is_refused_and_costs_no_stack() {
        let mut bytes = b"/x\0\0,\0\0\0".to_vec();
        while bytes.len() < 60_000 {
            let length = (bytes.len() as u32).to_be_bytes();
            bytes = [&b"#bundle\0\0\0\0\0\0\0\0\x01"[..], &length, &bytes].concat();
        }
        assert_eq!(read_all(&bytes), [Err(PacketError::TooDeep)]);
    }

    #[test]
    fn a_datagram_full_of_nested_arrays_is_refused_and_costs_no_stack() {
        let tags = [&b","[..], &[b'['; 30_000], &[b']'; 30_000], b"\0\0\0"].concat();
        let bytes = [&b"/x\0\0"[..], &tags].concat();
        assert!(matches!(read_all(&bytes)[..], [Err(PacketError::Argument { .. })]));
    }

    #[test]
    fn one_bad_message_does_not_spoil_the_next() {
        let good = encode(&packet(OscType::Int(1))).expect("encodes");
        let length = |bytes: &[u8]| (bytes.len() as u32).to_be_bytes();
        let bad = b"/x\0\0,z\0\0";
        let bytes = [b"#bundle\0\0\0\0\0\0\0\0\x01", &length(bad)[..], bad, &length(&good), &good].concat();
        let read = read_all(&bytes);
        assert!(read[0].is_err() && read[1].is_ok(), "{read:?}");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            read_all(&bytes);
        }

        #[test]
        fn no_bundle_of_anything_makes_it_panic(
            bytes in proptest::collection::vec(prop_oneof![Just(0u8), Just(4), Just(b','), Just(b'/'), Just(b's'), Just(b'b'), any::<u8>()], 0..200),
            cut in 0usize..200,
        ) {
            let mut packet = [&b"#bundle\0\0\0\0\0\0\0\0\x01\0\0\0"[..], &[bytes.len() as u8], &bytes].concat();
            read_all(&packet);
            packet.truncate(cut);
            read_all(&packet);
        }
    }
}
