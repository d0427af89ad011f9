//! The web server, from the bytes of a connection to the commands and the answers: HTTP, and what WebSockets carry.

use super::{ENGINE, obey};
use downbeat_peer::identity::{Acquaintance, Acquaintances, Fingerprint, hex};
use downbeat_protocol::Command;
use downbeat_protocol::message::Role;
use downbeatd::clock::ShowClock;
use downbeatd::config::Config;
use downbeatd::controls::echoes::Echoes;
use downbeatd::door::door;
use downbeatd::edges::osc_ports::OscPorts;
use downbeatd::server::keys::{Codes, Keys, Passes};
use downbeatd::status::{Roster, Telemetry};
use downbeatd::web::access::{COOKIE, Visitor};
use downbeatd::web::{Pages, WebContext};
use rosc::decoder::decode_udp;
use std::cell::LazyCell;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::runtime::Runtime;

/// Bytes under way in one direction.
const WAY: usize = 1 << 16;
/// How long a conversation may take; the other side has closed its end.
const PATIENCE: Duration = Duration::from_secs(5);
/// Commands of one input that are obeyed: the show's own part of a run takes longest.
const OBEYED: usize = 4;
/// The room at the door.
const DOOR: usize = 1_024;
/// The tokens of a browser that watches and of one that plays.
const VIEWER: [u8; 32] = [7; 32];
const CONTROLLER: [u8; 32] = [8; 32];

thread_local! {
    static RUNTIME: LazyCell<Runtime> =
        LazyCell::new(|| tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime"));
    static KEYS: LazyCell<Keys> = LazyCell::new(Keys::passing);
    static TABLE: LazyCell<config::Value> = LazyCell::new(|| {
        Config::parse("nothing", "").expect("the defaults can be read").web.expect("there is a page").table
    });
}

/// Where a request comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum From {
    Here,
    Elsewhere,
}

/// What the other side hears, and what goes through the door.
fn converse(from: From, said: &[u8]) -> (Vec<u8>, Vec<Command>) {
    let known = Acquaintances::none();
    for (name, role, token) in [("phone", Role::Viewer, VIEWER), ("tablet", Role::Controller, CONTROLLER)] {
        known.add(Acquaintance { name: name.into(), role, fingerprint: Fingerprint::of(&token) }).expect("kept");
    }
    let keys = KEYS.with(|keys| Keys { known, codes: Codes::default(), passes: Passes::default(), ..(**keys).clone() });
    let (door, mut commands) = door(DOOR);
    let (schema, state) = ENGINE.with(|engine| (engine.schema(), Arc::clone(engine.state())));
    let osc_ports = OscPorts::default();
    osc_ports.enter("tablet", SocketAddr::from(([0; 4], 9000)));
    let context = WebContext {
        show: "fuzz".into(),
        keys,
        clock: ShowClock::new(0),
        schema,
        state,
        door,
        echoes: Echoes::default(),
        osc_ports,
        telemetry: Telemetry::new(Roster::default(), Arc::default()),
    };
    let pages = Pages::open(TABLE.with(|table| (**table).clone()), context).expect("the defaults are sound");
    let local = SocketAddr::new(IpAddr::V4(Ipv4Addr::from([192, 0, 2, 1])), 9480);
    let ip = if from == From::Here { local.ip() } else { IpAddr::V4(Ipv4Addr::from([192, 0, 2, 7])) };
    let visitor = Visitor { peer: SocketAddr::new(ip, 50_000), local, is_secure: false, line: None };
    let mut heard = Vec::new();
    RUNTIME.with(|runtime| {
        let (theirs, ours) = duplex(WAY);
        let (mut answers, mut requests) = tokio::io::split(theirs);
        let talk = async {
            let say = async {
                // It may have hung up already.
                let _ = requests.write_all(said).await;
                let _ = requests.shutdown().await;
            };
            let listen = answers.read_to_end(&mut heard);
            tokio::join!(pages.converse(ours, visitor), say, listen).2
        };
        let talked = runtime.block_on(async { tokio::time::timeout(PATIENCE, talk).await });
        talked.expect("it ends").expect("it ends well");
    });
    (heard, std::iter::from_fn(|| commands.next(false)).collect())
}

/// Where from, and a connection as it is: an answer is HTTP and no failure, and who is not let in learns nothing.
pub fn run_http(bytes: &[u8]) {
    let Some((from, said)) = bytes.split_first() else { return };
    let from = if from % 2 == 0 { From::Here } else { From::Elsewhere };
    let (heard, commands) = converse(from, said);
    let text = String::from_utf8_lossy(&heard);
    assert!(heard.is_empty() || text.starts_with("HTTP/1."), "{text}");
    let status = text.split_whitespace().nth(1).unwrap_or("400");
    let status: u16 = status.parse().unwrap_or_else(|_| panic!("{text}"));
    assert!((100..500).contains(&status), "{text}");
    let has_cookie = |token: &[u8]| {
        let cookie = format!("{COOKIE}={}", hex::digits(token));
        said.to_ascii_lowercase().windows(cookie.len()).any(|window| window == cookie.as_bytes())
    };
    if from == From::Elsewhere && !has_cookie(&VIEWER) && !has_cookie(&CONTROLLER) {
        for secret in ["FULL_PATH", "downbeat_uptime_seconds", "HOST_INFO\"", "since_start", "[cue."] {
            assert!(!text.contains(secret), "a stranger is told {text}");
        }
    }
    if from == From::Elsewhere && !has_cookie(&CONTROLLER) {
        assert!(commands.is_empty(), "a stranger commands {commands:?}");
    }
    obey(commands.into_iter().take(OBEYED));
}

