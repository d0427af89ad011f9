//! A node whose cable is pulled, whose address changes, which is killed, and which has two cables: each time it
//! recovers completely, and shows nothing outdated.

use downbeat_client::session::{Session, Settings};
use downbeat_protocol::message::Role;
use downbeat_protocol::status::Report;
use downbeat_protocol::{Action, When};
use e2e::binaries::binary;
use e2e::network::{Conditions, Host, Link, allowed};
use e2e::{Daemon, Process, frames, host_now_ns, song, turn, wait_for, wall};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const PORT: u16 = 7_410;
const LIMIT: Duration = Duration::from_secs(20);
/// By when a node has to be back.
const BACK: Duration = Duration::from_secs(1);
/// Older than this is no row to draw from.
const OLD_MS: f64 = 100.0;
const FPS: i64 = 10;
const CUT: Conditions = Conditions {
    delay: 0.0,
    jitter: 0.0,
    burst: (0.0, 0.0),
    loss: 0.0,
    duplicate: 0.0,
    overtake: 0.0,
    rate: 0.0,
    cut: true,
};

/// A daemon, a host beside it with so many cables, and a desk on the daemon's own host.
struct Rig {
    desk: Session,
    links: Vec<Link>,
    away: Host,
    _daemon: Daemon,
    _home: Host,
}

fn rig(cables: u64) -> Rig {
    let (home, away) = (Host::new(), Host::new());
    let links: Vec<Link> = (1..=cables).map(|seed| Link::between(&home, &away, seed)).collect();
    for (host, link) in [&home, &away].into_iter().flat_map(|host| links.iter().map(move |link| (host, link))) {
        // Linux asks for a neighbour that it has lost once a second (arp(7)), which is all the time there is. That is
        // not what is tested.
        let ask = format!("/proc/sys/net/ipv4/neigh/{}/retrans_time_ms", link.interface());
        host.inside(|| std::fs::write(&ask, "100").unwrap_or_else(|error| panic!("{ask}: {error}")));
    }
    let config = format!(
        "[audio]\nsource = \"file\"\nfiles = {{ main = {:?} }}\n\
         [server]\nlisten = \"0.0.0.0:{PORT}\"\nallow-unpaired = true\n\
         [[layer]]\nname = \"back\"\nscene = \"spectrum\"\n",
        song::mix()
    );
    let daemon = Daemon::start_on(&home, &config, None);
    let settings = Settings::new(&format!("127.0.0.1:{PORT}"), "desk", Role::Controller);
    let desk = home.inside(|| Session::start(settings));
    let rig = Rig { desk, links, away, _daemon: daemon, _home: home };
    follows(&rig.desk);
    rig
}

/// Waits until a session has rows and a clock.
fn follows(session: &Session) {
    wait_for("the daemon", LIMIT, || session.view().clock.synced.then_some(()));
    wait_for("rows", LIMIT, || session.newest_row());
}

impl Rig {
    /// Every way to the daemon, through the card of each.
    fn servers(&self) -> String {
        let way = |link: &Link| format!("{}:{PORT}@{}", link.addresses()[0], link.interface());
        self.links.iter().map(way).collect::<Vec<_>>().join(", ")
    }

    fn session(&self) -> Session {
        let settings = Settings { allow_unpaired: true, ..Settings::new(&self.servers(), "away", Role::Viewer) };
        let session = self.away.inside(|| Session::start(settings));
        follows(&session);
        session
    }

    /// Changes something of the state, and waits until it is so at the desk.
    fn blackout(&self, on: bool) {
        self.desk.command(Action::Blackout(on), When::Now).expect("the desk is connected");
        let view = self.desk.wait(LIMIT, |view| view.state.blackout == on);
        assert_eq!(view.state.blackout, on);
    }

    fn cut(&self, link: usize, cut: bool) {
        self.links[link].set(if cut { CUT } else { Conditions::default() });
    }

    /// How far behind a session is beside the desk: nobody is faster than a daemon that had to wait for its processor.
    fn older_than_at_home(&self, session: &Session) -> f64 {
        session.view().oldest_row_ms - self.desk.view().oldest_row_ms.max(0.0)
    }
}

