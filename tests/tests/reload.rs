//! The configuration changes while music plays: what can takes effect at once, what is not concerned misses no beat, and
//! a file with a mistake changes nothing.

use downbeat_client::session::{Session, Settings};
use downbeat_protocol::message::Role;
use downbeat_protocol::state::Change;
use downbeat_protocol::{Action, Event, When};
use e2e::binaries::binary;
use e2e::port::free_port;
use e2e::{OscDump, Process, host_now_ns, song, turn, wait_for};
use std::fs;
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;
use tempfile::TempDir;

const SOON: Duration = Duration::from_secs(15);

/// A daemon whose configuration is edited.
struct Rig {
    folder: TempDir,
    server: u16,
    page: u16,
    daemon: Process,
}

impl Rig {
    fn start(more: &str) -> Self {
        let (folder, server, page) = (TempDir::new().expect("a folder"), free_port(), free_port());
        fs::write(folder.path().join("show.toml"), config(server, page, more)).expect("written");
        let daemon = Self::spawn(&folder);
        Self { folder, server, page, daemon }
    }

    fn spawn(folder: &TempDir) -> Process {
        let mut command = Command::new(binary("downbeatd"));
        command.arg("--config").arg(folder.path().join("show.toml")).env("DOWNBEAT_KEYS", folder.path().join("keys"));
        let daemon = Process::start("downbeatd", &mut command);
        daemon.wait_for_line("downbeatd: ready", SOON);
        daemon
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("show.toml")
    }

    fn write(&self, more: &str) {
        fs::write(self.path(), config(self.server, self.page, more)).expect("written");
    }

    fn ctl(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(binary("downbeatctl"));
        command.args(arguments).args(["--server", &format!("127.0.0.1:{}", self.server)]);
        command.env("DOWNBEAT_KEYS", self.folder.path().join("keys")).output().expect("downbeatctl runs")
    }

    /// Writes a configuration and asks for it; what was said.
    fn reload(&self, more: &str) -> Result<String, String> {
        self.write(more);
        let output = self.ctl(&["reload"]);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
    }
}

fn config(server: u16, page: u16, more: &str) -> String {
    // The tests ask for what they change, except the one that does not.
    format!(
        "show.name = \"reload\"\nshow.watch = {}\n{more}\n[audio]\nsource = \"file\"\nfiles = {{ main = {:?} }}\n\
         repeat = true\n[server]\nlisten = \"127.0.0.1:{server}\"\nannounce = false\n[web]\n\
         listen = \"127.0.0.1:{page}\"\nannounce = false\n",
        more.contains("# watched"),
        song::mix()
    )
}

fn output(name: &str, port: u16, more: &str) -> String {
    format!("[output.{name}]\nkind = \"osc\"\ntarget = \"127.0.0.1:{port}\"\n{more}\n")
}

/// Every beat came once and in order since a moment.
fn no_beat_is_missing(dump: &OscDump, since: i64, what: &str) {
    let beats = wait_for("three beats", SOON, || {
        let since = dump.to("/beat").into_iter().filter(|beat| beat.at > since);
        let beats: Vec<i64> = since.map(|beat| beat.number(0) as i64).collect();
        (beats.len() > 2).then_some(beats)
    });
    let gaps: Vec<_> = beats.windows(2).filter(|pair| pair[1] != pair[0] + 1).collect();
    assert!(gaps.is_empty(), "{what}: {beats:?}");
    println!("{what}: {} beats, none missing", beats.len());
}

