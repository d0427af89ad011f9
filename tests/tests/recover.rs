//! Nothing stops the show: whatever is killed recovers by itself, within a time that an audience forgives.

use e2e::port::free_port;
use e2e::wait::host_now_ns;
use e2e::{Daemon, JackServer, OscDump, Player, Process, binaries::binary, song, turn, wait_for};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// The project's promise for every part.
const BACK: Duration = Duration::from_secs(3);
/// What a node says when it has found the daemon.
const FOLLOWS: &str = "following the show";

fn config(osc: u16, nodes: u16) -> String {
    format!(
        r#"
        [bus.main]
        connect = ["{}", "{}"]
        [output.meters]
        kind = "osc"
        target = "127.0.0.1:{osc}"
        rate-hz = 30
        signals = ["main.rms"]
        parameters = []
        events = ["beat"]
        [server]
        listen = "127.0.0.1:{nodes}"
        [[layer]]
        name = "back"
        scene = "spectrum"
        "#,
        Player::PORTS[0],
        Player::PORTS[1]
    )
}

/// Waits until music arrives as OSC that was sent after `since`.
fn wait_for_music(dump: &OscDump, since: i64, limit: Duration) {
    wait_for("music as OSC", limit, || {
        let meters = dump.to("/signal/main/rms");
        meters.iter().any(|message| message.at > since && message.number(0) > 1e-3).then_some(())
    });
}

#[test]
fn music_is_heard_again_after_jack_is_killed_and_restarted() {
    let _turn = turn();
    let mut server = JackServer::start();
    let dump = OscDump::start();
    let mut daemon = Daemon::start(&config(dump.port, free_port()), Some(&server));
    let player = Player::start(&server, &song::mix());
    wait_for_music(&dump, 0, Duration::from_secs(20));
    for _ in 0..3 {
        server.kill();
        let lost = host_now_ns();
        // Without JACK the daemon still answers: meters go on, at rest.
        wait_for("meters at rest while JACK is away", BACK, || {
            let meters = dump.to("/signal/main/rms");
            meters.iter().any(|it| it.at > lost && it.number(0) < 1e-3).then_some(())
        });
        server.restart();
        let back = host_now_ns();
        let _again = Player::start(&server, &song::mix());
        wait_for_music(&dump, back, BACK + Duration::from_secs(1));
        println!("JACK back: music {:.2} s after its server", (host_now_ns() - back) as f64 * 1e-9);
        assert!(daemon.process.runs());
    }
    drop(player);
}

#[test]
fn a_killed_daemon_is_heard_again_as_soon_as_it_is_started() {
    let _turn = turn();
    let server = JackServer::start();
    let dump = OscDump::start();
    let mut daemon = Daemon::start(&config(dump.port, free_port()), Some(&server));
    let _player = Player::start(&server, &song::mix());
    wait_for_music(&dump, 0, Duration::from_secs(20));
    for _ in 0..3 {
        daemon.process.kill();
        // What it sent before may still be on its way through oscdump and its pipe.
        wait_for("silence from the killed daemon", BACK, || {
            let last = dump.to("/signal/main/rms").last().map(|message| message.at);
            last.filter(|at| host_now_ns() - at > 200_000_000)
        });
        let back = host_now_ns();
        daemon.restart();
        wait_for_music(&dump, back, BACK);
        println!("daemon back: music {:.2} s after its start", (host_now_ns() - back) as f64 * 1e-9);
    }
}

#[test]
fn nodes_outlive_the_daemon_and_a_killed_node_draws_again() {
    let _turn = turn();
    let nodes = free_port();
    let directory = tempfile::tempdir().expect("a directory of the test's own");
    let audio = format!("[audio]\nsource = \"file\"\nfiles = {{ main = {:?} }}\n", song::mix());
    let mut daemon = Daemon::start(&(audio + &config(free_port(), nodes)), None);
    let mut node = draw(nodes, directory.path());
    let drawn = || newest_frame(directory.path());
    wait_for("the first frames", Duration::from_secs(20), || drawn().filter(|_| node.text().contains(FOLLOWS)));

    daemon.process.kill();
    let last = drawn().expect("it has drawn");
    wait_for("frames without the daemon", BACK, || drawn().filter(|frame| *frame > last + 60));
    node.wait_for_line("WARN", BACK);
    let before = node.lines().len();
    daemon.restart();
    wait_for("the node's return to the daemon", BACK, || {
        node.lines()[before..].iter().any(|(_, line)| line.contains(FOLLOWS)).then_some(())
    });
    assert!(node.runs());

    node.kill();
    let last = drawn().expect("it has drawn");
    let node = draw(nodes, directory.path());
    wait_for("frames of the node started again", BACK, || drawn().filter(|frame| *frame > last + 1));
    node.wait_for_line(FOLLOWS, BACK);
}

fn draw(nodes: u16, directory: &Path) -> Process {
    let mut command = Command::new(binary("downbeat-renderer"));
    command.args(["--server", &format!("127.0.0.1:{nodes}"), "--canvas", "160x90", "--fps", "30", "--every", "15"]);
    command.arg("--headless").arg(directory);
    Process::start("downbeat-renderer", &mut command)
}

/// The number of the newest picture in a directory.
fn newest_frame(directory: &Path) -> Option<u64> {
    let files = std::fs::read_dir(directory).expect("the directory is there").flatten();
    files.filter_map(|file| e2e::frames::number(&file.path())).max()
}
