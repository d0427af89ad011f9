//! One peer management request to a daemon, on its own connection.

use crate::session::dial::dial;
use crate::session::place::Place;
use crate::session::{Settings, stream};
use downbeat_protocol::message::{Admin, AdminAnswer, ClientMessage, ServerMessage};
use downbeat_protocol::{VERSION, close};
use quinn::VarInt;
use std::time::Duration;

/// Time limit for a request: both sides of a pairing must answer.
const LIMIT: Duration = Duration::from_secs(15);

/// Sends a request to the first of the servers. The error is for the operator.
pub fn ask(settings: &Settings, admin: Admin) -> Result<AdminAnswer, String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("cannot start the network runtime: {error}"))?;
    let asked = async { tokio::time::timeout(LIMIT, exchange(settings, admin)).await };
    runtime.block_on(asked).unwrap_or_else(|_| Err(format!("no answer within {} s", LIMIT.as_secs())))
}

async fn exchange(settings: &Settings, admin: Admin) -> Result<AdminAnswer, String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let server = settings.servers.first().ok_or("no daemon given")?;
    let (endpoint, connection) =
        dial(&Place::parse(server), &settings.identity, &mut None, 0).await.map_err(|error| text(&error))?;
    let (mut send, mut receive) = connection.open_bi().await.map_err(|error| text(&error))?;
    let (name, role) = (settings.name.clone(), settings.role);
    let hello = ClientMessage::Hello { version: VERSION, name, role, term: 0, epoch: 0, daemon: None };
    stream::say(&mut send, &hello).await.map_err(|error| text(&error))?;
    let answer = loop {
        match stream::read(&mut receive).await.map_err(|error| text(&error))? {
            ServerMessage::Welcome { .. } => {
                stream::say(&mut send, &ClientMessage::Admin(admin.clone())).await.map_err(|error| text(&error))?;
            }
            ServerMessage::Admin(answer) => break answer,
            ServerMessage::Refused { why } => return Err(why),
            ServerMessage::Pair { .. } => {
                return Err(format!(
                    "this machine is not paired with the daemon at {server}: run this on the daemon's own machine, or pair \
                     `downbeatctl watch` first"
                ));
            }
            ServerMessage::Event(_)
            | ServerMessage::Numbered { .. }
            | ServerMessage::Daemon(_)
            | ServerMessage::Proof { .. }
            | ServerMessage::Unknown(_) => {}
        }
    };
    connection.close(VarInt::from_u32(close::GOODBYE), b"goodbye");
    endpoint.wait_idle().await;
    Ok(answer)
}
