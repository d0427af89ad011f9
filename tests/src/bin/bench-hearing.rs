//! How well the daemon hears: beats, onsets, hits and structure against the truth, beside the field's best.

use clap::Parser;
use e2e::binaries::{binary, root};
use e2e::hearing::listening::Listening;
use e2e::hearing::peers::{PIECES, Peer, SOURCE, published};
use e2e::hearing::promises::{ON_MUSIC, ON_PIECES, keeps};
use e2e::hearing::quantiles::percentile;
use e2e::hearing::rooms::{Hearing, conditions, lines};
use e2e::hearing::summary::ALL;
use e2e::hearing::table::{BEATS, CALIBRATION, ONSETS, STRUCTURE, table};
use e2e::hearing::{Calibration, Ears, Music, Score, Summary, groups, reliability};
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Measures how well `downbeatctl analyse` hears music whose truth is known.
#[derive(Debug, Parser)]
struct Flags {
    /// Music with truth: ID.wav or .ogg beside ID.json. Without it, ../shared/bench/music where that is there.
    #[arg(long, value_name = "DIR")]
    music: Option<PathBuf>,
    /// The music as rigs get it: ID@CONDITION.wav beside ID@CONDITION.json.
    #[arg(long, value_name = "DIR")]
    rooms: Option<PathBuf>,
    /// Measure on the project's own generated pieces as well.
    #[arg(long)]
    all: bool,
    /// Only pieces whose name contains this.
    #[arg(long, value_name = "TEXT", default_value = "")]
    only: String,
    /// Draw each piece as it is heard into this folder.
    #[arg(long, value_name = "DIR")]
    picture: Option<PathBuf>,
    /// Draw how often confidences are right.
    #[arg(long, value_name = "PNG")]
    calibration: Option<PathBuf>,
    /// Hear so many pieces at once. Processor time is not measured then.
    #[arg(long, value_name = "N", default_value_t = 1, conflicts_with = "check")]
    jobs: usize,
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
    let folder = flags.music.clone().or_else(|| Some(root().join("../shared/bench/music")).filter(|it| it.is_dir()));
    let (mut kept, mut json) = (true, Map::new());
    let in_rooms = flags.rooms.as_ref().map(|folder| wanted(folder, flags, &[])).transpose()?.unwrap_or_default();
    let mut dry = Hearing::default();
    if let Some(folder) = &folder {
        dry.music = wanted(folder, flags, &in_rooms)?;
        dry.peers = Peer::folder(&beside(folder, "peers"), &dry.music);
        let summary = measure("music", &mut dry, &ours, aubio.as_ref(), flags)?;
        kept &= !flags.check || keeps("hearing", ON_MUSIC, &summary);
        json.insert("music".into(), summary.json());
    } else if flags.check {
        println!("no music lies at ../shared/bench/music: what is promised on it is not checked");
    }
    let mut rooms = Hearing { music: in_rooms, ..Hearing::default() };
    if let Some(folder) = &flags.rooms {
        rooms.peers = Peer::folder(&beside(folder, "results/rooms"), &rooms.music);
        json.insert("rooms".into(), measure_rooms(&mut rooms, &dry, &ours, flags)?);
    }
    tell_calibration(&dry, &rooms, flags.calibration.as_deref())?;
    if flags.all || flags.check || folder.is_none() && flags.rooms.is_none() {
        let folder = std::env::current_exe().map_err(|error| error.to_string())?.with_file_name("pieces");
        eprintln!("rendering the pieces into {}", folder.display());
        downbeat_pieces::ensure(&folder).map_err(|error| error.to_string())?;
        let mut pieces = Hearing { music: wanted(&folder, flags, &[])?, ..Hearing::default() };
        pieces.peers = Peer::folder(&folder.join("peers"), &pieces.music);
        let summary = measure("pieces", &mut pieces, &ours, aubio.as_ref(), flags)?;
        kept &= !flags.check || keeps("hearing-pieces", ON_PIECES, &summary);
        json.insert("pieces".into(), summary.json());
    }
    if flags.json {
        json.insert("bench".into(), Value::from("hearing"));
        println!("{}", Value::Object(json));
    }
    Ok(kept || !flags.check)
}