/// Messages on a WebSocket, each after a byte for its kind and length: answers are OSC or JSON, commands are obeyed.
pub fn run_socket(bytes: &[u8]) {
    let mut said = b"GET / HTTP/1.1\r\nHost: 192.0.2.1:9480\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
        Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        .to_vec();
    let mut rest = bytes;
    while let Some((kind, after)) = rest.split_first() {
        let (message, after) = after.split_at(usize::from(kind >> 1).min(after.len()));
        rest = after;
        said.extend(frame(if kind % 2 == 0 { 1 } else { 2 }, message));
    }
    said.extend(frame(8, &[]));
    let (heard, commands) = converse(From::Here, &said);
    let at = heard.windows(4).position(|window| window == b"\r\n\r\n").expect("an answer") + 4;
    assert!(heard.starts_with(b"HTTP/1.1 101 "), "{}", heard[..at].escape_ascii());
    let mut frames = &heard[at..];
    while let Some((kind, message)) = take_frame(&mut frames) {
        match kind {
            1 => drop(serde_json::from_slice::<serde_json::Value>(message).expect("a text frame is JSON")),
            2 => drop(decode_udp(message).expect("a binary frame is OSC")),
            _ => {}
        }
    }
    obey(commands.into_iter().take(OBEYED));
}

/// A whole message as a client sends it, under a mask that changes nothing (RFC 6455, 5.2).
fn frame(kind: u8, message: &[u8]) -> Vec<u8> {
    let len = message.len() as u16;
    let head = if len < 126 {
        vec![0x80 | kind, 0x80 | len as u8]
    } else {
        [&[0x80 | kind, 0x80 | 126][..], &len.to_be_bytes()].concat()
    };
    [&head[..], &[0; 4], message].concat()
}

/// The next message of the server: its kind and content.
fn take_frame<'a>(frames: &mut &'a [u8]) -> Option<(u8, &'a [u8])> {
    let (&[kind, len], rest) = frames.split_first_chunk()?;
    let (len, rest) = match len {
        126 => rest.split_first_chunk().map(|(len, rest)| (u16::from_be_bytes(*len).into(), rest))?,
        127 => rest.split_first_chunk().map(|(len, rest)| (u64::from_be_bytes(*len) as usize, rest))?,
        len => (len.into(), rest),
    };
    let (message, rest) = rest.split_at_checked(len)?;
    *frames = rest;
    Some((kind & 0x0F, message))
}

/// Requests of every kind, from here and from elsewhere, with and without a cookie.
pub fn http_seeds() -> Vec<Vec<u8>> {
    let cookie = |token: [u8; 32]| format!("Cookie: {COOKIE}={}\r\n", hex::digits(&token));
    let get = |path: &str, more: &str| format!("GET {path} HTTP/1.1\r\nHost: 192.0.2.1:9480\r\n{more}\r\n");
    let paths = [
        "/",
        "/?HOST_INFO",
        "/tempo/bpm?VALUE",
        "/layer/back/opacity?RANGE",
        "/metrics",
        "/status",
        "/show.toml",
        "/strip",
        "/ui/main.js",
        "/sw.js",
        "/layout/tablet.tosc",
        "/layout/phone.svg",
        "/layout/tablet.tosc?pass=00ff",
        "/%2Fui/..%2f",
        "//tempo//bpm?",
        "/nowhere",
    ];
    let mut seeds: Vec<_> = paths.map(|path| (0, get(path, ""))).into();
    seeds.extend(["/", "/ui/enter.html", "/metrics"].map(|path| (1, get(path, "Accept: text/html\r\n"))));
    seeds.push((1, get("/status", &cookie(VIEWER))));
    seeds.push((0, get("/", "Origin: http://192.0.2.1:9480\r\nIf-None-Match: \"0011223344556677\"\r\n")));
    seeds.push((0, get("/", "Origin: http://example.org\r\n")));
    let code = "code=123%20456";
    seeds.push((1, format!("POST /enter HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n{code}", code.len())));
    seeds.push((
        0,
        "POST /enter HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\ncode=\r\n0\r\n\r\n".into(),
    ));
    seeds.push((0, "PUT /tempo/bpm HTTP/1.0\r\nContent-Length: 3\r\n\r\n120".into()));
    seeds.push((0, get("/tempo/bpm", "") + &get("/show/blackout", "")));
    let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let mut seeds: Vec<Vec<u8>> = seeds.into_iter().map(|(from, text)| [&[from], text.as_bytes()].concat()).collect();
    for token in [VIEWER, CONTROLLER] {
        let hello = get("/", &format!("{upgrade}{}", cookie(token)));
        seeds.push([&[1], hello.as_bytes(), &frame(2, b"/tempo/tap\0\0,\0\0\0"), &frame(8, &[])].concat());
    }
    seeds
}

/// Commands in OSC, and what is listened to and ignored.
pub fn socket_seeds() -> Vec<Vec<u8>> {
    let message = |kind: u8, content: &[u8]| [&[(content.len() as u8) << 1 | kind], content].concat();
    let text = |text: &str| message(0, text.as_bytes());
    let osc = super::osc::seeds().into_iter().filter(|packet| packet.len() < 128);
    let mut seeds: Vec<_> =
        osc.collect::<Vec<_>>().chunks(6).map(|some| some.iter().flat_map(|it| message(1, it)).collect()).collect();
    seeds.push(
        [text(r#"{"COMMAND":"LISTEN","DATA":"/tempo/bpm"}"#), text(r#"{"COMMAND":"IGNORE","DATA":"/tempo/bpm"}"#)]
            .concat(),
    );
    seeds.push(
        [text(r#"{"COMMAND":"LISTEN","DATA":"/tempo/tap"}"#), text("LISTEN"), message(1, b"/ping\0\0\0,\0\0\0")]
            .concat(),
    );
    seeds
}
