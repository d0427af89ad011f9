//! The state of the show, from any number of connections. Pure: all times are arguments.
//!
//! A session may follow several daemons (a leader and its standby) and one daemon over several paths (two network
//! interfaces). Each connection delivers everything, so the loss of one costs no time: numbered events and rows are
//! taken from whichever connection is first. One daemon leads: of those that claim to lead, the one with the highest
//! term within the show.

use super::view::{PathView, Stamps};
use crate::clock::Follower;
use downbeat_protocol::datagram::Head;
use downbeat_protocol::message::Daemon;
use downbeat_protocol::{Event, HostTime, Schema, ShowState, Status, Timeline};
use std::sync::Arc;

/// The show as one daemon reports it.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The show's name.
    pub show: String,
    /// Distinguishes a new show from a restarted daemon.
    pub epoch: u64,
    /// The layout of the rows.
    pub schema: Arc<Schema>,
    /// The state.
    pub state: Arc<ShowState>,
    /// The timeline.
    pub timeline: Timeline,
    /// The daemon's status.
    pub status: Option<Arc<Status>>,
    /// Number of events included.
    pub number: u64,
    /// The last of them that changed the state.
    pub set: u64,
}

/// One path to one daemon.
#[derive(Debug, Default)]
pub struct Path {
    server: String,
    why: String,
    daemon: Option<Daemon>,
    known: Known,
    /// The clock of this path.
    pub follower: Follower,
    /// The source of its last exchange's stamps.
    pub stamps: Stamps,
    last_row: Option<HostTime>,
    /// The code shown until this client and the daemon are paired.
    pub pairing: Option<String>,
}

/// Changes for the program.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct News {
    /// Events to pass on, in order.
    pub events: Vec<Event>,
    /// Whether the session now follows another daemon, show or path, or none.
    pub led_by_another: bool,
}

/// All paths, and which one leads.
#[derive(Debug, Default)]
pub struct Hub {
    paths: Vec<Path>,
    /// The path to the leader.
    lead: Option<usize>,
    /// The last one that was.
    last: Option<usize>,
    /// The term of the followed show, and the highest known one.
    epoch: u64,
    term: u32,
    /// The leader that `number` belongs to, and how many of its events the program has.
    run: Option<u64>,
    number: u64,
}

impl Hub {
    /// Only knows the servers yet.
    pub fn new(servers: &[String]) -> Self {
        let path = |server: &String| Path { server: server.clone(), ..Path::default() };
        Self { paths: servers.iter().map(path).collect(), ..Self::default() }
    }

    /// The leader's report of the show, and the displayed clock; none without a leader.
    pub fn lead(&self) -> Option<(&Known, &Path)> {
        let path = &self.paths[self.lead?];
        Some((&path.known, path))
    }

    /// The leader's run, and its state by the path that is furthest ahead: with two paths to one daemon that need not
    /// be the leading one.
    pub fn newest(&self) -> Option<(u64, &Known)> {
        let run = self.lead.and(self.run)?;
        let of_run = self.paths.iter().filter(|path| path.daemon.is_some_and(|daemon| daemon.run == run));
        Some((run, &of_run.max_by_key(|path| path.known.number)?.known))
    }

    /// The leading path.
    pub fn leading(&self) -> Option<usize> {
        self.lead
    }

    /// The highest known term of the followed show.
    pub fn term(&self) -> u32 {
        self.term
    }

    /// The followed show; 0 before the first.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Whether a path leads to a daemon of that show.
    pub fn is_of_show(&self, path: usize) -> bool {
        self.paths[path].known.epoch == self.epoch
    }

    /// Whether rows come from a former leader of this show that may not know it yet.
    pub fn is_outdated(&self, head: &Head) -> bool {
        head.epoch == self.epoch && head.term < self.term
    }

    /// One path, by the index of its server.
    pub fn path(&mut self, path: usize) -> &mut Path {
        &mut self.paths[path]
    }

