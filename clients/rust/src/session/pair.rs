//! Pairing with a daemon: this client shows a code until an operator types it there.

use super::contact::Contact;
use super::end::End;
use super::stream;
use downbeat_peer::identity::pairing::{Code, PairingError, Shown, Subject};
use downbeat_peer::identity::{Acquaintance, hex, tls};
use downbeat_protocol::message::{ClientMessage, Role, ServerMessage};
use quinn::{Connection, RecvStream, SendStream};
use ring::rand::{SecureRandom, SystemRandom};
use std::time::Duration;

/// How long to wait for the daemon to store the pairing and close the connection.
const LAST_WORD: Duration = Duration::from_secs(1);

/// Pause without a code after a wrong proof. An impostor in a daemon's place can guess at each code without an
/// operator: at this pace it needs two months for all million codes.
const WRONG: Duration = Duration::from_secs(5);

/// A daemon that offers to pair.
pub struct Invitation {
    pub send: SendStream,
    pub receive: RecvStream,
    /// The code's first two digits.
    pub place: u8,
    /// Validity of the code.
    pub lasts: Duration,
}

/// Shows a code, and waits until it is typed.
pub async fn pair(contact: &Contact, connection: &Connection, invitation: Invitation) -> End {
    let lasts = invitation.lasts;
    let end = tokio::time::timeout(lasts, show_code(contact, connection, invitation)).await;
    show(contact, None);
    end.unwrap_or_else(|_| End::Lost("not paired: nobody typed the code; making a new one".into()))
}

async fn show_code(contact: &Contact, connection: &Connection, invitation: Invitation) -> End {
    let Invitation { mut send, mut receive, place, .. } = invitation;
    let settings = &contact.common.settings;
    let (Some(daemon), Some(binding)) = (tls::peer(connection), tls::binding(connection)) else {
        return End::Refused("not paired: the daemon presents no key".into());
    };
    let mut random = [0; 8];
    if SystemRandom::new().fill(&mut random).is_err() {
        return End::Refused("not paired: the system provides no random numbers for a code".into());
    }
    let code = Code::new(place, u64::from_be_bytes(random));
    let subject = Subject { client: settings.identity.fingerprint(), daemon, binding };
    let (shown, share) = Shown::begin(&code, subject);
    if let Err(error) = stream::say(&mut send, &ClientMessage::Share(hex::digits(&share))).await {
        return End::Lost(error.to_string());
    }
    tracing::warn!(
        "{}: not paired. The code is {}: on the daemon's machine run `downbeatctl pair \"{}\"`",
        contact.server(),
        code.shown(),
        code.shown()
    );
    show(contact, Some(code.shown()));
    let proof = match stream::read(&mut receive).await {
        Ok(ServerMessage::Proof { share, proof }) => match (hex::bytes(&share), hex::bytes(&proof)) {
            (Some(share), Some(proof)) => shown.finish(&share, &proof),
            _ => Err(PairingError::Garbled),
        },
        Ok(ServerMessage::Refused { why }) => return End::Lost(format!("not paired: {why}")),
        Ok(_) => Err(PairingError::Garbled),
        Err(error) => return End::Lost(error.to_string()),
    };
    let proof = match proof {
        Ok(proof) => proof,
        Err(error) => {
            tracing::warn!("{}: not paired: {error}", contact.server());
            show(contact, None);
            // Here, not at the next attempt: the other side may close the connection with any reason it likes.
            tokio::time::sleep(WRONG).await;
            return End::Lost(format!("not paired: {error}"));
        }
    };
    // Trusted from here on: the daemon has proven that it got the code from the operator.
    let acquaintance = Acquaintance { name: contact.server().to_owned(), role: Role::Standby, fingerprint: daemon };
    if let Err(error) = settings.known.add_aside(acquaintance).await {
        tracing::warn!("{}: paired, but cannot store the pairing: {error}", contact.server());
    }
    if let Err(error) = stream::say(&mut send, &ClientMessage::Proof(hex::digits(&proof))).await {
        return End::Lost(error.to_string());
    }
    tracing::info!("{}: paired with the daemon {}", contact.server(), daemon.short());
    let _ = tokio::time::timeout(LAST_WORD, connection.closed()).await;
    End::Paired
}

fn show(contact: &Contact, code: Option<String>) {
    contact.common.hub.borrow_mut().path(contact.path).pairing = code;
    contact.common.changed(Default::default(), None);
}
