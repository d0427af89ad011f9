//! Late is late, and other people's clocks are other people's: what a tablet and a desk notice of stalls, of wrong clocks,
//! of impossible numbers, and of a lost JACK server.

use e2e::network::{Conditions, Host, Link, allowed};
use e2e::oscdump::Dumped;
use e2e::port::free_port;
use e2e::{Daemon, JackServer, OscDump, Player, host_now_ns, song, turn, wait_for};
use rosc::{OscBundle, OscMessage, OscPacket, OscTime, OscType, decoder::decode_udp, encoder};
use std::io::Read;
use std::net::{TcpListener, UdpSocket};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const SOON: Duration = Duration::from_secs(20);
/// The tempo of the song while these tests listen.
const TEMPO: f64 = 124.0;
const MS: i64 = 1_000_000;

fn from_file() -> String {
    format!("[audio]\nsource = \"file\"\nrepeat = true\nfiles = {{ main = {:?} }}\n", song::mix())
}

fn from_jack(more: &str) -> String {
    format!("[bus.main]\nconnect = [{:?}, {:?}]\n{more}\n", Player::PORTS[0], Player::PORTS[1])
}

fn desk(port: u16) -> String {
    format!(
        "[output.desk]\nkind = \"osc\"\ntarget = \"127.0.0.1:{port}\"\nsignals = [\"main.rms\"]\nparameters = []\n\
         events = [\"beat\"]\nrate-hz = 10\n"
    )
}

fn tablet(port: u16) -> String {
    format!("[parameter.glow]\n[control.tablet]\nkind = \"osc\"\nlisten = \"127.0.0.1:{port}\"\n")
}

/// A tablet at an address of its own.
struct Tablet {
    socket: UdpSocket,
    daemon: u16,
}

impl Tablet {
    fn at(last: u8, daemon: u16) -> Self {
        let socket = UdpSocket::bind((std::net::Ipv4Addr::new(127, 0, 0, last), 0)).expect("loopback has addresses");
        socket.set_read_timeout(Some(Duration::from_millis(50))).expect("a socket can be set so");
        let tablet = Self { socket, daemon };
        // What is told first is of no interest.
        tablet.send("/ping", vec![], None);
        tablet.hear(Duration::from_millis(300));
        tablet
    }

    /// Sends a message, in a bundle with a time tag this far ahead.
    fn send(&self, address: &str, args: Vec<OscType>, ahead: Option<f64>) {
        let message = OscPacket::Message(OscMessage { addr: address.into(), args });
        let packet = match ahead {
            None => message,
            Some(seconds) => {
                let at = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs_f64() + seconds;
                let timetag = OscTime {
                    seconds: (at as u64 + 2_208_988_800) as u32,
                    fractional: (at.fract() * 4_294_967_296.0) as u32,
                };
                OscPacket::Bundle(OscBundle { timetag, content: vec![message] })
            }
        };
        let bytes = encoder::encode(&packet).expect("it can be encoded");
        self.socket.send_to(&bytes, ("127.0.0.1", self.daemon)).expect("sent");
    }

    /// What comes back in a while, with its moment.
    fn hear(&self, time: Duration) -> Vec<(Instant, String, f64)> {
        let (start, mut heard, mut bytes) = (Instant::now(), Vec::new(), [0; 65_536]);
        while start.elapsed() < time {
            let Ok(length) = self.socket.recv(&mut bytes) else { continue };
            let Ok((_, OscPacket::Message(message))) = decode_udp(&bytes[..length]) else { continue };
            let value = message.args.first().and_then(|arg| arg.clone().float());
            heard.push((Instant::now(), message.addr, value.map_or(f64::NAN, f64::from)));
        }
        heard
    }

    /// The seconds until an address has a value.
    fn until(&self, address: &str, value: f64) -> f64 {
        let start = Instant::now();
        wait_for(&format!("{address} {value}"), SOON, || {
            let heard = self.hear(Duration::from_millis(50));
            let found = heard.into_iter().find(|(_, to, it)| to == address && (it - value).abs() < 1e-6);
            found.map(|(at, ..)| at.duration_since(start).as_secs_f64())
        })
    }
}

fn dark(on: bool) -> Vec<OscType> {
    vec![OscType::Int(on.into())]
}

