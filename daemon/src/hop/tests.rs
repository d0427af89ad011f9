//! The hop thread's body with a scripted source.

use super::*;
use crate::clock::host_now;
use crate::dispatch::Audible;
use crate::door::door;
use crossbeam_channel::bounded;
use downbeat_audio::Report;
use downbeat_engine::listener::bus_fields;
use downbeat_engine::{Engine, EngineConfig, Mirrored};
use downbeat_protocol::{Action, Cue, Row, Timeline, When};

/// Plays blocks for a while, then is silent.
struct Script {
    blocks: u64,
    played: u64,
}

impl Source for Script {
    fn next(&mut self, block: &mut Block, timeout: Duration) -> Got {
        if self.played == self.blocks {
            std::thread::sleep(timeout);
            return Got::Nothing;
        }
        block.frames = 256;
        block.channels = vec![vec![0.5; 256]; 2];
        block.first_sample = self.played * 256;
        block.time_host_ns = host_now().0 - 10_000_000;
        block.received_host_ns = host_now().0;
        self.played += 1;
        Got::Block
    }

    fn report(&self) -> Report {
        Report { status: "a script".into(), ..Report::default() }
    }
}

fn hop(blocks: u64, fanout: &Fanout, door: Visitors) -> (Hop, Arc<AtomicBool>, Arc<Board>) {
    let config = EngineConfig { buses: vec!["main".into()], fields: bus_fields(), ..EngineConfig::default() };
    let engine = Engine::new(&config, None).expect("builds");
    let stop = Arc::new(AtomicBool::new(false));
    let board = Arc::new(Board::default());
    let hop = Hop {
        source: Box::new(Script { blocks, played: 0 }),
        listener: Listener::new(engine, 1, Settings::default()).expect("listens"),
        buses: 1,
        clock: ShowClock::default(),
        hurried: false,
        door,
        forward: bounded(1).0,
        refusals: bounded(1).1,
        part: PartSlot::default(),
        leadership: Leadership::alone(1),
        fanout: fanout.clone(),
        board: Arc::clone(&board),
        adoptions: bounded(1).1,
        reload: bounded(1).0,
        stop: Arc::clone(&stop),
    };
    (hop, stop, board)
}

#[test]
fn without_audio_the_clock_drives_ticks_and_commands_are_obeyed() {
    let fanout = Fanout::default();
    let feed = fanout.feed(Arc::default(), Audible::Always);
    let (door, commands) = door(8);
    let (hop, stop, board) = hop(3, &fanout, commands);
    let thread = std::thread::spawn(move || hop.run());
    door.send(Command { what: Action::Blackout(true), when: When::Now, from: "test".into() }).expect("open");
    let deadline = host_now() + Duration::from_secs(20);
    let mut times = Vec::new();
    let mut dark = false;
    // Three ticks from audio; more can only come from the clock.
    while times.len() < 30 || !dark {
        assert!(host_now() < deadline, "{} ticks, dark: {dark}", times.len());
        if let Some(tick) = feed.wait(deadline).tick {
            dark |= tick.state.blackout;
            times.push(tick.row.time);
        }
    }
    stop.store(true, Relaxed);
    thread.join().expect("ends");
    assert!(times.is_sorted());
    assert!(board.hops() >= 30);
    assert_eq!(board.report().source.status, "a script");
}

#[test]
fn a_blackout_comes_at_once_however_much_waits_before_it() {
    let fanout = Fanout::default();
    let feed = fanout.feed(Arc::default(), Audible::Always);
    let (door, commands) = door(1_024);
    // Each takes a while: everything is checked against everything else.
    let define =
        |number: usize| Action::DefineCue { name: format!("c{}", number % 128), cue: Box::new(Cue::default()) };
    let send = |what| door.send(Command { what, when: When::Now, from: "test".into() }).expect("room");
    (0..1_000).for_each(|number| send(define(number)));
    send(Action::Blackout(true));
    let (hop, stop, _) = hop(1, &fanout, commands);
    let thread = std::thread::spawn(move || hop.run());
    let tick = std::iter::from_fn(|| Some(feed.wait(host_now() + Duration::from_secs(20))));
    let first = tick.take(100).find_map(|wake| wake.overtaken.first().cloned().or(wake.tick)).expect("a tick");
    stop.store(true, Relaxed);
    thread.join().expect("ends");
    assert!(first.state.blackout, "the first tick is dark");
}

