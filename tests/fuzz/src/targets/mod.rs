//! The decoders, and the use of their results.

pub mod announcement;
pub mod assignment;
pub mod clock;
pub mod clock_packet;
pub mod config;
pub mod datagram;
pub mod definition;
pub mod framing;
pub mod history;
pub mod kept;
pub mod layout;
pub mod log;
pub mod mapping;
pub mod midi;
pub mod osc;
pub mod oscquery;
pub mod output;
pub mod pairing;
pub mod recording;
pub mod renderer;
pub mod saved;
pub mod score;
pub mod sources;
pub mod status;
pub mod stream;
pub mod surface;
pub mod visitor;
pub mod watch;
pub mod web;

use downbeat_engine::Engine;
use downbeat_protocol::{Blend, Command, HostTime, Layer, ShowState, ShowTime, Status, Tree};
use std::cell::LazyCell;

/// A small show, so that commands have something to act on.
const SHOW: &str = r#"
[parameter.glow]
expression = "main.rms"
[parameter.size]
range = [1.0, 4.0]
[[layer]]
name = "back"
scenes = ["tunnel", "spectrum"]
scene = "tunnel"
"#;
/// Hops that follow a command, in nanoseconds from it.
const HOPS: [i64; 3] = [5_333_333, 600_000_000, 20_000_000_000];

thread_local! {
    static ENGINE: LazyCell<Engine> = LazyCell::new(|| {
        let config = downbeatd::config::Config::parse("the target's own show", SHOW).expect("the show can be read");
        Engine::new(&config.engine, None).expect("an engine can be built of the show")
    });
    /// What there is to set in it.
    static TREE: LazyCell<Tree> = LazyCell::new(|| ENGINE.with(|engine| Tree::new(engine.state(), &engine.schema(), &Status::default())));
}

/// A state with something in it.
fn some_state() -> ShowState {
    let layer = Layer {
        name: "back".into(),
        scene: "tunnel".into(),
        scenes: vec!["tunnel".into()],
        opacity: 0.5,
        blend: Blend::Add,
    };
    ShowState { layers: vec![layer], in_hand: [("glow".into(), 0.5)].into(), ..ShowState::default() }
}

/// A running show obeys or refuses, and every number that follows is a number.
fn obey(commands: impl IntoIterator<Item = Command>) {
    let mut engine = ENGINE.with(|engine| (**engine).clone());
    let (mut now, mut events) = (ShowTime(1_000_000_000), Vec::new());
    for command in commands {
        engine.command(command, now, &mut events);
        for hop in HOPS {
            let tick = engine.tick(now, now.offset(hop), HostTime(now.0), &mut events);
            assert!(tick.row.values.iter().all(|value| value.is_finite()), "a row has {:?}", tick.row.values);
            assert!(tick.timeline.is_sound(), "{:?}", tick.timeline);
        }
        now = now.offset(HOPS[2]);
    }
}

/// Whether a text commands a terminal, breaks a line or turns what is read around (Unicode TR 36).
fn is_dangerous(text: &str) -> bool {
    text.contains(|it: char| it.is_control() || "\u{2028}\u{2029}\u{202e}\u{2066}\u{feff}\u{200b}".contains(it))
}
