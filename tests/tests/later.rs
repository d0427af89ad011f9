//! What cannot be opened at the start is opened as soon as it can be, and nothing else waits for it: ports that another
//! program has, networks that come up later, addresses that change, files that are missing, keys that cannot be used.

use downbeat_client::session::{Session, Settings};
use downbeat_protocol::message::Role;
use e2e::binaries::binary;
use e2e::network::{Host, Link, allowed};
use e2e::port::free_port;
use e2e::surface::ask;
use e2e::{Daemon, OscDump, Process, song, turn, wait_for};
use rosc::{OscMessage, OscPacket};
use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream, UdpSocket};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Edges are tried again every five seconds at the latest.
const SOON: Duration = Duration::from_secs(15);

fn music() -> String {
    format!("[audio]\nsource = \"file\"\nfiles = {{ main = {:?} }}\nrepeat = true\n", song::mix())
}

fn ping() -> Vec<u8> {
    let message = OscMessage { addr: "/ping".into(), args: Vec::new() };
    rosc::encoder::encode(&OscPacket::Message(message)).expect("a message")
}

/// A tablet that greets is greeted.
fn wait_for_tablet(port: u16) {
    let tablet = UdpSocket::bind("127.0.0.1:0").expect("a port");
    tablet.set_read_timeout(Some(Duration::from_millis(100))).expect("a timeout");
    wait_for("an answer to a tablet", SOON, || {
        let _ = tablet.send_to(&ping(), ("127.0.0.1", port));
        tablet.recv(&mut [0; 4096]).ok()
    });
}

fn wait_for_node(port: u16) {
    let session = Session::start(Settings::new(&format!("127.0.0.1:{port}"), "node", Role::Renderer));
    wait_for("a node's connection", SOON, || session.view().connected.then_some(()));
}

fn wait_for_beats(dump: &OscDump) {
    let before = dump.to("/beat").len();
    wait_for("beats at the desk", SOON, || (dump.to("/beat").len() > before).then_some(()));
}

#[test]
fn a_port_that_another_program_has_is_used_once_it_is_free() {
    let _turn = turn();
    let dump = OscDump::start();
    let [tablet, nodes, page] = [free_port(), free_port(), free_port()];
    let taken = (
        UdpSocket::bind(("127.0.0.1", tablet)).expect("a free port"),
        UdpSocket::bind(("127.0.0.1", nodes)).expect("a free port"),
        TcpListener::bind(("127.0.0.1", page)).expect("a free port"),
    );
    let config = format!(
        "{}[control.tablet]\nkind = \"osc\"\nlisten = \"127.0.0.1:{tablet}\"\n[server]\nlisten = \"127.0.0.1:{nodes}\"\n\
         announce = false\n[web]\nlisten = \"127.0.0.1:{page}\"\nannounce = false\n[output.desk]\nkind = \"osc\"\n\
         target = \"127.0.0.1:{}\"\n",
        music(),
        dump.port
    );
    let daemon = Daemon::start(&config, None);
    for name in ["tablet", "server", "web"] {
        daemon.process.wait_for_line(&format!("{name}: cannot listen"), SOON);
    }
    wait_for_beats(&dump);
    drop(taken);
    let freed = Instant::now();
    wait_for_tablet(tablet);
    wait_for_node(nodes);
    wait_for("the page", SOON, || {
        let mut page = TcpStream::connect(("127.0.0.1", page)).ok()?;
        page.write_all(b"GET / HTTP/1.0\r\n\r\n").ok()?;
        let mut answer = [0; 12];
        page.read_exact(&mut answer).ok().filter(|()| answer.starts_with(b"HTTP/1."))
    });
    println!("all three were served {:?} after their ports were free", freed.elapsed());
}

#[test]
fn a_surface_connects_by_tcp_once_that_port_is_free() {
    let _turn = turn();
    let port = free_port();
    let taken = TcpListener::bind(("127.0.0.1", port)).expect("a free port");
    let config = format!("{}[control.tablet]\nkind = \"osc\"\nlisten = \"127.0.0.1:{port}\"\n", music());
    let _daemon = Daemon::start(&config, None);
    wait_for_tablet(port);
    drop(taken);
    wait_for("an answer by TCP", SOON, || {
        let mut tablet = TcpStream::connect(("127.0.0.1", port)).ok()?;
        tablet.set_read_timeout(Some(Duration::from_secs(1))).ok()?;
        let packet = ping();
        tablet.write_all(&[&(packet.len() as u32).to_be_bytes()[..], &packet].concat()).ok()?;
        tablet.read_exact(&mut [0; 8]).ok()
    });
}

