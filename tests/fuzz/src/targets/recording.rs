//! Audio files. The formats are Symphonia's; what is checked is what we make of its words.

use downbeat_audio::decode_bytes;
use std::path::Path;

/// Endings of names, by which the format is guessed.
const NAMES: [&str; 6] = ["a.wav", "a.flac", "a.mp3", "a.ogg", "a.aiff", "a"];

/// The number of a name, and a file: it is refused by its name, or has two channels of one length.
pub fn run(bytes: &[u8]) {
    let Some((number, file)) = bytes.split_first() else { return };
    let name = NAMES[usize::from(*number) % NAMES.len()];
    match decode_bytes(Path::new(name), file.to_vec()) {
        Ok(recording) => {
            assert!(recording.left.len() == recording.right.len() && !recording.left.is_empty());
            assert!(recording.sample_rate >= 1.0, "{} samples a second", recording.sample_rate);
        }
        Err(error) => assert!(error.to_string().contains(name), "{error}"),
    }
}

/// A few samples as WAV, in whole numbers and in floats, and as AIFF. The other formats are in the corpus.
pub fn seeds() -> Vec<Vec<u8>> {
    let samples: Vec<u8> = (0..64_u8).flat_map(|at| [at, at.wrapping_mul(3)]).collect();
    let wav = |format: u16, channels: u16, bits: u16| {
        let block = channels * bits / 8;
        let mut file = vec![0];
        file.extend(b"RIFF");
        file.extend((36 + samples.len() as u32).to_le_bytes());
        file.extend(b"WAVEfmt \x10\0\0\0");
        [format, channels].iter().for_each(|it| file.extend(it.to_le_bytes()));
        [48_000_u32, 48_000 * u32::from(block)].iter().for_each(|it| file.extend(it.to_le_bytes()));
        [block, bits].iter().for_each(|it| file.extend(it.to_le_bytes()));
        file.extend(b"data");
        file.extend((samples.len() as u32).to_le_bytes());
        file.extend(&samples);
        file
    };
    let mut aiff = vec![4];
    aiff.extend(b"FORM\0\0\0\xAEAIFFCOMM\0\0\0\x12\0\x01\0\0\0\x40\0\x10\x40\x0E\xBB\x80\0\0\0\0\0\0");
    aiff.extend(b"SSND\0\0\0\x88\0\0\0\0\0\0\0\0");
    aiff.extend(&samples);
    vec![wav(1, 2, 16), wav(1, 1, 24), wav(3, 1, 32), wav(1, 2, 8), aiff]
}
