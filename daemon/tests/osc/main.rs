//! OSC with real peers: liblo's `oscdump` receives from the output, its `oscsend` sends to the control.

mod liblo;
mod moments;
mod outputs;
#[path = "../../../tests/src/port.rs"]
mod port;
mod tcp;

use downbeat_engine::{Kept, Tick};
use downbeat_protocol::state::Change;
use downbeat_protocol::{
    Action, Blend, Command, Cue, Event, Layer, Row, Schema, ShowState, ShowTime, Signal, Status, Timeline, Tree, Unit,
    When,
};
use downbeatd::clock::{ShowClock, host_now};
use downbeatd::controls::echoes::Echoes;
use downbeatd::controls::{CONTROLS, ControlContext};
use downbeatd::dispatch::{Audible, Fanout, Health};
use downbeatd::door::{Visitors, door};
use downbeatd::edges::OpenError;
use downbeatd::edges::osc_ports::OscPorts;
use downbeatd::outputs::policy::{Keeper, Policy};
use downbeatd::outputs::{OUTPUTS, OutputContext, runner};
use downbeatd::threads::Watchdog;
use liblo::{OscDump, oscsend, until};
use port::free_port;
use rosc::encoder::encode;
use rosc::{OscBundle, OscMessage, OscPacket, OscTime};
use std::net::UdpSocket;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::Duration;

/// One output or control on its thread, and the daemon around it.
struct Rig {
    fanout: Fanout,
    health: Arc<Health>,
    door: Mutex<Visitors>,
    thread: Option<JoinHandle<()>>,
}

impl Rig {
    fn output(toml: &str) -> Self {
        let kind = OUTPUTS.iter().find(|kind| kind.kind == "osc").expect("listed");
        let output = (kind.open)(table(toml), &output_context()).expect("opens");
        Self::run(door(1).1, move |feed, health| {
            let keeper = Keeper::new(Policy::default(), &schema(), Kept::default());
            runner::run("peers", output, keeper, &feed, &health);
        })
    }

    fn control(toml: &str) -> Self {
        Self::watched_control(toml, &Watchdog::default())
    }

    fn watched_control(toml: &str, watchdog: &Watchdog) -> Self {
        let watchdog = watchdog.clone();
        let (context, commands) = control_context();
        let kind = CONTROLS.iter().find(|kind| kind.kind == "osc").expect("listed");
        let control = (kind.open)(table(toml), &context).expect("opens");
        Self::run(commands, move |feed, health| {
            let _watched = watchdog.watch("in:peers");
            control.run(&feed, &health);
        })
    }

    fn run(door: Visitors, work: impl FnOnce(downbeatd::dispatch::Feed, Arc<Health>) + Send + 'static) -> Self {
        let (fanout, health) = (Fanout::default(), Arc::new(Health::default()));
        let (feed, theirs) = (fanout.feed(Arc::clone(&health), Audible::Leading), Arc::clone(&health));
        let thread = Some(std::thread::spawn(move || work(feed, theirs)));
        Self { fanout, health, door: Mutex::new(door), thread }
    }

    /// A hop's tick, with the beat where the timeline says.
    fn tick(&self, line: Timeline, beating: bool) {
        self.tick_of(state(), line, beating);
    }

    fn tick_of(&self, state: ShowState, line: Timeline, beating: bool) {
        let row = Row { values: [0.5, 128.0, 3.0].into(), time: ShowTime(host_now().0), seq: 0 };
        let tick = Tick { row, timeline: line, state: Arc::new(state), beating, heard: host_now() };
        self.fanout.tick(&Arc::new(tick), true);
    }

    /// A hop that changes the state, by somebody.
    fn change(&self, change: Change, by: &str) {
        let mut changed = state();
        changed.apply(&change);
        let row = Row { values: [0.5, 128.0, 3.0].into(), time: ShowTime(host_now().0), seq: 0 };
        let tick = Tick { row, timeline: line(), state: Arc::new(changed), beating: true, heard: host_now() };
        self.fanout.hop(&[Arc::new(Event::Changed { change, by: by.into() })], &Arc::new(tick), true);
    }

