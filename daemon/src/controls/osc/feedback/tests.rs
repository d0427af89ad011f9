use super::*;
use downbeat_protocol::state::Change;
use downbeat_protocol::{Layer, Row, Signal, Timeline, Unit};
use rosc::{OscPacket, OscType, decoder::decode_udp};

const MS: i64 = 1_000_000;

fn peer(port: u16) -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 7], port))
}

fn at(ms: i64) -> HostTime {
    HostTime(ms * MS)
}

/// Feedback in virtual time, and its messages by peer.
struct Rig {
    feedback: Feedback,
    told: Vec<(SocketAddr, String, OscType)>,
    bytes: usize,
}

impl Rig {
    fn new() -> Self {
        Self::with("trusted = ['192.0.2.0/24']")
    }

    /// With other settings.
    fn with(settings: &str) -> Self {
        let signals = [
            ("main.level", Unit::Ratio),
            ("tempo.bpm", Unit::Bpm),
            ("tempo.locked", Unit::State),
            ("music.state", Unit::State),
            ("param.glow", Unit::Ratio),
        ];
        let schema = Schema { signals: signals.map(|(name, unit)| Signal::scalar(name, unit, [0.0, 1.0])).into() };
        let file = config::File::from_str(settings, config::FileFormat::Toml);
        let settings = config::Config::builder().add_source(file).build().expect("TOML");
        let settings: Settings = settings.try_deserialize().expect("settings");
        Self {
            feedback: Feedback::new("tablets", settings, Arc::new(schema), ShowClock::default()),
            told: Vec::new(),
            bytes: 0,
        }
    }

    fn take(&mut self, values: [f32; 5]) {
        let layer = Layer {
            name: "back".into(),
            scene: "tunnel".into(),
            scenes: vec!["tunnel".into(), "echo".into()],
            opacity: 1.0,
            blend: downbeat_protocol::Blend::Normal,
        };
        let state = Arc::new(ShowState { layers: vec![layer], ..ShowState::default() });
        let row = Row { values: values.into(), ..Row::default() };
        let tick = Tick { row, timeline: Timeline::default(), state, beating: true, heard: HostTime::ZERO };
        self.feedback.take(Arc::new(tick));
    }

    fn receive(&mut self, port: u16, ms: i64, kind: IncomingKind) {
        let (told, all) = (&mut self.told, &mut self.bytes);
        let incoming = Incoming { peer: peer(port), at: at(ms), kind };
        self.feedback.receive(&incoming, &mut |peer, bytes| {
            *all += bytes.len();
            told.push(decode(peer, bytes));
        });
    }

    fn observe(&mut self, event: &Event) {
        let (told, all) = (&mut self.told, &mut self.bytes);
        self.feedback.observe(event, &mut |peer, bytes| {
            *all += bytes.len();
            told.push(decode(peer, bytes));
        });
    }

    fn run(&mut self, ms: i64) {
        let (told, all) = (&mut self.told, &mut self.bytes);
        self.feedback.run(at(ms), &mut |peer, bytes| {
            *all += bytes.len();
            told.push(decode(peer, bytes));
        });
    }

    fn told(&mut self, port: u16, address: &str) -> Vec<OscType> {
        let here = |(to, what, _): &(SocketAddr, String, OscType)| *to == peer(port) && what == address;
        self.told.iter().filter(|entry| here(entry)).map(|(_, _, value)| value.clone()).collect()
    }
}

fn decode(peer: SocketAddr, bytes: &[u8]) -> (SocketAddr, String, OscType) {
    match decode_udp(bytes) {
        Ok((_, OscPacket::Message(mut message))) => (peer, message.addr, message.args.remove(0)),
        other => panic!("no message: {other:?}"),
    }
}

fn opacity(value: f32) -> Event {
    Event::Changed { change: Change::Opacity { layer: "back".into(), opacity: value }, by: String::new() }
}

