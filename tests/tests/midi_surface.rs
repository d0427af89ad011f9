//! A box with faders and lights, over a real JACK server: it sets, learns, lights up, picks up values, and recovers
//! after being unplugged.

use e2e::binaries::binary;
use e2e::port::free_port;
use e2e::{Daemon, JackServer, Keys, Listener, OscDump, Process, turn, wait_for};
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

const SOON: Duration = Duration::from_secs(20);
const OPACITY: &str = "/layer/back/opacity";
const GLOW: &str = "/param/glow";
/// The lights of the first two pads of an APC mini mk2: green and full where it is on, white and weak where it is not.
const FIRST_ON: [u8; 3] = [0x96, 0, 21];
const FIRST_AVAILABLE: [u8; 3] = [0x91, 0, 3];
const SECOND_ON: [u8; 3] = [0x96, 1, 21];
const SECOND_AVAILABLE: [u8; 3] = [0x91, 1, 3];
const FIRST_OFF: [u8; 3] = [0x96, 0, 0];

/// The box: what is played on it, and what it is told.
struct Surface {
    keys: Keys,
    lights: Listener,
}

impl Surface {
    fn plug_in(server: &JackServer) -> Self {
        Self { keys: Keys::join(server), lights: Listener::join(server) }
    }

    /// Waits until it was told all of these messages.
    fn wait_for(&self, messages: &[[u8; 3]]) {
        let mut told: Vec<Vec<u8>> = Vec::new();
        wait_for(&format!("lights {messages:x?}"), SOON, || {
            told.extend(self.lights.heard().midi.into_iter().map(|(_, bytes)| bytes));
            messages.iter().all(|message| told.iter().any(|bytes| bytes[..] == *message)).then_some(())
        });
    }

    /// Presses a pad until the show has its scene: whatever was played before it has been taken by then.
    fn show(&self, dump: &OscDump, pad: u8, scene: &str) {
        wait_for(&format!("the scene {scene}"), SOON, || {
            self.keys.play([0x90, pad, 127]);
            self.keys.play([0x80, pad, 0]);
            let told = dump.to("/layer/back/scene");
            told.last().filter(|message| message.arguments[0] == scene).map(|_| ())
        });
    }

    fn fader(&self, number: u8, at: u8) {
        self.keys.play([0xB0, 47 + number, at]);
    }
}

fn last(dump: &OscDump, address: &str) -> Option<f64> {
    dump.to(address).last().map(|message| message.number(0))
}

fn wait_for_value(dump: &OscDump, address: &str, steps: u8) {
    let value = f64::from(steps) / 127.0;
    wait_for(&format!("{address} at {value}"), SOON, || {
        last(dump, address).filter(|told| (told - value).abs() < 1e-3).map(|_| ())
    });
}

fn learn(nodes: &str, arguments: &[&str]) -> Process {
    let mut command = Command::new(binary("downbeatctl"));
    Process::start("downbeatctl", command.args(["learn", "--server", nodes]).args(arguments))
}