/// Waits until a session is back with the state and rows that are new, and tells how long that took.
fn back(session: &Session, since: Instant, blackout: bool) -> Duration {
    let last = session.newest_row().expect("there were rows").seq;
    wait_for("the state and rows", LIMIT, || {
        let view = session.view();
        let whole = view.connected && view.state.blackout == blackout;
        (whole && session.newest_row().is_some_and(|row| row.seq > last)).then_some(())
    });
    since.elapsed()
}

#[test]
fn a_cable_that_is_pulled_twenty_times_costs_no_more_than_the_time_it_was_out() {
    if !allowed() {
        return;
    }
    let _turn = turn();
    let rig = rig(1);
    let session = rig.session();
    let mut slowest = Duration::ZERO;
    for pull in 0..20 {
        rig.cut(0, true);
        let dark = pull % 2 == 0;
        rig.blackout(dark);
        // From a hiccup to longer than a connection lives without a word (1 s).
        std::thread::sleep(Duration::from_millis([120, 400, 900, 1_500][pull % 4]));
        rig.cut(0, false);
        let took = back(&session, Instant::now(), dark);
        println!("pull {pull}: back after {took:?}, welcomed {} times", session.view().welcomes);
        slowest = slowest.max(took);
    }
    let view = session.view();
    println!("back after {slowest:?} at most; {} welcomes, oldest row {:.1} ms", view.welcomes, view.oldest_row_ms);
    assert!(slowest < BACK, "{slowest:?}");
    let older = rig.older_than_at_home(&session);
    assert!(older < OLD_MS, "a row came {older:.1} ms later than at home");
    assert_eq!(view.clock.jumps, 0, "the clock goes on meanwhile");
}

#[test]
fn a_node_whose_address_changes_goes_on() {
    if !allowed() {
        return;
    }
    let _turn = turn();
    let rig = rig(1);
    let session = rig.session();
    let link = &rig.links[0];
    let net = |last: u8| {
        let [a, b, c, _] = link.addresses()[1].octets();
        format!("{a}.{b}.{c}.{last}/24")
    };
    let mut slowest = Duration::ZERO;
    for (turn, (from, to)) in [(2, 77), (77, 2), (2, 78)].into_iter().enumerate() {
        let dark = turn % 2 == 0;
        rig.away.roam(&link.interface(), &net(from), &net(to));
        let roamed = Instant::now();
        rig.blackout(dark);
        slowest = slowest.max(back(&session, roamed, dark));
    }
    let view = session.view();
    println!("back after {slowest:?} at most; {} welcomes", view.welcomes);
    assert!(slowest < BACK, "{slowest:?}");
    assert!(rig.older_than_at_home(&session) < OLD_MS);
    let answered = session.wait(LIMIT, |view| view.clock.stamps == downbeat_client::Stamps::Kernel);
    assert_eq!(answered.clock.stamps.name(), "kernel", "the clock port answers the new address too");
}

#[test]
fn with_two_cables_one_of_them_may_be_pulled_and_no_row_is_missed() {
    if !allowed() {
        return;
    }
    let _turn = turn();
    let rig = rig(2);
    let session = rig.session();
    wait_for("both ways", LIMIT, || session.view().paths.iter().all(|path| path.connected).then_some(()));
    let lost_before = [&session, &rig.desk].map(|session| session.view().rows_lost);
    let (mut away, mut home) = (Gaps::new(), Gaps::new());
    let events = [(300, 0, true), (1_900, 0, false), (3_900, 1, true), (5_500, 1, false)];
    let mut events = events.into_iter().peekable();
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_millis(6_500) {
        if let Some((_, link, cut)) = events.next_if(|(at, ..)| begun.elapsed().as_millis() >= *at) {
            rig.cut(link, cut);
        }
        away.look(&session);
        home.look(&rig.desk);
        std::thread::sleep(Duration::from_millis(1));
    }
    let view = session.view();
    let lost = [view.rows_lost - lost_before[0], rig.desk.view().rows_lost - lost_before[1]];
    println!("largest gap {:?}, at home {:?}; rows lost {lost:?}", away.largest, home.largest);
    assert_eq!((view.welcomes, view.clock.jumps), (1, 0));
    assert!(lost[0] <= lost[1], "{lost:?} rows lost, at home");
    // A daemon that waits for its processor makes a gap for everyone.
    assert!(away.largest < Duration::from_millis(50).max(home.largest * 2), "{:?}", away.largest);
}

