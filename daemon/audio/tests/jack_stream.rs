//! Samples through a real JACK server.

mod support;

use std::time::{Duration, Instant};

use downbeat_audio::{Block, BusInput, Got, JackSettings, JackSource, Source};
use support::{
    jackd::Jackd,
    one_at_a_time,
    player::{MODULUS, Player, use_server},
    wait_for,
};

const LIMIT: Duration = Duration::from_secs(5);

fn open(server: &Jackd, connect: &[&str]) -> JackSource {
    use_server(server.name());
    JackSource::open(JackSettings {
        client: "downbeat".into(),
        server: Some(server.name().into()),
        buses: vec![BusInput { name: "main".into(), connect: connect.iter().map(ToString::to_string).collect() }],
    })
}

/// The next block, which must come.
fn next(source: &mut JackSource, block: &mut Block) {
    let begun = Instant::now();
    while begun.elapsed() < LIMIT {
        match source.next(block, Duration::from_millis(100)) {
            Got::Block => return,
            Got::Nothing | Got::Started { .. } => {}
            other => panic!("{other:?}"),
        }
    }
    panic!("no block within {LIMIT:?}: {:?}", source.report());
}

/// Waits for blocks in which the player is heard on both sides.
fn wait_for_signal(source: &mut JackSource, block: &mut Block) {
    let begun = Instant::now();
    loop {
        next(source, block);
        if block.channels.iter().all(|channel| channel.iter().all(|sample| *sample != 0.0)) {
            return;
        }
        assert!(begun.elapsed() < LIMIT, "not heard: {:?}", source.report());
    }
}

/// The number that the player gave to sample 0 of the stream, from one sample of it.
fn origin(block: &Block, index: usize) -> u32 {
    let number = block.channels[0][index] as u32;
    number.wrapping_sub((block.first_sample + index as u64) as u32) % MODULUS
}

/// Whether every sample is the one that belongs there, bit by bit.
fn check_numbers(block: &Block, origin: u32) -> Result<(), String> {
    for index in 0..block.frames {
        let position = (block.first_sample + index as u64) as u32;
        let expected = (origin.wrapping_add(position) % MODULUS) as f32;
        let (left, right) = (block.channels[0][index], block.channels[1][index]);
        if left.to_bits() != expected.to_bits() || right.to_bits() != (-expected).to_bits() {
            return Err(format!("{left} and {right} instead of {expected}"));
        }
    }
    Ok(())
}

/// See [`support::undisturbed`].
fn undisturbed(source: &mut JackSource, attempt: impl FnMut(&mut JackSource) -> Result<(), String>) {
    support::undisturbed(source, |source| source.report().xruns, attempt);
}

fn wait_for_connections(source: &JackSource, expected: &[&str]) {
    wait_for(&format!("connections {expected:?}"), LIMIT, || (source.report().connected == [expected]).then_some(()));
}

#[test]
fn samples_arrive_in_order_bit_by_bit_and_with_their_times() {
    let _turn = one_at_a_time();
    let server = Jackd::start();
    let mut source = open(&server, &["player:*"]);
    let _player = Player::start("player", &["left", "right"]);
    undisturbed(&mut source, |source| {
        let mut block = Block::default();
        wait_for_signal(source, &mut block);
        let origin = origin(&block, 0);
        let (first_sample, first_time) = (block.first_sample, block.time_host_ns);
        let mut expected_sample = first_sample;
        let mut worst_ns: f64 = 0.0;
        while expected_sample < first_sample + 24_000 {
            if block.first_sample != expected_sample {
                return Err(format!("sample {} after {expected_sample}", block.first_sample));
            }
            check_numbers(&block, origin)?;
            let ideal = first_time as f64 + (block.first_sample - first_sample) as f64 / 48_000.0 * 1e9;
            worst_ns = worst_ns.max((block.time_host_ns as f64 - ideal).abs());
            // The player's samples are made in the cycle in which they are heard; the callback runs within it.
            if block.received_host_ns < block.time_host_ns - 1_000_000 {
                return Err(format!("received before it was captured: {block:?}"));
            }
            expected_sample += block.frames as u64;
            next(source, &mut block);
        }
        println!("worst deviation of a block's time from a straight line: {:.1} us", worst_ns / 1000.0);
        if worst_ns < 1e6 { Ok(()) } else { Err(format!("times are {worst_ns} ns off")) }
    });
    let report = source.report();
    assert_eq!((report.sample_rate, report.block, report.dropped), (48_000.0, server.block() as usize, 0));
}

#[test]
fn a_source_is_connected_when_it_appears_and_again_when_it_comes_back() {
    let _turn = one_at_a_time();
    let server = Jackd::start();
    let mut source = open(&server, &["player:*"]);
    let mut block = Block::default();
    next(&mut source, &mut block);
    for _ in 0..3 {
        let player = Player::start("player", &["left", "right"]);
        wait_for_connections(&source, &["player:left", "player:right"]);
        wait_for_signal(&mut source, &mut block);
        drop(player);
        wait_for_connections(&source, &[]);
    }
}

