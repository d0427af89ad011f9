//! A node on another machine is paired by the operator, with the real programs, and revoked again.

use e2e::network::{Host, Link, allowed};
use e2e::{Daemon, Process, binaries::binary, song, turn, wait_for};
use std::path::Path;
use std::process::Output;
use std::time::Duration;

const PORT: u16 = 7_500;
const LIMIT: Duration = Duration::from_secs(30);
/// What stands before a code in a node's log.
const CODE: &str = "The code is ";

fn renderer(host: &Host, server: &str, keys: &Path, pictures: &Path) -> Process {
    let mut command = host.command(binary("downbeat-renderer"));
    command.env("DOWNBEAT_KEYS", keys).args(["--name", "wall-left", "--server", server, "--canvas", "160x90"]);
    Process::start("downbeat-renderer", command.args(["--fps", "10", "--every", "10", "--headless"]).arg(pictures))
}

fn ctl(host: &Host, arguments: &[&str]) -> Output {
    let mut command = host.command(binary("downbeatctl"));
    command.env("DOWNBEAT_KEYS", std::env::temp_dir().join(format!("downbeat-ctl-{}", std::process::id())));
    command.args(arguments).args(["--server", &format!("127.0.0.1:{PORT}")]);
    command.output().expect("downbeatctl runs")
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The code after the first `skip` lines.
fn code(node: &Process, skip: usize) -> String {
    wait_for("a code in the node's log", LIMIT, || {
        let line = node.lines().into_iter().skip(skip).find(|(_, line)| line.contains(CODE))?.1;
        line.split(CODE).nth(1)?.split(':').next().map(str::to_owned)
    })
}

#[test]
fn a_node_on_another_machine_is_paired_by_its_code_and_revoked_by_its_name() {
    if !allowed() {
        return;
    }
    let _turn = turn();
    let hosts = [Host::new(), Host::new()];
    let link = Link::between(&hosts[0], &hosts[1], 3);
    let directory = tempfile::tempdir().expect("a directory of the test's own");
    let part = |name: &str| directory.path().join(name);
    let config = |keys: &str| {
        format!(
            "[show]\nkeys = {:?}\n[audio]\nsource = \"file\"\nfiles = {{ main = {:?} }}\n\
             [server]\nlisten = \"0.0.0.0:{PORT}\"\n\
             [[layer]]\nname = \"back\"\nscene = \"spectrum\"\n",
            part(keys),
            song::mix()
        )
    };
    let daemon = Daemon::start_on(&hosts[0], &config("daemon-keys"), None);
    let server = format!("{}:{PORT}", link.addresses()[0]);
    let node = renderer(&hosts[1], &server, &part("node-keys"), &part("pictures"));
    let shown = code(&node, 0);
    let nothing = ctl(&hosts[0], &["peers"]);
    assert!(said(&nothing).contains("no peers are paired"), "{}", said(&nothing));

    let paired = ctl(&hosts[0], &["pair", &shown]);
    assert!(paired.status.success() && said(&paired).contains("paired `wall-left` as a renderer"), "{}", said(&paired));
    node.wait_for_line("following the show", LIMIT);
    let peers = said(&ctl(&hosts[0], &["peers"]));
    assert!(peers.contains("wall-left") && peers.contains("renderer"), "{peers}");
    let frames = || std::fs::read_dir(part("pictures")).map_or(0, |files| files.flatten().count());
    wait_for("pictures of a paired node", LIMIT, || (frames() > 3).then_some(()));

    // Started again it is still known.
    drop(node);
    let node = renderer(&hosts[1], &server, &part("node-keys"), &part("pictures"));
    node.wait_for_line("following the show", LIMIT);

    let lines = node.lines().len();
    let revoked = ctl(&hosts[0], &["revoke", "wall-left"]);
    assert!(revoked.status.success(), "{}", said(&revoked));
    node.wait_for_line("no longer paired", LIMIT);
    // It would have to be paired anew.
    code(&node, lines);
    drop(node);
    drop(daemon);

    // Another daemon at the same address is not followed, though it lets everybody in.
    let stranger = config("other-keys").replace("[[layer]]", "allow-unpaired = true\n[[layer]]");
    let _stranger = Daemon::start_on(&hosts[0], &stranger, None);
    let node = renderer(&hosts[1], &server, &part("node-keys"), &part("pictures"));
    let (_, line) = node.wait_for_line("unknown daemon there", LIMIT);
    assert!(line.contains("allow-unpaired") && line.contains("somebody else"), "{line}");
    assert!(!node.text().contains("following the show"));
}
