//! Ticks and events in, three tracks out.

use super::archive::ArchivedRow;
use super::clients::transport::DATAGRAM_LEN;
use super::fitting;
use super::peers::Leadership;
use super::publisher::{EncodedEvent, Snapshot, Turn};
use crate::dispatch::{Latency, Wake};
use crate::edges::allowance::Allowance;
use bytes::Bytes;
use downbeat_engine::Tick;
use downbeat_protocol::datagram::{Head, Published, encode_rows};
use downbeat_protocol::message::{self, Daemon, MessageError, ServerMessage};
use downbeat_protocol::{Command, Event, HostTime, Schema, ShowState, Status, Timeline};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Earlier rows checked for repetition. More than fit into a datagram beside the newest.
const REPEATED: usize = 16;

/// Refusals of commands that came by other ways than this one, for those who watch: so many at once, and so many a
/// second.
const REFUSALS: (f64, f64) = (20.0, 5.0);

/// How the senders of commands that came from clients begin.
const CLIENT: &str = "quic:";

/// Keeps the state for newcomers, with the same reducer as every client, and the rows to repeat.
pub struct Tracks {
    leadership: Leadership,
    schema: Arc<Schema>,
    state: Arc<ShowState>,
    timeline: Timeline,
    earlier_ns: i64,
    history: VecDeque<ArchivedRow>,
    /// Number of events sent to everyone, and the last of them that changed the state.
    number: u64,
    set: u64,
    /// The same number for the server that comes after this one.
    numbers: Arc<AtomicU64>,
    /// The state of the last tick.
    seen: Option<Arc<ShowState>>,
    /// The last status.
    status: Option<Arc<Status>>,
    refusals: Allowance,
}

impl Tracks {
    /// Before the first tick. Beats are sent earlier by `latency`.
    pub fn new(leadership: Leadership, schema: Arc<Schema>, latency: Latency) -> Self {
        Self {
            leadership,
            schema,
            state: Arc::default(),
            timeline: Timeline::default(),
            earlier_ns: latency.leave(HostTime::ZERO).0,
            history: VecDeque::with_capacity(REPEATED),
            number: 0,
            set: 0,
            numbers: Arc::default(),
            seen: None,
            status: None,
            refusals: Allowance::new(REFUSALS.0, REFUSALS.1, HostTime::ZERO),
        }
    }

    /// Counts on where the server before this one has stopped: by their numbers, clients know which events of a daemon
    /// they have had. What happened between the two is one more.
    pub fn go_on_from(&mut self, numbers: &Arc<AtomicU64>) {
        self.numbers = Arc::clone(numbers);
        let before = numbers.load(Relaxed);
        self.number = if before == 0 { 0 } else { before + 1 };
        self.set = self.number;
    }

    /// Everything for a newcomer now.
    pub fn snapshot(&self) -> Snapshot {
        let (schema, state) = (Arc::clone(&self.schema), Arc::clone(&self.state));
        let status = self.status.clone();
        Snapshot { schema, state, timeline: self.timeline, number: self.number, set: self.set, status }
    }

    /// What to publish from the news.
    pub fn turn(&mut self, wake: &Wake) -> Turn {
        let (mut events, mut unsaid) = (Vec::new(), 0);
        // News without a tick come soon after the last one.
        let newest = wake.tick.as_ref().or_else(|| self.history.back().map(|last| &last.tick));
        let now = newest.map_or(HostTime::ZERO, |tick| tick.heard);
        for event in &wake.events {
            if !self.is_for_everyone(event, now) {
                continue;
            }
            let event = self.apply(event);
            self.say(event, &mut events, &mut unsaid);
        }
        let (mut rows, mut kept) = (Vec::new(), Vec::new());
        // A datagram only has room for a few rows: those overtaken on the way here are sent separately.
        for tick in &wake.overtaken {
            self.publish(tick, &mut rows, &mut kept, &mut unsaid);
        }
        if let Some(tick) = &wake.tick {
            if let Some(state) = self.corrected(tick) {
                self.say(Event::State(state), &mut events, &mut unsaid);
            }
            self.publish(tick, &mut rows, &mut kept, &mut unsaid);
        }
        Turn { events, state: self.snapshot(), rows, kept, unsaid }
    }

