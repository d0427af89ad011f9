//! What a stalled reader costs everybody else: each output, the log and the disk in turn, beside an undisturbed time in
//! the same run.

use clap::Parser;
use e2e::bench::{Distribution, Stamped, promise};
use e2e::binaries::binary;
use e2e::port::free_port;
use e2e::soak::desk::Desk;
use e2e::soak::program::Program;
use e2e::soak::rig::Disk;
use e2e::surface::message;
use e2e::{JackServer, Player, song, wait_for};
use indicatif::ProgressBar;
use nix::sys::signal::Signal;
use rosc::{OscMessage, OscPacket, OscType, decoder};
use std::net::{Ipv4Addr, TcpStream, UdpSocket};
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

#[derive(Debug, Parser)]
struct Flags {
    /// Exit with 1 where a promise of tests/promises.toml is missed.
    #[arg(long)]
    check: bool,
    /// How many seconds each disturbance lasts, each time.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Only disturbances with this in their name, beside none.
    #[arg(long, default_value = "")]
    only: String,
    /// How often each comes.
    #[arg(long, default_value_t = 4)]
    rounds: u32,
}

/// A disturbance has settled after this time.
const SETTLES: Duration = Duration::from_secs(1);
const LIMIT: Duration = Duration::from_secs(30);

/// A daemon with an output of each kind, and what reads it.
struct Rig {
    daemon: Program,
    node: Program,
    media: Desk,
    desk: Desk,
    disk: Disk,
    ports: Ports,
    deaf: Vec<TcpStream>,
    _player: Player,
    _server: JackServer,
}

#[derive(Clone, Copy)]
struct Ports {
    control: u16,
    page: u16,
}

