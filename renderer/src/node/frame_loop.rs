//! When to draw which frame, and from which input: for windows and files.
//!
//! A frame begins early enough to be handed over at its moment minus the display's latency. Until its input is final,
//! the previous picture stays (see [`hold`](crate::hold)).

use super::frames_log::{FramesLog, Line};
use super::{Link, NodeError, Plan, Step};
use crate::config::{Canvas, Config, Slice};
use crate::digest;
use crate::gpu::{Image, Ticks};
use crate::hold::{Decision, Hold};
use crate::landings::Landings;
use crate::pace::Pace;
use crate::painter::{Frame, Painter};
use crate::presence::Presence;
use crate::scenes::{Card, Scene};
use crate::schedule::{Due, Schedule};
use downbeat_client::playout::Whole;
use downbeat_client::{Session, Settings, View};
use downbeat_protocol::message::Role;
use downbeat_protocol::picture::Picture;
use downbeat_protocol::status::Report;
use downbeat_protocol::{HostTime, ShowState, ShowTime};
use std::time::Duration;

/// A frame whose newest row is older than this, in addition to the playout delay, shows the past.
const HELD_NS: i64 = 100_000_000;
/// How far back past spectra and peaks reach.
const PAST_NS: i64 = 1_000_000_000;
/// Maximum wait for a row before checking again.
const LOOK: Duration = Duration::from_millis(2);

/// Leads a painter through the show.
pub struct FrameLoop {
    session: Session,
    schedule: Schedule,
    hold: Hold,
    pace: Pace,
    landings: Landings,
    presence: Presence,
    name: String,
    canvas: Canvas,
    slice: Slice,
    test_card: bool,
    fps: u32,
    delay_ns: i64,
    /// How long after its moment a frame is handed over; negative for a slow display.
    lag_ns: i64,
    /// The frame that is due, but not drawn.
    pending: Option<i64>,
    log: Option<FramesLog>,
    report: Report,
    /// Frames drawn but lost on their way out.
    pub lost: u64,
    last_advance: HostTime,
    last_report: (HostTime, u64),
}

impl FrameLoop {
    /// Starts following the daemon of a configuration, to draw one in `every` frames. Frames are handed over `lag`
    /// after their moment, less the display's latency.
    ///
    /// # Errors
    /// [`NodeError::Thread`].
    pub fn new(config: &Config, every: u32, lag: Duration, presence: Presence) -> Result<Self, NodeError> {
        let name = config.node.name.clone();
        let show = Some(config.node.show.clone()).filter(|show| !show.is_empty());
        let settings = Settings::new(&config.node.server, name.clone(), Role::Renderer);
        let settings = settings.with_keys(&config.node.keys, "renderer");
        let settings = Settings { show, allow_unpaired: config.node.allow_unpaired, ..settings };
        let log = &config.display.frames_log;
        let log =
            Some(log).filter(|path| !path.as_os_str().is_empty()).map(|path| FramesLog::start(path)).transpose()?;
        let session = Session::start(settings);
        let now = Session::host_now();
        let display = &config.display;
        Ok(Self {
            session,
            schedule: Schedule::new(display.fps, every),
            hold: Hold::default(),
            pace: Pace::default(),
            landings: Landings::default(),
            presence,
            name,
            canvas: config.canvas,
            slice: config.slice(),
            test_card: display.test_card,
            fps: display.fps,
            delay_ns: (display.playout_delay_ms * 1e6) as i64,
            lag_ns: i64::try_from(lag.as_nanos()).unwrap_or(i64::MAX) - (display.latency_ms * 1e6) as i64,
            pending: None,
            log,
            report: Report { playout_delay_ms: display.playout_delay_ms, ..Report::default() },
            lost: 0,
            last_advance: now,
            last_report: (now, 0),
        })
    }

    /// The session's view.
    pub fn view(&self) -> View {
        self.session.view()
    }

    /// Waits for news, at most for this long.
    pub fn wait(&self, view: &View, at_most: Duration) {
        self.session.wait(at_most, |now| now.last_heard != view.last_heard);
    }

    /// The next step; once a second, also reports to the daemon.
    pub fn next(&mut self, view: &View, painter: Option<&Painter>) -> Step {
        let host = Session::host_now();
        self.tell(host);
        let interval = Duration::from_secs(1) / self.fps;
        let ahead = self.pace.lead(interval).as_nanos() as i64 - self.lag_ns;
        let wait = match self.schedule.due(view.clock.show(host).offset(ahead)) {
            Due::Frame(frame) => {
                self.report.frames_kept += u64::from(self.pending.replace(frame).is_some());
                Duration::ZERO
            }
            Due::At(show) => host.until(view.clock.host(show.offset(-ahead))),
        };
        let Some(frame) = self.pending else { return Step::Wait(wait) };
        let time = self.schedule.time_of(frame);
        let heard_at = time.offset(-self.delay_ns);
        let then = self.session.state_at(heard_at);
        let still = painter.is_some_and(|painter| painter.stands_still_surely(then.as_ref().unwrap_or(&view.state)));
        let whole = match &then {
            _ if self.shows_card(view) => Whole::Never,
            Some(state) if state.blackout || still => Whole::Yes,
            Some(state) => self.session.whole(self.reach(state, time), heard_at),
            None => self.session.whole(heard_at, heard_at),
        };
        let decision = self.hold.decide(whole, host);
        if decision == Decision::Keep {
            return Step::Wait(wait.min(LOOK));
        }
        self.pending = None;
        let sure = decision == Decision::Sure;
        let state = then.filter(|_| sure).unwrap_or_else(|| view.state.clone());
        let due = view.clock.host(time.offset(self.lag_ns));
        Step::Draw(Plan { frame, time, state, sure: sure && view.clock.synced, due, begun: host })
    }

