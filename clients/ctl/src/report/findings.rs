//! What `downbeatctl doctor` finds for the user who runs the daemon: rights are that user's, and so is the JACK server, which
//! even root does not reach.

use crate::doctor::{self, Answer, Machine, Wanted};
use std::path::Path;
use std::time::Duration;

/// How long it may take: it asks a few programs, which are slow at worst.
const PATIENCE: Duration = Duration::from_secs(30);
/// Who runs the package's daemon.
const PACKAGED: &str = "downbeat";
/// Variables by which programs find the daemon's sound server, and where its state lies.
const VARIABLES: [&str; 7] = [
    "XDG_RUNTIME_DIR",
    "XDG_STATE_HOME",
    "XDG_CONFIG_HOME",
    "JACK_DEFAULT_SERVER",
    "JACK_PROMISCUOUS_SERVER",
    "PIPEWIRE_REMOTE",
    "PIPEWIRE_RUNTIME_DIR",
];
/// It ends with 1 if something is bad, which is an answer, too.
const ANSWERS: &str = "\"$@\" || [ $? = 1 ]";

/// Whoever runs the daemon.
struct Owner {
    name: String,
    number: String,
    /// The user's environment.
    variables: Vec<String>,
    /// Whether a daemon runs now.
    runs: bool,
}

/// The findings, below a line that says for whom they are.
pub fn look(machine: &Machine, wanted: &Wanted, config: Option<&Path>) -> String {
    let own = |line: &str| format!("{line}\n\n{}", doctor::table(&doctor::look(machine, wanted)));
    if user_of(&machine.text("/proc/self/status")) != Some("0") {
        return own("Looked as the user who made this report: rights and the sound server are those of that user.");
    }
    let Some(owner) = Owner::find(machine) else {
        return own("Looked as root: no daemon runs here. Rights and the sound server are those of root.");
    };
    let name = &owner.name;
    if owner.number == "0" {
        return own("Looked as root, who runs the daemon.");
    }
    match owner.ask(machine, config) {
        Some(found) if owner.runs => format!("Looked as {name}, who runs the daemon.\n\n{found}"),
        Some(found) => format!("Looked as {name}; no daemon runs now.\n\n{found}"),
        None => own(&format!(
            "Looked as root, because doctor failed as {name}, who runs the daemon: try `sudo -u {name} downbeatctl \
             doctor`. Rights and the sound server are those of root."
        )),
    }
}

impl Owner {
    /// The user of a running daemon, or else the package's.
    fn find(machine: &Machine) -> Option<Self> {
        let daemons = machine.processes(&["downbeatd"]).into_iter();
        let mut users = daemons.filter_map(|(process, _)| {
            let status = machine.text(&format!("/proc/{process}/status"));
            let variables = variables(&machine.text(&format!("/proc/{process}/environ")));
            Self::of(machine, user_of(&status)?, variables, true)
        });
        users.next().or_else(|| Self::of(machine, PACKAGED, Vec::new(), false))
    }

    /// A user by name or number, with variables of the daemon's.
    fn of(machine: &Machine, user: &str, mut theirs: Vec<String>, runs: bool) -> Option<Self> {
        let Answer::Done(entry) = machine.ask("getent", &["passwd", user]) else { return None };
        // name:password:number:group:comment:home:shell
        let fields: Vec<&str> = entry.trim_end().split(':').collect();
        let [name, _, number, _, _, home, ..] = fields.as_slice() else { return None };
        let session = format!("/run/user/{number}");
        if !theirs.iter().any(|it| it.starts_with("XDG_RUNTIME_DIR=")) && machine.has(&session) {
            theirs.push(format!("XDG_RUNTIME_DIR={session}"));
        }
        let mut variables = vec![format!("HOME={home}"), format!("USER={name}"), format!("LOGNAME={name}")];
        variables.append(&mut theirs);
        Some(Self { name: (*name).to_owned(), number: (*number).to_owned(), variables, runs })
    }

    /// What doctor finds for this user.
    fn ask(&self, machine: &Machine, config: Option<&Path>) -> Option<String> {
        let program = std::env::current_exe().ok()?;
        let config = config.map(std::path::absolute).transpose().ok()?;
        let mut words = vec!["-u", self.name.as_str(), "--", "env"];
        // Those of root lead elsewhere.
        words.extend(VARIABLES.iter().flat_map(|name| ["-u", *name]));
        words.extend(self.variables.iter().map(String::as_str));
        words.extend(["sh", "-c", ANSWERS, "sh", program.to_str()?, "doctor"]);
        if let Some(config) = &config {
            words.extend(["--config", config.to_str()?]);
        }
        match machine.ask_for(PATIENCE, "runuser", &words) {
            Answer::Done(found) if !found.is_empty() => Some(found),
            Answer::Done(_) | Answer::Failed | Answer::Slow | Answer::Absent => None,
        }
    }
}