#[test]
fn each_table_takes_effect_as_it_should_and_the_desk_beside_misses_no_beat() {
    let _turn = turn();
    let (desk, other) = (OscDump::start(), OscDump::start());
    let (tablet, moved) = (free_port(), free_port());
    let desk_table = output("desk", desk.port, "parameters = [\"glow\"]\nrate-hz = 30");
    let glow = |expression: &str| format!("[parameter.glow]\nexpression = \"{expression}\"\n");
    let rig = Rig::start(&format!("{desk_table}{}", glow("0.25")));
    wait_for("beats", SOON, || (desk.to("/beat").len() > 2).then_some(()));
    let begun = host_now_ns();
    let value = |wanted: f64| {
        wait_for(&format!("glow at {wanted}"), SOON, || {
            let last = desk.to("/param/glow").last().map(|it| it.number(0));
            last.filter(|value| (value - wanted).abs() < 1e-6)
        })
    };
    value(0.25);

    // Live: parameters, layers, cues, rules.
    let said = rig.reload(&format!("{desk_table}{}", glow("0.75"))).expect("it is good");
    assert_eq!(said, "in force: parameter.glow");
    value(0.75);
    let layer = "[[layer]]\nname = \"back\"\nscene = \"spectrum\"\n";
    let cue = "[cue.half]\nset = [{ address = \"/param/glow\", value = 0.5 }]\n";
    let rule = "[rule.never]\nwhen = \"silence\"\ndo = [{ address = \"/cue/half/fire\" }]\n";
    let show = format!("{desk_table}{}{layer}{cue}{rule}[parameter.hue]\n", glow("0.75"));
    let said = rig.reload(&show).expect("it is good");
    assert_eq!(said, "in force: parameter.hue, layer, cue.half, rule.never");
    assert!(rig.ctl(&["command", "/cue/half/fire"]).status.success());
    value(0.5);

    // What was set by hand stays.
    let said = rig.reload(&show.replace("spectrum", "tunnel")).expect("it is good");
    assert_eq!(said, "in force: layer");
    value(0.5);

    // Edges: opened, reopened, closed; their like stays as it is.
    let with = |more: &str| format!("{}{more}", show.replace("spectrum", "tunnel"));
    let second = output("second", other.port, "");
    assert_eq!(rig.reload(&with(&second)).expect("it is good"), "opened: output.second");
    wait_for("beats at the second desk", SOON, || (other.to("/beat").len() > 1).then_some(()));
    let control = |port: u16| format!("{second}[control.tablet]\nkind = \"osc\"\nlisten = \"127.0.0.1:{port}\"\n");
    assert_eq!(rig.reload(&with(&control(tablet))).expect("it is good"), "opened: control.tablet");
    assert_eq!(rig.reload(&with(&control(moved))).expect("it is good"), "reopened: control.tablet");
    // The same port again, with another setting: the old one has let go of it.
    let faster = format!("{}rate-hz = 5\n", control(moved));
    assert_eq!(rig.reload(&with(&faster)).expect("it is good"), "reopened: control.tablet");
    let said = Command::new("oscsend").args(["127.0.0.1", &moved.to_string(), "/param/glow", "f", "0.125"]).status();
    assert!(said.expect("liblo's oscsend is there").success());
    value(0.125);
    assert_eq!(rig.reload(&with("")).expect("it is good"), "closed: control.tablet, output.second");
    let silent = other.to("/beat").len();

    // What needs a restart is named, and nothing happens.
    let said = rig.reload(&with("[tempo]\nbeats-per-bar = 3\n")).expect("it is good");
    assert_eq!(said, "in force after a restart: tempo");
    no_beat_is_missing(&desk, begun, "the desk beside");
    assert!(other.to("/beat").len() <= silent + 1, "a closed output goes on");
}

