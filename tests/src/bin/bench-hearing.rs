//! How well the daemon hears: beats, onsets, hits and structure against the truth, beside the field's best.

use clap::Parser;
use e2e::bench::promise;
use e2e::binaries::{binary, root};
use e2e::hearing::ears::Heard;
use e2e::hearing::peers::{PIECES, Peer, SOURCE, published};
use e2e::hearing::summary::ALL;
use e2e::hearing::table::{BEATS, ONSETS, STRUCTURE, table};
use e2e::hearing::{Ears, Music, Score, Summary, groups, score};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Measures how well `downbeatctl analyse` hears music whose truth is known.
#[derive(Debug, Parser)]
struct Flags {
    /// Music with truth: ID.wav or .ogg beside ID.json. Without it, ../shared/bench/music where that is there.
    #[arg(long, value_name = "DIR")]
    music: Option<PathBuf>,
    /// Measure on the project's own generated pieces as well.
    #[arg(long)]
    all: bool,
    /// Only pieces whose name contains this.
    #[arg(long, value_name = "TEXT", default_value = "")]
    only: String,
    /// Draw each piece as it is heard into this folder.
    #[arg(long, value_name = "DIR")]
    picture: Option<PathBuf>,
    /// The program to measure; without it, the one beside this.
    #[arg(long, value_name = "DOWNBEATCTL")]
    ctl: Option<PathBuf>,
    /// Print a line for each piece, too.
    #[arg(long)]
    per_piece: bool,
    /// Print one JSON object on the last line.
    #[arg(long)]
    json: bool,
    /// Exit with 1 where a promise of tests/promises.toml is missed. Measures on all music.
    #[arg(long)]
    check: bool,
}

