//! MIDI through a real JACK server, sample-accurately.

mod support;

use std::time::{Duration, Instant};

use downbeat_audio::{Block, BusInput, Got, JackSettings, JackSource, MidiOut, Source};
use support::{
    jackd::Jackd,
    one_at_a_time,
    player::{MidiEvent, Player, use_server},
    undisturbed, wait_for,
};

const LIMIT: Duration = Duration::from_secs(5);

/// How far ahead messages are sent.
const AHEAD_NS: i64 = 50_000_000;

/// A source with a MIDI port that is connected to a player, and its blocks taken all the time.
struct Rig {
    source: JackSource,
    midi: MidiOut,
    player: Player,
    block: Block,
    _server: Jackd,
}

impl Rig {
    fn new() -> Self {
        let server = Jackd::start();
        use_server(server.name());
        let mut source = JackSource::open(JackSettings {
            client: "downbeat".into(),
            server: Some(server.name().into()),
            buses: vec![BusInput { name: "main".into(), connect: Vec::new() }],
        });
        let mut block = Block::default();
        wait_for("a block", LIMIT, || (source.next(&mut block, LIMIT) == Got::Block).then_some(()));
        let player = Player::start("player", &[]);
        player.client().connect_ports_by_name("downbeat:midi_out", "player:midi_in").expect("a connection");
        let midi = source.midi();
        Self { source, midi, player, block, _server: server }
    }

    /// This machine's clock, by way of the newest block.
    fn now_ns(&mut self) -> i64 {
        while self.source.next(&mut self.block, Duration::ZERO) == Got::Block {}
        self.block.received_host_ns
    }

    /// The next messages that arrive, or what arrived of them in time.
    fn heard(&mut self, count: usize) -> Vec<MidiEvent> {
        let mut heard = Vec::new();
        let begun = Instant::now();
        while heard.len() < count && begun.elapsed() < Duration::from_secs(2) {
            self.now_ns();
            heard.extend(self.player.take_midi());
            std::thread::sleep(Duration::from_millis(5));
        }
        heard
    }

    /// See [`support::undisturbed`].
    fn undisturbed(&mut self, mut attempt: impl FnMut(&mut Self) -> Result<(), String>) {
        undisturbed(
            self,
            |rig| rig.source.report().xruns,
            |rig| {
                rig.player.take_midi();
                attempt(rig)
            },
        );
    }
}

/// How many samples after its due time a message was heard, by JACK's own timing of that cycle. `offset_us` is added
/// to JACK's time for this machine's.
fn error_samples(heard: &MidiEvent, due_ns: i64, offset_us: f64) -> f64 {
    let cycle = heard.cycle;
    let length_us = cycle.next_usecs as f64 - cycle.current_usecs as f64;
    let since_start_us = due_ns as f64 / 1000.0 - offset_us - cycle.current_usecs as f64;
    f64::from(heard.offset) - since_start_us / length_us * f64::from(heard.frames)
}

/// Sends `count` messages as MIDI clock at 130 BPM, each when it is due in 50 ms. Says how many samples each was heard
/// away from its due time, least first.
fn errors(rig: &mut Rig, count: usize) -> Result<Vec<f64>, String> {
    let interval_ns = (60e9 / 130.0 / 24.0) as i64;
    let first_due_ns = rig.now_ns() + AHEAD_NS;
    let due = |index: usize| first_due_ns + index as i64 * interval_ns;
    let mut sent = 0;
    let mut errors: Vec<f64> = Vec::new();
    let begun = Instant::now();
    while errors.len() < count {
        if begun.elapsed() > LIMIT {
            return Err(format!("only {} of {count} arrived", errors.len()));
        }
        while sent < count && rig.now_ns() + AHEAD_NS >= due(sent) {
            rig.midi.send(due(sent), &[0x90, sent as u8, 100]).map_err(|error| error.to_string())?;
            sent += 1;
        }
        let offset_us = rig.player.clock_offset_us();
        for arrived in rig.player.take_midi() {
            if arrived.bytes != [0x90, errors.len() as u8, 100] {
                return Err(format!("{:?} arrived as message {}", arrived.bytes, errors.len()));
            }
            errors.push(error_samples(&arrived, due(errors.len()), offset_us).abs());
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    errors.sort_by(f64::total_cmp);
    Ok(errors)
}

#[test]
fn messages_sent_ahead_come_out_at_their_samples() {
    let _turn = one_at_a_time();
    Rig::new().undisturbed(|rig| {
        let errors = errors(rig, 100)?;
        let (median, worst) = (errors[50], errors[99]);
        println!("error in samples: median {median:.2}, worst {worst:.2}");
        if worst <= 1.0 { Ok(()) } else { Err(format!("worst {worst} samples")) }
    });
}

#[test]
fn what_ends_late_comes_out_at_once_and_in_order() {
    let _turn = one_at_a_time();
    Rig::new().undisturbed(|rig| {
        let now_ns = rig.now_ns();
        for note in 0..20 {
            rig.midi.send(now_ns - 1_000_000_000, &[0x80, note, 0]).unwrap();
        }
        let heard = rig.heard(20);
        let notes: Vec<u8> = heard.iter().map(|heard| heard.bytes[1]).collect();
        if !notes.iter().copied().eq(0..20) {
            return Err(format!("heard {notes:?}"));
        }
        let offset_us = rig.player.clock_offset_us() as i64;
        for heard in heard {
            let late_ns = (heard.cycle.current_usecs as i64 + offset_us) * 1000 - now_ns;
            assert!(late_ns < 500_000_000, "{late_ns} ns");
        }
        Ok(())
    });
}

#[test]
fn more_than_fits_is_refused_and_counted_and_what_was_taken_arrives() {
    let _turn = one_at_a_time();
    Rig::new().undisturbed(|rig| {
        let due_ns = rig.now_ns() + 10 * AHEAD_NS;
        let before = rig.source.report().midi_dropped;
        let taken = (0..10_000).filter(|_| rig.midi.send(due_ns, &[0xF8]).is_ok()).count();
        assert!(taken < 10_000);
        assert_eq!(rig.source.report().midi_dropped - before, 10_000 - taken as u64);
        let heard = rig.heard(taken).len();
        if heard == taken { Ok(()) } else { Err(format!("{heard} of {taken} arrived")) }
    });
}
