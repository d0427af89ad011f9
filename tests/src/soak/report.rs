//! What became of the rig, as a table.

use super::excuses::{Excuses, Part};
use super::fault::KINDS;
use super::midi::Clocks;
use super::plan::Happened;
use super::program::Program;
use super::pulse::Pulse;
use super::rig::{Rig, frames_log, period_ns};
use super::tablet::Seen;
use super::usage::Growth;
use crate::host_now_ns;
use crate::wall::{Shown, agreement, read};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

/// A node that shows nothing new for so long is seen to stand still.
const FROZEN_NS: i64 = 1_000_000_000;
/// When JACK's word of an xrun may come beside it.
const XRUN_NS: i64 = 100_000_000;
/// What was at most so far away is told beside a loss.
const NEAR_NS: i64 = 500_000_000;
/// How long a program may take to end.
const ENDS: Duration = Duration::from_secs(2);
/// Bytes of a log in an hour.
const LOG: f64 = 1e6;

/// A line of the table.
struct Row {
    what: String,
    found: String,
    wanted: String,
    is_good: bool,
}

/// The table.
#[derive(Default)]
pub struct Report {
    rows: Vec<Row>,
    /// What was there when something was lost: what it is called, and from when to when.
    beside: Vec<(&'static str, (i64, i64))>,
}

impl Report {
    /// Ends the rig and judges everything.
    pub fn of(mut rig: Rig, excuses: &Excuses, happened: &[Happened], hours: f64, settled: Duration) -> Self {
        let (from, until) = (rig.calm_since, host_now_ns());
        let seen = rig.tablet.take().map(super::tablet::Tablet::finish).unwrap_or_default();
        let faults = happened.iter().map(|it| (KINDS[it.kind].name, it.span));
        let stops = rig.standstill.spans();
        let beside = faults.chain(stops.iter().map(|span| ("the machine stands still", *span))).collect();
        let mut report = Self { rows: Vec::new(), beside };
        let (period, mut ends) = (period_ns(), Vec::new());
        for (name, desk, part) in [("desk, UDP", &rig.desk, Part::Desk), ("media server, TCP", &rig.media, Part::Media)]
        {
            report.pulse(name, &Pulse::of(&desk.beats.since(from), period, part, excuses, until));
        }
        let xruns = rig.server.xruns();
        // What a client of JACK was sent in a cycle that it missed is lost to it.
        let missed = |from: i64, to: i64| xruns.iter().any(|(at, _)| (from - XRUN_NS..to + XRUN_NS).contains(at));
        report.clocks(rig.follower.judge(from, period, excuses, missed));
        report.tablet(&seen);
        for program in rig.daemons.iter_mut().chain(&mut rig.nodes) {
            ends.push((program.name.clone(), program.end(ENDS * 5)));
        }
        let logs = [0, 1].map(|number| frames(&rig, number));
        let usage: String = rig.daemons.iter().chain(&rig.nodes).map(Program::usage_csv).collect();
        let _ = std::fs::write(
            rig.folder.join("usage.csv"),
            format!("program,life,age,megabytes,descriptors,threads\n{usage}"),
        );
        report.pictures(&logs, excuses);
        let faults_at_nodes = [Part::Node(0), Part::Node(1), Part::Lead];
        for program in rig.daemons.iter().chain(&rig.nodes) {
            report.program(program, hours, settled, excuses, &faults_at_nodes);
        }
        for (name, took) in ends {
            let found = took.map_or("never".into(), |it| format!("{} ms", it.as_millis()));
            report.add(
                &format!("{name}: ends when told to, after"),
                found,
                "2000 ms",
                took.is_some_and(|it| it < ENDS),
            );
        }
        let mut by_client: BTreeMap<&str, usize> = BTreeMap::new();
        xruns.iter().for_each(|(_, client)| *by_client.entry(client).or_default() += 1);
        report.add("JACK: clients that were not ready in time", format!("{by_client:?}"), "", true);
        let longest = stops.iter().map(|(from, to)| to - from).max().unwrap_or(0);
        let found = format!("{} times, {:.0} ms at most", stops.len(), longest as f64 * 1e-6);
        report.add("the machine stood still for 30 ms or more", found, "", true);
        report.add("faults", happened.len().to_string(), "", true);
        report
    }