/// The number of the user as whom a process acts, by its status.
fn user_of(status: &str) -> Option<&str> {
    status.lines().find_map(|line| line.strip_prefix("Uid:"))?.split_whitespace().nth(1)
}

/// What counts of a process's environment.
fn variables(environment: &str) -> Vec<String> {
    let counts = |variable: &&str| variable.split_once('=').is_some_and(|(name, _)| VARIABLES.contains(&name));
    environment.split('\0').filter(counts).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::made::with_programs;

    const ROOT: (&str, &str) = ("proc/self/status", "Name:\tdownbeatctl\nUid:\t0\t0\t0\t0\n");
    const DAEMON: [(&str, &str); 3] = [
        ("proc/7/comm", "downbeatd\n"),
        ("proc/7/status", "Name:\tdownbeatd\nUid:\t1000\t1000\t1000\t1000\n"),
        ("proc/7/environ", "PIPEWIRE_REMOTE=stage\0DOWNBEAT_WEB__TOKEN=hunter2\0XDG_RUNTIME_DIR=/run/user/1000\0"),
    ];

    /// Two users, and what is started as one of them.
    fn programs(program: &str, words: &[&str], _: Duration) -> Answer {
        match (program, words) {
            ("runuser", ["-u", name, "--", rest @ ..]) => Answer::Done(format!("as {name}: {}\n", rest.join(" "))),
            _ => users(program, words),
        }
    }

    fn users(program: &str, words: &[&str]) -> Answer {
        match (program, words) {
            ("getent", ["passwd", "1000"]) => Answer::Done("me:x:1000:1000:Me,,,:/home/me:/bin/bash\n".into()),
            ("getent", ["passwd", "downbeat"]) => {
                Answer::Done("downbeat:x:998:998:Downbeat:/var/lib/downbeat:/usr/sbin/nologin\n".into())
            }
            _ => Answer::Absent,
        }
    }

    fn found(files: &[(&str, &str)], ask: fn(&str, &[&str], Duration) -> Answer) -> String {
        let (_folder, machine) = with_programs(files, ask);
        look(&machine, &Wanted::default(), Some(Path::new("/etc/downbeat/downbeat.toml")))
    }

    #[test]
    fn root_looks_as_the_user_whose_daemon_runs_in_that_users_session() {
        let found = found(&[&[ROOT][..], &DAEMON[..]].concat(), programs);
        assert!(found.starts_with("Looked as me, who runs the daemon.\n\nas me: env "), "{found}");
        for word in ["HOME=/home/me", "XDG_RUNTIME_DIR=/run/user/1000", "PIPEWIRE_REMOTE=stage"] {
            assert!(found.contains(&format!(" {word} ")), "{word} is not in {found}");
        }
        assert!(found.trim_end().ends_with(" doctor --config /etc/downbeat/downbeat.toml"), "{found}");
        assert!(!found.contains("hunter2"), "others see the words of a command: {found}");
    }

    #[test]
    fn without_a_daemon_root_looks_as_the_packages_user() {
        let found = found(&[ROOT], programs);
        assert!(found.starts_with("Looked as downbeat; no daemon runs now.\n\nas downbeat: env "), "{found}");
        assert!(!found.contains("XDG_RUNTIME_DIR="), "it has no session: {found}");
    }

    #[test]
    fn for_whom_it_was_looked_is_said() {
        let failed = found(&[&[ROOT][..], &DAEMON[..]].concat(), |program, words, _| users(program, words));
        assert!(failed.starts_with("Looked as root, because doctor failed as me, "), "{failed}");
        let nobody = found(&[ROOT], |_, _, _| Answer::Absent);
        assert!(nobody.starts_with("Looked as root: no daemon runs here."), "{nobody}");
        let person = found(&[("proc/self/status", "Uid:\t1000\t1000\t1000\t1000\n")], programs);
        assert!(person.starts_with("Looked as the user who made this report: "), "{person}");
        for all in [failed, nobody, person] {
            assert!(all.contains("clock source"), "{all}");
        }
    }

    #[test]
    fn something_that_is_bad_is_an_answer_and_a_failure_is_none() {
        let ends = |with: &str| Machine::this().ask("sh", &["-c", ANSWERS, "sh", "sh", "-c", with]);
        assert_eq!(ends("echo BAD; exit 1"), Answer::Done("BAD\n".into()));
        assert_eq!(ends("exit 78"), Answer::Failed);
    }
}
