//! State shared by all paths to daemons.

use super::Settings;
use super::hub::{Hub, News};
use super::shared::Shared;
use super::view::ClockView;
use downbeat_protocol::HostTime;
use downbeat_protocol::message::ClientMessage;
use std::cell::{Cell, RefCell};
use std::sync::Arc;
use tokio::sync::mpsc;

/// State shared by all paths. They run on one thread and take turns.
pub struct Common {
    pub settings: Settings,
    pub shared: Arc<Shared>,
    pub hub: RefCell<Hub>,
    /// The sender to each daemon, while it is connected.
    outboxes: RefCell<Vec<Option<mpsc::Sender<ClientMessage>>>>,
    /// Set when the program stops.
    pub stopped: Cell<bool>,
}

impl Common {
    /// Without connections.
    pub fn new(settings: Settings, shared: &Arc<Shared>) -> Self {
        let hub = RefCell::new(Hub::new(&settings.servers));
        let outboxes = RefCell::new(vec![None; settings.servers.len()]);
        Self { settings, shared: Arc::clone(shared), hub, outboxes, stopped: Cell::new(false) }
    }

    /// A connection accepts messages; or no longer does.
    pub fn outbox(&self, path: usize, outbox: Option<mpsc::Sender<ClientMessage>>) {
        self.shared.connect(path, outbox.clone());
        self.outboxes.borrow_mut()[path] = outbox;
        self.choose_outbox();
    }

    /// The hub has changed. True if that is news for the operator.
    pub fn changed(&self, news: News, heard: Option<HostTime>) -> bool {
        if news.led_by_another {
            // Before the program can see it: it may send as soon as it sees a connection.
            self.choose_outbox();
        }
        self.shared.follow(&self.hub.borrow(), news, heard)
    }

    /// The clock of a path has changed: shown if that path leads.
    pub fn clock(&self, path: usize, heard: HostTime) {
        let mut hub = self.hub.borrow_mut();
        if hub.leading() == Some(path) {
            let path = hub.path(path);
            self.shared.clock(ClockView::of(&path.follower, path.stamps, heard), heard);
        }
    }

    fn choose_outbox(&self) {
        let lead = self.hub.borrow().leading();
        self.shared.send_to(lead.and_then(|lead| self.outboxes.borrow()[lead].clone()));
    }
}
