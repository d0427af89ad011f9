//! A node's log of its frames (`downbeat-renderer --frames-log`).

use std::path::Path;

/// A frame that was handed over.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// Its number.
    pub frame: i64,
    /// The show time that it shows, in nanoseconds.
    pub moment_ns: i64,
    /// When it was handed over, in nanoseconds of `CLOCK_MONOTONIC`.
    pub host_ns: i64,
    /// What it was made of; empty when that was less than all.
    pub made_of: String,
    /// The fingerprint of its luma.
    pub luma: String,
    /// Its mean luma, `[0, 255]`.
    pub brightness: f64,
}

/// All whole lines of a log.
pub fn read(path: &Path) -> Vec<Shown> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut lines = text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n'));
    let titles: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let place = |title: &str| {
        titles.iter().position(|it| *it == title).unwrap_or_else(|| panic!("{}: no column {title}", path.display()))
    };
    let [frame, moment, host, made_of, luma, brightness] =
        ["frame", "moment_ns", "host_ns", "made_of", "luma", "brightness"].map(place);
    let shown = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        Some(Shown {
            frame: cells.get(frame)?.parse().ok()?,
            moment_ns: cells.get(moment)?.parse().ok()?,
            host_ns: cells.get(host)?.parse().ok()?,
            made_of: (*cells.get(made_of)?).into(),
            luma: (*cells.get(luma)?).into(),
            brightness: cells.get(brightness)?.parse().ok()?,
        })
    };
    lines.map(|line| shown(line).unwrap_or_else(|| panic!("{}: `{line}`", path.display()))).collect()
}