    fn add(&mut self, what: &str, found: String, wanted: &str, is_good: bool) {
        self.rows.push(Row { what: what.into(), found, wanted: wanted.into(), is_good });
    }

    fn pulse(&mut self, name: &str, pulse: &Pulse) {
        let lost = pulse.lost();
        let found = format!("{lost} of {} {}", pulse.came, self.list(&pulse.lost));
        self.add(&format!("{name}: beats lost"), found, "0", lost == 0 && pulse.came > 0);
        // A takeover takes no audio: no beat may be lost in it either.
        let missed = pulse.in_takeovers;
        self.add(&format!("{name}: beats lost in takeovers"), missed.to_string(), "0", missed == 0);
        let besides = format!("{} by faults of its own, {} twice", pulse.excused, pulse.twice);
        self.add(&format!("{name}: besides"), besides, "", true);
        let uneven = &pulse.unevenness;
        let found = format!(
            "p50 {:.2} ms, p99 {:.2} ms, max {:.2} ms",
            uneven.percentile_ms(50.0),
            uneven.percentile_ms(99.0),
            uneven.max_ms()
        );
        self.add(&format!("{name}: from one beat's length to the next"), found, "", true);
    }

    fn clocks(&mut self, clocks: Clocks) {
        let Clocks { came, lost, in_takeovers, excused, by_jack, places } = clocks;
        let found = format!("{lost} of {came} {}", self.list(&places));
        self.add("MIDI machine: clocks lost", found, "0", lost == 0 && came > 0);
        let besides = format!("{excused} by faults of its own, {in_takeovers} in takeovers, {by_jack} by JACK's xruns");
        self.add("MIDI machine: besides", besides, "", true);
    }

    fn tablet(&mut self, seen: &Seen) {
        let (shown, never) = (&seen.shown, &seen.never);
        let found = format!(
            "p50 {:.0} ms, p99 {:.0} ms, max {:.0} ms of {}",
            shown.percentile_ms(50.0),
            shown.percentile_ms(99.0),
            shown.max_ms(),
            shown.count()
        );
        self.add("tablet: a move is shown by both daemons after", found, "", true);
        let places: Vec<String> = never.iter().map(|(what, at)| format!("{what} at {}", clock(*at))).collect();
        let found = format!("{} {}", never.len(), places.join(", "));
        self.add("tablet: moves not shown within 2 s", found, "0", never.is_empty());
        self.add("tablet: moves that lay in its faults", seen.excused.to_string(), "", true);
        self.add("tablet: values wrong for 10 s", seen.differed.to_string(), "0", seen.differed == 0);
        let silent: Vec<String> =
            seen.silent.iter().map(|(daemon, long)| format!("{daemon} for {long:.1} s")).collect();
        self.add("tablet: no sign of life", format!("{} {}", silent.len(), silent.join(", ")), "0", silent.is_empty());
    }

    fn pictures(&mut self, logs: &[Vec<Vec<Shown>>; 2], excuses: &Excuses) {
        for (number, lives) in logs.iter().enumerate() {
            let frozen: Vec<i64> = lives
                .iter()
                .flat_map(|life| life.windows(2))
                .map(|pair| (pair[0].host_ns, pair[1].host_ns))
                .filter(|(from, to)| to - from > FROZEN_NS && !excuses.cover(&[Part::Node(number)], *from, *to))
                .map(|(from, _)| from)
                .collect();
            let frames: usize = lives.iter().map(Vec::len).sum();
            let places: Vec<String> = frozen.iter().map(|at| clock(*at)).collect();
            let found = format!("{} in {frames} frames {}", frozen.len(), places.join(", "));
            self.add(&format!("node {number}: stood still for 1 s"), found, "0", frozen.is_empty() && frames > 0);
        }
        let parts = [Part::Node(0), Part::Node(1), Part::Lead, Part::Audio];
        let undisturbed = |lives: &Vec<Vec<Shown>>| -> Vec<Shown> {
            let frames = lives.iter().flatten();
            frames.filter(|it| !excuses.cover(&parts, it.host_ns, it.host_ns)).cloned().collect()
        };
        let [one, other] = logs.each_ref().map(undisturbed);
        let both = agreement(&[("whole", &one), ("whole", &other)]);
        let found = format!(
            "{} of {}, {} of which drawn without all that was to come",
            both.differing, both.shared, both.unsure
        );
        self.add("nodes: frames that differ, outside of faults at them", found, "", true);
    }

