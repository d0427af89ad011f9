//! The figures in the text format of Prometheus. Names follow its conventions: base units, `_total` for what only grows.

use super::reading::{Name, Reading};
use crate::dispatch::Counts;
use downbeat_protocol::Status;
use downbeat_protocol::message::Role;
use downbeat_protocol::status::Client;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet, prometheus_text};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Registry;
use std::collections::BTreeMap;
use std::fmt::Error;
use std::time::Duration;

pub use prometheus_text::CONTENT_TYPE;

/// The states of a bus.
const BUS_STATES: [&str; 4] = ["playing", "breakdown", "silence", "no-signal"];

/// Everything at one moment.
#[derive(Debug)]
pub struct Moment {
    /// Since the start of the daemon.
    pub uptime: Duration,
    /// What was counted.
    pub reading: Reading,
    /// The status.
    pub status: Status,
    /// Whether this daemon leads the show.
    pub leads: bool,
}

/// The text.
pub fn text(moment: Moment) -> String {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(moment));
    let mut text = String::new();
    // Writing to a text never fails.
    let _ = prometheus_text::encode(&mut text, &registry);
    text
}

/// Labels: names and values.
type Labels<'a> = Vec<(&'a str, &'a str)>;

/// The value of a metric.
enum Value<'a> {
    Count(u64),
    Sum(f64),
    Gauge(f64),
    Spread(&'a Counts),
}

/// Writes one family of metrics after the other.
struct Writer<'a>(DescriptorEncoder<'a>);

impl Writer<'_> {
    /// What is named once, with a value for each set of labels. Nothing without values.
    fn family<'v>(
        &mut self,
        name: &str,
        help: &str,
        values: impl IntoIterator<Item = (Labels<'v>, Value<'v>)>,
    ) -> Result<(), Error> {
        let mut values = values.into_iter().peekable();
        let kind = match values.peek() {
            Some((_, Value::Count(_) | Value::Sum(_))) => MetricType::Counter,
            Some((_, Value::Gauge(_))) => MetricType::Gauge,
            Some((_, Value::Spread(_))) => MetricType::Histogram,
            None => return Ok(()),
        };
        let mut family = self.0.encode_descriptor(name, help, None, kind)?;
        for (labels, value) in values {
            if labels.is_empty() {
                value.encode(&mut family)?;
            } else {
                value.encode(&mut family.encode_family(&labels)?)?;
            }
        }
        Ok(())
    }

    fn one(&mut self, name: &str, help: &str, value: Value<'_>) -> Result<(), Error> {
        self.family(name, help, [(Labels::new(), value)])
    }
}

impl Value<'_> {
    fn encode(&self, encoder: &mut MetricEncoder<'_>) -> Result<(), Error> {
        match self {
            Self::Count(count) => encoder.encode_counter::<NoLabelSet, _, u64>(count, None),
            Self::Sum(sum) => encoder.encode_counter::<NoLabelSet, _, u64>(sum, None),
            Self::Gauge(value) => encoder.encode_gauge(value),
            Self::Spread(counts) => {
                encoder.encode_histogram::<NoLabelSet>(counts.sum_seconds(), counts.count(), &counts.buckets(), None)
            }
        }
    }
}

impl Collector for Moment {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> Result<(), Error> {
        let to = &mut Writer(encoder);
        self.daemon(to)?;
        self.audio(to)?;
        self.outputs(to)?;
        self.controls(to)?;
        self.clients(to)?;
        self.process(to)
    }
}