#[test]
fn an_address_that_the_network_gives_later_is_listened_on_then() {
    if !allowed() {
        return;
    }
    let _turn = turn();
    let (home, away) = (Host::new(), Host::new());
    let link = Link::between(&home, &away, 1);
    // As given by a slow router: an address that this host does not have yet.
    let config = format!(
        "{}[control.tablet]\nkind = \"osc\"\nlisten = \"192.0.2.77:9000\"\n[server]\nlisten = \"192.0.2.77:7400\"\n\
         announce = false\nallow-unpaired = true\n[web]\nenabled = false\n",
        music()
    );
    let daemon = Daemon::start_on(&home, &config, None);
    daemon.process.wait_for_line("tablet: cannot listen", SOON);
    daemon.process.wait_for_line("server: cannot listen", SOON);
    home.add_address(&link.interface(), "192.0.2.77/24");
    home.inside(|| {
        let tablet = UdpSocket::bind("192.0.2.77:0").expect("the address is there");
        tablet.set_read_timeout(Some(Duration::from_millis(100))).expect("a timeout");
        wait_for("an answer to a tablet", SOON, || {
            let _ = tablet.send_to(&ping(), "192.0.2.77:9000");
            tablet.recv(&mut [0; 4096]).ok()
        });
        let settings = Settings::new("192.0.2.77:7400", "node", Role::Renderer);
        let session = Session::start(Settings { allow_unpaired: true, ..settings });
        wait_for("a node's connection", SOON, || session.view().connected.then_some(()));
    });
}

#[test]
fn an_output_sends_on_after_the_address_of_this_machine_has_changed() {
    if !allowed() {
        return;
    }
    let _turn = turn();
    let (home, away) = (Host::new(), Host::new());
    let link = Link::between(&home, &away, 1);
    let [own, desk] = link.addresses();
    let socket = away.inside(|| UdpSocket::bind("0.0.0.0:9100").expect("a free port"));
    socket.set_read_timeout(Some(Duration::from_millis(100))).expect("a timeout");
    let config = format!(
        "{}[server]\nenabled = false\n[web]\nenabled = false\n[output.desk]\nkind = \"osc\"\ntarget = \"{desk}:9100\"\n\
         rate-hz = 20\nsignals = [\"main.level\"]\n",
        music()
    );
    let _daemon = Daemon::start_on(&home, &config, None);
    let from = |what: &str| wait_for(what, SOON, || socket.recv_from(&mut [0; 4096]).ok()).1.ip();
    assert_eq!(from("packets at the desk"), own);
    // The router gives this host another address of the same network.
    let new = Ipv4Addr::from_bits(own.to_bits() + 70);
    home.roam(&link.interface(), &format!("{own}/24"), &format!("{new}/24"));
    let changed = Instant::now();
    wait_for("packets from the new address", SOON, || (from("packets at the desk") == new).then_some(()));
    println!("packets from the new address after {:?}", changed.elapsed());
}

#[test]
fn a_song_that_comes_later_is_played_and_one_that_fails_is_played_again() {
    let _turn = turn();
    let song = fs::read(song::mix()).expect("the song");
    // Missing at the start, or half copied.
    for (at_start, told) in [(None, "cannot read the audio file"), (Some(0), "is empty"), (Some(40), "cannot decode")] {
        let folder = TempDir::new().expect("a folder");
        let (path, dump) = (folder.path().join("song.wav"), OscDump::start());
        if let Some(length) = at_start {
            fs::write(&path, &song[..length]).expect("written");
        }
        let config = format!(
            "[audio]\nsource = \"file\"\nfiles = {{ main = {path:?} }}\nrepeat = true\n[output.desk]\nkind = \"osc\"\n\
             target = \"127.0.0.1:{}\"\n",
            dump.port
        );
        let daemon = Daemon::start(&config, None);
        let line = daemon.process.wait_for_line("waiting for it", SOON).1;
        assert!(line.contains(told), "{line}");
        // As from a stick: half of it is there first.
        fs::write(&path, &song[..40]).expect("written");
        daemon.process.wait_for_line("cannot decode", SOON);
        fs::write(folder.path().join("new"), &song).expect("written");
        fs::rename(folder.path().join("new"), &path).expect("renamed");
        wait_for_beats(&dump);
    }
}

