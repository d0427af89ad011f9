//! The journal's lines of daemon, nodes, JACK and screen, whether they are services of the system or of a person's session.

use super::bundle::Bundle;
use super::redact;
use crate::doctor::{Answer, Machine};
use std::time::Duration;

/// The last lines of a journal.
const LINES: &str = "5000";
/// How long the journal may take: a big one on a slow disk is searched for seconds.
const PATIENCE: Duration = Duration::from_secs(20);

/// The units of which there is only one.
const UNITS: [&str; 4] = ["downbeatd", "downbeat-jackd", "downbeat-a2jmidid", "downbeat-kiosk"];

/// Where the name of a unit stands: in what it says, and in what systemd and others say about it; for units of the system,
/// and for those of a session, which `journalctl -u` does not find.
const FIELDS: [&str; 8] = [
    "_SYSTEMD_UNIT",
    "UNIT",
    "OBJECT_SYSTEMD_UNIT",
    "COREDUMP_UNIT",
    "_SYSTEMD_USER_UNIT",
    "USER_UNIT",
    "OBJECT_SYSTEMD_USER_UNIT",
    "COREDUMP_USER_UNIT",
];

/// What any node says: Linux keeps 15 letters of a program's name.
const NODES: &str = "_COMM=downbeat-render";

/// What weston says belongs to its session, not to its unit.
const WESTON: [&str; 2] = ["-t", "weston"];

/// Adds the lines, in the order of time.
pub fn add(bundle: &mut Bundle, machine: &Machine) {
    let ours = ours(&machine.names("/etc/downbeat"));
    part(bundle, machine, "journal.txt", &ours.iter().map(String::as_str).collect::<Vec<_>>());
    part(bundle, machine, "weston.txt", &WESTON);
}

/// What the journal is asked for, by the names of the files with settings: a node has the name of its file.
fn ours(files: &[String]) -> Vec<String> {
    let nodes = files.iter().filter_map(|name| name.strip_suffix(".toml")).filter(|name| *name != "downbeat");
    let nodes = nodes.map(|name| format!("downbeat-renderer@{name}.service"));
    let units = UNITS.iter().map(|name| format!("{name}.service")).chain(nodes);
    let mut words = vec![NODES.to_owned()];
    for wanted in units.flat_map(|unit| FIELDS.map(|field| format!("{field}={unit}"))) {
        words.extend(["+".to_owned(), wanted]);
    }
    words
}

/// Lines of all journals that this user may read, or else of this user's.
fn part(bundle: &mut Bundle, machine: &Machine, name: &str, whose: &[&str]) {
    let command = [&["--no-pager", "-o", "short-iso-precise", "-n", LINES], whose].concat();
    let user = [&["--user"], command.as_slice()].concat();
    let mut why = "no lines that this user may read (run it with sudo)".to_owned();
    for command in [command, user] {
        match machine.ask_for(PATIENCE, "journalctl", &command) {
            Answer::Done(text) if text.lines().any(|line| !line.starts_with("-- ")) => {
                return bundle.add(name, redact::lines(&text));
            }
            Answer::Slow => {
                why = format!("it took longer than {} s: journalctl {}", PATIENCE.as_secs(), command.join(" "))
            }
            Answer::Absent => why = "journalctl is not installed".into(),
            Answer::Done(_) | Answer::Failed => {}
        }
    }
    bundle.miss(name, &why);
}

#[cfg(test)]
mod tests {
    use super::super::secrets::Secrets;
    use super::*;
    use crate::doctor::made::with_programs;

    #[test]
    fn daemons_and_nodes_of_sessions_are_asked_for_together_with_those_of_the_system() {
        let files = ["downbeat.toml", "downbeat.toml.d", "kiosk.ini", "left.toml"].map(str::to_owned);
        let words = ours(&files);
        let wanted: Vec<_> = words.split(|word| word == "+").collect();
        assert!(wanted.iter().all(|one| one.len() == 1), "{words:?}");
        for one in [
            "_SYSTEMD_UNIT=downbeatd.service",
            "UNIT=downbeatd.service",
            "_SYSTEMD_USER_UNIT=downbeatd.service",
            "_SYSTEMD_UNIT=downbeat-renderer@left.service",
            "USER_UNIT=downbeat-renderer@left.service",
            "_COMM=downbeat-render",
        ] {
            assert!(words.iter().any(|word| word == one), "{one} is not in {words:?}");
        }
        assert!(!words.iter().any(|word| word.contains("@downbeat.") || word.contains("kiosk.ini")), "{words:?}");
    }

    #[test]
    fn lines_of_a_session_are_there_also_where_the_systems_journal_has_none() {
        let ask = |_: &str, words: &[&str], _: Duration| match words {
            ["--user", ..] => Answer::Done("20:00 downbeatd: ready\n".into()),
            _ => Answer::Done("-- No entries --\n".into()),
        };
        let mut bundle = Bundle::new(0, Secrets::default());
        add(&mut bundle, &with_programs(&[], ask).1);
        assert!(bundle.texts().contains("downbeatd: ready"), "{}", bundle.texts());
    }
}