impl Moment {
    fn daemon(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        let (status, reading) = (&self.status, &self.reading);
        let version = vec![("version", env!("CARGO_PKG_VERSION"))];
        to.family("downbeat_build_info", "The version of the daemon", [(version, Value::Gauge(1.0))])?;
        let uptime = Value::Gauge(self.uptime.as_secs_f64());
        to.one("downbeat_uptime_seconds", "Time since the daemon started", uptime)?;
        to.one("downbeat_leads", "1 if this daemon leads the show, 0 if it stands by", flag(self.leads))?;
        to.one("downbeat_locked", "1 if the beat can be trusted", flag(status.locked))?;
        to.one("downbeat_tempo_by_hand", "1 if the operator has set the tempo", flag(status.tempo_by_hand))?;
        let reads = Value::Count(reading.config_reads);
        to.one("downbeat_config_reads", "How often the configuration was read again", reads)?;
        let lost = Value::Count(reading.log_lost);
        to.one("downbeat_log_lost_lines", "Lines missing in the log: they could not be written in time", lost)
    }

    fn audio(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        let reading = &self.reading;
        to.one("downbeat_hops", "Hops of audio analysed", Value::Count(reading.hops))?;
        to.one("downbeat_xruns", "Times that JACK or its driver was late", Value::Count(reading.xruns))?;
        let dropped = Value::Count(reading.audio_dropped);
        to.one("downbeat_audio_dropped_blocks", "Blocks of audio lost: the analysis fell behind", dropped)?;
        let dropped = Value::Count(reading.midi_dropped);
        to.one("downbeat_midi_dropped_messages", "MIDI messages that JACK refused or lost", dropped)?;
        let capture = Value::Spread(&reading.capture);
        to.one("downbeat_capture_delay_seconds", "From the capture of a block of audio to its arrival", capture)?;
        let hop = Value::Spread(&reading.hop);
        to.one("downbeat_hop_delay_seconds", "From a hop's last block until all outputs have its result", hop)?;
        to.one("downbeat_hop_computing_seconds", "Computing time of a hop", Value::Spread(&reading.computing))?;
        let buses = &self.status.buses;
        let states = buses.iter().flat_map(|bus| {
            BUS_STATES.map(|state| (vec![("bus", bus.name.as_str()), ("state", state)], flag(bus.state == state)))
        });
        to.family("downbeat_bus_state", "1 for the state that the bus is in", states)?;
        let cancels = buses.iter().map(|bus| (vec![("bus", bus.name.as_str())], flag(bus.cancels)));
        to.family("downbeat_bus_cancels", "1 if left and right of the bus cancel", cancels)
    }

    fn outputs(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        let all = || self.reading.outputs.iter().map(|(name, output)| (labels("output", name), output));
        let up = all().map(|(labels, output)| (labels, flag(output.up)));
        to.family("downbeat_output_up", "1 if the output works", up)?;
        let sent = all().map(|(labels, output)| (labels, Value::Count(output.sent)));
        to.family("downbeat_output_sent", "Messages sent", sent)?;
        let late = all().map(|(labels, output)| (labels, Value::Count(output.late)));
        to.family("downbeat_output_late", "Messages that left more than 2 ms late", late)?;
        let missed = all().map(|(labels, output)| (labels, Value::Count(output.missed)));
        to.family("downbeat_output_missed", "Beats and notes not sent: they were more than 90 ms late", missed)?;
        let dropped = all().map(|(labels, output)| (labels, Value::Count(output.dropped)));
        to.family("downbeat_output_dropped", "Messages lost or not sent, also the missed ones", dropped)?;
        let lateness = all().map(|(labels, output)| (labels, Value::Spread(&output.lateness)));
        to.family("downbeat_output_lateness_seconds", "How late messages with a moment left", lateness)?;
        let handover = all().map(|(labels, output)| (labels, Value::Spread(&output.handover)));
        let help = "From the arrival of the newest audio until what was sent then was with the system";
        to.family("downbeat_output_handover_seconds", help, handover)
    }

    fn controls(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        let all = || self.reading.controls.iter().map(|(name, control)| (labels("control", name), control));
        let up = all().map(|(labels, control)| (labels, flag(control.up)));
        to.family("downbeat_control_up", "1 if the control works", up)?;
        let commands = all().map(|(labels, control)| (labels, Value::Count(control.commands)));
        to.family("downbeat_control_commands", "Commands taken", commands)?;
        let rejected = all().map(|(labels, control)| (labels, Value::Count(control.rejected)));
        to.family("downbeat_control_rejected", "Packets, connections and commands refused", rejected)
    }

