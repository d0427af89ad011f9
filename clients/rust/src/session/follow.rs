//! The thread `quic-client`: connect, follow, connect again.

use super::backoff::Backoff;
use super::dial::dial;
use super::shared::{Shared, Welcome, fits};
use super::{Settings, stream};
use crate::clock::{self, Follower};
use crate::host::host_now;
use downbeat_protocol::datagram::{self, Datagram, Ping};
use downbeat_protocol::message::{ClientMessage, ServerMessage};
use downbeat_protocol::{VERSION, close};
use quinn::{Connection, ConnectionError, Endpoint, RecvStream, SendStream, VarInt};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// How long a daemon may take to answer a hello.
const WELCOME: Duration = Duration::from_secs(2);
/// How often this client says how it is doing.
const REPORT: Duration = Duration::from_secs(1);
/// How long saying goodbye may take.
const GOODBYE: Duration = Duration::from_millis(150);

/// How a connection ended.
enum End {
    /// It was there and broke, or could not be made: worth trying again soon.
    Lost(String),
    /// The daemon does not want us: worth trying again when somebody has done something.
    Refused(String),
}

/// What this thread keeps between connections.
struct Link<'a> {
    settings: Settings,
    shared: &'a Arc<Shared>,
    from_program: mpsc::Receiver<ClientMessage>,
    follower: Follower,
    epoch: Option<u64>,
    endpoint: Option<Endpoint>,
    pings: u32,
}

/// Follows the daemon until told to stop.
pub fn run(
    settings: Settings,
    shared: &Arc<Shared>,
    from_program: mpsc::Receiver<ClientMessage>,
    mut stopped: watch::Receiver<bool>,
) {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            shared.disconnected(format!("cannot start the network runtime: {error}"));
            return;
        }
    };
    let mut link =
        Link { settings, shared, from_program, follower: Follower::new(), epoch: None, endpoint: None, pings: 0 };
    runtime.block_on(async {
        tokio::select! {
            () = link.follow_for_ever() => {}
            // An error means that the session is gone, which is the same.
            _ = stopped.wait_for(|stop| *stop) => {}
        }
        link.say_goodbye().await;
    });
    // A name that is being looked up must not hold up the end.
    runtime.shutdown_background();
}

impl Link<'_> {
    async fn follow_for_ever(&mut self) {
        let mut backoff = Backoff::default();
        for attempt in 0.. {
            let before = self.shared.view().welcomes;
            let end = self.follow(attempt).await;
            if self.shared.view().welcomes > before {
                backoff.reset();
            }
            let (why, wait) = match end {
                End::Lost(why) => (why, backoff.failed(fastrand::f64())),
                End::Refused(why) => (why, backoff.refused(fastrand::f64())),
            };
            if self.shared.disconnected(why.clone()) {
                tracing::warn!("{}: {why}", self.settings.server);
            }
            tokio::time::sleep(wait).await;
        }
    }

    /// One connection, from its first packet to its last.
    async fn follow(&mut self, attempt: usize) -> End {
        let (endpoint, connection) = match dial(&self.settings.server, attempt).await {
            Ok(dialled) => dialled,
            Err(error) => return End::Lost(error.to_string()),
        };
        self.endpoint = Some(endpoint);
        let end = match tokio::time::timeout(WELCOME, self.introduce(&connection)).await {
            Ok(Ok((send, receive))) => self.serve(&connection, send, receive).await,
            Ok(Err(end)) => end,
            Err(_) => End::Lost(format!("the daemon at {} did not answer a hello", connection.remote_address())),
        };
        // When the daemon has closed the connection, its reason says more than whatever failed because of that.
        let end = connection.close_reason().map_or(end, ended);
        self.say_goodbye().await;
        end
    }

    /// Hello and welcome.
    async fn introduce(&mut self, connection: &Connection) -> Result<(SendStream, RecvStream), End> {
        let lost = |error: &dyn std::fmt::Display| End::Lost(error.to_string());
        let (mut send, mut receive) = connection.open_bi().await.map_err(|error| lost(&error))?;
        let hello =
            ClientMessage::Hello { version: VERSION, name: self.settings.name.clone(), role: self.settings.role };
        stream::say(&mut send, &hello).await.map_err(|error| lost(&error))?;
        match stream::hear(&mut receive).await.map_err(|error| lost(&error))? {
            ServerMessage::Welcome { version, .. } if version != VERSION => Err(End::Refused(format!(
                "the daemon speaks version {version} of the protocol, this program {VERSION}: update the older one"
            ))),
            ServerMessage::Welcome { schema, .. } if !fits(&schema) => Err(End::Refused(format!(
                "the daemon announces rows of {} columns, more than there can be",
                schema.width()
            ))),
            ServerMessage::Welcome { version: _, show, epoch, schema, state, timeline } => {
                if self.epoch.replace(epoch) != Some(epoch) {
                    self.follower.restart();
                    self.shared.clock(&self.follower, host_now());
                }
                // Commands from before the connection was lost are not for now.
                while self.from_program.try_recv().is_ok() {}
                tracing::info!("{}: following the show `{show}`", self.settings.server);
                self.shared.welcomed(Welcome { show, epoch, schema, state, timeline });
                Ok((send, receive))
            }
            ServerMessage::Refused { why } => Err(End::Refused(why)),
            ServerMessage::Event(_) | ServerMessage::Unknown(_) => {
                Err(End::Refused("the daemon did not answer the hello with a welcome".into()))
            }
        }
    }

    /// Everything at once, until one part ends.
    async fn serve(&mut self, connection: &Connection, send: SendStream, receive: RecvStream) -> End {
        tokio::select! {
            end = hear_events(receive, self.shared) => end,
            end = hear_datagrams(connection, self.shared, &mut self.follower) => end,
            end = ask_for_time(connection, &mut self.pings) => end,
            end = speak(send, &mut self.from_program, self.shared) => end,
        }
    }

    async fn say_goodbye(&mut self) {
        if let Some(endpoint) = self.endpoint.take() {
            endpoint.close(VarInt::from_u32(close::GOODBYE), b"goodbye");
            // One round trip at most: when it is lost, the daemon notices within a second by itself.
            let _ = tokio::time::timeout(GOODBYE, endpoint.wait_idle()).await;
        }
    }
}

