//! One path to one daemon: connect, follow, reconnect.

use super::Own;
use super::common::Common;
use super::contact::Contact;
use super::dial::dial;
use super::discovery::Discovery;
use super::end::End;
use super::hub::Known;
use super::incoming::{read_datagrams, read_events, read_history};
use super::pair::{Invitation, pair};
use super::place::Place;
use super::shared::fits;
use super::stream;
use super::timing::Timing;
use downbeat_peer::backoff::{Backoff, shortened};
use downbeat_peer::host::host_now;
use downbeat_peer::identity::{at_home, tls};
use downbeat_protocol::message::{ClientMessage, Daemon, Role, ServerMessage};
use downbeat_protocol::{Timeline, VERSION, close, plausible};
use quinn::{Connection, Endpoint, RecvStream, SendStream, VarInt};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// Capacity of the command queue. A human cannot fill it; a fader that outpaces the network gets an error.
const COMMANDS: usize = 256;
/// How long a daemon may take to answer a hello.
const WELCOME: Duration = Duration::from_secs(2);
/// Interval of this client's reports.
const REPORT: Duration = Duration::from_secs(1);
/// Maximum time to show a code, whatever the daemon asks.
const LONGEST_CODE_S: u32 = 300;
/// First and longest pause between attempts after a failure: a node must be back within a second of the daemon or link.
/// A hundred nodes that try four times a second send a few packets each.
const FIRST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_millis(250);
/// Pause after a refusal, when someone must change something first.
const REFUSED: Duration = Duration::from_secs(5);
/// How long an attempt waits for a look at the known daemons.
const LOOK: Duration = Duration::from_millis(100);
/// Time limit for closing.
const GOODBYE: Duration = Duration::from_millis(150);

/// A daemon's answer to a hello.
enum Answer {
    Welcome(Greeted),
    /// It does not know us, but offers to pair.
    Unpaired(Invitation),
}

/// A connection after the welcome.
struct Greeted {
    send: SendStream,
    receive: RecvStream,
    clock_port: u16,
}

/// One path, between connections and during them.
pub struct Way {
    contact: Rc<Contact>,
    /// Number of earlier paths with the same name: if one name means several daemons, each path takes one.
    rank: usize,
    endpoint: RefCell<Option<Endpoint>>,
    /// Finds daemons by their announcements.
    discovery: RefCell<Option<Discovery>>,
    timing: Timing,
    /// Connections with a welcome so far.
    welcomes: Cell<u64>,
}

impl Way {
    /// The path to one of the servers.
    pub fn new(path: usize, common: &Rc<Common>) -> Rc<Self> {
        let (endpoint, discovery, welcomes) = Default::default();
        let place = Place::parse(&common.settings.servers[path]);
        let servers = &common.settings.servers;
        let rank = servers[..path].iter().filter(|server| **server == servers[path]).count();
        let contact = Rc::new(Contact { path, place, common: Rc::clone(common) });
        let timing = Timing::new(&contact);
        Rc::new(Self { contact, rank, endpoint, discovery, timing, welcomes })
    }

    /// Connects, follows, reconnects.
    pub async fn follow_for_ever(&self) {
        let mut backoff = Backoff::new(FIRST, LONGEST);
        let known = &self.contact.common.settings.known;
        // What was wrong with the list at the start has been told; it may be mended now.
        let mut said = known.trouble().unwrap_or_default();
        for attempt in 0.. {
            // Its disk may hang: then this goes on with the daemons known so far.
            let looked = tokio::time::timeout(LOOK, known.reload_aside()).await.unwrap_or(Ok(()));
            let wrong = looked.err().unwrap_or_default();
            if !wrong.is_empty() && wrong != said {
                tracing::warn!("keys: {wrong}. Until then the daemons known so far stay known");
            }
            said = wrong;
            let before = self.welcomes.get();
            let end = self.follow(attempt).await;
            if self.contact.common.stopped.get() {
                return;
            }
            if self.welcomes.get() > before {
                backoff.reset();
            }
            let (why, wait) = match end {
                End::Lost(why) => (why, shortened(backoff.failed(), fastrand::f64())),
                End::Refused(why) => (why, shortened(REFUSED, fastrand::f64())),
                End::Paired => (String::new(), Duration::ZERO),
            };
            self.contact.common.outbox(self.contact.path, None);
            let known = self.contact.common.hub.borrow().views()[self.contact.path].why == why;
            let news = self.contact.common.hub.borrow_mut().disconnected(self.contact.path, why.clone());
            self.contact.common.changed(news, None);
            if !known && !why.is_empty() {
                tracing::warn!("{}: {why}", self.contact.server());
            }
            tokio::time::sleep(wait).await;
        }
    }