#[test]
fn a_box_learns_sets_is_lit_and_comes_back() {
    let _turn = turn();
    let server = JackServer::start();
    let dump = OscDump::start();
    let folder = TempDir::new().expect("a folder");
    let state = folder.path().join("state.json");
    let nodes = format!("127.0.0.1:{}", free_port());
    let config = format!(
        r#"
        [show]
        state = {state:?}
        [server]
        listen = "{nodes}"
        [parameter.glow]
        [[layer]]
        name = "back"
        scene = "tunnel"
        scenes = ["tunnel", "echo"]
        opacity = 1.0
        [control.tablet]
        kind = "osc"
        listen = "127.0.0.1:{}"
        feedback-to = ["127.0.0.1:{}"]
        [control.box]
        kind = "midi"
        surface = "apc-mini-mk2"
        port = "keys:*"
        port-out = "listener:midi"
        map = {{ "fader.1" = "{OPACITY}", "pad.1" = "/layer/back/scene/tunnel", "pad.2" = "/layer/back/scene/echo" }}
        "#,
        free_port(),
        dump.port
    );
    let mut daemon = Daemon::start(&config, Some(&server));

    let surface = Surface::plug_in(&server);
    surface.wait_for(&[FIRST_ON, SECOND_AVAILABLE]);
    surface.show(&dump, 1, "echo");
    surface.wait_for(&[FIRST_AVAILABLE, SECOND_ON]);

    // A fader far below its value does not pull it down, and moves it once it has been there.
    surface.fader(1, 20);
    surface.fader(1, 60);
    surface.show(&dump, 0, "tunnel");
    wait_for_value(&dump, OPACITY, 127);
    surface.fader(1, 127);
    surface.fader(1, 100);
    wait_for_value(&dump, OPACITY, 100);
    println!("it sets and is lit");

    let mut learning = learn(&nodes, &[GLOW]);
    learning.wait_for_line("move the fader", SOON);
    // The daemon's own threads may know a moment later than downbeatctl does.
    let mut place = (0..=120).step_by(20).cycle();
    wait_for("downbeatctl to have learnt", SOON, || {
        place.next().into_iter().for_each(|at| surface.fader(2, at));
        (!learning.runs()).then_some(())
    });
    assert!(learning.wait(SOON).success());
    learning.wait_for_line("box fader.2 sets /param/glow", SOON);
    surface.fader(2, 0);
    surface.fader(2, 127);
    wait_for_value(&dump, GLOW, 127);
    println!("it has learnt");

    // Unplugged, the show goes on; plugged in again, it is told how things are, and its faders take hold anew.
    let missed = |daemon: &Daemon| {
        ["box: no MIDI port", "box-out: no MIDI port"].map(|it| daemon.process.text().matches(it).count())
    };
    let before = missed(&daemon);
    drop(surface);
    wait_for("the daemon to miss the box", SOON, || {
        missed(&daemon).iter().zip(&before).all(|(now, before)| now > before).then_some(())
    });
    let gone = Command::new(binary("downbeatctl"))
        .args(["command", "--server", &nodes, "/layer/back/scene", "echo"])
        .env("DOWNBEAT_KEYS", folder.path())
        .output()
        .expect("downbeatctl runs");
    assert!(gone.status.success(), "{gone:?}");
    let surface = Surface::plug_in(&server);
    surface.wait_for(&[FIRST_AVAILABLE, SECOND_ON]);
    surface.show(&dump, 0, "tunnel");
    surface.fader(1, 10);
    surface.show(&dump, 1, "echo");
    wait_for_value(&dump, OPACITY, 100);
    surface.fader(1, 100);
    surface.fader(1, 50);
    wait_for_value(&dump, OPACITY, 50);
    println!("it has come back");

    // What was learnt is kept, and comes back with the show.
    wait_for("the state on disk", SOON, || {
        std::fs::read_to_string(&state).ok().filter(|text| text.contains("/control/box/learnt/fader.2")).map(|_| ())
    });
    // As a service is restarted: a client that is killed makes JACK hold up all others for a while.
    daemon.process.signal(libc::SIGTERM);
    assert!(daemon.process.wait(SOON).success(), "it ends when it is told to");
    daemon.restart();
    daemon.process.wait_for_line("downbeatd: ready", SOON);
    surface.wait_for(&[FIRST_AVAILABLE, SECOND_ON]);
    surface.show(&dump, 0, "tunnel");
    surface.fader(2, 127);
    surface.fader(2, 30);
    wait_for_value(&dump, GLOW, 30);
    assert!(learn(&nodes, &["--forget", GLOW]).wait(SOON).success());
    surface.fader(2, 60);
    surface.show(&dump, 1, "echo");
    wait_for_value(&dump, GLOW, 30);

    daemon.process.signal(libc::SIGTERM);
    assert!(daemon.process.wait(SOON).success());
    surface.wait_for(&[FIRST_OFF]);
}

#[test]
fn a_mistake_in_a_rigs_map_is_named_with_its_line_and_the_nearest_name() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("rig.toml");
    let check = |map: &str| {
        let text = format!("[control.box]\nkind = \"midi\"\nsurface = \"apc-mini-mk2\"\n[control.box.map]\n{map}\n");
        std::fs::write(&path, text).expect("written");
        let checked =
            Command::new(binary("downbeatd")).arg("--config").arg(&path).arg("--check").output().expect("runs");
        assert_eq!(checked.status.code(), Some(78), "{checked:?}");
        String::from_utf8_lossy(&checked.stderr).into_owned()
    };
    let element = check("\"fadre.1\" = \"/tempo/tap\"");
    assert!(element.contains("rig.toml:5: ") && element.contains("did you mean `fader.1`?"), "{element}");
    let address = check("\"pad.1\" = \"/tempo/tap\"\n\"fader.1\" = \"/layer/bakc/opacity\"");
    assert!(address.contains("rig.toml:6: ") && address.contains("did you mean `/layer/back/opacity`?"), "{address}");
    let key = check("\"pad.1\" = { address = \"/tempo/tap\", color = \"red\" }");
    assert!(key.contains("rig.toml:5: ") && key.contains("did you mean `colour`?"), "{key}");
    let surface = folder.path().join("box.toml");
    std::fs::write(&surface, "name = \"box\"\n[[element]]\nname = \"fader\"\nkind = \"fader\"\nccc = \"1\"\n")
        .expect("written");
    std::fs::write(&path, format!("[control.box]\nkind = \"midi\"\nsurface = {surface:?}\n")).expect("written");
    let checked = Command::new(binary("downbeatd")).arg("--config").arg(&path).arg("--check").output().expect("runs");
    let told = String::from_utf8_lossy(&checked.stderr);
    assert!(told.contains("box.toml:5: element.0.ccc: unknown key; did you mean `cc`?"), "{told}");
}
