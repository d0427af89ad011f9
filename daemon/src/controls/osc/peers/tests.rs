use super::*;

fn peer(number: u16) -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 7], number))
}

fn on(host: u8, port: u16) -> SocketAddr {
    SocketAddr::from(([192, 0, 2, host], port))
}

fn at(ms: i64) -> HostTime {
    HostTime(ms * 1_000_000)
}

fn trusting() -> Peers {
    Peers::new(vec![peer(1)], vec!["192.0.2.0/24".parse().expect("a network")])
}

#[test]
fn forged_addresses_push_out_nobody_who_is_known() {
    for mut peers in [Peers::default(), trusting()] {
        peers.receive(peer(2), 12, at(0));
        assert!(peers.know(peer(2), false, at(0)) && !peers.know(peer(2), false, at(0)));
        for number in 100..3_000 {
            peers.receive(on(9, number), 12, at(i64::from(number)));
        }
        assert!(peers.knows(peer(2)) && !peers.knows(on(9, 2_999)));
        assert!(peers.all().count() <= STRANGERS + 2);
    }
}

#[test]
fn a_machine_with_a_hundred_tablets_takes_no_place_of_another() {
    let mut peers = Peers::default();
    peers.know(on(1, 9), false, at(0));
    peers.commanded(on(1, 9), at(0));
    for host in 2..100 {
        for port in 1..100 {
            peers.know(on(host, port), false, at(i64::from(host)));
        }
    }
    assert!(peers.knows(on(1, 9)));
    assert_eq!(peers.known().count(), KNOWN);
    let of_host = |host: u8| peers.known().filter(|it| it.ip() == on(host, 1).ip()).count();
    assert!((2..100).all(|host| of_host(host) <= OF_HOST));
    let mut peers = Peers::default();
    for (host, port) in (2..6).flat_map(|host| (1..=8).map(move |port| (host, port))) {
        peers.know(on(host, port), false, at(0));
    }
    assert!(peers.know(on(200, 1), false, at(1_000)), "one that only watches, of the host that has most");
    assert_eq!(peers.known().count(), KNOWN);
}

#[test]
fn a_machine_with_many_addresses_has_the_places_of_one() {
    let mut peers = Peers::default();
    let address = |number: u16| SocketAddr::from(([0x2001, 0xdb8, 0, 0, 0, 0, 0, number], 9));
    (1..100).for_each(|number| _ = peers.know(address(number), false, at(0)));
    assert_eq!(peers.known().count(), OF_HOST);
}

#[test]
fn nobody_takes_the_place_of_a_tablet_that_played_ten_seconds_ago() {
    let mut peers = trusting();
    let tablet = SocketAddr::from(([198, 51, 100, 1], 9));
    peers.know(tablet, false, at(0));
    peers.commanded(tablet, at(0));
    let surfaces: Vec<SocketAddr> =
        (0..33).map(|it| SocketAddr::from(([203, 0, 113, it / 7], 9_000 + it as u16))).collect();
    for second in 1..=10 {
        for surface in &surfaces {
            peers.receive(*surface, 40, at(second * 1_000));
            peers.commanded(*surface, at(second * 1_000));
            peers.know(*surface, false, at(second * 1_000));
        }
        assert!(peers.knows(tablet), "after {second} s");
    }
    assert_eq!(peers.known().count(), KNOWN + 1);
    assert!(peers.know(peer(9), false, at(10_000)) && peers.knows(tablet), "a trusted one takes another's");
    assert!(peers.known().count() == KNOWN + 1 && !peers.know(peer(1), false, at(10_000)) && peers.knows(peer(1)));
}

#[test]
fn a_connection_is_served_however_many_echo() {
    let mut peers = Peers::default();
    for (host, port) in (2..6).flat_map(|host| (1..=8).map(move |port| (host, port))) {
        peers.know(on(host, port), false, at(0));
        peers.commanded(on(host, port), at(0));
    }
    assert!((11..=18).all(|port| peers.know(on(2, port), true, at(1)) && peers.knows(on(2, port))));
    assert!((2..6).all(|host| (1..=8).all(|port| peers.knows(on(host, port)))));
    let mut peers = Peers::default();
    (11..=18).for_each(|port| _ = peers.know(on(2, port), true, at(0)));
    assert!((1..=8).all(|port| peers.know(on(2, port), false, at(1))), "eight by TCP and eight by UDP");
}

#[test]
fn who_commands_now_takes_the_place_of_who_did_so_long_ago_and_the_rig_has_its_own() {
    let trusted = "198.51.100.0/24".parse().expect("a network");
    let mut peers = Peers::new(vec![peer(1)], vec![trusted]);
    for (host, port) in (2..6).flat_map(|host| (1..=8).map(move |port| (host, port))) {
        peers.know(on(host, port), false, at(i64::from(port)));
        peers.commanded(on(host, port), at(i64::from(port)));
    }
    assert!(!peers.know(on(9, 1), false, at(1_000)), "it only watches");
    let all: Vec<SocketAddr> = peers.known().collect();
    all.into_iter().for_each(|peer| _ = peers.receive(peer, 12, at(50_000)));
    peers.receive(on(9, 2), 12, at(70_000));
    peers.commanded(on(9, 2), at(70_000));
    assert!(peers.know(on(9, 2), false, at(70_010)) && peers.knows(on(9, 2)), "the operator, just now");
    let tablet = SocketAddr::from(([198, 51, 100, 1], 9));
    assert!(peers.know(tablet, false, at(70_020)), "a trusted one");
    assert!(!peers.know(peer(1), false, at(70_030)), "it was served before");
    assert_eq!(peers.of_the_rig().collect::<Vec<_>>(), [tablet, peer(1)]);
    assert_eq!(peers.known().count(), KNOWN + 1);
}

