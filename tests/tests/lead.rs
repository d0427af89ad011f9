//! Who leads when nobody does: the documented rescue, and two daemons that stand by for each other.

use e2e::binaries::binary;
use e2e::port::free_port;
use e2e::surface::{Surface, message, value};
use e2e::{Daemon, song, turn, wait_for};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

const SOON: Duration = Duration::from_secs(20);

struct Machine {
    daemon: Daemon,
    osc: u16,
    web: u16,
    server: u16,
}

/// A box that stands by for others.
fn start(server: u16, of: &[u16], preferred: bool) -> Machine {
    let [osc, web] = [(); 2].map(|()| free_port());
    let of: Vec<String> = of.iter().map(|port| format!("\"127.0.0.1:{port}\"")).collect();
    let config = format!(
        "[show]\nname = \"rescue\"\n[audio]\nsource = \"file\"\nfiles = {{ main = {:?} }}\nrepeat = true\n\
         [standby]\nof = [{}]\npreferred = {preferred}\n[server]\nlisten = \"127.0.0.1:{server}\"\nannounce = false\n\
         [web]\nlisten = \"127.0.0.1:{web}\"\nannounce = false\n\
         [control.tablet]\nkind = \"osc\"\nlisten = \"127.0.0.1:{osc}\"\n",
        song::mix(),
        of.join(", ")
    );
    Machine { daemon: Daemon::start(&config, None), osc, web, server }
}

impl Machine {
    fn standing(&self) -> String {
        value(self.web, "/daemon/standing").as_str().unwrap_or_default().to_owned()
    }

    fn leads(&self) -> bool {
        self.standing().starts_with("leads")
    }
}

fn downbeatctl(server: u16, arguments: &[&str]) -> Output {
    let mut command = Command::new(binary("downbeatctl"));
    command.arg("command").args(["--server", &format!("127.0.0.1:{server}")]).args(arguments);
    let keys = std::env::temp_dir().join(format!("downbeat-lead-{}", std::process::id()));
    command.env("DOWNBEAT_KEYS", keys).env_remove("RUST_LOG").output().expect("downbeatctl runs")
}

#[test]
fn a_standby_whose_leader_is_gone_takes_the_lead_when_it_is_told_to() {
    let _turn = turn();
    for way in ["downbeatctl", "a tablet", "a page"] {
        let dead = free_port();
        let standby = start(free_port(), &[dead], false);
        let warned = wait_for("a warning", SOON, || {
            let text = standby.daemon.process.text();
            text.lines().find(|line| line.contains("nobody leads") && line.contains("/lead/take")).map(str::to_owned)
        });
        println!("{warned}");
        wait_for("the status", SOON, || standby.standing().contains("nobody leads").then_some(()));
        assert!(!standby.leads());
        let begun = Instant::now();
        match way {
            "downbeatctl" => {
                let output = downbeatctl(standby.server, &["/lead/take"]);
                let said = [&output.stdout[..], &output.stderr[..]].concat();
                println!("{}", String::from_utf8_lossy(&said));
                assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&said));
            }
            "a tablet" => Surface::at("127.0.0.1", standby.osc).send(&message("/lead/take", 1.0_f32)),
            _ => e2e::page::Page::open(standby.web).set("/lead/take", rosc::OscType::Float(1.0)),
        }
        wait_for("the lead", Duration::from_secs(5), || standby.leads().then_some(()));
        println!("{way}: it leads after {:?}", begun.elapsed());
        let again = downbeatctl(standby.server, &["/lead/take"]);
        assert!(String::from_utf8_lossy(&again.stdout).contains("leads already"));
    }
}

#[test]
fn a_command_that_reaches_no_leader_is_answered() {
    let _turn = turn();
    let standby = start(free_port(), &[free_port()], false);
    let mut tablet = Surface::at("127.0.0.1", standby.osc);
    let why = wait_for("an answer", SOON, || {
        tablet.send(&message("/show/blackout", 1.0_f32));
        tablet.watch(Duration::from_millis(100));
        tablet.shows.get("/error").map(|(why, _)| why.to_string())
    });
    println!("{why}");
    assert!(why.contains("stands by") && why.contains("/lead/take"), "{why}");
}

#[test]
fn of_two_that_stand_by_for_each_other_one_leads_and_both_say_so_before() {
    let _turn = turn();
    for preferred in [None, Some(0), Some(1)] {
        let ports = [free_port(), free_port()];
        let begun = Instant::now();
        let both = [0, 1].map(|it| start(ports[it], &[ports[1 - it]], preferred == Some(it)));
        for it in &both {
            wait_for("a warning", SOON, || it.daemon.process.text().contains("nobody leads").then_some(()));
        }
        println!("warned after {:?}", begun.elapsed());
        wait_for("a leader", SOON, || both.iter().any(Machine::leads).then_some(()));
        println!("preferred {preferred:?}: led after {:?}", begun.elapsed());
        assert!(begun.elapsed() < Duration::from_secs(12));
        // The other one follows it.
        wait_for("a standby that is ready", SOON, || {
            both.iter().any(|it| !it.leads() && it.daemon.process.text().contains("ready to take over")).then_some(())
        });
        assert_eq!(both.iter().filter(|it| it.leads()).count(), 1);
        if let Some(preferred) = preferred {
            assert!(both[preferred].leads(), "the preferred one leads");
        }
    }
}
