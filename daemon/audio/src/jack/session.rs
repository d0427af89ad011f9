//! One session with a JACK server: from opening the client to the server's end.

use std::{
    collections::HashSet,
    sync::{Arc, atomic::Ordering::Relaxed},
    time::{Duration, Instant},
};

use ::jack::{AsyncClient, AudioIn, Client, LatencyType, MidiOut, Port, PortFlags, PortSpec};

use super::{
    callback::Callback,
    clock::measure_offset_ns,
    connections::{Connection, Held, sources},
    link::{Link, Status},
    notifications::{Notes, Notifications},
    open::{OpenError, open},
    settings::JackSettings,
};
use crate::{
    block_ring::{BlockReader, block_ring},
    process::Process,
};

/// How long blocks may wait to be read, in seconds.
const RING_SECONDS: f64 = 1.0;

/// The largest block that JACK allows (jackd2: `BUFFER_SIZE_MAX`); the ring has room for several.
const LARGEST_BLOCK: usize = 8192;

/// How often to look after everything without being told of a change.
const HEARTBEAT: Duration = Duration::from_millis(500);

/// How often to measure JACK's clock. The clocks part by up to 500 microseconds per second while the time of day is
/// being corrected (`adjtimex(2)`), by a tenth of that usually.
const CLOCK_HEARTBEAT: Duration = Duration::from_millis(50);

/// A server that runs no cycle for so long has stopped.
const STALL: Duration = Duration::from_secs(2);

/// The type of audio ports: `JACK_DEFAULT_AUDIO_TYPE`.
const AUDIO: &str = "32 bit float mono audio";

/// A running client.
pub(super) struct Session<'a> {
    settings: &'a JackSettings,
    link: &'a Link,
    client: AsyncClient<Notifications, Callback>,
    notes: Arc<Notes>,
    sample_rate: u32,
    /// Full names of the left and right input of each bus.
    inputs: Vec<[String; 2]>,
    held: Held,
}

/// Why a session is over.
pub(super) enum End {
    /// We are to quit.
    Quit,
    /// The server has gone, or has become another.
    Lost(String),
}