    fn clients(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        let clients = &self.status.clients;
        // Also those that nobody is there of: an alert could not see the last one go otherwise.
        let mut roles: BTreeMap<&str, u32> = Role::ALL.iter().map(|(name, _)| (*name, 0)).collect();
        clients.iter().for_each(|client| *roles.entry(&client.role).or_default() += 1);
        let roles = roles.into_iter().map(|(role, count)| (vec![("role", role)], Value::Gauge(count.into())));
        to.family("downbeat_clients", "Connected clients", roles)?;
        // Two of one name would spoil the whole page for Prometheus: the newest counts.
        let nodes: BTreeMap<&str, &Client> =
            clients.iter().filter(|it| it.report.frames > 0).map(|it| (it.name.as_str(), it)).collect();
        let mut each = |name: &str, help: &str, value: fn(&Client) -> Value<'static>| {
            to.family(name, help, nodes.iter().map(|(name, client)| (vec![("node", *name)], value(client))))
        };
        each("downbeat_node_frames", "Frames drawn", |it| Value::Count(it.report.frames))?;
        each("downbeat_node_dropped_frames", "Frames due but not drawn", |it| Value::Count(it.report.frames_dropped))?;
        each("downbeat_node_lost_rows", "Rows that never came", |it| Value::Count(it.report.rows_lost))?;
        each("downbeat_node_clock_error_seconds", "How far off the node's clock may be", |it| {
            Value::Gauge(it.report.clock_error_us * 1e-6)
        })?;
        each("downbeat_node_clock_offset_seconds", "Show time minus the node's own time", |it| {
            Value::Gauge(it.report.clock_offset_ms * 1e-3)
        })?;
        each("downbeat_node_round_trip_seconds", "Round trip between node and daemon", |it| {
            Value::Gauge(it.report.round_trip_us * 1e-6)
        })?;
        each("downbeat_node_picture_differs", "1 if its picture differs from that of the other nodes", |it| {
            flag(!it.differs.is_empty())
        })
    }

    fn process(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        let process = &self.reading.process;
        let threads = || process.threads.iter().map(|(name, thread)| (vec![("thread", name.as_str())], *thread));
        let cpu = threads().map(|(labels, thread)| (labels, Value::Sum(thread.cpu_seconds)));
        to.family("downbeat_thread_cpu_seconds", "Time of a thread on a processor", cpu)?;
        let waiting = threads().map(|(labels, thread)| (labels, Value::Sum(thread.waiting_seconds)));
        let help = "Time that a thread was ready to run, but waited for a processor";
        to.family("downbeat_thread_waiting_seconds", help, waiting)?;
        to.one("process_cpu_seconds", "Time on a processor", Value::Sum(process.cpu_seconds))?;
        let gauge = |count: u64| Value::Gauge(count as f64);
        to.one("process_resident_memory_bytes", "Memory in use", gauge(process.resident_bytes))?;
        to.one("downbeat_locked_memory_bytes", "Memory that cannot be swapped out", gauge(process.locked_bytes))?;
        to.one("downbeat_swapped_memory_bytes", "Memory that was swapped out", gauge(process.swapped_bytes))?;
        to.one("process_open_fds", "Open files, sockets and devices", gauge(process.open_files))?;
        let most = process.most_files.map(|most| (Labels::new(), gauge(most)));
        to.family("process_max_fds", "Maximum of open files, sockets and devices", most)
    }
}

fn labels<'a>(what: &'a str, (name, kind): &'a Name) -> Labels<'a> {
    vec![(what, name.as_str()), ("kind", kind.as_str())]
}

