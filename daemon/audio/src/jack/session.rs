//! One session with a JACK server: from opening the client to the server's end.

use std::{
    collections::BTreeMap,
    sync::{Arc, atomic::Ordering::Relaxed},
    time::{Duration, Instant},
};

use ::jack::{AsyncClient, Client, PortFlags};

use super::{
    callback::Callback,
    clock::measure_offset_ns,
    link::{Link, Status},
    notifications::{Notes, Notifications},
    open::{OpenError, open},
    patchbay::Patchbay,
    ports::OurPorts,
    settings::JackSettings,
    stall::Stall,
};
use crate::{
    block_ring::{BlockReader, block_ring},
    process::Process,
};

/// Maximum age of unread blocks, in seconds.
const RING_SECONDS: f64 = 1.0;

/// The type of MIDI ports: `JACK_DEFAULT_MIDI_TYPE`.
const MIDI: &str = "8 bit raw midi";

/// The largest block that JACK allows (jackd2: `BUFFER_SIZE_MAX`); the ring has room for several.
const LARGEST_BLOCK: usize = 8192;

/// How often to check everything without a notification.
const HEARTBEAT: Duration = Duration::from_millis(500);

/// How often to measure JACK's clock. The clocks drift apart by up to 500 microseconds per second while the time of day
/// is corrected (`adjtimex(2)`), usually by a tenth of that.
const CLOCK_HEARTBEAT: Duration = Duration::from_millis(50);

/// What the operator has to know while the server freewheels.
const FREEWHEELS: &str = "freewheels, because another program is exporting: no music is heard until that ends";

/// A running client.
pub(super) struct Session<'a> {
    settings: &'a JackSettings,
    link: &'a Link,
    client: AsyncClient<Notifications, Callback>,
    notes: Arc<Notes>,
    sample_rate: u32,
    patchbay: Patchbay<'a>,
    missing: Option<String>,
    freewheels: bool,
}

/// Why a session ends.
pub(super) enum End {
    /// Shutdown.
    Quit,
    /// The server has gone or changed.
    Lost(String),
}

impl<'a> Session<'a> {
    /// Opens a client, registers its ports, and starts it. Also returns the reading end of the blocks.
    pub(super) fn open(settings: &'a JackSettings, link: &'a Link) -> Result<(Self, BlockReader), OpenError> {
        let client = open(settings)?;
        let sample_rate = client.sample_rate();
        let ports = OurPorts::register(&client, settings)?;

        let gauges = Arc::clone(&link.gauges);
        gauges.clock_offset_ns.store(measure_offset_ns(|| client.time()), Relaxed);
        gauges.capture_latency.store(0, Relaxed);
        gauges.freewheels.store(false, Relaxed);
        let room = (RING_SECONDS * f64::from(sample_rate)) as usize;
        let (writer, reader) = block_ring(ports.inputs.len(), room.max(4 * LARGEST_BLOCK));
        let midi = (link.midi.attach(), link.midi.clone());
        let callback = Callback {
            process: Process::new(f64::from(sample_rate), Arc::clone(&gauges), writer, midi),
            inputs: ports.inputs,
            midi: ports.midi,
            supervisor: Arc::clone(&link.supervisor),
        };
        let notes = Arc::new(Notes::default());
        let notifications = Notifications {
            notes: Arc::clone(&notes),
            gauges,
            xruns: Arc::clone(&link.xruns),
            supervisor: Arc::clone(&link.supervisor),
        };
        let client = client.activate_async(notifications, callback).map_err(|error| {
            link.midi.detach();
            OpenError::Activate { server: settings.server_name(), why: error.to_string() }
        })?;
        let patchbay = Patchbay::new(&settings.buses, ports.input_names);
        Ok((Self { settings, link, client, notes, sample_rate, patchbay, missing: None, freewheels: false }, reader))
    }

    /// Samples per second.
    pub(super) fn sample_rate(&self) -> f64 {
        f64::from(self.sample_rate)
    }

