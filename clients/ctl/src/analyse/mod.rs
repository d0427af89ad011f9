//! `downbeatctl analyse`: what the daemon hears in a file, as fast as the machine can.

mod announce;
mod belief;
mod counted;
mod cpu;
mod findings;
mod offline;
mod rows;
mod said;
mod song;
mod table;

pub use findings::Findings;
pub use rows::{Extent, Rows};
pub use song::Song;

use crate::exit::Failure;
use crate::plot;
use crate::progress::Progress;
use crate::stop::Stop;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use offline::{Hop, Offline};
use said::{Kind, Said, SaidOf, Worth};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use table::Table;

/// Analyse files as the daemon does, as fast as the machine can
///
/// Prints one JSON object per line:
///
///   {"t": SECONDS, "emitted": SECONDS, "type": TYPE, "value": VALUE}
///
/// t is when it happens in the file; emitted is how much audio had been analysed when it was reported.
///
///   beat      reported 20 ms ahead, or as soon as known; value: its place in the bar, from 1
///   downbeat  the first beat of a bar, after the beat itself; value: the number of the bar
///   onset     something strikes; value: strength from 0 to 1
///   kick      the kick drum is struck, likewise snare and hat; value: strength from 0 to 1
///   drop      kick and bass return after a build-up or breakdown; from 0 to 1
///   section   a new section of the song has begun; value: novelty, from 0 to 1
///   tempo     the tempo has changed by more than 0.5 %; value: beats per minute
///   state     playing, breakdown, silence or no-signal
///   belief    every 0.5 s, an object: the state, the tempo sent to outputs, whether beats are sent (beating), and the
///             confidence from 0 to 1 that there is a beat (pulse), at the tempo people tap (level), where they tap
///             (phase), and that the bar begins where reported (one), each assuming the one before
///   cpu       at the end: seconds of CPU time
///
/// With several files, each line also has "file". If left and right cancel, a warning goes to standard error.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// WAV, AIFF, FLAC, MP3 or Ogg Vorbis
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Write every signal of every hop as CSV
    #[arg(long, value_name = "CSV")]
    features: Option<PathBuf>,
    /// Draw waveform, mel bands, onsets, beats and tempo in one picture
    #[arg(long, value_name = "PNG")]
    plot: Option<PathBuf>,
    /// Width and height of the picture in pixels
    #[arg(long, value_name = "WIDTHxHEIGHT", default_value = "1920x1080", value_parser = size)]
    plot_size: (u32, u32),
    /// Draw every signal, one picture per heading of docs/signals.md (installed in /usr/share/doc/downbeat): PNG with -level, -tone, -rhythm, … in its name
    #[arg(long, value_name = "PNG")]
    sheet: Option<PathBuf>,
    /// Start of the sheet's 8 s close-up [default: a second before the first drop, or the middle]
    #[arg(long, value_name = "SECONDS", requires = "sheet")]
    close_up: Option<f64>,
}

/// Analyses the files one after the other.
///
/// # Errors
/// If a file cannot be read or written, or on Ctrl-C.
pub fn run(args: &Args) -> Result<(), Failure> {
    let several = args.files.len() > 1;
    if several && (args.features.is_some() || args.plot.is_some() || args.sheet.is_some()) {
        return Err(Failure::Usage(
            "--features, --plot and --sheet take one FILE. Analyse the files one by one".into(),
        ));
    }
    let stop = Stop::listen()?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    for file in &args.files {
        let named = several.then(|| file.to_string_lossy());
        let mut print = |said: &Said| print(&mut out, named.as_deref(), said);
        analyse(file, args, &stop, &mut print)?;
        out.flush()?;
    }
    Ok(())
}

