use super::*;
use downbeat_protocol::Tree;
use downbeat_protocol::fade::Fade;
use downbeat_protocol::state::Change;
use downbeat_protocol::{Layer, Row, ShowState, ShowTime, Signal, Timeline, Unit};
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
    /// Whether peers echo the word, as the layouts' script does.
    echoes: bool,
    now: HostTime,
    state: ShowState,
    values: [f32; 5],
    beating: bool,
}

impl Rig {
    /// With peers that show that they receive.
    fn new() -> Self {
        Self { echoes: true, ..Self::with("") }
    }

    /// With other settings, and peers that do not.
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
        let layer = Layer {
            name: "back".into(),
            scene: "tunnel".into(),
            scenes: vec!["tunnel".into(), "echo".into()],
            opacity: 1.0,
            blend: downbeat_protocol::Blend::Normal,
        };
        Self {
            feedback: Feedback::new("tablets", settings, Arc::new(schema), ShowClock::default(), Echoes::default()),
            told: Vec::new(),
            bytes: 0,
            echoes: false,
            now: HostTime::ZERO,
            state: ShowState { layers: vec![layer], ..ShowState::default() },
            values: [0.0; 5],
            beating: true,
        }
    }

    fn take(&mut self, values: [f32; 5]) {
        self.values = values;
        self.hop(false);
    }

    /// A tick as things are.
    fn hop(&mut self, coalesced: bool) {
        let row = Row { time: ShowTime(self.now.0), values: self.values.into(), ..Row::default() };
        let state = Arc::new(self.state.clone());
        let (timeline, beating) = (Timeline::default(), self.beating);
        let tick = Tick { row, timeline, state, beating, heard: HostTime::ZERO };
        self.feedback.take(Arc::new(tick), coalesced);
    }

    fn receive(&mut self, port: u16, ms: i64, kind: IncomingKind) {
        self.now = at(ms);
        let before = self.told.len();
        self.tell(|feedback, tell| {
            feedback.receive(&Incoming { peer: peer(port), at: at(ms), kind: kind.clone() }, tell);
        });
        let hello = self.told[before..].iter().find(|(to, what, _)| *to == peer(port) && what == "/hello").cloned();
        if let (true, Some((_, _, OscType::String(word)))) = (self.echoes, hello) {
            self.told.truncate(before);
            self.receive(port, ms, IncomingKind::Hello(word));
        }
    }

    /// An event and its tick.
    fn observe(&mut self, event: &Event) {
        if let Event::Changed { change, .. } = event {
            self.state.apply(change);
        }
        let now = self.now;
        self.tell(|feedback, tell| feedback.observe(event, now, tell));
        self.hop(false);
        self.feedback.fresh = false;
        self.tell(|feedback, tell| feedback.tell_changes(now, tell));
    }

    fn run(&mut self, ms: i64) {
        self.now = at(ms);
        self.tell(|feedback, tell| feedback.run(at(ms), tell));
    }

    fn tell(&mut self, work: impl FnOnce(&mut Feedback, &mut dyn FnMut(SocketAddr, &[u8]) -> bool)) {
        let (told, all) = (&mut self.told, &mut self.bytes);
        work(&mut self.feedback, &mut |peer, bytes| {
            *all += bytes.len();
            told.push(decode(peer, bytes));
            true
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
    rig.take([0.0; 5]);
    rig.run(0);
    assert_eq!(rig.told(1, "/beat/blink"), [OscType::Float(0.0)], "it may be lit from before");
    rig.told.clear();
    for ms in (5..1000).step_by(5) {
        rig.take([0.0; 5]);
        rig.run(ms);
    }
    assert_eq!(rig.told(1, "/beat/blink"), [OscType::Float(1.0), OscType::Float(0.0)]);
    // The beat at 500 ms is the second of its bar.
    assert_eq!(rig.told(1, "/beat/2"), [OscType::Float(1.0), OscType::Float(0.0)]);
    assert_eq!(rig.told(1, "/beat/1"), []);
}

#[test]
fn a_lamp_does_not_light_for_a_beat_that_is_over() {
    for (late, lit) in [(20, 1), (95, 0), (241, 0), (400, 0)] {
        let mut rig = Rig::new();
        rig.take([0.0; 5]);
        rig.receive(1, 0, IncomingKind::Bytes(12));
        // Before, at and after its beat, and before the next one.
        [400, 500 + late, (620 + late).min(980)].iter().for_each(|ms| {
            rig.take([0.0; 5]);
            rig.run(*ms);
        });
        let lamp = rig.told(1, "/beat/blink");
        assert_eq!(lamp.iter().filter(|value| **value == OscType::Float(1.0)).count(), lit, "{late} ms: {lamp:?}");
        assert!(lamp.last().is_none_or(|value| *value == OscType::Float(0.0)), "{late} ms: {lamp:?}");
        assert_eq!(rig.feedback.take_missed(), 1 - lit as u64);
    }
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
fn what_the_show_does_not_obey_does_not_stay_on_the_tablet_that_did_it() {
    let mut rig = Rig::new();
    rig.take([0.0; 5]);
    (1..=2).for_each(|port| rig.receive(port, 0, IncomingKind::Connected));
    rig.run(0);
    rig.told.clear();
    let tree = Tree::new(&rig.state, &Schema::default(), &Status::default());
    let tries = |address: &str, value: Value| {
        let node = tree.find(address).expect("an address").clone();
        [IncomingKind::Tried(Box::new(node), value), IncomingKind::Set(address.into())]
    };
    // The show is locked: no event comes.
    for ms in [10, 30, 50] {
        for kind in tries("/layer/back/opacity", 0.25.into()).into_iter().chain(tries("/show/blackout", true.into())) {
            rig.receive(1, ms, kind);
        }
        rig.run(ms);
    }
    assert!(rig.told(1, "/layer/back/opacity").is_empty(), "not under the finger");
    (60..=2_000).step_by(20).for_each(|ms| rig.run(ms));
    assert_eq!(rig.told(1, "/layer/back/opacity"), [OscType::Float(1.0)]);
    assert_eq!(rig.told(1, "/show/blackout"), [OscType::Float(0.0)]);
    assert!(rig.told(2, "/layer/back/opacity").is_empty(), "others have the right value");
    // One that is obeyed is told once.
    rig.told.clear();
    tries("/layer/back/opacity", 0.5.into()).into_iter().for_each(|kind| rig.receive(1, 2_000, kind));
    rig.observe(&opacity(0.5));
    (2_000..=4_000).step_by(20).for_each(|ms| rig.run(ms));
    assert_eq!(rig.told(1, "/layer/back/opacity"), [OscType::Float(0.5)]);
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

#[test]
fn what_a_packet_was_lost_of_is_told_again_soon_and_a_connection_needs_no_reminder() {
    let mut rig = Rig::new();
    rig.take([0.5, 128.0, 0.9, 3.0, 0.25]);
    rig.receive(1, 0, IncomingKind::Bytes(12));
    rig.receive(2, 0, IncomingKind::Connected);
    rig.run(0);
    rig.receive(3, 1_000, IncomingKind::Bytes(12));
    rig.observe(&opacity(0.5));
    // All that was told is lost.
    rig.told.clear();
    (1_000..=1_700).step_by(50).for_each(|ms| rig.run(ms));
    assert_eq!(rig.told(1, "/layer/back/opacity"), [OscType::Float(0.5)]);
    assert!(rig.told(2, "/layer/back/opacity").is_empty());
    // Whatever it was, it is right after ten seconds.
    rig.told.clear();
    for ms in (1_750..=12_000).step_by(50) {
        if ms % 1_000 == 0 {
            rig.receive(1, ms, IncomingKind::Bytes(12));
        }
        rig.run(ms);
    }
    for address in ["/show/blackout", "/layer/back/scene", "/param/glow/auto", "/tempo/text", "/daemon/version"] {
        assert!((1..=2).contains(&rig.told(1, address).len()), "{address}: {}", rig.told(1, address).len());
        assert!(rig.told(2, address).is_empty(), "{address}");
    }
}

#[test]
fn a_lamp_that_a_lost_packet_left_lit_goes_out_soon_and_every_lamp_is_right_within_ten_seconds() {
    let mut rig = Rig::new();
    rig.receive(1, 0, IncomingKind::Bytes(12));
    for ms in (0..=600).step_by(5) {
        rig.take([0.0; 5]);
        rig.run(ms);
    }
    assert_eq!(rig.told(1, "/beat/2").last(), Some(&OscType::Float(0.0)));
    // That it went out is lost, and the beat stops.
    rig.told.clear();
    rig.beating = false;
    rig.take([0.0; 5]);
    (605..=1_200).step_by(5).for_each(|ms| rig.run(ms));
    for address in ["/beat/blink", "/beat/2"] {
        assert_eq!(rig.told(1, address), [OscType::Float(0.0)], "{address}");
    }
    rig.told.clear();
    for ms in (1_250..=12_000).step_by(50) {
        if ms % 1_000 == 0 {
            rig.receive(1, ms, IncomingKind::Bytes(12));
        }
        rig.run(ms);
    }
    for address in tree::lights() {
        let told = rig.told(1, &address);
        assert!(!told.is_empty() && told.iter().all(|value| *value == OscType::Float(0.0)), "{address}: {told:?}");
    }
}

#[test]
fn what_is_told_again_of_a_fade_is_where_it_is_and_not_where_it_ends() {
    let mut rig = Rig::new();
    rig.take([0.0; 5]);
    rig.receive(1, 0, IncomingKind::Bytes(12));
    rig.run(0);
    rig.told.clear();
    let address = "/layer/back/opacity";
    let fade = Fade { from: 1.0, to: 0.0, start: ShowTime(0), end: ShowTime(10_000 * MS), cue: "dim".into() };
    rig.state.layers[0].opacity = 0.0;
    rig.observe(&Event::Changed { change: Change::Fade { address: address.into(), fade }, by: String::new() });
    for ms in (10..9_000).step_by(10) {
        rig.now = at(ms);
        rig.take([0.0; 5]);
        if ms % 1_000 == 0 {
            rig.receive(1, ms, IncomingKind::Sync);
        }
        let before = rig.told.len();
        rig.run(ms);
        let present = 1.0 - ms as f32 / 10_000.0;
        for (_, _, value) in rig.told[before..].iter().filter(|(_, what, _)| what == address) {
            let OscType::Float(value) = value else { panic!("{value:?}") };
            // What a frame of 15 Hz and a packet that waited may be late.
            assert!((value - present).abs() < 0.01, "{value} at {ms} ms, when it is at {present}");
        }
    }
    assert!(rig.told(1, address).len() > 100);
}

#[test]
fn an_error_is_one_line_of_bounded_length_and_few_come_at_once() {
    let mut rig = Rig::new();
    rig.take([0.0; 5]);
    rig.receive(1, 0, IncomingKind::Bytes(12));
    rig.run(0);
    rig.told.clear();
    for ms in 0..3_000 {
        let why = format!("unknown address `/{}`\n", "x".repeat(60_000));
        rig.receive(1, ms, IncomingKind::Mistake(why.clone()));
        rig.observe(&Event::Refused { from: format!("tablets:{}", peer(1)), why: why.clone() });
        rig.receive(1, ms, IncomingKind::Unproven(why));
        rig.run(ms);
    }
    let told = rig.told(1, "/error");
    assert!((6..=8).contains(&told.len()), "{} errors in three seconds", told.len());
    for error in told {
        let OscType::String(error) = error else { panic!("{error:?}") };
        assert!(error.len() < 600 && !error.contains('\n'), "{} bytes", error.len());
    }
}
