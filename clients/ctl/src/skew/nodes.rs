//! The wall by the nodes' own reports: when each handed over the frame of each whole second, and its health.

use super::flash::quantile;
use crate::exit::Failure;
use crate::progress::Progress;
use crate::server::Server;
use crate::stop::Stop;
use downbeat_log::one_line;
use downbeat_protocol::message::Role;
use downbeat_protocol::status::{Client, Report};
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Polling interval: the daemon reports its clients four times a second.
const LOOK: Duration = Duration::from_millis(100);
/// How long to wait for a node's report of a second that is over.
const REPORTS: Duration = Duration::from_secs(3);

/// A node, as printed.
#[derive(Debug, Serialize)]
pub struct Node {
    /// Its name.
    pub node: String,
    /// Its part of the canvas: x, y, width, height in pixels.
    pub slice: [u32; 4],
    /// Whole seconds of the show reported by it and another node.
    pub seconds: usize,
    /// Milliseconds behind the median of all nodes; early is negative. The median over the seconds.
    pub skew_ms: f64,
    /// Its uncertainty: the node's clock error.
    pub uncertainty_ms: f64,
    /// Lateness of its frames over the last ten seconds: the median and the 99th percentile.
    pub late_ms: [f64; 2],
    /// Its playout delay.
    pub playout_delay_ms: f64,
    /// The playout delay sufficient for 999 of 1000 frames; 0 until known.
    pub delay_wanted_ms: f64,
    /// Frames dropped, replaced by the previous picture, and drawn from incomplete input, since the measurement began.
    pub frames_dropped: u64,
    /// See `frames_dropped`.
    pub frames_kept: u64,
    /// See `frames_dropped`.
    pub frames_unsure: u64,
    /// How its picture differs from the others; empty if it does not.
    pub differs: String,
}

/// The spread of the handovers of one moment's frames, first to last, in milliseconds.
#[derive(Debug, Serialize)]
pub struct Spread {
    /// Whole seconds of the show.
    pub seconds: usize,
    /// The median.
    pub p50_ms: f64,
    /// The 99th percentile.
    pub p99_ms: f64,
    /// The maximum.
    pub max_ms: f64,
}

/// The reports of a daemon's clients during the measurement.
#[derive(Default)]
pub struct NodeReports {
    first: BTreeMap<String, Report>,
    last: BTreeMap<String, Client>,
    late_ms: BTreeMap<i64, BTreeMap<String, f64>>,
}

impl NodeReports {
    fn add(&mut self, clients: &[Client]) {
        for client in clients.iter().filter(|client| client.role == Role::Renderer.name()) {
            let Some(picture) = &client.report.picture else { continue };
            // Its counters start here.
            self.first.entry(client.name.clone()).or_insert_with(|| client.report.clone());
            self.late_ms.entry(picture.moment).or_default().insert(client.name.clone(), picture.late_ms);
            self.last.insert(client.name.clone(), client.clone());
        }
    }

    /// Seconds reported by at least two nodes.
    fn shared(&self) -> impl Iterator<Item = &BTreeMap<String, f64>> {
        self.late_ms.values().filter(|nodes| nodes.len() > 1)
    }

    /// The spread over all seconds that all nodes reported.
    pub fn spread(&self) -> Spread {
        let all = self.late_ms.values().filter(|nodes| nodes.len() == self.last.len());
        let apart: Vec<f64> = all
            .filter_map(|nodes| {
                let order = |one: &&f64, two: &&f64| one.total_cmp(two);
                Some(nodes.values().max_by(order)? - nodes.values().min_by(order)?)
            })
            .collect();
        let at = |share| quantile(&apart, share);
        Spread { seconds: apart.len(), p50_ms: at(0.5), p99_ms: at(0.99), max_ms: at(1.0) }
    }

    /// The nodes, by name.
    pub fn nodes(&self) -> Vec<Node> {
        self.last.values().map(|client| self.node(client)).collect()
    }

