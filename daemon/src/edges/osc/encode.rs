//! OSC bytes (OSC 1.0, <https://opensoundcontrol.stanford.edu/spec-1_0.html>) without an allocation per message.
//!
//! Addresses and type tags never change while a show runs, so they are encoded once, as a [`Head`]; a message is a head
//! and its arguments. `rosc` writes each piece, and the tests check the whole with its decoder.

use rosc::OscTime;
use rosc::encoder::{Output as _, encode_string_into};

/// The largest datagram that fits one Ethernet packet: 1500 bytes less the headers of IPv6 (40) and UDP (8). Desks and
/// tablets behind Wi-Fi lose fragments, so longer bundles are split.
pub const MAX_DATAGRAM: usize = 1452;

/// "At once" as a time tag (OSC 1.0: 63 zero bits and a one).
pub const IMMEDIATE: OscTime = OscTime { seconds: 0, fractional: 1 };

/// `#bundle`, its zero byte, and the time tag.
const BUNDLE_HEAD: usize = 16;

/// The address and type tags of a message, encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head(Box<[u8]>);

impl Head {
    /// Encodes an address such as `/beat` and type tags such as `ifif`.
    pub fn new(address: &str, tags: &str) -> Self {
        let mut bytes = Vec::new();
        put_text(&mut bytes, address);
        put_text(&mut bytes, &format!(",{tags}"));
        Self(bytes.into())
    }
}

/// One argument of a message.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Arg<'a> {
    /// Type tag `i`.
    Int(i32),
    /// Type tag `h`.
    Long(i64),
    /// Type tag `f`.
    Float(f32),
    /// Type tag `s`.
    Text(&'a str),
}

impl Arg<'_> {
    /// Appends its bytes.
    pub fn put(self, bytes: &mut Vec<u8>) {
        match self {
            Self::Int(number) => put(bytes, &number.to_be_bytes()),
            Self::Long(number) => put(bytes, &number.to_be_bytes()),
            Self::Float(number) => put(bytes, &number.to_be_bytes()),
            Self::Text(text) => put_text(bytes, text),
        }
    }

    /// Its type tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Int(_) => "i",
            Self::Long(_) => "h",
            Self::Float(_) => "f",
            Self::Text(_) => "s",
        }
    }
}

/// Packs messages into datagrams: one each, or as many in a bundle as fit.
#[derive(Debug)]
pub struct Writer {
    bundles: bool,
    bytes: Vec<u8>,
}

impl Writer {
    /// Writes bundles rather than plain messages.
    pub fn new(bundles: bool) -> Self {
        Self { bundles, bytes: Vec::with_capacity(2 * MAX_DATAGRAM) }
    }

    /// Starts a group of messages for one moment.
    pub fn begin(&mut self, tag: OscTime) {
        self.bytes.clear();
        if self.bundles {
            put_text(&mut self.bytes, "#bundle");
            put(&mut self.bytes, &tag.seconds.to_be_bytes());
            put(&mut self.bytes, &tag.fractional.to_be_bytes());
        }
    }

    /// Adds a message; passes a full datagram, or a plain message, to `send`.
    pub fn message(&mut self, head: &Head, arguments: impl FnOnce(&mut Vec<u8>), send: &mut impl FnMut(&[u8])) {
        let start = self.bytes.len();
        if self.bundles {
            put(&mut self.bytes, &[0; 4]);
        }
        put(&mut self.bytes, &head.0);
        arguments(&mut self.bytes);
        if !self.bundles {
            send(&self.bytes);
            self.bytes.clear();
            return;
        }
        let length = (self.bytes.len() - start - 4) as u32;
        self.bytes[start..start + 4].copy_from_slice(&length.to_be_bytes());
        if self.bytes.len() > MAX_DATAGRAM && start > BUNDLE_HEAD {
            send(&self.bytes[..start]);
            self.bytes.drain(BUNDLE_HEAD..start);
        }
    }

    /// Ends the group: passes the rest to `send`.
    pub fn end(&mut self, send: &mut impl FnMut(&[u8])) {
        if self.bytes.len() > BUNDLE_HEAD {
            send(&self.bytes);
        }
        self.bytes.clear();
    }
}

