//! What the net hears of a sound, for training: mono samples (32-bit floats, little-endian) on standard input, the
//! sample rate as the argument; out come 16-bit floats, tick after tick.

use std::io::{Read, Write};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let rate: f64 = std::env::args().nth(1).ok_or("which sample rate?")?.parse()?;
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes)?;
    let samples: Vec<f32> = bytes.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    let (inputs, _) = downbeat_analysis::training::inputs(&samples, rate);
    let bytes: Vec<u8> = inputs.iter().flat_map(|input| half::f16::from_f32(*input).to_le_bytes()).collect();
    std::io::stdout().lock().write_all(&bytes)?;
    Ok(())
}