    /// Adds the datagrams of a tick's row to `rows`, the row itself to `kept`, and to `unsaid` the number never seen
    /// between it and the last.
    fn publish(&mut self, tick: &Arc<Tick>, rows: &mut Vec<Bytes>, kept: &mut Vec<ArchivedRow>, unsaid: &mut u64) {
        let before = self.history.back().map(|last| last.tick.row.seq);
        if let Some(row) = self.keep(tick) {
            *unsaid += before.map_or(0, |before| tick.row.seq.saturating_sub(before + 1));
            kept.push(row);
            rows.extend(self.rows());
        }
    }

    fn say(&mut self, event: Event, events: &mut Vec<EncodedEvent>, unsaid: &mut u64) {
        let sets = matches!(event, Event::Changed { .. } | Event::State(_));
        match self.event(event) {
            Ok(event) => {
                self.number += 1;
                self.numbers.store(self.number, Relaxed);
                self.set = if sets { self.number } else { self.set };
                events.push(event);
            }
            Err(_) => *unsaid += 1,
        }
    }

    fn event(&self, event: Event) -> Result<EncodedEvent, MessageError> {
        let numbered = |event| ServerMessage::Numbered { number: self.number + 1, event };
        let encode = |event| message::encode(&numbered(event)).map(Bytes::from);
        if let Event::Status(status) = &event
            && !status.clients.is_empty()
        {
            let brief = encode(Event::Status(Status { clients: Vec::new(), ..status.clone() }))?;
            return Ok(EncodedEvent { brief: Some(brief), whole: encode(event)? });
        }
        let whole = match &event {
            Event::State(state) => fitting::encode(state, |state| numbered(Event::State(state)))?.into(),
            _ => encode(event.clone())?,
        };
        // A node commands nothing, so a refusal is none of its business.
        let brief = (!matches!(event, Event::Refused { .. })).then(|| whole.clone());
        Ok(EncodedEvent { brief, whole })
    }

    /// Whoever can send a packet can have a command refused: that must not reach every node a thousand times a second.
    fn is_for_everyone(&mut self, event: &Event, now: HostTime) -> bool {
        match event {
            Event::Refused { from, .. } if Command::host(from).is_none() => false,
            Event::Refused { from, .. } => from.starts_with(CLIENT) || self.refusals.take(now),
            _ => true,
        }
    }

    /// Adds an event to the snapshot, and returns how to send it.
    fn apply(&mut self, event: &Event) -> Event {
        match event {
            Event::Changed { change, .. } => Arc::make_mut(&mut self.state).apply(change),
            Event::State(state) => self.state = Arc::new(state.clone()),
            Event::Schema(schema) => {
                self.schema = Arc::new(schema.clone());
                self.history.clear();
            }
            Event::Timeline { timeline, why } => {
                self.timeline = self.early(timeline);
                return Event::Timeline { timeline: self.timeline, why: why.clone() };
            }
            Event::Status(status) => self.status = Some(Arc::new(status.clone())),
            Event::Message { .. } | Event::Refused { .. } | Event::Unknown(_) => {}
        }
        event.clone()
    }

    /// The state to jump to, if it is not where the events lead: changes may be left out on the way here, and the first
    /// tick brings the state before any event.
    fn corrected(&mut self, tick: &Tick) -> Option<ShowState> {
        if self.seen.as_ref().is_some_and(|seen| Arc::ptr_eq(seen, &tick.state)) {
            return None;
        }
        self.seen = Some(Arc::clone(&tick.state));
        let is_same = tick.state == self.state;
        self.state = Arc::clone(&tick.state);
        (!is_same).then(|| ShowState::clone(&tick.state))
    }

    /// Adds a tick's row to the history. None for a row of another layout, whose schema is still to come.
    fn keep(&mut self, tick: &Arc<Tick>) -> Option<ArchivedRow> {
        self.timeline = self.early(&tick.timeline);
        if tick.row.values.len() != self.schema.width() {
            return None;
        }
        let before = self.history.back().and_then(|last| tick.row.seq.checked_sub(last.tick.row.seq));
        let back = before.and_then(|back| u8::try_from(back).ok()).unwrap_or(0);
        let kept = ArchivedRow { tick: Arc::clone(tick), timeline: self.timeline, back, number: self.set as u32 };
        if self.history.len() == REPEATED {
            self.history.pop_front();
        }
        self.history.push_back(kept.clone());
        Some(kept)
    }

