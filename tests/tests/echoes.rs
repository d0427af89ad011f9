//! Values that come back as they were told are no commands, and no error is answered by an error.

use e2e::page::Page;
use e2e::port::free_port;
use e2e::surface::{Surface, bundle, message, value};
use e2e::{Daemon, shared_turn, song, turn, wait_for};
use rosc::{OscMessage, OscPacket, OscType};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::UdpSocket;
use std::process::Command;
use std::time::{Duration, Instant};

const SOON: Duration = Duration::from_secs(20);
/// A value that comes back later is a command.
const ECHO: Duration = Duration::from_secs(2);

fn music(osc: u16, web: u16, more: &str) -> String {
    format!(
        "[audio]\nsource = \"file\"\nfiles = {{ main = {:?} }}\nrepeat = true\n\
         [parameter.glow]\nexpression = \"0.8 * main.level + 0.1 * beat.phase\"\n\
         [parameter.slow]\nexpression = \"0.5 + 0.4 * sin(time)\"\n\
         [[layer]]\nname = \"back\"\nscene = \"echo\"\nscenes = [\"echo\", \"tunnel\"]\n\
         [control.tablet]\nkind = \"osc\"\nlisten = \"127.0.0.1:{osc}\"\n\
         [web]\nlisten = \"127.0.0.1:{web}\"\nannounce = false\n[server]\nenabled = false\n{more}",
        song::mix()
    )
}

/// What sets the tempo, as the page shows it.
fn source(web: u16) -> String {
    value(web, "/tempo/source").as_str().unwrap_or_default().to_owned()
}

fn is_auto(web: u16, parameter: &str) -> bool {
    value(web, &format!("/param/{parameter}/auto")).as_bool() == Some(true)
}

