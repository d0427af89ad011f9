//! An unknown client gets nothing and changes nothing, over real sockets.

use super::between::Between;
use super::peer::Peer;
use super::relay::Relay;
use super::rig::Rig;
use super::{LIMIT, connected, eventually, lockstep};
use crate::server::keys::Keys;
use downbeat_client::{Session, Settings, View};
use downbeat_peer::identity::{Acquaintance, Acquaintances, DAEMONS, Identity, KeyFolder, PEERS};
use downbeat_protocol::message::{Role, ServerMessage};
use downbeat_protocol::{Action, VERSION, When};
use std::net::UdpSocket;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A client with its own key.
struct Node {
    session: Session,
    identity: Arc<Identity>,
    known: Acquaintances,
}

fn node(port: u16, role: Role) -> Node {
    node_of(Arc::new(Identity::new().expect("made")), port, role)
}

fn node_of(identity: Arc<Identity>, port: u16, role: Role) -> Node {
    let known = Acquaintances::none();
    let settings = Settings::new(&format!("127.0.0.1:{port}"), "wall", role);
    let settings = Settings { identity: Arc::clone(&identity), known: known.clone(), ..settings };
    Node { session: Session::start(settings), identity, known }
}

/// The code of a session, other than its previous one.
fn code(session: &Session, other_than: &str) -> String {
    let code = |view: &View| view.paths.first().and_then(|path| path.pairing.clone());
    let view = session.wait(LIMIT, |view| code(view).is_some_and(|code| code != other_than));
    code(&view).filter(|code| code != other_than).unwrap_or_else(|| panic!("no code: {}", view.why))
}

/// Types a code at the daemon; returns the message for the operator.
fn typed(rig: &Rig, code: &str) -> Result<String, String> {
    typed_at(&rig.keys, code)
}

fn typed_at(keys: &Keys, code: &str) -> Result<String, String> {
    keys.waiting.typed(code, None, None)?.blocking_recv().unwrap_or_else(|_| Err("gone".into()))
}

fn acquaint(rig: &Rig, identity: &Identity, role: Role) {
    let peer = Acquaintance { name: "left".into(), role, fingerprint: identity.fingerprint() };
    rig.keys.known.add(peer).expect("kept for this run");
}

#[test]
fn a_node_that_is_not_paired_gets_nothing_until_its_code_is_typed() {
    let mut rig = Rig::open_for_the_paired();
    let node = node(rig.port, Role::Renderer);
    let shown = code(&node.session, "");
    for _ in 0..50 {
        rig.tick();
    }
    let view = node.session.view();
    assert!(!view.connected && view.show.is_empty() && view.schema.signals.is_empty(), "{view:?}");
    assert!(view.why.contains(&shown) && view.why.contains("downbeatctl pair"), "{}", view.why);
    assert!(node.session.newest_row().is_none() && rig.clients.all().is_empty());
    let told = typed(&rig, &shown).expect("paired");
    assert!(told.contains("paired `wall` as a renderer"), "{told}");
    connected(&node.session);
    lockstep(&mut rig, &node.session, 20);
    // Both now know each other.
    assert!(rig.keys.known.find(&node.identity.fingerprint()).is_some());
    assert!(node.known.find(&rig.keys.identity.fingerprint()).is_some());
}

#[test]
fn a_wrong_code_pairs_nobody_and_counts_no_second_time() {
    let rig = Rig::open_for_the_paired();
    let node = node(rig.port, Role::Renderer);
    let shown = code(&node.session, "");
    let last = shown.chars().last().and_then(|digit| digit.to_digit(10)).expect("a digit");
    let wrong = format!("{}{}", &shown[..shown.len() - 1], (last + 1) % 10);
    let why = typed(&rig, &wrong).expect_err("wrong");
    assert!(why.contains("wrong"), "{why}");
    assert!(typed(&rig, &shown).is_err(), "one guess for each code");
    let next = code(&node.session, &shown);
    typed(&rig, &next).expect("the new one is right");
    connected(&node.session);
}

#[test]
fn a_node_that_is_revoked_is_sent_away_at_once_and_gets_nothing_more() {
    let mut rig = Rig::open_for_the_paired();
    let identity = Arc::new(Identity::new().expect("made"));
    acquaint(&rig, &identity, Role::Renderer);
    let node = node_of(identity, rig.port, Role::Renderer);
    connected(&node.session);
    lockstep(&mut rig, &node.session, 5);
    assert_eq!(rig.clients.all()[0].name, "left", "under the name that the operator gave it");
    assert_eq!(rig.keys.known.remove("left").expect("this run only"), 1);
    let view = node.session.wait(LIMIT, |view| !view.connected);
    assert!(!view.connected, "still served");
    let last = node.session.newest_row().expect("before").seq;
    eventually("the client has left", || rig.clients.all().is_empty());
    for _ in 0..100 {
        rig.tick();
    }
    code(&node.session, "");
    assert_eq!(node.session.newest_row().expect("before").seq, last);
}

