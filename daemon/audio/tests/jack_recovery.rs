//! JACK servers that are absent, die, and come back.
//!
//! The player is a separate program here: libjack would not release a dead server while a client of the test remained
//! in this process.

mod support;

use std::time::{Duration, Instant};

use downbeat_audio::{Block, BusInput, Got, JackSettings, JackSource, Source};
use support::{
    jackd::Jackd,
    one_at_a_time,
    player::{Player, use_server},
    wait_for,
};

/// What is promised: back within this time after the server is.
const PROMISE: Duration = Duration::from_secs(3);

fn open(server: &Jackd) -> JackSource {
    JackSource::open(JackSettings {
        client: "downbeat".into(),
        server: Some(server.name().into()),
        buses: vec![BusInput { name: "main".into(), connect: vec!["metro:*".into()] }],
    })
}

/// The next thing that is not a block.
fn next_event(source: &mut JackSource) -> Got {
    let mut block = Block::default();
    wait_for("something to happen", Duration::from_secs(10), || match source.next(&mut block, PROMISE) {
        Got::Block | Got::Nothing => None,
        event => Some(event),
    })
}

fn next_block(source: &mut JackSource) -> Block {
    let mut block = Block::default();
    wait_for("a block", PROMISE, || (source.next(&mut block, PROMISE) == Got::Block).then_some(()));
    block
}

#[test]
fn a_server_that_is_absent_at_first_is_reported_once_and_found_when_it_comes() {
    let _turn = one_at_a_time();
    let mut server = Jackd::absent();
    let mut source = open(&server);
    let Got::Lost { why } = next_event(&mut source) else {
        panic!("the absence was not reported");
    };
    assert!(why.contains(server.name()), "{why}");
    assert_eq!(source.next(&mut Block::default(), Duration::from_millis(1500)), Got::Nothing);
    assert_eq!(source.report().status, why);
    assert!(!source.midi().connected());

    server.restart();
    let begun = Instant::now();
    assert_eq!(next_event(&mut source), Got::Started { sample_rate: 48_000.0 });
    assert!(begun.elapsed() < PROMISE);
    assert_eq!(next_block(&mut source).first_sample, 0);
}

#[test]
fn names_that_jack_cannot_take_are_refused_by_name() {
    let _turn = one_at_a_time();
    let server = Jackd::start();
    let source = |client: &str, bus: &str| {
        JackSource::open(JackSettings {
            client: client.into(),
            server: Some(server.name().into()),
            buses: vec![BusInput { name: bus.into(), connect: Vec::new() }],
        })
    };
    for (mut source, part) in [
        (source(&"long".repeat(50), "main"), "longlong".to_owned()),
        (source("", "main"), "empty".to_owned()),
        (source("downbeat", &"drums".repeat(100)), "drumsdrums".to_owned()),
        (source("downbeat", "a\0b"), "_left".to_owned()),
    ] {
        let Got::Lost { why } = next_event(&mut source) else {
            panic!("the name was not refused");
        };
        assert!(why.contains(&part), "{why}");
    }
}

#[test]
fn a_killed_server_is_followed_into_its_next_life_again_and_again() {
    let _turn = one_at_a_time();
    let mut server = Jackd::start();
    let mut source = open(&server);
    let midi = source.midi();
    assert_eq!(next_event(&mut source), Got::Started { sample_rate: 48_000.0 });
    for life in 0..6 {
        let _metro = server.spawn("jack_metro", &["--bpm", "120", "--name", "metro"]);
        wait_for("the connection", PROMISE, || (!source.report().connected[0].is_empty()).then_some(()));
        assert_eq!(next_block(&mut source).channels.len(), 2);
        assert!(midi.connected());

        server.kill();
        let Got::Lost { why } = next_event(&mut source) else {
            panic!("the loss was not reported");
        };
        assert!(why.contains(server.name()), "{why}");
        assert!(!midi.connected());

        // Another sample rate every other time: it is a new stream in any case.
        let sample_rate = if life % 2 == 0 { 44_100 } else { 48_000 };
        server.restart_at(sample_rate);
        let begun = Instant::now();
        assert_eq!(next_event(&mut source), Got::Started { sample_rate: f64::from(sample_rate) });
        println!("back {:?} after the server", begun.elapsed());
        assert!(begun.elapsed() < PROMISE);
        assert_eq!(next_block(&mut source).first_sample, 0);
    }
}

#[test]
fn a_server_that_stops_without_dying_is_reported_and_followed_when_it_goes_on() {
    let _turn = one_at_a_time();
    let server = Jackd::start();
    let mut source = open(&server);
    assert_eq!(next_event(&mut source), Got::Started { sample_rate: 48_000.0 });
    next_block(&mut source);
    server.signal(libc::SIGSTOP);
    assert!(matches!(next_event(&mut source), Got::Lost { .. }));
    server.signal(libc::SIGCONT);
    let begun = Instant::now();
    assert_eq!(next_event(&mut source), Got::Started { sample_rate: 48_000.0 });
    assert!(begun.elapsed() < PROMISE);
    next_block(&mut source);
}

#[test]
fn another_client_of_this_process_is_waited_for_before_we_reconnect() {
    let _turn = one_at_a_time();
    let mut server = Jackd::start();
    use_server(server.name());
    let mut source = open(&server);
    assert_eq!(next_event(&mut source), Got::Started { sample_rate: 48_000.0 });
    for _ in 0..3 {
        let lease = source.leases().take().unwrap();
        let other = Player::start("other", &["out"]);
        assert!(!lease.has_expired());
        server.kill();
        assert!(matches!(next_event(&mut source), Got::Lost { .. }));
        assert!(lease.has_expired());
        assert!(source.leases().take().is_none());

        server.restart();
        assert_eq!(source.next(&mut Block::default(), Duration::from_secs(1)), Got::Nothing);
        assert!(source.report().status.contains("other JACK clients"), "{}", source.report().status);
        drop(other);
        drop(lease);
        let begun = Instant::now();
        assert_eq!(next_event(&mut source), Got::Started { sample_rate: 48_000.0 });
        assert!(begun.elapsed() < PROMISE);
        next_block(&mut source);
    }
}

#[test]
fn a_source_that_is_dropped_lets_go_of_its_server_at_once() {
    let _turn = one_at_a_time();
    let server = Jackd::start();
    let mut source = open(&server);
    next_event(&mut source);
    let begun = Instant::now();
    drop(source);
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    let clients = server.tool("jack_lsp", &[]).output().unwrap().stdout;
    assert!(!String::from_utf8_lossy(&clients).contains("downbeat"));

    let begun = Instant::now();
    drop(open(&Jackd::absent()));
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
}