    /// Maintains the client until the session ends.
    pub(super) fn follow(&mut self) -> End {
        let mut stall = Stall::new(self.link.gauges.cycles.load(Relaxed));
        loop {
            let seen = self.link.supervisor.seen();
            if self.link.quit.load(Relaxed) {
                return End::Quit;
            }
            if let Some(why) = self.ended() {
                return End::Lost(why);
            }
            self.look_for_freewheeling();
            self.refresh();
            let refreshed = Instant::now();
            while self.link.supervisor.seen() == seen && refreshed.elapsed() < HEARTBEAT {
                self.link.supervisor.wait(seen, CLOCK_HEARTBEAT);
                self.measure_clock();
            }
            if stall.has_lasted(self.link.gauges.cycles.load(Relaxed)) {
                let server = self.settings.server_name();
                let why = format!(
                    "the JACK server \"{server}\" has stopped running cycles; if it does not recover, restart it"
                );
                return End::Lost(why);
            }
        }
    }

    /// Makes the wanted connections, and updates the callback and the report.
    pub(super) fn refresh(&mut self) {
        let client = self.client.as_client();
        *self.link.aliases() = aliases(client);
        *self.link.midi_peers() = midi_peers(client);
        // First the new ports, then all: one that appears in between is seen twice rather than never.
        let appeared = self.notes.take_appeared();
        self.patchbay.connect(client, &appeared, &self.link.aliases());
        self.link.gauges.capture_latency.store(self.patchbay.capture_latency(client), Relaxed);

        let connected = self.patchbay.connected(client);
        let missing = self.patchbay.missing(&connected, client, &self.link.aliases());
        if missing != self.missing {
            if let Some(missing) = &missing {
                tracing::info!("{missing}");
            }
            self.missing = missing;
        }
        let (server, name, block) = (self.settings.server_name(), client.name(), client.buffer_size() as usize);
        let mut text = format!("JACK server \"{server}\", client \"{name}\": {} Hz, {block} samples", self.sample_rate);
        if self.freewheels {
            text = format!("{text}; {FREEWHEELS}");
        }
        if let Some(missing) = &self.missing {
            text = format!("{text}; {missing}");
        }
        *self.link.status() = Status { text, connected, sample_rate: self.sample_rate(), block };
    }

    /// Says when the server begins and ends to freewheel.
    fn look_for_freewheeling(&mut self) {
        let freewheels = self.link.gauges.freewheels.load(Relaxed);
        if std::mem::replace(&mut self.freewheels, freewheels) == freewheels {
            return;
        }
        let server = self.settings.server_name();
        if freewheels {
            let why = format!("the JACK server \"{server}\" {FREEWHEELS}");
            tracing::warn!("{why}");
            self.link.announce_suspended(why);
        } else {
            tracing::info!("the JACK server \"{server}\" no longer freewheels: the music is heard again");
        }
    }

    /// The client, for closing it.
    pub(super) fn into_client(self) -> impl Send + 'static {
        self.client
    }

    fn ended(&self) -> Option<String> {
        let server = self.settings.server_name();
        if self.notes.shut_down.load(Relaxed) {
            return Some(format!("the JACK server \"{server}\" is gone; waiting for it to come back"));
        }
        let sample_rate = self.notes.sample_rate.load(Relaxed);
        (sample_rate != 0 && sample_rate != self.sample_rate)
            .then(|| format!("the JACK server \"{server}\" changes from {} to {sample_rate} Hz", self.sample_rate))
    }

    fn measure_clock(&self) {
        let client = self.client.as_client();
        self.link.gauges.clock_offset_ns.store(measure_offset_ns(|| client.time()), Relaxed);
    }
}

/// What is connected to all MIDI ports, by their names.
fn midi_peers(client: &Client) -> BTreeMap<String, Vec<String>> {
    let ports = client.ports(None, Some(MIDI), PortFlags::empty()).into_iter();
    let connected = |name: String| Some((client.port_by_name(&name)?.get_connections(), name));
    ports.filter_map(connected).map(|(peers, name)| (name, peers)).collect()
}

/// The other names of all ports that have some, by their names.
fn aliases(client: &Client) -> BTreeMap<String, Vec<String>> {
    let ports = client.ports(None, None, PortFlags::empty()).into_iter();
    let named = ports.filter_map(|name| {
        let aliases = client.port_by_name(&name)?.aliases().ok()?;
        (!aliases.is_empty()).then_some((name, aliases))
    });
    named.collect()
}