#[test]
fn who_speaks_for_the_first_time_is_told_everything_and_who_asks_again_too() {
    let mut rig = Rig::new();
    rig.take([0.5, 128.04, 0.9, 3.0, 0.25]);
    rig.run(0);
    assert!(rig.told.is_empty(), "nobody has spoken");
    rig.receive(1, 10, IncomingKind::Bytes(12));
    rig.run(10);
    assert_eq!(rig.told(1, "/layer/back/scene/echo"), [OscType::Float(0.0)]);
    assert_eq!(rig.told(1, "/layer/back/scene/tunnel"), [OscType::Float(1.0)]);
    assert_eq!(rig.told(1, "/show/blackout"), [OscType::Float(0.0)]);
    assert_eq!(rig.told(1, "/param/glow"), [OscType::Float(0.25)]);
    assert_eq!(rig.told(1, "/param/glow/auto"), [OscType::Float(1.0)]);
    assert_eq!(rig.told(1, "/tempo/text"), [OscType::String("128.0".into())]);
    assert_eq!(rig.told(1, "/tempo/lock"), [OscType::Float(1.0)]);
    assert_eq!(rig.told(1, "/music/state"), [OscType::String("playing".into())]);
    assert_eq!(rig.told(1, "/daemon/version").len(), 1);
    let all = |rig: &Rig| rig.told.iter().filter(|(_, address, _)| address != "/daemon/alive").count();
    let first = all(&rig);
    rig.receive(1, 20, IncomingKind::Sync);
    rig.run(20);
    assert_eq!(all(&rig), 2 * first);
}

#[test]
fn a_change_reaches_everyone_at_once_but_not_the_finger_that_made_it() {
    let mut rig = Rig::new();
    rig.take([0.0; 5]);
    (1..=2).for_each(|port| rig.receive(port, 0, IncomingKind::Bytes(12)));
    rig.run(0);
    rig.told.clear();
    for (ms, value) in [(10, 0.75), (20, 0.5)] {
        rig.receive(1, ms, IncomingKind::Set("/layer/back/opacity".into()));
        rig.observe(&opacity(value));
    }
    assert_eq!(rig.told(1, "/layer/back/opacity"), []);
    assert_eq!(rig.told(2, "/layer/back/opacity"), [OscType::Float(0.75), OscType::Float(0.5)]);
    rig.run(119);
    assert_eq!(rig.told(1, "/layer/back/opacity"), []);
    rig.run(120);
    assert_eq!(rig.told(1, "/layer/back/opacity"), [OscType::Float(0.5)]);
}

#[test]
fn meters_are_told_at_their_rate_and_only_while_they_move() {
    let mut rig = Rig::new();
    rig.receive(1, 0, IncomingKind::Bytes(12));
    rig.take([0.5, 0.0, 0.0, 0.0, 0.0]);
    rig.run(0);
    rig.told.clear();
    for ms in (5..1005).step_by(5) {
        rig.take([0.5 + ms as f32 / 4000.0, 0.0, 0.0, 0.0, 0.0]);
        rig.run(ms);
    }
    let told = rig.told(1, "/signal/main/level").len();
    assert!((14..=15).contains(&told), "{told} in a second");
    assert_eq!(rig.told(1, "/tempo/bpm"), []);
}

#[test]
fn the_light_of_the_beat_goes_on_and_off() {
    let mut rig = Rig::new();
    rig.receive(1, 0, IncomingKind::Bytes(12));
    for ms in (0..1000).step_by(5) {
        rig.take([0.0; 5]);
        rig.run(ms);
    }
    assert_eq!(rig.told(1, "/beat/blink"), [OscType::Float(1.0), OscType::Float(0.0)]);
    // The beat at 500 ms is the second of its bar.
    assert_eq!(rig.told(1, "/beat/2"), [OscType::Float(1.0), OscType::Float(0.0)]);
    assert_eq!(rig.told(1, "/beat/1"), []);
}

#[test]
fn a_refusal_goes_to_who_was_refused() {
    let mut rig = Rig::new();
    rig.take([0.0; 5]);
    (1..=2).for_each(|port| rig.receive(port, 0, IncomingKind::Bytes(12)));
    rig.observe(&Event::Refused { from: format!("tablets:{}", peer(2)), why: "no layer `x`".into() });
    rig.observe(&Event::Refused { from: format!("tablets:{}", peer(3)), why: "a stranger".into() });
    rig.receive(1, 0, IncomingKind::Mistake("unknown address `/x`".into()));
    assert_eq!(rig.told(2, "/error"), [OscType::String("no layer `x`".into())]);
    assert_eq!(rig.told(1, "/error"), [OscType::String("unknown address `/x`".into())]);
    assert_eq!(rig.told.len(), 2);
}

