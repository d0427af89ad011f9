//! The thread `quic-client`: follows every daemon that it is told of, and tries again for ever.

use super::Settings;
use super::hub::{Hub, News};
use super::path::Way;
use super::shared::Shared;
use super::view::ClockView;
use downbeat_protocol::HostTime;
use downbeat_protocol::message::ClientMessage;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use tokio::sync::{mpsc, watch};
use tokio::task::LocalSet;

/// What all ways have in common. They run on one thread and take turns.
pub struct Common {
    pub settings: Settings,
    pub shared: Arc<Shared>,
    pub hub: RefCell<Hub>,
    /// Where to send to each daemon, while it is there.
    outboxes: RefCell<Vec<Option<mpsc::Sender<ClientMessage>>>>,
    /// Set when the program wants no more.
    pub stopped: Cell<bool>,
}

/// Follows until told to stop.
pub fn run(settings: Settings, shared: &Arc<Shared>, mut stopped: watch::Receiver<bool>) {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return shared.failed(format!("cannot start the network runtime: {error}")),
    };
    let hub = RefCell::new(Hub::new(&settings.servers));
    let outboxes = RefCell::new(vec![None; settings.servers.len()]);
    let common = Rc::new(Common { settings, shared: Arc::clone(shared), hub, outboxes, stopped: Cell::new(false) });
    let ways: Vec<Rc<Way>> = (0..common.settings.servers.len()).map(|path| Way::new(path, &common)).collect();
    let local = LocalSet::new();
    local.block_on(&runtime, async {
        for way in &ways {
            let way = Rc::clone(way);
            tokio::task::spawn_local(async move { way.follow_for_ever().await });
        }
        // An error means that the session is gone, which is the same.
        let _ = stopped.wait_for(|stop| *stop).await;
        common.stopped.set(true);
        let goodbyes: Vec<_> = ways
            .iter()
            .map(|way| {
                let way = Rc::clone(way);
                tokio::task::spawn_local(async move { way.say_goodbye().await })
            })
            .collect();
        for goodbye in goodbyes {
            // A task that failed has said all it could.
            let _ = goodbye.await;
        }
    });
    // A name that is being looked up must not hold up the end.
    runtime.shutdown_background();
}

impl Common {
    /// A connection is there, and takes messages; or is not any more.
    pub fn outbox(&self, path: usize, outbox: Option<mpsc::Sender<ClientMessage>>) {
        self.outboxes.borrow_mut()[path] = outbox;
        self.choose_outbox();
    }

    /// The hub has changed. True when that is news for the operator.
    pub fn changed(&self, news: News, heard: Option<HostTime>) -> bool {
        if news.led_by_another {
            // Before the program can see it: whoever sees a connection may send.
            self.choose_outbox();
        }
        self.shared.follow(&self.hub.borrow(), news, heard)
    }

    /// The clock of a way has changed: shown when it leads.
    pub fn clock(&self, path: usize, heard: HostTime) {
        let mut hub = self.hub.borrow_mut();
        if hub.leading() == Some(path) {
            self.shared.clock(ClockView::of(hub.path(path), heard), heard);
        }
    }

    fn choose_outbox(&self) {
        let lead = self.hub.borrow().leading();
        self.shared.send_to(lead.and_then(|lead| self.outboxes.borrow()[lead].clone()));
    }
}