#[test]
fn what_everyone_is_told_of_a_refusal_is_short_and_one_line() {
    let fanout = Fanout::default();
    let feed = fanout.feed(Arc::default(), Audible::Always);
    let (door, commands) = door(8);
    let cue = "\u{1b}[2J\n".repeat(10_000);
    let from = "osc:192.0.2.7:9000".to_owned();
    door.send(Command { what: Action::FireCue { cue }, when: When::Now, from }).expect("room");
    let (hop, stop, _) = hop(1, &fanout, commands);
    let thread = std::thread::spawn(move || hop.run());
    let deadline = host_now() + Duration::from_secs(20);
    let why = loop {
        let events = feed.wait(deadline).events;
        let why = events.iter().find_map(|event| match &**event {
            Event::Refused { why, .. } => Some(why.clone()),
            _ => None,
        });
        if let Some(why) = why {
            break why;
        }
        assert!(host_now() < deadline, "nothing was refused");
    };
    stop.store(true, Relaxed);
    thread.join().expect("ends");
    assert!(why.starts_with("no cue `") && why.len() < 5_000 && !why.contains(char::is_control), "{why}");
}

#[test]
fn the_time_of_a_hop_is_measured_however_its_samples_come() {
    let (mut watch, spread) = (Stopwatch::new(), Spread::default());
    for _ in 0..100 {
        // Half a hop, then the other half.
        watch.worked(100_000, &spread);
        watch.lap();
        watch.worked(100_000, &spread);
    }
    assert!((watch.p99_us() - 200.0).abs() < 4.0, "{}", watch.p99_us());
    // Four hops at once.
    let mut watch = Stopwatch::new();
    (0..4).for_each(|_| watch.lap());
    watch.worked(400_000, &spread);
    assert!((watch.p99_us() - 100.0).abs() < 2.0, "{}", watch.p99_us());
}

#[test]
fn what_an_input_takes_to_arrive_makes_no_message_older_and_what_the_daemon_takes_does() {
    let clock = ShowClock::new(7);
    let row = Row { time: ShowTime(480), ..Row::default() };
    let (timeline, state) = (Timeline::default(), Arc::default());
    let tick = Tick { row, timeline, state, beating: true, heard: HostTime(500) };
    // Of the row, of a beat long before it, of a hand in the present.
    for (at, heard) in [(480, 507), (300, 327), (490, 517)] {
        let message = |at| {
            let (output, address, by) = ("desk".to_owned(), "/flash".to_owned(), "rule:flash".to_owned());
            Event::Message { output, address, value: None, by, at: ShowTime(at) }
        };
        assert_eq!(as_heard(message(at), &tick, &clock), message(heard));
    }
}

#[test]
fn a_blackout_that_the_dead_leader_did_not_take_holds_from_the_first_tick_of_its_heir() {
    let fanout = Fanout::default();
    let feed = fanout.feed(Arc::default(), Audible::Always);
    let (_door, commands) = door(8);
    let (hop, stop, _) = hop(1, &fanout, commands);
    let hop = Hop { leadership: Leadership::new(0, 1, 1, false), ..hop };
    let missed = vec![Command { what: Action::Blackout(true), when: When::Now, from: "test".into() }];
    hop.part.put(Part::Lead(2, Mirrored::default(), missed));
    let leadership = hop.leadership.clone();
    let thread = std::thread::spawn(move || hop.run());
    let tick = std::iter::from_fn(|| Some(feed.wait(host_now() + Duration::from_secs(20))));
    let first = tick.take(100).find_map(|wake| wake.overtaken.first().cloned().or(wake.tick)).expect("a tick");
    stop.store(true, Relaxed);
    thread.join().expect("ends");
    assert!(first.state.blackout && leadership.leads());
}