/// The largest time without a new row.
struct Gaps {
    last: Option<(u64, Instant)>,
    largest: Duration,
}

impl Gaps {
    fn new() -> Self {
        Self { last: None, largest: Duration::ZERO }
    }

    fn look(&mut self, session: &Session) {
        let Some(row) = session.newest_row() else { return };
        match self.last {
            Some((seq, _)) if seq == row.seq => {}
            before => {
                self.largest = self.largest.max(before.map_or(Duration::ZERO, |(_, at)| at.elapsed()));
                self.last = Some((row.seq, Instant::now()));
            }
        }
    }
}

/// A renderer on the far host that writes every frame.
fn node(rig: &Rig, pictures: &Path) -> Process {
    let mut command = rig.away.command(binary("downbeat-renderer"));
    command.args([
        "--allow-unpaired",
        "--name",
        "wall",
        "--server",
        &rig.servers(),
        "--canvas",
        "160x90",
        "--fps",
        &FPS.to_string(),
    ]);
    // As a display would have it, not as a recording, which has time.
    command.env("DOWNBEAT__HEADLESS__LAG_MS", "5");
    command.arg("--frames-log").arg(log(pictures));
    Process::start("downbeat-renderer", command.args(["--every", "1", "--headless"]).arg(pictures))
}

fn log(pictures: &Path) -> PathBuf {
    pictures.join("frames.csv")
}

/// How late the frames of the second after each of these moments were handed over, in milliseconds: the median and the
/// most. A hiccup of this machine makes one of them late, a store of old rows all of them.
fn late_ms(pictures: &Path, since: &[i64]) -> [f64; 2] {
    let after = |moment: i64| since.iter().any(|since| (*since..since + 1_000_000_000).contains(&moment));
    let shown = wall::read(&log(pictures));
    // The daemon's show time is this machine's time.
    let frames = shown.iter().filter(|shown| after(shown.host_ns));
    let mut late: Vec<i64> = frames.map(|shown| shown.host_ns - shown.moment_ns).collect();
    late.sort_unstable();
    assert!(late.len() >= since.len(), "frames after each cut: {late:?}");
    [late[late.len() / 2], late[late.len() - 1]].map(|ns| ns as f64 / 1e6)
}

/// The first frame of a moment after `since` that is dark or not, and how long after that its moment was.
fn first(pictures: &Path, since: i64, dark: bool) -> Duration {
    // The daemon's show time is this machine's time.
    let moment = |frame: u64| frame as i64 * 1_000_000_000 / FPS;
    wait_for("a frame that shows the state", LIMIT, || {
        let later: Vec<_> = frames::list(pictures).into_iter().filter(|(frame, _)| moment(*frame) > since).collect();
        // The newest may be half written.
        let whole = &later[..later.len().saturating_sub(1)];
        let shows = |path: &Path| (frames::brightness(&frames::read(path)) < 0.5) == dark;
        let found = whole.iter().find(|(_, path)| shows(path))?;
        Some(Duration::from_nanos((moment(found.0) - since) as u64))
    })
}

impl Rig {
    /// What the node last said of itself.
    fn report(&self) -> Option<Report> {
        let status = self.desk.view().status?;
        status.clients.iter().find(|client| client.name == "wall").map(|client| client.report.clone())
    }
}