    fn visitors(&self) -> MutexGuard<'_, Visitors> {
        self.door.lock().expect("no test has failed")
    }

    fn command(&self) -> Command {
        until("a command through the door", || self.visitors().next(false))
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.fanout.close();
        let ended = self.thread.take().expect("runs once").join();
        assert!(ended.is_ok() || std::thread::panicking(), "it ends without a panic");
    }
}

fn state() -> ShowState {
    let layer = Layer {
        name: "back".into(),
        scene: "tunnel".into(),
        scenes: vec!["tunnel".into(), "echo".into()],
        opacity: 1.0,
        blend: Blend::Normal,
    };
    ShowState { layers: vec![layer], ..ShowState::default() }
}

fn schema() -> Schema {
    let signals = [("main.level", Unit::Ratio), ("tempo.bpm", Unit::Bpm), ("main.onset-count.low", Unit::Count)];
    Schema { signals: signals.map(|(name, unit)| Signal::scalar(name, unit, [0.0, 1.0])).into() }
}

fn output_context() -> OutputContext {
    OutputContext {
        name: "peers".into(),
        clock: ShowClock::default(),
        schema: Arc::new(schema()),
        osc_ports: OscPorts::default(),
        jack: None,
    }
}

fn control_context() -> (ControlContext, Visitors) {
    let (door, commands) = door(16);
    let layer = |name: &str| Layer { name: name.into(), ..Layer::default() };
    let state = ShowState { layers: vec![layer("back"), layer("front")], ..ShowState::default() };
    let context = ControlContext {
        name: "peers".into(),
        clock: ShowClock::default(),
        tree: Arc::new(Tree::new(&state, &schema(), &Status::default())),
        schema: Arc::new(schema()),
        door,
        echoes: Echoes::default(),
        osc_ports: OscPorts::default(),
        leases: None,
    };
    (context, commands)
}

fn table(toml: &str) -> config::Value {
    let file = config::File::from_str(&format!("[it]\n{toml}"), config::FileFormat::Toml);
    config::Config::builder().add_source(file).build().expect("TOML").get("it").expect("a table")
}

/// 240 BPM from now on.
fn line() -> Timeline {
    Timeline { tempo: 240.0, time_origin: ShowTime(host_now().0), ..Timeline::default() }
}

#[test]
fn oscsend_commands_whatever_type_it_uses() {
    let port = free_port();
    let rig = Rig::control(&format!("listen = '127.0.0.1:{port}'"));
    let blackout = |when| (Action::Blackout(true), when);
    let opacity = |opacity| (Action::Opacity { layer: "back".into(), opacity }, When::Now);
    let wishes: [(&[&str], (Action, When)); 6] = [
        (&["/layer/back/opacity", "f", "0.5"], opacity(0.5)),
        (&["/layer/back/opacity", "d", "0.25"], opacity(0.25)),
        (&["/layer/back/opacity", "i", "1"], opacity(1.0)),
        (&["/tempo/bpm", "h", "128"], (Action::Tempo(128.0), When::Now)),
        (&["/show/blackout", "T"], blackout(When::Now)),
        (&["/next/bar/show/blackout", "s", "on"], blackout(When::Bar)),
    ];
    for (arguments, (what, when)) in wishes {
        oscsend(port, arguments);
        let command = rig.command();
        assert_eq!((command.what, command.when), (what, when));
        assert!(command.from.starts_with("peers:127.0.0.1:"), "{}", command.from);
    }
    assert_eq!(rig.health.sent.load(Relaxed), 6);
}