/// One file.
fn analyse(
    file: &Path,
    args: &Args,
    stop: &Stop,
    print: &mut impl FnMut(&Said) -> std::io::Result<()>,
) -> Result<(), Failure> {
    let song = Song::open(file)?;
    let progress = Progress::new(&song.name, song.seconds());
    let mut offline = Offline::new(song.rate())?;
    let mut table = args.features.as_deref().map(|path| create_table(path, &offline)).transpose()?;
    let mut found = args.plot.as_ref().or(args.sheet.as_ref()).map(|_| Findings::of_bands(mel(&offline).len()));
    let mut rows = args.sheet.as_ref().map(|_| Rows::of(offline.schema()));
    let mel = mel(&offline);
    let cancels = offline.schema().find("main.cancels").map_or(0, |(place, _)| place);
    let mut cancelled = false;
    let mut outcome: Result<(), Failure> = Ok(());
    let started = cpu::thread_seconds();
    let hop = offline.hop();
    for (index, (left, right)) in song.recording.left.chunks(hop).zip(song.recording.right.chunks(hop)).enumerate() {
        offline.process(left, right, |hop| {
            // Once: a show has one wiring. The table has it for every hop.
            if !cancelled && hop.row.values[cancels] > 0.5 {
                cancelled = true;
                progress.warn(&cancel(&song.name, hop.time));
            }
            outcome = hop.said.iter().try_for_each(&mut *print).map_err(Failure::from);
            if let (Some((table, path)), Ok(())) = (&mut table, &outcome) {
                outcome = table.row(hop.time, &hop.row.values).map_err(|error| output(path, &error));
            }
            if let Some(found) = &mut found {
                keep(found, hop, mel.clone());
            }
            if let Some(rows) = &mut rows {
                rows.keep(hop.time, &hop.row.values);
            }
        });
        std::mem::replace(&mut outcome, Ok(()))?;
        if index % 64 == 0 {
            progress.heard((index * hop) as f64 / song.rate());
            if stop.asked() {
                return Err(Failure::Cancelled);
            }
        }
    }
    let spent = cpu::thread_seconds() - started;
    print(&Said::new(song.seconds(), song.seconds(), Kind::Cpu, Worth::Number(spent)))?;
    if let Some((table, path)) = table {
        table.finish().map_err(|error| output(path, &error))?;
    }
    if let (Some(path), Some(found)) = (&args.plot, &found) {
        progress.finishing("drawing");
        draw(path, &song, found, args.plot_size)?;
    }
    if let (Some(path), Some(found), Some(rows)) = (&args.sheet, &found, &rows) {
        progress.finishing("drawing");
        draw_sheet(path, &song, found, rows, args.close_up)?;
    }
    Ok(())
}

/// The warning about a file with reversed polarity on one side.
fn cancel(name: &str, time: f64) -> String {
    format!(
        "{name}: left and right cancel (found at {time:.1} s): the polarity of one is reversed. Invert one in the file or in \
         the wiring it was recorded through; meanwhile Downbeat uses their difference"
    )
}

/// The columns of the mel bands.
fn mel(offline: &Offline) -> std::ops::Range<usize> {
    offline.schema().find("main.mel").map_or(0..0, |(place, signal)| place..place + usize::from(signal.len))
}

/// Keeps the parts of a hop for the picture.
fn keep(found: &mut Findings, hop: &Hop<'_>, mel: std::ops::Range<usize>) {
    found.hops.push(hop.findings);
    found.mel.extend(hop.row.values[mel].iter().map(|energy| (energy.clamp(0.0, 1.0) * 255.0) as u8));
    found.beats.extend_from_slice(hop.beats);
    found.onsets.extend(hop.onset);
}

fn create_table<'a>(path: &'a Path, offline: &Offline) -> Result<(Table<BufWriter<File>>, &'a Path), Failure> {
    let file = File::create(path).map_err(|error| output(path, &error))?;
    let table = Table::new(BufWriter::new(file), &offline.schema()).map_err(|error| output(path, &error))?;
    Ok((table, path))
}

fn draw(path: &Path, song: &Song, found: &Findings, size: (u32, u32)) -> Result<(), Failure> {
    let picture = plot::draw(song, found, size).map_err(|error| output(path, &error))?;
    picture.save_with_format(path, image::ImageFormat::Png).map_err(|error| output(path, &error))
}

/// One file for each picture: `song.png` becomes `song-level.png` and so on.
fn draw_sheet(path: &Path, song: &Song, found: &Findings, rows: &Rows, close_up: Option<f64>) -> Result<(), Failure> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    for (page, picture) in plot::sheet(song, found, rows, close_up).map_err(|error| output(path, &error))? {
        let path = path.with_file_name(format!("{stem}-{page}.png"));
        let file = File::create(&path).map_err(|error| output(&path, &error))?;
        let encoder = PngEncoder::new_with_quality(BufWriter::new(file), CompressionType::Best, FilterType::Adaptive);
        picture.write_with_encoder(encoder).map_err(|error| output(&path, &error))?;
    }
    Ok(())
}

fn print(out: &mut impl Write, file: Option<&str>, said: &Said) -> std::io::Result<()> {
    match file {
        Some(file) => serde_json::to_writer(&mut *out, &SaidOf { file, said: *said })?,
        None => serde_json::to_writer(&mut *out, said)?,
    }
    writeln!(out)
}

fn output(path: &Path, why: &impl ToString) -> Failure {
    Failure::Output { path: path.into(), why: why.to_string() }
}

fn size(text: &str) -> Result<(u32, u32), String> {
    let wrong = || "write it as WIDTHxHEIGHT, each from 320x240 to 16384x16384, for example 1920x1080".to_owned();
    let (width, height) = text.split_once('x').ok_or_else(wrong)?;
    let (width, height): (u32, u32) = (width.parse().map_err(|_| wrong())?, height.parse().map_err(|_| wrong())?);
    let fits = (320..=16_384).contains(&width) && (240..=16_384).contains(&height);
    if fits { Ok((width, height)) } else { Err(wrong()) }
}