#[test]
fn tables_that_need_each_other_come_with_one_save_and_later_ones_build_on_them() {
    let _turn = turn();
    let (desk, other) = (OscDump::start(), OscDump::start());
    let desk_table = output("desk", desk.port, "parameters = [\"glow\"]\nrate-hz = 30\non-beat-lost = \"run\"");
    let base = format!("{desk_table}[parameter.glow]\nexpression = \"0.25\"\n");
    let rig = Rig::start(&base);
    wait_for("beats", SOON, || (desk.to("/beat").len() > 2).then_some(()));
    let begun = host_now_ns();
    // The new parameter comes before the other in the row: who takes it for the other's place is found out.
    let second = output("second", other.port, "parameters = [\"aura\", \"glow\"]\nrate-hz = 30");
    let surface =
        |map: &str| format!("[control.box]\nkind = \"midi\"\nport = \"nothing\"\nmap = {{ \"cc.1@1\" = {map:?} }}\n");
    let aura =
        "[parameter.aura]\nexpression = \"0.75\"\n[cue.go]\nset = [{ output = \"second\", address = \"/gone\" }]\n";
    let together = format!("{base}{aura}{second}{}", surface("/param/aura"));
    let said = rig.reload(&together).expect("it is good");
    assert_eq!(said, "in force: parameter.aura, cue.go; opened: control.box, output.second");
    wait_for("both parameters", SOON, || {
        (!other.to("/param/aura").is_empty() && !other.to("/param/glow").is_empty()).then_some(())
    });
    assert!(rig.ctl(&["command", "/cue/go/fire"]).status.success());
    wait_for("the message of the cue", SOON, || other.to("/gone").first().cloned());
    // What came by a reload is as good as what was there at the start.
    let said = rig.reload(&together.replace("\"/param/aura\"", "\"/cue/go/fire\"")).expect("it is good");
    assert_eq!(said, "reopened: control.box");
    let why =
        rig.reload(&format!("{base}{aura}{second}{}", surface("/cue/gone/fire"))).expect_err("there is no such cue");
    assert!(why.contains("did you mean `/cue/go/fire`?"), "{why}");
    assert_eq!(rig.reload(&base), Ok("in force: parameter.aura, cue.go; closed: control.box, output.second".into()));
    no_beat_is_missing(&desk, begun, "the desk beside");
    for (dump, address, value) in
        [(&desk, "/param/glow", 0.25), (&other, "/param/glow", 0.25), (&other, "/param/aura", 0.75)]
    {
        assert!(
            dump.to(address).iter().all(|it| (it.number(0) - value).abs() < 1e-6),
            "{address}: {:?}",
            dump.to(address)
        );
    }
}

#[test]
fn a_server_that_moves_or_goes_answers_before_it_does() {
    let _turn = turn();
    let desk = OscDump::start();
    let base = output("desk", desk.port, "on-beat-lost = \"run\"");
    let mut rig = Rig::start(&base);
    let node = Session::start(Settings::new(&format!("127.0.0.1:{}", rig.server), "node", Role::Viewer));
    assert!(node.wait(SOON, |view| view.connected).connected);
    wait_for("beats", SOON, || (desk.to("/beat").len() > 2).then_some(()));
    let begun = host_now_ns();
    let write = |rig: &Rig, change: &str| {
        fs::create_dir_all(rig.folder.path().join("show.toml.d")).expect("made");
        fs::write(rig.folder.path().join("show.toml.d").join("change.toml"), change).expect("written");
    };

    // Opened again where it was: whoever followed is back at once, and told all that happens.
    write(&rig, "server.latency-ms = 5");
    assert_eq!(rig.reload(&base), Ok("reopened: server".into()));
    assert!(node.wait(SOON, |view| view.connected && view.welcomes == 2).connected, "{:?}", node.view().why);
    let events = node.events();
    assert!(rig.ctl(&["command", "/show/blackout", "1"]).status.success());
    let is_dark = |event: &Event| matches!(event, Event::Changed { change: Change::Blackout(true), .. });
    let told = wait_for("the blackout", SOON, || events.try_next().filter(is_dark));
    println!("{told:?}");

    let moved = free_port();
    write(&rig, &format!("server.listen = \"127.0.0.1:{moved}\""));
    assert_eq!(rig.reload(&base), Ok("reopened: server".into()));
    rig.server = moved;
    assert_eq!(rig.ctl(&["reload"]).stdout, b"no change\n");
    write(&rig, "server.enabled = false");
    let closed = rig.ctl(&["reload"]);
    assert_eq!(closed.stdout, b"closed: server\n", "{closed:?}");
    no_beat_is_missing(&desk, begun, "the desk beside");
}

