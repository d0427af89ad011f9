//! Whether there is a JACK server that can be reached.

use super::finding::Finding;
use super::machine::{Answer, Machine};
use super::wanted::Wanted;

/// What runs a JACK server, or PipeWire, which stands in for one.
const SERVERS: [&str; 3] = ["jackd", "jackdbus", "pipewire"];

/// The package's own server.
const JACK_UNIT: &str = "/usr/lib/systemd/system/downbeat-jackd.service";

/// The variable by which programs reach a JACK server of another user.
const SHARED: &str = "JACK_PROMISCUOUS_SERVER";

/// Looks at the sound server.
pub fn look(machine: &Machine, wanted: &Wanted) -> Vec<Finding> {
    let what = "sound";
    if !wanted.jack {
        return vec![Finding::ok(what, "from files: no JACK needed")];
    }
    let servers = machine.processes(&SERVERS);
    let named = servers.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>().join(", ");
    let pipewire = servers.iter().any(|(_, name)| name == "pipewire");
    let shared = if servers.iter().any(|(_, name)| name != "pipewire") { shared(machine) } else { None };
    let ask = |through: Option<&str>| {
        let mut words: Vec<&str> = Vec::new();
        if let Some(variable) = &shared {
            words.extend(["env", variable.as_str()]);
        }
        words.extend(through);
        words.push("jack_lsp");
        if !wanted.server.is_empty() {
            words.extend(["-s", wanted.server.as_str()]);
        }
        machine.ask(words[0], &words[1..])
    };
    // Without PipeWire's libraries in the usual place, a program for JACK does not find it.
    let answers = [ask(None), if pipewire { ask(Some("pw-jack")) } else { Answer::Absent }];
    let ports = answers.iter().find_map(|answer| match answer {
        Answer::Done(ports) => Some(ports.lines().count()),
        _ => None,
    });
    let deaf = "The daemon hears nothing. It goes on trying, and the beat goes on by taps and the clock only.";
    let is_absent = answers[0] == Answer::Absent;
    vec![match ports {
        Some(ports) => {
            Finding::ok(what, format!("{} answers, with {ports} ports", if named.is_empty() { "JACK" } else { &named }))
        }
        None if servers.is_empty() => Finding::bad(
            what,
            "neither JACK nor PipeWire runs",
            deaf,
            if machine.has(JACK_UNIT) {
                "sudo systemctl enable --now downbeat-jackd; or, on a desktop, systemctl --user start pipewire"
            } else {
                "systemctl --user start pipewire; or jackd -R -d alsa -d hw:0 -r 48000 -p 128"
            },
        ),
        None if is_absent => Finding::warn(
            what,
            format!("{named} runs, but jack_lsp is not installed, so it cannot be tested"),
            "If it does not answer, the daemon hears nothing.",
            "sudo apt install jack-example-tools; for PipeWire also pipewire-jack",
        ),
        None => Finding::bad(
            what,
            match wanted.server.as_str() {
                "" => format!("{named} runs, but does not answer this user"),
                server => format!("{named} runs, but no server \"{server}\" answers this user"),
            },
            deaf,
            "start the daemon as the user who runs it, and this check, too: `sudo -u downbeat downbeatctl doctor`; with PipeWire, start it by `pw-jack downbeatd` (package pipewire-jack)",
        ),
    }]
}

/// The service's variable, as `NAME=VALUE`, unless this check was given one of its own: without it, a server of another
/// user that the daemon reaches does not answer.
fn shared(machine: &Machine) -> Option<String> {
    if std::env::var_os(SHARED).is_some() {
        return None;
    }
    match machine.ask("systemctl", &["show", "-p", "Environment", "downbeatd"]) {
        Answer::Done(shown) => shared_in(&shown),
        Answer::Failed | Answer::Slow | Answer::Absent => None,
    }
}

