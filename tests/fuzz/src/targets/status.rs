//! What everybody's names become in texts for other programs: the figures for Prometheus, and whether a wall agrees.

use downbeat_protocol::Status;
use downbeat_protocol::picture::{Edges, Picture};
use downbeat_protocol::status::{Bus, Client, Control, Output, Report};
use downbeatd::dispatch::Health;
use downbeatd::server::wall::Wall;
use downbeatd::status::{Entry, Roster, Section, Telemetry};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

/// A status as JSON: whatever its names are, every line of the figures can be read, and each figure stands once.
pub fn run_metrics(bytes: &[u8]) {
    let Ok(status) = serde_json::from_slice::<Status>(bytes) else { return };
    let roster = Roster::default();
    let outputs = status.outputs.iter().map(|it| (Section::Outputs, &it.name, &it.kind));
    let controls = status.controls.iter().map(|it| (Section::Controls, &it.name, &it.kind));
    for (section, name, kind) in outputs.chain(controls) {
        let health = Arc::new(Health::default());
        health.count_lateness(1_500_000);
        roster.enter(Entry { section, name: name.clone(), kind: kind.clone(), health });
    }
    let telemetry = Telemetry::new(roster, Arc::default());
    telemetry.keep(Instant::now(), &status, true);
    let mut seen = BTreeSet::new();
    for line in telemetry.metrics().lines().filter(|line| !line.starts_with("# ")) {
        let series = series(line).unwrap_or_else(|| panic!("`{line}` is no figure"));
        // The names of buses are keys of the configuration, so that no two are the same.
        let is_new = seen.insert(series.to_owned());
        assert!(is_new || series.contains("{bus="), "`{series}` is there twice");
    }
    assert!(serde_json::to_string(&telemetry.page()).is_ok());
}

/// The name and the labels of a figure, if the line is `name{label="value",…} number` with `\`, `"` and line feeds
/// escaped (Prometheus, "Exposition formats").
fn series(line: &str) -> Option<&str> {
    let word = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_');
    let end = line.find(['{', ' '])?;
    let (name, mut rest) = line.split_at(end);
    if !word(name) {
        return None;
    }
    if let Some(mut labels) = rest.strip_prefix('{') {
        loop {
            let (label, value) = labels.split_once("=\"")?;
            if !word(label) {
                return None;
            }
            let end = closing_quote(value)?;
            labels = &value[end + 1..];
            match labels.strip_prefix(',') {
                Some(more) => labels = more,
                None => break rest = labels.strip_prefix('}')?,
            }
        }
    }
    let number = rest.strip_prefix(' ')?;
    number.parse::<f64>().ok()?;
    Some(&line[..line.len() - rest.len()])
}

/// The place of the quote that ends a value.
fn closing_quote(value: &str) -> Option<usize> {
    let mut letters = value.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Some(at),
            '\\' => drop(letters.next().filter(|(_, letter)| ['\\', '"', 'n'].contains(letter))?),
            _ => {}
        }
    }
    None
}

/// Reports of nodes as JSON, `[[node, name, report], …]`: what is said of one is a line.
pub fn run_wall(bytes: &[u8]) {
    let Ok(reports) = serde_json::from_slice::<Vec<(u8, String, Report)>>(bytes) else { return };
    let mut wall = Wall::default();
    for (node, name, report) in reports.iter().filter(|(.., report)| report.is_sound()) {
        let id = u64::from(node % 8);
        match &report.picture {
            Some(picture) => wall.show(id, name, report.playout_delay_ms, picture),
            None => wall.leave(id),
        }
        for id in 0..8 {
            let told = wall.differs(id);
            let names = reports.iter().map(|(_, name, _)| name.len()).sum::<usize>();
            assert!(told.len() <= 700 + names, "{} bytes on a difference", told.len());
        }
    }
}

/// Nothing, and a status with names that mean something to Prometheus.
pub fn metrics_seeds() -> Vec<Vec<u8>> {
    let client = |name: &str| Client {
        name: name.into(),
        role: "renderer".into(),
        report: Report { frames: 7, late_ms: [1.0, 2.0], ..Report::default() },
        ..Client::default()
    };
    let status = Status {
        buses: vec![Bus { name: "main".into(), state: "playing".into(), ..Bus::default() }],
        outputs: vec![Output { name: "desk".into(), kind: "osc".into(), ..Output::default() }],
        controls: vec![Control { name: "tablet".into(), kind: "midi".into(), ..Control::default() }],
        clients: vec![client("left"), client("left"), client("a\"b\\c\nd")],
        ..Status::default()
    };
    [Status::default(), status].map(|status| serde_json::to_vec(&status).expect("JSON")).into()
}

/// Two neighbours over two seconds, of which one draws something else, or the same part, and leaves.
pub fn wall_seeds() -> Vec<Vec<u8>> {
    let report = |second: i64, (made_of, luma): (&str, &str), x: u32| {
        let edge: Vec<u8> = (0..16).collect();
        let edges = Edges { left: edge.clone(), right: edge.clone(), upper: edge.clone(), lower: edge };
        let picture = Picture {
            moment: second * 1_000_000_000,
            made_of: made_of.into(),
            luma: luma.into(),
            canvas: [20, 10],
            slice: [x, 0, 10, 10],
            adapter: "card".into(),
            edges,
            ..Picture::default()
        };
        Report { playout_delay_ms: f64::from(x), picture: Some(picture), ..Report::default() }
    };
    let seed = |(other, x): ((&str, &str), u32)| {
        let both = |second| [(1, "left", report(second, ("00", "11"), 0)), (2, "right", report(second, other, x))];
        let all = [both(1), both(2), both(3)].concat();
        serde_json::to_vec(&[all, vec![(2, "right", Report::default())]].concat()).expect("JSON")
    };
    [(("00", "11"), 10), (("0f", "11"), 10), (("00", "1f"), 0)].map(seed).into()
}