#[test]
fn a_file_that_is_saved_takes_effect_by_itself_and_so_does_a_hangup() {
    let _turn = turn();
    let desk = OscDump::start();
    let table = |value: &str, watched: &str| {
        let desk = output("desk", desk.port, "parameters = [\"glow\"]\nrate-hz = 30");
        format!("{desk}{watched}\n[parameter.glow]\nexpression = \"{value}\"\n")
    };
    let mut rig = Rig::start(&table("0.25", "# watched"));
    let value = |wanted: f64| {
        wait_for(&format!("glow at {wanted}"), SOON, || {
            let last = desk.to("/param/glow").last().map(|it| it.number(0));
            last.filter(|value| (value - wanted).abs() < 1e-6)
        });
    };
    value(0.25);
    rig.write(&table("0.5", "# watched"));
    value(0.5);
    // As editors save: a new file in the place of the old one.
    let text = config(rig.server, rig.page, &table("0.75", "# watched"));
    fs::write(rig.folder.path().join("new"), text).expect("written");
    fs::rename(rig.folder.path().join("new"), rig.path()).expect("renamed");
    value(0.75);
    // A file that the configuration names counts as a part of it.
    let surface = rig.folder.path().join("box.toml");
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/../config/surfaces/midimix.toml");
    let shipped = fs::read_to_string(shipped).expect("it is there");
    fs::write(&surface, &shipped).expect("written");
    let pads = format!("[control.pads]\nkind = \"midi\"\nport = \"a box of no stage\"\nsurface = {surface:?}\n");
    rig.write(&format!("{}{pads}", table("0.75", "# watched")));
    rig.daemon.wait_for_line("; opened: control.pads", SOON);
    fs::write(&surface, shipped.replace("\"high\"", "\"top\"")).expect("written");
    rig.daemon.wait_for_line("; reopened: control.pads", SOON);
    fs::write(&surface, "no surface\n").expect("written");
    rig.daemon.wait_for_line("the one before stays in force", SOON);
    rig.write(&table("0.75", ""));
    rig.daemon.wait_for_line("show.watch", SOON);
    rig.write(&table("0.125", ""));
    rig.daemon.signal(libc::SIGHUP);
    value(0.125);

    // A pipe that nobody writes keeps nobody waiting.
    let pipe = rig.folder.path().join("show.toml.d").join("10.toml");
    fs::create_dir_all(pipe.with_file_name("")).expect("made");
    assert!(Command::new("mkfifo").arg(&pipe).status().is_ok_and(|status| status.success()));
    let refused = String::from_utf8_lossy(&rig.ctl(&["reload"]).stderr).into_owned();
    assert!(refused.contains("10.toml: a named pipe, not a regular file"), "{refused}");
    rig.daemon.signal(libc::SIGTERM);
    assert!(rig.daemon.wait(SOON).success(), "{}", rig.daemon.text());
}