#[test]
fn a_stranger_is_told_everything_once_it_has_sent_back_the_word_that_it_was_sent() {
    let mut rig = Rig::with("");
    rig.take([0.5; 5]);
    rig.receive(1, 0, IncomingKind::Bytes(12));
    rig.run(0);
    let [OscType::String(word)] = &rig.told(1, "/hello")[..] else { panic!("no hello: {:?}", rig.told) };
    assert_eq!(rig.told.len(), 1, "nothing else: {:?}", rig.told);
    for wrong in ["", "0123456789abcdef"] {
        rig.receive(1, 1, IncomingKind::Hello(wrong.into()));
    }
    rig.receive(2, 2, IncomingKind::Bytes(12));
    rig.receive(2, 2, IncomingKind::Hello(word.clone()));
    rig.run(2);
    assert_eq!(rig.told(1, "/show/blackout").len() + rig.told(2, "/show/blackout").len(), 0, "a word counts for one");
    rig.receive(1, 3, IncomingKind::Hello(word.clone()));
    rig.run(3);
    assert_eq!(rig.told(1, "/show/blackout"), [OscType::Float(0.0)]);
    assert_eq!(rig.told(1, "/param/glow"), [OscType::Float(0.5)]);
}

#[test]
fn a_list_goes_to_whoever_is_known_to_receive_it() {
    let mut rig = Rig::with("");
    rig.take([0.5; 5]);
    rig.receive(1, 0, IncomingKind::Bytes(12));
    let [OscType::String(word)] = &rig.told(1, "/hello")[..] else { panic!("no hello: {:?}", rig.told) };
    let word = word.clone();
    let tree = Arc::new(Tree::new(&ShowState::default(), &Schema::default(), &downbeat_protocol::Status::default()));
    rig.receive(1, 1, IncomingKind::List(Arc::clone(&tree), "/show".into()));
    assert_eq!(rig.told(1, "/list/end").len(), 0);
    rig.receive(1, 2, IncomingKind::Hello(word));
    rig.receive(1, 3, IncomingKind::List(Arc::clone(&tree), "/show".into()));
    assert!(rig.told(1, "/list").contains(&OscType::String("/show/blackout".into())), "{:?}", rig.told);
    assert_eq!(rig.told(1, "/list/end").len(), 1);
    rig.receive(1, 4, IncomingKind::List(tree, "/show/[".into()));
    let [OscType::String(why)] = &rig.told(1, "/error")[..] else { panic!("no error: {:?}", rig.told) };
    assert!(why.contains("is not a pattern"), "{why}");
}

#[test]
fn forged_senders_get_no_more_than_three_times_their_bytes_whatever_they_ask_and_whatever_happens() {
    let mut rig = Rig::with("");
    let (mut came, mut ms) = (0, 0);
    for round in 0..50 {
        for port in 1..=200 {
            let kinds = [
                IncomingKind::Sync,
                IncomingKind::List(Arc::new(Tree::default()), "/".into()),
                IncomingKind::Set("/layer/back/opacity".into()),
                IncomingKind::Mistake("no".repeat(200)),
            ];
            rig.receive(port, ms, IncomingKind::Bytes(12));
            rig.receive(port, ms, kinds[usize::from(port) % kinds.len()].clone());
            came += 12;
        }
        rig.take([round as f32 / 50.0; 5]);
        rig.observe(&opacity(round as f32 / 50.0));
        ms += 100;
        rig.run(ms);
    }
    assert!(rig.bytes > 0 && rig.bytes <= 3 * came, "{} bytes for {came}", rig.bytes);
}

#[test]
fn a_surface_hears_once_a_second_that_the_daemon_is_there_whether_there_is_music_or_not() {
    let mut rig = Rig::new();
    rig.receive(1, 0, IncomingKind::Bytes(12));
    for ms in (0..=3000).step_by(100) {
        rig.run(ms);
    }
    assert_eq!(rig.told(1, "/daemon/alive"), [1.0, 2.0, 3.0, 4.0].map(OscType::Float));
}

#[test]
fn without_feedback_a_named_peer_is_served_as_ever_and_nobody_else_is() {
    let mut rig = Rig::with("feedback = false\nfeedback-to = ['192.0.2.7:1']\ntrusted = ['192.0.2.0/24']");
    rig.take([0.0; 5]);
    (1..=2).for_each(|port| rig.receive(port, 0, IncomingKind::Bytes(12)));
    rig.run(0);
    rig.receive(1, 10, IncomingKind::Set("/layer/back/opacity".into()));
    rig.receive(2, 10, IncomingKind::Sync);
    rig.observe(&opacity(0.5));
    let before = rig.told(1, "/layer/back/opacity").len();
    rig.run(110);
    assert_eq!(rig.told(1, "/layer/back/opacity").len(), before + 1, "its own fader only once it is let go");
    assert!(rig.told.iter().all(|(to, ..)| *to == peer(1)), "{:?}", rig.told);
}
