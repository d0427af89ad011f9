//! Scenarios in which everything goes wrong.

use crate::link::Link;
use crate::world::{Plan, World};

/// Six seconds of it. The seed decides everything.
pub fn chaos(seed: u64) -> World {
    let mut chance = fastrand::Rng::with_seed(seed ^ 0x6c65_6164);
    let link = Link { loss: chance.f64() * 0.1, jitter: chance.i64(0..3_000_000), ..Link::WIRED };
    let plan = Plan { daemons: chance.usize(2..4), nodes: chance.usize(0..4), link, ..Plan::USUAL };
    let mut world = World::new(plan, seed);
    let hosts = plan.daemons + plan.nodes;
    let start = chance.i64(0..1_500);
    world.run(start);
    for _ in 0..chance.usize(5..25) {
        let (one, other) = (chance.usize(0..hosts), chance.usize(0..hosts));
        let daemon = chance.usize(0..plan.daemons);
        match chance.u8(0..12) {
            0 | 1 => world.kill(daemon),
            2 | 3 if !world.places[daemon].alive => world.start(daemon),
            4 | 5 => world.stall(one, chance.i64(1..2_000)),
            6 => world.cut(one, other, false),
            7 => world.cut(one, other, true),
            8 => both(&mut world, one, other, false),
            9 => both(&mut world, one, other, true),
            10 => (0..hosts).for_each(|it| both(&mut world, one, it, chance.bool())),
            11 => world.operate(daemon, chance.bool()),
            _ => {}
        }
        let pause = if chance.bool() { chance.i64(1..60) } else { chance.i64(1..600) };
        world.run(pause);
    }
    world
}

fn both(world: &mut World, one: usize, other: usize, up: bool) {
    world.cut(one, other, up);
    world.cut(other, one, up);
}