/// The pieces of a folder that were asked for, by their names or because they are heard in a room.
fn wanted(folder: &Path, flags: &Flags, in_rooms: &[Music]) -> Result<Vec<Music>, String> {
    let mut pieces = Music::folder(folder).map_err(|error| error.to_string())?;
    pieces.retain(|piece| piece.id.contains(&flags.only) || in_rooms.iter().any(|room| room.dry_id() == piece.id));
    if pieces.is_empty() { Err(format!("no piece is named like `{}`", flags.only)) } else { Ok(pieces) }
}

/// A folder beside another, wherever the working folder is.
fn beside(folder: &Path, name: &str) -> PathBuf {
    std::path::absolute(folder).unwrap_or_else(|_| folder.into()).with_file_name(name)
}

/// Hears all pieces, prints the tables, and returns our figures over all.
fn measure(
    set: &str,
    hearing: &mut Hearing,
    ours: &Ears,
    aubio: Option<&Ears>,
    flags: &Flags,
) -> Result<Summary, String> {
    let one_by_one = Listening { jobs: 1, pictures: None };
    let process = hear(set, hearing, ours, flags)?;
    let Hearing { music, scores: mine, peers } = &*hearing;
    let known = set == "music" && music.len() == PIECES;
    let theirs = aubio.map(|aubio| one_by_one.hear(&format!("{set}, aubio"), music, aubio)).transpose()?;
    for (group, places) in groups(music) {
        let mut rows =
            vec![("downbeat".to_owned(), timed(Summary::of(places.iter().map(|place| &mine[*place])), flags))];
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
    println!("no beat: the part of the time with true beats in which none was told near");
    if flags.jobs > 1 {
        println!("cpu s: not measured, since {} pieces were heard at once", flags.jobs);
    } else {
        println!(
            "cpu s: seconds of processor time for 100 s of audio, on one thread; peers' on the machine that measured them"
        );
    }
    if let Some((_, theirs)) = &theirs {
        println!(
            "aubio, here and now: whole processes; F at its events' own times, since its tools do not tell when they speak"
        );
        let (mine, theirs) = (process.iter().sum::<f64>(), theirs.iter().sum::<f64>());
        if flags.jobs <= 1 {
            println!(
                "whole processes with starting and decoding: {mine:.1} s, aubiotrack {theirs:.1} s; {:.1} times aubio's",
                mine / theirs
            );
        }
    }
    tell_rest(music, mine);
    Ok(timed(hearing.summary(), flags))
}

/// Hears everything in all rooms, prints the table, and returns our figures in each.
fn measure_rooms(rooms: &mut Hearing, dry: &Hearing, ours: &Ears, flags: &Flags) -> Result<Value, String> {
    hear("rooms", rooms, ours, flags)?;
    let conditions = conditions(rooms, dry);
    println!("\nrooms: {} pieces", rooms.music.len());
    lines(&conditions).iter().for_each(|line| println!("  {line}"));
    println!(
        "\nafter/m: beats a minute after the music has ended and one more bar has passed; in pieces: in how many of them"
    );
    let ours = conditions.into_iter().map(|(room, mut rows)| (room, timed(rows.swap_remove(0).1, flags).json()));
    Ok(Value::Object(ours.collect()))
}

/// Hears all pieces; the processor time of each run.
fn hear(set: &str, hearing: &mut Hearing, ours: &Ears, flags: &Flags) -> Result<Vec<f64>, String> {
    let listening = Listening { jobs: flags.jobs, pictures: flags.picture.as_deref() };
    let (scores, process) = listening.hear(set, &hearing.music, ours)?;
    hearing.scores = scores;
    if flags.per_piece {
        per_piece(&hearing.music, &hearing.scores);
    }
    Ok(process)
}

/// Without processor time, where it could not be measured.
fn timed(summary: Summary, flags: &Flags) -> Summary {
    if flags.jobs > 1 { summary.without("cpu") } else { summary }
}

/// How still the tempo is: where machines keep it, and where people do.
fn tell_rest(music: &[Music], scores: &[Score]) {
    println!(
        "tempo at rest: how far it is off after 16 bars of music that keeps it; at another level: that part is left out"
    );
    for (who, human) in [("machines and bands to a click", false), ("drummers", true)] {
        let pieces: Vec<(&Music, &Score)> = music
            .iter()
            .zip(scores)
            .filter(|(music, score)| music.is_human() == human && !score.rest.is_empty())
            .collect();
        let summary = Summary::of(pieces.iter().map(|(_, score)| *score));
        let figure = |name| summary.figure(name).unwrap_or(0.0);
        let still = |most: f64| pieces.iter().filter(|(_, score)| rest_p95(score) <= most).count();
        let worst = pieces.iter().max_by(|(_, a), (_, b)| rest_p95(a).total_cmp(&rest_p95(b)));
        let Some((worst, score)) = worst else { continue };
        println!(
            "  {who}: p50 {:.3} %, p95 {:.3} %, max {:.3} % on {} pieces; p95 of a piece <= 0.02 % in {}, <= 0.1 % in {}; \
             worst {}: {:.3} %; at another level {:.1} % of the time",
            figure("rest-p50"),
            figure("rest-p95"),
            figure("rest-max"),
            pieces.len(),
            still(0.02),
            still(0.1),
            worst.id,
            rest_p95(score),
            100.0 * figure("rest-elsewhere"),
        );
    }
}

/// How far the tempo is off at rest, in percent, at the 95th percentile of a piece.
fn rest_p95(score: &Score) -> f64 {
    percentile(score.rest.iter().copied(), 0.95)
}

/// Prints how far confidences are from the share that is right, and draws it.
fn tell_calibration(dry: &Hearing, rooms: &Hearing, picture: Option<&Path>) -> Result<(), String> {
    let sets: Vec<(&str, Summary)> = [("dry", dry), ("rooms", rooms)]
        .into_iter()
        .filter(|(_, set)| !set.scores.is_empty())
        .map(|(name, set)| (name, set.summary()))
        .collect();
    let rows: Vec<(&str, &Summary)> = sets.iter().map(|(name, summary)| (*name, summary)).collect();
    println!();
    table("calibration error", CALIBRATION, &rows).iter().for_each(|line| println!("  {line}"));
    let Some(path) = picture else { return Ok(()) };
    let sets: Vec<(&str, &Calibration)> = sets.iter().map(|(name, summary)| (*name, &summary.calibration)).collect();
    let picture = reliability::draw(&sets)?;
    picture.save(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn per_piece(music: &[Music], scores: &[Score]) {
    let names = ["f", "cmlt", "amlt", "downbeat-f", "tempo", "lock", "relock", "onset-f", "kick-f", "snare-f", "hat-f"];
    let names = names.into_iter().chain(["drops-found", "drops", "drops-false", "sections-f", "false-per-minute"]);
    let names = names.chain(["no-beat-seconds", "beat-seconds", "after-beats", "after-seconds", "rest-elsewhere"]);
    for (piece, score) in music.iter().zip(scores) {
        let figure = |name| score.figure(name).map(|value| format!("{name}={value:.2}"));
        let rest = (!score.rest.is_empty()).then(|| format!("rest-p95={:.3}", rest_p95(score)));
        println!("{:<28} {}", piece.id, names.clone().filter_map(figure).chain(rest).collect::<Vec<_>>().join(" "));
    }
}
