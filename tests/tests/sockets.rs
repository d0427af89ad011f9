//! docs/security.md lists every socket at which a daemon or a node can be reached, at its usual port, and no others.

use e2e::binaries::binary;
use e2e::network::{Host, allowed};
use e2e::{Daemon, Process, song, turn, wait_for};
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

const SOON: Duration = Duration::from_secs(20);
/// From here the system gives ports out: whoever opens such a socket only sends from it.
const OWN_CHOICE: u16 = 32_768;

/// The program and socket of each row: `UDP 9440`, or `UDP any` for sockets that only send and hear answers.
fn documented() -> BTreeMap<&'static str, BTreeSet<String>> {
    let table = include_str!("../../docs/security.md").split("## Sockets").nth(1).expect("a chapter on sockets");
    let rows = table.split("\n## ").next().unwrap_or_default().lines().filter(|line| line.starts_with("| "));
    let mut sockets = BTreeMap::<_, BTreeSet<_>>::new();
    for row in rows.skip(1) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let program = if cells[1].starts_with("node") { "node" } else { "daemon" };
        sockets.entry(program).or_default().insert(cells[2].to_owned());
    }
    sockets
}

/// The sockets of a process at which packets or connections are taken, from `/proc`.
fn open(process: &Process) -> BTreeSet<String> {
    let descriptors = std::fs::read_dir(format!("/proc/{}/fd", process.id())).expect("it runs");
    let inodes: BTreeSet<String> = descriptors
        .filter_map(|file| std::fs::read_link(file.ok()?.path()).ok()?.to_str().map(str::to_owned))
        .filter_map(|link| Some(link.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned()))
        .collect();
    let mut sockets = BTreeSet::new();
    for (file, kind) in [("udp", "UDP"), ("udp6", "UDP"), ("tcp", "TCP"), ("tcp6", "TCP")] {
        let table = std::fs::read_to_string(format!("/proc/{}/net/{file}", process.id())).expect("a table of sockets");
        for row in table.lines().skip(1) {
            let fields: Vec<&str> = row.split_whitespace().collect();
            // 0A is LISTEN; other connections belong to one of these.
            if !inodes.contains(fields[9]) || (kind == "TCP" && fields[3] != "0A") {
                continue;
            }
            let port = fields[1].rsplit(':').next().and_then(|digits| u16::from_str_radix(digits, 16).ok());
            let port = port.expect("a port");
            sockets.insert(if port < OWN_CHOICE { format!("{kind} {port}") } else { format!("{kind} any") });
        }
    }
    sockets
}

/// A machine with a network of its own, so that every port is free and nobody else is on it.
fn machine() -> Host {
    let host = Host::new();
    let ip = |arguments: &[&str]| {
        let done = Command::new("ip").args(["-n", host.name()]).args(arguments).status();
        assert!(done.is_ok_and(|status| status.success()), "ip {arguments:?}");
    };
    // A cable with both ends in this machine: it only has to be plugged in.
    ip(&["link", "add", "lan0", "type", "veth", "peer", "name", "lan1"]);
    ["lan0", "lan1"].iter().for_each(|card| ip(&["link", "set", card, "up"]));
    host.add_address("lan0", "10.77.9.1/24");
    ip(&["route", "add", "224.0.0.0/4", "dev", "lan0"]);
    host
}

/// Everything that a daemon can listen to, on the network, at its usual port; and whom it stands by for.
fn everything(of: &str) -> String {
    format!(
        "[audio]\nsource = \"file\"\nfiles = {{ main = {:?} }}\nrepeat = true\n\
         [standby]\nof = [{of}]\n\
         [server]\nlisten = \"0.0.0.0:9440\"\n[web]\nlisten = \"0.0.0.0:9480\"\n\
         [control.tablet]\nkind = \"osc\"\n\
         [output.desk]\nkind = \"osc\"\ntarget = \"10.77.9.3:8000\"\n\
         [output.media]\nkind = \"osc\"\ntarget = \"10.77.9.3:7000\"\ntransport = \"tcp\"\n",
        song::mix()
    )
}

/// Waits until the sockets of a process are those of the table, and tells the difference if they never are.
fn compare(program: &'static str, process: &Process) {
    let documented = documented().remove(program).expect("rows of the program");
    let mut last = BTreeSet::new();
    let begun = std::time::Instant::now();
    while last != documented && begun.elapsed() < SOON {
        last = open(process);
        std::thread::sleep(Duration::from_millis(50));
    }
    let undocumented: Vec<_> = last.difference(&documented).collect();
    let missing: Vec<_> = documented.difference(&last).collect();
    assert_eq!(last, documented, "{program}: not in docs/security.md: {undocumented:?}; only there: {missing:?}");
    println!("{program}: {last:?}");
}

#[test]
fn a_daemon_with_everything_on_can_be_reached_where_the_table_says_and_nowhere_else() {
    if !allowed() {
        return;
    }
    let _turn = turn();
    let host = machine();
    let daemon = Daemon::start_on(&host, &everything("\"10.77.9.2:9440\""), None);
    compare("daemon", &daemon.process);
}

#[test]
fn a_node_can_be_reached_where_the_table_says_and_nowhere_else() {
    if !allowed() {
        return;
    }
    let _turn = turn();
    let host = machine();
    let daemon = Daemon::start_on(&host, &everything(""), None);
    let pictures = TempDir::new().expect("a directory of the test's own");
    let mut command = host.command(binary("downbeat-renderer"));
    command.args(["--server", "mdns:downbeat", "--allow-unpaired", "--canvas", "160x90", "--every", "1", "--headless"]);
    command.arg(pictures.path());
    let node = Process::start("downbeat-renderer", &mut command);
    // It has found the daemon, so every socket of a node is open.
    let picture = || std::fs::read_dir(pictures.path()).ok()?.find(Result::is_ok);
    let _ = wait_for("a picture", SOON, picture);
    compare("node", &node);
    drop(daemon);
}

#[test]
fn a_daemon_as_shipped_can_be_reached_by_nobody_else() {
    if !allowed() {
        return;
    }
    let _turn = turn();
    let host = machine();
    let config = format!(
        "[audio]\nsource = \"file\"\nfiles = {{ main = {:?} }}\n[server]\nenabled = true\n[web]\nenabled = true\n",
        song::mix()
    );
    let daemon = Daemon::start_on(&host, &config, None);
    let own = wait_for("its sockets", SOON, || Some(open(&daemon.process)).filter(|sockets| sockets.len() >= 3));
    assert_eq!(own, ["TCP 9480", "UDP 9440", "UDP 9441"].map(str::to_owned).into());
    for file in ["udp", "tcp"] {
        let table = std::fs::read_to_string(format!("/proc/{}/net/{file}", daemon.process.id())).expect("a table");
        for row in table.lines().skip(1) {
            let address = row.split_whitespace().nth(1).unwrap_or_default();
            assert!(address.starts_with("0100007F:"), "{file} {address} is not only for this machine");
        }
    }
}