/// Configurations with a mistake, and a word of what is said about each.
const BAD: [(&str, &str); 15] = [
    ("[parameter.glow]\nexpression = \"main.levle\"\n", "main.levle"),
    ("[parameter.glow]\nexpression = \"main.level *\"\n", "glow"),
    ("[output.desk]\nkind = \"ocs\"\n", "osc"),
    ("[output.desk]\nkind = \"osc\"\ntarget = \"nowhere\"\n", "target"),
    ("[control.tablet]\nkind = \"osc\"\nlisten = \"127.0.0.1\"\n", "listen"),
    ("[control.tablet]\nkind = \"osc\"\nrate-hz = 0\n", "rate-hz"),
    ("[control.tablet]\nkind = \"osc\"\nrate-hz = 1e-20\n", "choose 0.01 to 200"),
    ("[output.desk]\nkind = \"osc\"\ntarget = \"127.0.0.1:9321\"\nrate-hz = 1e-20\n", "choose 0.01 to 1000"),
    ("[cue.one]\nset = [{ address = \"/show/blakout\", value = 1 }]\n", "blakout"),
    ("[rule.one]\nwhen = \"drop\"\ndo = [{ address = \"/cue/gone/fire\" }]\n", "gone"),
    ("[[layer]]\nname = \"back\"\nscene = \"tunnel\"\nopacity = 2\n", "opacity"),
    ("[tempo]\nrange = [200, 60]\n", "range"),
    ("[audoi]\nhop = 128\n", "audio"),
    (
        "[output.desk]\nkind = \"osc\"\ntarget = \"127.0.0.1:9321\"\n[control.tablet]\nkind = \"osc\"\n\
         listen = \"0.0.0.0:9321\"\n",
        "own [control.tablet]",
    ),
    ("this is no TOML\n", "show.toml:"),
];

#[test]
fn a_file_with_a_mistake_is_refused_whole_with_its_place() {
    let _turn = turn();
    let desk = OscDump::start();
    let good = format!(
        "{}[parameter.glow]\nexpression = \"0.25\"\n",
        output("desk", desk.port, "parameters = [\"glow\"]\nrate-hz = 30")
    );
    let mut rig = Rig::start(&good);
    wait_for("beats", SOON, || (desk.to("/beat").len() > 2).then_some(()));
    let begun = host_now_ns();
    for (bad, word) in BAD {
        let why = rig.reload(bad).expect_err(bad);
        assert!(why.contains("show.toml") && why.contains(word), "{bad}: {why}");
        println!("{why}");
    }
    assert!(rig.daemon.runs());
    no_beat_is_missing(&desk, begun, "the desk, while all bad files were refused");

    // A start with a bad file is one with the last good one.
    let bad_file = fs::read_to_string(rig.path()).expect("there");
    rig.daemon.kill();
    rig.daemon = Rig::spawn(&rig.folder);
    rig.daemon.wait_for_line("last good", SOON);
    let before = desk.to("/beat").len();
    wait_for("beats after the restart", SOON, || (desk.to("/beat").len() > before).then_some(()));
    assert_eq!(fs::read_to_string(rig.path()).expect("there"), bad_file, "it is left as it is");
    assert_eq!(rig.reload(&good).expect("it is good"), "no change");
}

/// A surface whose first knob sets an address.
fn surface(address: &str) -> String {
    format!("[control.box]\nkind = \"midi\"\nport = \"nothing\"\nmap = {{ \"cc.1@1\" = {address:?} }}\n")
}

