//! What was told says nothing about what was set since, or is scheduled for later.

use super::*;
use std::time::SystemTime;

/// A control, and a tablet that has been told all.
fn told(address: &str) -> (Rig, UdpSocket) {
    let tablet = UdpSocket::bind("127.0.0.1:0").expect("a port");
    tablet.set_read_timeout(Some(Duration::from_secs(10))).expect("a socket can be set so");
    let (port, own) = (free_port(), tablet.local_addr().expect("bound"));
    let rig = Rig::control(&format!("listen = '127.0.0.1:{port}'\nfeedback-to = ['{own}']"));
    rig.tick(line(), true);
    tablet.connect(("127.0.0.1", port)).expect("a destination");
    let mut bytes = [0; 2048];
    until("the value", || {
        let length = tablet.recv(&mut bytes).expect("more");
        bytes[..length].windows(address.len()).any(|part| part == address.as_bytes()).then_some(())
    });
    (rig, tablet)
}

/// A bundle for a moment, or for now.
fn bundle(ahead: Option<Duration>, messages: &[(&str, f32)]) -> Vec<u8> {
    let now = OscTime { seconds: 0, fractional: 1 };
    let timetag = ahead.map_or(now, |ahead| OscTime::try_from(SystemTime::now() + ahead).expect("this century"));
    let message = |(address, value): &(&str, f32)| {
        OscPacket::Message(OscMessage { addr: (*address).into(), args: vec![(*value).into()] })
    };
    let content = messages.iter().map(message).collect();
    encode(&OscPacket::Bundle(OscBundle { timetag, content })).expect("OSC")
}

#[test]
fn what_is_pressed_and_released_in_one_packet_is_released() {
    let (rig, tablet) = told("/show/blackout");
    tablet.send(&bundle(None, &[("/show/blackout", 1.0), ("/show/blackout", 0.0)])).expect("sent");
    let came = [rig.command(), rig.command()].map(|command| (command.what, command.when));
    assert_eq!(came, [(Action::Blackout(true), When::Now), (Action::Blackout(false), When::Now)]);
}

#[test]
fn what_is_scheduled_is_taken_back_by_the_present_value() {
    let (rig, tablet) = told("/tempo/hold");
    tablet.send(&bundle(Some(Duration::from_millis(500)), &[("/tempo/hold", 1.0)])).expect("sent");
    let scheduled = rig.command();
    assert_eq!(scheduled.what, Action::Hold(true));
    assert!(matches!(scheduled.when, When::At(_)), "{:?}", scheduled.when);
    tablet.send(&bundle(None, &[("/tempo/hold", 0.0)])).expect("sent");
    let command = rig.command();
    assert_eq!((command.what, command.when), (Action::Hold(false), When::Now));
}

#[test]
fn the_present_value_can_be_scheduled() {
    let (rig, tablet) = told("/tempo/hold");
    for on in [0.0, 1.0, 0.0, 1.0] {
        tablet.send(&bundle(Some(Duration::from_millis(200)), &[("/tempo/hold", on)])).expect("sent");
        let command = rig.command();
        assert_eq!(command.what, Action::Hold(on == 1.0));
        assert!(matches!(command.when, When::At(_)), "{:?}", command.when);
    }
}
