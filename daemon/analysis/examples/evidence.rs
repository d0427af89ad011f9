//! What speaks for the beat and against it, for training: mono samples (32-bit floats, little-endian) on standard
//! input, the sample rate as the argument; out come rows of 32-bit floats, twenty a second: the time and the told beat
//! in seconds, the tempo in BPM, beats in the bar, the beat's place in it, and the evidence.

use downbeat_analysis::{Analyzer, Settings};
use std::io::{Read, Write};

const ROWS_A_SECOND: f64 = 20.0;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let rate: f64 = std::env::args().nth(1).ok_or("which sample rate?")?.parse()?;
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes)?;
    let samples: Vec<f32> = bytes.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    let settings = Settings { sample_rate: rate, ..Settings::default() };
    let mut analyzer = Analyzer::new(&settings)?;
    let (mut next, mut out) = (0.0, Vec::<u8>::new());
    for hop in samples.chunks(settings.hop) {
        let mut told = None;
        analyzer.push(hop, hop, |hop| told = Some((hop.end as f64 / rate, hop.pulse)));
        if let Some((now, pulse)) = told
            && now >= next
        {
            next += 1.0 / ROWS_A_SECOND;
            let row =
                [now, pulse.beat / rate, pulse.tempo, f64::from(pulse.beats_per_bar), f64::from(pulse.beat_in_bar)];
            let row = row.iter().map(|value| *value as f32).chain(analyzer.evidence().iter().copied());
            out.extend(row.flat_map(f32::to_le_bytes));
        }
    }
    std::io::stdout().lock().write_all(&out)?;
    Ok(())
}