    /// The condition of all paths.
    pub fn views(&self) -> Vec<PathView> {
        let view = |(place, path): (usize, &Path)| PathView {
            server: path.server.clone(),
            connected: path.daemon.is_some(),
            daemon: path.daemon,
            leads: self.lead == Some(place),
            why: path.why.clone(),
            pairing: path.pairing.clone(),
            last_row: path.last_row,
        };
        self.paths.iter().enumerate().map(view).collect()
    }

    /// Why there is no leader, for the operator.
    pub fn why(&self) -> String {
        let told = self.paths.iter().map(|path| match path.daemon {
            Some(Daemon { leads: false, .. }) => format!("{} is standing by, not leading", path.server),
            Some(_) => format!("{} no longer leads", path.server),
            None => match &path.pairing {
                Some(code) => {
                    format!("not paired: on the daemon's machine run: downbeatctl pair \"{code}\"")
                }
                None => path.why.clone(),
            },
        });
        told.filter(|why| !why.is_empty()).collect::<Vec<_>>().join("; ")
    }

    /// A daemon has sent a welcome, with its full state.
    pub fn welcomed(&mut self, path: usize, daemon: Daemon, known: Known) -> News {
        let it = &mut self.paths[path];
        if it.known.epoch != known.epoch {
            it.follower.restart();
        }
        (it.daemon, it.known, it.why) = (Some(daemon), known, String::new());
        self.choose()
    }

    /// A daemon starts to lead or to stand by.
    pub fn daemon(&mut self, path: usize, daemon: Daemon) -> News {
        self.paths[path].daemon = Some(daemon);
        self.choose()
    }

    /// Takes an event for everyone.
    pub fn event(&mut self, path: usize, number: u64, event: Event, rows_flow: bool) -> News {
        let it = &mut self.paths[path];
        it.known.take(&event, rows_flow);
        it.known.number = it.known.number.max(number);
        if matches!(event, Event::Changed { .. } | Event::State(_)) {
            it.known.set = number;
        }
        let leads = self.run.is_some() && it.daemon.map(|daemon| daemon.run) == self.run;
        // Whoever was behind gets the layout and the state as a whole, both under the number of the last change.
        let is_whole = matches!(event, Event::Schema(_) | Event::State(_));
        if leads && (number > self.number || (is_whole && number == self.number)) {
            self.number = number;
            return News { events: vec![event], led_by_another: false };
        }
        News::default()
    }

    /// Whether rows are the leader's. They may be the first sign that a daemon leads.
    pub fn rows(&mut self, path: usize, head: &Head, heard: HostTime) -> Option<News> {
        let it = &mut self.paths[path];
        let daemon = it.daemon.as_mut().filter(|_| it.known.epoch == head.epoch)?;
        it.last_row = Some(heard);
        let mut news = News::default();
        if head.term > daemon.term {
            *daemon = Daemon { term: head.term, leads: true, ..*daemon };
            news = self.choose();
        }
        let daemon = self.paths[path].daemon?;
        (daemon.leads && daemon.term == head.term && self.run == Some(daemon.run)).then_some(news)
    }

    /// Takes the leader's newest timeline, from rows.
    pub fn beat(&mut self, timeline: Timeline) {
        if let Some(lead) = self.lead {
            self.paths[lead].known.timeline = timeline;
        }
    }

    /// A connection was lost, or failed.
    pub fn disconnected(&mut self, path: usize, why: String) -> News {
        let it = &mut self.paths[path];
        (it.daemon, it.why) = (None, why);
        self.choose()
    }