#[test]
fn no_clock_that_is_ahead_delays_a_blackout_and_the_log_names_it() {
    let _turn = turn();
    let port = free_port();
    let daemon = Daemon::start(&[from_file(), tablet(port)].concat(), None);
    for (host, ahead) in [(2, 3.0), (3, 9.5), (4, 86_400.0), (5, 4.7)] {
        let tablet = Tablet::at(host, port);
        tablet.send("/show/blackout", dark(true), Some(ahead));
        let took = tablet.until("/show/blackout", 1.0);
        println!("a clock {ahead} s ahead: dark after {took:.2} s");
        assert!(took < 1.5, "{took} s");
        tablet.send("/show/blackout", dark(false), None);
        tablet.until("/show/blackout", 0.0);
    }
    daemon.process.wait_for_line("127.0.0.2: the time tags of its OSC bundles are 3.0 s ahead", SOON);
}

#[test]
fn off_stays_off_whatever_was_on_its_way_and_what_is_scheduled_comes_in_order() {
    let _turn = turn();
    let port = free_port();
    let _daemon = Daemon::start(&[from_file(), tablet(port)].concat(), None);
    let tablet = Tablet::at(2, port);
    // A clock that agrees: what is scheduled waits.
    tablet.send("/param/glow", vec![OscType::Float(0.1)], Some(0.0));
    tablet.until("/param/glow", 0.1);
    tablet.send("/param/glow", vec![OscType::Float(0.25)], Some(0.9));
    let took = tablet.until("/param/glow", 0.25);
    assert!(took > 0.6, "scheduled 0.9 s ahead, it came after {took} s");
    // The last word holds, whoever says it.
    let other = Tablet::at(3, port);
    tablet.send("/param/glow", vec![OscType::Float(1.0)], Some(0.7));
    other.send("/param/glow", vec![OscType::Float(0.0)], None);
    let heard = other.hear(Duration::from_millis(1_600));
    let last = heard.iter().rfind(|(_, to, _)| to == "/param/glow").map(|(.., value)| *value);
    println!("on (0.7 s ahead), then off: ends {last:?}");
    assert!(last.is_none_or(|value| value == 0.0), "{heard:?}");
}

#[test]
fn numbers_that_cannot_be_meant_in_a_state_file_stop_no_beat() {
    let _turn = turn();
    let dump = OscDump::start();
    let folder = tempfile::tempdir().expect("a directory of the test's own");
    let path = folder.path().join("state.json");
    let rule = "[rule.each]\nwhen = \"beat\"\ndo = [{ address = \"/param/glow\", value = 1.0 }]\n[parameter.glow]\n";
    let state = format!("[show]\nname = \"numbers\"\nstate = {path:?}\n");
    let config = [state, from_file(), desk(dump.port), rule.into()].concat();
    let mut daemon = Daemon::start(&config, None);
    let beats = |since: i64| dump.to("/beat").iter().filter(|beat| beat.at > since).count();
    wait_for("beats", SOON, || (beats(0) >= 3).then_some(()));
    daemon.process.signal(libc::SIGTERM);
    daemon.process.wait(SOON);
    let written: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&path).expect("kept")).expect("JSON");
    assert!(written["timeline"].is_object() && written["state"]["runs"]["each"].is_object(), "{written}");
    for (pointer, value, name) in [
        ("/offset", "9223372036854775807", "offset"),
        ("/offset", "-9223372036854775808", "offset"),
        ("/timeline/time_origin", "-9223372036854775000", "timeline"),
        ("/timeline/beat_origin", "9223372036854775807", "timeline"),
        ("/timeline/bar_origin", "9223372036854775800", "timeline"),
        ("/state/runs/each/count", "18446744073709551615", "state.runs.each"),
        ("/state/runs/each/quarter", "-9223372036854775808", "state.runs.each"),
        ("/term", "4294967295", "term"),
        ("/at", "1e300", "at"),
    ] {
        let mut json = written.clone();
        *json.pointer_mut(pointer).expect(pointer) = serde_json::from_str(value).expect("JSON");
        std::fs::write(&path, json.to_string()).expect("written");
        let since = host_now_ns();
        daemon.restart();
        wait_for(&format!("beats with {pointer} = {value}"), SOON, || (beats(since) >= 4).then_some(()));
        println!("{pointer} = {value}: beats after {:.1} s", (host_now_ns() - since) as f64 * 1e-9);
        let line = daemon.process.wait_for_line("ignoring impossible values", SOON).1;
        assert!(line.contains(name), "{line}");
        assert!(daemon.process.runs());
    }
}