/// 1 for yes.
fn flag(is_so: bool) -> Value<'static> {
    Value::Gauge(f64::from(u8::from(is_so)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::Board;
    use crate::dispatch::Health;
    use crate::status::process::Threads;
    use crate::status::{Entry, Roster, Section};
    use downbeat_protocol::status::{Bus, Report};
    use std::collections::BTreeSet;
    use std::sync::Arc;

    fn moment() -> Moment {
        let (roster, board) = (Roster::default(), Board::default());
        for (section, name, kind) in [(Section::Outputs, "desk", "osc"), (Section::Controls, "tablet", "osc")] {
            let health = Arc::new(Health::default());
            health.count_sent();
            health.count_lateness(1_500_000);
            roster.enter(Entry { section, name: name.into(), kind: kind.into(), health });
        }
        let node = |name: &str, frames: u64| Client {
            name: name.into(),
            role: "renderer".into(),
            report: Report { frames, ..Report::default() },
            ..Client::default()
        };
        let status = Status {
            buses: vec![Bus { name: "main".into(), state: "playing".into(), ..Bus::default() }],
            clients: vec![node("left", 5), node("left", 7), node("a\"b\\c\nd", 1)],
            ..Status::default()
        };
        let reading = Reading::take(&roster, &board, &mut Threads::default());
        Moment { uptime: Duration::from_secs(5), reading, status, leads: true }
    }

    /// The names of all samples.
    fn names(text: &str) -> BTreeSet<&str> {
        let samples = text.lines().filter(|line| !line.starts_with('#'));
        samples.filter_map(|line| line.split(['{', ' ']).next()).collect()
    }

    /// Every word in a text that looks like one of our metrics.
    fn named(text: &str) -> BTreeSet<&str> {
        let words = text.split(|it: char| !it.is_ascii_alphanumeric() && it != '_');
        words.filter(|word| word.starts_with("downbeat_") || word.starts_with("process_")).collect()
    }

    #[test]
    fn a_value_stands_once_with_its_type_and_hostile_names_break_nothing() {
        let text = text(moment());
        assert!(text.contains("# TYPE downbeat_output_sent_total counter\n"), "{text}");
        assert!(text.contains("downbeat_output_sent_total{output=\"desk\",kind=\"osc\"} 1\n"), "{text}");
        assert!(text.contains("downbeat_bus_state{bus=\"main\",state=\"playing\"} 1"), "{text}");
        let bucket = "downbeat_output_lateness_seconds_bucket{output=\"desk\",kind=\"osc\",le=";
        assert!(text.contains(&format!("{bucket}\"0.001\"}} 0\n{bucket}\"0.002\"}} 1\n")), "{text}");
        assert!(text.contains("downbeat_clients{role=\"renderer\"} 3.0\n"), "{text}");
        assert!(text.contains("downbeat_clients{role=\"standby\"} 0.0\n"), "an alert sees the last one go: {text}");
        // The newest of two with one name.
        let frames: Vec<_> = text.lines().filter(|line| line.starts_with("downbeat_node_frames_total{")).collect();
        assert_eq!(frames.len(), 2, "{frames:?}");
        assert!(frames.contains(&"downbeat_node_frames_total{node=\"left\"} 7"), "{frames:?}");
        let samples: Vec<_> = text.lines().filter_map(|line| line.rsplit_once(' ')).map(|(name, _)| name).collect();
        assert_eq!(samples.iter().collect::<BTreeSet<_>>().len(), samples.len(), "each once: {text}");
    }

    #[test]
    fn what_the_dashboard_and_the_manual_name_is_there() {
        let text = text(moment());
        let names = names(&text);
        let dashboard = include_str!("../../../tools/grafana/downbeat.json");
        let manual = include_str!("../../../docs/monitoring.md");
        for (what, named) in [("dashboard", named(dashboard)), ("manual", named(manual))] {
            assert!(named.len() > 10, "{what}: {named:?}");
            let unknown: Vec<_> = named.difference(&names).collect();
            assert!(unknown.is_empty(), "the {what} names {unknown:?}");
        }
    }
}
