//! Nodes of a wall as real programs, following a daemon over the network.

mod stage;

use downbeat_protocol::{Blend, Layer, ShowState};
use stage::Stage;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const ANY: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// A program that is ended when the test ends, however it ends.
struct Node(Child);

impl Node {
    fn start(stage: SocketAddr, folder: &Path, arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_downbeat-renderer"));
        command.env("DOWNBEAT_KEYS", concat!(env!("CARGO_TARGET_TMPDIR"), "/keys"));
        command.args(["--server", &stage.to_string(), "--canvas", "320x90", "--fps", "30", "--headless"]);
        command.arg(folder).args(arguments).stdout(Stdio::null());
        Self(command.spawn().expect("starts"))
    }

    fn ends_well_within(&mut self, limit: Duration) -> bool {
        let until = Instant::now() + limit;
        loop {
            if let Some(status) = self.0.try_wait().expect("waits") {
                return status.success();
            }
            if Instant::now() > until {
                return false;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn show() -> ShowState {
    let layer = |name: &str, scene: &str, blend| Layer {
        name: name.into(),
        scene: scene.into(),
        scenes: Vec::new(),
        opacity: 0.9,
        blend,
    };
    let layers = vec![layer("back", "tunnel", Blend::Normal), layer("front", "echo", Blend::Screen)];
    ShowState { layers, seed: 3, ..ShowState::default() }
}

/// The pictures of a folder by frame number.
fn pictures(folder: &Path) -> BTreeMap<u64, PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let number = |path: PathBuf| {
        let name = path.file_name()?.to_str()?.strip_prefix("frame-")?.strip_suffix(".png")?.parse().ok()?;
        Some((name, path))
    };
    entries.filter_map(|entry| number(entry.path())).collect()
}

fn decoded(path: &Path) -> image::RgbaImage {
    image::open(path).expect("a whole picture").into_rgba8()
}

#[test]
fn halves_of_a_wall_that_start_at_different_times_are_one_picture() {
    let stage = Stage::open(ANY, show());
    let folder = tempfile::tempdir().expect("a folder");
    let folders = ["left", "whole", "right"].map(|name| folder.path().join(name));
    let parts = ["0,0,160,90", "0,0,320,90", "160,0,160,90"];
    let mut nodes = Vec::new();
    for (index, (folder, slice)) in folders.iter().zip(parts).enumerate() {
        // Each waits for a sign of the one before, so that they begin at different frames.
        let begun = |count| stage.wait(Duration::from_secs(20), |heard| heard.reports.len() >= count);
        assert!(begun(2 * index), "node {index} was never heard");
        let frames = ["40", "30", "20"][index];
        nodes.push(Node::start(stage.address, folder, &["--every", "6", "--frames", frames, "--slice", slice]));
    }
    for node in &mut nodes {
        assert!(node.ends_well_within(Duration::from_secs(60)));
    }
    let [left, whole, right] = folders.map(|folder| pictures(&folder));
    let common: Vec<_> = whole.keys().filter(|key| left.contains_key(key) && right.contains_key(key)).collect();
    assert!(common.len() >= 5, "{left:?} {whole:?} {right:?}");
    for number in common {
        let whole = decoded(&whole[number]);
        for (part, from) in [(decoded(&left[number]), 0), (decoded(&right[number]), 160)] {
            let apart = part.enumerate_pixels().flat_map(|(x, y, pixel)| {
                let other = whole.get_pixel(from + x, y);
                pixel.0.into_iter().zip(other.0).map(|(one, other)| one.abs_diff(other))
            });
            assert!(apart.max() <= Some(2), "frame {number}, from pixel {from}");
        }
    }
}

#[test]
fn a_node_goes_on_without_the_daemon_and_follows_it_again() {
    let limit = Duration::from_secs(20);
    let folder = tempfile::tempdir().expect("a folder");
    let stage = Stage::open(ANY, show());
    let address = stage.address;
    let _node = Node::start(address, folder.path(), &["--every", "3"]);
    assert!(stage.wait(limit, |heard| heard.reports.iter().any(|report| report.frames > 3)), "it never drew");
    stage.close();
    let last = *pictures(folder.path()).last_key_value().expect("pictures").0;
    let until = Instant::now() + limit;
    // Three seconds of the show later it still draws, and not black.
    while !pictures(folder.path()).keys().any(|number| *number > last + 90) {
        assert!(Instant::now() < until, "it stood still");
        std::thread::sleep(Duration::from_millis(50));
    }
    let (_, alone) = pictures(folder.path()).pop_last().expect("pictures");
    assert!(decoded(&alone).pixels().any(|pixel| pixel.0[..3].iter().any(|channel| *channel > 40)), "it went black");
    let stage = Stage::open(address, show());
    assert!(stage.wait(Duration::from_secs(5), |heard| heard.hellos > 0), "it does not come back");
    assert!(stage.wait(limit, |heard| heard.reports.iter().any(|report| report.fps > 5.0)), "it does not go on");
}
