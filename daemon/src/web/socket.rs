//! One WebSocket: commands in, values and changes of the tree out.

use super::listening::Listening;
use super::notes::{Changes, Refused};
use super::request::{self, Request};
use super::site::Site;
use crate::clock::host_now;
use crate::controls::attempts::Attempts;
use crate::controls::commands::{Commands, arrived, of_message};
use crate::controls::echoes::{Sender, is_answer, is_read_only};
use crate::controls::senders::Senders;
use crate::dispatch::LONGEST;
use crate::edges::allowance::Allowance;
use crate::edges::liveness::unacknowledged;
use crate::edges::osc::decode;
use crate::edges::progress::Progress;
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use downbeat_log::one_line;
use downbeat_peer::identity::Fingerprint;
use downbeat_protocol::message::Role;
use downbeat_protocol::{HostTime, Tree, Value, When};
use rosc::{OscMessage, OscPacket, OscType, encoder};
use serde_json::json;
use std::net::SocketAddr;
use std::os::fd::RawFd;
use std::sync::{Arc, PoisonError};
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
    /// Its address.
    pub peer: SocketAddr,
    /// Whether it may command, and move the lead: it entered a code, or is on this machine or a trusted network.
    pub commands: bool,
    /// The key and role by which it was admitted, if any.
    pub paired: Option<(Fingerprint, Role)>,
    /// The socket below, to see what gets through; none for another kind of stream.
    pub line: Option<RawFd>,
}

/// Serves a client until it leaves, or stops reading.
pub async fn serve(socket: WebSocket, site: &Site, client: &Client) {
    let now = host_now();
    let mut progress = Progress::default();
    // Its time begins now.
    progress.has_stalled(0, now);
    let mut session = Session {
        socket,
        site,
        client,
        tree: site.hub.now().tree,
        listening: Listening::default(),
        attempts: Attempts::default(),
        senders: Senders::default(),
        messages: Allowance::new(MESSAGES.0, MESSAGES.1, now),
        complaints: Allowance::new(COMPLAINTS.0, COMPLAINTS.1, now),
        progress,
    };
    // However it ends, the client knows what to do: reconnect and read the tree.
    let _ = session.run().await;
}

struct Session<'a> {
    socket: WebSocket,
    site: &'a Site,
    client: &'a Client,
    /// The tree that the client knows.
    tree: Arc<Tree>,
    listening: Listening,
    /// What the client tried to set.
    attempts: Attempts,
    senders: Senders,
    messages: Allowance,
    complaints: Allowance,
    progress: Progress,
}

/// The connection is over.
struct Over;