#[test]
fn a_mono_source_is_heard_on_both_sides_and_makes_way_for_a_right_one() {
    let _turn = one_at_a_time();
    let server = Jackd::start();
    let mut source = open(&server, &["player:*"]);
    let player = Player::start("player", &["mono"]);
    let mut block = Block::default();
    wait_for_signal(&mut source, &mut block);
    assert_eq!(block.channels[0], block.channels[1]);
    drop(player);
    let _player = Player::start("player", &["left", "right"]);
    wait_for_connections(&source, &["player:left", "player:right"]);
    wait_for_signal(&mut source, &mut block);
    wait_for("only the right source on the right side", LIMIT, || {
        next(&mut source, &mut block);
        (block.channels[1][0] < 0.0).then_some(())
    });
}

#[test]
fn what_a_person_disconnects_stays_disconnected() {
    let _turn = one_at_a_time();
    let server = Jackd::start();
    let source = open(&server, &["player:*"]);
    let player = Player::start("player", &["left", "right"]);
    wait_for_connections(&source, &["player:left", "player:right"]);
    player.client().disconnect_ports_by_name("player:right", "downbeat:main_right").unwrap();
    wait_for_connections(&source, &["player:left"]);
    let _unrelated = Player::start("unrelated", &["out"]);
    // Several heartbeats of the supervisor, in which it might have interfered.
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_millis(1500) {
        assert_eq!(source.report().connected, [["player:left"]]);
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_change_of_block_size_is_survived_without_losing_count() {
    let _turn = one_at_a_time();
    let server = Jackd::start();
    let mut source = open(&server, &["player:*"]);
    let player = Player::start("player", &["left", "right"]);
    let mut block = Block::default();
    wait_for_signal(&mut source, &mut block);
    for frames in [4, 2, 1].map(|times| times * server.block()) {
        player.client().set_buffer_size(frames).unwrap();
        while block.frames != frames as usize {
            next(&mut source, &mut block);
        }
        undisturbed(&mut source, |source| {
            wait_for_signal(source, &mut block);
            let origin = origin(&block, 0);
            for _ in 0..50 {
                check_numbers(&block, origin)?;
                next(source, &mut block);
            }
            Ok(())
        });
        wait_for("the new size in the report", LIMIT, || (source.report().block == frames as usize).then_some(()));
    }
}

/// Blocks, several times what the ring holds.
const READ_ON: usize = 2000;

#[test]
fn blocks_that_nobody_reads_are_counted_and_leave_a_gap_of_their_size() {
    let _turn = one_at_a_time();
    let server = Jackd::start();
    let mut source = open(&server, &["player:*"]);
    let _player = Player::start("player", &["left", "right"]);
    undisturbed(&mut source, |source| {
        let mut block = Block::default();
        wait_for_signal(source, &mut block);
        let origin = origin(&block, 0);
        let before = source.report().dropped;
        wait_for("a full ring", LIMIT, || (source.report().dropped > before + 20).then_some(()));

        // On a busy machine the ring may fill again while it is emptied: every gap counts.
        let (mut missing, mut expected_sample) = (0, block.first_sample);
        for _ in 0..READ_ON {
            check_numbers(&block, origin)?;
            missing += block.first_sample - expected_sample;
            if missing > 0 && missing == u64::from(server.block()) * (source.report().dropped - before) {
                return Ok(());
            }
            expected_sample = block.first_sample + block.frames as u64;
            next(source, &mut block);
        }
        Err(format!("{missing} samples for {} blocks", source.report().dropped - before))
    });
}

#[test]
fn samples_of_an_interface_are_older_than_the_cycle_by_its_latency() {
    let _turn = one_at_a_time();
    let server = Jackd::start();
    let mut source = open(&server, &["system:capture_*"]);
    wait_for_connections(&source, &["system:capture_1", "system:capture_2"]);
    let mut block = Block::default();
    let period_ns = (f64::from(server.block()) / 48_000.0 * 1e9) as i64;
    // The driver captured them in the period before, which JACK knows as soon as the graph has settled.
    wait_for("blocks a period old", LIMIT, || {
        next(&mut source, &mut block);
        (block.received_host_ns - block.time_host_ns >= period_ns).then_some(())
    });
    assert!(block.received_host_ns - block.time_host_ns < 10 * period_ns, "{block:?}");
}

#[test]
fn the_status_says_what_a_bus_waits_for() {
    let _turn = one_at_a_time();
    let server = Jackd::start();
    let source = open(&server, &["plaiyer:*"]);
    wait_for("the status", LIMIT, || source.report().status.contains("\"main\" waiting for plaiyer:*").then_some(()));
}

#[test]
fn an_xrun_is_counted() {
    let _turn = one_at_a_time();
    let server = Jackd::start();
    let mut source = open(&server, &["player:*"]);
    let mut block = Block::default();
    next(&mut source, &mut block);
    let before = source.report().xruns;
    server.signal(libc::SIGSTOP);
    std::thread::sleep(Duration::from_millis(300));
    server.signal(libc::SIGCONT);
    wait_for("an xrun", LIMIT, || (source.report().xruns > before).then_some(()));
    next(&mut source, &mut block);
}
