//! A client and a daemon on two hosts, on a network that is unplugged, replugged and bad.

use downbeat_client::session::{Session, Settings};
use downbeat_protocol::message::Role;
use e2e::clock::World;
use e2e::network::{Conditions, Host, Link, allowed};
use e2e::{Daemon, song, turn, wait_for};
use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// Where the daemon serves nodes.
const PORT: u16 = 7_400;
/// Where it takes OSC, and serves the page.
const OSC_PORT: u16 = 7_401;
const WEB_PORT: u16 = 7_402;
/// Longer than a connection lives without a word (1 s), and not nearly so long.
const PULLS: [Duration; 2] = [Duration::from_millis(300), Duration::from_millis(2_500)];

struct Rig {
    sessions: Vec<Session>,
    links: Vec<Link>,
    _daemon: Daemon,
    _hosts: Vec<Host>,
}

/// A daemon that plays the demo song, and a client behind each of so many links.
fn rig(clients: usize) -> Rig {
    let hosts: Vec<Host> = (0..=clients).map(|_| Host::new()).collect();
    let links: Vec<Link> = (1..=clients).map(|k| Link::between(&hosts[0], &hosts[k], k as u64)).collect();
    let config = format!(
        "[audio]\nsource = \"file\"\nfiles = {{ main = {:?} }}\n\
         [server]\nlisten = \"0.0.0.0:{PORT}\"\nallow-unpaired = true\n",
        song::mix()
    );
    let daemon = Daemon::start_on(&hosts[0], &config, None);
    let session = |k: usize| {
        let server = format!("{}:{PORT}", links[k].addresses()[0]);
        hosts[k + 1].inside(|| {
            Session::start(Settings {
                allow_unpaired: true,
                ..Settings::new(&server, format!("client {k}"), Role::Viewer)
            })
        })
    };
    let sessions: Vec<Session> = (0..clients).map(session).collect();
    for session in &sessions {
        wait_for("the daemon through its link", Duration::from_secs(10), || session.view().connected.then_some(()));
        wait_for("rows", Duration::from_secs(10), || session.newest_row());
    }
    Rig { sessions, links, _daemon: daemon, _hosts: hosts }
}

#[test]
fn a_link_that_is_pulled_and_replugged_brings_rows_again_soon() {
    if !allowed() {
        return;
    }
    let _turn = turn();
    let rig = rig(1);
    let (session, link) = (&rig.sessions[0], &rig.links[0]);
    for pull in PULLS.into_iter().cycle().take(6) {
        link.set(Conditions { cut: true, ..Conditions::default() });
        // The length of the cut is what is tested.
        std::thread::sleep(pull);
        let last = session.newest_row().expect("there were rows").seq;
        link.set(Conditions::default());
        let mended = Instant::now();
        wait_for("rows after the link", Duration::from_secs(5), || session.newest_row().filter(|row| row.seq > last));
        let view = session.wait(Duration::from_secs(5), |view| view.connected);
        let back = mended.elapsed();
        println!("cut for {pull:?}: back after {back:?}, welcomed {} times", view.welcomes);
        assert!(back < Duration::from_secs(1), "cut for {pull:?}, back after {back:?}");
        assert!(view.connected && !view.schema.signals.is_empty(), "{}", view.why);
    }
}

#[test]
fn two_clients_show_the_same_time_though_one_is_behind_a_bad_link() {
    if !allowed() {
        return;
    }
    let _turn = turn();
    let rig = rig(2);
    rig.links[1].set(Conditions::from(&World::wi_fi(1)));
    // The clock takes the middle of what a minute allows; a few seconds are enough for what is tested.
    let settled = Instant::now() + Duration::from_secs(12);
    let mut worst = 0;
    wait_for("both clocks", Duration::from_secs(30), || {
        let clocks = [0, 1].map(|k| rig.sessions[k].clock());
        let now = Session::host_now();
        let apart = clocks[0].show(now).since(clocks[1].show(now)).abs();
        let stated = clocks[0].error_us + clocks[1].error_us;
        assert!(apart as f64 * 1e-3 <= stated, "{apart} ns apart, said to be right to {stated} us together");
        if clocks.iter().all(|clock| clock.synced) {
            worst = worst.max(apart);
        }
        (Instant::now() > settled).then_some(())
    });
    println!("at most {} us apart", worst / 1_000);
    // A sixteenth of a frame at 60 Hz.
    assert!(worst < 1_000_000, "{worst} ns apart");
}

/// Connections to the daemon's OSC and web ports that its host still keeps.
fn kept(host: &Host) -> usize {
    let table = host.inside(|| std::fs::read_to_string("/proc/thread-self/net/tcp").expect("a table"));
    // Local address `ADDRESS:PORT` in hexadecimal, then the remote one, then the state: 01 is established.
    let ports = [OSC_PORT, WEB_PORT].map(|port| format!(":{port:04X}"));
    let is_kept = |line: &&str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        fields.get(1).is_some_and(|local| ports.iter().any(|port| local.ends_with(port.as_str()))) && fields[3] == "01"
    };
    table.lines().filter(is_kept).count()
}

#[test]
fn a_tablet_and_a_page_that_lost_their_power_are_forgotten_although_they_never_said_goodbye() {
    if !allowed() {
        return;
    }
    let _turn = turn();
    let hosts = [Host::new(), Host::new()];
    let link = Link::between(&hosts[0], &hosts[1], 1);
    let config = format!(
        "[audio]\nsource = \"file\"\nfiles = {{ main = {:?} }}\n[server]\nenabled = false\n\
         [control.tablet]\nkind = \"osc\"\nlisten = \"0.0.0.0:{OSC_PORT}\"\n\
         [web]\nlisten = \"0.0.0.0:{WEB_PORT}\"\nannounce = false\ntrusted = [\"0.0.0.0/0\"]\n",
        song::mix()
    );
    let _daemon = Daemon::start_on(&hosts[0], &config, None);
    let at = |port: u16| (link.addresses()[0], port);
    let (tablet, page) = hosts[1].inside(|| {
        let mut tablet = TcpStream::connect(at(OSC_PORT)).expect("it listens");
        tablet.write_all(b"\0\0\0\x0c/ping\0\0\0,\0\0\0").expect("taken");
        let url = format!("ws://{}:{WEB_PORT}/", link.addresses()[0]);
        (tablet, tungstenite::connect(url).expect("a WebSocket").0)
    });
    assert_eq!(kept(&hosts[0]), 2);
    link.set(Conditions { cut: true, ..Conditions::default() });
    let pulled = Instant::now();
    // 5 s without an acknowledgement, and what the system needs to look.
    wait_for("both to be forgotten", Duration::from_secs(20), || (kept(&hosts[0]) == 0).then_some(()));
    println!("forgotten after {:?}", pulled.elapsed());
    drop((tablet, page));
}