/// A promise: the figure, and whether it is the least or the most.
type Promise = (&'static str, Bound);

#[derive(Clone, Copy, PartialEq)]
enum Bound {
    Least,
    Most,
}

/// What is promised on music: `[hearing]`.
const ON_MUSIC: &[Promise] = &[
    ("f", Bound::Least),
    ("cmlt", Bound::Least),
    ("amlt", Bound::Least),
    ("downbeat-f", Bound::Least),
    ("tempo", Bound::Least),
    ("late-p90", Bound::Most),
    ("lock", Bound::Most),
    ("relock", Bound::Most),
    ("false-per-minute", Bound::Most),
    ("onset-f", Bound::Least),
    ("onset-late-p50", Bound::Most),
    ("onset-late-p90", Bound::Most),
    ("cpu", Bound::Most),
];

/// What is promised on the generated pieces: `[hearing-pieces]`.
const ON_PIECES: &[Promise] = &[
    ("f", Bound::Least),
    ("downbeat-f", Bound::Least),
    ("onset-f", Bound::Least),
    ("kick-f", Bound::Least),
    ("snare-f", Bound::Least),
    ("hat-f", Bound::Least),
    ("drops-found", Bound::Least),
    ("drops-false-per-10-min", Bound::Most),
    ("sections-f", Bound::Least),
    ("false-per-minute", Bound::Most),
];

fn main() -> ExitCode {
    match run(&Flags::parse()) {
        Ok(kept) => ExitCode::from(u8::from(!kept)),
        Err(why) => {
            eprintln!("bench-hearing: {why}");
            ExitCode::from(2)
        }
    }
}

/// Measures and prints; whether all promises are kept.
fn run(flags: &Flags) -> Result<bool, String> {
    let program = flags.ctl.clone().unwrap_or_else(|| binary("downbeatctl"));
    let ours = Ears::Downbeat(program);
    let aubio = Ears::aubio();
    if aubio.is_none() {
        println!("aubio is not here (Debian: aubio-tools), so it is not measured beside");
    }
    let music = flags.music.clone().or_else(|| Some(root().join("../shared/bench/music")).filter(|it| it.is_dir()));
    let (mut kept, mut json) = (true, Map::new());
    if let Some(folder) = &music {
        let pieces = wanted(folder, flags)?;
        let summary = measure("music", &pieces, &ours, aubio.as_ref(), &folder.with_file_name("peers"), flags)?;
        kept &= keeps("hearing", ON_MUSIC, &summary, flags.check);
        json.insert("music".into(), summary.json());
    } else if flags.check {
        println!("no music lies at ../shared/bench/music: what is promised on it is not checked");
    }
    if flags.all || flags.check || music.is_none() {
        let folder = std::env::current_exe().map_err(|error| error.to_string())?.with_file_name("pieces");
        eprintln!("rendering the pieces into {}", folder.display());
        downbeat_pieces::ensure(&folder).map_err(|error| error.to_string())?;
        let pieces = wanted(&folder, flags)?;
        let summary = measure("pieces", &pieces, &ours, aubio.as_ref(), &folder.join("peers"), flags)?;
        kept &= keeps("hearing-pieces", ON_PIECES, &summary, flags.check);
        json.insert("pieces".into(), summary.json());
    }
    if flags.json {
        json.insert("bench".into(), Value::from("hearing"));
        println!("{}", Value::Object(json));
    }
    Ok(kept || !flags.check)
}

fn wanted(folder: &Path, flags: &Flags) -> Result<Vec<Music>, String> {
    let mut pieces = Music::folder(folder).map_err(|error| error.to_string())?;
    pieces.retain(|piece| piece.id.contains(&flags.only));
    if pieces.is_empty() { Err(format!("no piece is named like `{}`", flags.only)) } else { Ok(pieces) }
}

/// Hears all pieces, prints the tables, and returns our figures over all.
fn measure(
    set: &str,
    music: &[Music],
    ours: &Ears,
    aubio: Option<&Ears>,
    peers: &Path,
    flags: &Flags,
) -> Result<Summary, String> {
    let (mine, heard) = hear(set, music, ours, flags)?;
    let peers = Peer::folder(peers, music);
    let known = set == "music" && music.len() == PIECES;
    let theirs = aubio.map(|aubio| hear_beside(set, music, aubio)).transpose()?;
    if flags.per_piece {
        per_piece(music, &mine);
    }
    for (group, places) in groups(music) {
        let mut rows = vec![("downbeat".to_owned(), Summary::of(places.iter().map(|place| &mine[*place])))];
        rows.extend(peers.iter().map(|peer| (peer.name.clone(), peer.summary(&places))));
        if peers.is_empty() && known && group == ALL {
            rows.extend(published().into_iter().map(|(name, summary)| (name.to_owned(), summary)));
        }
        if let Some((scores, _)) = &theirs {
            let summary = Summary::of(places.iter().map(|place| &scores[*place])).without_latency();
            rows.push(("aubio, here and now".to_owned(), summary));
        }
        let rows: Vec<(&str, &Summary)> = rows.iter().map(|(name, summary)| (name.as_str(), summary)).collect();
        println!("\n{set} / {group}: {} pieces", places.len());
        for (title, columns) in [("beats", BEATS), ("onsets and hits", ONSETS), ("structure", STRUCTURE)] {
            table(title, columns, &rows).iter().for_each(|line| println!("  {line}"));
        }
    }
    println!();
    if known {
        println!("{SOURCE}");
    }
    println!(
        "cpu s: seconds of processor time for 100 s of audio, on one thread; peers' on the machine that measured them"
    );
    if let Some((_, theirs)) = &theirs {
        println!(
            "aubio, here and now: whole processes; F at its events' own times, since its tools do not tell when they speak"
        );
        let (mine, theirs) = (heard.iter().sum::<f64>(), theirs.iter().sum::<f64>());
        println!(
            "whole processes with starting and decoding: {mine:.1} s, aubiotrack {theirs:.1} s; {:.1} times aubio's",
            mine / theirs
        );
    }
    Ok(Summary::of(mine.iter()))
}

/// Our scores and the processor time of each run.
fn hear(set: &str, music: &[Music], ears: &Ears, flags: &Flags) -> Result<(Vec<Score>, Vec<f64>), String> {
    if let Some(folder) = &flags.picture {
        std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    each(set, music, |piece| {
        let picture = flags.picture.as_ref().map(|folder| folder.join(&piece.id).with_extension("png"));
        ears.hear(&piece.sound, picture.as_deref())
    })
}

fn hear_beside(set: &str, music: &[Music], ears: &Ears) -> Result<(Vec<Score>, Vec<f64>), String> {
    each(&format!("{set}, aubio"), music, |piece| ears.hear(&piece.sound, None))
}

fn each(
    what: &str,
    music: &[Music],
    hear: impl Fn(&Music) -> Result<Heard, String>,
) -> Result<(Vec<Score>, Vec<f64>), String> {
    let bar = ProgressBar::new(music.len() as u64);
    let style = ProgressStyle::with_template("{prefix:20} {bar:40.cyan/blue} {pos}/{len}  {msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━━─"));
    bar.set_prefix(what.to_owned());
    let scores = music.iter().map(|piece| {
        bar.set_message(piece.id.clone());
        let heard = hear(piece).map_err(|why| format!("{}: {why}", piece.id));
        bar.inc(1);
        heard.map(|heard| (score(piece, &heard.said), heard.process))
    });
    let scores = scores.collect::<Result<Vec<_>, _>>();
    bar.finish_and_clear();
    Ok(scores?.into_iter().unzip())
}

fn per_piece(music: &[Music], scores: &[Score]) {
    let names = ["f", "cmlt", "amlt", "downbeat-f", "tempo", "lock", "relock", "onset-f", "kick-f", "snare-f", "hat-f"];
    let names = names.into_iter().chain(["drops-found", "drops", "drops-false", "sections-f", "false-per-minute"]);
    for (piece, score) in music.iter().zip(scores) {
        let figure = |name| score.figure(name).map(|value| format!("{name}={value:.2}"));
        println!("{:<28} {}", piece.id, names.clone().filter_map(figure).collect::<Vec<_>>().join(" "));
    }
}

/// Compares with the promises; whether all are kept.
fn keeps(bench: &str, promises: &[Promise], summary: &Summary, check: bool) -> bool {
    if !check {
        return true;
    }
    let mut kept = true;
    for (figure, bound) in promises {
        let limit = promise(bench, figure);
        let value = summary.figure(figure).unwrap_or(f64::NAN);
        let keeps = if *bound == Bound::Least { value >= limit } else { value <= limit };
        if !keeps {
            let sign = if *bound == Bound::Least { "at least" } else { "at most" };
            println!("MISSED [{bench}] {figure}: {value:.3}, promised {sign} {limit}");
        }
        kept &= keeps;
    }
    kept
}