async fn hear_events(mut receive: RecvStream, shared: &Shared) -> End {
    loop {
        match stream::hear(&mut receive).await {
            Ok(ServerMessage::Event(event)) => shared.event(event),
            Ok(ServerMessage::Refused { why }) => return End::Refused(why),
            // A newer daemon may say more than we know.
            Ok(ServerMessage::Welcome { .. } | ServerMessage::Unknown(_)) => {}
            Err(error) => return End::Lost(error.to_string()),
        }
    }
}

async fn hear_datagrams(connection: &Connection, shared: &Shared, follower: &mut Follower) -> End {
    loop {
        let bytes = match connection.read_datagram().await {
            Ok(bytes) => bytes,
            Err(error) => return ended(error),
        };
        let heard = host_now();
        match datagram::decode(&bytes) {
            Ok(Datagram::Rows(rows)) => shared.rows(&rows, heard),
            Ok(Datagram::Pong(pong)) => {
                if follower.sample(pong.sent, pong.received, pong.answered, heard) {
                    shared.clock(follower, heard);
                }
            }
            // Kinds from a newer daemon, and what a newer daemon understands better than we do.
            Ok(Datagram::Ping(_)) | Err(_) => {}
        }
    }
}

async fn ask_for_time(connection: &Connection, pings: &mut u32) -> End {
    for count in 0.. {
        *pings = pings.wrapping_add(1);
        let ping = Ping { id: *pings, sent: host_now() };
        if let Err(error) = connection.send_datagram(ping.encode().into()) {
            return End::Lost(format!("cannot ask for the time: {error}"));
        }
        tokio::time::sleep(clock::pause(count)).await;
    }
    End::Lost("the pings ran out".into())
}

async fn speak(mut send: SendStream, from_program: &mut mpsc::Receiver<ClientMessage>, shared: &Shared) -> End {
    let mut report = tokio::time::interval(REPORT);
    loop {
        let message = tokio::select! {
            Some(message) = from_program.recv() => message,
            _ = report.tick() => ClientMessage::Report(shared.full_report()),
        };
        if let Err(error) = stream::say(&mut send, &message).await {
            return End::Lost(error.to_string());
        }
    }
}

/// What the end of a connection means.
fn ended(error: ConnectionError) -> End {
    match error {
        ConnectionError::ApplicationClosed(closed) => {
            let why = String::from_utf8_lossy(&closed.reason).into_owned();
            if closed.error_code == VarInt::from_u32(close::REFUSED) {
                End::Refused(why)
            } else {
                End::Lost(format!("the daemon closed the connection: {why}"))
            }
        }
        ConnectionError::TimedOut => End::Lost("the daemon is gone: nothing heard for a second".into()),
        other => End::Lost(format!("connection lost: {other}")),
    }
}