    /// One connection, from its first packet to its last.
    async fn follow(&self, attempt: usize) -> End {
        let mut discovery = self.discovery.take();
        let identity = &self.contact.common.settings.identity;
        let dialled = dial(&self.contact.place, identity, &mut discovery, attempt + self.rank).await;
        self.discovery.replace(discovery);
        let (endpoint, connection) = match dialled {
            Ok(dialled) => dialled,
            Err(error) => return End::Lost(error.to_string()),
        };
        self.endpoint.replace(Some(endpoint));
        // Commands from before the loss are dropped: the queue is new.
        let (outbox, from_program) = mpsc::channel(COMMANDS);
        self.contact.common.outbox(self.contact.path, Some(outbox));
        let end = match tokio::time::timeout(WELCOME, self.introduce(&connection)).await {
            Ok(Ok(Answer::Welcome(greeted))) => self.serve(&connection, greeted, from_program).await,
            Ok(Ok(Answer::Unpaired(invitation))) => pair(&self.contact, &connection, invitation).await,
            Ok(Err(end)) => end,
            Err(_) => End::Lost(format!("the daemon at {} did not answer the hello", connection.remote_address())),
        };
        // If the daemon has closed the connection, its reason says more than the failures that follow.
        let end = match (connection.close_reason(), end) {
            (Some(reason), End::Lost(_) | End::Refused(_)) => End::ended(reason),
            (_, end) => end,
        };
        self.say_goodbye().await;
        end
    }

    /// Hello and welcome.
    async fn introduce(&self, connection: &Connection) -> Result<Answer, End> {
        let lost = |error: &dyn std::fmt::Display| End::Lost(error.to_string());
        let (mut send, mut receive) = connection.open_bi().await.map_err(|error| lost(&error))?;
        let settings = &self.contact.common.settings;
        let wanted = settings.show.as_deref().or(self.contact.place.show());
        let hello = ClientMessage::Hello {
            version: VERSION,
            name: settings.name.clone(),
            role: settings.role,
            term: self.contact.common.hub.borrow().term(),
            epoch: self.contact.common.hub.borrow().epoch(),
            daemon: settings.daemon.as_ref().map(Own::now),
        };
        stream::say(&mut send, &hello).await.map_err(|error| lost(&error))?;
        match stream::read(&mut receive).await.map_err(|error| lost(&error))? {
            ServerMessage::Welcome { version, .. } if version != VERSION => Err(End::Refused(format!(
                "the daemon speaks protocol version {version}, this program {VERSION}: update the older one"
            ))),
            ServerMessage::Welcome { schema, .. } if !fits(&schema) => Err(End::Refused(format!(
                "the daemon announces rows of {} columns, more than the maximum",
                schema.width()
            ))),
            ServerMessage::Welcome { .. } if !self.trusts(connection) => {
                Err(End::Refused(match tls::peer(connection) {
                    Some(key) => format!(
                        "unknown daemon there (key {}), with `allow-unpaired`. To follow it, set `allow-unpaired` here too, or \
                     remove it there and pair the two. If they were paired before, somebody else answers at its address",
                        key.short()
                    ),
                    None => "the daemon there presents no key".into(),
                }))
            }
            ServerMessage::Welcome { show, .. } if wanted.is_some_and(|wanted| wanted != show) => {
                let wanted = wanted.unwrap_or_default();
                Err(End::Refused(format!("the daemon there plays the show `{show}`, not `{wanted}`")))
            }
            ServerMessage::Welcome {
                version: _,
                daemon,
                show,
                epoch,
                schema,
                state,
                timeline,
                number,
                set,
                clock_port,
            } => {
                let timeline = if timeline.is_sound() { timeline } else { Timeline::default() };
                let role = if daemon.leads { "following" } else { "standing by with the standby of" };
                tracing::info!("{}: {role} the show `{show}`", self.contact.server());
                let mut state = state;
                let dropped = state.mend();
                if !dropped.is_empty() {
                    let server = self.contact.server();
                    tracing::warn!("{server}: ignoring impossible values in its state: {}", dropped.join(", "));
                }
                let number = number.min(plausible::COUNT);
                let (schema, state) = (Arc::new(schema), Arc::new(state));
                self.welcomed(daemon, Known { show, epoch, schema, state, timeline, status: None, number, set });
                Ok(Answer::Welcome(Greeted { send, receive, clock_port }))
            }
            ServerMessage::Refused { why } => Err(End::Refused(why)),
            ServerMessage::Pair { place, seconds } => {
                let lasts = Duration::from_secs(seconds.min(LONGEST_CODE_S).into());
                Ok(Answer::Unpaired(Invitation { send, receive, place, lasts }))
            }
            ServerMessage::Event(_)
            | ServerMessage::Numbered { .. }
            | ServerMessage::Daemon(_)
            | ServerMessage::Proof { .. }
            | ServerMessage::Admin(_)
            | ServerMessage::Unknown(_) => {
                Err(End::Refused("the daemon did not answer the hello with a welcome".into()))
            }
        }
    }