#[test]
fn a_midi_file_that_comes_later_plays_along_from_where_the_song_is() {
    let _turn = turn();
    let folder = TempDir::new().expect("a folder");
    let (path, dump) = (folder.path().join("song.mid"), OscDump::start());
    let page = free_port();
    let config = format!(
        "{}[midi-source.score]\nfile = {path:?}\n[web]\nlisten = \"127.0.0.1:{page}\"\nannounce = false\n[output.desk]\n\
         kind = \"osc\"\ntarget = \"127.0.0.1:{}\"\nsignals = [\"score.note-count\"]\n",
        music(),
        dump.port
    );
    // Half copied.
    fs::write(&path, b"MThd").expect("written");
    let daemon = Daemon::start(&config, None);
    daemon.process.wait_for_line(&format!("score: {}", path.display()), SOON);
    let shown = || {
        let controls = ask(page, "/status")["status"]["controls"].as_array()?.clone();
        controls.into_iter().find(|it| it["name"] == "score")?["error"].as_str().map(str::to_owned)
    };
    let error = wait_for("the fault on the page", SOON, || shown().filter(|error| !error.is_empty()));
    assert!(error.contains("song.mid") && error.ends_with("waiting for it"), "{error}");
    // A note each tenth of a second, for twelve seconds: at 120 BPM with ten ticks a beat, two ticks.
    let notes: Vec<u8> = (0..120).flat_map(|_| [2, 0x90, 60, 100]).chain([0, 0xFF, 0x2F, 0]).collect();
    let head = [&b"MThd\0\0\0\x06\0\0\0\x01\0\x0AMTrk"[..], &(notes.len() as u32).to_be_bytes()].concat();
    fs::write(folder.path().join("new"), [head, notes].concat()).expect("written");
    fs::rename(folder.path().join("new"), &path).expect("renamed");
    let count = || dump.to("/signal/score/note-count").last().map(|it| it.number(0));
    let first = wait_for("notes", SOON, || count().filter(|count| *count > 0.0));
    wait_for("more notes", SOON, || count().filter(|count| *count > first + 3.0));
    assert!(first < 10.0, "{first} notes at once: what is over was struck");
    wait_for("no fault on the page", SOON, || shown().filter(String::is_empty));
}

/// Makes the keys in a folder unusable.
type Spoil<'a> = &'a dyn Fn(&Path);

#[test]
fn keys_that_cannot_be_used_keep_nobody_on_this_machine_out() {
    let _turn = turn();
    let damaged = |folder: &Path| fs::write(folder.join("daemon.pem"), "-----BEGIN PRIVATE").expect("written");
    let open = |folder: &Path| {
        let program = binary("downbeatd");
        let mut once = Command::new(program);
        once.args(["--check", "--set", &format!("show.keys={}", folder.display())]).env_remove("DOWNBEAT_KEYS");
        assert!(once.output().expect("downbeatd runs").status.success(), "it makes its key");
        let key = folder.join("daemon.pem");
        fs::set_permissions(key, fs::Permissions::from_mode(0o644)).expect("set");
    };
    let unreadable = |folder: &Path| fs::write(folder.join("peers.toml"), [0xff, 0xfe, 0x00]).expect("written");
    let cases: [(&str, Spoil<'_>); 3] =
        [("a damaged key", &damaged), ("a key that others may read", &open), ("a damaged list of peers", &unreadable)];
    for (what, spoil) in cases {
        let folder = TempDir::new().expect("a folder");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).expect("set");
        spoil(folder.path());
        for file in fs::read_dir(folder.path()).expect("a folder").flatten() {
            if what != "a key that others may read" {
                fs::set_permissions(file.path(), fs::Permissions::from_mode(0o600)).expect("set");
            }
        }
        let nodes = free_port();
        let config = format!(
            "{}[show]\nname = \"keys\"\nkeys = {:?}\n[server]\nlisten = \"127.0.0.1:{nodes}\"\nannounce = false\n",
            music(),
            folder.path()
        );
        let daemon = Daemon::start(&config, None);
        println!("{what}: {}", daemon.process.wait_for_line("show.keys", SOON).1);
        wait_for_node(nodes);
        // The program that commands the show has the same folder, and its own key is as bad.
        let _ = fs::copy(folder.path().join("daemon.pem"), folder.path().join("ctl.pem"));
        let mut ctl = Command::new(binary("downbeatctl"));
        ctl.args(["command", "/show/blackout", "1", "--server", &format!("127.0.0.1:{nodes}")]);
        let mut ctl = Process::start("downbeatctl", ctl.env("DOWNBEAT_KEYS", folder.path()));
        assert!(ctl.wait(SOON).success(), "{what}: {}", ctl.text());
    }
}