/// A disturbance: its name, and how it is switched.
type Stall = (&'static str, fn(&mut Rig, bool));

const STALLS: [Stall; 8] = [
    ("nothing", |_, _| {}),
    ("nobody reads the log", |rig, on| rig.daemon.output.blocked.store(on, Relaxed)),
    ("the disk is full", |rig, on| if on { rig.disk.fill() } else { rig.disk.clear() }),
    ("OSC by UDP: nobody there", |rig, on| rig.desk.switches.off.store(on, Relaxed)),
    ("OSC by TCP: it does not read", |rig, on| rig.media.switches.stalls.store(on, Relaxed)),
    ("a node hangs", |rig, on| rig.node.signal(if on { Signal::SIGSTOP } else { Signal::SIGCONT })),
    ("ten pages do not read", |rig, on| rig.deaf = if on { deaf_pages(rig.ports.page) } else { Vec::new() }),
    ("ten tablets by TCP do not read", |rig, on| rig.deaf = if on { tablets(rig.ports.control) } else { Vec::new() }),
];

/// What one of them did to the others.
#[derive(Default)]
struct Found {
    hop: Distribution,
    beats: Distribution,
    lost: i64,
}

fn main() -> ExitCode {
    let flags = Flags::parse();
    let folder = tempfile::tempdir().expect("a folder");
    let measured = Stamped::bind();
    let mut rig = Rig::start(folder.path(), measured.port());
    wait_for("beats", LIMIT, || (rig.media.beats.count() > 8).then_some(()));
    let chosen = |(place, (name, _)): &(usize, &Stall)| *place == 0 || name.contains(&flags.only);
    let stalls: Vec<Stall> = STALLS.iter().enumerate().filter(chosen).map(|(_, stall)| *stall).collect();
    let mut found: Vec<Found> = stalls.iter().map(|_| Found::default()).collect();
    let bar = ProgressBar::new(u64::from(flags.rounds) * stalls.len() as u64);
    for _ in 0..flags.rounds {
        for ((_, switch), found) in stalls.iter().zip(&mut found) {
            switch(&mut rig, true);
            measure(&measured, &mut rig, flags.seconds, found);
            switch(&mut rig, false);
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
    stalls.iter().for_each(|(_, switch)| switch(&mut rig, true));
    let ended = rig.daemon.end(LIMIT);
    report(&flags, &stalls, &found, ended)
}

fn report(flags: &Flags, stalls: &[Stall], found: &[Found], ended: Option<Duration>) -> ExitCode {
    println!("last sample of a hop in JACK's callback -> OSC packet of another output, milliseconds; beats beside it");
    println!(
        "{:<32} {:>8} {:>9} {:>9} {:>9}   p99 against nothing   beats: uneven p99, lost",
        "", "hops", "p50", "p99", "max"
    );
    let undisturbed = found[0].hop.percentile_ms(99.0);
    let (limit, mut kept) = (promise("stalls", "p99-ratio"), true);
    for ((name, _), found) in stalls.iter().zip(found) {
        let ratio = found.hop.percentile_ms(99.0) / undisturbed;
        let uneven = found.beats.percentile_ms(99.0);
        println!("{name:<32} {}   {ratio:>19.2}   {uneven:>12.2} ms, {}", found.hop.row(), found.lost);
        kept &= ratio <= limit && found.lost == 0;
    }
    let took = ended.map_or("never".into(), |it| format!("{} ms", it.as_millis()));
    println!(
        "all at once: it ends when told to, after {took}; promised: p99 <= {limit} times that of nothing, 2000 ms"
    );
    kept &= ended.is_some_and(|it| it < Duration::from_secs(2));
    if flags.check && !kept { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Hops and beats for a time, while a fader moves.
fn measure(socket: &Stamped, rig: &mut Rig, seconds: u64, found: &mut Found) {
    let finger = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let begun = Instant::now();
    let mut buffer = [0; 2048];
    let (mut last, mut gap): (Option<(i64, i64)>, Option<i64>) = (None, None);
    let mut moved = Instant::now();
    while begun.elapsed() < SETTLES + Duration::from_secs(seconds) {
        rig.daemon.tend();
        if moved.elapsed() > Duration::from_millis(100) {
            moved = Instant::now();
            let packet = message("/layer/back/opacity", begun.elapsed().subsec_millis() as f32 / 1e3);
            let bytes = rosc::encoder::encode(&packet).expect("OSC");
            let _ = finger.send_to(&bytes, (Ipv4Addr::LOCALHOST, rig.ports.control));
        }
        let Some((left, bytes)) = socket.receive(&mut buffer) else { continue };
        let Ok((_, OscPacket::Message(message))) = decoder::decode_udp(bytes) else { continue };
        if begun.elapsed() < SETTLES {
            continue;
        }
        match &message {
            OscMessage { addr, args } if addr == "/hop" => {
                if let Some(OscType::Long(entered)) = args.last() {
                    found.hop.add(left - entered);
                }
            }
            OscMessage { addr, args } if addr == "/beat" => {
                let Some(OscType::Int(number)) = args.first() else { continue };
                let number = i64::from(*number);
                if let Some((at, before)) = last.replace((left, number)) {
                    found.lost += (number - before - 1).max(0);
                    if let Some(gap) = gap.replace(left - at) {
                        found.beats.add((left - at - gap).abs());
                    }
                }
            }
            _ => {}
        }
    }
}

/// Pages that listen to much, and read nothing.
fn deaf_pages(port: u16) -> Vec<TcpStream> {
    let open = |_| {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).expect("it serves");
        let (mut page, _) = tungstenite::client(format!("ws://127.0.0.1:{port}/"), stream).expect("it takes pages");
        for path in ["/signal/main/level", "/signal/main/mel", "/param/glow", "/tempo/bpm", "/beat/blink"] {
            let text = format!(r#"{{"COMMAND":"LISTEN","DATA":"{path}"}}"#);
            page.send(tungstenite::Message::text(text)).expect("sent");
        }
        page.get_ref().try_clone().expect("a stream can be cloned")
    };
    (0..10).map(open).collect()
}

/// Tablets by TCP, which get feedback since they are connected, and read nothing.
fn tablets(port: u16) -> Vec<TcpStream> {
    (0..10).map(|_| TcpStream::connect((Ipv4Addr::LOCALHOST, port)).expect("it listens")).collect()
}

impl Rig {
    fn start(folder: &Path, measured: u16) -> Self {
        let server = JackServer::start();
        let player = Player::start(&server, &song::mix());
        server.wait_for_port(Player::PORTS[0], LIMIT);
        let disk = Disk::new(folder.join("disk"));
        let [udp, tcp, control, page, node] = [(); 5].map(|()| free_port());
        let ports = Ports { control, page };
        let config = folder.join("downbeat.toml");
        let output =
            |name: &str, more: &str| format!("[output.{name}]\nkind = \"osc\"\nformat = \"messages\"\n{more}\n");
        let text = format!(
            "[show]\nname = \"stalls\"\nstate = {:?}\n[bus.main]\nconnect = [\"{}\", \"{}\"]\n\
             [server]\nlisten = \"127.0.0.1:{node}\"\nannounce = false\n[web]\nlisten = \"127.0.0.1:{page}\"\n\
             announce = false\n[control.tablet]\nkind = \"osc\"\nlisten = \"127.0.0.1:{control}\"\n\
             [parameter.glow]\nexpression = \"main.level\"\n[[layer]]\nname = \"back\"\nscene = \"tunnel\"\n{}{}{}\
             [output.clock]\nkind = \"midi\"\nport = \"jack\"\n",
            folder.join("disk/state.json"),
            Player::PORTS[0],
            Player::PORTS[1],
            output(
                "measured",
                &format!(
                    "target = \"127.0.0.1:{measured}\"\nsignals = []\nparameters = []\nevents = [\"hop\", \"beat\"]"
                )
            ),
            output("desk", &format!("target = \"127.0.0.1:{udp}\"")),
            output("media", &format!("target = \"127.0.0.1:{tcp}\"\ntransport = \"tcp\"\nframing = \"length\"")),
        );
        std::fs::write(&config, text).expect("the folder can be written");
        let (desk, media) = (Desk::udp(udp), Desk::tcp(tcp));
        let (name, keys) = (server.name.clone(), folder.join("keys"));
        let theirs = keys.clone();
        let daemon = Program::start("downbeatd", folder, move |_| {
            let mut command = Command::new(binary("downbeatd"));
            command.arg("--config").arg(&config).env("JACK_DEFAULT_SERVER", &name).env("DOWNBEAT_KEYS", &theirs);
            // So that the log has much to say.
            command.env("RUST_LOG", "debug");
            command
        });
        let pictures = folder.join("frames.csv");
        let node = Program::start("downbeat-renderer", folder, move |_| {
            let mut command = Command::new(binary("downbeat-renderer"));
            command.env("LP_NUM_THREADS", "1").env("DOWNBEAT_KEYS", &keys);
            command.args(["--server", &format!("127.0.0.1:{node}"), "--canvas", "96x54", "--fps", "10", "--offscreen"]);
            command.arg("--frames-log").arg(&pictures);
            command
        });
        Self { daemon, node, media, desk, disk, ports, deaf: Vec::new(), _player: player, _server: server }
    }
}