    fn node(&self, client: &Client) -> Node {
        let against: Vec<f64> = self
            .shared()
            .filter_map(|nodes| {
                let all: Vec<f64> = nodes.values().copied().collect();
                Some(nodes.get(&client.name)? - quantile(&all, 0.5))
            })
            .collect();
        let report = &client.report;
        // A restarted node counts from zero.
        let since = |count: fn(&Report) -> u64| {
            let (now, then) = (count(report), self.first.get(&client.name).map_or(0, count));
            if now >= then { now - then } else { now }
        };
        Node {
            node: client.name.clone(),
            slice: report.picture.as_ref().map_or([0; 4], |picture| picture.slice),
            seconds: against.len(),
            skew_ms: quantile(&against, 0.5),
            uncertainty_ms: report.clock_error_us / 1000.0,
            late_ms: report.late_ms,
            playout_delay_ms: report.playout_delay_ms,
            delay_wanted_ms: report.delay_wanted_ms,
            frames_dropped: since(|report| report.frames_dropped),
            frames_kept: since(|report| report.frames_kept),
            frames_unsure: since(|report| report.frames_unsure),
            differs: client.differs.clone(),
        }
    }
}

/// Listens to a daemon for this long.
///
/// # Errors
/// If the daemon does not answer, or fewer than two nodes have shown a frame of the same moment.
pub fn measure(server: &Server, time: Duration) -> Result<NodeReports, Failure> {
    let stop = Stop::listen()?;
    let name = format!("skew-{}", std::process::id());
    let (session, first) = server.connect(&name, Role::Viewer, &stop)?;
    let progress = Progress::new("listening to the nodes", time.as_secs_f64());
    let (begun, mut heard) = (Instant::now(), NodeReports::default());
    let mut seen = first.status;
    while begun.elapsed() < time || (heard.spread().seconds == 0 && begun.elapsed() < time + REPORTS) {
        if stop.asked() {
            return Err(Failure::Cancelled);
        }
        let view = session.wait(LOOK, |view| view.status != seen);
        if let Some(status) = view.status.as_ref().filter(|_| view.status != seen) {
            heard.add(&status.clients);
        }
        seen = view.status;
        progress.heard(begun.elapsed().as_secs_f64());
    }
    drop(progress);
    told(&heard, &server.address())?;
    Ok(heard)
}

/// Whether there are enough reports to compare.
fn told(heard: &NodeReports, server: &str) -> Result<(), Failure> {
    let names: Vec<&str> = heard.last.keys().map(String::as_str).collect();
    match names[..] {
        [] => Err(Failure::Refused(format!(
            "no node of the daemon at {server} reports a picture. Start downbeat-renderer on at least two screens, or film \
             the wall and use --video FILE"
        ))),
        [one] => Err(Failure::Refused(format!(
            "only one node, `{one}`, draws for the daemon at {server}: nothing to compare it with. Start \
             downbeat-renderer on the other screens, each with its own name"
        ))),
        _ if heard.shared().next().is_none() => Err(Failure::Refused(format!(
            "{} did not report the same second. Are their clocks synced? Check `downbeatctl watch`, and try again with a \
             longer --seconds",
            names.join(", ")
        ))),
        _ => Ok(()),
    }
}

