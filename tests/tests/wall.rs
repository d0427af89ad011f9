//! One picture on many screens: each node's slice is the matching part of the whole canvas, whenever it started.

use e2e::clock::World;
use e2e::network::{Conditions, allowed};
use e2e::port::free_port;
use e2e::wall::{Rig, Setup, agreement};
use e2e::{Daemon, Process, binaries::binary, frames, song, turn, wait_for};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// Rounding in the last stage of a graphics driver; more would be a seam that a person can see.
const SAME: u8 = 2;
/// State-carrying scenes forget within this many frames, so a late node is compared from there on.
const CONVERGED: u64 = 3 * FPS;
const FPS: u64 = 10;
const FRAMES_COMPARED: usize = 6;

#[test]
fn two_nodes_started_at_different_times_draw_the_parts_of_one_picture() {
    let _turn = turn();
    for scene in ["spectrum", "tunnel", "echo"] {
        let nodes = free_port();
        let config = format!(
            r#"
            [audio]
            source = "file"
            files = {{ main = {:?} }}
            [server]
            listen = "127.0.0.1:{nodes}"
            [[layer]]
            name = "back"
            scene = "{scene}"
            "#,
            song::mix()
        );
        let _daemon = Daemon::start(&config, None);
        let directory = tempfile::tempdir().expect("a directory of the test's own");
        let part = |name: &str| directory.path().join(name);
        let whole = draw(nodes, &part("whole"), "0,0,320,90");
        let left = draw(nodes, &part("left"), "0,0,160,90");
        let first = |name| {
            wait_for("a node's first frame", Duration::from_secs(30), || {
                frames::list(&part(name)).keys().next().copied()
            })
        };
        let (started, _) = (first("left"), first("whole"));
        wait_for("the left node's second second", Duration::from_secs(30), || {
            frames::list(&part("left")).keys().any(|frame| *frame >= started + 2 * FPS).then_some(())
        });
        let right = draw(nodes, &part("right"), "160,0,160,90");
        let late = first("right");
        let common = wait_for("frames of all three nodes", Duration::from_secs(60), || {
            let (whole, left, right) =
                (frames::list(&part("whole")), frames::list(&part("left")), frames::list(&part("right")));
            let common =
                whole.keys().filter(|it| **it >= late + CONVERGED && left.contains_key(it) && right.contains_key(it));
            let common: Vec<u64> = common.copied().collect();
            (common.len() >= FRAMES_COMPARED).then_some(common)
        });
        drop((whole, left, right));
        let mut worst = (0, 0);
        let mut brightest = 0.0f64;
        for frame in &common {
            let picture = |name| frames::read(&frames::list(&part(name))[frame]);
            let whole = picture("whole");
            worst.0 = worst.0.max(frames::difference(&picture("left"), &whole, 0));
            worst.1 = worst.1.max(frames::difference(&picture("right"), &whole, 160));
            brightest = brightest.max(frames::brightness(&whole));
        }
        println!(
            "{scene}: {} frames, greatest difference left {}, right {}, brightness {brightest:.1}",
            common.len(),
            worst.0,
            worst.1
        );
        assert!(brightest > 2.0, "{scene} is dark: nothing was compared");
        assert!(worst.0 <= SAME && worst.1 <= SAME, "{scene}: a seam of {worst:?}/255");
    }
}

#[test]
fn nodes_behind_wi_fi_draw_the_same_to_the_last_bit_and_one_that_is_set_otherwise_is_named() {
    if !allowed() {
        return;
    }
    let _turn = turn();
    const LIMIT: Duration = Duration::from_secs(60);
    const FRAMES: usize = 150;
    let conditions = Conditions::from(&World::wi_fi(1));
    let show = "[[layer]]\nname = \"back\"\nscene = \"echo\"\n";
    let mut rig = Rig::start(&Setup { show, delay_ms: 60.0, conditions, server: None });
    // The last one joins while the others remember something already.
    let nodes = [0, 1, 2].map(|place| rig.join(place));
    wait_for("frames", LIMIT, || (rig.shown(nodes[0]).len() > FRAMES).then_some(()));
    let late = rig.join(3);
    wait_for("frames of all", LIMIT, || (rig.shown(late).len() > FRAMES).then_some(()));
    let told = rig.skew(3);
    println!("{told}");
    assert!(told.contains("all nodes draw the same picture"), "{told}");
    assert!(["node-0", "node-1", "node-2", "node-3"].iter().all(|name| told.contains(name)), "{told}");
    rig.kill(late);
    rig.set_delay(120.0);
    let other = rig.join(3);
    // The daemon judges a second of the show when all have told of it.
    let begun = Instant::now();
    let told = wait_for("the daemon's word", LIMIT, || Some(rig.skew(2)).filter(|told| told.contains("differs")));
    println!("named {:?} after it was there\n{told}", begun.elapsed());
    assert!(told.contains("the picture of node-3 differs: it draws from other inputs than"), "{told}");
    assert!(told.contains("its playout delay is 120 ms, not 60"), "{told}");
    rig.kill(other);
    let logs = rig.finish(None);
    let logs: Vec<_> = logs[..=late].iter().map(|(slice, log)| (*slice, &log[..])).collect();
    let found = agreement(&logs);
    println!("{found:?}");
    assert!(found.shared as usize > FRAMES / 2 && found.by_all > 0, "{found:?}: too few to compare");
    assert_eq!(found.differing, 0, "{found:?}");
}

fn draw(nodes: u16, directory: &Path, slice: &str) -> Process {
    let mut command = Command::new(binary("downbeat-renderer"));
    command.args(["--server", &format!("127.0.0.1:{nodes}"), "--canvas", "320x90", "--slice", slice]);
    command.args(["--fps", &FPS.to_string(), "--every", "1", "--headless"]).arg(directory);
    Process::start("downbeat-renderer", &mut command)
}
