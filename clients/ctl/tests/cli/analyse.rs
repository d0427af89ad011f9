//! Files in, lines, tables and pictures out.

use super::{ctl, run, stderr, stdout, text};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const RATE: u32 = 48_000;

/// A click every half second for so many seconds, the first at 0.25 s.
fn clicks(folder: &Path, seconds: u32) -> PathBuf {
    let path = folder.join("clicks.wav");
    let spec =
        hound::WavSpec { channels: 2, sample_rate: RATE, bits_per_sample: 16, sample_format: hound::SampleFormat::Int };
    let mut writer = hound::WavWriter::create(&path, spec).expect("a file");
    for index in 0..RATE * seconds {
        let since = (index + RATE / 4) % (RATE / 2);
        let decay = (-f64::from(since) / 600.0).exp();
        let sample = (decay * (f64::from(since) * 0.05).sin() * 20_000.0) as i16;
        writer.write_sample(sample).expect("written");
        writer.write_sample(sample).expect("written");
    }
    writer.finalize().expect("written");
    path
}

/// A bass drum on every beat at 120 BPM, and the same in reverse on the right.
fn reversed(folder: &Path, seconds: u32) -> PathBuf {
    let path = folder.join("reversed.wav");
    let spec =
        hound::WavSpec { channels: 2, sample_rate: RATE, bits_per_sample: 16, sample_format: hound::SampleFormat::Int };
    let mut writer = hound::WavWriter::create(&path, spec).expect("a file");
    for index in 0..RATE * seconds {
        let since = f64::from((index + RATE / 4) % (RATE / 2)) / f64::from(RATE);
        let sample = ((-since / 0.08).exp() * (since * 377.0).sin() * 20_000.0) as i16;
        writer.write_sample(sample).expect("written");
        writer.write_sample(-sample).expect("written");
    }
    writer.finalize().expect("written");
    path
}

#[test]
fn of_a_file_whose_sides_cancel_the_beats_are_told_and_a_warning() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = run(&["analyse", text(&reversed(folder.path(), 12))]);
    assert!(output.status.success());
    assert!(times(&lines(&stdout(&output)), "beat").len() >= 15, "{}", stdout(&output));
    assert_eq!(stderr(&output).matches("left and right cancel").count(), 1, "{}", stderr(&output));
    assert_eq!(stderr(&run(&["analyse", text(&clicks(folder.path(), 4))])), "");
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

/// The times of one type.
fn times(lines: &[Value], kind: &str) -> Vec<f64> {
    lines.iter().filter(|line| line["type"] == kind).map(|line| line["t"].as_f64().expect("a time")).collect()
}

fn nearest(times: &[f64], to: f64) -> f64 {
    times.iter().map(|time| (time - to).abs()).fold(f64::INFINITY, f64::min)
}

#[test]
fn the_beats_of_the_demo_song_are_where_they_are() {
    // Where the other tests that need the song keep it, too.
    let folder = Path::new(env!("CARGO_BIN_EXE_downbeatctl")).with_file_name("song");
    let song = downbeat_song::ensure(&folder).expect("the song is rendered");
    let output = run(&["analyse", text(&song.mix)]);
    assert!(output.status.success(), "{}", stderr(&output));
    let lines = lines(&stdout(&output));
    let beats = times(&lines, "beat");
    // From 8 s after the start of each tempo.
    let settled =
        |time: &&f64| song.truth.tempos.iter().all(|tempo| **time < tempo.start || **time > tempo.start + 8.0);
    let truth: Vec<&f64> = song.truth.beats.iter().filter(settled).collect();
    let found = truth.iter().filter(|time| nearest(&beats, ***time) <= 0.025).count();
    assert!(found as f64 >= 0.95 * truth.len() as f64, "{found} of {} beats within 25 ms", truth.len());
    // While a new tempo is not yet known, the old one goes on: those beats are not invented.
    let surplus = beats.iter().filter(settled).filter(|beat| nearest(&song.truth.beats, **beat) > 0.1).count();
    assert!(surplus * 20 < beats.len(), "{surplus} of {} beats are not there", beats.len());
    assert!(times(&lines, "downbeat").iter().all(|downbeat| beats.contains(downbeat)));
}

#[test]
fn every_line_has_its_four_fields_and_says_nothing_before_it_was_heard() {
    let folder = tempfile::tempdir().expect("a folder");
    let song = clicks(folder.path(), 12);
    let lines = lines(&stdout(&run(&["analyse", text(&song)])));
    let mut last = 0.0;
    for line in &lines {
        let keys: Vec<&String> = line.as_object().expect("an object").keys().collect();
        assert_eq!(keys, ["emitted", "t", "type", "value"], "{line}");
        let (t, emitted) = (line["t"].as_f64().expect("a time"), line["emitted"].as_f64().expect("a time"));
        assert!(emitted >= last, "said in order: {line}");
        last = emitted;
        // Only beats may be said ahead, and only a little.
        let ahead = if line["type"] == "beat" || line["type"] == "downbeat" { 0.02 } else { 0.0 };
        assert!(t - emitted <= ahead + 1e-9, "{line}");
    }
    assert_eq!(lines.last().expect("a line")["type"], "cpu");
    assert!(times(&lines, "onset").len() >= 15);
    assert!(!times(&lines, "state").is_empty());
    assert!(!times(&lines, "tempo").is_empty());
}

