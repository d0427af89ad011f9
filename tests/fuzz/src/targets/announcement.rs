//! Announcements of daemons on the network, and the places of daemons that people type.

use downbeat_client::session::discovery::Announced;
use downbeat_client::session::place::{Address, Place};
use downbeat_ctl::reading::whole;
use downbeat_protocol::announcement::{LEADS, SERVICE, SHOW};
use downbeatd::web::instance;
use mdns_sd::{ServiceInfo, TxtProperties};
use std::net::{IpAddr, SocketAddr};

/// Announcements, each a number, its length and its TXT record: every address can be reached from another machine, and
/// the daemons of a show are among all.
pub fn run(bytes: &[u8]) {
    let (mut announced, mut rest, mut shows) = (Announced::default(), bytes, Vec::new());
    while let Some((&[number, len], after)) = rest.split_first_chunk() {
        let (text, after) = after.split_at(usize::from(len).min(after.len()));
        rest = after;
        let name = format!("daemon-{}", number / 4);
        let ip: IpAddr = match number % 4 {
            0 => [127, 0, 0, number].into(),
            1 => [0xFE80, 0, 0, 0, 0, 0, 0, u16::from(number)].into(),
            2 => [0x2001, 0xDB8, 0, 0, 0, 0, 0, u16::from(number)].into(),
            _ => [10, 0, 0, number].into(),
        };
        let none: [(&str, &str); 0] = [];
        let service = ServiceInfo::new(SERVICE, &name, &format!("{name}.local."), ip, 9440, &none[..]);
        let mut service = service.expect("a service").as_resolved_service();
        service.txt_properties = TxtProperties::from(text);
        shows.extend(service.get_property_val_str(SHOW).map(str::to_owned));
        announced.take(&service);
        if text == [0] {
            announced.forget(&service.fullname);
        }
    }
    let all = announced.addresses(None);
    assert!(all.len() <= 64, "{} daemons are remembered", all.len());
    assert!(!all.iter().any(|place| place.ip().is_loopback()), "{all:?}");
    for show in shows {
        assert!(announced.addresses(Some(&show)).iter().all(|place| all.contains(place)));
    }
}

/// A show, and on the next line a host: their service has a name that can be announced. And a place of a daemon, which
/// is a host with a port once it is whole.
pub fn run_place(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (show, host) = text.split_once('\n').unwrap_or((&text, "rig"));
    let name = instance(show, host);
    assert!(name.len() <= 63 && !name.contains(char::is_control), "`{name}`");
    let complete = whole(text.trim());
    let place = Place::parse(&complete);
    assert_eq!(place.show().is_some(), matches!(&place.address, Address::Announced(Some(_))));
    let typed = Place::parse(text.trim());
    if let Address::Named(typed) = &typed.address
        && let Ok(ip) = typed.parse::<IpAddr>()
    {
        let Address::Named(named) = &place.address else { panic!("{ip} is announced") };
        assert_eq!(named.parse::<SocketAddr>().map(|it| it.ip()), Ok(ip), "`{text}` is `{complete}`");
    }
}

/// Two daemons of one show, one of another, and one that leaves.
pub fn seeds() -> Vec<Vec<u8>> {
    let text = |show: &str, leads: &str| {
        [format!("{SHOW}={show}"), format!("{LEADS}={leads}"), "epoch=7".into()]
            .iter()
            .flat_map(|entry| [&[entry.len() as u8], entry.as_bytes()].concat())
            .collect::<Vec<u8>>()
    };
    let announce = |number: u8, text: &[u8]| [&[number, text.len() as u8], text].concat();
    let (standby, leader, other) = (text("friday", "0"), text("friday", "1"), text("saturday", "1"));
    vec![
        [announce(3, &standby), announce(7, &leader), announce(11, &other), announce(3, &[0])].concat(),
        [announce(4, &leader), announce(5, &leader), announce(6, b"\x04show\x05leads")].concat(),
    ]
}

/// Every form of a place, and long names.
pub fn place_seeds() -> Vec<Vec<u8>> {
    [
        "booth",
        "booth:9000@eth1",
        "::1",
        "[::1]:9000",
        "fe80::1@wlan0",
        "192.0.2.7",
        "mdns",
        "mdns:friday@eth0",
        "Fr\u{f6}hlich.\\\nrig",
    ]
    .map(|text| text.as_bytes().to_vec())
    .into()
}
