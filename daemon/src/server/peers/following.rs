//! Follows the other daemons of the show, like any client.

use super::Leadership;
use crate::server::keys::Keys;
use downbeat_client::clock::Line;
use downbeat_client::session::{Own, PathView};
use downbeat_client::{Session, Settings, View};
use downbeat_engine::election::Standing;
use downbeat_engine::{Confidences, Mirrored, MusicState};
use downbeat_protocol::message::{Daemon, Role};
use downbeat_protocol::{Action, HostTime, Timeline, When};
use std::sync::Arc;

/// Maximum clock error of a ready standby, in microseconds. At a takeover the show's time is off by that, for everyone.
const READY_ERROR_US: f64 = 5_000.0;
/// The lowest `music.state` with music: `breakdown` and `playing`.
const MUSIC: f32 = MusicState::Breakdown as u8 as f32;

/// The connections to the other daemons; none if none is known.
pub struct Following {
    session: Option<Session>,
    own: Own,
    /// The daemons that the configuration names.
    named: Vec<String>,
}

/// The reports of the others.
#[derive(Default)]
pub struct PeerReport {
    /// Each known daemon: its run, its term, whether it leads, and when it was last heard.
    pub daemons: Vec<(u64, u32, bool, HostTime)>,
    /// The leader.
    pub leader: Option<Leader>,
    /// Whether everything is known to take over.
    pub ready: bool,
    /// Whether every daemon that the configuration names is connected.
    pub complete: bool,
}

/// The leader's report.
pub struct Leader {
    /// Its show.
    pub epoch: u64,
    /// The show's clock.
    pub line: Line,
    /// Everything else.
    pub mirrored: Mirrored,
}

impl Following {
    /// Follows the other daemons of a show, and tells them this one's standing. `port` is where it serves clients.
    pub fn new(show: &str, leadership: &Leadership, port: u16, keys: &Keys, allow_unpaired: bool) -> Self {
        let own = Own::new(leadership.now(port));
        let servers = leadership.partners();
        let session = (!servers.is_empty()).then(|| {
            Session::start(Settings {
                servers,
                name: format!("standby of {show}"),
                role: Role::Standby,
                show: Some(show.to_owned()),
                daemon: Some(own.clone()),
                identity: Arc::clone(&keys.identity),
                known: keys.known.clone(),
                allow_unpaired,
            })
        });
        Self { session, own, named: leadership.named() }
    }

    /// Whether a daemon is connected.
    pub fn reaches(&self, server: &str) -> bool {
        let is_there =
            |session: &Session| session.view().paths.iter().any(|path| path.server == server && path.connected);
        self.session.as_ref().is_some_and(is_there)
    }

    /// The current state.
    pub fn look(&self, now: HostTime) -> PeerReport {
        let Some(session) = &self.session else { return PeerReport::default() };
        let view = session.view();
        let own = self.own.now().run;
        let daemons = view.paths.iter().filter_map(|path| {
            let daemon = path.daemon.filter(|daemon| daemon.run != own)?;
            // A leader is heard by its rows; a standby while it is connected.
            let at = if daemon.leads { path.last_row? } else { now };
            Some((daemon.run, daemon.term, daemon.leads, at))
        });
        let daemons: Vec<_> = daemons.collect();
        let led_by_another = view.paths.iter().any(|path| path.leads && path.daemon.is_some_and(|it| it.run != own));
        let row = session.newest_row().filter(|_| led_by_another && view.connected && view.clock.synced);
        let ready = row.is_some() && view.clock.error_us < READY_ERROR_US;
        let leader =
            row.map(|row| Leader { epoch: view.epoch, line: view.clock.line(), mirrored: mirrored(&view, &row) });
        PeerReport { daemons, leader, ready, complete: is_complete(&view.paths, &self.named) }
    }

    /// Passes a command on to the leader. The error is why it cannot be reached.
    pub fn forward(&self, what: Action, when: When) -> Result<(), String> {
        let session = self.session.as_ref().ok_or("it knows no other daemon")?;
        session.command(what, when).map_err(|error| error.to_string())
    }

