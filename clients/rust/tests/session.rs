//! Sessions with absent or misbehaving daemons.

use downbeat_client::{CommandError, Session, Settings, Stamps, View};
use downbeat_protocol::datagram::{self, Datagram, Ping, Pong};
use downbeat_protocol::message::{self, Daemon, Role, ServerMessage};
use downbeat_protocol::{ALPN, Action, Schema, ShowState, ShowTime, Timeline, VERSION, When, close};
use quinn::{Connection, Endpoint, ServerConfig, VarInt};
use std::future::Future;
use std::net::UdpSocket;
use std::sync::Arc;
use std::time::{Duration, Instant};

const LIMIT: Duration = Duration::from_secs(10);

fn session(server: impl AsRef<str>) -> Session {
    Session::start(Settings::new(server.as_ref(), "test", Role::Controller))
}

#[track_caller]
fn told(session: &Session, text: &str) -> View {
    let view = session.wait(LIMIT, |view| view.why.contains(text));
    assert!(!view.connected && view.why.contains(text), "`{}` does not say `{text}`", view.why);
    view
}

/// A daemon that does to each connection as it is told. Runs until the test ends.
fn daemon<F>(alpn: &[u8], behaviour: impl Fn(Connection) -> F + Send + 'static) -> String
where
    F: Future<Output = ()> + Send + 'static,
{
    let own = rcgen::generate_simple_self_signed(vec!["downbeat".into()]).expect("a certificate");
    let key = rustls::pki_types::PrivatePkcs8KeyDer::from(own.signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut crypto = rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("TLS 1.3")
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key.into())
        .expect("a certificate");
    crypto.alpn_protocols = vec![alpn.to_vec()];
    let crypto = quinn::crypto::rustls::QuicServerConfig::try_from(crypto).expect("a cipher");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("runs");
    let endpoint = {
        let _guard = runtime.enter();
        Endpoint::server(ServerConfig::with_crypto(Arc::new(crypto)), ([127, 0, 0, 1], 0).into()).expect("a socket")
    };
    let address = endpoint.local_addr().expect("bound").to_string();
    std::thread::spawn(move || {
        runtime.block_on(async {
            while let Some(incoming) = endpoint.accept().await {
                if let Ok(connection) = incoming.await {
                    tokio::spawn(behaviour(connection));
                }
            }
        });
    });
    address
}

/// Answers the hello and goes on holding the connection.
async fn answer(connection: Connection, message: ServerMessage) {
    let Ok((mut send, _receive)) = connection.accept_bi().await else { return };
    let bytes = message::encode(&message).expect("encodes");
    send.write_all(&bytes).await.expect("sent");
    connection.closed().await;
}

fn welcome(version: u16) -> ServerMessage {
    ServerMessage::Welcome {
        version,
        daemon: Daemon { run: 1, term: 0, leads: true, port: 0, early_ns: 0 },
        show: "fake".into(),
        epoch: 1,
        schema: Schema::default(),
        state: ShowState::default(),
        timeline: Timeline::default(),
        number: 0,
        set: 0,
        clock_port: 0,
    }
}

#[test]
fn a_daemon_that_is_not_there_is_named_and_waited_for() {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let address = socket.local_addr().expect("bound").to_string();
    let session = session(&address);
    let view = told(&session, "no daemon answers at");
    assert!(view.why.contains(&address), "{}", view.why);
    assert_eq!(session.command(Action::Tap, When::Now), Err(CommandError::NotConnected));
    assert_eq!((session.now(), session.newest_row().is_none()), (None, true));
}

#[test]
fn a_name_that_cannot_be_looked_up_is_named_with_how_to_write_it() {
    let view = told(&session("no port here"), "cannot look up `no port here`");
    assert!(view.why.contains("host:port"), "{}", view.why);
}

#[test]
fn a_daemon_of_another_version_is_told_from_one_that_is_away() {
    let address = daemon(ALPN, |connection| answer(connection, welcome(VERSION + 1)));
    let view = told(&session(address), "version 2");
    assert!(view.why.contains("update"), "{}", view.why);
}

#[test]
fn a_show_of_another_name_is_not_followed() {
    let address = daemon(ALPN, |connection| answer(connection, welcome(VERSION)));
    let asked = |show: &str| {
        Session::start(Settings { show: Some(show.into()), ..Settings::new(&address, "test", Role::Viewer) })
    };
    let view = told(&asked("friday"), "not `friday`");
    assert!(view.why.contains("`fake`"), "{}", view.why);
    assert!(asked("fake").wait(LIMIT, |view| view.connected).connected);
}

#[test]
fn an_interface_that_is_not_there_is_named() {
    let view = told(&session("127.0.0.1:9@nosuch0"), "`nosuch0`");
    assert!(view.why.contains("lo"), "{}", view.why);
}

#[test]
fn a_peer_that_is_no_daemon_is_called_so() {
    let address = daemon(b"h3", |connection| async move {
        connection.closed().await;
    });
    told(&session(address), "does not speak downbeat/1");
}

#[test]
fn a_refusal_is_shown_in_the_daemons_words() {
    let by_message = |connection| answer(connection, ServerMessage::Refused { why: "the wall is full".into() });
    told(&session(daemon(ALPN, by_message)), "the wall is full");
    let by_closing = |connection: Connection| async move {
        connection.close(VarInt::from_u32(close::REFUSED), b"nobody invited you");
    };
    told(&session(daemon(ALPN, by_closing)), "nobody invited you");
}

#[test]
fn a_daemon_that_talks_nonsense_is_left_and_tried_again() {
    let nonsense = |connection: Connection| async move {
        let Ok((mut send, _receive)) = connection.accept_bi().await else { return };
        let _ = send.write_all(b"\x00\x00\x00\x02{]").await;
        connection.closed().await;
    };
    told(&session(daemon(ALPN, nonsense)), "not a message");
    told(&session(daemon(ALPN, |connection| answer(connection, endless_rows()))), "columns");
}

fn endless_rows() -> ServerMessage {
    let mut message = welcome(VERSION);
    if let ServerMessage::Welcome { schema, .. } = &mut message {
        let mut wide = downbeat_protocol::Signal::scalar("x", downbeat_protocol::Unit::Ratio, [0.0, 1.0]);
        wide.len = u16::MAX;
        schema.signals = vec![wide; 1_000];
    }
    message
}

#[test]
fn a_daemon_that_never_answers_the_hello_is_given_up() {
    let address = daemon(ALPN, |connection| async move {
        connection.closed().await;
    });
    told(&session(address), "did not answer the hello");
}

#[test]
fn a_session_comes_back_after_being_sent_away_for_being_slow() {
    let address = daemon(ALPN, |connection| async move {
        let Ok((mut send, _receive)) = connection.accept_bi().await else { return };
        let bytes = message::encode(&welcome(VERSION)).expect("encodes");
        let _ = send.write_all(&bytes).await;
        let _ = connection.read_datagram().await;
        connection.close(VarInt::from_u32(close::TOO_SLOW), b"too slow");
    });
    let view = session(address).wait(LIMIT, |view| view.welcomes >= 3);
    assert!(view.welcomes >= 3, "{}", view.why);
}

/// Welcomes, and answers pings; says that it has a clock port.
async fn tell_time(connection: Connection, port: u16) {
    let Ok((mut send, _receive)) = connection.accept_bi().await else { return };
    let mut message = welcome(VERSION);
    if let ServerMessage::Welcome { clock_port, .. } = &mut message {
        *clock_port = port;
    }
    send.write_all(&message::encode(&message).expect("encodes")).await.expect("sent");
    while let Ok(bytes) = connection.read_datagram().await {
        let Ok(Datagram::Ping(Ping { id, sent })) = datagram::decode(&bytes) else { continue };
        let now = ShowTime(Session::host_now().0);
        let _ = connection.send_datagram(Pong { id, sent, received: now, answered: now }.encode().into());
    }
}

#[test]
fn where_a_firewall_or_a_stranger_stands_before_the_clock_port_the_clock_is_kept_over_quic() {
    let port = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let at = port.local_addr().expect("bound").port();
    let session = session(daemon(ALPN, move |connection| tell_time(connection, at)));
    // The stranger says everything back as an answer that it cannot seal.
    port.set_read_timeout(Some(LIMIT)).expect("a limit can be set");
    let mut bytes = [0; 100];
    for _ in 0..5 {
        let (len, from) = port.recv_from(&mut bytes).expect("the port is asked");
        bytes[0] = b'a';
        port.send_to(&bytes[..len], from).expect("sent");
    }
    let view = session.wait(LIMIT, |view| view.clock.synced);
    assert_eq!((view.clock.synced, view.clock.stamps), (true, Stamps::Quic), "{}", view.why);
    let host = Session::host_now();
    let off_us = view.clock.show(host).0.abs_diff(host.0) as f64 * 1e-3;
    assert!(off_us <= view.clock.error_us + 1.0, "off by {off_us} us, says {}", view.clock.error_us);
}

#[test]
fn ending_a_session_takes_no_time_whatever_it_is_doing() {
    let silent = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let dialling = session(silent.local_addr().expect("bound").to_string());
    let following = session(daemon(ALPN, |connection| answer(connection, welcome(VERSION))));
    assert!(following.wait(LIMIT, |view| view.connected).connected);
    let begun = Instant::now();
    drop(dialling);
    drop(following);
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
}