#[test]
fn a_renderer_shows_what_is_so_soon_after_its_cable_or_itself_is_back() {
    if !allowed() {
        return;
    }
    let _turn = turn();
    let rig = rig(1);
    let folder = TempDir::new().expect("a folder of the test's own");
    let mut wall = node(&rig, folder.path());
    first(folder.path(), 0, false);
    let (mut out, mut back) = (Duration::ZERO, Vec::new());
    for pull in 0..6 {
        let (dark, began) = (pull % 2 == 0, Instant::now());
        rig.cut(0, true);
        rig.blackout(dark);
        std::thread::sleep(Duration::from_millis(if pull < 3 { 500 } else { 1_500 }));
        let mended = host_now_ns();
        back.push(mended);
        rig.cut(0, false);
        out += began.elapsed();
        let took = first(folder.path(), mended, dark);
        println!("cable {pull}: shows it after {took:?}");
        assert!(took <= BACK, "{took:?} after the cable was back");
    }
    let report = wait_for("a report", LIMIT, || rig.report().filter(|report| report.frames > 0));
    // Rows may be awaited for a second after each cut; a frame more at both ends.
    let most = (out.as_secs_f64() + 6.0 * (BACK.as_secs_f64() + 0.2)) * FPS as f64;
    println!("{} of {} frames without new rows, {most:.0} at most", report.frames_held, report.frames);
    assert!((report.frames_held as f64) < most, "{} frames were drawn from old rows", report.frames_held);
    let [median, most] = late_ms(folder.path(), &back);
    println!("frames after the cuts: {median:.1} ms after their moments, {most:.1} ms at most");
    assert!(median < OLD_MS, "frames are shown {median:.1} ms after their moments");
    wall.kill();
    rig.blackout(true);
    let (again, begun) = (TempDir::new().expect("a folder of the test's own"), host_now_ns());
    let wall = node(&rig, again.path());
    let (followed, _) = wall.wait_for_line("following the show", LIMIT);
    first(again.path(), 0, true);
    let frame = *frames::list(again.path()).keys().next().expect("there is one") as i64 * 1_000_000_000 / FPS;
    let [follows, draws] = [followed - begun, frame - followed].map(|ns| ns / 1_000_000);
    println!("killed: follows {follows} ms after its start, first frame {draws} ms after that");
    assert!(draws < BACK.as_millis() as i64, "{draws} ms from the link to the first frame");
    let (_, newest) = frames::list(again.path()).into_iter().next().expect("there is one");
    assert!(frames::brightness(&frames::read(&newest)) < 0.5, "the first frame already shows the state");
}

#[test]
fn two_shows_on_one_network_are_found_by_name_and_never_mix() {
    if !allowed() {
        return;
    }
    let _turn = turn();
    let (home, away) = (Host::new(), Host::new());
    let link = Link::between(&home, &away, 9);
    let start = |show: &str, port: u16| {
        let config = format!(
            "[show]\nname = {show:?}\n[audio]\nsource = \"file\"\nfiles = {{ main = {:?} }}\n\
             [server]\nlisten = \"0.0.0.0:{port}\"\nallow-unpaired = true\n",
            song::mix()
        );
        Daemon::start_on(&home, &config, None)
    };
    let [friday, _saturday] = [start("friday", PORT), start("saturday", PORT + 10)];
    let session = |servers: &str, show: Option<&str>| {
        let show = show.map(str::to_owned);
        let settings = Settings { show, allow_unpaired: true, ..Settings::new(servers, "node", Role::Renderer) };
        away.inside(|| Session::start(settings))
    };
    let found = ["friday", "saturday"].map(|show| (show, session(&format!("mdns:{show}"), None)));
    // Told of both, and that it wants one.
    let both = [PORT, PORT + 10].map(|port| format!("{}:{port}", link.addresses()[0])).join(", ");
    let only = session(&both, Some("friday"));
    let any = session("mdns", None);
    for (show, session) in &found {
        follows(session);
        assert_eq!(session.view().show, *show);
    }
    follows(&only);
    follows(&any);
    assert_eq!(only.view().show, "friday");
    drop(friday);
    for session in [&found[0].1, &only] {
        let view = session.wait(LIMIT, |view| !view.connected);
        assert!(!view.connected, "nobody is left of its show");
    }
    // Several attempts later it still waits for its own.
    std::thread::sleep(Duration::from_millis(1_500));
    assert!(!only.view().connected && only.view().show == "friday", "{:?}", only.view().why);
    assert!(found[1].1.view().connected);
}