/// A rig with a list of peers on a disk, and a node that is in it and follows.
fn with_a_disk() -> (tempfile::TempDir, KeyFolder, Rig, Node) {
    let place = tempfile::tempdir().expect("a folder of the test's own");
    let folder = KeyFolder::find(&place.path().display().to_string());
    let mut rig = Rig::open_for(Acquaintances::load(&folder, PEERS));
    let identity = Arc::new(Identity::new().expect("made"));
    acquaint(&rig, &identity, Role::Renderer);
    let node = node_of(identity, rig.port, Role::Renderer);
    connected(&node.session);
    lockstep(&mut rig, &node.session, 5);
    (place, folder, rig, node)
}

#[test]
fn a_pairing_that_waits_for_its_disk_holds_up_nobody_else() {
    let (_place, folder, mut rig, paired) = with_a_disk();
    let node = node(rig.port, Role::Renderer);
    let shown = code(&node.session, "");
    let held = folder.lock().expect("free");
    let keys = rig.keys.clone();
    let pairing = std::thread::spawn(move || typed_at(&keys, &shown));
    let is_known = |known: &Acquaintances| known.find(&node.identity.fingerprint()).is_some();
    eventually("it is known", || is_known(&rig.keys.known));
    let begun = Instant::now();
    lockstep(&mut rig, &paired.session, 50);
    assert!(begun.elapsed() < Duration::from_secs(2), "rows wait for the disk: {:?}", begun.elapsed());
    assert!(!pairing.is_finished(), "the operator is told once it is stored");
    drop(held);
    let told = pairing.join().expect("no panic").expect("stored");
    assert!(told.contains("paired `wall` as a renderer") && !told.contains("only until"), "{told}");
    assert!(is_known(&Acquaintances::load(&folder, PEERS)));
    connected(&node.session);
}

#[test]
fn a_node_whose_pairing_with_a_second_daemon_waits_for_its_disk_follows_the_first() {
    let (mut first, second) = (Rig::open_for_the_paired(), Rig::open_for_the_paired());
    let place = tempfile::tempdir().expect("a folder of the test's own");
    let folder = KeyFolder::find(&place.path().display().to_string());
    let (identity, known) = (Arc::new(Identity::new().expect("made")), Acquaintances::load(&folder, DAEMONS));
    acquaint(&first, &identity, Role::Renderer);
    let servers = [first.port, second.port].map(|port| format!("127.0.0.1:{port}")).into();
    let settings = Settings::new("", "wall", Role::Renderer);
    let session = Session::start(Settings { servers, identity, known: known.clone(), ..settings });
    connected(&session);
    let code = |view: &View| view.paths.get(1).and_then(|path| path.pairing.clone());
    let view = session.wait(LIMIT, |view| code(view).is_some());
    let shown = code(&view).unwrap_or_else(|| panic!("no code: {}", view.why));
    let held = folder.lock().expect("free");
    let keys = second.keys.clone();
    let pairing = std::thread::spawn(move || typed_at(&keys, &shown));
    eventually("it is known", || known.find(&second.keys.identity.fingerprint()).is_some());
    let begun = Instant::now();
    lockstep(&mut first, &session, 50);
    assert!(begun.elapsed() < Duration::from_secs(2), "rows wait for the disk: {:?}", begun.elapsed());
    drop(held);
    pairing.join().expect("no panic").expect("paired");
}

#[test]
fn a_server_that_closes_does_not_wait_for_a_disk() {
    let (_place, folder, rig, _paired) = with_a_disk();
    let node = node(rig.port, Role::Renderer);
    let shown = code(&node.session, "");
    let _held = folder.lock().expect("free");
    let keys = rig.keys.clone();
    let pairing = std::thread::spawn(move || typed_at(&keys, &shown));
    eventually("it is known", || rig.keys.known.find(&node.identity.fingerprint()).is_some());
    let begun = Instant::now();
    rig.close();
    assert!(begun.elapsed() < Duration::from_secs(2), "it waits for the disk: {:?}", begun.elapsed());
    assert!(pairing.join().expect("no panic").is_err(), "nobody knows yet whether it is stored");
}

#[test]
fn a_node_that_shows_a_code_is_served_once_its_key_is_known() {
    let rig = Rig::open_for_the_paired();
    let identity = Arc::new(Identity::new().expect("made"));
    let node = node_of(Arc::clone(&identity), rig.port, Role::Renderer);
    code(&node.session, "");
    // As if the list of peers could be read again.
    acquaint(&rig, &identity, Role::Renderer);
    connected(&node.session);
}

