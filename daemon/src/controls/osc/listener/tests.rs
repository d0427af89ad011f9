use super::*;
use crate::controls::osc::INCOMING;
use crossbeam_channel::{Receiver, bounded};
use downbeat_protocol::{Schema, ShowState, Status};
use rosc::{OscBundle, OscMessage, OscPacket, OscTime, OscType, encoder::encode};
use std::collections::BTreeSet;

fn listener() -> (Listener, Receiver<Incoming>) {
    let (incoming, reports) = bounded(INCOMING);
    let listener = Listener {
        name: "tablets".into(),
        socket: UdpSocket::bind("127.0.0.1:0").expect("a port"),
        feedback_port: None,
        osc_ports: OscPorts::default(),
        tree: Mutex::new(Arc::new(Tree::new(&ShowState::default(), &Schema::default(), &Status::default()))),
        clock: ShowClock::default(),
        senders: Mutex::default(),
        echoes: Echoes::default(),
        door: crate::door::door(1_024).0,
        shares: Mutex::default(),
        shared: Shared::default(),
        incoming,
        health: Arc::default(),
        complained: Mutex::default(),
        patterns: patterns_of_strangers(host_now()),
    };
    (listener, reports)
}

fn peer(host: u8) -> SocketAddr {
    SocketAddr::from(([192, 0, 2, host], 9000))
}

fn hello(word: &str) -> OscPacket {
    OscPacket::Message(OscMessage { addr: "/hello".into(), args: vec![OscType::String(word.into())] })
}

fn bundle(content: Vec<OscPacket>) -> Vec<u8> {
    encode(&OscPacket::Bundle(OscBundle { timetag: OscTime { seconds: 0, fractional: 1 }, content })).expect("OSC")
}

#[test]
fn forged_echoes_leave_the_queue_to_a_tablet_that_is_known_and_to_one_that_echoes_its_own_word() {
    let (listener, reports) = listener();
    listener.shared.know(BTreeSet::from([peer(7)]), BTreeSet::new());
    let forged = bundle((0..1_024).map(|_| hello("0123456789abcdef")).collect());
    for _ in 0..600 {
        listener.packet(&forged, peer(66), (peer(66), Way::Datagram));
    }
    let word = listener.shared.greeting().word(peer(8), host_now());
    listener.packet(&bundle(vec![hello(&word); 1_024]), peer(8), (peer(8), Way::Datagram));
    listener.packet(&encode(&hello("x")).expect("OSC"), peer(7), (peer(7), Way::Datagram));
    let reports: Vec<Incoming> = reports.try_iter().collect();
    let of = |host| reports.iter().filter(move |report| report.peer == peer(host)).map(|report| &report.kind);
    assert!(of(66).all(|kind| matches!(kind, IncomingKind::Bytes(_))), "a wrong word is not reported");
    let echoed: Vec<_> = of(8).collect();
    assert!(matches!(echoed[..], [IncomingKind::Hello(echoed)] if *echoed == word), "{echoed:?}");
    assert_eq!(of(7).count(), 1, "what the known tablet sends is taken");
}

#[test]
fn only_what_known_peers_try_is_remembered_for_an_answer() {
    let (listener, reports) = listener();
    listener.shared.know(BTreeSet::from([peer(7)]), BTreeSet::new());
    let dark = OscPacket::Message(OscMessage { addr: "/show/blackout".into(), args: vec![OscType::Float(1.0)] });
    let dark = encode(&dark).expect("OSC");
    for host in [66, 7] {
        listener.packet(&dark, peer(host), (peer(host), Way::Datagram));
    }
    let tried = |report: &Incoming| matches!(report.kind, IncomingKind::Tried(..));
    let tried: Vec<SocketAddr> = reports.try_iter().filter(tried).map(|report| report.peer).collect();
    assert_eq!(tried, [peer(7)]);
}

#[test]
fn strangers_send_only_so_many_patterns_and_known_peers_all_that_a_packet_holds() {
    let (listener, _reports) = listener();
    listener.shared.know(BTreeSet::from([peer(7)]), BTreeSet::new());
    let origin = |host| listener.shared.origin(peer(host), Way::Datagram);
    let refused = |host| (0..1_000).filter(|_| listener.may_match(1, origin(host)).is_err()).count();
    let strangers = refused(66) + refused(67);
    // While this runs, some more may be allowed.
    assert!((1_500..=1_872).contains(&strangers), "{strangers} of 2000");
    assert_eq!(refused(7), 0, "a known surface");
    assert!(listener.may_match(PATTERNS + 1, origin(7)).is_err());
}

#[test]
fn a_connection_counts_from_its_first_packet_and_this_machine_always() {
    let (mut listener, _reports) = listener();
    let (door, mut visitors) = crate::door::door(1_024);
    listener.door = door;
    let message = |address: &str| {
        encode(&OscPacket::Message(OscMessage { addr: address.into(), args: vec![OscType::Float(1.0)] })).expect("OSC")
    };
    // Nobody is known yet, as when a program connects, sends one packet and leaves.
    let mut sends = |address: &str, peer: SocketAddr, way| {
        let taken = listener.packet(&message(address), peer, (peer, way));
        assert_eq!(taken.has_commanded, taken.trouble.is_none(), "{taken:?}");
        visitors.next(false).map(|command| command.from)
    };
    let (trusted, stranger) = (Way::Connection { is_trusted: true }, Way::Connection { is_trusted: false });
    let here = SocketAddr::from(([127, 0, 0, 1], 9000));
    let from = |from: &str| Some(format!("tablets:{from}"));
    assert_eq!(sends("/lead/take", peer(7), trusted), from("192.0.2.7:9000+"));
    assert_eq!(sends("/lead/take", peer(66), stranger), None);
    assert_eq!(sends("/lead/take", peer(7), Way::Datagram), None);
    assert_eq!(sends("/tempo/tap", peer(7), trusted), from("192.0.2.7:9000+"));
    assert_eq!(sends("/tempo/tap", peer(66), stranger), from("192.0.2.66:9000"), "its edits are taken");
    assert_eq!(sends("/tempo/tap", peer(7), Way::Datagram), from("192.0.2.7:9000?"));
    assert_eq!(sends("/tempo/tap", here, Way::Datagram), from("127.0.0.1:9000+"));
    assert_eq!(sends("/lead/take", here, Way::Datagram), from("127.0.0.1:9000+"));
}