    /// Tells the others this daemon's standing.
    pub fn tell(&self, standing: &Standing) {
        let (term, leads) = match standing {
            Standing::Leading { term, .. } => (*term, true),
            Standing::Waiting { term, .. } => (*term, false),
        };
        self.own.set(Daemon { term, leads, ..self.own.now() });
        if let Some(session) = &self.session {
            session.tell_daemons();
        }
    }
}

/// Whether every daemon that the configuration names is connected. One that was met elsewhere once may never return.
fn is_complete(paths: &[PathView], named: &[String]) -> bool {
    paths.iter().filter(|path| named.contains(&path.server)).all(|path| path.daemon.is_some())
}

/// The beat as it is: for displays that are slow, a leader may tell it earlier.
fn beat(view: &View) -> Timeline {
    let leader = view.paths.iter().filter(|path| path.leads).find_map(|path| path.daemon);
    let early_ns = leader.map_or(0, |leader| leader.early_ns);
    Timeline { time_origin: view.timeline.time_origin.offset(early_ns), ..view.timeline }
}

fn mirrored(view: &View, row: &downbeat_client::RowView) -> Mirrored {
    let sure = |name| row.value(name).unwrap_or(0.0).clamp(0.0, 1.0);
    Mirrored {
        timeline: beat(view),
        state: view.state.clone(),
        row: Some((row.seq, row.time)),
        sounding: row.value("music.state").is_some_and(|state| state >= MUSIC),
        confidences: Confidences {
            pulse: sure("tempo.confidence"),
            level: sure("tempo.level-confidence"),
            phase: sure("tempo.phase-confidence"),
            bar: sure("bar.confidence"),
        },
        manual: view.status.as_ref().is_some_and(|status| status.tempo_by_hand),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_daemon_met_once_is_not_waited_for_at_a_cold_start() {
        let path = |server: &str, run: Option<u64>| {
            let daemon = run.map(|run| Daemon { run, term: 0, leads: false, port: 9440, early_ns: 0 });
            PathView { server: server.into(), connected: daemon.is_some(), daemon, ..PathView::default() }
        };
        let paths = [path("booth:9440", Some(3)), path("10.0.0.77:9440", None)];
        assert!(is_complete(&paths, &["booth:9440".into()]), "the other one was its address last week");
        assert!(!is_complete(&paths, &["booth:9440".into(), "10.0.0.77:9440".into()]), "named");
    }

    use downbeat_client::RowView;
    use downbeat_protocol::status::Status;
    use downbeat_protocol::{Schema, ShowTime, Signal, Unit};

    #[test]
    fn whether_there_was_music_and_who_led_its_tempo_is_taken_from_the_leader() {
        let state = Signal::scalar("music.state", Unit::State, [0.0, 3.0]);
        let schema = Arc::new(Schema { signals: vec![state] });
        let row = |state: MusicState| RowView {
            time: ShowTime::ZERO,
            seq: 4,
            timeline: Timeline::default(),
            presence: 1.0,
            schema: Arc::clone(&schema),
            values: vec![f32::from(state as u8)],
        };
        let sounding = MusicState::ALL.map(|state| mirrored(&View::default(), &row(state)).sounding);
        assert_eq!(sounding, [false, false, true, true]);
        let status = Status { tempo_by_hand: true, ..Status::default() };
        let view = View { status: Some(Arc::new(status)), ..View::default() };
        assert!(mirrored(&view, &row(MusicState::Playing)).manual);
    }

    #[test]
    fn a_leader_that_tells_the_beat_early_is_followed_on_the_beat() {
        let path = |run, leads, early_ns| {
            let daemon = Some(Daemon { run, term: 1, leads, port: 0, early_ns });
            PathView { connected: true, daemon, leads, ..PathView::default() }
        };
        let paths = vec![path(2, false, 30_000_000), path(1, true, 80_000_000)];
        let timeline = Timeline { time_origin: ShowTime(920_000_000), ..Timeline::default() };
        let view = View { timeline, paths, ..View::default() };
        assert_eq!(beat(&view).time_origin, ShowTime(1_000_000_000));
    }
}