impl Session<'_> {
    async fn run(&mut self) -> Result<(), Over> {
        let (mut moments, mut refusals) = self.site.hub.join();
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
                        return self.close(AWAY, "the server is closing").await;
                    }
                }
                changed = moments.changed() => {
                    if changed.is_err() {
                        return self.close(AWAY, "the server is closing").await;
                    }
                    let moment = moments.borrow_and_update().clone();
                    self.know(&moment.tree).await?;
                    let now = host_now();
                    if self.has_stalled(now) {
                        continue;
                    }
                    let echoes = &self.site.context.echoes;
                    for (_, path, _) in self.attempts.take(now, &moment.as_told()) {
                        self.listening.again(&path);
                    }
                    let (attempts, peer) = (&mut self.attempts, self.client.peer);
                    let tell = |address: &str, value: &Value| {
                        attempts.told(peer, address);
                        echoes.told(address, value, now);
                    };
                    if let Some(packet) = self.listening.news(&moment.as_told(), tell) {
                        self.send_osc(&packet).await?;
                    }
                }
                refused = refusals.recv() => match refused {
                    Ok(Refused { from, why }) if from == self.client.from => self.complain(&why).await?,
                    // Others', or so many that some were dropped.
                    Ok(_) | Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return self.close(AWAY, "the server is closing").await,
                },
            }
        }
    }

    /// Whether nothing gets through to the client. It would hear everything late and at once, beats as well; so it hears
    /// the newest once it is back.
    fn has_stalled(&mut self, now: HostTime) -> bool {
        let Some(line) = self.client.line else { return false };
        self.progress.has_stalled(unacknowledged(&line), now)
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
                let (when, plain) = When::split(&message.address);
                let (peer, is_known) = (self.client.peer, true);
                // Whatever becomes of it: the client shows what it sent.
                if let (When::Now, Some(value), Some(node)) = (when, &message.value, tree.find(plain)) {
                    self.attempts.note(peer, node, value, host_now());
                }
                if !self.messages.take(host_now()) {
                    return Err(too_many());
                }
                let sender = Sender { peer, is_known };
                if is_answer(plain) || is_read_only(plain) {
                    // It was told this, and repeats it.
                    site.context.echoes.repeats(sender, host_now());
                    return Ok(());
                }
                if plain == "/ping" {
                    return Ok(());
                }
                if !self.client.commands {
                    return Err("this browser may only watch".into());
                }
                let from = (peer.ip(), self.client.from.as_str());
                let Commands { commands, warning } = of_message(&tree, clock, &mut self.senders, &message, from)?;
                if commands.iter().any(|(_, command)| command.when != When::Now) {
                    self.attempts.told(peer, plain);
                }
                if let Some(warning) = warning {
                    tracing::warn!("web: {warning}");
                }
                let is_one = commands.len() == 1;
                for (address, command) in commands {
                    let echoes = &site.context.echoes;
                    // A prefix or the time tag may have set another moment.
                    let is_now = command.when == When::Now;
                    if let (true, Some(value)) = (is_now && is_one && address == plain, &message.value)
                        && echoes.is_echo(&tree, (&address, value, &command.what), sender, host_now())
                    {
                        continue;
                    }
                    let at = if let When::At(at) = command.when { Some(clock.host(at)) } else { None };
                    let command = arrived(command, clock.now());
                    site.shares.lock().unwrap_or_else(PoisonError::into_inner).send(&site.context.door, command)?;
                    site.health.count_sent();
                    if let (false, Some(value)) = (is_now, &message.value) {
                        echoes.schedules(&address, value, sender, host_now(), at);
                    }
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

    /// Tells how the newest tree differs from the one that this client knows, however many there were in between.
    async fn know(&mut self, tree: &Arc<Tree>) -> Result<(), Over> {
        let before = std::mem::replace(&mut self.tree, Arc::clone(tree));
        if Arc::ptr_eq(&before, tree) {
            return Ok(());
        }
        self.listening.rebuilt(tree);
        let Changes { added, removed, changed } = Changes::between(&before, tree).unwrap_or_default();
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
        self.send_osc(&complaint(why)).await
    }

    async fn send_osc(&mut self, packet: &OscPacket) -> Result<(), Over> {
        match encoder::encode(packet) {
            Ok(bytes) => self.send(Message::Binary(bytes.into())).await,
            Err(_) => Ok(()),
        }
    }

    async fn send(&mut self, message: Message) -> Result<(), Over> {
        // Frames and encryption add some, which is left out: too much would look like progress.
        let bytes = match &message {
            Message::Text(text) => text.len(),
            Message::Binary(bytes) => bytes.len(),
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) => 0,
        };
        match timeout(STALLED, self.socket.send(message)).await {
            Ok(Ok(())) => {
                self.progress.write(bytes);
                Ok(())
            }
            Ok(Err(_)) | Err(_) => Err(Over),
        }
    }

    async fn close(&mut self, code: u16, reason: &'static str) -> Result<(), Over> {
        let _ = self.send(Message::Close(Some(CloseFrame { code, reason: reason.into() }))).await;
        Err(Over)
    }
}

/// What is wrong, in a line: it may repeat what the client has sent.
fn complaint(why: &str) -> OscPacket {
    let args = vec![OscType::String(one_line(why, LONGEST))];
    OscPacket::Message(OscMessage { addr: "/error".into(), args })
}

fn too_many() -> String {
    format!("more than {} messages per second: dropping the rest", MESSAGES.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_sixty_kilobytes_comes_back_as_a_line() {
        let address = format!("/{}", "\u{1b}[2J\n".repeat(10_000));
        let args = vec![OscType::Blob(vec![1])];
        let packet = encoder::encode(&OscPacket::Message(OscMessage { addr: address, args })).expect("encodes");
        let mut wrong = None;
        decode::read(&packet, &mut |message| wrong = message.err());
        let OscPacket::Message(told) = complaint(&wrong.expect("a blob sets nothing").to_string()) else {
            panic!("a message");
        };
        let [OscType::String(why)] = &told.args[..] else { panic!("{told:?}") };
        assert!(why.len() < 5_000 && !why.contains(char::is_control), "{why}");
    }
}
