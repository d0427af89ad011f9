//! The tree as a page to read.

use super::entry::{Access, Entry, Group, Kind};
use super::table::ENTRIES;
use crate::Unit;
use std::fmt::Write;

/// What stands above the tables.
const HEAD: &str = "\
# Every address

The same everywhere: in OSC, on the command line (`downbeatctl command`), on every surface. `downbeatctl command --list --markdown`
writes this page. Words in capitals stand for names of your show, `NUMBER` for a beat of the bar. Every surface hears of every change.
Prefix an address with `/next/beat`, `/next/bar` or `/next/phrase` to make it wait. In OSC, a pattern sets everything it matches:
`/layer/*/opacity`; `/sync` asks for every value, `/list` with an address or a pattern for what is there: kind, label, range,
choices. Audio signals are at `/signal/BUS/NAME`; [signals.md](signals.md) lists them.
";

/// The whole page, in Markdown.
pub fn reference() -> String {
    let mut page = HEAD.to_owned();
    for group in Group::ALL {
        let heading = group.name();
        let _ = write!(page, "\n## {heading}\n\n| address | value | read, set | |\n|---|---|---|---|\n");
        for entry in ENTRIES.iter().filter(|entry| entry.group == group) {
            let access = match entry.access() {
                Access::Read => "read",
                Access::Write => "set",
                Access::ReadWrite => "both",
            };
            let _ = writeln!(page, "| `{}` | {} | {access} | {} |", entry.address, value(entry), entry.help);
        }
    }
    page
}

/// What is at an address, in words: `0 to 1`, `button`, `normal, add, multiply, screen`.
pub fn value(entry: &Entry) -> String {
    match entry.kind {
        Kind::Trigger => "button".into(),
        Kind::Switch => "switch".into(),
        Kind::Number([low, f64::MAX], unit) => format!("from {low}{}", unit_name(unit)),
        Kind::Number([low, high], unit) => format!("{low} to {high}{}", unit_name(unit)),
        Kind::Choice(words) => words.join(", "),
        Kind::Scene => "scene".into(),
        Kind::Text => "text".into(),
    }
}

fn unit_name(unit: Unit) -> String {
    let symbol = unit.symbol();
    if symbol.is_empty() { String::new() } else { format!(" {symbol}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_addresses_is_that_of_the_tree() {
        let committed = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference.md"));
        let message = "run: cargo run -p downbeat-ctl -- command --list --markdown > docs/reference.md";
        assert!(committed.expect("docs/reference.md") == reference(), "{message}");
    }

    #[test]
    fn every_entry_is_on_the_page() {
        let page = reference();
        for entry in ENTRIES {
            assert!(page.contains(&format!("| `{}` |", entry.address)), "{}", entry.address);
        }
    }
}
