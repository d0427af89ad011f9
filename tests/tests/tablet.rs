//! TouchOSC layouts and the daemon match: every message of a layout is carried out and fed back, every value that it
//! shows arrives in a form that its control can show.

use downbeat_protocol::tree::{self, Access, Kind};
use downbeat_touchosc::{Found, read};
use e2e::binaries::{binary, root};
use e2e::port::free_port;
use e2e::{Daemon, song, turn, wait_for};
use rosc::{OscMessage, OscPacket, OscType};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::{TcpStream, UdpSocket};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

const SOON: Duration = Duration::from_secs(20);

/// A cue and a rule beside what the demo has. The rule is muted until the tablet says otherwise.
const CUES: &str = "\
[cue.flash]
fade = { seconds = 1 }
set = [{ address = \"/layer/front/opacity\", value = 1.0 }]

[rule.drop]
when = \"no-signal\"
muted = true
do = [{ address = \"/cue/flash/fire\" }]
";

/// The demo's daemon, hearing a file, and its ports.
struct Stage {
    _daemon: Daemon,
    control: u16,
    feedback: u16,
    web: u16,
    nodes: u16,
}

impl Stage {
    fn new(more: &str) -> Self {
        let [control, feedback, web, nodes] = [(); 4].map(|()| free_port());
        let demo = std::fs::read_to_string(root().join("config/examples/demo.toml")).expect("the demo");
        let demo = demo.replace("0.0.0.0:9000", &format!("127.0.0.1:{control}"));
        let demo = demo.replace("feedback-port = 9001", &format!("feedback-port = {feedback}"));
        let demo = demo.replace("127.0.0.1:9010", &format!("127.0.0.1:{}", free_port()));
        let audio = format!("[audio]\nsource = \"file\"\nfiles = {{ main = {:?} }}", song::mix());
        let servers = format!("[web]\nlisten = \"127.0.0.1:{web}\"\n[server]\nlisten = \"127.0.0.1:{nodes}\"");
        let daemon = Daemon::start(&[demo, audio, servers, more.into()].join("\n"), None);
        Self { _daemon: daemon, control, feedback, web, nodes }
    }

    fn tablet(&self) -> Tablet {
        let inbox = UdpSocket::bind(("127.0.0.1", self.feedback)).expect("a free port");
        inbox.set_nonblocking(true).expect("a socket can be set so");
        let out = UdpSocket::bind("127.0.0.1:0").expect("loopback has free ports");
        Tablet { out, inbox, daemon: self.control, shows: BTreeMap::new(), refused: Vec::new() }
    }

    /// The layout that the web server offers, once the daemon knows its buses.
    fn layout(&self, form: &str) -> Vec<u8> {
        wait_for(&format!("{LATEST} in the layout"), SOON, || {
            let bytes = self.get(&format!("/layout/{form}.tosc")).1;
            layout(&bytes).iter().any(|found| found.address == LATEST).then_some(bytes)
        })
    }

    /// What the web server answers, head and body.
    fn get(&self, path: &str) -> (String, Vec<u8>) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.web)).expect("the daemon serves");
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").expect("sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer");
        let end = answer.windows(4).position(|it| it == b"\r\n\r\n").expect("a head");
        (String::from_utf8_lossy(&answer[..end]).to_lowercase(), answer[end + 4..].to_vec())
    }
}

/// The first text that the layout of a daemon that has just started lacks: it is told once the buses are known.
const LATEST: &str = "/bus/main/state";

/// What a tablet has: a socket to send from and one to receive on.
struct Tablet {
    out: UdpSocket,
    inbox: UdpSocket,
    daemon: u16,
    /// The latest arguments by address.
    shows: BTreeMap<String, Vec<OscType>>,
    refused: Vec<String>,
}

impl Tablet {
    fn send(&self, address: &str, argument: Option<OscType>) {
        let args = argument.into_iter().collect();
        let packet = OscPacket::Message(OscMessage { addr: address.into(), args });
        let bytes = rosc::encoder::encode(&packet).expect("a plain message encodes");
        self.out.send_to(&bytes, ("127.0.0.1", self.daemon)).expect("loopback takes packets");
    }

    /// Takes in what has come.
    fn receive(&mut self) {
        let mut bytes = [0; 65536];
        while let Ok(len) = self.inbox.recv(&mut bytes) {
            let (_, packet) = rosc::decoder::decode_udp(&bytes[..len]).expect("the daemon sends OSC");
            self.show(packet);
        }
    }

    fn show(&mut self, packet: OscPacket) {
        match packet {
            // As the layout's script does.
            OscPacket::Message(message) if message.addr == "/hello" => {
                self.send("/hello", message.args.into_iter().next());
            }
            OscPacket::Message(message) if message.addr == "/error" => {
                self.refused.extend(message.args.into_iter().map(|why| why.to_string()));
            }
            OscPacket::Message(message) => drop(self.shows.insert(message.addr, message.args)),
            OscPacket::Bundle(bundle) => bundle.content.into_iter().for_each(|packet| self.show(packet)),
        }
    }

    /// Sends what a control sends, and waits until its address shows it.
    fn round_trip(&mut self, address: &str, sent: OscType, near: f32) {
        self.receive();
        let shown = |it: &OscType| match (number(it), number(&sent)) {
            (Some(shown), Some(sent)) => (shown - sent).abs() <= near,
            _ => *it == sent,
        };
        // What is so already counts as an echo if it was told just now, and is not told again.
        self.shows.retain(|known, values| known != address || values.first().is_some_and(shown));
        self.send(address, Some(sent.clone()));
        wait_for(&format!("{address} {sent:?} of {:?}", self.refused), SOON, || {
            self.receive();
            self.shows.get(address)?.first().filter(|it| shown(it)).map(drop)
        });
    }
}

fn number(value: &OscType) -> Option<f32> {
    match value {
        OscType::Float(value) => Some(*value),
        OscType::Int(value) => Some(*value as f32),
        OscType::Bool(value) => Some(f32::from(u8::from(*value))),
        _ => None,
    }
}

/// Whether a control can show this.
fn fits(all: &[Found], found: &Found, argument: &OscType) -> bool {
    let words = || all.iter().filter(|it| it.address == found.address && it.argument == "WORD").map(|it| &it.value);
    match (found.argument.as_str(), found.conversion.as_str(), argument) {
        ("WORD", _, OscType::String(text)) => words().any(|word| word == text),
        ("VALUE", "STRING", OscType::String(_)) => true,
        // The script keeps meters inside their ends.
        ("METER", _, argument) => number(argument).is_some_and(f32::is_finite),
        ("VALUE", "FLOAT", argument) => {
            let [low, high] = found.range;
            number(argument).is_some_and(|it| it >= low - 1e-3 && it <= high + 1e-3)
        }
        _ => false,
    }
}

fn layout(bytes: &[u8]) -> Vec<Found> {
    read(bytes).expect("a layout").1
}

#[test]
fn every_control_of_a_layout_goes_to_the_daemon_and_back() {
    let _turn = turn();
    let stage = Stage::new(CUES);
    let [tablet_file, phone_file] = ["tablet", "phone"].map(|form| layout(&stage.layout(form)));
    let said = |file: &[Found]| -> BTreeSet<String> { file.iter().map(|found| format!("{found:?}")).collect() };
    assert_eq!(said(&tablet_file), said(&phone_file), "both have everything");
    let file = tablet_file;
    let mut tablet = stage.tablet();

    tablet.send("/sync", None);
    // What is wrong is told when something is.
    let shown: Vec<&Found> = file.iter().filter(|found| found.receives && found.address != "/error").collect();
    assert!(shown.len() > 60, "the layout shows only {shown:?}");
    // Beat lamps and meters need music; the song begins at once and has its first bar within two seconds.
    let deadline = Instant::now() + SOON;
    loop {
        tablet.receive();
        let missing: BTreeSet<&str> =
            shown.iter().map(|it| it.address.as_str()).filter(|it| !tablet.shows.contains_key(*it)).collect();
        if missing.is_empty() {
            break;
        }
        assert!(Instant::now() < deadline, "never told to the tablet: {missing:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
    for found in &shown {
        let argument = tablet.shows[&found.address].first();
        assert!(argument.is_some_and(|it| fits(&file, found, it)), "{found:?} cannot show {argument:?}");
    }

    // A muted rule cannot be fired, and says so.
    tablet.round_trip("/rule/drop/mute", OscType::Float(0.0), 0.0);
    for found in file.iter().filter(|found| found.sends) {
        let (entry, _) = tree::entry(&found.address).expect("an address of the tree");
        let [low, high] = found.range;
        match (entry.kind, entry.access()) {
            (Kind::Trigger, Access::Write) | (Kind::Number(..), Access::Write) => {
                tablet.send(&found.address, Some(OscType::Float(found.value.parse().expect("a number"))));
                // What is sent later is told later: then it is known whether this was refused.
                tablet.round_trip("/levels/freeze", OscType::Float(1.0), 0.0);
                tablet.round_trip("/levels/freeze", OscType::Float(0.0), 0.0);
                let refused = std::mem::take(&mut tablet.refused);
                // Nobody stands by to whom the lead could be given.
                assert!(refused.is_empty() || found.address.starts_with("/lead/"), "{}: {refused:?}", found.address);
            }
            (Kind::Trigger, _) => tablet.round_trip(&found.address, OscType::Float(1.0), 0.0),
            (Kind::Switch, _) => {
                [1.0, 0.0].into_iter().for_each(|on| tablet.round_trip(&found.address, OscType::Float(on), 0.0));
            }
            (Kind::Number(..), _) => {
                // Half a step of a fader of 100 points.
                let near = 0.005 * (high - low);
                [0.25, 0.5].into_iter().for_each(|part| {
                    tablet.round_trip(&found.address, OscType::Float(low + part * (high - low)), near);
                });
            }
            (Kind::Choice(_) | Kind::Scene | Kind::Text, _) => {
                tablet.round_trip(&found.address, OscType::String(found.value.clone()), 0.0);
            }
        }
        assert!(tablet.refused.is_empty(), "{}: {:?}", found.address, tablet.refused);
    }
}

#[test]
fn the_layout_of_the_running_show_is_that_of_its_configuration() {
    let _turn = turn();
    let stage = Stage::new("");
    let folder = tempfile::tempdir().expect("a folder");
    for (form, file) in [("tablet", "downbeat"), ("phone", "phone")] {
        let committed = std::fs::read(root().join(format!("clients/touchosc/{file}.tosc"))).expect("there");
        let served = stage.layout(form);
        let (head, _) = stage.get(&format!("/layout/{form}.tosc"));
        assert!(head.contains("content-type: application/octet-stream"), "{head}");
        assert!(head.contains(&format!("filename=\"downbeat-{form}.tosc\"")), "{head}");
        assert!(served == committed, "the web server's layout for a {form} is another");

        let told = folder.path().join(form);
        let server = format!("127.0.0.1:{}", stage.nodes);
        let path = told.to_str().expect("letters");
        write(&["--server", &server, "--layout", form, "-o", path]);
        assert!(std::fs::read(&told).expect("written") == committed, "downbeatctl's layout for a {form} is another");
    }
    assert!(stage.get("/layout/watch.tosc").0.starts_with("http/1.1 404"));
}

#[test]
fn the_layouts_in_the_tree_are_those_of_the_demo() {
    let folder = tempfile::tempdir().expect("a folder");
    let demo = root().join("config/examples/demo.toml");
    let shipped = |name: &str| std::fs::read(root().join(name)).unwrap_or_default();
    for (form, file, picture) in [("tablet", "downbeat", "preview"), ("phone", "phone", "phone")] {
        let [tosc, svg] = ["tosc", "svg"].map(|kind| folder.path().join(format!("{form}.{kind}")));
        let paths = [&demo, &tosc, &svg].map(|path: &_| path_text(path));
        write(&["-c", &paths[0], "-o", &paths[1], "--layout", form, "--preview", &paths[2]]);
        let [tosc, svg] = [tosc, svg].map(|path| std::fs::read(path).expect("written"));
        let message = format!(
            "run: downbeatctl touchosc -c config/examples/demo.toml --layout {form} -o clients/touchosc/{file}.tosc \
             --preview clients/touchosc/{picture}.svg"
        );
        assert!(shipped(&format!("clients/touchosc/{file}.tosc")) == tosc, "{message}");
        assert!(shipped(&format!("clients/touchosc/{picture}.svg")) == svg, "{message}");
    }
}

#[test]
fn an_old_touchosc_gets_a_file_of_its_version_and_a_bad_rig_its_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let [rig, old] = ["rig.toml", "old.tosc"].map(|name| folder.path().join(name));
    std::fs::write(&rig, "[[layer]]\nname = \"back\"\nscene = \"echo\"\n").expect("written");
    write(&["-c", &path_text(&rig), "-o", &path_text(&old), "--file-version", "3"]);
    let (document, _) = read(&std::fs::read(&old).expect("written")).expect("a layout");
    assert!(document.contains("<lexml version='3'>") && document.contains("<connections>11111</connections>"));

    std::fs::write(&rig, "[[layer]]\nname = \"back\"\n").expect("written");
    let refused = touchosc(&["-c", &path_text(&rig), "-o", &path_text(&old)]);
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(78), "{told}");
    assert!(told.contains("rig.toml:1: layer.0: the key `scene` is missing"), "{told}");
}

fn write(arguments: &[&str]) {
    let output = touchosc(arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn touchosc(arguments: &[&str]) -> std::process::Output {
    let keys = std::env::temp_dir().join(format!("downbeat-touchosc-{}", std::process::id()));
    let mut command = Command::new(binary("downbeatctl"));
    command.arg("touchosc").args(arguments).env("DOWNBEAT_KEYS", keys).env_remove("RUST_LOG");
    command.output().expect("downbeatctl runs")
}

fn path_text(path: &Path) -> String {
    path.to_str().expect("letters").to_owned()
}
