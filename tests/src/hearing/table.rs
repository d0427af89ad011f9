//! Tables for people.

use super::summary::Summary;

/// A column: its head, the figure, and its digits behind the point.
type Column = (&'static str, &'static str, usize);

/// The columns about beats.
pub const BEATS: &[Column] = &[
    ("pieces", "beat-pieces", 0),
    ("F", "f", 3),
    ("CMLt", "cmlt", 3),
    ("AMLt", "amlt", 3),
    ("down F", "downbeat-f", 3),
    ("tempo", "tempo", 2),
    ("p50 ms", "late-p50", 1),
    ("p90 ms", "late-p90", 1),
    ("lock s", "lock", 1),
    ("relock", "relock", 1),
    ("no beat", "no-beat-share", 3),
    ("false/m", "false-per-minute", 1),
    ("cpu s", "cpu", 2),
];

/// The columns about rooms.
pub const ROOMS: &[Column] = &[
    ("pieces", "beat-pieces", 0),
    ("F", "f", 3),
    ("of dry F", "f-of-dry", 3),
    ("CMLt", "cmlt", 3),
    ("AMLt", "amlt", 3),
    ("down F", "downbeat-f", 3),
    ("lock s", "lock", 1),
    ("no beat", "no-beat-share", 3),
    ("false/m", "false-per-minute", 1),
    ("after/m", "after-false-per-minute", 1),
    ("in pieces", "after-pieces", 0),
];

/// The columns about how right confidences are.
pub const CALIBRATION: &[Column] =
    &[("pulse", "ece-pulse", 3), ("level", "ece-level", 3), ("phase", "ece-phase", 3), ("the one", "ece-one", 3)];

/// The columns about onsets and hits.
pub const ONSETS: &[Column] = &[
    ("pieces", "onset-pieces", 0),
    ("F", "onset-f", 3),
    ("p50 ms", "onset-late-p50", 1),
    ("p90 ms", "onset-late-p90", 1),
    ("kick F", "kick-f", 3),
    ("snare F", "snare-f", 3),
    ("hat F", "hat-f", 3),
];

/// The columns about structure.
pub const STRUCTURE: &[Column] =
    &[("drops", "drops-found", 3), ("false/10m", "drops-false-per-10-min", 1), ("sect. F", "sections-f", 3)];

/// The lines of a table. Rows that have none of its figures but the one of the first column are left out, and so is a
/// table without rows.
pub fn table(title: &str, columns: &[Column], rows: &[(&str, &Summary)]) -> Vec<String> {
    let has = |summary: &Summary| columns.iter().filter(|it| it.1 != "cpu").any(|it| summary.figure(it.1) > Some(0.0));
    let rows: Vec<_> = rows.iter().filter(|(_, summary)| has(summary)).collect();
    if rows.is_empty() {
        return vec![];
    }
    let head = columns.iter().map(|(head, ..)| format!("{head:>10}")).collect::<String>();
    let mut lines = vec![format!("{title:<28}{head}")];
    for (name, summary) in rows {
        let cell = |(_, figure, digits): &Column| match summary.figure(figure) {
            Some(value) => format!("{value:>10.digits$}"),
            None => format!("{:>10}", "-"),
        };
        lines.push(format!("{name:<28}{}", columns.iter().map(cell).collect::<String>()));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_stand_under_their_heads_and_missing_ones_are_dashes() {
        let ours = Summary::published(&[("onset-f", 0.9312), ("onset-pieces", 29.0)]);
        let silent = Summary::published(&[("f", 0.5)]);
        let lines = table("onsets", ONSETS, &[("downbeat", &ours), ("peer", &silent)]);
        assert_eq!(lines.len(), 2, "who says no onsets has no row");
        assert!(lines[1].starts_with("downbeat") && lines[1].contains("0.931"), "{}", lines[1]);
        assert_eq!(lines[0].len(), lines[1].len());
        assert_eq!(lines[1].matches(" -").count(), 5);
    }

    #[test]
    fn a_table_without_rows_is_left_out() {
        assert!(table("onsets", ONSETS, &[("peer", &Summary::default())]).is_empty());
    }
}
