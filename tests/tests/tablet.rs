//! The shipped TouchOSC layout and the daemon understand each other: everything that it sends is obeyed, everything
//! that it shows arrives.

use downbeat_touchosc::{Found, read};
use e2e::port::free_port;
use e2e::{Daemon, binaries::root, song, turn, wait_for};
use rosc::{OscMessage, OscPacket, OscType};
use std::collections::{BTreeMap, BTreeSet};
use std::net::UdpSocket;
use std::time::{Duration, Instant};

const SOON: Duration = Duration::from_secs(20);

/// What a tablet has: a socket to send from and one to receive on.
struct Tablet {
    out: UdpSocket,
    inbox: UdpSocket,
    daemon: u16,
    /// The latest arguments by address.
    shows: BTreeMap<String, Vec<OscType>>,
}

impl Tablet {
    fn send(&self, address: &str, argument: Option<OscType>) {
        let args = argument.into_iter().collect();
        let packet = OscPacket::Message(OscMessage { addr: address.into(), args });
        let bytes = rosc::encoder::encode(&packet).expect("a plain message encodes");
        self.out.send_to(&bytes, ("127.0.0.1", self.daemon)).expect("loopback takes packets");
    }

    /// Takes in what has come.
    fn receive(&mut self) {
        let mut bytes = [0; 65536];
        while let Ok(len) = self.inbox.recv(&mut bytes) {
            let (_, packet) = rosc::decoder::decode_udp(&bytes[..len]).expect("the daemon sends OSC");
            self.show(packet);
        }
    }

    fn show(&mut self, packet: OscPacket) {
        match packet {
            // As the layout's script does.
            OscPacket::Message(message) if message.addr == "/hello" => {
                self.send("/hello", message.args.into_iter().next());
            }
            OscPacket::Message(message) => {
                assert_ne!(message.addr, "/error", "the daemon refuses: {:?}", message.args);
                self.shows.insert(message.addr, message.args);
            }
            OscPacket::Bundle(bundle) => bundle.content.into_iter().for_each(|packet| self.show(packet)),
        }
    }

    /// Waits until an address shows a number.
    fn wait_for(&mut self, address: &str, number: f32) {
        wait_for(&format!("{address} {number}"), SOON, || {
            self.receive();
            let shown = match self.shows.get(address)?.first()? {
                OscType::Float(value) => *value,
                OscType::Int(value) => *value as f32,
                OscType::Bool(value) => f32::from(u8::from(*value)),
                _ => return None,
            };
            ((shown - number).abs() < 1e-3).then_some(())
        });
    }
}

fn layout() -> Vec<Found> {
    let path = root().join("clients/touchosc/downbeat.tosc");
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    read(&bytes).expect("the shipped layout is one").1
}

/// What a control sends when it is pressed or moved to its upper end.
fn argument(found: &Found) -> Option<OscType> {
    match found.argument.as_str() {
        "CONSTANT" => Some(found.value.parse().map_or_else(|_| OscType::String(found.value.clone()), OscType::Float)),
        "VALUE" => Some(OscType::Float(found.range[1])),
        _ => None,
    }
}

#[test]
fn a_tablet_with_the_shipped_layout_shows_and_moves_the_demo_rig() {
    let _turn = turn();
    let (control, feedback) = (free_port(), free_port());
    let sets = [
        format!("[audio]\nsource = \"file\"\nfiles = {{ main = {:?} }}", song::mix()),
        format!("[control.tablet]\nlisten = \"127.0.0.1:{control}\"\nfeedback-port = {feedback}"),
        format!("[output.lights]\ntarget = \"127.0.0.1:{}\"", free_port()),
    ];
    let _daemon = Daemon::start_shipped(&root().join("config/examples/demo.toml"), &sets, None);
    let inbox = UdpSocket::bind(("127.0.0.1", feedback)).expect("a free port");
    inbox.set_nonblocking(true).expect("a socket can be set so");
    let out = UdpSocket::bind("127.0.0.1:0").expect("loopback has free ports");
    let mut tablet = Tablet { out, inbox, daemon: control, shows: BTreeMap::new() };

    tablet.send("/sync", None);
    let shown = layout().into_iter().filter(|found| found.receives).map(|found| found.address);
    // What is wrong is told when something is.
    let shown: BTreeSet<String> = shown.filter(|address| address != "/error").collect();
    assert!(shown.len() > 20, "the layout shows only {shown:?}");
    // Beat lamps and meters need music; the song begins at once and has its first bar within two seconds.
    let deadline = Instant::now() + SOON;
    loop {
        tablet.receive();
        let missing: Vec<&String> = shown.iter().filter(|address| !tablet.shows.contains_key(*address)).collect();
        if missing.is_empty() {
            break;
        }
        assert!(Instant::now() < deadline, "never told to the tablet: {missing:?}");
        std::thread::sleep(Duration::from_millis(20));
    }

    for found in layout().iter().filter(|found| found.sends) {
        tablet.send(&found.address, argument(found));
    }
    // Pressed last, these must come back: a scene, a switch, a fader.
    tablet.send("/layer/back/scene/tunnel", Some(OscType::Float(1.0)));
    tablet.wait_for("/layer/back/scene/tunnel", 1.0);
    tablet.wait_for("/layer/back/scene/spectrum", 0.0);
    for on in [1.0, 0.0] {
        for switch in ["/show/blackout", "/show/freeze", "/tempo/hold", "/tempo/range/lock", "/levels/freeze"] {
            tablet.send(switch, Some(OscType::Float(on)));
            tablet.wait_for(switch, on);
        }
    }
    for value in [0.25, 0.5, 0.75] {
        tablet.send("/layer/front/opacity", Some(OscType::Float(value)));
        tablet.send("/param/trail", Some(OscType::Float(value)));
    }
    tablet.wait_for("/layer/front/opacity", 0.75);
    tablet.wait_for("/param/trail", 0.75);
}