#[test]
fn a_node_cannot_come_as_more_than_it_was_paired_as() {
    let rig = Rig::open_for_the_paired();
    let identity = Arc::new(Identity::new().expect("made"));
    acquaint(&rig, &identity, Role::Renderer);
    let node = node_of(identity, rig.port, Role::Controller);
    let view = node.session.wait(LIMIT, |view| view.why.contains("paired as a renderer"));
    assert!(!view.connected && view.why.contains("not as a controller"), "{}", view.why);
    assert!(node.session.command(Action::Blackout(true), When::Now).is_err());
    assert!(rig.command(Duration::ZERO).is_none());
}

#[test]
fn one_that_shows_no_key_gets_nothing() {
    let rig = Rig::open_for_the_paired();
    let mut peer = Peer::connect(rig.port);
    peer.say(&Peer::hello(VERSION));
    let answer = peer.read();
    assert!(answer.is_err(), "{answer:?}");
    assert!(rig.clients.all().is_empty());
}

#[test]
fn a_pairing_that_is_asked_for_out_of_turn_is_garbage() {
    use downbeat_protocol::close;
    use downbeat_protocol::message::ClientMessage;
    let rig = Rig::open();
    let mut peer = Peer::connect(rig.port);
    peer.say(&Peer::hello(VERSION));
    assert!(matches!(peer.read(), Ok(ServerMessage::Welcome { .. })));
    peer.say(&ClientMessage::Share("00".into()));
    assert_eq!(peer.close_code(), Some(close::GARBAGE));
}

#[test]
fn a_session_that_is_recorded_and_played_again_gets_nothing_and_moves_nothing() {
    let mut rig = Rig::open_for_the_paired();
    let identity = Arc::new(Identity::new().expect("made"));
    acquaint(&rig, &identity, Role::Controller);
    let relay = Relay::to(rig.port);
    let node = node_of(identity, relay.port, Role::Controller);
    connected(&node.session);
    lockstep(&mut rig, &node.session, 5);
    node.session.command(Action::Blackout(true), When::Now).expect("taken");
    assert_eq!(rig.command(LIMIT).expect("a command").what, Action::Blackout(true));
    let tape = || relay.tape.lock().expect("not poisoned").clone();
    assert!(tape().len() > 10, "{} packets", tape().len());
    // Again from the very socket that the daemon knows, during and after the client's session; then from another one.
    // Each gets a second and a half for its answer.
    let known = relay.fronts.lock().expect("not poisoned")[0].try_clone().expect("cloned");
    let clients = rig.clients.clone();
    let mut play = |socket: &UdpSocket, served: usize| {
        for packet in tape() {
            socket.send_to(&packet, ("127.0.0.1", rig.port)).expect("sent");
        }
        let end = Instant::now() + Duration::from_millis(1_500);
        while Instant::now() < end {
            rig.tick();
            assert_eq!(clients.all().len(), served, "clients that are served");
            assert!(rig.command(Duration::ZERO).is_none(), "a fader moves");
            std::thread::sleep(Duration::from_millis(5));
        }
    };
    play(&known, 1);
    drop(node);
    eventually("the client has left", || clients.all().is_empty());
    play(&known, 0);
    play(&UdpSocket::bind("127.0.0.1:0").expect("a socket"), 0);
}

#[test]
fn whoever_sits_between_the_two_is_found_out_at_the_pairing() {
    let rig = Rig::open_for_the_paired();
    let between = Between::and(rig.port);
    let node = node(between.port, Role::Renderer);
    let shown = code(&node.session, "");
    let why = typed(&rig, &shown).expect_err("not paired");
    assert!(why.contains("someone is intercepting"), "{why}");
    assert!(rig.keys.known.all().is_empty() && node.known.all().is_empty());
    assert!(!node.session.view().connected);
}

#[test]
fn a_certificate_whose_dates_are_over_is_judged_by_its_key() {
    let mut rig = Rig::open_for_the_paired();
    let place = tempfile::tempdir().expect("a folder of the test's own");
    let folder = KeyFolder::find(&place.path().display().to_string());
    let key = rcgen::KeyPair::generate().expect("a key");
    let mut parameters = rcgen::CertificateParams::new(vec!["downbeat".into()]).expect("a name");
    parameters.not_before = rcgen::date_time_ymd(2001, 1, 1);
    parameters.not_after = rcgen::date_time_ymd(2002, 1, 1);
    let certificate = parameters.self_signed(&key).expect("a certificate");
    folder.write("node.pem", format!("{}{}", key.serialize_pem(), certificate.pem()).as_bytes()).expect("written");
    let identity = Arc::new(Identity::load(&folder, "node").expect("read"));
    acquaint(&rig, &identity, Role::Renderer);
    let node = node_of(identity, rig.port, Role::Renderer);
    connected(&node.session);
    lockstep(&mut rig, &node.session, 5);
}
