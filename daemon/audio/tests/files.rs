//! Audio files as found in the wild, decoded and played.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant, SystemTime},
};

use downbeat_audio::{Block, FileError, FileSettings, FileSource, Got, Pace, PatientFiles, Recording, Source, decode};
use hound::{SampleFormat, WavSpec, WavWriter};
use tempfile::TempDir;

const RATE: u32 = 48_000;

/// One sample of a signal that differs between channels and never repeats within a test.
fn sample(channel: u16, index: u32) -> f32 {
    let phase = f64::from(index) * (0.01 + 0.003 * f64::from(channel));
    (0.5 * phase.sin() * (1.0 + 0.2 * (f64::from(index) * 1e-4).sin())) as f32
}

fn signal(channel: u16, frames: u32) -> Vec<f32> {
    (0..frames).map(|index| sample(channel, index)).collect()
}

/// A WAV file of 32-bit floats.
fn write_wav(path: &Path, sample_rate: u32, channels: u16, frames: u32) {
    let spec = WavSpec { channels, sample_rate, bits_per_sample: 32, sample_format: SampleFormat::Float };
    let mut writer = WavWriter::create(path, spec).expect("a WAV file");
    for index in 0..frames {
        for channel in 0..channels {
            writer.write_sample(sample(channel, index)).expect("room on the disk");
        }
    }
    writer.finalize().expect("a WAV file");
}

fn wav(folder: &TempDir, name: &str, sample_rate: u32, channels: u16, frames: u32) -> PathBuf {
    let path = folder.path().join(name);
    write_wav(&path, sample_rate, channels, frames);
    path
}

fn open(files: &[&Path], pace: Pace, repeat: bool) -> Result<FileSource, FileError> {
    let buses = files.iter().enumerate().map(|(index, path)| (format!("bus{index}"), path.to_path_buf())).collect();
    FileSource::open(FileSettings { buses, pace, repeat })
}