#[test]
fn forged_pings_of_a_trusted_network_take_no_place_from_a_tablet_that_plays() {
    let mut peers = trusting();
    for step in 0..8 {
        (100..108).for_each(|port| _ = peers.receive(peer(port), 12, at(step * 1_000)));
        assert_eq!(peers.knows(peer(100)), (2..7).contains(&step), "after {step} s");
        if step < 4 {
            continue;
        }
        peers.receive(peer(9), 12, at(step * 1_000));
        peers.commanded(peer(9), at(step * 1_000));
    }
    assert!(peers.knows(peer(9)));
}

#[test]
fn a_peer_is_told_of_five_errors_at_once_and_of_one_a_second() {
    let mut peers = trusting();
    peers.receive(peer(2), 12, at(0));
    let mut told = |ms| (0..100).filter(|_| peers.may_complain(peer(2), at(ms))).count();
    assert_eq!([told(0), told(1_000), told(1_500), told(60_000)], [5, 1, 0, 5]);
}

#[test]
fn a_stranger_gets_three_bytes_for_each_of_its_own_also_in_a_trusted_network() {
    for mut peers in [Peers::default(), trusting()] {
        let it = peer(5);
        peers.receive(it, 12, at(0));
        assert!(peers.may(it, 20) && !peers.may(it, 17) && peers.may(it, 16) && !peers.may(it, 1));
        peers.receive(it, 4, at(1));
        assert!(peers.may(it, 12) && !peers.may(it, 1));
        assert!(!peers.may(peer(6), 1), "it has never spoken");
        peers.know(it, false, at(1));
        assert!(peers.may(it, 10_000));
    }
}

#[test]
fn one_packet_buys_two_seconds_and_an_echo_a_minute_of_silence() {
    let mut peers = trusting();
    peers.receive(peer(2), 12, at(0));
    peers.know(peer(3), false, at(0));
    let there = |peers: &mut Peers, ms| {
        peers.tidy(at(ms));
        [1, 2, 3].map(|number| peers.all().any(|it| it == peer(number)))
    };
    assert_eq!(there(&mut peers, 1_999), [true; 3]);
    assert_eq!(there(&mut peers, 2_000), [true, false, true]);
    assert_eq!(there(&mut peers, 59_999), [true, false, true]);
    assert_eq!(there(&mut peers, 60_000), [true, false, false], "who is configured stays");
}

#[test]
fn a_tablet_that_only_watches_stays_and_one_that_no_longer_echoes_does_not() {
    let mut peers = Peers::default();
    for number in [2, 3] {
        peers.know(peer(number), false, at(0));
    }
    let mut asked = 0;
    for ms in (5_000..=600_000).step_by(5_000) {
        for number in [2, 3] {
            peers.receive(peer(number), 12, at(ms));
        }
        if peers.ask_again(at(ms)).contains(&peer(2)) {
            asked += 1;
            peers.know(peer(2), false, at(ms));
        }
        assert!(peers.knows(peer(2)), "after {ms} ms");
    }
    assert_eq!(asked, 20);
    assert!(!peers.knows(peer(3)), "anyone could send its pings");
}

#[test]
fn a_trusted_sender_is_served_while_it_keeps_sending() {
    let mut peers = trusting();
    assert!(peers.receive(peer(2), 12, at(0)) && !peers.knows(peer(2)));
    assert!(!peers.receive(peer(2), 12, at(1_000)) && !peers.knows(peer(2)));
    assert!(peers.receive(peer(2), 12, at(2_000)) && peers.knows(peer(2)), "for two seconds so far");
    assert!(!peers.receive(peer(2), 12, at(3_500)));
    peers.tidy(at(5_499));
    assert!(peers.knows(peer(2)));
    peers.tidy(at(5_500));
    assert!(!peers.knows(peer(2)));
    let far = SocketAddr::from(([198, 51, 100, 1], 9));
    for step in 0..10 {
        peers.receive(far, 12, at(step * 1_000));
    }
    assert!(!peers.knows(far));
}

#[test]
fn the_rig_is_who_is_named_or_trusted_and_has_shown_that_it_receives() {
    let mut peers = trusting();
    let far = SocketAddr::from(([198, 51, 100, 1], 9));
    for it in [peer(1), peer(2), peer(3), far] {
        peers.receive(it, 12, at(0));
    }
    for it in [peer(1), peer(2), far] {
        peers.know(it, false, at(1));
    }
    assert_eq!(peers.of_the_rig().collect::<Vec<_>>(), [peer(1), peer(2)]);
}