/// The variable in the environment of a unit, as `systemctl show` prints it: words, in quotation marks where needed. A unit
/// that is not installed has none.
fn shared_in(shown: &str) -> Option<String> {
    let words = shown.trim().strip_prefix("Environment=")?.split_whitespace();
    let is_it = |word: &&str| word.split_once('=').is_some_and(|(name, _)| name == SHARED);
    words.map(|word| word.trim_matches('"')).find(is_it).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::super::finding::Grade;
    use super::super::machine::Ask;
    use super::super::machine::made::with_programs;
    use super::*;
    use std::time::Duration;

    /// Files, programs, and what is to be found.
    type Case<'a> = (&'a [(&'a str, &'a str)], Ask, Grade, &'a str);

    #[test]
    fn a_server_is_asked_and_not_only_seen() {
        let jack = Wanted { jack: true, ..Wanted::default() };
        let runs = [("proc/7/comm", "jackd\n")];
        let cases: [Case<'_>; 4] = [
            (&runs, |_, _, _| Answer::Done("system:capture_1\nsystem:capture_2\n".into()), Grade::Ok, "2 ports"),
            (&runs, |_, _, _| Answer::Failed, Grade::Bad, "does not answer"),
            (&runs, |_, _, _| Answer::Absent, Grade::Warn, "cannot be tested"),
            (&[], |_, _, _| Answer::Failed, Grade::Bad, "neither"),
        ];
        for (files, ask, grade, seen) in cases {
            let (_folder, machine) = with_programs(files, ask);
            let found = &look(&machine, &jack)[0];
            assert!(found.grade == grade && found.seen.contains(seen), "{found:?}");
        }
    }

    #[test]
    fn pipewire_is_asked_through_its_own_libraries() {
        let ask = |program: &str, _: &[&str], _: Duration| {
            if program == "pw-jack" { Answer::Done("a:b\n".into()) } else { Answer::Failed }
        };
        let (_folder, machine) = with_programs(&[("proc/7/comm", "pipewire\n")], ask);
        assert_eq!(look(&machine, &Wanted { jack: true, ..Wanted::default() })[0].grade, Grade::Ok);
    }

    #[test]
    fn the_server_that_the_configuration_names_is_asked() {
        let ask = |_: &str, words: &[&str], _: Duration| match words {
            ["-s", "stage"] => Answer::Done("a:b\n".into()),
            _ => Answer::Failed,
        };
        let (_folder, machine) = with_programs(&[("proc/7/comm", "jackd\n")], ask);
        let found = |server: &str| {
            let wanted = Wanted { jack: true, server: server.into(), ..Wanted::default() };
            look(&machine, &wanted).remove(0)
        };
        assert_eq!(found("stage").grade, Grade::Ok);
        assert!(found("").seen.contains("does not answer"), "{:?}", found(""));
        assert!(found("foh").seen.contains("no server \"foh\" answers"), "{:?}", found("foh"));
    }

    #[test]
    fn a_server_of_another_user_is_asked_as_the_service_reaches_it() {
        let ask = |program: &str, words: &[&str], _: Duration| match (program, words) {
            ("systemctl", _) => {
                Answer::Done("Environment=JACK_NO_START_SERVER=1 JACK_PROMISCUOUS_SERVER=audio\n".into())
            }
            ("env", ["JACK_PROMISCUOUS_SERVER=audio", "jack_lsp"]) => Answer::Done("a:b\n".into()),
            _ => Answer::Failed,
        };
        let (_folder, machine) = with_programs(&[("proc/7/comm", "jackd\n")], ask);
        assert_eq!(look(&machine, &Wanted { jack: true, ..Wanted::default() })[0].grade, Grade::Ok);
        let quoted = "Environment=\"A=b JACK_PROMISCUOUS_SERVER\" \"JACK_PROMISCUOUS_SERVER=pro\"\n";
        assert_eq!(shared_in(quoted).as_deref(), Some("JACK_PROMISCUOUS_SERVER=pro"));
        assert_eq!(shared_in("Environment=\n"), None, "not installed");
    }

    #[test]
    fn the_packages_own_server_is_the_one_to_start() {
        let jack = Wanted { jack: true, ..Wanted::default() };
        let mend =
            |files: &[(&str, &str)]| look(&with_programs(files, |_, _, _| Answer::Absent).1, &jack)[0].mend.clone();
        let unit = (JACK_UNIT.trim_start_matches('/'), "");
        assert!(mend(&[unit]).starts_with("sudo systemctl enable --now downbeat-jackd;"), "{}", mend(&[unit]));
        assert!(!mend(&[]).contains("downbeat-jackd"), "{}", mend(&[]));
    }

    #[test]
    fn files_need_no_server() {
        let (_folder, machine) = with_programs(&[], |_, _, _| Answer::Absent);
        assert_eq!(look(&machine, &Wanted::default())[0].grade, Grade::Ok);
    }
}
