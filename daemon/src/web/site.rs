//! Shared by all requests and sockets.

use super::WebContext;
use super::access::{Credentials, Refusal, Visitor, admit};
use super::moment::Hub;
use super::settings::Settings;
use crate::dispatch::Health;
use axum::http::{HeaderMap, header};
use downbeat_protocol::message::Role;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Maximum of WebSockets.
const SOCKETS: usize = 128;

/// The server, as its clients find it.
pub struct Site {
    settings: Settings,
    pub context: WebContext,
    pub hub: Hub,
    pub health: Arc<Health>,
    /// Places for WebSockets.
    pub sockets: Arc<Semaphore>,
}

impl Site {
    /// With room for everyone.
    pub fn new(settings: Settings, context: WebContext, hub: Hub, health: Arc<Health>) -> Self {
        Self { settings, context, hub, health, sockets: Arc::new(Semaphore::new(SOCKETS)) }
    }

    /// The role of a request.
    pub fn role(&self, visitor: Visitor, headers: &HeaderMap) -> Result<Role, Refusal> {
        let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
        let credentials = Credentials {
            host: text(header::HOST).unwrap_or_default(),
            origin: text(header::ORIGIN),
            cookies: text(header::COOKIE).unwrap_or_default(),
        };
        let trusted = self.settings.trusts(visitor.peer.ip());
        admit(visitor, credentials, &self.context.keys.known, trusted)
    }
}
