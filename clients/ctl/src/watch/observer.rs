//! Polls the session.

use super::log::Log;
use super::sight::Sight;
use downbeat_client::{Events, Session};
use downbeat_protocol::{Action, Event, HostTime, When};
use std::time::Duration;

/// Polls a session and keeps the log.
pub struct Observer {
    session: Session,
    events: Events,
    server: String,
    started: HostTime,
    /// The events so far.
    pub log: Log,
}

impl Observer {
    /// An observer of a session with the daemon at an address.
    pub fn new(session: Session, server: String) -> Self {
        let events = session.events();
        Self { session, events, server, started: Session::host_now(), log: Log::default() }
    }

    /// Waits for the first connection, or for this long.
    pub fn wait_connected(&self, at_most: Duration) {
        self.session.wait(at_most, |view| view.status.is_some());
    }

    /// The show now; updates the log.
    pub fn look(&mut self) -> Sight {
        let now = Session::host_now();
        let view = self.session.view();
        while let Some(event) = self.events.try_next() {
            match &event {
                Event::Status(status) => self.log.status(now, status),
                other => self.log.event(now, other),
            }
        }
        self.log.connection(now, view.connected, &self.server, &view.why);
        let show = view.show_time(now);
        let values = self.session.row_at(show).map(|row| row.values).unwrap_or_default();
        let heard = if view.last_heard == HostTime::ZERO { self.started } else { view.last_heard };
        Sight { server: self.server.clone(), view, values, now, show, heard }
    }

    /// Sends a command; failures go to the log.
    pub fn command(&mut self, action: Action) {
        if let Err(error) = self.session.command(action, When::Now) {
            self.log.note(Session::host_now(), format!("not sent: {error}"), true);
        }
    }
}
