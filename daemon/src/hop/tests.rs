//! The hop thread's body with a scripted source.

use super::*;
use crate::clock::host_now;
use crate::dispatch::Audible;
use crossbeam_channel::bounded;
use downbeat_audio::Report;
use downbeat_engine::listener::bus_fields;
use downbeat_engine::{Engine, EngineConfig};
use downbeat_protocol::{Action, When};

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

fn hop(blocks: u64, fanout: &Fanout, door: Receiver<Command>) -> (Hop, Arc<AtomicBool>, Arc<Board>) {
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
    let (door, commands) = bounded(8);
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
