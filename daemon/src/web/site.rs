//! Shared by all requests and sockets.

use super::access::{Credentials, Refusal, Visitor, admit, is_loopback};
use super::moment::Hub;
use super::settings::Settings;
use super::{Place, WebContext, layouts};
use crate::clock::host_now;
use crate::controls::share::Shares;
use crate::dispatch::Health;
use crate::edges::kin::Kin;
use crate::edges::places::{Limits, Places};
use axum::http::{HeaderMap, header};
use downbeat_protocol::message::Role;
use std::sync::{Arc, Mutex};

/// Maximum of WebSockets. Only who is let in has any.
const SOCKETS: Limits = Limits { all: 128, for_kin: 0, at_home: 16, of_host: 64, silence: None };

/// The server, as its clients find it.
pub struct Site {
    settings: Settings,
    /// Where it is served.
    place: Place,
    pub context: WebContext,
    pub hub: Hub,
    pub health: Arc<Health>,
    /// The addresses from which browsers have been let in.
    pub kin: Kin,
    /// Places for WebSockets.
    pub sockets: Places,
    /// How much of the door each client has filled.
    pub shares: Mutex<Shares>,
}

impl Site {
    /// With room for everyone.
    pub fn new(settings: Settings, place: Place, context: WebContext, hub: Hub, health: Arc<Health>) -> Self {
        let sockets = Places::new(SOCKETS, Kin::default());
        Self { settings, place, context, hub, health, kin: Kin::default(), sockets, shares: Mutex::default() }
    }

    /// The link by which another device fetches a layout: by the name that whoever asks has used, where others know it, too.
    pub fn layout_link(&self, headers: &HeaderMap, form: &str) -> Option<String> {
        let passes = &self.context.keys.passes;
        match text(headers, header::HOST).filter(|host| !is_loopback(host)) {
            Some(host) => layouts::link(&self.place.origin(host), form, &passes.issue(host_now())?),
            None => self.place.layout_url(form, passes),
        }
    }

    /// The role of a request.
    pub fn role(&self, visitor: Visitor, headers: &HeaderMap) -> Result<Role, Refusal> {
        let credentials = Credentials {
            host: text(headers, header::HOST).unwrap_or_default(),
            origin: text(headers, header::ORIGIN),
            cookies: text(headers, header::COOKIE).unwrap_or_default(),
        };
        let trusted = self.settings.trusts(visitor.peer.ip());
        let role = admit(visitor, credentials, &self.context.keys.known, trusted)?;
        self.kin.note(visitor.peer.ip(), host_now());
        Ok(role)
    }
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