/// The results in columns, and advice.
pub fn table(heard: &NodeReports) -> String {
    let mut nodes = heard.nodes();
    for node in &mut nodes {
        // Nodes name themselves.
        (node.node, node.differs) = (one_line(&node.node, usize::MAX), one_line(&node.differs, usize::MAX));
    }
    let cells: Vec<usize> = nodes.iter().map(|node| node.node.chars().count()).collect();
    let width = cells.into_iter().max().unwrap_or(0).max(4);
    let mut text = format!(
        "{:<width$} {:>19} {:>7} {:>8} {:>6} {:>8} {:>8} {:>6} {:>6} {:>7} {:>5} {:>6}\n",
        "node",
        "slice",
        "seconds",
        "skew ms",
        "±",
        "late p50",
        "late p99",
        "delay",
        "needs",
        "dropped",
        "kept",
        "unsure"
    );
    for node in &nodes {
        let [x, y, w, h] = node.slice;
        let needs = if node.delay_wanted_ms > 0.0 { format!("{:.0}", node.delay_wanted_ms) } else { "–".into() };
        text += &format!(
            "{:<width$} {:>19} {:>7} {:>+8.2} {:>6.3} {:>8.2} {:>8.2} {:>6.0} {needs:>6} {:>7} {:>5} {:>6}\n",
            node.node,
            format!("{x},{y},{w},{h}"),
            node.seconds,
            node.skew_ms,
            node.uncertainty_ms,
            node.late_ms[0],
            node.late_ms[1],
            node.playout_delay_ms,
            node.frames_dropped,
            node.frames_kept,
            node.frames_unsure
        );
    }
    let Spread { seconds, p50_ms, p99_ms, max_ms } = heard.spread();
    text += &format!(
        "handed over from the first node to the last, over {seconds} s: p50 {p50_ms:.2} ms, p99 {p99_ms:.2} ms, max \
         {max_ms:.2} ms\n"
    );
    for node in &nodes {
        if !node.differs.is_empty() {
            text += &format!("the picture of {} differs: it {}\n", node.node, node.differs);
        }
    }
    let short: Vec<&Node> = nodes.iter().filter(|node| node.delay_wanted_ms > node.playout_delay_ms).collect();
    if !short.is_empty() {
        let names: Vec<&str> = short.iter().map(|node| node.node.as_str()).collect();
        let wanted = short.iter().map(|node| node.delay_wanted_ms).fold(0.0, f64::max);
        text += &format!(
            "the playout delay is too short for {}: set display.playout-delay-ms to {wanted:.0} on all nodes\n",
            names.join(", ")
        );
    }
    if nodes.iter().all(|node| node.differs.is_empty()) {
        text += "all nodes draw the same picture\n";
    }
    text + "to include the delay of processors, cables and panels, film the wall: --video FILE\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_protocol::picture::Picture;

    fn client(name: &str, second: i64, late_ms: f64, frames_dropped: u64) -> Client {
        let picture = Picture { moment: second * 1_000_000_000, late_ms, ..Picture::default() };
        let report = Report { picture: Some(picture), frames_dropped, clock_error_us: 40.0, ..Report::default() };
        Client { name: name.into(), role: "renderer".into(), report, ..Client::default() }
    }

    #[test]
    fn skew_is_against_the_middle_and_the_spread_between_first_and_last() {
        let mut heard = NodeReports::default();
        for second in 1..=9 {
            // The daemon repeats its state, and one node's reports come a second later.
            heard.add(&[client("left", second, 0.0, 5), client("right", second - 1, 3.0, 7 + second as u64)]);
            heard.add(&[client("left", second, 0.0, 5), client("middle", second, 1.0, 0)]);
        }
        let nodes = heard.nodes();
        let names: Vec<&str> = nodes.iter().map(|node| node.node.as_str()).collect();
        assert_eq!(names, ["left", "middle", "right"]);
        let skews: Vec<f64> = nodes.iter().map(|node| node.skew_ms).collect();
        assert_eq!(skews, [-1.0, 0.0, 2.0]);
        assert_eq!(nodes.iter().map(|node| node.frames_dropped).collect::<Vec<_>>(), [0, 0, 8]);
        assert!((nodes[0].uncertainty_ms - 0.04).abs() < 1e-9);
        let spread = heard.spread();
        // Seconds 1 to 8: all three have reported them.
        assert_eq!((spread.seconds, spread.p50_ms, spread.max_ms), (8, 3.0, 3.0));
    }

    #[test]
    fn a_node_that_differs_or_needs_more_time_is_named_with_what_to_do() {
        let mut heard = NodeReports::default();
        let mut right = client("right", 1, 0.0, 0);
        right.differs = "draws from other inputs than left".into();
        (right.report.playout_delay_ms, right.report.delay_wanted_ms) = (10.0, 34.0);
        heard.add(&[client("left", 1, 0.0, 0), right]);
        let table = table(&heard);
        assert!(table.contains("the picture of right differs: it draws from other inputs than left\n"), "{table}");
        assert!(table.contains("too short for right: set display.playout-delay-ms to 34 on all nodes"), "{table}");
        assert!(!table.contains("the same picture"), "{table}");
    }

    #[test]
    fn a_nodes_name_commands_no_terminal() {
        let mut heard = NodeReports::default();
        heard.add(&[client("left\u{1b}[2J\nright", 1, 0.0, 0)]);
        let table = table(&heard);
        assert!(table.contains("left\\u{1b}[2J\\nright ") && !table.contains('\u{1b}'), "{table}");
    }

    #[test]
    fn too_few_nodes_are_an_error_that_says_what_to_start() {
        let mut heard = NodeReports::default();
        let error = |heard: &NodeReports| told(heard, "booth:9440").expect_err("too few").to_string();
        assert!(error(&heard).contains("no node of the daemon at booth:9440"));
        heard.add(&[client("left", 1, 0.0, 0), Client { role: "viewer".into(), ..client("desk", 1, 0.0, 0) }]);
        assert!(error(&heard).contains("only one node, `left`"));
        heard.add(&[client("right", 2, 0.0, 0)]);
        assert!(error(&heard).contains("left, right did not report the same second"));
        heard.add(&[client("right", 1, 0.0, 0)]);
        assert!(told(&heard, "").is_ok());
    }
}