#[test]
fn a_tap_carries_the_moment_when_it_arrived() {
    let port = free_port();
    let rig = Rig::control(&format!("listen = '127.0.0.1:{port}'"));
    let before = host_now();
    oscsend(port, &["/tempo/tap"]);
    let command = rig.command();
    assert_eq!(command.what, Action::Tap);
    let arrived = ShowTime(before.0)..=ShowTime(host_now().0);
    assert!(matches!(command.when, When::At(at) if arrived.contains(&at)), "{:?}, not in {arrived:?}", command.when);
}

#[test]
fn a_pattern_moves_all_that_it_matches_and_one_that_matches_nothing_is_refused() {
    let (port, answers) = (free_port(), free_port());
    let dump = OscDump::listen(answers);
    let rig = Rig::control(&format!(
        "listen = '127.0.0.1:{port}'\nfeedback-port = {answers}\nfeedback-to = ['127.0.0.1:{answers}']"
    ));
    oscsend(port, &["/layer/{back,front}/opacity", "f", "0.5"]);
    let opacity = |layer: &str| Action::Opacity { layer: layer.into(), opacity: 0.5 };
    assert_eq!([rig.command().what, rig.command().what], [opacity("back"), opacity("front")]);
    // What takes another kind of value is left as it is.
    oscsend(port, &["/layer/back/{opacity,blend}", "f", "0.5"]);
    assert_eq!(rig.command().what, opacity("back"));
    oscsend(port, &["/layer/b?ck/blend", "f", "0.5"]);
    oscsend(port, &["/param/*", "f", "1"]);
    let errors = until("two refusals", || Some(dump.at("/error")).filter(|errors| errors.len() == 2));
    let texts: Vec<_> = errors.iter().map(|error| error.arguments.as_str()).collect();
    assert!(texts.contains(&"s \"`/param/*` matches no settable address\""), "{texts:?}");
    assert!(texts.iter().any(|text| text.contains("`/layer/back/blend` takes one of")), "{texts:?}");
}

#[test]
fn a_surface_that_asks_is_told_which_addresses_there_are() {
    let (port, answers) = (free_port(), free_port());
    let dump = OscDump::listen(answers);
    let rig = Rig::control(&format!(
        "listen = '127.0.0.1:{port}'\nfeedback-to = ['127.0.0.1:{answers}']\nfeedback-port = {answers}"
    ));
    rig.tick(line(), false);
    oscsend(port, &["/list", "s", "/layer/back"]);
    until("the end of the list", || (!dump.at("/list/end").is_empty()).then_some(()));
    let listed: Vec<_> = dump.at("/list").into_iter().map(|line| line.arguments).collect();
    let opacity = "ssssffs \"/layer/back/opacity\" \"number\" \"both\" \"opacity\" 0.000000 1.000000 \"\"";
    assert!(listed.contains(&opacity.to_owned()), "{listed:?}");
    assert_eq!(dump.at("/list/end")[0].arguments, format!("i {}", listed.len()));
}

#[test]
fn a_pattern_reaches_a_cue_that_was_made_while_the_show_runs() {
    let port = free_port();
    let rig = Rig::control(&format!("listen = '127.0.0.1:{port}'"));
    rig.tick(line(), false);
    let mut later = state();
    later.cues.insert("flash".into(), Cue::default());
    // Whoever listens learns of it a moment later.
    let fired = until("the cue", || {
        rig.tick(line(), false);
        rig.tick_of(later.clone(), line(), false);
        oscsend(port, &["/cue/*/fire"]);
        rig.visitors().next(false)
    });
    assert_eq!(fired.what, Action::FireCue { cue: "flash".into() });
}