#[test]
fn programs_that_send_back_what_they_are_told_change_nothing_and_an_operator_does() {
    // What comes back rounded is known only while it is fresh.
    let _turn = turn();
    let [osc, web] = [(); 2].map(|()| free_port());
    let daemon = Daemon::start(&music(osc, web, ""), None);
    let mut tablet = Surface::welcomed("127.0.0.1", osc);
    wait_for("the beat", SOON, || {
        tablet.receive();
        (tablet.number("/tempo/lock") == Some(1.0)).then_some(())
    });
    wait_for("what sets the tempo", SOON, || (source(web) == "audio").then_some(()));
    let before = source(web);
    let mut page = Page::open(web);
    let mut others = [Surface::at("127.0.0.1", osc), Surface::at("127.0.0.2", osc)];
    others.iter_mut().for_each(|other| other.echoes = false);
    let mut sent = 0;
    // Everything that the tablet is told of these comes back from itself, from another port, from another address and from
    // a page; as it is, in seven bits and in percent; at once and a second later.
    let addresses = ["/tempo/bpm", "/param/glow", "/param/slow", "/layer/back/opacity", "/show/blackout"];
    let end = Instant::now() + Duration::from_secs(6);
    tablet.receive();
    let known = tablet.came.len();
    while Instant::now() < end {
        tablet.receive();
        let news = tablet.came.split_off(known);
        for (at, address, told) in news {
            let Some(OscType::Float(told)) = told.filter(|_| addresses.contains(&address.as_str())) else { continue };
            tablet.send(&message(&address, told));
            others[0].send(&message(&address, told));
            others[1].send(&bundle(vec![message(&address, told)]));
            if address.starts_with("/param/") {
                let steps = if at.elapsed().as_millis() % 2 == 0 { 127.0 } else { 100.0 };
                others[1].send(&message(&address, (told * steps).round() / steps));
            }
            page.set(&address, OscType::Float(told));
            sent += 5;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    println!("{sent} echoes: the tempo comes from `{}`, before from `{before}`", source(web));
    for parameter in ["glow", "slow"] {
        println!("{parameter} follows its mapping: {}", is_auto(web, parameter));
    }
    assert!(sent > 500, "only {sent} came back");
    assert_eq!(source(web), before, "an echo took the lead");
    assert!(is_auto(web, "glow") && is_auto(web, "slow"), "an echo took a parameter");
    assert_eq!(value(web, "/show/blackout").as_bool(), Some(false));
    assert!(!tablet.shows.contains_key("/error"), "{:?}", tablet.shows.get("/error"));

    // A second later.
    tablet.receive();
    let late: Vec<(String, f64)> =
        ["/param/glow", "/param/slow", "/tempo/bpm"].map(|it| (it.to_owned(), tablet.number(it).expect("told"))).into();
    tablet.watch(ECHO / 2);
    late.iter().for_each(|(address, told)| others[1].send(&message(address, *told as f32)));
    tablet.watch(Duration::from_millis(300));
    assert!(source(web) == before && is_auto(web, "glow") && is_auto(web, "slow"), "a late echo");

    // An operator gets through, whoever echoes. These are values that the music never reaches: one that has just passed
    // may be taken for an echo.
    for (parameter, wish) in [("glow", 0.95_f32), ("slow", 0.05)] {
        tablet.send(&message(&format!("/param/{parameter}"), wish));
        wait_for("the operator's value", SOON, || {
            let now = value(web, &format!("/param/{parameter}")).as_f64()?;
            (!is_auto(web, parameter) && (now - f64::from(wish)).abs() < 1e-6).then_some(())
        });
    }
    tablet.send(&message("/tempo/bpm", 143.0_f32));
    wait_for("the operator's tempo", SOON, || (source(web) != before).then_some(()));
    for on in [1.0_f32, 0.0, 1.0, 0.0] {
        tablet.send(&message("/show/blackout", on));
        wait_for("the blackout", SOON, || (value(web, "/show/blackout").as_bool() == Some(on == 1.0)).then_some(()));
    }
    drop(daemon);
}

#[test]
fn a_tablet_that_mirrors_a_moving_fader_does_not_fight_with_the_finger() {
    let _turn = turn();
    let [osc, web] = [(); 2].map(|()| free_port());
    let _daemon = Daemon::start(&music(osc, web, ""), None);
    let mut finger = Surface::welcomed("127.0.0.1", osc);
    let mut mirror = Surface::welcomed("127.0.0.2", osc);
    let (mut known, mut late): (usize, Vec<(Instant, OscType)>) = (0, Vec::new());
    for step in 1..=200 {
        finger.send(&message("/layer/back/opacity", step as f32 / 201.0));
        let end = Instant::now() + Duration::from_millis(5);
        while Instant::now() < end {
            echo_late(&mut mirror, &mut known, &mut late);
        }
    }
    let rest = Instant::now();
    while rest.elapsed() < Duration::from_secs(1) {
        echo_late(&mut mirror, &mut known, &mut late);
    }
    let told = mirror.count("/layer/back/opacity");
    while rest.elapsed() < Duration::from_secs(2) {
        echo_late(&mut mirror, &mut known, &mut late);
    }
    let more = mirror.count("/layer/back/opacity") - told;
    let now = value(web, "/layer/back/opacity").as_f64().expect("a number");
    println!("the fader stands at {now}, and is told {more} times in the second second after the finger");
    assert!((now - 200.0 / 201.0).abs() < 1e-6, "{now}");
    // The change is told again 1.2 s after it, and everything in turn.
    assert!(more <= 2, "it goes on by itself");
}

/// A cue that dims the layer for two seconds.
const DIM: &str = "[cue.dim]\nfade = { seconds = 2 }\nset = [{ address = \"/layer/back/opacity\", value = 0.25 }]\n";

#[test]
fn a_page_that_sends_back_what_it_hears_ends_no_fade_fires_no_cue_and_gets_no_error() {
    let _turn = shared_turn();
    let [osc, web] = [(); 2].map(|()| free_port());
    let _daemon = Daemon::start(&music(osc, web, DIM), None);
    let mut page = Page::open(web);
    let heard = ["/layer/back/opacity", "/cue/dim/fire", "/cue/dim/count", "/tempo/source", "/show/blackout"];
    heard.iter().for_each(|path| page.listen(path));
    // An error that another program told it comes back, too.
    page.set("/error", "no such thing".into());
    let mut operator = Page::open(web);
    operator.set("/cue/dim/fire", OscType::Float(1.0));
    let (begun, mut sent, mut errors) = (Instant::now(), 0, Vec::new());
    let mut moving: Vec<Instant> = Vec::new();
    while let Some(messages) = page.next(begun + Duration::from_secs(4)) {
        for mut message in messages {
            errors.extend((message.addr == "/error").then(|| message.args.clone()));
            let Some(value) = message.args.pop() else { continue };
            if message.addr == "/layer/back/opacity" {
                moving.push(Instant::now());
            }
            page.set(&message.addr, value);
            sent += 1;
        }
    }
    let took = moving[moving.len() - 1] - moving[1];
    println!("{sent} values came back; the fade took {took:?}");
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(value(web, "/cue/dim/count").as_f64(), Some(1.0), "the lamp fired the cue");
    let rests = value(web, "/layer/back/opacity").as_f64().expect("a number");
    assert!((rests - 0.25).abs() < 1e-6, "a value that came back ended the fade at {rests}");
    // Two seconds less the first and last of its frames, and a busy machine.
    assert!(took > Duration::from_millis(1_500) && took < Duration::from_millis(3_000), "{took:?}");
    // A person gets through, on the page and on the fader.
    operator.set("/layer/back/opacity", OscType::Float(0.6));
    wait_for("the operator's value", SOON, || {
        let now = value(web, "/layer/back/opacity").as_f64()?;
        ((now - 0.6).abs() < 1e-6).then_some(())
    });
    operator.set("/cue/dim/fire", OscType::Float(1.0));
    wait_for("the cue", SOON, || (value(web, "/cue/dim/count").as_f64() == Some(2.0)).then_some(()));
}

#[test]
fn a_bridge_from_one_control_to_another_that_tells_nothing_ends_no_fade() {
    let _turn = shared_turn();
    let [osc, other, web] = [(); 3].map(|()| free_port());
    let second = format!("[control.quiet]\nkind = \"osc\"\nlisten = \"127.0.0.1:{other}\"\nfeedback = false\n{DIM}");
    let _daemon = Daemon::start(&music(osc, web, &second), None);
    let mut tablet = Surface::welcomed("127.0.0.1", osc);
    let mut bridge = Surface::at("127.0.0.1", other);
    tablet.send(&message("/cue/dim/fire", 1.0_f32));
    let (begun, mut passed) = (Instant::now(), tablet.came.len());
    while begun.elapsed() < Duration::from_secs(4) {
        tablet.receive();
        for (_, address, value) in tablet.came.split_off(passed) {
            if let Some(value) = value.filter(|_| address.starts_with("/layer/") || address.starts_with("/cue/")) {
                bridge.send(&message(&address, value));
            }
        }
        passed = tablet.came.len();
        std::thread::sleep(Duration::from_millis(1));
    }
    let rests = value(web, "/layer/back/opacity").as_f64().expect("a number");
    assert!((rests - 0.25).abs() < 1e-6, "a value that came back ended the fade at {rests}");
    assert_eq!(value(web, "/cue/dim/count").as_f64(), Some(1.0), "the lamp fired the cue");
}

#[test]
fn a_program_that_sends_back_what_an_output_tells_it_in_the_dark_leaves_the_parameters_to_the_music() {
    let _turn = shared_turn();
    let [osc, web] = [(); 2].map(|()| free_port());
    // Each tells something else instead of the parameters.
    for policy in ["on-blackout = 'rest'", "on-blackout = 'hold'"] {
        let mirror = UdpSocket::bind("127.0.0.1:0").expect("free");
        mirror.set_read_timeout(Some(Duration::from_millis(5))).expect("a socket can be set so");
        let target = mirror.local_addr().expect("bound");
        let output = format!("[output.lights]\nkind = \"osc\"\ntarget = \"{target}\"\n{policy}\n");
        let _daemon = Daemon::start(&music(osc, web, &output), None);
        let mut tablet = Surface::welcomed("127.0.0.1", osc);
        let (mut sent, mut bytes) = (0, [0; 65_536]);
        let mut mirrors = |tablet: &mut Surface, time: Duration| {
            let end = Instant::now() + time;
            while Instant::now() < end {
                tablet.receive();
                let Ok(length) = mirror.recv(&mut bytes) else { continue };
                let (_, packet) = rosc::decoder::decode_udp(&bytes[..length]).expect("OSC");
                for told in messages(packet).into_iter().filter(|told| told.addr.starts_with("/param/")) {
                    let bytes = rosc::encoder::encode(&OscPacket::Message(told)).expect("OSC");
                    mirror.send_to(&bytes, ("127.0.0.1", osc)).expect("sent");
                    sent += 1;
                }
            }
        };
        mirrors(&mut tablet, Duration::from_secs(1));
        for dark in [1.0_f32, 0.0] {
            tablet.send(&message("/show/blackout", dark));
            mirrors(&mut tablet, Duration::from_secs(3));
        }
        println!("{policy}: {sent} values came back");
        assert!(sent > 100, "only {sent} came back");
        for parameter in ["glow", "slow"] {
            assert!(is_auto(web, parameter), "{parameter} is what the output told in the dark");
        }
        // The mirror's own wish is obeyed.
        let wish = rosc::encoder::encode(&message("/param/glow", 0.95_f32)).expect("OSC");
        mirror.send_to(&wish, ("127.0.0.1", osc)).expect("sent");
        wait_for("its wish", SOON, || (!is_auto(web, "glow")).then_some(()));
    }
}

/// The messages of a packet.
fn messages(packet: OscPacket) -> Vec<OscMessage> {
    match packet {
        OscPacket::Message(message) => vec![message],
        OscPacket::Bundle(bundle) => bundle.content.into_iter().flat_map(messages).collect(),
    }
}

#[test]
fn a_feedback_port_that_is_the_daemons_own_makes_it_no_tablet_of_itself() {
    let _turn = shared_turn();
    let [osc, web] = [(); 2].map(|()| free_port());
    let listen = format!("listen = \"127.0.0.1:{osc}\"");
    let config = music(osc, web, "").replace(&listen, &format!("listen = \"0.0.0.0:{osc}\"\nfeedback-port = {osc}"));
    let _daemon = Daemon::start(&config, None);
    // A program on this machine is answered where it sends from, though.
    let tablet = Surface::welcomed("127.0.0.1", osc);
    assert!(!tablet.shows.contains_key("/error"), "{:?}", tablet.shows.get("/error"));
}

/// Sends what the mirror is told back 40 ms later, as over a wireless network.
fn echo_late(mirror: &mut Surface, known: &mut usize, late: &mut Vec<(Instant, OscType)>) {
    mirror.receive();
    let news = mirror.came[*known..].iter().filter(|(_, address, _)| address == "/layer/back/opacity");
    late.extend(news.filter_map(|(at, _, value)| Some((*at, value.clone()?))));
    *known = mirror.came.len();
    while late.first().is_some_and(|(at, _)| at.elapsed() > Duration::from_millis(40)) {
        let (_, value) = late.remove(0);
        mirror.send(&message("/layer/back/opacity", value));
    }
    std::thread::sleep(Duration::from_millis(1));
}

/// Passes packets between two daemons, each of which takes it for the other, and counts them by address.
struct Relay {
    ends: [UdpSocket; 2],
    ports: [u16; 2],
    passed: BTreeMap<String, usize>,
}

impl Relay {
    fn pass(&mut self, time: Duration) {
        let (end, mut bytes) = (Instant::now() + time, [0; 65_536]);
        while Instant::now() < end {
            let mut idle = true;
            for from in [0, 1] {
                while let Ok(length) = self.ends[from].recv(&mut bytes) {
                    idle = false;
                    let address: String = bytes.iter().take_while(|it| **it != 0).map(|it| char::from(*it)).collect();
                    *self.passed.entry(address).or_default() += 1;
                    let _ = self.ends[1 - from].send_to(&bytes[..length], ("127.0.0.1", self.ports[1 - from]));
                    if Instant::now() > end {
                        return;
                    }
                }
            }
            if idle {
                std::thread::sleep(Duration::from_micros(200));
            }
        }
    }

    fn count(&mut self) -> usize {
        self.passed.values().sum()
    }
}

#[test]
fn two_daemons_that_are_pointed_at_each_other_fall_silent() {
    let _turn = shared_turn();
    let folder = tempfile::TempDir::new().expect("a folder");
    let silence = folder.path().join("silence.wav");
    std::fs::write(&silence, song::steady_wav(48_000, 0)).expect("written");
    let ends = [(); 2].map(|()| UdpSocket::bind("127.0.0.1:0").expect("free"));
    ends.iter().for_each(|end| end.set_nonblocking(true).expect("a socket can be set so"));
    let ports = [(); 2].map(|()| free_port());
    let daemons = [0, 1].map(|it| {
        let mut config = format!(
            "[audio]\nsource = \"file\"\nfiles = {{ main = {silence:?} }}\nrepeat = true\n\
             [parameter.glow]\ndefault = 0.5\n[[layer]]\nname = \"back\"\nscene = \"echo\"\n\
             scenes = [\"echo\", \"tunnel\"]\n[cue.flash]\nset = [{{ address = \"/param/glow\", value = 1.0 }}]\n\
             [cue.dim]\nfade = {{ seconds = 0.7 }}\nset = [{{ address = \"/layer/back/opacity\", value = 0.25 }}]\n\
             [web]\nenabled = false\n[server]\nenabled = false\n"
        );
        let _ = write!(
            config,
            "[control.tablet]\nkind = \"osc\"\nlisten = \"127.0.0.1:{}\"\nfeedback-to = [\"{}\"]\nmeters = []\n",
            ports[it],
            ends[it].local_addr().expect("bound")
        );
        Daemon::start(&config, None)
    });
    let mut relay = Relay { ends, ports, passed: BTreeMap::new() };
    // What each tells the other at first may be news there, once.
    relay.pass(Duration::from_secs(3));
    println!("while they meet: {} packets", relay.count());
    let set = |address: &str, value: OscType| rosc::encoder::encode(&message(address, value)).expect("OSC");
    for (what, bytes) in [
        ("an unknown address", set("/nonsense", OscType::Float(1.0))),
        ("an error", set("/error", "no such thing".into())),
        ("a wrong hello", set("/hello", "0123456789abcdef".into())),
        ("what cannot be set", set("/daemon/version", "9".into())),
        ("an entry of a list", set("/list", "/show/blackout".into())),
        ("a blackout", set("/show/blackout", OscType::Float(1.0))),
        ("its end", set("/show/blackout", OscType::Float(0.0))),
        ("a scene", set("/layer/back/scene/tunnel", OscType::Float(1.0))),
        ("a parameter", set("/param/glow", OscType::Float(0.3))),
        ("a cue with a fade", set("/cue/dim/fire", OscType::Float(1.0))),
        ("the same cue, once more", set("/cue/dim/fire", OscType::Float(1.0))),
        ("a parameter back in its mapping", set("/param/glow/auto", OscType::Float(1.0))),
    ] {
        relay.passed.clear();
        let _ = relay.ends[1].send_to(&bytes, ("127.0.0.1", ports[1]));
        relay.pass(Duration::from_secs(1));
        let first = relay.count();
        relay.passed.clear();
        relay.pass(Duration::from_secs(2));
        println!("{what}: {first} packets, then {} in two seconds", relay.count());
        // Each says twice that it is alive, and tells a fifth of everything again, which the other one may take for a
        // wish and confirm; a text of the status may change, and is told again.
        assert!(relay.count() <= 45, "{what}: {:?}", relay.passed);
        // What goes round comes by again and again.
        assert!(relay.passed.values().all(|count| *count <= 6), "{what}: {:?}", relay.passed);
    }
    drop(daemons);
}

#[test]
fn an_output_aimed_at_a_control_of_the_same_daemon_is_refused_with_its_place() {
    let hostname = std::fs::read_to_string("/proc/sys/kernel/hostname").expect("a name").trim().to_owned();
    let folder = tempfile::TempDir::new().expect("a folder");
    let check = |output: &str, more: &str| {
        let path = folder.path().join("rig.toml");
        let text = format!(
            "[output.desk]\nkind = \"osc\"\ntarget = \"{output}\"\n{more}\n[control.tablet]\nkind = \"osc\"\n\
             listen = \"0.0.0.0:9321\"\n"
        );
        std::fs::write(&path, text).expect("written");
        let mut command = Command::new(e2e::binaries::binary("downbeatd"));
        let command = command.args(["--check", "--config"]).arg(&path).env("DOWNBEAT_KEYS", folder.path().join("keys"));
        let output = command.output().expect("downbeatd runs");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    for target in ["127.0.0.1:9321", "localhost:9321", &format!("{hostname}:9321"), "[::1]:9321", "0.0.0.0:9321"] {
        for transport in ["", "transport = \"tcp\""] {
            let (code, said) = check(target, transport);
            println!("{said}");
            assert_eq!(code, Some(78), "{target} {transport}: {said}");
            assert!(said.contains("rig.toml:3") && said.contains("control.tablet"), "{said}");
        }
    }
    let own = "[control.own]\nkind = \"osc\"\nlisten = \"127.0.0.1:9323\"\nfeedback-port = 9323";
    let (code, said) = check("127.0.0.1:9322", own);
    println!("{said}");
    assert!(code == Some(78) && said.contains("rig.toml:7") && said.contains("[control.own]"), "{said}");
    assert_eq!(check("127.0.0.1:9322", "").0, Some(0));
    assert_eq!(check("192.0.2.1:9321", "").0, Some(0));
}