/// Where a beat should have come, by an earlier one.
fn due(before: &Dumped, beat: &Dumped) -> i64 {
    before.at + ((beat.number(0) - before.number(0)) * 60e9 / TEMPO) as i64
}

#[test]
fn a_beat_that_is_over_is_not_sent_when_the_daemon_has_stood_still() {
    let _turn = turn();
    let dump = OscDump::start();
    let flash = "[rule.flash]\nwhen = \"beat\"\ndo = [{ output = \"desk\", address = \"/flash\" }]\n";
    let daemon = Daemon::start(&[from_file(), desk(dump.port), flash.into()].concat(), None);
    wait_for("a settled beat", SOON, || (dump.to("/beat").len() >= 12).then_some(()));
    for stall in [350, 380, 420] {
        let known = dump.to("/beat").len();
        let before = wait_for("a beat", SOON, || dump.to("/beat").get(known).cloned());
        // Stands still across the next beat, 484 ms later, and goes on before the one after that.
        let stop = before.at + 400 * MS;
        std::thread::sleep(Duration::from_nanos(u64::try_from(stop - host_now_ns()).unwrap_or(0)));
        daemon.process.signal(libc::SIGSTOP);
        std::thread::sleep(Duration::from_millis(stall));
        daemon.process.signal(libc::SIGCONT);
        wait_for("beats again", SOON, || (dump.to("/beat").len() >= known + 4).then_some(()));
        let after = dump.to("/beat").split_off(known + 1);
        let late: Vec<i64> = after.iter().map(|beat| (beat.at - due(&before, beat)) / MS).collect();
        println!("after {stall} ms of standstill, beats come {late:?} ms late");
        // 90 ms, and some for the way to the desk.
        assert!(late.iter().all(|late| *late < 190), "{late:?}");
        // A rule knows a beat only by its row, and neither it nor the beat before comes to the millisecond.
        let (beat_ns, early) = ((60e9 / TEMPO) as i64, 20 * MS);
        let late = |press: &Dumped| ((press.at - before.at + early).rem_euclid(beat_ns) - early) / MS;
        let flashes = dump.to("/flash").into_iter().filter(|flash| flash.at > before.at + 250 * MS);
        let late: Vec<i64> = flashes.filter(|flash| flash.number(0) == 1.0).map(|press| late(&press)).collect();
        println!("and presses by a rule come {late:?} ms late");
        assert!(late.len() >= 2 && late.iter().all(|late| *late < 190), "{late:?}");
    }
}

/// Beats as a desk reads them from a connection: the moment, the count and the tempo.
type Beats = Arc<Mutex<Vec<(i64, i64, f64)>>>;

fn read_beats(listener: TcpListener, beats: Beats) {
    while let Ok((mut stream, _)) = listener.accept() {
        let mut head = [0; 4];
        while stream.read_exact(&mut head).is_ok() {
            let mut packet = vec![0; u32::from_be_bytes(head) as usize];
            if stream.read_exact(&mut packet).is_err() {
                break;
            }
            let Ok((_, OscPacket::Message(message))) = decode_udp(&packet) else { continue };
            if let (true, [OscType::Int(count), _, _, OscType::Float(tempo), ..]) =
                (message.addr == "/beat", message.args.as_slice())
            {
                beats.lock().expect("no panics").push((host_now_ns(), i64::from(*count), f64::from(*tempo)));
            }
        }
    }
}

#[test]
fn a_desk_whose_cable_was_pulled_gets_no_beats_of_the_time_in_between() {
    if !allowed() {
        return;
    }
    let _turn = turn();
    let hosts = [Host::new(), Host::new()];
    let link = Link::between(&hosts[0], &hosts[1], 1);
    let beats = Beats::default();
    let listener = hosts[1].inside(|| TcpListener::bind("0.0.0.0:7403").expect("a host of its own"));
    let theirs = Arc::clone(&beats);
    std::thread::spawn(move || read_beats(listener, theirs));
    let desk = format!(
        "[output.desk]\nkind = \"osc\"\ntarget = \"{}:7403\"\ntransport = \"tcp\"\nframing = \"length\"\nformat = \"messages\"\n\
         signals = [\"main.rms\"]\nparameters = []\nevents = [\"beat\"]\nrate-hz = 30\n",
        link.addresses()[1]
    );
    let _daemon = Daemon::start_on(&hosts[0], &[from_file(), desk].concat(), None);
    let heard = || beats.lock().expect("no panics").clone();
    wait_for("a settled beat", SOON, || (heard().len() >= 12).then_some(()));
    for pull_ms in [700, 1_500, 2_500] {
        let before = *heard().last().expect("beats");
        link.set(Conditions { cut: true, ..Conditions::default() });
        std::thread::sleep(Duration::from_millis(pull_ms));
        link.set(Conditions::default());
        let known = heard().len();
        wait_for("beats again", SOON, || (heard().len() >= known + 8).then_some(()));
        let after: Vec<_> = heard().into_iter().filter(|(_, count, _)| *count > before.1).collect();
        let late = |(at, count, tempo): &(i64, i64, f64)| {
            (at - before.0 - ((count - before.1) as f64 * 60e9 / tempo) as i64) / MS
        };
        let late: Vec<i64> = after.iter().map(late).collect();
        println!("after {pull_ms} ms without a cable, beats come {late:?} ms late");
        // One may have been on its way when the cable was pulled.
        assert!(late.iter().filter(|late| **late > 190).count() <= 1, "{late:?}");
    }
}