impl<'a> Session<'a> {
    /// Opens a client, gives it its ports, and starts it. Also returns where the blocks come out.
    pub(super) fn open(settings: &'a JackSettings, link: &'a Link) -> Result<(Self, BlockReader), OpenError> {
        let client = open(settings)?;
        let sample_rate = client.sample_rate();
        let (inputs, ports) = register_inputs(&client, settings)?;
        let midi =
            settings.midi_out.then(|| register(&client, settings, "midi_out", MidiOut::default())).transpose()?;

        let gauges = Arc::clone(&link.gauges);
        gauges.clock_offset_ns.store(measure_offset_ns(|| client.time()), Relaxed);
        gauges.capture_latency.store(0, Relaxed);
        let room = (RING_SECONDS * f64::from(sample_rate)) as usize;
        let (writer, reader) = block_ring(ports.len(), room.max(4 * LARGEST_BLOCK));
        let schedule = midi.is_some().then(|| (link.midi.attach(), link.midi.clone()));
        let callback = Callback {
            process: Process::new(f64::from(sample_rate), Arc::clone(&gauges), writer, schedule),
            inputs: ports,
            midi,
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
        Ok((Self { settings, link, client, notes, sample_rate, inputs, held: Held::default() }, reader))
    }

    /// Samples per second.
    pub(super) fn sample_rate(&self) -> f64 {
        f64::from(self.sample_rate)
    }

    /// Looks after the client until the session is over.
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
            self.tend();
            let tended = Instant::now();
            while self.link.supervisor.seen() == seen && tended.elapsed() < HEARTBEAT {
                self.link.supervisor.wait(seen, CLOCK_HEARTBEAT);
                self.measure_clock();
            }
            if stall.has_lasted(self.link.gauges.cycles.load(Relaxed)) {
                let server = self.settings.server_name();
                let why = format!("the JACK server \"{server}\" runs no cycles; if it is not coming back, restart it");
                return End::Lost(why);
            }
        }
    }

    /// The client, for closing it.
    pub(super) fn into_client(self) -> impl Send + 'static {
        self.client
    }

    fn ended(&self) -> Option<String> {
        let server = self.settings.server_name();
        if self.notes.shut_down.load(Relaxed) {
            return Some(format!("the JACK server \"{server}\" has gone; waiting for it to come back"));
        }
        let sample_rate = self.notes.sample_rate.load(Relaxed);
        (sample_rate != 0 && sample_rate != self.sample_rate)
            .then(|| format!("the JACK server \"{server}\" changes from {} to {sample_rate} Hz", self.sample_rate))
    }

    /// Makes the wanted connections, and refreshes what the callback and the report need to know.
    pub(super) fn tend(&mut self) {
        self.connect();
        let client = self.client.as_client();
        self.link.gauges.capture_latency.store(self.capture_latency(), Relaxed);
        let (server, name, block) = (self.settings.server_name(), client.name(), client.buffer_size() as usize);
        let status = Status {
            text: format!("JACK server \"{server}\", client \"{name}\": {} Hz, {block} samples", self.sample_rate),
            connected: self.inputs.iter().map(|pair| self.connected(pair)).collect(),
            sample_rate: self.sample_rate(),
            block,
        };
        *self.link.status() = status;
    }

    fn measure_clock(&self) {
        let client = self.client.as_client();
        self.link.gauges.clock_offset_ns.store(measure_offset_ns(|| client.time()), Relaxed);
    }

    fn connect(&mut self) {
        // First the ports that appeared, then all that are there: one that comes in between is seen twice, not never.
        let appeared = self.notes.take_appeared();
        let client = self.client.as_client();
        let ours = format!("{}:", client.name());
        let mut outputs = client.ports(None, Some(AUDIO), PortFlags::IS_OUTPUT);
        outputs.retain(|output| !output.starts_with(&ours));

        let mut wanted = self.wanted(&outputs);
        let changes = self.held.changes(&wanted, &appeared, &outputs);
        for (source, input) in changes.disconnect {
            // It may have been disconnected by somebody else; then all is as it should be.
            let _gone = client.disconnect_ports_by_name(&source, &input);
        }
        for (source, input) in changes.connect {
            match client.connect_ports_by_name(&source, &input) {
                Ok(()) => tracing::info!("connected {source} to {input}"),
                Err(::jack::Error::PortAlreadyConnected(..)) => {}
                Err(error) => {
                    // Most likely it went away again. If not, the next heartbeat tries again.
                    tracing::debug!("cannot connect {source} to {input}: {error}");
                    wanted.remove(&(source, input));
                }
            }
        }
        self.held.settle(wanted);
    }

    fn wanted(&self, outputs: &[String]) -> HashSet<Connection> {
        let mut wanted = HashSet::new();
        for (bus, [left, right]) in self.settings.buses.iter().zip(&self.inputs) {
            if let Some((left_source, right_source)) = sources(&bus.connect, outputs) {
                wanted.insert((left_source.to_owned(), left.clone()));
                wanted.insert((right_source.to_owned(), right.clone()));
            }
        }
        wanted
    }

    /// How old the samples in our ports are, in samples: by the first bus to which something is connected.
    fn capture_latency(&self) -> u32 {
        let client = self.client.as_client();
        let ports = self.inputs.iter().flatten().filter_map(|name| client.port_by_name(name));
        let mut connected = ports.filter(|port| port.connected_count().is_ok_and(|count| count > 0));
        connected.next().map_or(0, |port| port.get_latency_range(LatencyType::Capture).1)
    }

    /// The outputs that are connected to a pair of inputs, whoever connected them.
    fn connected(&self, pair: &[String; 2]) -> Vec<String> {
        let client = self.client.as_client();
        let mut connected = Vec::new();
        for port in pair.iter().filter_map(|name| client.port_by_name(name)) {
            for source in port.get_connections() {
                if !connected.contains(&source) {
                    connected.push(source);
                }
            }
        }
        connected
    }
}

/// Notices when a server has stopped.
struct Stall {
    cycles: u64,
    since: Instant,
}

impl Stall {
    fn new(cycles: u64) -> Self {
        Self { cycles, since: Instant::now() }
    }

    /// Takes the number of cycles so far; true when it has not changed for too long.
    fn has_lasted(&mut self, cycles: u64) -> bool {
        if cycles != self.cycles {
            *self = Self::new(cycles);
        }
        self.since.elapsed() > STALL
    }
}

/// Registers the inputs of all buses, left and right in turn.
fn register_inputs(
    client: &Client,
    settings: &JackSettings,
) -> Result<(Vec<[String; 2]>, Vec<Port<AudioIn>>), OpenError> {
    let mut names = Vec::new();
    let mut ports = Vec::new();
    for bus in &settings.buses {
        let pair = ["left", "right"].map(|side| format!("{}_{side}", bus.name.replace('\0', "")));
        for name in &pair {
            ports.push(register(client, settings, name, AudioIn::default())?);
        }
        names.push(pair.map(|name| format!("{}:{name}", client.name())));
    }
    Ok((names, ports))
}

fn register<S: PortSpec>(client: &Client, settings: &JackSettings, name: &str, spec: S) -> Result<Port<S>, OpenError> {
    client
        .register_port(name, spec)
        .map_err(|_| OpenError::Port { server: settings.server_name(), port: name.to_owned() })
}