/// Plays to the end, or to `limit` samples, and puts the blocks together.
fn play(source: &mut FileSource, limit: u64) -> Vec<Vec<f32>> {
    let mut block = Block::default();
    let mut channels: Vec<Vec<f32>> = Vec::new();
    let mut played = 0;
    loop {
        match source.next(&mut block, Duration::from_secs(5)) {
            Got::Started { sample_rate } => assert_eq!((sample_rate, played), (f64::from(RATE), 0)),
            Got::Block => {
                assert_eq!(block.first_sample, played);
                channels.resize_with(block.channels.len(), Vec::new);
                for (all, new) in channels.iter_mut().zip(&block.channels) {
                    assert_eq!(new.len(), block.frames);
                    all.extend_from_slice(new);
                }
                played += block.frames as u64;
                if played >= limit {
                    return channels;
                }
            }
            Got::End => return channels,
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_wav_file_comes_out_bit_by_bit() {
    let folder = TempDir::new().unwrap();
    let path = wav(&folder, "a.wav", RATE, 2, 100_001);
    let expected = [signal(0, 100_001), signal(1, 100_001)];
    let Recording { sample_rate, left, right } = decode(&path).unwrap();
    assert_eq!(sample_rate, 48_000.0);
    assert_eq!([left, right], expected);

    let mut source = open(&[&path], Pace::Fast, false).unwrap();
    assert_eq!(source.sample_rate(), 48_000.0);
    assert_eq!(source.duration(), Some(Duration::from_secs_f64(100_001.0 / 48_000.0)));
    assert_eq!(play(&mut source, u64::MAX), expected);
    assert_eq!(source.next(&mut Block::default(), Duration::ZERO), Got::End);
}

#[test]
fn one_channel_goes_to_both_sides_and_of_more_than_two_the_first_are_taken() {
    let folder = TempDir::new().unwrap();
    let mono = decode(&wav(&folder, "mono.wav", RATE, 1, 5000)).unwrap();
    assert_eq!((&mono.left, &mono.right), (&signal(0, 5000), &signal(0, 5000)));
    let quad = decode(&wav(&folder, "quad.wav", RATE, 4, 5000)).unwrap();
    assert_eq!((quad.left, quad.right), (signal(0, 5000), signal(1, 5000)));
}

#[test]
fn a_shorter_file_is_followed_by_silence() {
    let folder = TempDir::new().unwrap();
    let long = wav(&folder, "long.wav", RATE, 2, 20_000);
    let short = wav(&folder, "short.wav", RATE, 1, 7_000);
    let mut source = open(&[&short, &long], Pace::Fast, false).unwrap();
    let channels = play(&mut source, u64::MAX);
    let mut padded = signal(0, 7_000);
    padded.resize(20_000, 0.0);
    assert_eq!(channels, [padded.clone(), padded, signal(0, 20_000), signal(1, 20_000)]);
}

#[test]
fn repeating_goes_on_without_a_gap() {
    let folder = TempDir::new().unwrap();
    let path = wav(&folder, "loop.wav", RATE, 2, 10_000);
    let mut source = open(&[&path], Pace::Fast, true).unwrap();
    let channels = play(&mut source, 35_000);
    let expected: Vec<f32> = (0..35_000).map(|index| sample(0, index % 10_000)).collect();
    assert_eq!(channels[0][..35_000], expected);
}

/// Plays until a stream of a rate has started and given samples, or fails after a few seconds.
fn until_played(files: &mut PatientFiles, rate: u32) {
    let begun = Instant::now();
    let (mut block, mut started) = (Block::default(), 0.0);
    loop {
        match files.next(&mut block, Duration::from_millis(5)) {
            Got::Started { sample_rate } => started = sample_rate,
            Got::Block if started == f64::from(rate) => return,
            _ => {}
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", files.report());
    }
}

/// The left sample of a number, when it comes.
fn block_of(files: &mut PatientFiles, number: u32) -> Option<f32> {
    let mut block = Block::default();
    while files.next(&mut block, Duration::from_secs(5)) == Got::Block {
        let place = u64::from(number).checked_sub(block.first_sample)?;
        if place < block.frames as u64 {
            return Some(block.channels[0][place as usize]);
        }
    }
    None
}

fn patient(path: &Path, repeat: bool) -> PatientFiles {
    let settings = FileSettings { buses: vec![("main".to_owned(), path.into())], pace: Pace::Fast, repeat };
    PatientFiles::open(settings).expect("files that may come later")
}

#[test]
fn a_looped_song_replaced_by_one_of_another_rate_is_played_at_that_rate() {
    let folder = TempDir::new().unwrap();
    let path = wav(&folder, "song.wav", RATE, 2, 10_000);
    let mut files = patient(&path, true);
    until_played(&mut files, RATE);
    // As file managers do: the new one takes the place of the old one in one step.
    fs::rename(wav(&folder, "new.wav", 44_100, 2, 10_000), &path).unwrap();
    until_played(&mut files, 44_100);
}

#[test]
fn a_song_whose_copy_has_only_begun_is_played_once_it_is_there() {
    let folder = TempDir::new().unwrap();
    let length = 4 * RATE;
    let whole = fs::read(wav(&folder, "whole.wav", RATE, 2, length)).unwrap();
    let path = folder.path().join("song.wav");
    let header = whole.windows(4).position(|it| it == b"data").expect("a chunk of samples") + 8;
    for (there, repeat) in [(header, false), (header, true), (whole.len() / 2, false)] {
        fs::write(&path, &whole[..there]).unwrap();
        let mut files = patient(&path, repeat);
        let mut block = Block::default();
        let why = loop {
            match files.next(&mut block, Duration::from_secs(5)) {
                Got::Lost { why } => break why,
                Got::Started { .. } | Got::Block => {}
                other => panic!("{there} bytes: {other:?}"),
            }
        };
        assert!(why.contains("song.wav") && why.contains("copied"), "{why}");
        // It is not played again and again while nothing comes.
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_millis(1_500) {
            assert_eq!(files.next(&mut block, Duration::from_millis(5)), Got::Nothing, "{there} bytes");
        }
        fs::write(&path, &whole).unwrap();
        until_played(&mut files, RATE);
        assert_eq!(block_of(&mut files, length - 1), Some(sample(0, length - 1)), "{there} bytes");
    }
}

/// As if a file had last been changed an hour ago.
fn age(path: &Path) {
    let file = fs::File::options().write(true).open(path).expect("it is there");
    file.set_modified(SystemTime::now() - Duration::from_secs(3_600)).expect("a time can be set");
}

/// Plays to the end; how many samples that were, and what came then.
fn play_out(files: &mut PatientFiles, mut each: impl FnMut(u64)) -> (u64, Got) {
    let (mut block, mut played) = (Block::default(), 0);
    loop {
        match files.next(&mut block, Duration::from_secs(5)) {
            Got::Started { .. } => {}
            Got::Block => {
                played += block.frames as u64;
                each(played);
            }
            other => return (played, other),
        }
    }
}

#[test]
fn a_file_whose_header_says_too_much_is_over_at_its_end_and_one_that_grows_meanwhile_is_waited_for() {
    let folder = TempDir::new().unwrap();
    let length = 4 * RATE;
    let path = wav(&folder, "song.wav", RATE, 2, length);
    let mut bytes = fs::read(&path).unwrap();
    let data = bytes.windows(4).position(|it| it == b"data").expect("a chunk of samples") + 4;
    let samples = u32::from_le_bytes(bytes[data..data + 4].try_into().unwrap());
    // The file, and its samples, seem to be twice as long.
    for place in [4, data] {
        let said = u32::from_le_bytes(bytes[place..place + 4].try_into().unwrap());
        bytes[place..place + 4].copy_from_slice(&(said + samples).to_le_bytes());
    }
    fs::write(&path, &bytes).unwrap();
    age(&path);
    let mut files = patient(&path, false);
    let (played, end) = play_out(&mut files, |_| {});
    assert_eq!(end, Got::End, "{:?}", files.report());
    assert!(played + 5_000 > u64::from(length), "{played}");
    assert_eq!(files.report().status, "the files have ended");

    let mut files = patient(&path, false);
    let (_, end) = play_out(&mut files, |played| {
        // A little more is copied, and nothing for a long time.
        if played == 256 {
            fs::File::options().append(true).open(&path).unwrap().write_all(&vec![0_u8; 80_000]).unwrap();
            age(&path);
        }
    });
    assert!(matches!(&end, Got::Lost { why } if why.contains("song.wav") && why.contains("copied")), "{end:?}");
    until_played(&mut files, RATE);
}

#[test]
fn a_file_too_short_to_be_a_loop_repeats_with_silence_between() {
    let folder = TempDir::new().unwrap();
    for length in [1, 7, 4095] {
        let path = wav(&folder, "short.wav", RATE, 1, length);
        let mut source = open(&[&path], Pace::Fast, true).unwrap();
        let channels = play(&mut source, 10_000);
        let expected = |index: u32| if index % 4096 < length { sample(0, index % 4096) } else { 0.0 };
        assert!((0..10_000).all(|index| channels[0][index as usize] == expected(index)), "{length}");
    }
}

#[test]
fn a_header_with_an_impossible_sample_rate_is_refused_with_its_file() {
    let folder = TempDir::new().unwrap();
    for rate in [1, 7_999, 352_800, 100_000_000] {
        let path = wav(&folder, "odd.wav", rate, 2, 1_000);
        let why = open(&[&path], Pace::Fast, true).expect_err("refused").to_string();
        assert!(why.contains("odd.wav has") && why.contains("convert it"), "{why}");
    }
}

#[test]
fn in_real_time_no_block_comes_early_and_the_last_one_comes_on_time() {
    let folder = TempDir::new().unwrap();
    let path = wav(&folder, "a.wav", RATE, 2, RATE);
    let mut source = open(&[&path], Pace::RealTime, false).unwrap();
    let mut block = Block::default();
    let begun = Instant::now();
    assert!(matches!(source.next(&mut block, Duration::ZERO), Got::Started { .. }));
    assert_eq!(source.next(&mut block, Duration::ZERO), Got::Nothing);
    let mut start_ns = None;
    loop {
        // In short steps: waiting must go on where the last wait left off.
        match source.next(&mut block, Duration::from_millis(3)) {
            Got::Block => {
                let start_ns = *start_ns.get_or_insert(block.time_host_ns);
                let since_start_ns = |sample: u64| sample as i64 * 1_000_000_000 / i64::from(RATE);
                assert_eq!(block.time_host_ns, start_ns + since_start_ns(block.first_sample));
                let captured_ns = start_ns + since_start_ns(block.first_sample + block.frames as u64);
                assert_eq!(block.received_host_ns, captured_ns);
                let since_begun = i64::try_from(begun.elapsed().as_nanos()).unwrap();
                assert!(since_begun >= captured_ns - start_ns, "early: {block:?}");
            }
            Got::Nothing => {}
            Got::End => break,
            other => panic!("{other:?}"),
        }
    }
    let took = begun.elapsed();
    assert!((0.95..1.5).contains(&took.as_secs_f64()), "a second took {took:?}");
}

#[test]
fn a_block_that_nobody_took_in_time_is_as_old_as_it_is() {
    let folder = TempDir::new().unwrap();
    let path = wav(&folder, "a.wav", RATE, 2, RATE);
    let mut source = open(&[&path], Pace::RealTime, false).unwrap();
    let mut block = Block::default();
    assert!(matches!(source.next(&mut block, Duration::ZERO), Got::Started { .. }));
    let begun = Instant::now();
    // The process stands still.
    std::thread::sleep(Duration::from_millis(300));
    while source.next(&mut block, Duration::from_secs(1)) != Got::Block {}
    let length_ns = block.frames as i64 * 1_000_000_000 / i64::from(RATE);
    assert_eq!(block.received_host_ns - block.time_host_ns, length_ns, "not when it was taken: {:?}", begun.elapsed());
}

#[test]
fn files_of_different_sample_rates_are_refused_by_name() {
    let folder = TempDir::new().unwrap();
    let first = wav(&folder, "first.wav", 48_000, 2, 100);
    let second = wav(&folder, "second.wav", 44_100, 2, 100);
    let message = open(&[&first, &second], Pace::Fast, false).unwrap_err().to_string();
    for part in ["first.wav", "48000", "second.wav", "44100", "convert"] {
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn what_cannot_be_played_is_refused_by_name() {
    let folder = TempDir::new().unwrap();
    let text = folder.path().join("words.wav");
    fs::write(&text, "these are words ".repeat(1000)).unwrap();
    let empty = folder.path().join("empty.mp3");
    fs::write(&empty, "").unwrap();
    let silent = wav(&folder, "nothing.wav", RATE, 2, 0);
    for path in [&folder.path().join("missing.wav"), &folder.path().to_path_buf()] {
        let error = decode(path).unwrap_err();
        assert!(matches!(error, FileError::Read { .. }), "{error}");
        assert!(error.to_string().contains(&path.display().to_string()), "{error}");
    }
    let error = decode(&empty).unwrap_err().to_string();
    assert!(error.contains(&format!("{} is empty", empty.display())), "{error}");
    for path in [&text, &silent] {
        let error = decode(path).unwrap_err();
        assert!(matches!(error, FileError::Decode { .. }), "{error}");
        assert!(error.to_string().contains(&path.display().to_string()), "{error}");
    }
    assert!(matches!(open(&[], Pace::Fast, false), Err(FileError::NoFiles)));
}

#[test]
fn a_file_that_breaks_off_is_played_as_far_as_it_goes() {
    let folder = TempDir::new().unwrap();
    let path = wav(&folder, "cut.wav", RATE, 2, 50_000);
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let recording = decode(&path).unwrap();
    assert!((20_000..=25_000).contains(&recording.left.len()), "{}", recording.left.len());
    assert_eq!(recording.left, signal(0, recording.left.len() as u32));
    let mut source = open(&[&path], Pace::Fast, true).unwrap();
    assert!(play(&mut source, 60_000)[0].len() >= 60_000);
}

/// Converts a file with ffmpeg; `None` where there is none.
fn convert(from: &Path, to: &str, options: &[&str]) -> Option<PathBuf> {
    let to = from.with_file_name(to);
    let run = Command::new("ffmpeg").args(["-v", "error", "-y", "-i"]).arg(from).args(options).arg(&to).output();
    let Ok(output) = run else {
        eprintln!("skipped: no ffmpeg");
        return None;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(to)
}

/// The largest difference between two signals.
fn difference(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[test]
fn flac_mp3_and_ogg_sound_like_the_wav_file_they_were_made_from() {
    let folder = TempDir::new().unwrap();
    let path = wav(&folder, "a.wav", RATE, 2, 96_000);
    for (name, options, tolerance) in [
        ("a.flac", &["-sample_fmt", "s16"][..], 1e-4),
        ("a.aiff", &[], 1e-4),
        ("a.mp3", &["-b:a", "320k"], 0.05),
        ("a.ogg", &["-c:a", "libvorbis", "-q:a", "8"], 0.05),
    ] {
        let Some(path) = convert(&path, name, options) else {
            return;
        };
        let recording = decode(&path).unwrap();
        assert_eq!(recording.sample_rate, 48_000.0);
        let length = recording.left.len();
        println!("{name}: {length} samples, {} off", difference(&recording.left, &signal(0, 96_000)));
        assert!((96_000..96_000 + 1152).contains(&length), "{name}: {length} samples");
        assert!(difference(&recording.left, &signal(0, 96_000)) < tolerance, "{name}");
        assert!(difference(&recording.right, &signal(1, 96_000)) < tolerance, "{name}");
    }
}

#[test]
fn a_damaged_file_is_played_around_the_damage() {
    let folder = TempDir::new().unwrap();
    let path = wav(&folder, "a.wav", RATE, 2, 96_000);
    let Some(path) = convert(&path, "a.mp3", &["-b:a", "128k"]) else {
        return;
    };
    let whole = decode(&path).unwrap();
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 2000].fill(0x55);
    fs::write(&path, bytes).unwrap();
    let damaged = decode(&path).unwrap();
    // 2000 bytes are 125 ms of it: 6000 samples, and what hangs together with them.
    assert!(damaged.left.len() > 96_000 - 12_000, "{}", damaged.left.len());
    assert_eq!(damaged.left[..40_000], whole.left[..40_000]);
}