fn wait_for_beats(dump: &OscDump, count: usize) {
    wait_for("beats", SOON, || (dump.to("/beat").len() >= count).then_some(()));
}

/// The beats in a stretch of time; asserts that none is missing and that their tempo is that of the beat before.
fn steady(dump: &OscDump, from: i64, to: i64) -> usize {
    let beats: Vec<Dumped> = dump.to("/beat").into_iter().filter(|beat| (from..to).contains(&beat.at)).collect();
    let counts: Vec<i64> = beats.iter().map(|beat| beat.number(0) as i64).collect();
    assert!(counts.windows(2).all(|two| two[1] == two[0] + 1), "a beat is missing: {counts:?}");
    let tempos: Vec<f64> = beats.iter().map(|beat| beat.number(3)).collect();
    let all = dump.to("/beat");
    let known = all.iter().rfind(|beat| beat.at < from).expect("a beat before").number(3);
    assert!(tempos.iter().all(|tempo| (tempo / known - 1.0).abs() < 0.02), "{known}, then {tempos:?}");
    beats.len()
}

#[test]
fn a_restart_of_jack_is_not_felt_in_the_beat() {
    let _turn = turn();
    let mut server = JackServer::start();
    let dump = OscDump::start();
    let daemon = Daemon::start(&[from_jack(""), desk(dump.port)].concat(), Some(&server));
    let mut player = Player::start(&server, &song::mix());
    wait_for_beats(&dump, 20);
    for away_s in [1, 3] {
        let since = host_now_ns();
        server.kill();
        std::thread::sleep(Duration::from_secs(away_s));
        server.restart();
        player = Player::start(&server, &song::mix());
        wait_for("music again", SOON, || {
            let music = dump.to("/signal/main/rms");
            music.iter().any(|it| it.at > since + 500 * MS && it.number(0) > 1e-3).then_some(())
        });
        let back = host_now_ns();
        let beats = steady(&dump, since, back);
        println!("JACK away for {:.1} s: {beats} beats, none missing", (back - since) as f64 * 1e-9);
        assert!(beats as f64 >= (back - since) as f64 * 1e-9 * TEMPO / 60.0 - 2.0);
        daemon.process.wait_for_line("the beat goes on by the clock", SOON);
        let known = dump.to("/beat").len();
        wait_for_beats(&dump, known + 24);
    }
    drop(player);
}

#[test]
fn a_beat_without_audio_ends_when_it_is_said_to() {
    let _turn = turn();
    let mut server = JackServer::start();
    let dump = OscDump::start();
    let daemon = Daemon::start(&[from_jack("[tempo]\ncoast-s = 4.0"), desk(dump.port)].concat(), Some(&server));
    let _player = Player::start(&server, &song::mix());
    wait_for_beats(&dump, 16);
    let since = host_now_ns();
    server.kill();
    let line = daemon.process.wait_for_line("the beat goes on by the clock", SOON).1;
    assert!(line.contains("coasting, ") && line.contains(" s left"), "{line}");
    daemon.process.wait_for_line("the beat no longer goes on by the clock", SOON);
    std::thread::sleep(Duration::from_secs(1));
    let last = dump.to("/beat").last().expect("beats").at;
    let coasted = (last - since) as f64 * 1e-9;
    println!("JACK died: beats for {coasted:.1} s more");
    // A beat less than the 4 s, or a little more for noticing the loss.
    assert!((3.4..5.0).contains(&coasted), "{coasted} s");
}
