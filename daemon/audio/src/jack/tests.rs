//! The callback under a real server, with an allocator that ends the program on any allocation in it.

#[path = "../../tests/support/mod.rs"]
mod support;

use std::time::Duration;

use self::support::{
    jackd::Jackd,
    one_at_a_time,
    player::{Player, use_server},
    wait_for,
};
use crate::{Block, BusInput, Got, JackSettings, JackSource, Source};

const LIMIT: Duration = Duration::from_secs(5);

#[test]
fn the_callback_allocates_nothing_under_a_real_server() {
    let _turn = one_at_a_time();
    let server = Jackd::start();
    use_server(server.name());
    let mut source = JackSource::open(JackSettings {
        client: "downbeat".into(),
        server: Some(server.name().into()),
        buses: ["main", "drums"].map(|name| BusInput { name: name.into(), connect: vec!["player:*".into()] }).into(),
    });
    let player = Player::start("player", &["left", "right"]);
    let midi = source.midi();
    let mut block = Block::default();
    let mut run = |blocks: u32, read: bool| {
        for _ in 0..blocks {
            let _full = midi.send(block.received_host_ns + 20_000_000, &[0xF8]);
            if read {
                wait_for("a block", LIMIT, || (source.next(&mut block, LIMIT) == Got::Block).then_some(()));
            }
        }
        source.report()
    };
    run(300, true);
    player.client().set_buffer_size(256).unwrap();
    run(300, true);
    wait_for("a full ring", LIMIT, || (run(10, false).dropped > 10).then_some(()));
    assert!(run(300, true).midi_dropped < 10_000);
}