    /// Draws a frame.
    pub fn draw(&mut self, painter: &mut Painter, plan: &mut Plan, view: &View) {
        let host = Session::host_now();
        let seconds = |from: HostTime| (host.since(from).max(0) as f64 * 1e-9) as f32;
        let heard = view.clock.is_set() && view.welcomes > 0;
        self.presence.advance(heard.then(|| seconds(view.last_heard)), seconds(self.last_advance));
        self.last_advance = host;
        // A fade on this node alone differs from the others' pictures.
        plan.sure &= self.presence.is_settled();
        let card = self.card(view);
        painter.draw(&Frame {
            number: plan.frame,
            time: plan.time,
            state: &plan.state,
            feed: &Link { session: &self.session, view },
            delay_ns: self.delay_ns,
            sure: plan.sure,
            presence: self.presence,
            card: &card,
            only_card: self.shows_card(view),
        });
        self.report.frames += 1;
        self.report.frames_unsure += u64::from(!plan.sure);
        let newest = self.session.newest_time().map_or(i64::MAX, |newest| plan.time.since(newest));
        self.report.frames_held += u64::from(newest.saturating_sub(self.delay_ns) > HELD_NS);
    }

    /// A frame is ready for its hand-over: records its drawing time.
    pub fn ready(&mut self, plan: &Plan) {
        let took = Session::host_now().since(plan.begun).max(0);
        self.pace.add(Duration::from_nanos(took as u64));
    }

    /// A frame was handed over.
    pub fn handed(&mut self, painter: &Painter, plan: &Plan, image: Option<&Image>) {
        let host = Session::host_now();
        self.landings.add(host.since(plan.due));
        let seen = image.map(|image| (digest::luma(image), digest::brightness(image)));
        if let Some(log) = &self.log {
            log.add(Line {
                frame: plan.frame,
                moment_ns: plan.time.0,
                handed_ns: self.session.clock().show(host).0,
                host_ns: host.0,
                made_of: painter.made_of(),
                seen,
            });
        }
        if self.is_witnessed(plan) {
            let print = |print: Option<u64>| print.map_or(String::new(), |print| format!("{print:016x}"));
            let Slice { x, y, width, height } = self.slice;
            self.report.picture = Some(Picture {
                moment: plan.time.0,
                late_ms: host.since(plan.due) as f64 * 1e-6,
                made_of: print(painter.made_of()),
                luma: print(seen.map(|(luma, _)| luma)),
                canvas: [self.canvas.width, self.canvas.height],
                slice: [x, y, width, height],
                adapter: painter.gpu().adapter.get_info().name,
                edges: image.map(digest::edges).unwrap_or_default(),
            });
        }
    }

    /// The picture of an earlier frame has been read back.
    pub fn seen(&mut self, moment: ShowTime, image: &Image) {
        if let Some(picture) = self.report.picture.as_mut().filter(|picture| picture.moment == moment.0) {
            picture.luma = format!("{:016x}", digest::luma(image));
            picture.edges = digest::edges(image);
        }
    }

    /// Whether a frame is compared with the other nodes': it shows a whole second.
    pub fn is_witnessed(&self, plan: &Plan) -> bool {
        plan.frame.rem_euclid(i64::from(self.fps)) == 0
    }

    /// The earliest moment that a frame needs.
    fn reach(&self, state: &ShowState, time: ShowTime) -> ShowTime {
        let time = state.frozen.map_or(time, |frozen| frozen.min(time));
        let remembers = |layer: &downbeat_protocol::Layer| Scene::find(&layer.scene).is_some_and(|it| it.remembers);
        let past = time.offset(-PAST_NS);
        let first = if state.layers.iter().any(remembers) { past.min(Ticks::begin(time)) } else { past };
        first.offset(-self.delay_ns)
    }

    fn shows_card(&self, view: &View) -> bool {
        self.test_card || code(view).is_some()
    }

    fn card(&self, view: &View) -> Card {
        let link = if let Some(code) = code(view) {
            format!("PAIR {code}")
        } else if view.connected {
            format!("FOLLOWS {}", view.show)
        } else {
            "NO DAEMON".into()
        };
        let clock = view.clock.is_set().then_some(view.clock);
        let wanted = (self.report.delay_wanted_ms > 0.0).then_some(self.report.delay_wanted_ms);
        Card { name: self.name.clone(), link, clock, delay_ms: (self.report.playout_delay_ms, wanted) }
    }

    /// Once a second.
    fn tell(&mut self, now: HostTime) {
        let (then, frames) = self.last_report;
        let passed = now.since(then) as f64 * 1e-9;
        if passed < 1.0 {
            return;
        }
        let wanted = self.session.lag_ms().map_or(0.0, |[.., wanted]| wanted);
        let (set, before) = (self.report.playout_delay_ms, self.report.delay_wanted_ms);
        if wanted > set && before <= set {
            tracing::warn!(
                "rows arrive too late for a playout delay of {set} ms: set {wanted} ms \
                 (display.playout-delay-ms, the same on every node of the wall)"
            );
        }
        self.report.delay_wanted_ms = wanted;
        self.report.frames_dropped = self.schedule.dropped + self.lost;
        self.report.fps = (self.report.frames - frames) as f64 / passed;
        self.report.late_ms = self.landings.percentiles_ms([50, 99]);
        self.session.report(self.report.clone());
        self.last_report = (now, self.report.frames);
    }
}

/// The code to show on the wall. Before the first picture it disturbs nothing; afterwards no one in front of the wall
/// wants it.
fn code(view: &View) -> Option<&String> {
    view.paths.iter().find_map(|path| path.pairing.as_ref()).filter(|_| view.welcomes == 0)
}
