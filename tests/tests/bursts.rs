//! Whatever happens at once, every mirror ends up with the truth: tablets, pages, nodes, and nobody is sent away.

use downbeat_client::{Session, Settings};
use downbeat_protocol::message::Role;
use e2e::port::free_port;
use e2e::surface::{Surface, bundle, message, value};
use e2e::{Daemon, song, turn};
use rosc::OscPacket;
use std::time::{Duration, Instant};

const SOON: Duration = Duration::from_secs(10);
/// More than wait in any mailbox of the daemon.
const MANY: usize = 400;
/// A show has at most 128.
const CUES: usize = 100;
/// What one cue sets.
const LOOK: usize = 25;

/// A daemon with many parameters and cues, and everyone who mirrors it.
struct Stage {
    daemon: Daemon,
    osc: u16,
    web: u16,
    tablet: Surface,
    sessions: Vec<Session>,
}

impl Stage {
    fn new() -> Self {
        let [osc, web, server] = [(); 3].map(|()| free_port());
        let parameters: String = (0..MANY).map(|it| format!("[parameter.p{it}]\ndefault = 0.0\n")).collect();
        let cues: String = (0..CUES)
            .map(|it| format!("[cue.c{it}]\nset = [{{ address = \"/param/p{it}\", value = 0.75 }}]\n"))
            .collect();
        let set = |it: usize| format!("{{ address = \"/param/p{it}\", value = {} }}", share(it));
        let all: String = (0..MANY / LOOK)
            .map(|look| {
                let sets: Vec<String> = (LOOK * look..LOOK * (look + 1)).map(set).collect();
                format!("[cue.look{look}]\nset = [{}]\n", sets.join(", "))
            })
            .collect();
        let config = format!(
            "[audio]\nsource = \"file\"\nfiles = {{ main = {:?} }}\nrepeat = true\n{parameters}{cues}{all}\
             [[layer]]\nname = \"back\"\nscene = \"echo\"\nscenes = [\"echo\", \"tunnel\"]\n\
             [control.tablet]\nkind = \"osc\"\nlisten = \"127.0.0.1:{osc}\"\n\
             [web]\nlisten = \"127.0.0.1:{web}\"\nannounce = false\n\
             [server]\nlisten = \"127.0.0.1:{server}\"\nannounce = false\n",
            song::mix()
        );
        let daemon = Daemon::start(&config, None);
        let session = |role: Role| {
            let settings = Settings::new(&format!("127.0.0.1:{server}"), role.name(), role);
            let session = Session::start(Settings { allow_unpaired: true, ..settings });
            assert!(session.wait(SOON, |view| view.connected).connected, "{}", session.view().why);
            session
        };
        let sessions = [Role::Renderer, Role::Viewer].map(session).into();
        let tablet = Surface::welcomed("127.0.0.1", osc);
        Self { daemon, osc, web, tablet, sessions }
    }

    /// Waits until something holds. Meanwhile the tablet reads, as tablets do: what a socket has no room for is lost.
    fn until(&mut self, what: &str, holds: impl Fn(u16) -> bool) {
        let begun = Instant::now();
        while !holds(self.web) {
            assert!(begun.elapsed() < SOON, "waited {SOON:?} in vain for {what}");
            self.tablet.watch(Duration::from_millis(5));
        }
    }

    /// Waits until tablet, page and nodes agree, and says how many values the tablet shows wrong until then.
    fn agree(&mut self, what: &str) {
        let begun = Instant::now();
        let (tablet, web) = (&mut self.tablet, self.web);
        // Until nothing changes any more.
        tablet.watch(Duration::from_millis(500));
        // What many cues do is spread over hops: the truth may still change.
        let read = || -> Vec<(String, f64)> {
            let names = (0..MANY).map(|it| format!("/param/p{it}"));
            let all = names.chain(["/layer/back/opacity".into(), "/show/blackout".into()]);
            let number = |address: String| {
                let truth = value(web, &address);
                let truth = truth.as_f64().or_else(|| truth.as_bool().map(|on| f64::from(u8::from(on))))?;
                Some((address, truth))
            };
            all.filter_map(number).collect()
        };
        let wrong = |tablet: &Surface, truth: &[(String, f64)]| {
            let is_wrong = |(address, truth): &&(String, f64)| {
                tablet.number(address).is_none_or(|shown| (shown - truth).abs() > 1e-6)
            };
            truth.iter().filter(is_wrong).count()
        };
        let mut truth = read();
        assert_eq!(truth.len(), MANY + 2);
        while wrong(tablet, &truth) > 0 && begun.elapsed() < SOON {
            tablet.watch(Duration::from_millis(20));
            truth = read();
        }
        println!(
            "{what}: {} wrong on the tablet after {:.1} s; connections of the nodes {:?}",
            wrong(tablet, &truth),
            begun.elapsed().as_secs_f64(),
            self.sessions.iter().map(|it| it.view().welcomes).collect::<Vec<_>>()
        );
        assert_eq!(wrong(tablet, &truth), 0, "{what}");
        for session in &self.sessions {
            let state = |address: &str, view: &downbeat_client::View| match address {
                "/show/blackout" => f64::from(u8::from(view.state.blackout)),
                "/layer/back/opacity" => f64::from(view.state.layers[0].opacity),
                name => view.state.in_hand.get(&name["/param/".len()..]).map_or(0.0, |value| f64::from(*value)),
            };
            let is_right = |view: &downbeat_client::View| {
                truth.iter().all(|(address, truth)| (state(address, view) - truth).abs() < 1e-6)
            };
            assert!(is_right(&session.wait(SOON, is_right)), "{what}: a node has another state");
            assert_eq!(session.view().welcomes, 1, "{what}: a node was sent away");
        }
        assert!(!self.daemon.process.text().contains("too slow"), "{what}");
    }
}

/// A value of its own for each parameter.
fn share(number: usize) -> f32 {
    (number + 1) as f32 / 1_000.0
}

#[test]
fn every_surface_shows_the_truth_after_any_burst() {
    let _turn = turn();
    let mut stage = Stage::new();
    let mut desk = Surface::at("127.0.0.2", stage.osc);

    let all = (0..MANY).map(|it| message(&format!("/param/p{it}"), share(it)));
    desk.send(&bundle(all.chain([message("/show/blackout", 1.0_f32)]).collect()));
    stage.agree("400 parameters and the blackout in one bundle");

    let cues: Vec<OscPacket> = (0..300).map(|it| message(&format!("/cue/c{}/fire", it % CUES), 1.0_f32)).collect();
    desk.send(&bundle(cues));
    stage.until("the last cue", |web| value(web, "/cue/c99/count").as_f64() == Some(3.0));
    stage.agree("300 cues in one bundle");

    for step in 0..5_000 {
        desk.send(&message("/layer/back/opacity", step as f32 / 5_000.0));
        if step % 10 == 0 {
            desk.send(&message("/show/blackout", (step / 10 % 2) as f32));
        }
    }
    stage.agree("a fader storm of 5000 messages");

    desk.send(&bundle((0..MANY / LOOK).map(|it| message(&format!("/cue/look{it}/fire"), 1.0_f32)).collect()));
    stage.until("the whole look", |web| value(web, "/param/p399").as_f64().map(|it| it as f32) == Some(share(399)));
    stage.agree("a look of 400 values in 16 cues");

    stage.tablet.shows.clear();
    stage.tablet.send(&message("/sync", 1));
    stage.agree("and asked again");
}