    /// Determines the leader. Keeps the current path and show while they are as good as any.
    fn choose(&mut self) -> News {
        let leading = |path: &Path| path.daemon.filter(|daemon| daemon.leads);
        let highest = |epoch: u64| {
            let of_show = self.paths.iter().filter(|path| path.known.epoch == epoch);
            of_show.filter_map(|path| path.daemon).map(|daemon| daemon.term).max()
        };
        let mut term = highest(self.epoch).map_or(self.term, |term| term.max(self.term));
        let fits = |path: &Path, epoch: u64, term: u32| {
            leading(path).is_some_and(|daemon| path.known.epoch == epoch && daemon.term >= term)
        };
        let places = || self.last.into_iter().chain(0..self.paths.len());
        let same = places().find(|place| fits(&self.paths[*place], self.epoch, term));
        // Switches to another show only if no daemon of this one is left, not even a standby.
        let of_this_show = self.paths.iter().any(|path| path.daemon.is_some() && path.known.epoch == self.epoch);
        let lead = same.or_else(|| {
            let other = self.paths.iter().position(|path| leading(path).is_some()).filter(|_| !of_this_show)?;
            let epoch = self.paths[other].known.epoch;
            term = highest(epoch).unwrap_or(0);
            places().find(|place| fits(&self.paths[*place], epoch, term))
        });
        self.term = term;
        self.follow(lead)
    }

    fn follow(&mut self, lead: Option<usize>) -> News {
        let before = std::mem::replace(&mut self.lead, lead);
        let Some(lead) = lead else {
            return News { events: Vec::new(), led_by_another: before.is_some() };
        };
        let same_show = self.epoch == self.paths[lead].known.epoch;
        if let Some(last) = self.last.filter(|last| *last != lead && same_show)
            && let Ok([former, heir]) = self.paths.get_disjoint_mut([last, lead])
        {
            heir.follower.succeed(&former.follower);
        }
        let it = &self.paths[lead];
        let run = it.daemon.map(|daemon| daemon.run);
        (self.last, self.epoch) = (Some(lead), it.known.epoch);
        let mut events = Vec::new();
        if self.run != run || it.known.number > self.number {
            // Events in between are sent as a whole; a newcomer has them from the welcome already.
            if self.run.is_some() {
                events.push(Event::State(it.known.state.as_ref().clone()));
            }
            (self.run, self.number) = (run, it.known.number);
        }
        News { led_by_another: before != Some(lead) || !events.is_empty(), events }
    }
}