#[test]
fn what_an_unchanged_table_needs_cannot_go_nor_can_what_only_the_next_start_reads_be_unusable() {
    let _turn = turn();
    let desk = OscDump::start();
    let glow = "[parameter.glow]\nexpression = \"0.25\"\n";
    let desk_table = output("desk", desk.port, "parameters = [\"glow\"]\nrate-hz = 30");
    let good = format!("{desk_table}{}{glow}", surface("/param/glow"));
    let mut rig = Rig::start(&good);
    let drop_ins = rig.folder.path().join("show.toml.d");
    fs::create_dir_all(&drop_ins).expect("made");
    let drums = |file: &Path| format!("audio.files.drums = {file:?}\n");
    let meter = "[output.meter]\nkind = \"osc\"\ntarget = \"127.0.0.1:9321\"\nsignals = [\"drums.level\"]\n";
    let more = format!("{}{meter}", drums(&song::mix()));
    let write = |text: &str| fs::write(drop_ins.join("more.toml"), text).expect("written");
    write(&more);
    rig.daemon.kill();
    rig.daemon = Rig::spawn(&rig.folder);
    wait_for("beats", SOON, || (desk.to("/beat").len() > 2).then_some(()));
    let (text, other) = (rig.folder.path().join("notes.txt"), rig.folder.path().join("other.wav"));
    fs::write(&text, "these are words").expect("written");
    // The sample rate is in the file's head.
    let mut song = fs::read(song::mix()).expect("the song");
    song[24..28].copy_from_slice(&44_100_u32.to_le_bytes());
    fs::write(&other, song).expect("written");
    let midi = format!("[midi-source.keys]\nfile = {text:?}\n");
    for (bad, drop_in, word) in [
        (good.replace(glow, ""), more.clone(), "output.desk"),
        (good.replace(glow, "").replace(&desk_table, ""), more.clone(), "control.box"),
        (good.clone(), meter.to_owned(), "output.meter"),
        (good.clone(), format!("{more}{midi}"), "midi-source.keys.file"),
        (good.clone(), format!("{}{meter}", drums(&text)), "notes.txt"),
        (good.clone(), format!("{}{meter}", drums(&other)), "must share one sample rate"),
    ] {
        write(&drop_in);
        let why = rig.reload(&bad).expect_err(&bad);
        assert!(why.contains("show.toml") && why.contains(word), "{bad}{drop_in}: {why}");
        println!("{why}");
        assert!(rig.daemon.runs());
    }
    // The last good one is still that with which it started.
    rig.daemon.kill();
    rig.daemon = Rig::spawn(&rig.folder);
    rig.daemon.wait_for_line("last good", SOON);
    let before = desk.to("/param/glow").len();
    wait_for("the parameter after the restart", SOON, || (desk.to("/param/glow").len() > before).then_some(()));
    write(&more);
    assert_eq!(rig.reload(&good).expect("it is good"), "no change");
}

#[test]
fn an_output_may_send_to_where_a_control_was_although_that_has_no_place_now() {
    let _turn = turn();
    let other = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let taken = other.local_addr().expect("bound").port();
    let control = |port: u16| format!("[control.box]\nkind = \"osc\"\nlisten = \"127.0.0.1:{port}\"\n");
    let glow = "[parameter.glow]\nexpression = \"0.25\"\n";
    for next in [surface("/param/glow"), control(taken)] {
        let port = free_port();
        let rig = Rig::start(&format!("{}{glow}", control(port)));
        let told = rig.reload(&format!("{next}{}{glow}", output("desk", port, ""))).expect("it is good");
        println!("{told}");
        let desk = UdpSocket::bind(("127.0.0.1", port)).expect("the control has left it");
        desk.set_read_timeout(Some(SOON)).expect("set");
        assert!(desk.recv(&mut [0; 2048]).is_ok(), "nothing is sent: {}", rig.daemon.text());
    }
}

#[test]
fn a_cue_that_was_made_on_stage_can_be_mapped_if_it_is_there_after_a_restart() {
    let _turn = turn();
    let folder = TempDir::new().expect("a folder");
    for is_stored in [true, false] {
        let state = if is_stored { format!("show.state = {:?}\n", folder.path().join("state")) } else { String::new() };
        let rig = Rig::start(&state);
        let page = Session::start(Settings::new(&format!("127.0.0.1:{}", rig.server), "page", Role::Controller));
        assert!(page.wait(SOON, |view| view.connected).connected, "{:?}", page.view().why);
        let define = Action::DefineCue { name: "made".into(), cue: Box::default() };
        page.command(define, When::Now).expect("sent");
        let made = page.wait(SOON, |view| view.state.cues.contains_key("made"));
        assert!(made.connected, "{:?}", made.why);
        let said = rig.reload(&format!("{state}{}", surface("/cue/made/fire")));
        match is_stored {
            true => assert_eq!(said, Ok("opened: control.box".into())),
            false => assert!(said.expect_err("gone after a restart").contains("/cue/made/fire")),
        }
    }
}
