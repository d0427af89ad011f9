//! A long night: the demo song again and again for so many hours of audio, as fast as it goes. Prints a line for every
//! hour, which should be the same as the first but for small changes, and how long a hop took.
//!
//! `cargo run --release -p downbeat-analysis --example night [hours, 12]`

use downbeat_analysis::{Analyzer, Field, Hop, Settings, fields};
use downbeat_song::Truth;
use std::time::Instant;

/// Samples in a hop, the default of the daemon.
const HOP: usize = 256;
/// Seconds after the start of a tempo in which beats may still be wrong.
const LOCK: f64 = 8.0;
/// A beat that is further from the truth, in seconds, is missed.
const TOLERANCE: f64 = 0.025;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let hours: f64 = std::env::args().nth(1).map_or(Ok(12.0), |hours| hours.parse())?;
    let song = downbeat_song::render();
    let rate = f64::from(song.sample_rate);
    let mut analyzer = Analyzer::new(&Settings { sample_rate: rate, hop: HOP, ..Settings::default() })?;
    let seconds = song.left.len() as f64 / rate;
    let mut steps = Steps::new();
    let (mut night, mut hour) = (Night::new(rate), Hour::default());
    let (mut rounds, mut told) = (0, 1);
    let mut begun = Instant::now();
    while f64::from(rounds) * seconds < hours * 3_600.0 {
        for (left, right) in song.left.chunks(HOP).zip(song.right.chunks(HOP)) {
            let start = Instant::now();
            let mut ended = None;
            analyzer.push(left, right, |hop| {
                ended = Some(start.elapsed());
                night.process(&hop, &mut hour);
            });
            if let Some(took) = ended {
                steps.count(took.as_nanos());
            }
        }
        night.judge(&song.truth, f64::from(rounds) * seconds, &mut hour);
        rounds += 1;
        if f64::from(rounds) * seconds >= f64::from(told) * 3_600.0 {
            let cost = begun.elapsed().as_secs_f64() / hour.seconds(rate) * 100.0;
            let (half, most) = (steps.share(0.5), steps.share(0.99));
            println!(
                "hour {told:2}: {}; {cost:.2} s (wall) for 100 s, p50 {half} and p99 {most} µs a hop",
                hour.told()
            );
            (hour, begun) = (Hour::default(), Instant::now());
            told += 1;
        }
    }
    println!("{} hops, {} values not finite or out of range", steps.total(), night.bad);
    println!(
        "a hop took, in µs of wall time: p50 {}, p99 {}, most {}",
        steps.share(0.5),
        steps.share(0.99),
        steps.most
    );
    Ok(())
}

/// What is remembered from hop to hop.
struct Night {
    rate: f64,
    fields: Vec<Field>,
    level: usize,
    /// When beats were shown since the song began, in seconds since the night did, and the tempo then.
    shown: Vec<(f64, f64)>,
    last: f64,
    /// Values that were not finite or not in their field's range.
    bad: u64,
}

impl Night {
    fn new(rate: f64) -> Self {
        let fields = fields();
        let level = fields.iter().take_while(|field| field.name != "level").map(|field| field.len).sum();
        Self { rate, fields, level, shown: Vec::new(), last: f64::NEG_INFINITY, bad: 0 }
    }

    fn process(&mut self, hop: &Hop<'_>, hour: &mut Hour) {
        let mut rest = hop.values;
        for field in &self.fields {
            let (mine, others) = rest.split_at(field.len);
            let fine = |value: &&f32| (field.range.0..=field.range.1).contains(*value);
            self.bad += (field.len - mine.iter().filter(fine).count()) as u64;
            rest = others;
        }
        hour.hops += 1;
        hour.level += f64::from(hop.values[self.level]);
        let (end, beat, tempo) = (hop.end as f64 / self.rate, hop.pulse.beat / self.rate, hop.pulse.tempo);
        if hop.pulse.is_beating() && end >= beat && beat > self.last + 30.0 / tempo {
            self.shown.push((beat, tempo));
            self.last = beat;
        }
    }

    /// Compares what was shown with the truth of a song that began at `from` seconds.
    fn judge(&mut self, truth: &Truth, from: f64, hour: &mut Hour) {
        let ends = truth.tempos.iter().skip(1).map(|tempo| tempo.start).chain(truth.beats.last().copied());
        for (part, end) in truth.tempos.iter().zip(ends) {
            let within = part.start + LOCK..end;
            hour.shown += self.shown.iter().filter(|(beat, _)| within.contains(&(beat - from))).count();
            for beat in truth.beats.iter().filter(|beat| within.contains(*beat)) {
                hour.truth += 1;
                let near = |at: &&(f64, f64)| (at.0 - from - beat).abs();
                let Some(nearest) = self.shown.iter().min_by(|a, b| near(a).total_cmp(&near(b))) else { continue };
                let error = nearest.0 - from - beat;
                if error.abs() <= TOLERANCE {
                    hour.hit += 1;
                    hour.error += error;
                    hour.tempo += (nearest.1 / part.bpm - 1.0).abs();
                }
            }
        }
        self.shown.clear();
    }
}

/// Sums over an hour.
#[derive(Default)]
struct Hour {
    hops: u64,
    level: f64,
    truth: usize,
    hit: usize,
    shown: usize,
    error: f64,
    tempo: f64,
}

impl Hour {
    fn seconds(&self, rate: f64) -> f64 {
        (self.hops * HOP as u64) as f64 / rate
    }

    fn told(&self) -> String {
        let hits = self.hit.max(1) as f64;
        format!(
            "{} of {} beats hit, {} shown, {:+.2} ms late, tempo {:.3} % off, level {:.4}",
            self.hit,
            self.truth,
            self.shown,
            1e3 * self.error / hits,
            100.0 * self.tempo / hits,
            self.level / self.hops as f64,
        )
    }
}

/// How long hops took: one counter for every microsecond up to 10 ms.
struct Steps {
    counts: Vec<u64>,
    most: u128,
}

impl Steps {
    fn new() -> Self {
        Self { counts: vec![0; 10_000], most: 0 }
    }

    fn count(&mut self, nanoseconds: u128) {
        let micros = nanoseconds / 1_000;
        let last = self.counts.len() - 1;
        self.counts[usize::try_from(micros).unwrap_or(last).min(last)] += 1;
        self.most = self.most.max(micros);
    }

    fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The time that this share of all hops kept within.
    fn share(&self, share: f64) -> usize {
        let rank = (share * self.total() as f64) as u64;
        let mut seen = 0;
        self.counts
            .iter()
            .position(|count| {
                seen += count;
                seen > rank
            })
            .unwrap_or(self.counts.len())
    }
}