#[test]
fn what_becomes_of_a_wish_is_told_to_whoever_had_it() {
    let (port, answers) = (free_port(), free_port());
    let dump = OscDump::listen(answers);
    let rig = Rig::control(&format!(
        "listen = '127.0.0.1:{port}'\nfeedback-port = {answers}\nfeedback-to = ['127.0.0.1:{answers}']"
    ));
    rig.tick(line(), false);
    oscsend(port, &["/layer/back/opacity", "f", "0.5"]);
    let by = rig.command().from;
    rig.change(Change::Opacity { layer: "back".into(), opacity: 0.5 }, &by);
    until("the final value", || {
        dump.at("/layer/back/opacity").iter().any(|it| it.arguments == "f 0.500000").then_some(())
    });
    assert_eq!(dump.at("/layer/back/scene/tunnel")[0].arguments, "f 1.000000");
    assert_eq!(dump.at("/layer/back/scene/echo")[0].arguments, "f 0.000000");

    rig.fanout.event(&Arc::new(Event::Refused { from: by, why: "no scene `x`".into() }), true);
    oscsend(port, &["/tempo/tapp"]);
    let errors = until("two refusals", || Some(dump.at("/error")).filter(|errors| errors.len() == 2));
    let texts: Vec<_> = errors.iter().map(|error| error.arguments.as_str()).collect();
    assert!(texts.contains(&"s \"no scene `x`\"") && texts.contains(&"s \"unknown address `/tempo/tapp`\""));

    let before = dump.at("/show/blackout").len();
    oscsend(port, &["/sync"]);
    until("everything once more", || (dump.at("/show/blackout").len() > before).then_some(()));
}

#[test]
fn two_hundred_senders_that_never_answer_get_three_bytes_for_each_of_theirs_and_cost_a_named_peer_nothing() {
    let (port, answers) = (free_port(), free_port());
    let dump = OscDump::listen(answers);
    let rig = Rig::control(&format!("listen = '127.0.0.1:{port}'\nfeedback-to = ['127.0.0.1:{answers}']"));
    let forged: Vec<UdpSocket> = (0..200).map(|_| UdpSocket::bind("127.0.0.2:0").expect("a port")).collect();
    forged.iter().for_each(|socket| socket.set_nonblocking(true).expect("a socket can be set so"));
    rig.tick(line(), true);
    until("the named peer to be told everything", || (!dump.at("/layer/back/opacity").is_empty()).then_some(()));
    let (mut came, mut went) = (0, 0);
    for round in 0..20 {
        for socket in &forged {
            let packet: &[u8] = if round % 2 == 0 { b"/sync\0\0\0,\0\0\0" } else { b"/tempo/tapp\0,\0\0\0" };
            came += socket.send_to(packet, ("127.0.0.1", port)).expect("sent");
        }
        rig.change(Change::Opacity { layer: "back".into(), opacity: round as f32 / 100.0 }, "");
        let heard = format!("f {:.6}", round as f32 / 100.0);
        until("the named peer's feedback", || {
            dump.at("/layer/back/opacity").iter().any(|it| it.arguments == heard).then_some(())
        });
        let mut bytes = [0; 2048];
        went += forged.iter().map(|it| std::iter::from_fn(|| it.recv(&mut bytes).ok()).sum::<usize>()).sum::<usize>();
    }
    println!("{came} bytes came, {went} went: {:.2}", went as f64 / came as f64);
    assert!(went > 0 && went <= 3 * came, "{came} came, {went} went");
}

#[test]
fn who_sends_back_the_word_gets_everything() {
    let port = free_port();
    let rig = Rig::control(&format!("listen = '127.0.0.1:{port}'"));
    rig.tick(line(), true);
    let tablet = UdpSocket::bind("127.0.0.1:0").expect("a port");
    tablet.set_read_timeout(Some(Duration::from_secs(10))).expect("a socket can be set so");
    tablet.send_to(b"/ping\0\0\0,\0\0\0", ("127.0.0.1", port)).expect("sent");
    let mut bytes = [0; 2048];
    let length = tablet.recv(&mut bytes).expect("a hello");
    assert!(bytes.starts_with(b"/hello\0\0,s\0\0"), "{:?}", &bytes[..length]);
    tablet.send_to(&bytes[..length], ("127.0.0.1", port)).expect("sent");
    until("everything", || {
        let length = tablet.recv(&mut bytes).expect("more");
        bytes[..length].starts_with(b"/show/blackout").then_some(())
    });
}

