//! A long night: pieces of many genres, one after another without a restart, through the analysis and the whole engine
//! with fades, cues and rules, as fast as the machine can. Prints a line for every hour, and fails if beats drift, a
//! number is not one, rows are out of order, or memory grows.
//!
//! `make night HOURS=24`

use downbeat_analysis::Settings;
use downbeat_engine::listener::{Listener, Stretch, bus_fields};
use downbeat_engine::{Engine, EngineConfig, LayerConfig, ParameterConfig, Tick};
use downbeat_protocol::{Action, Blend, Command, Event, HostTime, Schema, ShowTime, Signal, When, definition};
use std::collections::BTreeMap;
use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Steady pieces whose beat is found when they are heard alone, and two without any: what goes wrong is the night's
/// doing. All of them stay in memory.
const PIECES: [&str; 10] = [
    "house_124",
    "rock_126",
    "techno_132",
    "waltz_168",
    "disco_118",
    "speech_one",
    "synth_pop_112",
    "trance_138",
    "silence",
    "reggaeton_95",
];
/// The show clock at the start: a machine that has been up for a year.
const START: i64 = 365 * 86_400 * 1_000_000_000;
/// Samples that arrive at once, as from JACK.
const BLOCK: usize = 256;
/// Seconds of a piece in which its beat is found; they are not judged.
const LOCK: f64 = 12.0;
/// A beat that is further from the truth, in seconds, is missed.
const TOLERANCE: f64 = 0.05;
/// Beats of an hour that must be hit, of all, and how far the count may be from the truth: a piece is sometimes heard at
/// another level for its first bars.
const HITS: f64 = 0.9;
/// By how much fewer than in the first hour may be hit: an hour ends within a piece, so no two have quite the same ones.
const WORSE: f64 = 0.03;
/// How far the mean offset of an hour's beats may lie from the first hour's, in milliseconds: a hop's half.
const DRIFT_MS: f64 = 2.7;
/// By how much the memory may exceed that of the first hour, in MB: what an allocator keeps for itself.
const GROWTH_MB: f64 = 2.0;
/// Seconds between two commands of the operator.
const HAND: f64 = 7.0;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let hours: f64 = std::env::args().nth(1).map_or(Ok(24.0), |hours| hours.parse())?;
    let pieces = PIECES.map(Track::render);
    let pieces: Vec<Track> = pieces.into_iter().collect::<Option<_>>().ok_or("a piece is not in the catalogue")?;
    let engine = Engine::new(&show()?, None)?;
    let mut night = Night::new(&engine.schema());
    let rate = f64::from(downbeat_pieces::SAMPLE_RATE);
    let mut listener = Listener::new(engine, 1, Settings { sample_rate: rate, ..Settings::default() })?;
    let mut operator = Operator { rng: fastrand::Rng::with_seed(1), next: 0.0 };
    let (mut channels, mut events) = ([Vec::new(), Vec::new()], Vec::<Event>::new());
    let (mut heard, mut hour, mut faults, mut first) = (0_u64, Hour::default(), Vec::new(), None::<Report>);
    println!(
        "hour  beats  hit %  offset ms  counted  rules fired  wraps  memory MB  p50 us  p99 us  most us  times real time"
    );
    let mut begun = Instant::now();
    for round in 0.. {
        let piece = &pieces[round % pieces.len()];
        let from = heard as f64 / rate;
        for block in piece.samples.chunks(BLOCK) {
            for (side, channel) in channels.iter_mut().enumerate() {
                channel.clear();
                channel.extend(block.iter().map(|frame| f32::from(frame[side]) / 32_768.0));
            }
            let time = ShowTime(START + (heard as f64 / rate * 1e9) as i64);
            operator.act(heard as f64 / rate, time, listener.engine(), &mut events);
            let stretch = Stretch { channels: &channels, first_sample: heard, time, received: HostTime(time.0) };
            heard += block.len() as u64;
            let start = Instant::now();
            let mut ended = None;
            listener.push(
                stretch,
                &mut events,
                |present| present,
                |tick, _| {
                    ended = Some(start.elapsed());
                    night.take(&tick, &mut hour);
                },
            );
            hour.took.extend(ended);
            hour.fired += events.drain(..).filter(is_of_a_rule).count();
        }
        night.judge(piece, from, &mut hour);
        let length = hour.took.len() as f64 * BLOCK as f64 / rate;
        let is_over = heard as f64 / rate >= hours * 3_600.0;
        if length < 3_600.0 && !is_over {
            continue;
        }
        let report = hour.report(length / begun.elapsed().as_secs_f64());
        let number = (heard as f64 / rate / 3_600.0).round();
        println!("{number:4}  {report}");
        faults.extend(report.faults(first.as_ref()).map(|fault| format!("hour {number}: {fault}")));
        first.get_or_insert(report);
        (hour, begun) = (Hour::default(), Instant::now());
        if is_over {
            break;
        }
    }
    faults.extend(night.faults);
    faults.iter().for_each(|fault| eprintln!("night: {fault}"));
    println!("{} rows, {} faults", night.rows, faults.len());
    Ok(if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Everything that a show has: mapped and free parameters, layers, cues with fades, rules that fire them.
fn show() -> Result<EngineConfig, Box<dyn Error>> {
    let mapped = |expression: &str, attack_ms, release_ms| ParameterConfig {
        expression: Some(expression.into()),
        attack_ms,
        release_ms,
        ..ParameterConfig::default()
    };
    let layer = |name: &str| LayerConfig {
        name: name.into(),
        scene: "tunnel".into(),
        scenes: ["tunnel", "spectrum", "echo"].map(str::to_owned).into(),
        opacity: 1.0,
        blend: Blend::Normal,
    };
    let cues = [
        (
            "dim",
            r#"{"set":[{"address":"/layer/back/opacity","value":0.3},{"address":"/param/size","value":2}],"fade":{"beats":8},"when":"bar"}"#,
        ),
        (
            "full",
            r#"{"set":[{"address":"/layer/back/opacity","value":1},{"address":"/param/size","value":4}],"fade":{"seconds":2.5}}"#,
        ),
    ];
    let rules = [
        ("scenes", r#"{"when":"bar","every":8,"do":[{"address":"/layer/back/scene","act":"next"}]}"#),
        (
            "dims",
            r#"{"when":"phrase","choice":"cycle","do":[{"address":"/cue/dim/fire"},{"address":"/cue/full/fire"}]}"#,
        ),
        (
            "sways",
            r#"{"when":"beat","euclid":{"hits":3,"steps":8,"rotation":0},"do":[{"address":"/layer/front/opacity","act":{"ramp":{"from":0.2,"to":1,"times":8}}}]}"#,
        ),
        (
            "lifts",
            r#"{"when":{"above":{"signal":"main.level","value":0.7,"hysteresis":0.1}},"chance":0.5,"do":[{"address":"/param/size","act":{"add":0.1}}]}"#,
        ),
        ("rests", r#"{"when":"silence","do":[{"address":"/cue/dim/fire"}]}"#),
    ];
    let mistake = |(name, why): (&str, definition::Mistake)| format!("{name}: {}", why.why);
    let cue =
        |(name, text): (&str, &str)| Ok((name.into(), definition::cue(text).map_err(|why| mistake((name, why)))?));
    let rule =
        |(name, text): (&str, &str)| Ok((name.into(), definition::rule(text).map_err(|why| mistake((name, why)))?));
    let parameters = [
        ("glow", mapped("0.7*main.band.low + 0.3*sin(2*pi*beat.phase)", 5.0, 250.0)),
        ("drift", mapped("tri(bar.phase) * (1 - main.level) + fract(time / 60) * 0.1", 0.0, 2_000.0)),
        ("size", ParameterConfig { range: [1.0, 4.0], ..ParameterConfig::default() }),
    ];
    Ok(EngineConfig {
        buses: vec!["main".into()],
        fields: bus_fields(),
        layers: vec![layer("back"), layer("front")],
        parameters: parameters.map(|(name, it)| (name.to_owned(), it)).into(),
        cues: cues.into_iter().map(cue).collect::<Result<BTreeMap<_, _>, String>>()?,
        rules: rules.into_iter().map(rule).collect::<Result<BTreeMap<_, _>, String>>()?,
        ..EngineConfig::default()
    })
}

/// Whether a change was made by a rule.
fn is_of_a_rule(event: &Event) -> bool {
    matches!(event, Event::Changed { by, .. } if by.starts_with("rule") || by.starts_with("cue"))
}

/// Somebody at a tablet.
struct Operator {
    rng: fastrand::Rng,
    /// When the next command comes, in seconds of the night.
    next: f64,
}

impl Operator {
    fn act(&mut self, seconds: f64, now: ShowTime, engine: &mut Engine, events: &mut Vec<Event>) {
        if seconds < self.next {
            return;
        }
        self.next = seconds + HAND;
        let opacity = |layer: &str, opacity| Action::Opacity { layer: layer.into(), opacity };
        let what = match self.rng.u8(..4) {
            0 => opacity("back", self.rng.f32()),
            1 => opacity("front", self.rng.f32()),
            2 => Action::FireCue { cue: "dim".into() },
            _ => Action::FireCue { cue: "full".into() },
        };
        engine.command(Command { what, when: When::Now, from: "tablet".into() }, now, events);
    }
}

/// A piece in memory.
struct Track {
    samples: Vec<[i16; 2]>,
    beats: Vec<f64>,
    duration: f64,
}

impl Track {
    fn render(name: &str) -> Option<Self> {
        let piece = downbeat_pieces::render(name)?;
        let sample = |sample: &f32| (sample.clamp(-1.0, 1.0) * 32_767.0) as i16;
        let sides = piece.sound.left.iter().zip(&piece.sound.right);
        let mut samples: Vec<_> = sides.map(|(left, right)| [sample(left), sample(right)]).collect();
        // Whole blocks, so that every call ends a hop.
        samples.truncate(samples.len() / BLOCK * BLOCK);
        Some(Self { samples, beats: piece.truth.beats, duration: piece.truth.duration })
    }
}

/// What is remembered from row to row.
struct Night {
    schema: Arc<Schema>,
    /// The columns of counters, and their last values.
    counters: Vec<(usize, f32)>,
    last: Option<(u64, ShowTime, i64)>,
    /// When whole beats passed since the piece began, in seconds of the night.
    beats: Vec<f64>,
    rows: u64,
    faults: Vec<String>,
}

impl Night {
    fn new(schema: &Arc<Schema>) -> Self {
        let mut counters = Vec::new();
        let mut column = 0;
        for signal in &schema.signals {
            if signal.name.contains("-count") {
                counters.extend((column..column + usize::from(signal.len)).map(|column| (column, 0.0)));
            }
            column += usize::from(signal.len);
        }
        Self { schema: Arc::clone(schema), counters, last: None, beats: Vec::new(), rows: 0, faults: Vec::new() }
    }

    fn take(&mut self, tick: &Tick, hour: &mut Hour) {
        let row = &tick.row;
        self.rows += 1;
        if let Some(column) = row.values.iter().position(|value| !value.is_finite()) {
            self.fault(format!("{} is {}", self.name(column), row.values[column]));
        }
        if !tick.timeline.is_sound() {
            self.fault(format!("the timeline is {:?}", tick.timeline));
        }
        let beats = tick.timeline.beats_at(row.time).as_f64();
        if let Some((seq, time, beat)) = self.last {
            if row.seq != seq + 1 || row.time <= time {
                self.fault(format!("row {} at {:?} follows row {seq} at {time:?}", row.seq, row.time));
            }
            if (beats.floor() as i64) > beat && tick.beating {
                self.beats.push((row.time.0 - START) as f64 * 1e-9 - (beats.fract() * tick.timeline.beat_ns()) * 1e-9);
            }
        }
        let beat = self.last.map_or(i64::MIN, |(.., beat)| beat).max(beats.floor() as i64);
        self.last = Some((row.seq, row.time, beat));
        for at in 0..self.counters.len() {
            let (column, last) = self.counters[at];
            let value = row.values[column];
            if value < last {
                hour.wraps += 1;
                // Only from the top to the bottom.
                if last < Signal::COUNTER_WRAP as f32 * 0.9 || value > Signal::COUNTER_WRAP as f32 * 0.1 {
                    self.fault(format!("{} goes from {last} to {value}", self.name(column)));
                }
            }
            self.counters[at].1 = value;
        }
    }

    /// Compares the beats since the piece began at `from` seconds with its truth.
    fn judge(&mut self, piece: &Track, from: f64, hour: &mut Hour) {
        // The last beat of a piece may still be predicted when the next one begins.
        let within = from + LOCK..from + piece.duration - 1.0;
        let counted = self.beats.iter().filter(|beat| within.contains(beat)).count();
        if !piece.beats.is_empty() {
            hour.counted += counted;
        }
        for beat in piece.beats.iter().map(|beat| from + beat).filter(|beat| within.contains(beat)) {
            hour.truth += 1;
            let nearest = self.beats.iter().map(|at| at - beat).min_by(|a, b| a.abs().total_cmp(&b.abs()));
            if let Some(error) = nearest.filter(|error| error.abs() <= TOLERANCE) {
                hour.hit += 1;
                hour.offset += error;
            }
        }
        self.beats.clear();
    }

    /// The name of a column.
    fn name(&self, column: usize) -> String {
        let mut at = 0;
        let signal = self.schema.signals.iter().find(|signal| {
            at += usize::from(signal.len);
            column < at
        });
        signal.map_or_else(|| format!("column {column}"), |signal| signal.name.clone())
    }

    fn fault(&mut self, fault: String) {
        if self.faults.len() < 20 {
            self.faults.push(format!("row {}: {fault}", self.rows));
        }
    }
}

/// Sums over an hour.
#[derive(Default)]
struct Hour {
    truth: usize,
    hit: usize,
    counted: usize,
    offset: f64,
    fired: usize,
    wraps: usize,
    took: Vec<Duration>,
}

/// An hour, for people.
struct Report {
    truth: usize,
    hits: f64,
    counted: usize,
    offset_ms: f64,
    fired: usize,
    wraps: usize,
    memory_mb: f64,
    took_us: [u128; 3],
    speed: f64,
}

impl Hour {
    fn report(&mut self, speed: f64) -> Report {
        self.took.sort_unstable();
        let last = self.took.len().saturating_sub(1);
        let quantile = |share: f64| self.took.get((last as f64 * share) as usize).map_or(0, Duration::as_micros);
        let took_us = [0.5, 0.99, 1.0].map(quantile);
        // The list itself is no part of what is measured.
        self.took = Vec::new();
        Report {
            truth: self.truth,
            hits: self.hit as f64 / self.truth.max(1) as f64,
            counted: self.counted,
            offset_ms: 1e3 * self.offset / self.hit.max(1) as f64,
            fired: self.fired,
            wraps: self.wraps,
            memory_mb: memory_mb(),
            took_us,
            speed,
        }
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { truth, hits, counted, offset_ms, fired, wraps, memory_mb, took_us: [p50, p99, most], speed } = self;
        write!(
            out,
            "{truth:5}  {:5.1}  {offset_ms:+9.2}  {counted:7}  {fired:11}  {wraps:5}  {memory_mb:9.1}  {p50:6}  {p99:6}  \
             {most:7}  {speed:15.0}",
            100.0 * hits
        )
    }
}

impl Report {
    /// What is wrong with an hour, compared with the first one.
    fn faults(&self, first: Option<&Self>) -> impl Iterator<Item = String> {
        let share = self.counted as f64 / self.truth.max(1) as f64;
        let judged = self.truth > 0;
        let missed =
            (judged && self.hits < HITS).then(|| format!("only {:.1} % of the beats were hit", 100.0 * self.hits));
        let miscounted = (judged && (share - 1.0).abs() > 1.0 - HITS)
            .then(|| format!("{} beats were counted, and there are {}", self.counted, self.truth));
        let worse = first.map_or(0.0, |first| first.hits - self.hits);
        let worsened =
            (worse > WORSE).then(|| format!("{:.1} % fewer beats were hit than in the first hour", 100.0 * worse));
        let drift = first.map_or(0.0, |first| self.offset_ms - first.offset_ms);
        let drifted =
            (drift.abs() > DRIFT_MS).then(|| format!("beats have drifted by {drift:+.2} ms since the first hour"));
        let growth = first.map_or(0.0, |first| self.memory_mb - first.memory_mb);
        let grown = (growth > GROWTH_MB).then(|| format!("{growth:.1} MB more memory than after the first hour"));
        [missed, miscounted, worsened, drifted, grown].into_iter().flatten()
    }
}

/// The memory that this process has, in MB.
fn memory_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse().unwrap_or(0.0) / 1024.0
}
