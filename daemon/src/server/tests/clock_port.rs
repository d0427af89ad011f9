//! The clock port over real sockets: which clients get the time.

use super::peer::Peer;
use super::rig::Rig;
use super::{LIMIT, connected, eventually};
use downbeat_client::clock::Key;
use downbeat_client::{Session, Stamps};
use downbeat_protocol::clock_packet::{Answer, LEN, Question, SECRET_LEN};
use downbeat_protocol::message::{Role, ServerMessage};
use downbeat_protocol::{HostTime, VERSION};
use std::net::UdpSocket;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

/// A peer after the welcome, and a plain socket for its requests.
struct ClockClient {
    peer: Peer,
    port: u16,
    socket: UdpSocket,
}

fn clock_client(rig: &Rig) -> ClockClient {
    let mut peer = Peer::connect(rig.port);
    peer.say(&Peer::hello(VERSION));
    let Ok(ServerMessage::Welcome { clock_port: port, .. }) = peer.read() else { panic!("a welcome") };
    let socket = socket();
    ClockClient { peer, port, socket }
}

fn socket() -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    // Longer than any answer takes on a busy machine; without an answer, all of it passes.
    socket.set_read_timeout(Some(Duration::from_millis(300))).expect("a limit can be set");
    socket
}

impl ClockClient {
    fn question(&self, counter: u64) -> [u8; LEN] {
        let key = self.peer.key();
        Question { session: key.session(), counter, sent: HostTime(counter as i64) }.encode(&key)
    }

    /// The port's answer to some bytes.
    fn ask(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        self.socket.send_to(bytes, ("127.0.0.1", self.port)).expect("sent");
        let mut buffer = [0; 200];
        let len = self.socket.recv(&mut buffer).ok()?;
        Some(buffer[..len].to_vec())
    }
}

#[test]
fn a_node_is_told_the_time_by_the_kernels_stamps() {
    let rig = Rig::open();
    let session = rig.session("wall", Role::Renderer);
    let view = session.wait(LIMIT, |view| view.clock.synced && view.clock.stamps == Stamps::Kernel);
    assert_eq!(view.clock.stamps, Stamps::Kernel, "{}", view.why);
    let now = Session::host_now();
    let off_us = view.clock.show(now).since(rig.clock.show(now)).abs() as f64 * 1e-3;
    assert!(off_us <= view.clock.error_us + 1.0, "off by {off_us} us of {} us", view.clock.error_us);
}

#[test]
fn without_a_clock_port_the_time_is_told_over_quic() {
    let rig = Rig::open_without_clock();
    let session = rig.session("wall", Role::Renderer);
    let view = session.wait(LIMIT, |view| view.clock.synced);
    assert_eq!((view.clock.synced, view.clock.stamps), (true, Stamps::Quic), "{}", view.why);
}

#[test]
fn while_another_program_has_the_clock_port_the_time_is_told_over_quic_and_then_there() {
    let taken = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("bound").port();
    let rig = Rig::open_with_clock(port);
    let session = rig.session("wall", Role::Renderer);
    let view = session.wait(LIMIT, |view| view.clock.synced);
    assert_eq!((view.clock.synced, view.clock.stamps), (true, Stamps::Quic), "{}", view.why);
    assert!(rig.health.error().contains(&port.to_string()), "{}", rig.health.error());
    drop(taken);
    let view = session.wait(LIMIT, |view| view.clock.stamps == Stamps::Kernel);
    assert_eq!(view.clock.stamps, Stamps::Kernel, "{}", view.why);
    eventually("the fault is gone", || rig.health.error().is_empty());
}

#[test]
fn a_question_is_answered_with_no_more_bytes_than_it_has_from_whichever_address_it_comes() {
    let rig = Rig::open();
    let mut clock_client = clock_client(&rig);
    for counter in 1..=3 {
        // A roaming node has another address each time.
        clock_client.socket = socket();
        let question = clock_client.question(counter);
        let answer = clock_client.ask(&question).expect("answered");
        assert!(answer.len() <= question.len());
        let answer = Answer::decode(&answer, &clock_client.peer.key()).expect("sealed for this session");
        assert_eq!(answer.question.sent, HostTime(counter as i64));
    }
}

#[test]
fn replayed_forged_truncated_and_oversized_questions_get_nothing_and_are_counted() {
    let rig = Rig::open();
    let clock_client = clock_client(&rig);
    let question = clock_client.question(7);
    assert!(clock_client.ask(&question).is_some());
    let mut forged = clock_client.question(8);
    forged[20] ^= 1;
    let client = Key::from_secret(&[9; SECRET_LEN]);
    let unpaired = Question { session: client.session(), counter: 9, sent: HostTime(0) }.encode(&client);
    let mut oversized = clock_client.question(9).to_vec();
    oversized.push(0);
    let bad: [&[u8]; 7] = [
        &question,
        &clock_client.question(6),
        &forged,
        &unpaired,
        &clock_client.question(10)[..LEN - 1],
        &oversized,
        &[],
    ];
    let dropped = rig.health.dropped.load(Relaxed);
    for bytes in bad {
        assert_eq!(clock_client.ask(bytes), None, "{bytes:?}");
    }
    assert_eq!(rig.health.dropped.load(Relaxed), dropped + bad.len() as u64);
    assert!(clock_client.ask(&clock_client.question(11)).is_some(), "the session itself is not harmed");
}

#[test]
fn the_key_ends_with_the_connection() {
    let rig = Rig::open();
    let clock_client = clock_client(&rig);
    let late = clock_client.question(2);
    assert!(clock_client.ask(&clock_client.question(1)).is_some());
    let ClockClient { peer, port, socket } = clock_client;
    drop(peer);
    eventually("the peer has left", || rig.clients.all().is_empty());
    let other = rig.session("other", Role::Viewer);
    connected(&other);
    socket.send_to(&late, ("127.0.0.1", port)).expect("sent");
    assert!(socket.recv(&mut [0; 100]).is_err(), "a question of a session that has ended");
}
