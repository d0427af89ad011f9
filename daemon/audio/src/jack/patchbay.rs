//! The connections of our inputs: made when their sources appear, and made again when they come back.

use std::collections::{BTreeMap, HashSet};

use ::jack::{Client, LatencyType, PortFlags};

use super::{
    connections::{Connection, Held, Output, sources},
    settings::BusInput,
};

/// The type of audio ports: `JACK_DEFAULT_AUDIO_TYPE`.
const AUDIO: &str = "32 bit float mono audio";

/// Maximum of outputs listed in a message.
const LISTED: usize = 8;

/// Other names of ports, by their names.
type Aliases = BTreeMap<String, Vec<String>>;

/// Our inputs and their desired connections.
pub(super) struct Patchbay<'a> {
    buses: &'a [BusInput],
    /// Full names of the left and right input of each bus.
    inputs: Vec<[String; 2]>,
    held: Held,
}

impl<'a> Patchbay<'a> {
    /// Without connections.
    pub(super) fn new(buses: &'a [BusInput], inputs: Vec<[String; 2]>) -> Self {
        Self { buses, inputs, held: Held::default() }
    }

    /// Makes and breaks connections as wanted. `appeared` are ports registered since the last call.
    pub(super) fn connect(&mut self, client: &Client, appeared: &HashSet<String>, aliases: &Aliases) {
        let outputs = outputs(client, aliases);
        let mut wanted = self.wanted(&outputs);
        let names: Vec<String> = outputs.into_iter().map(|output| output.name).collect();
        let changes = self.held.changes(&wanted, appeared, &names);
        for (source, input) in changes.disconnect {
            // Someone else may have disconnected it, which is fine.
            let _gone = client.disconnect_ports_by_name(&source, &input);
        }
        for (source, input) in changes.connect {
            match client.connect_ports_by_name(&source, &input) {
                Ok(()) => tracing::info!("connected {source} to {input}"),
                Err(::jack::Error::PortAlreadyConnected(..)) => {}
                Err(error) => {
                    // Most likely it has gone again. If not, the next heartbeat retries.
                    tracing::debug!("cannot connect {source} to {input}: {error}");
                    wanted.remove(&(source, input));
                }
            }
        }
        self.held.settle(wanted);
    }

    /// The outputs connected to each bus, by anyone.
    pub(super) fn connected(&self, client: &Client) -> Vec<Vec<String>> {
        self.inputs.iter().map(|pair| connected(client, pair)).collect()
    }

    /// What is missing, for a person: the buses with no connection that should have one, and what there is to connect.
    pub(super) fn missing(&self, connected: &[Vec<String>], client: &Client, aliases: &Aliases) -> Option<String> {
        let buses = self.buses.iter().zip(connected);
        let missing: Vec<String> = buses
            .filter(|(bus, connected)| connected.is_empty() && !bus.connect.is_empty())
            .map(|(bus, _)| format!("bus \"{}\" waiting for {}", bus.name, bus.connect.join(", ")))
            .collect();
        (!missing.is_empty()).then(|| {
            let outputs: Vec<String> = outputs(client, aliases).iter().map(Output::to_string).collect();
            let there = match outputs.len() {
                0 => "no program offers an output".to_owned(),
                count if count > LISTED => {
                    format!("there are {}, and {} more", outputs[..LISTED].join(", "), count - LISTED)
                }
                _ => format!("there are {}", outputs.join(", ")),
            };
            format!("{} ({there}; jack_lsp -A lists all ports)", missing.join("; "))
        })
    }

    /// The age of the samples in our ports, in samples: by the first connected input.
    pub(super) fn capture_latency(&self, client: &Client) -> u32 {
        let ports = self.inputs.iter().flatten().filter_map(|name| client.port_by_name(name));
        let mut connected = ports.filter(|port| port.connected_count().is_ok_and(|count| count > 0));
        connected.next().map_or(0, |port| port.get_latency_range(LatencyType::Capture).1)
    }

    fn wanted(&self, outputs: &[Output]) -> HashSet<Connection> {
        let mut wanted = HashSet::new();
        for (bus, [left, right]) in self.buses.iter().zip(&self.inputs) {
            if let Some((left_source, right_source)) = sources(&bus.connect, outputs) {
                wanted.insert((left_source.to_owned(), left.clone()));
                wanted.insert((right_source.to_owned(), right.clone()));
            }
        }
        wanted
    }
}

/// The outputs of others, in JACK's order.
fn outputs(client: &Client, aliases: &Aliases) -> Vec<Output> {
    let ours = format!("{}:", client.name());
    let names = client.ports(None, Some(AUDIO), PortFlags::IS_OUTPUT).into_iter();
    let others = names.filter(|name| !name.starts_with(&ours));
    others.map(|name| Output { aliases: aliases.get(&name).cloned().unwrap_or_default(), name }).collect()
}

fn connected(client: &Client, pair: &[String; 2]) -> Vec<String> {
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
