//! A server with a hand-made daemon around it.

use crate::clock::{ShowClock, host_now};
use crate::dispatch::{Audible, Fanout, Health};
use crate::door::{Door, Visitors, door};
use crate::edges::OpenError;
use crate::server::clients::ClientList;
use crate::server::keys::Keys;
use crate::server::peers::GossipSender;
use crate::server::peers::Leadership;
use crate::server::{Ports, Server, ServerContext};
use crate::web::Page;
use downbeat_client::{Session, Settings};
use downbeat_engine::Tick;
use downbeat_peer::identity::Acquaintances;
use downbeat_protocol::message::Role;
use downbeat_protocol::{Command, Event, Row, Schema, ShowState, Signal, Timeline, Unit};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

pub const EPOCH: u64 = 7;
/// Show time at host time zero.
const OFFSET: i64 = 1_000_000_000_000;

pub struct Rig {
    pub port: u16,
    pub clock: ShowClock,
    pub schema: Arc<Schema>,
    pub commands: Mutex<Visitors>,
    pub clients: ClientList,
    pub health: Arc<Health>,
    pub state: Arc<ShowState>,
    pub keys: Keys,
    context: ServerContext,
    fanout: Fanout,
    seq: u64,
    thread: Option<JoinHandle<()>>,
}

/// The value of `main.level` in a row: exact in 16 bits.
pub fn level(seq: u64) -> f32 {
    (seq % 1024) as f32 / 1024.0
}

pub fn open_server(listen: &str) -> Result<Server, OpenError> {
    open_table(&[("listen", listen)])
}

pub fn open_table(table: &[(&str, &str)]) -> Result<Server, OpenError> {
    let (door, _) = door(1);
    Server::open(value(table), context(door, ClientList::default()))
}

fn value(table: &[(&str, &str)]) -> config::Value {
    let table: config::Map<String, config::Value> =
        table.iter().map(|(key, value)| ((*key).to_owned(), (*value).into())).collect();
    table.into()
}

fn context(door: Door, clients: ClientList) -> ServerContext {
    let mut mel = Signal::scalar("main.mel", Unit::Ratio, [0.0, 1.0]);
    mel.len = 32;
    let level = Signal::scalar("main.level", Unit::Ratio, [0.0, 1.0]);
    ServerContext {
        show: "proof".into(),
        leadership: Leadership::alone(EPOCH),
        gossip: GossipSender::new().0,
        keys: Keys::passing(),
        clock: ShowClock::new(OFFSET),
        schema: Arc::new(Schema { signals: vec![level, mel] }),
        door,
        clients,
        events: Arc::default(),
        web: Page::default(),
        ports: Ports::default(),
    }
}

impl Rig {
    /// The next command that comes through the door, in so much time.
    pub fn command(&self, at_most: Duration) -> Option<Command> {
        let begun = Instant::now();
        loop {
            let next = self.commands.lock().expect("no test has failed").next(false);
            if next.is_some() || begun.elapsed() >= at_most {
                return next;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    pub fn open() -> Self {
        Self::open_at(0)
    }

    /// A rig without a clock port.
    pub fn open_without_clock() -> Self {
        Self::open_table(&[("listen", "127.0.0.1:0"), ("clock-port", "0")])
    }

    /// A rig with a clock port of a number.
    pub fn open_with_clock(port: u16) -> Self {
        Self::open_table(&[("listen", "127.0.0.1:0"), ("clock-port", &port.to_string())])
    }

    /// A rig without known peers, not even those on its own machine.
    pub fn open_for_the_paired() -> Self {
        Self::open_table(&[("listen", "127.0.0.1:0"), ("local-needs-pairing", "true")])
    }

    /// The same, with known peers.
    pub fn open_for(known: Acquaintances) -> Self {
        let table = [("listen", "127.0.0.1:0"), ("local-needs-pairing", "true")];
        Self::open_with(&table, Keys { known, ..Keys::passing() })
    }

    /// A rig that tells the beat 80 ms earlier than it is.
    pub fn open_for_slow_displays() -> Self {
        Self::open_table(&[("listen", "127.0.0.1:0"), ("latency-ms", "80")])
    }

    pub fn open_at(port: u16) -> Self {
        Self::open_table(&[("listen", &format!("127.0.0.1:{port}"))])
    }

    fn open_table(table: &[(&str, &str)]) -> Self {
        Self::open_with(table, Keys::passing())
    }

    fn open_with(table: &[(&str, &str)], keys: Keys) -> Self {
        let (door, commands) = door(16);
        let clients = ClientList::default();
        let context = ServerContext { keys, ..context(door, clients.clone()) };
        let mut rig = Self {
            port: 0,
            clock: context.clock.clone(),
            schema: Arc::clone(&context.schema),
            commands: Mutex::new(commands),
            clients,
            health: Arc::default(),
            state: Arc::default(),
            keys: context.keys.clone(),
            context,
            fanout: Fanout::default(),
            seq: 0,
            thread: None,
        };
        rig.serve(table);
        rig
    }

    fn serve(&mut self, table: &[(&str, &str)]) {
        let server = Server::open(value(table), self.context.clone()).expect("opens");
        self.port = server.port();
        let feed = self.fanout.feed(Arc::clone(&self.health), Audible::Always);
        let health = Arc::clone(&self.health);
        self.thread = Some(std::thread::spawn(move || server.run(&feed, &health)));
    }

    /// Closes the server and opens it again, as for a changed table; `meanwhile` is what the show does then.
    pub fn reopen(&mut self, meanwhile: impl FnOnce(&mut Self)) {
        self.end();
        meanwhile(self);
        self.fanout = Fanout::default();
        self.serve(&[("listen", &format!("127.0.0.1:{}", self.port))]);
    }

    pub fn session(&self, name: &str, role: Role) -> Session {
        self.session_at(self.port, name, role)
    }

    pub fn session_at(&self, port: u16, name: &str, role: Role) -> Session {
        Session::start(Settings::new(&format!("127.0.0.1:{port}"), name, role))
    }

    pub fn timeline(&self) -> Timeline {
        Timeline { tempo: 128.0, ..Timeline::default() }
    }

    /// Publishes the next tick, and returns its number.
    pub fn tick(&mut self) -> u64 {
        self.seq += 1;
        let mut values = vec![0.5; self.schema.width()];
        values[0] = level(self.seq);
        let row = Row { seq: self.seq, time: self.clock.now(), values: values.into() };
        let tick =
            Tick { row, timeline: self.timeline(), state: Arc::clone(&self.state), beating: true, heard: host_now() };
        self.fanout.tick(&Arc::new(tick), true);
        self.seq
    }

    pub fn event(&self, event: Event) {
        self.fanout.event(&Arc::new(event), true);
    }

    /// Ends the server like the daemon.
    pub fn close(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.fanout.close();
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the server ends");
        }
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.end();
        }
    }
}
