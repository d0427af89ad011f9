//! Operators' requests about pairings.

use super::codes::Codes;
use super::passes::Passes;
use crate::clock::host_now;
use crate::server::ServerContext;
use crate::server::clients::admission::KnownClient;
use crate::web::Place;
use downbeat_protocol::message::{Admin, AdminAnswer, Peer, check_name};
use std::time::Duration;
use tokio::time::timeout;

/// Time for the other side of a pairing.
const PAIRING: Duration = Duration::from_secs(10);

impl ServerContext {
    /// Carries out an operator's request, if permitted.
    pub async fn administer(&self, admin: Admin, client: &KnownClient) -> AdminAnswer {
        if let Err(why) = client.may_administer() {
            return AdminAnswer::Refused(why);
        }
        match admin {
            Admin::Pair { code, role, name } => {
                if let Err(why) = name.as_deref().map_or(Ok(()), check_name) {
                    return AdminAnswer::Refused(why);
                }
                let done = match self.keys.waiting.typed(&code, role, name) {
                    Ok(answered) => match timeout(PAIRING, answered).await {
                        Ok(Ok(done)) => done,
                        _ => Err("the device that showed this code has disconnected".into()),
                    },
                    Err(why) => Err(why),
                };
                done.map_or_else(AdminAnswer::Refused, AdminAnswer::Done)
            }
            Admin::Browser { role, name } => match self.keys.codes.make(role, name, host_now()) {
                Some(code) => AdminAnswer::Browser {
                    code,
                    seconds: Codes::SECONDS,
                    urls: self.web.place().map(|place| place.urls()).unwrap_or_default(),
                },
                None => AdminAnswer::Refused("the system provides no random numbers for a code".into()),
            },
            Admin::Layout { form } => {
                match self.web.place().and_then(|place| place.layout_url(&form, &self.keys.passes)) {
                    Some(url) => AdminAnswer::Layout { url, seconds: Passes::SECONDS / 2 },
                    None => AdminAnswer::Refused(Place::NOT_REACHED.into()),
                }
            }
            Admin::Peers => {
                let peer = |peer: downbeat_peer::identity::Acquaintance| Peer {
                    name: peer.name,
                    role: peer.role,
                    fingerprint: peer.fingerprint.to_string(),
                };
                AdminAnswer::Peers(self.keys.known.all().into_iter().map(peer).collect())
            }
            Admin::Revoke { name } => match self.keys.known.remove_aside(name.clone()).await {
                Ok(0) => AdminAnswer::Refused(format!("no peer named `{name}` is paired")),
                Ok(count) => {
                    tracing::info!("pairing: `{name}` revoked by {}", client.from());
                    AdminAnswer::Done(format!("revoked `{name}` ({count})"))
                }
                Err(error) => AdminAnswer::Refused(format!(
                    "`{name}` is revoked only until this daemon exits, because that cannot be stored: {error}"
                )),
            },
        }
    }
}
