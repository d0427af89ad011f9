//! A node that is to write so many pictures, started by hand and as a service.

use e2e::port::free_port;
use e2e::{Daemon, Process, binaries::binary, frames, song, turn, wait_for};
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(60);
const PICTURES: usize = 2;

#[test]
fn after_its_last_picture_a_node_ends_by_hand_and_rests_as_a_service() {
    let _turn = turn();
    let nodes = free_port();
    let config = format!(
        "[audio]\nsource = \"file\"\nfiles = {{ main = {:?} }}\n[server]\nlisten = \"127.0.0.1:{nodes}\"\n\
         [[layer]]\nname = \"back\"\nscene = \"spectrum\"\n",
        song::mix()
    );
    let _daemon = Daemon::start(&config, None);
    let directory = tempfile::tempdir().expect("a directory of the test's own");
    let part = |name: &str| directory.path().join(name);

    let mut by_hand = Process::start("downbeat-renderer", &mut node(nodes, &part("by-hand")));
    assert!(by_hand.wait(LIMIT).success());
    assert_eq!(frames::list(&part("by-hand")).len(), PICTURES);

    let socket = UnixDatagram::bind(part("notify")).expect("binds");
    let watchdog = Arc::new(AtomicU64::new(0));
    let told = Arc::clone(&watchdog);
    std::thread::spawn(move || {
        let mut bytes = [0; 256];
        while let Ok(length) = socket.recv(&mut bytes) {
            told.fetch_add(u64::from(bytes[..length].starts_with(b"WATCHDOG=1")), Ordering::Release);
        }
    });
    let mut command = node(nodes, &part("service"));
    command.env("NOTIFY_SOCKET", part("notify")).env("WATCHDOG_USEC", "300000");
    let mut service = Process::start("downbeat-renderer", &mut command);
    service.wait_for_line("all 2 pictures that `count` in [headless] asks for are done", LIMIT);
    let before = watchdog.load(Ordering::Acquire);
    wait_for("its word that it is alive", LIMIT, || (watchdog.load(Ordering::Acquire) > before + 5).then_some(()));
    assert!(service.runs());
    assert_eq!(frames::list(&part("service")).len(), PICTURES);
    service.signal(libc::SIGTERM);
    assert!(service.wait(LIMIT).success());
}

fn node(nodes: u16, directory: &Path) -> Command {
    let mut command = Command::new(binary("downbeat-renderer"));
    for variable in ["NOTIFY_SOCKET", "SYSTEMD_EXEC_PID", "WATCHDOG_PID", "WATCHDOG_USEC"] {
        command.env_remove(variable);
    }
    command.args(["--server", &format!("127.0.0.1:{nodes}"), "--canvas", "160x90", "--fps", "10", "--every", "1"]);
    command.args(["--frames", &PICTURES.to_string(), "--headless"]).arg(directory);
    command
}