    /// The datagrams of the newest row and the rows before it. None while this daemon stands by.
    fn rows(&mut self) -> Vec<Bytes> {
        let Daemon { term, leads: true, .. } = self.leadership.now(0) else { return Vec::new() };
        let rows: Vec<Published<'_>> = self.history.iter().map(ArchivedRow::published).collect();
        let head = Head { epoch: self.leadership.epoch(), term, schema: self.schema.id() };
        let datagrams = encode_rows(head, &rows, DATAGRAM_LEN);
        datagrams.into_iter().map(Bytes::from).collect()
    }

    fn early(&self, timeline: &Timeline) -> Timeline {
        Timeline { time_origin: timeline.time_origin.offset(self.earlier_ns), ..*timeline }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_protocol::datagram::{Datagram, Rows, decode};
    use downbeat_protocol::state::Change;
    use downbeat_protocol::{Row, ShowTime, Signal, Unit};

    fn schema(names: &[&str]) -> Schema {
        let signals = names.iter().map(|name| Signal::scalar(*name, Unit::Ratio, [0.0, 1.0])).collect();
        Schema { signals }
    }

    fn tracks(latency_ms: f64) -> Tracks {
        Tracks::new(
            Leadership::alone(1),
            Arc::new(schema(&["a", "b"])),
            Latency::try_from(latency_ms).expect("a latency"),
        )
    }

    fn tick(seq: u64, width: usize, state: &Arc<ShowState>) -> Arc<Tick> {
        let row = Row { seq, time: ShowTime(seq as i64), values: vec![0.5; width].into() };
        let timeline = Timeline { time_origin: ShowTime(1_000_000_000), ..Timeline::default() };
        Arc::new(Tick { row, timeline, state: Arc::clone(state), beating: true, heard: HostTime::ZERO })
    }

    fn heard(tick: Arc<Tick>) -> Wake {
        Wake { tick: Some(tick), ..Wake::default() }
    }

    fn told(event: Event) -> Wake {
        Wake { events: vec![Arc::new(event)], ..Wake::default() }
    }

    fn rows(turn: &Turn) -> Rows {
        match decode(turn.rows.last().expect("a datagram")) {
            Ok(Datagram::Rows(rows)) => rows,
            other => panic!("rows, not {other:?}"),
        }
    }

    #[test]
    fn slow_displays_are_told_the_beat_earlier_and_the_row_when_it_was() {
        let mut tracks = tracks(40.0);
        let turn = tracks.turn(&heard(tick(5, 2, &Arc::default())));
        let newest = rows(&turn).rows.remove(0);
        assert_eq!(newest.timeline.time_origin, ShowTime(960_000_000));
        assert_eq!(turn.state.timeline, newest.timeline);
        assert_eq!(newest.row.time, ShowTime(5));
    }

    #[test]
    fn each_row_is_repeated_in_later_datagrams_until_the_layout_changes() {
        let (mut tracks, state) = (tracks(0.0), Arc::default());
        for seq in 0..4 {
            tracks.turn(&heard(tick(seq, 2, &state)));
        }
        assert_eq!(rows(&tracks.turn(&heard(tick(4, 2, &state)))).rows.len(), 5);
        let turn = tracks.turn(&told(Event::Schema(schema(&["a", "b", "c"]))));
        assert_eq!(turn.state.schema.width(), 3);
        assert!(tracks.turn(&heard(tick(5, 2, &state))).rows.is_empty(), "a row of the former layout");
        assert_eq!(rows(&tracks.turn(&heard(tick(6, 3, &state)))).rows.len(), 1);
    }

    #[test]
    fn rows_that_were_overtaken_on_the_way_here_still_go_out_and_those_forgotten_are_counted() {
        let (mut tracks, state) = (tracks(0.0), Arc::default());
        tracks.turn(&heard(tick(0, 2, &state)));
        let wake = Wake { overtaken: vec![tick(4, 2, &state), tick(5, 2, &state)], ..heard(tick(6, 2, &state)) };
        let turn = tracks.turn(&wake);
        assert_eq!((turn.rows.len(), turn.kept.len(), turn.unsaid), (3, 3, 3));
        assert_eq!(rows(&turn).rows.iter().map(|it| it.row.seq).collect::<Vec<_>>(), [6, 5, 4, 0]);
    }

    #[test]
    fn a_flood_of_refused_commands_does_not_reach_the_nodes() {
        let mut tracks = tracks(0.0);
        let refusals = |from: &str, count: usize| Wake {
            events: (0..count).map(|_| Arc::new(Event::Refused { from: from.into(), why: "no".into() })).collect(),
            ..Wake::default()
        };
        assert_eq!(tracks.turn(&refusals("osc:192.0.2.66:9?", 500)).events.len(), 0);
        let later = Tick { heard: HostTime::from_secs_f64(100.0), ..Tick::clone(&tick(1, 2, &Arc::default())) };
        tracks.turn(&heard(Arc::new(later)));
        let told: usize = (0..9).map(|_| tracks.turn(&refusals("osc:192.0.2.7:9", 500)).events.len()).sum();
        assert_eq!(told, 20, "with and without a tick");
        assert_eq!(tracks.turn(&refusals("quic:tablet", 50)).events.len(), 50, "a client waits for its answers");
    }

    #[test]
    fn only_those_who_watch_are_told_who_is_there() {
        let mut tracks = tracks(0.0);
        let clients = vec![downbeat_protocol::status::Client::default(); 100];
        let turn = tracks.turn(&told(Event::Status(Status { clients, ..Status::default() })));
        let EncodedEvent { whole, brief } = &turn.events[0];
        let listed = |bytes: &Bytes| match message::decode(&bytes[4..]) {
            Ok(ServerMessage::Numbered { number: 1, event: Event::Status(status) }) => status.clients.len(),
            other => panic!("a status, not {other:?}"),
        };
        assert_eq!((listed(whole), brief.as_ref().map(listed)), (100, Some(0)));
    }

    #[test]
    fn a_refusal_is_for_those_who_watch_and_no_node_is_told() {
        let mut tracks = tracks(0.0);
        for from in ["osc:192.0.2.7:9", "quic:tablet"] {
            let turn = tracks.turn(&told(Event::Refused { from: from.into(), why: "no scene `x`".into() }));
            assert!(turn.events[0].brief.is_none() && !turn.events[0].whole.is_empty(), "{from}");
        }
        let turn = tracks.turn(&told(Event::Changed { change: Change::Hold(true), by: String::new() }));
        assert_eq!(turn.events[0].brief.as_ref(), Some(&turn.events[0].whole));
    }

    #[test]
    fn a_standby_tells_events_and_no_rows_and_a_row_tells_how_many_events_came_before_it() {
        let (mut tracks, state) = (tracks(0.0), Arc::default());
        tracks.leadership.set(4, false);
        let turn = tracks.turn(&told(Event::Changed { change: Change::Hold(true), by: String::new() }));
        assert_eq!((turn.events.len(), turn.state.number), (1, 1));
        assert!(tracks.turn(&heard(tick(0, 2, &state))).rows.is_empty());
        tracks.leadership.set(5, true);
        let rows = rows(&tracks.turn(&heard(tick(1, 2, &state))));
        assert_eq!(
            (rows.head.term, rows.rows[0].number),
            (5, 2),
            "the state of a tick without its change is told as a whole"
        );
    }

    #[test]
    fn changes_that_were_left_out_on_the_way_here_are_told_as_a_whole() {
        let (mut tracks, before) = (tracks(0.0), Arc::<ShowState>::default());
        tracks.turn(&heard(tick(0, 2, &before)));
        let change = Change::Blackout(true);
        let mut after = ShowState::clone(&before);
        after.apply(&change);
        let event = Arc::new(Event::Changed { change, by: String::new() });
        let wake = Wake { events: vec![event], ..heard(tick(1, 2, &Arc::new(after.clone()))) };
        let turn = tracks.turn(&wake);
        assert_eq!((turn.events.len(), turn.state.state.blackout), (1, true), "the change is enough");
        after.apply(&Change::Hold(true));
        let wake = Wake { coalesced: true, ..heard(tick(2, 2, &Arc::new(after.clone()))) };
        let turn = tracks.turn(&wake);
        assert_eq!((turn.events.len(), turn.state.number), (1, 2));
        assert_eq!(*turn.state.state, after);
        assert!(tracks.turn(&heard(tick(3, 2, &Arc::new(after)))).events.is_empty());
    }
}