#[test]
fn a_named_surface_is_known_at_a_port_for_both_ipv4_and_ipv6() {
    let port = free_port();
    let surface = UdpSocket::bind("127.0.0.1:0").expect("a port");
    surface.set_read_timeout(Some(Duration::from_secs(10))).expect("a socket can be set so");
    let named = surface.local_addr().expect("bound");
    let rig = Rig::control(&format!("listen = '[::]:{port}'\nfeedback-to = ['{named}']"));
    rig.tick(line(), true);
    surface.send_to(b"/tempo/tap\0\0,\0\0\0", ("127.0.0.1", port)).expect("sent");
    assert_eq!(rig.command().from, format!("peers:{named}+"), "it belongs to the rig");
    let mut bytes = [0; 2048];
    until("everything", || {
        let length = surface.recv(&mut bytes).expect("more");
        assert!(!bytes.starts_with(b"/hello"), "it is asked for no proof");
        bytes[..length].starts_with(b"/show/blackout").then_some(())
    });
}

#[test]
fn garbage_is_counted_named_and_harms_nothing() {
    let port = free_port();
    let rig = Rig::control(&format!("listen = '127.0.0.1:{port}'"));
    let stranger = UdpSocket::bind("127.0.0.1:0").expect("a port");
    for garbage in [&b"hello"[..], &[0xFF; 1000], b"#bundle\0", b"/x\0\0,f\0\0"] {
        stranger.send_to(garbage, ("127.0.0.1", port)).expect("sent");
    }
    until("four complaints", || (rig.health.dropped.load(Relaxed) == 4).then_some(()));
    assert!(rig.health.error().starts_with("127.0.0.1:"), "{}", rig.health.error());
    oscsend(port, &["/tempo/tap"]);
    assert_eq!(rig.command().what, Action::Tap);
}

#[test]
fn a_packet_full_of_patterns_costs_no_more_than_sixty_four() {
    let port = free_port();
    let rig = Rig::control(&format!("listen = '127.0.0.1:{port}'"));
    let stranger = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let pattern = OscMessage { addr: "/nothing/*".into(), args: Vec::new() };
    let content = vec![OscPacket::Message(pattern); 1_000];
    let bundle = OscPacket::Bundle(OscBundle { timetag: OscTime { seconds: 0, fractional: 1 }, content });
    stranger.send_to(&encode(&bundle).expect("OSC"), ("127.0.0.1", port)).expect("sent");
    until("all are counted", || (rig.health.dropped.load(Relaxed) == 1_000).then_some(()));
    assert!(rig.health.error().contains("more than 64 patterns"), "{}", rig.health.error());
    oscsend(port, &["/tempo/tap"]);
    assert_eq!(rig.command().what, Action::Tap);
}

#[test]
fn a_peer_fills_half_of_the_door_and_the_rest_is_for_others() {
    let port = free_port();
    let rig = Rig::control(&format!("listen = '127.0.0.1:{port}'"));
    let tap = b"/tempo/tap\0\0,\0\0\0";
    let finger = UdpSocket::bind("127.0.0.1:0").expect("a port");
    until("a full share", || {
        finger.send_to(tap, ("127.0.0.1", port)).expect("sent");
        (rig.health.dropped.load(Relaxed) > 0).then_some(())
    });
    assert_eq!(rig.visitors().len(), 8);
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("bound").to_string();
    let kind = CONTROLS.iter().find(|kind| kind.kind == "osc").expect("listed");
    match (kind.open)(table(&format!("listen = '{address}'")), &control_context().0) {
        Err(OpenError::Io { what, .. }) => assert!(what.contains(&address), "{what}"),
        Err(other) => panic!("another error: {other}"),
        Ok(_) => panic!("opened a port that is taken"),
    }
}
