//! One WebSocket: commands in, values and changes of the tree out.

use super::listening::Listening;
use super::notes::{Changes, Note};
use super::request::{self, Request};
use super::site::Site;
use crate::clock::host_now;
use crate::controls::commands::of_message;
use crate::edges::osc::decode;
use crate::server::clients::allowance::Allowance;
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use downbeat_peer::identity::Fingerprint;
use downbeat_protocol::When;
use downbeat_protocol::message::Role;
use rosc::{OscMessage, OscPacket, OscType, encoder};
use serde_json::json;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::timeout;

/// Time for a client to read a message.
const STALLED: Duration = Duration::from_secs(5);
/// Messages at once and per second: ten fingers on faders at sixty a second, and bursts above that.
const MESSAGES: (f64, f64) = (2_000.0, 1_000.0);
/// Error reports at once and per second.
const COMPLAINTS: (f64, f64) = (10.0, 2.0);
/// Close codes (RFC 6455, 7.4.1): going away; a policy is violated.
const AWAY: u16 = 1001;
const POLICY: u16 = 1008;

/// The other end.
pub struct Client {
    /// The sender of its commands.
    pub from: String,
    /// Whether it may command.
    pub commands: bool,
    /// The key and role by which it was admitted, if any.
    pub paired: Option<(Fingerprint, Role)>,
}

/// Serves a client until it leaves, or stops reading.
pub async fn serve(socket: WebSocket, site: &Site, client: &Client) {
    let now = host_now();
    let mut session = Session {
        socket,
        site,
        client,
        listening: Listening::default(),
        messages: Allowance::new(MESSAGES.0, MESSAGES.1, now),
        complaints: Allowance::new(COMPLAINTS.0, COMPLAINTS.1, now),
    };
    // However it ends, the client knows what to do: reconnect and read the tree.
    let _ = session.run().await;
}

struct Session<'a> {
    socket: WebSocket,
    site: &'a Site,
    client: &'a Client,
    listening: Listening,
    messages: Allowance,
    complaints: Allowance,
}

/// The connection is over.
struct Over;

impl Session<'_> {
    async fn run(&mut self) -> Result<(), Over> {
        let (mut moments, mut notes) = self.site.hub.join();
        let mut known = self.site.context.keys.known.changes();
        loop {
            if self.is_revoked() {
                return self.close(POLICY, "this browser is no longer paired").await;
            }
            tokio::select! {
                message = self.socket.recv() => match message {
                    Some(Ok(message)) => self.take(message).await?,
                    Some(Err(_)) | None => return Err(Over),
                },
                changed = known.changed() => {
                    if changed.is_err() {
                        // Nobody can be revoked any more: the daemon stops.
                        return self.close(AWAY, "the daemon is stopping").await;
                    }
                }
                changed = moments.changed() => {
                    if changed.is_err() {
                        return self.close(AWAY, "the daemon is stopping").await;
                    }
                    let moment = moments.borrow_and_update().clone();
                    if let Some(packet) = self.listening.news(&moment.present()) {
                        self.send_osc(&packet).await?;
                    }
                }
                note = notes.recv() => match note {
                    Ok(Note::Tree(changes)) => self.tell_changes(&changes).await?,
                    Ok(Note::Refused { from, why }) if from == self.client.from => self.complain(&why).await?,
                    Ok(Note::Refused { .. }) => {}
                    Err(RecvError::Lagged(_)) => return self.close(POLICY, "too slow: reconnect").await,
                    Err(RecvError::Closed) => return self.close(AWAY, "the daemon is stopping").await,
                },
            }
        }
    }

    /// Whether its permission has ended.
    fn is_revoked(&self) -> bool {
        let known = &self.site.context.keys.known;
        let Some((key, role)) = &self.client.paired else { return false };
        known.find(key).is_none_or(|paired| paired.role != *role)
    }

    async fn take(&mut self, message: Message) -> Result<(), Over> {
        match message {
            Message::Text(text) => {
                if !self.messages.take(host_now()) {
                    return self.too_many().await;
                }
                let tree = self.site.hub.now().tree;
                let done = match request::parse(&text) {
                    Ok(Request::Listen(path)) => self.listening.listen(&tree, path),
                    Ok(Request::Ignore(path)) => {
                        self.listening.ignore(&path);
                        Ok(())
                    }
                    Err(error) => Err(error.to_string()),
                };
                match done {
                    Ok(()) => Ok(()),
                    Err(why) => self.complain(&why).await,
                }
            }
            Message::Binary(bytes) => match self.command(&bytes) {
                Ok(()) => Ok(()),
                Err(why) => self.complain(&why).await,
            },
            Message::Ping(_) | Message::Pong(_) => Ok(()),
            Message::Close(_) => Err(Over),
        }
    }

    /// Takes an OSC packet. The error is for the client: the first one.
    fn command(&mut self, bytes: &[u8]) -> Result<(), String> {
        let site = self.site;
        let (tree, clock) = (site.hub.now().tree, &site.context.clock);
        let mut wrong = None;
        decode::read(bytes, &mut |message| {
            let obeyed = message.map_err(|error| error.to_string()).and_then(|message| {
                if !self.messages.take(host_now()) {
                    return Err(too_many());
                }
                if When::split(&message.address).1 == "/ping" {
                    return Ok(());
                }
                if !self.client.commands {
                    return Err("this browser may only watch".into());
                }
                for (_, command) in of_message(&tree, clock, &message, &self.client.from)? {
                    let sent = site.context.door.try_send(command);
                    sent.map_err(|_| "the show is busy; the command was dropped".to_owned())?;
                    site.health.count_sent();
                }
                Ok(())
            });
            if let Err(why) = obeyed {
                site.health.count_dropped(1);
                wrong.get_or_insert(why);
            }
        });
        wrong.map_or(Ok(()), Err)
    }

    async fn too_many(&mut self) -> Result<(), Over> {
        self.site.health.count_dropped(1);
        self.complain(&too_many()).await
    }

    async fn tell_changes(&mut self, changes: &Changes) -> Result<(), Over> {
        let tree = self.site.hub.now().tree;
        self.listening.rebuilt(&tree);
        let Changes { added, removed, changed } = changes;
        for (command, paths) in [("PATH_REMOVED", removed), ("PATH_ADDED", added), ("PATH_CHANGED", changed)] {
            for path in paths {
                let text = json!({ "COMMAND": command, "DATA": path }).to_string();
                self.send(Message::Text(text.into())).await?;
            }
        }
        Ok(())
    }

    /// Reports an error, with a limit: a client with thousands of errors gets a few reports.
    async fn complain(&mut self, why: &str) -> Result<(), Over> {
        if !self.complaints.take(host_now()) {
            return Ok(());
        }
        let args = vec![OscType::String(why.to_owned())];
        self.send_osc(&OscPacket::Message(OscMessage { addr: "/error".into(), args })).await
    }

    async fn send_osc(&mut self, packet: &OscPacket) -> Result<(), Over> {
        match encoder::encode(packet) {
            Ok(bytes) => self.send(Message::Binary(bytes.into())).await,
            Err(_) => Ok(()),
        }
    }

    async fn send(&mut self, message: Message) -> Result<(), Over> {
        match timeout(STALLED, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Over),
        }
    }

    async fn close(&mut self, code: u16, reason: &'static str) -> Result<(), Over> {
        let _ = self.send(Message::Close(Some(CloseFrame { code, reason: reason.into() }))).await;
        Err(Over)
    }
}

fn too_many() -> String {
    format!("more than {} messages per second: dropping the rest", MESSAGES.1)
}
