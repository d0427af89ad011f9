//! The daemon's side of a pairing: waits for a client's code.

use crate::server::clients::admission::UnknownClient;
use crate::server::clients::connection::{CloseReason, ConnectionHandler};
use crate::server::clients::wire;
use downbeat_peer::identity::pairing::{PairingError, Subject, Typed as Exchange};
use downbeat_peer::identity::{Acquaintance, hex, tls};
use downbeat_protocol::close;
use downbeat_protocol::message::{self, ClientMessage, ServerMessage};
use quinn::{Connection, RecvStream, SendStream};
use std::time::Duration;
use tokio::time::timeout;

/// Validity of a code.
const CODE_S: u32 = 60;
/// Time for one answer of a client.
const ANSWER: Duration = Duration::from_secs(5);

impl ConnectionHandler {
    /// Pairs a client on the operator's request. It gets nothing else before or after.
    pub async fn pair(
        &self,
        connection: &Connection,
        client: &UnknownClient,
        send: SendStream,
        receive: RecvStream,
    ) -> CloseReason {
        let dialogue = self.dialogue(connection, client, send, receive);
        match timeout(Duration::from_secs(CODE_S.into()) + ANSWER, dialogue).await {
            Ok(reason) => reason,
            Err(_) => CloseReason::new(close::SILENT, "nobody typed its code"),
        }
    }

    async fn dialogue(
        &self,
        connection: &Connection,
        client: &UnknownClient,
        mut send: SendStream,
        mut receive: RecvStream,
    ) -> CloseReason {
        let keys = &self.context.keys;
        let (Some(key), Some(binding)) = (tls::peer(connection), tls::binding(connection)) else {
            return CloseReason::new(close::REFUSED, "it is not paired and presents no key to pair with");
        };
        let Some(mut place) = keys.waiting.enter(connection.remote_address().ip()) else {
            return CloseReason::new(close::REFUSED, "too many devices waiting to pair: try again in a minute");
        };
        let invitation = ServerMessage::Pair { place: place.number, seconds: CODE_S };
        if let Err(reason) = say(&mut send, &invitation).await {
            return reason;
        }
        let share = match timeout(ANSWER, wire::read(&mut receive)).await {
            Ok(Ok(ClientMessage::Share(share))) => hex::bytes(&share),
            _ => None,
        };
        let Some(share) = share else { return CloseReason::new(close::GARBAGE, "it abandoned the pairing") };
        tracing::info!(
            "pairing: `{}` at {} asks to be a {}: type the code that it shows: downbeatctl pair \"{:02} ... ...\"",
            client.name,
            connection.remote_address(),
            client.role.name(),
            place.number
        );
        let typed = tokio::select! {
            typed = place.typed.recv() => typed,
            // Nothing is sent now.
            _ = wire::read(&mut receive) => return CloseReason::new(close::GOODBYE, "it stopped waiting"),
            // Its pairing is back: the list could not be read for a while, or somebody has put it there.
            () = keys.known.learns(&key) => return CloseReason::new(close::GOODBYE, "it is paired again: reconnect"),
        };
        let Some(typed) = typed else {
            return CloseReason::new(close::REFUSED, "another machine needs its place to pair: try again in a minute");
        };
        let subject = Subject { client: key, daemon: keys.identity.fingerprint(), binding };
        let exchanged = self.exchange(&typed.code, subject, &share, &mut send, &mut receive).await;
        if let Err(error) = exchanged {
            let _ = typed.answer.send(Err(error.to_string()));
            tracing::warn!("pairing: `{}` from {}: {error}", client.name, connection.remote_address());
            return CloseReason::new(close::REFUSED, error);
        }
        let name = typed.name.unwrap_or_else(|| client.name.clone());
        let role = typed.role.unwrap_or(client.role);
        // Their disk may take long: only this device waits, and whoever typed its code.
        let kept = keys.known.add_aside(Acquaintance { name: name.clone(), role, fingerprint: key }).await;
        let told = format!("paired `{name}` as a {}; its key is {}", role.name(), key.short());
        tracing::info!("pairing: {told}");
        let told = kept.map(|()| told).map_err(|error| {
            format!("`{name}` is paired as a {} only until this daemon exits, because the pairing cannot be stored: {error}", role.name())
        });
        let _ = typed.answer.send(told);
        CloseReason::new(close::GOODBYE, "paired: reconnect")
    }

    async fn exchange(
        &self,
        code: &downbeat_peer::identity::pairing::Code,
        subject: Subject,
        share: &[u8],
        send: &mut SendStream,
        receive: &mut RecvStream,
    ) -> Result<(), PairingError> {
        let (exchange, share, proof) = Exchange::begin(code, subject, share)?;
        let proof = ServerMessage::Proof { share: hex::digits(&share), proof: hex::digits(&proof) };
        say(send, &proof).await.map_err(|_| PairingError::Garbled)?;
        match timeout(ANSWER, wire::read(receive)).await {
            Ok(Ok(ClientMessage::Proof(proof))) => exchange.finish(&hex::bytes(&proof).ok_or(PairingError::Garbled)?),
            // A client that finds our proof wrong leaves: the codes differ.
            _ => Err(PairingError::Wrong),
        }
    }
}

async fn say(send: &mut SendStream, message: &ServerMessage) -> Result<(), CloseReason> {
    let bytes = message::encode(message).map_err(|error| CloseReason::new(close::GOODBYE, error))?;
    send.write_all(&bytes).await.map_err(|error| CloseReason::new(close::GOODBYE, error))
}
