//! How long the analysis of one bus takes: the seconds of a processor for 100 s of the demo song, best of five. Time in
//! which other programs ran does not count (on Linux).
//!
//! `cargo run --release -p downbeat-analysis --example cost`

use downbeat_analysis::{Analyzer, Settings};
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let song = downbeat_song::render();
    let rate = f64::from(song.sample_rate);
    let seconds = song.left.len() as f64 / rate;
    let settings = Settings { sample_rate: rate, ..Settings::default() };
    let start = Instant::now();
    let mut best = f64::INFINITY;
    for _ in 0..5 {
        let mut analyzer = Analyzer::new(&settings)?;
        let mut sum = 0.0;
        let begun = spent(start);
        for (left, right) in song.left.chunks(1_024).zip(song.right.chunks(1_024)) {
            analyzer.push(left, right, |hop| sum += f64::from(hop.values[0]));
        }
        best = best.min((spent(start) - begun) / seconds * 100.0);
        assert!(sum > 0.0);
    }
    println!("{best:.3} s for 100 s of audio at {rate} Hz");
    Ok(())
}

/// Seconds that this thread has run, or that have gone by.
fn spent(start: Instant) -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|told| told.split(' ').next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(|| start.elapsed().as_secs_f64(), |nanoseconds| 1e-9 * nanoseconds)
}
