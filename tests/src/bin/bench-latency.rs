//! From the last sample of a hop entering JACK's callback to its OSC packet leaving.
//!
//! Beside it, in the same run and on the same server, the minimum for any program: a bare JACK client whose callback
//! wakes a thread that sends one packet of the same size.

use clap::Parser;
use e2e::bench::{Distribution, Flags, Stamped, promise};
use e2e::{Daemon, JackServer, Player, host_now_ns, song};
use jack::{AudioIn, Client, ClientOptions, Control, Port, ProcessHandler, ProcessScope};
use rosc::{OscPacket, OscType, decoder};
use serde_json::json;
use std::net::UdpSocket;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Duration, Instant};

fn main() -> ExitCode {
    let flags = Flags::parse();
    let server = JackServer::start();
    let (ours, bare) = (Stamped::bind(), Stamped::bind());
    let config = format!(
        r#"
        [bus.main]
        connect = ["{}", "{}"]
        [output.latency]
        kind = "osc"
        target = "127.0.0.1:{}"
        format = "messages"
        signals = []
        parameters = []
        events = ["hop"]
        "#,
        Player::PORTS[0],
        Player::PORTS[1],
        ours.port()
    );
    let _daemon = Daemon::start(&config, Some(&server));
    let _bare = BareClient::join(&server, bare.port());
    let _player = Player::start(&server, &song::mix());
    server.wait_for_port(Player::PORTS[0], Duration::from_secs(10));

    eprintln!("measuring for {} s: jackd 48 kHz / 128, the demo song from mpv", flags.seconds);
    let (downbeat, floor) = std::thread::scope(|scope| {
        let bare = scope.spawn(|| measure(&bare, flags.seconds));
        let ours = measure(&ours, flags.seconds);
        (ours, bare.join().expect("the measuring thread ends"))
    });

    let limit = promise("latency", "p99-ms");
    let p99 = downbeat.percentile_ms(99.0);
    println!("last sample of a hop in JACK's callback -> OSC packet out, milliseconds");
    println!("{:<28} {:>8} {:>9} {:>9} {:>9}", "", "packets", "p50", "p99", "max");
    println!("{:<28} {}", "downbeatd", downbeat.row());
    println!("{:<28} {}", "bare JACK client and socket", floor.row());
    let ratio = downbeat.percentile_ms(50.0) / floor.percentile_ms(50.0);
    println!("p50 is {ratio:.1} times the bare client's; promised: p99 <= {limit} ms");
    if flags.json {
        let figures =
            json!({ "bench": "latency", "downbeatd": downbeat.json(), "bare": floor.json(), "promise-p99-ms": limit });
        println!("{figures}");
    }
    if flags.check && (p99 > limit || downbeat.count() == 0) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Collects `/hop` packets; the last argument is the host time at which the callback was entered.
fn measure(socket: &Stamped, seconds: u64) -> Distribution {
    let mut distribution = Distribution::default();
    let mut buffer = [0; 2048];
    let warm_up = Instant::now() + Duration::from_secs(2);
    let end = warm_up + Duration::from_secs(seconds);
    while Instant::now() < end {
        let Some((left, bytes)) = socket.receive(&mut buffer) else { continue };
        let Ok((_, OscPacket::Message(message))) = decoder::decode_udp(bytes) else { continue };
        if let (Some(OscType::Long(entered)), true) = (message.args.last(), Instant::now() > warm_up) {
            distribution.add(left - entered);
        }
    }
    distribution
}

/// A JACK client that does nothing but pass the moment of every second cycle (a hop) to a thread that sends it.
struct BareClient {
    _client: jack::AsyncClient<(), Bell>,
    stop: Arc<AtomicBool>,
    sender: Option<std::thread::JoinHandle<()>>,
}

struct Bell {
    _port: Port<AudioIn>,
    entered: Arc<AtomicI64>,
    sender: std::thread::Thread,
    odd: bool,
}

impl ProcessHandler for Bell {
    fn process(&mut self, _: &Client, _: &ProcessScope) -> Control {
        self.odd = !self.odd;
        if self.odd {
            self.entered.store(host_now_ns(), Ordering::Release);
            self.sender.unpark();
        }
        Control::Continue
    }
}

impl BareClient {
    fn join(server: &JackServer, port: u16) -> Self {
        server.select();
        let (client, _) = Client::new("bare", ClientOptions::NO_START_SERVER).expect("the benchmark's jackd runs");
        let audio = client.register_port("in", AudioIn::default()).expect("a fresh client has no ports");
        let (entered, stop) = (Arc::new(AtomicI64::new(0)), Arc::new(AtomicBool::new(false)));
        let (moment, ended) = (Arc::clone(&entered), Arc::clone(&stop));
        let sender = std::thread::spawn(move || {
            let socket = UdpSocket::bind("127.0.0.1:0").expect("loopback has free ports");
            while !ended.load(Ordering::Acquire) {
                std::thread::park();
                let entered = moment.swap(0, Ordering::AcqRel);
                if entered != 0 {
                    let args = vec![OscType::Long(0), OscType::Long(entered), OscType::Long(entered)];
                    let packet = OscPacket::Message(rosc::OscMessage { addr: "/hop".into(), args });
                    let bytes = rosc::encoder::encode(&packet).expect("a plain message encodes");
                    let _ = socket.send_to(&bytes, ("127.0.0.1", port));
                }
            }
        });
        let bell = Bell { _port: audio, entered, sender: sender.thread().clone(), odd: false };
        let client = client.activate_async((), bell).expect("the benchmark's jackd runs");
        Self { _client: client, stop, sender: Some(sender) }
    }
}

impl Drop for BareClient {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        if let Some(sender) = self.sender.take() {
            sender.thread().unpark();
            let _ = sender.join();
        }
    }
}
