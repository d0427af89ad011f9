//! The operators' page explains every signal.

use downbeat_analysis::fields;

const PAGE: &str = include_str!("../../../docs/signals.md");

/// First parts of signals that are the whole show's, and not a bus'.
const SHOW: [&str; 7] = ["tempo.", "beat.", "bar.", "phrase.", "music.", "param.", "time"];

#[test]
fn every_signal_is_described() {
    let missing: Vec<_> = fields().iter().map(|field| field.name).filter(|name| !has(name)).collect();
    assert!(missing.is_empty(), "docs/signals.md says nothing of {missing:?}");
}

#[test]
fn every_row_of_the_page_names_a_signal_that_exists() {
    let names: Vec<_> = fields().iter().map(|field| field.name).collect();
    // What is played on keys is no matter of the analysis.
    let heard = PAGE.split("## MIDI notes").next().unwrap_or(PAGE);
    let rows = heard.lines().filter(|line| line.starts_with("| `"));
    for name in rows.filter_map(|row| row.split('|').nth(1)).flat_map(|cell| cell.split_whitespace()) {
        let name = name.trim_matches('`');
        let of_the_show = SHOW.iter().any(|root| name.starts_with(root));
        assert!(of_the_show || names.contains(&name), "there is no {name}");
    }
}

fn has(name: &str) -> bool {
    PAGE.contains(&format!("`{name}`"))
}