    /// Whether we may follow this daemon: it is known as a daemon (a standby keeps its nodes in the same file, and none
    /// of them leads), it is on this machine, or the settings allow any.
    fn trusts(&self, connection: &Connection) -> bool {
        let settings = &self.contact.common.settings;
        settings.allow_unpaired
            || at_home(connection.remote_address().ip(), connection.local_ip())
            || tls::peer(connection)
                .and_then(|key| settings.known.find(&key))
                .is_some_and(|it| it.role == Role::Standby)
    }

    fn welcomed(&self, daemon: Daemon, known: Known) {
        self.welcomes.set(self.welcomes.get() + 1);
        let news = self.contact.common.hub.borrow_mut().welcomed(self.contact.path, daemon, known);
        self.contact.common.changed(news, Some(host_now()));
    }

    /// Everything at once, until one part ends.
    async fn serve(
        &self,
        connection: &Connection,
        greeted: Greeted,
        from_program: mpsc::Receiver<ClientMessage>,
    ) -> End {
        let Greeted { send, receive, clock_port } = greeted;
        tokio::select! {
            end = read_events(&self.contact, receive) => end,
            end = read_datagrams(&self.contact, &self.timing, connection) => end,
            error = self.timing.keep(connection, clock_port) => End::Lost(format!("cannot ask for the time: {error}")),
            end = read_history(&self.contact, connection) => end,
            end = self.speak(send, from_program) => end,
        }
    }

    /// Closes the connection cleanly, so that the daemon does not wait for a timeout.
    pub async fn say_goodbye(&self) {
        let endpoint = self.endpoint.take();
        if let Some(endpoint) = endpoint {
            endpoint.close(VarInt::from_u32(close::GOODBYE), b"goodbye");
            // One round trip at most: if it is lost, the daemon notices within a second.
            let _ = tokio::time::timeout(GOODBYE, endpoint.wait_idle()).await;
        }
    }

    async fn speak(&self, mut send: SendStream, mut from_program: mpsc::Receiver<ClientMessage>) -> End {
        let mut report = tokio::time::interval(REPORT);
        let mut announced = self.contact.common.shared.announcements();
        loop {
            let own = self.contact.common.settings.daemon.as_ref();
            let message = tokio::select! {
                Some(message) = from_program.recv() => message,
                Ok(()) = announced.changed(), if own.is_some() => match own {
                    Some(own) => ClientMessage::Daemon(own.now()),
                    None => continue,
                },
                _ = report.tick() => ClientMessage::Report(Box::new(self.contact.common.shared.full_report())),
            };
            if let Err(error) = stream::say(&mut send, &message).await {
                return End::Lost(error.to_string());
            }
        }
    }
}
