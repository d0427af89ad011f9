//! What strangers cost: at most three bytes for a byte, two seconds of feedback, and no place that the operator needs.
//!
//! `FLOOD_SECONDS=60 cargo test -p e2e --test strangers -- --ignored --nocapture` floods for a minute.

use e2e::port::free_port;
use e2e::surface::{Surface, bundle, message, value};
use e2e::{Daemon, song, turn, wait_for};
use rosc::{OscPacket, OscType};
use std::io::{Read, Write};
use std::net::{TcpStream, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

const SOON: Duration = Duration::from_secs(20);

struct Stage {
    _daemon: Daemon,
    osc: u16,
    web: u16,
    server: u16,
}

impl Stage {
    fn new(control: &str) -> Self {
        let [osc, web, server] = [(); 3].map(|()| free_port());
        let config = format!(
            "[audio]\nsource = \"file\"\nfiles = {{ main = {:?} }}\nrepeat = true\n\
             [parameter.glow]\nexpression = \"main.level\"\n\
             [[layer]]\nname = \"back\"\nscene = \"echo\"\nscenes = [\"echo\", \"tunnel\"]\n\
             [control.tablet]\nkind = \"osc\"\nlisten = \"127.0.0.1:{osc}\"\n{control}\n\
             [web]\nlisten = \"127.0.0.1:{web}\"\nannounce = false\n\
             [server]\nlisten = \"127.0.0.1:{server}\"\nclock-port = {}\nannounce = false\n",
            song::mix(),
            server + 1
        );
        Self { _daemon: Daemon::start(&config, None), osc, web, server }
    }
}

const TRUSTING: &str = "trusted = [\"127.0.0.0/8\"]";

/// A packet of forty bytes or so, of each kind.
fn kinds() -> Vec<(&'static str, Vec<u8>)> {
    let osc = |packet: OscPacket| rosc::encoder::encode(&packet).expect("OSC");
    let set = || message("/param/glow", 0.123_45_f32);
    vec![
        ("a ping", osc(message("/ping", "padded to forty bytes in all"))),
        ("a request for everything", osc(message("/sync", "padded to forty bytes in all"))),
        ("a request for the list", osc(message("/list", "/"))),
        ("a value", osc(set())),
        ("an unknown address", osc(message("/nonsense/that/is/unknown", 1.0_f32))),
        ("a wrong word", osc(message("/hello", "0123456789abcdef"))),
        ("a request for the lead", osc(message("/lead/take", 1.0_f32))),
        ("a bundle", osc(bundle(vec![set(), message("/sync", 1.0_f32)]))),
        ("garbage", vec![0xFF; 40]),
    ]
}

#[test]
fn one_packet_of_any_kind_buys_three_bytes_for_a_byte_and_two_seconds() {
    let _turn = turn();
    for trust in ["", TRUSTING] {
        let stage = Stage::new(trust);
        let mut tablet = Surface::welcomed("127.0.0.1", stage.osc);
        let mut forged: Vec<(&str, Surface)> = kinds()
            .into_iter()
            .enumerate()
            .map(|(place, (kind, bytes))| {
                let mut surface = Surface::at(&format!("127.0.0.{}", 10 + place), stage.osc);
                surface.echoes = false;
                surface.send_bytes(&bytes);
                (kind, surface)
            })
            .collect();
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(4) {
            // Changes by hand are told to everyone, as far as they may be.
            tablet.send(&message("/layer/back/opacity", begun.elapsed().as_secs_f32() / 5.0));
            tablet.watch(Duration::from_millis(20));
            forged.iter_mut().for_each(|(_, surface)| surface.receive());
        }
        for (kind, surface) in &forged {
            let [got, sent] = surface.bytes;
            let last = surface.came.last().map_or(0.0, |(at, ..)| (*at - begun).as_secs_f64());
            println!("[{trust}] {kind}: {got} bytes for {sent}, the last after {last:.1} s");
            assert!(got <= 3 * sent, "{kind}: {got} bytes for {sent}");
            assert!(last <= 2.2, "{kind}: still fed after {last} s");
        }
    }
}

#[test]
fn neither_the_ports_of_nodes_and_clocks_nor_connections_answer_a_stranger_with_more() {
    let _turn = turn();
    let stage = Stage::new("");
    // QUIC packets (RFC 9000, 17): an unknown version, a short header, an Initial without a handshake.
    let mut unknown = vec![0xC0, 0xFA, 0xCE, 0xB0, 0x0C, 8, 1, 2, 3, 4, 5, 6, 7, 8, 8, 8, 7, 6, 5, 4, 3, 2, 1];
    unknown.resize(1_200, 0);
    let mut initial = vec![0xC3, 0, 0, 0, 1, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0x44, 0x9E];
    initial.resize(1_200, 7);
    let cases = [
        ("an unknown version", stage.server, unknown),
        ("a short header", stage.server, [vec![0x40], vec![9; 60]].concat()),
        ("an Initial", stage.server, initial),
        ("garbage", stage.server, vec![0xFF; 40]),
        ("a clock packet", stage.server + 1, [vec![1], vec![0; 56]].concat()),
        ("garbage for the clock", stage.server + 1, vec![0xFF; 57]),
    ];
    for (what, port, bytes) in cases {
        let socket = UdpSocket::bind("127.0.0.3:0").expect("free");
        socket.set_read_timeout(Some(Duration::from_millis(500))).expect("a socket can be set so");
        socket.send_to(&bytes, ("127.0.0.1", port)).expect("sent");
        let (mut got, mut buffer) = (0, [0; 65_536]);
        while let Ok(length) = socket.recv(&mut buffer) {
            got += length;
        }
        println!("{what}: {got} bytes for {}", bytes.len());
        assert!(got <= 3 * bytes.len(), "{what}: {got} bytes for {}", bytes.len());
    }
    // A connection cannot be forged; but one that says nonsense is hung up on, and many of one host leave room.
    for port in [stage.osc, stage.web] {
        let mut nonsense = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
        nonsense.set_read_timeout(Some(SOON)).expect("a socket can be set so");
        nonsense.write_all(&[0xFF; 400]).expect("taken");
        let mut answer = Vec::new();
        let _ = nonsense.read_to_end(&mut answer);
        println!("nonsense by TCP: {} bytes", answer.len());
        assert!(answer.len() <= 3 * 400);
    }
}

#[test]
fn errors_are_short_and_few_and_answers_of_other_programs_get_none() {
    let _turn = turn();
    let stage = Stage::new("");
    let mut tablet = Surface::welcomed("127.0.0.1", stage.osc);
    tablet.watch(Duration::from_millis(200));
    let (begun, received) = (Instant::now(), tablet.bytes[0]);
    for answer in ["/fail", "/reply", "/reply/transport", "/error"] {
        (0..20).for_each(|_| tablet.send(&message(answer, "no such thing")));
    }
    tablet.watch(Duration::from_millis(300));
    assert_eq!(tablet.count("/error"), 0, "an error for an answer");
    let long = format!("/{}\n", "x".repeat(60_000));
    let unknown = format!("/{}\n", "x".repeat(200));
    while begun.elapsed() < Duration::from_secs(3) {
        tablet.send(&message(&long, 1.0_f32));
        tablet.send(&message(&unknown, 1.0_f32));
        tablet.watch(Duration::from_millis(5));
    }
    let (errors, told) = (tablet.count("/error"), tablet.bytes[0] - received);
    println!("{errors} errors and {told} bytes in all");
    // Five at once, one a second, and the last one still on its way.
    assert!((5..=9).contains(&errors), "{errors}");
    for (_, _, error) in tablet.came.iter().filter(|(_, address, _)| address == "/error") {
        let Some(OscType::String(error)) = error else { panic!("{error:?}") };
        assert!(error.len() < 600 && !error.contains('\n'), "{error}");
    }
}

#[test]
fn places_by_tcp_are_not_held_by_who_says_nothing() {
    let _turn = turn();
    let stage = Stage::new("");
    // All places of a host.
    let silent: Vec<TcpStream> = (0..8)
        .map(|_| {
            let mut stream = TcpStream::connect(("127.0.0.1", stage.osc)).expect("it listens");
            stream.write_all(b"/").expect("taken");
            stream
        })
        .collect();
    // They are hung up on after ten seconds; a surface that tries again and again is served then.
    wait_for("a surface to be served", SOON, || {
        let mut stream = TcpStream::connect(("127.0.0.1", stage.osc)).ok()?;
        stream.set_read_timeout(Some(Duration::from_millis(500))).expect("a socket can be set so");
        let sync = rosc::encoder::encode(&message("/sync", 1)).expect("OSC");
        stream.write_all(&[&(sync.len() as u32).to_be_bytes()[..], &sync].concat()).ok()?;
        let mut answer = [0; 64];
        (stream.read(&mut answer).ok()? > 0).then_some(())
    });
    drop(silent);
}

#[test]
fn forty_strangers_and_forty_surfaces_of_one_machine_take_no_place_of_the_operators() {
    let _turn = turn();
    for trust in ["", TRUSTING] {
        let stage = Stage::new(trust);
        let mut tablet = Surface::welcomed("127.0.0.1", stage.osc);
        tablet.send(&message("/layer/back/opacity", 0.5_f32));
        let mut strangers: Vec<Surface> = (0..40).map(|it| Surface::at(&format!("127.0.1.{it}"), stage.osc)).collect();
        strangers.iter_mut().for_each(|stranger| stranger.echoes = false);
        strangers.extend((0..40).map(|_| Surface::at("127.0.2.1", stage.osc)));
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(3) {
            for stranger in &mut strangers {
                stranger.send(&message("/ping", 1));
                stranger.receive();
            }
            tablet.watch(Duration::from_millis(50));
        }
        let gap = tablet.longest_gap("/daemon/alive", begun);
        println!("[{trust}] longest time without a sign of life: {gap:?}");
        assert!(gap < Duration::from_millis(1_800), "{gap:?}");
    }
}

#[test]
fn packets_full_of_commands_leave_room_for_the_operators() {
    let _turn = turn();
    let stage = Stage::new("");
    let mut tablet = Surface::welcomed("127.0.0.1", stage.osc);
    let refused_before = tablet.count("/error");
    for host in 1..=9 {
        let mut stranger = Surface::at(&format!("127.0.3.{host}"), stage.osc);
        let waiting: Vec<OscPacket> = (0..600).map(|_| message("/next/phrase/tempo/nudge", 0.0_f32)).collect();
        stranger.send(&bundle(waiting));
        stranger.send(&bundle((0..2_000).map(|_| message("/tempo/nudge", 0.0_f32)).collect()));
        tablet.send(&message("/next/beat/layer/back/opacity", host as f32 / 10.0));
        tablet.send(&message("/param/glow", host as f32 / 100.0));
        wait_for("the operator's commands", SOON, || {
            tablet.receive();
            let is =
                |address: &str, wish: f64| (value(stage.web, address).as_f64()? - wish).abs().lt(&1e-6).then_some(());
            is("/layer/back/opacity", f64::from(host) / 10.0)?;
            is("/param/glow", f64::from(host) / 100.0)
        });
    }
    let refused = tablet.count("/error") - refused_before;
    println!("{refused} of the operator's 18 commands were refused");
    assert_eq!(refused, 0, "{:?}", tablet.shows.get("/error"));
}

/// Forged senders as fast as one core can, while a tablet plays.
fn flood(time: Duration, trust: &str) {
    let stage = Stage::new(trust);
    let mut tablet = Surface::welcomed("127.0.0.1", stage.osc);
    let forged: Vec<UdpSocket> =
        (0..200).map(|it| UdpSocket::bind((format!("127.0.4.{it}"), 0)).expect("free")).collect();
    forged.iter().for_each(|socket| socket.set_nonblocking(true).expect("a socket can be set so"));
    let packets: Vec<Vec<u8>> = kinds().into_iter().map(|(_, bytes)| bytes).collect();
    let over = AtomicBool::new(false);
    let (mut sent, mut got, mut count) = (0, 0, 0);
    let (mut wishes, mut obeyed) = (0, 0);
    std::thread::scope(|threads| {
        let flooding = threads.spawn(|| {
            let (mut sent, mut got, mut count, mut buffer) = (0, 0, 0_usize, [0; 65_536]);
            while !over.load(Relaxed) {
                // Ten thousand a second.
                let round = Instant::now();
                for _ in 0..100 {
                    let socket = &forged[count % forged.len()];
                    let bytes = &packets[count / forged.len() % packets.len()];
                    sent += socket.send_to(bytes, ("127.0.0.1", stage.osc)).unwrap_or(0);
                    count += 1;
                    while let Ok(length) = socket.recv(&mut buffer) {
                        got += length;
                    }
                }
                std::thread::sleep(Duration::from_millis(10).saturating_sub(round.elapsed()));
            }
            (sent, got, count)
        });
        let begun = Instant::now();
        while begun.elapsed() < time {
            let wish = if wishes % 2 == 0 { 1.0_f32 } else { 0.0 };
            tablet.send(&message("/levels/freeze", wish));
            wishes += 1;
            let asked = Instant::now();
            while asked.elapsed() < Duration::from_millis(700) {
                tablet.watch(Duration::from_millis(10));
            }
            obeyed += i32::from(tablet.number("/levels/freeze") == Some(f64::from(wish)));
        }
        over.store(true, Relaxed);
        (sent, got, count) = flooding.join().expect("no panics");
        let alive = tablet.longest_gap("/daemon/alive", begun);
        println!(
            "[{trust}] {count} forged packets in {time:?}: {got} bytes for {sent} ({:.2}); the tablet's longest wait for a \
             sign of life {alive:?}; {obeyed} of {wishes} switches obeyed",
            got as f64 / sent as f64
        );
        assert!(got <= 3 * sent, "{got} for {sent}");
        assert!(alive < Duration::from_millis(2_500), "{alive:?}");
        assert_eq!(obeyed, wishes);
    });
}

#[test]
fn a_forged_flood_leaves_the_tablets_feedback_unbroken() {
    let _turn = turn();
    flood(Duration::from_secs(4), "");
}

#[test]
#[ignore = "takes a minute; FLOOD_SECONDS sets how long"]
fn a_forged_flood_of_a_minute_leaves_the_tablets_feedback_unbroken() {
    let _turn = turn();
    let seconds = std::env::var("FLOOD_SECONDS").ok().and_then(|it| it.parse().ok()).unwrap_or(60);
    flood(Duration::from_secs(seconds), "");
    flood(Duration::from_secs(seconds), TRUSTING);
}
