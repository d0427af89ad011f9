//! OSC packets, to the show that carries them out.

use super::{TREE, obey};
use downbeat_protocol::tree::{self, ENTRIES};
use downbeat_protocol::{Command, When};
use downbeatd::controls::osc::list::list;
use downbeatd::controls::reach::reached;
use downbeatd::edges::osc::decode::read;
use rosc::decoder::decode_udp;
use rosc::{OscBundle, OscMessage, OscPacket, OscType, encoder::encode};

/// Messages of one packet that are obeyed: the show's own part of a run takes longest.
const OBEYED: usize = 4;

/// Each message is a command, or something is wrong with it that can be told.
pub fn run(bytes: &[u8]) {
    let mut commands = Vec::new();
    read(bytes, &mut |message| match message {
        Ok(message) => {
            let (when, address) = When::split(&message.address);
            if address == "/list" {
                let wanted = message.value.as_ref().map_or_else(|| "/".to_owned(), ToString::to_string);
                return answer(&wanted);
            }
            let reached = TREE.with(|tree| reached(tree, address)).unwrap_or_else(|error| {
                assert!(!error.to_string().is_empty());
                Vec::new()
            });
            for address in reached {
                match tree::parse(&address, message.value.as_ref()) {
                    Ok(Some(what)) if commands.len() < OBEYED => {
                        commands.push(Command { what, when, from: "osc".into() });
                    }
                    Ok(_) => {}
                    Err(error) => assert!(!error.to_string().is_empty()),
                }
            }
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    });
    obey(commands);
}

/// A list of addresses is refused, or can be read.
fn answer(wanted: &str) {
    match TREE.with(|tree| list(tree, wanted)) {
        Ok(messages) => messages.iter().for_each(|message| drop(decode_udp(message).expect("OSC"))),
        Err(why) => assert!(!why.is_empty()),
    }
}

/// Every address with a number, some with the other kinds of arguments, and a bundle in a bundle.
pub fn seeds() -> Vec<Vec<u8>> {
    let message = |addr: &str, arg: OscType| OscPacket::Message(OscMessage { addr: addr.into(), args: vec![arg] });
    let mut packets: Vec<_> = ENTRIES
        .iter()
        .map(|entry| entry.address.replace("LAYER", "back").replace("SCENE", "tunnel").replace("PARAMETER", "glow"))
        .map(|address| message(&address, OscType::Float(0.5)))
        .collect();
    packets.extend(
        ["/layer/{back,front}/opacity", "/param/*", "/layer/[a-c]*/blend", "/*/??????/[!x]*"]
            .map(|pattern| message(pattern, OscType::Float(0.5))),
    );
    packets.extend(["/layer", "/*/back/*"].map(|wanted| message("/list", OscType::String(wanted.into()))));
    packets.push(message("/next/bar/layer/back/scene", OscType::String("spectrum".into())));
    packets.extend(
        [OscType::Int(1), OscType::Double(1e300), OscType::Long(-1), OscType::Bool(true), OscType::Nil, OscType::Inf]
            .map(|arg| message("/tempo/set", arg)),
    );
    let bundle = |content| OscPacket::Bundle(OscBundle { timetag: (3_900_000_000, 5).into(), content });
    packets.push(bundle(vec![message("/tempo/tap", OscType::Int(1)), bundle(packets[..3].to_vec())]));
    packets.iter().map(|packet| encode(packet).expect("a packet can be encoded")).collect()
}