    fn program(&mut self, program: &Program, hours: f64, settled: Duration, excuses: &Excuses, at_nodes: &[Part]) {
        let (name, output) = (&program.name, &program.output);
        let found = format!("{} in {} lives {}", program.crashes.len(), program.starts, program.crashes.join("; "));
        self.add(&format!("{name}: crashes"), found, "0", program.crashes.is_empty());
        let panics = output.panics.load(Relaxed);
        self.add(&format!("{name}: panics"), panics.to_string(), "0", panics == 0);
        let away = output.sent_away().iter().filter(|at| !excuses.cover(at_nodes, **at, **at)).count();
        self.add(&format!("{name}: sent away as too slow"), away.to_string(), "0", away == 0);
        let hourly = output.bytes.load(Relaxed) as f64 / hours;
        let found = format!("{:.0} kB, {:.0} lines", hourly / 1e3, output.lines.load(Relaxed) as f64 / hours);
        self.add(&format!("{name}: log in an hour"), found, "1000 kB", hourly < LOG);
        let lives: Vec<Growth> = program.usage.iter().filter_map(|life| life.growth(settled)).collect();
        for growth in &lives {
            let Growth { megabytes: [from, to], descriptors: [few, many] } = growth;
            let found = format!("{from:.1} to {to:.1} MB, {few} to {many} descriptors");
            self.add(
                &format!("{name}: from {} s of its life to its end", settled.as_secs()),
                found,
                "flat",
                growth.is_flat(),
            );
        }
        if lives.is_empty() {
            self.add(&format!("{name}: memory"), "no life was long enough".into(), "flat", false);
        }
    }

    /// How many, when, and beside what.
    fn list(&self, places: &[(i64, i64)]) -> String {
        let near =
            |at: i64| self.beside.iter().filter(move |(_, (from, to))| (from - NEAR_NS..to + NEAR_NS).contains(&at));
        let names = |at| near(at).map(|(name, _)| *name).collect::<Vec<_>>().join(" and ");
        let places = places.iter().map(|(at, count)| format!("{count} at {} ({})", clock(*at), names(*at)));
        places.collect::<Vec<_>>().join(", ")
    }

    /// Whether everything is as wanted.
    pub fn is_good(&self) -> bool {
        self.rows.iter().all(|row| row.is_good)
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for Row { what, found, wanted, is_good } in &self.rows {
            let wanted = if wanted.is_empty() { String::new() } else { format!("wanted: {wanted}") };
            writeln!(f, "{} {what:<52} {:<60} {wanted}", if *is_good { ' ' } else { '!' }, found.trim_end())?;
        }
        Ok(())
    }
}

/// What happened how often, and for how long.
pub fn faults(happened: &[Happened]) -> String {
    let mut kinds: BTreeMap<usize, (usize, i64)> = BTreeMap::new();
    for it in happened {
        let kind = kinds.entry(it.kind).or_default();
        *kind = (kind.0 + 1, kind.1 + it.span.1 - it.span.0);
    }
    let mut text = String::new();
    for (kind, spec) in KINDS.iter().enumerate() {
        let (count, long) = kinds.get(&kind).copied().unwrap_or_default();
        let _ = writeln!(text, "  {:<40} {count:>4} times {:>7.1} s", spec.name, long as f64 * 1e-9);
    }
    text
}

/// All frames of a node, life by life.
fn frames(rig: &Rig, number: usize) -> Vec<Vec<Shown>> {
    let lives = 0..rig.nodes[number].starts;
    let logs = lives.map(|life| frames_log(&rig.folder, number, life)).filter(|log| log.is_file());
    logs.map(|log| read(&log)).collect()
}

/// The time of day of a moment, in UTC, as the logs have it.
fn clock(at: i64) -> String {
    let ago = Duration::from_nanos((host_now_ns() - at).max(0) as u64);
    let since = (std::time::SystemTime::now() - ago).duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let seconds = since.as_secs() % 86_400;
    format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}