/// The datagram of one message.
pub fn message(address: &str, arguments: &[Arg<'_>]) -> Vec<u8> {
    let tags: String = arguments.iter().map(|argument| argument.tag()).collect();
    let mut bytes = Head::new(address, &tags).0.into_vec();
    arguments.iter().for_each(|argument| argument.put(&mut bytes));
    bytes
}

fn put(bytes: &mut Vec<u8>, more: &[u8]) {
    match bytes.write(more) {
        Ok(_) => {}
        Err(never) => match never {},
    }
}

/// Text up to its first zero byte, which would end it anyway.
fn put_text(bytes: &mut Vec<u8>, text: &str) {
    let text = text.split('\0').next().unwrap_or_default();
    match encode_string_into(text, bytes) {
        Ok(_) => {}
        Err(never) => match never {},
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rosc::{OscPacket, OscType, decoder::decode_udp};

    fn written(bundles: bool, count: usize) -> Vec<Vec<u8>> {
        let mut sent = Vec::new();
        let mut send = |bytes: &[u8]| sent.push(bytes.to_vec());
        let mut writer = Writer::new(bundles);
        let head = Head::new("/signal/main/rms", "f");
        writer.begin(IMMEDIATE);
        for number in 0..count {
            writer.message(&head, |bytes| Arg::Float(number as f32).put(bytes), &mut send);
        }
        writer.end(&mut send);
        sent
    }

    fn numbers(packet: OscPacket) -> Vec<f32> {
        match packet {
            OscPacket::Message(message) => message.args.into_iter().filter_map(|argument| argument.float()).collect(),
            OscPacket::Bundle(bundle) => bundle.content.into_iter().flat_map(numbers).collect(),
        }
    }

    #[test]
    fn a_beat_has_the_bytes_of_the_specification() {
        let beat = message("/beat", &[Arg::Int(12), Arg::Float(0.0), Arg::Int(3), Arg::Float(128.0)]);
        let golden = b"/beat\0\0\0,ifif\0\0\0\0\0\0\x0c\0\0\0\0\0\0\0\x03\x43\0\0\0";
        assert_eq!(beat, golden);
    }

    #[test]
    fn a_text_ends_with_a_zero_and_fills_four_bytes() {
        assert_eq!(message("/cmd", &[Arg::Text("go")]), b"/cmd\0\0\0\0,s\0\0go\0\0");
        assert_eq!(message("/cmd", &[Arg::Text("a\0b")]), b"/cmd\0\0\0\0,s\0\0a\0\0\0");
    }

    #[test]
    fn a_bundle_has_the_bytes_of_the_specification() {
        let golden: &[u8] = b"#bundle\0\0\0\0\0\0\0\0\x01\0\0\0\x1c/signal/main/rms\0\0\0\0,f\0\0\0\0\0\0";
        assert_eq!(written(true, 1), [golden]);
    }

    #[test]
    fn a_long_bundle_is_split_so_that_nothing_is_fragmented_and_nothing_lost() {
        let sent = written(true, 200);
        assert!(sent.len() > 1 && sent.iter().all(|bytes| bytes.len() <= MAX_DATAGRAM));
        let packets = sent.iter().map(|bytes| decode_udp(bytes).expect("OSC").1);
        let arrived: Vec<f32> = packets.flat_map(numbers).collect();
        assert_eq!(arrived, (0..200).map(|number| number as f32).collect::<Vec<_>>());
    }

    #[test]
    fn plain_messages_travel_alone_and_an_empty_group_not_at_all() {
        assert_eq!(written(false, 3).len(), 3);
        assert!(written(true, 0).is_empty());
    }

    proptest! {
        #[test]
        fn what_is_written_is_what_rosc_reads(name in "/[a-z/]{1,30}", text in "[a-zA-Z0-9 ]{0,40}", number: i32) {
            let bytes = message(&name, &[Arg::Text(&text), Arg::Int(number)]);
            let (rest, packet) = decode_udp(&bytes).expect("OSC");
            prop_assert!(rest.is_empty());
            let OscPacket::Message(read) = packet else { panic!("a message") };
            prop_assert_eq!(read.addr, name);
            prop_assert_eq!(read.args, vec![OscType::String(text), OscType::Int(number)]);
        }
    }
}