#[test]
fn the_table_has_a_column_for_every_number_and_a_row_for_every_hop() {
    let folder = tempfile::tempdir().expect("a folder");
    let (song, table) = (clicks(folder.path(), 2), folder.path().join("features.csv"));
    assert!(run(&["analyse", text(&song), "--features", text(&table)]).status.success());
    let table = std::fs::read_to_string(table).expect("written");
    let mut rows = table.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let head = rows.next().expect("a head");
    assert_eq!(head[..2], ["time", "main.rms"]);
    assert!(["main.mel.31", "main.onset.low", "tempo.bpm", "music.state"].iter().all(|name| head.contains(name)));
    let rows: Vec<Vec<f64>> =
        rows.map(|row| row.iter().map(|cell| cell.parse().expect("a number")).collect()).collect();
    assert_eq!(rows.len() as u32, 2 * RATE / 256);
    assert!(rows.iter().all(|row| row.len() == head.len() && row.iter().all(|number| number.is_finite())));
    assert!((rows[0][0] - 256.0 / 48_000.0).abs() < 1e-6);
}

#[test]
fn the_picture_has_its_size_and_something_on_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let (song, picture) = (clicks(folder.path(), 4), folder.path().join("plot.png"));
    let output = run(&["analyse", text(&song), "--plot", text(&picture), "--plot-size", "960x540"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let picture = image::open(picture).expect("a picture").into_rgb8();
    assert_eq!(picture.dimensions(), (960, 540));
    let colours: std::collections::HashSet<_> = picture.pixels().collect();
    assert!(colours.len() > 100, "only {} colours", colours.len());
}

#[test]
fn the_sheet_has_a_picture_for_each_heading_of_the_signals() {
    let folder = tempfile::tempdir().expect("a folder");
    let (song, sheet) = (clicks(folder.path(), 4), folder.path().join("sheet.png"));
    let output = run(&["analyse", text(&song), "--sheet", text(&sheet), "--close-up", "1"]);
    assert!(output.status.success(), "{}", stderr(&output));
    for page in ["level", "tone", "rhythm", "structure", "sources"] {
        let picture = image::open(folder.path().join(format!("sheet-{page}.png"))).expect("a picture").into_rgb8();
        assert_eq!(picture.width(), 1600, "{page}");
    }
    let output = run(&["analyse", text(&song), "--close-up", "1"]);
    assert_eq!(output.status.code(), Some(64), "a close-up of nothing");
}

#[test]
fn several_files_are_told_apart() {
    let folder = tempfile::tempdir().expect("a folder");
    let song = clicks(folder.path(), 1);
    let lines = lines(&stdout(&run(&["analyse", text(&song), text(&song)])));
    assert!(lines.iter().all(|line| line["file"] == text(&song)));
    assert_eq!(times(&lines, "cpu").len(), 2);
    let output = run(&["analyse", text(&song), text(&song), "--plot", "x.png"]);
    assert_eq!(output.status.code(), Some(64));
    assert!(stderr(&output).contains("one by one"));
}

#[test]
fn a_file_that_is_no_audio_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("notes.wav");
    std::fs::write(&path, "no music here").expect("written");
    for path in [path, folder.path().join("missing.wav")] {
        let output = run(&["analyse", text(&path)]);
        assert_eq!(output.status.code(), Some(66));
        assert!(stderr(&output).contains(text(&path)), "{}", stderr(&output));
    }
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let song = clicks(folder.path(), 1);
    let output = run(&["analyse", text(&song), "--features", "/nowhere/at/all.csv"]);
    assert_eq!(output.status.code(), Some(73));
    assert!(stderr(&output).contains("/nowhere/at/all.csv"), "{}", stderr(&output));
}

#[test]
fn a_reader_who_leaves_early_is_no_trouble() {
    let folder = tempfile::tempdir().expect("a folder");
    let song = clicks(folder.path(), 60);
    let mut child = ctl()
        .args(["analyse", text(&song), text(&song)])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("downbeatctl runs");
    let mut first = String::new();
    BufReader::new(child.stdout.take().expect("piped")).read_line(&mut first).expect("a line");
    assert!(first.starts_with('{'));
    let mut complaints = String::new();
    child.stderr.take().expect("piped").read_to_string(&mut complaints).expect("read");
    assert!(child.wait().expect("ends").success());
    assert_eq!(complaints, "");
}

#[test]
fn ctrl_c_ends_it_with_its_own_status() {
    let folder = tempfile::tempdir().expect("a folder");
    let song = clicks(folder.path(), 120);
    let songs = vec![text(&song); 40];
    let mut child = ctl()
        .arg("analyse")
        .args(songs)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("downbeatctl runs");
    let mut reader = BufReader::new(child.stdout.take().expect("piped"));
    let mut line = String::new();
    reader.read_line(&mut line).expect("it has begun");
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill runs");
    assert!(sent.success());
    std::io::copy(&mut reader, &mut std::io::sink()).expect("read to the end");
    let output = child.wait_with_output().expect("ends");
    assert_eq!(output.status.code(), Some(130));
    assert_eq!(stderr(&output), "downbeatctl: cancelled\n");
}
