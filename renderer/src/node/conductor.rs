//! When to draw which frame, and with what: everything that window and files have in common.

use super::{Link, NodeError};
use crate::config::Config;
use crate::gpu::SPAN;
use crate::gpu::TICK_RATE;
use crate::painter::{Frame, Painter};
use crate::presence::Presence;
use crate::scenes::{Card, Scene};
use crate::schedule::{Due, Schedule};
use downbeat_client::{Session, Settings, View};
use downbeat_protocol::message::Role;
use downbeat_protocol::status::Report;
use downbeat_protocol::{HostTime, ShowTime};
use std::time::Duration;

/// A frame whose newest row is older than this, playout delay not counted, shows what was and not what is.
const HELD_NS: i64 = 100_000_000;

/// Leads a painter through the show.
pub struct Conductor {
    session: Session,
    schedule: Schedule,
    presence: Presence,
    name: String,
    test_card: bool,
    delay_ns: i64,
    lag_ns: i64,
    frames: u64,
    held: u64,
    /// Frames that were drawn but got lost on their way out.
    pub lost: u64,
    last_advance: HostTime,
    last_report: (HostTime, u64),
}

impl Conductor {
    /// Starts to follow the daemon that a configuration names. Frames are drawn `lag` after their moment.
    ///
    /// # Errors
    /// [`NodeError::Keys`]: its key, or those that it knows, cannot be used.
    pub fn new(config: &Config, every: u32, lag: Duration, presence: Presence) -> Result<Self, NodeError> {
        let name = config.node.name.clone();
        let show = Some(config.node.show.clone()).filter(|show| !show.is_empty());
        let settings = Settings::new(&config.node.server, name.clone(), Role::Renderer);
        let settings = settings.with_keys(&config.node.keys, "renderer").map_err(NodeError::Keys)?;
        let settings = Settings { show, allow_unpaired: config.node.allow_unpaired, ..settings };
        let session = Session::start(settings);
        let now = Session::host_now();
        Ok(Self {
            session,
            schedule: Schedule::new(config.display.fps, every),
            presence,
            name,
            test_card: config.display.test_card,
            delay_ns: (config.display.playout_delay_ms * 1e6) as i64,
            lag_ns: i64::try_from(lag.as_nanos()).unwrap_or(i64::MAX),
            frames: 0,
            held: 0,
            lost: 0,
            last_advance: now,
            last_report: (now, 0),
        })
    }

    /// What the session knows.
    pub fn view(&self) -> View {
        self.session.view()
    }

    /// The frame that is due, or how long to wait for the next; and, once a second, how it goes is told the daemon.
    pub fn next(&mut self, view: &View) -> Result<i64, Duration> {
        let host = Session::host_now();
        self.report(host);
        match self.schedule.due(view.clock.show(host).offset(-self.lag_ns)) {
            Due::Frame(frame) => Ok(frame),
            Due::At(show) => Err(host.until(view.clock.host(show.offset(self.lag_ns)))),
        }
    }

    /// Draws a frame.
    pub fn draw(&mut self, painter: &mut Painter, frame: i64, view: &View) {
        let host = Session::host_now();
        let seconds = |from: HostTime| (host.since(from).max(0) as f64 * 1e-9) as f32;
        let heard = view.clock.is_set() && view.welcomes > 0;
        self.presence.advance(heard.then(|| seconds(view.last_heard)), seconds(self.last_advance));
        self.last_advance = host;
        // Before the first picture nothing is lost by showing the code; afterwards nobody in front of the wall wants it.
        let code = view.paths.iter().find_map(|path| path.pairing.as_ref()).filter(|_| view.welcomes == 0);
        let card = self.card(view, code);
        painter.draw(&Frame {
            number: frame,
            time: self.schedule.time_of(frame),
            state: &view.state,
            feed: &Link { session: &self.session, view },
            delay_ns: self.delay_ns,
            presence: self.presence,
            card: &card,
            only_card: self.test_card || code.is_some(),
        });
        self.frames += 1;
        let newest = self.session.newest_time().map_or(i64::MAX, |newest| self.schedule.time_of(frame).since(newest));
        self.held += u64::from(newest.saturating_sub(self.delay_ns) > HELD_NS);
    }

    /// Whether a frame will be what every other node shows: all that it looks back on is known here.
    pub fn is_complete(&self, frame: i64, view: &View) -> bool {
        if !view.clock.synced {
            return false;
        }
        let remembers = |layer: &downbeat_protocol::Layer| Scene::find(&layer.scene).is_some_and(|it| it.remembers);
        // Past spectra and peaks reach back less than a second.
        let ticks = if view.state.layers.iter().any(remembers) { SPAN + 1 } else { TICK_RATE };
        let back = ticks * 1_000_000_000 / TICK_RATE + self.delay_ns;
        self.session.row_at(ShowTime(self.schedule.time_of(frame).0 - back)).is_some()
    }

    fn card(&self, view: &View, code: Option<&String>) -> Card {
        let link = if let Some(code) = code {
            format!("PAIR {code}")
        } else if view.connected {
            format!("FOLLOWS {}", view.show)
        } else {
            "NO DAEMON".into()
        };
        Card { name: self.name.clone(), link, clock: view.clock.is_set().then_some(view.clock) }
    }

    fn report(&mut self, now: HostTime) {
        let (then, frames) = self.last_report;
        let passed = now.since(then) as f64 * 1e-9;
        if passed >= 1.0 {
            self.session.report(Report {
                frames: self.frames,
                frames_dropped: self.schedule.dropped + self.lost,
                frames_held: self.held,
                fps: (self.frames - frames) as f64 / passed,
                ..Report::default()
            });
            self.last_report = (now, self.frames);
        }
    }
}