impl Known {
    /// Applies an event. `rows_flow` if rows bring newer timelines than events do.
    fn take(&mut self, event: &Event, rows_flow: bool) {
        match event {
            Event::Changed { change, .. } => Arc::make_mut(&mut self.state).apply(change),
            Event::State(state) => {
                let mut state = state.clone();
                state.mend();
                self.state = Arc::new(state);
            }
            Event::Timeline { timeline, .. } if timeline.is_sound() && !rows_flow => self.timeline = *timeline,
            Event::Schema(schema) => self.schema = Arc::new(schema.clone()),
            Event::Status(status) => self.status = Some(Arc::new(status.clone())),
            Event::Timeline { .. } | Event::Message { .. } | Event::Refused { .. } | Event::Unknown(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_protocol::state::Change;

    fn hub() -> Hub {
        Hub::new(&["one:1".to_owned(), "two:2".to_owned()])
    }

    fn daemon(run: u64, term: u32, leads: bool) -> Daemon {
        Daemon { run, term, leads, port: 0, early_ns: 0 }
    }

    fn known(epoch: u64, number: u64) -> Known {
        Known { epoch, number, ..Known::default() }
    }

    fn head(epoch: u64, term: u32) -> Head {
        Head { epoch, term, schema: 0 }
    }

    fn dark(on: bool) -> Event {
        Event::Changed { change: Change::Blackout(on), by: String::new() }
    }

    #[test]
    fn the_leader_is_followed_and_its_standby_is_waited_with() {
        let mut hub = hub();
        hub.welcomed(1, daemon(2, 0, false), known(7, 0));
        assert!(hub.lead().is_none() && hub.why().contains("is standing by"), "{}", hub.why());
        assert!(hub.welcomed(0, daemon(1, 0, true), known(7, 0)).led_by_another);
        assert_eq!(hub.leading(), Some(0));
        assert_eq!(hub.rows(1, &head(7, 0), HostTime::ZERO), None, "a standby's rows are not the show's");
    }

    #[test]
    fn a_standby_that_takes_over_is_followed_from_its_first_row_or_word() {
        for row_first in [true, false] {
            let mut hub = hub();
            hub.welcomed(0, daemon(1, 0, true), known(7, 0));
            hub.welcomed(1, daemon(2, 0, false), known(7, 0));
            if row_first {
                assert!(hub.rows(1, &head(7, 1), HostTime::ZERO).expect("the show's").led_by_another);
            } else {
                assert!(hub.daemon(1, daemon(2, 1, true)).led_by_another);
            }
            assert_eq!((hub.leading(), hub.term()), (Some(1), 1));
            assert_eq!(hub.rows(0, &head(7, 0), HostTime::ZERO), None, "who leads no more is not heard");
            assert_eq!([head(7, 0), head(7, 1), head(8, 0)].map(|head| hub.is_outdated(&head)), [true, false, false]);
            hub.disconnected(1, "gone".into());
            assert!(hub.lead().is_none(), "not back to an earlier term");
        }
    }

    #[test]
    fn two_ways_to_one_daemon_bring_each_event_once_and_the_second_goes_on_without_a_word() {
        let mut hub = hub();
        hub.welcomed(0, daemon(1, 0, true), known(7, 4));
        hub.welcomed(1, daemon(1, 0, true), known(7, 4));
        assert_eq!(hub.event(0, 5, dark(true), false).events, [dark(true)]);
        assert_eq!(hub.event(1, 5, dark(true), false).events, []);
        assert_eq!(hub.event(1, 6, dark(false), false).events, [dark(false)]);
        assert!(hub.rows(1, &head(7, 0), HostTime::ZERO).is_some(), "rows are taken from both");
        hub.disconnected(0, "cable".into());
        let (known, _) = hub.lead().expect("the other way");
        assert_eq!((hub.leading(), known.number, known.state.blackout), (Some(1), 6, false));
        assert_eq!(hub.event(1, 7, dark(true), false).events, [dark(true)]);
    }

    #[test]
    fn who_was_behind_has_the_layout_and_the_state_of_the_last_change() {
        let mut hub = hub();
        hub.welcomed(0, daemon(1, 0, true), known(7, 4));
        let whole =
            [Event::Schema(Schema::default()), Event::State(ShowState { blackout: true, ..ShowState::default() })];
        for event in whole {
            assert_eq!(hub.event(0, 6, event.clone(), false).events, [event]);
        }
        let (known, _) = hub.lead().expect("the leader");
        assert_eq!((known.set, known.number, known.state.blackout), (6, 6, true));
        let old = Event::State(ShowState::default());
        assert_eq!(hub.event(0, 5, old, false).events, [], "what another way has brought already is older");
    }

    #[test]
    fn another_show_is_followed_only_when_nobody_is_left_of_this_one() {
        let mut hub = hub();
        hub.welcomed(0, daemon(1, 5, true), known(7, 0));
        hub.welcomed(1, daemon(2, 9, true), known(8, 0));
        assert_eq!(hub.leading(), Some(0));
        assert_eq!(hub.rows(1, &head(8, 9), HostTime::ZERO), None, "two shows never mix");
        hub.disconnected(0, "gone".into());
        assert_eq!((hub.leading(), hub.term()), (Some(1), 9));
        hub.welcomed(0, daemon(3, 0, true), known(9, 0));
        hub.disconnected(1, "gone".into());
        assert_eq!((hub.leading(), hub.term()), (Some(0), 0), "a new show counts its terms anew");
    }

    #[test]
    fn what_was_told_while_nobody_led_comes_as_a_whole() {
        let mut hub = hub();
        hub.welcomed(0, daemon(1, 0, true), known(7, 4));
        hub.disconnected(0, "gone".into());
        let state = Arc::new(ShowState { blackout: true, ..ShowState::default() });
        let news = hub.welcomed(0, daemon(1, 0, true), Known { state: Arc::clone(&state), ..known(7, 9) });
        assert_eq!(news.events, [Event::State(state.as_ref().clone())]);
    }
}
