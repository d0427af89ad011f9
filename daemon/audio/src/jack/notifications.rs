//! JACK's notifications. They only record events and wake the supervisor.

use std::{
    collections::HashSet,
    mem,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed},
    },
};

use ::jack::{Client, ClientStatus, Control, Frames, NotificationHandler, PortId};

use crate::{process::Gauges, signal::Signal};

/// The events of one session.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// The server has gone.
    pub(super) shut_down: AtomicBool,
    /// The server's sample rate in hertz, once reported.
    pub(super) sample_rate: AtomicU32,
    appeared: Mutex<HashSet<String>>,
}

impl Notes {
    /// The ports registered since the last call.
    pub(super) fn take_appeared(&self) -> HashSet<String> {
        mem::take(&mut *self.appeared.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn add_appeared(&self, port: String) {
        self.appeared.lock().unwrap_or_else(PoisonError::into_inner).insert(port);
    }
}

/// JACK's notification callbacks. They run on a thread of libjack that is not a real-time one.
pub(super) struct Notifications {
    pub(super) notes: Arc<Notes>,
    pub(super) gauges: Arc<Gauges>,
    pub(super) xruns: Arc<AtomicU64>,
    pub(super) supervisor: Arc<Signal>,
}

impl NotificationHandler for Notifications {
    fn thread_init(&self, _: &Client) {
        // Otherwise it has the name of the thread that opened the client, the supervisor's.
        let _ = nix::sys::prctl::set_name(c"libjack");
    }

    #[expect(unsafe_code, reason = "the trait says so, since only what a signal handler may do is allowed here")]
    unsafe fn shutdown(&mut self, _: ClientStatus, _: &str) {
        self.notes.shut_down.store(true, Relaxed);
        self.supervisor.notify();
    }

    fn freewheel(&mut self, _: &Client, is_enabled: bool) {
        self.gauges.freewheels.store(is_enabled, Relaxed);
        self.supervisor.notify();
    }

    fn sample_rate(&mut self, _: &Client, hertz: Frames) -> Control {
        self.notes.sample_rate.store(hertz, Relaxed);
        self.supervisor.notify();
        Control::Continue
    }

    fn port_registration(&mut self, client: &Client, port: PortId, is_registered: bool) {
        if is_registered && let Some(name) = client.port_by_id(port).and_then(|port| port.name().ok()) {
            self.notes.add_appeared(name);
        }
        self.supervisor.notify();
    }

    fn ports_connected(&mut self, _: &Client, _: PortId, _: PortId, _: bool) {
        self.supervisor.notify();
    }

    fn graph_reorder(&mut self, _: &Client) -> Control {
        self.supervisor.notify();
        Control::Continue
    }

    fn xrun(&mut self, _: &Client) -> Control {
        self.xruns.fetch_add(1, Relaxed);
        self.gauges.resync.store(true, Relaxed);
        self.supervisor.notify();
        Control::Continue
    }
}
