//! What has nothing to do costs nothing: no thread spins on a closed channel or an empty wait.

use e2e::{Daemon, song, turn};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// How long threads are watched.
const TIME: Duration = Duration::from_secs(3);
/// More than that of the time is spinning; what works hardest here takes a twentieth.
const MOST: f64 = 0.5;

/// Seconds of processor time of every thread of a process, by number, with their names.
fn spent(process: u32) -> BTreeMap<String, (String, f64)> {
    let read = |path: &Path| fs::read_to_string(path).unwrap_or_default();
    let tasks = fs::read_dir(format!("/proc/{process}/task")).expect("it runs").flatten();
    let of_task = |task: fs::DirEntry| {
        // proc(5): nanoseconds on the processor come first.
        let ns: f64 = read(&task.path().join("schedstat")).split(' ').next()?.parse().ok()?;
        let name = read(&task.path().join("comm")).trim().to_owned();
        Some((task.file_name().to_string_lossy().into_owned(), (name, ns * 1e-9)))
    };
    tasks.filter_map(of_task).collect()
}

/// No thread of a daemon with this configuration spins.
fn check(config: &str) {
    let daemon = Daemon::start(config, None);
    let before = spent(daemon.process.id());
    // The time is what is measured.
    std::thread::sleep(TIME);
    for (task, (name, after)) in spent(daemon.process.id()) {
        let share = (after - before.get(&task).map_or(0.0, |(_, before)| *before)) / TIME.as_secs_f64();
        println!("{name}: {:.1} %", 100.0 * share);
        assert!(share < MOST, "{name} spins: {:.0} % of a core, with\n{config}", 100.0 * share);
    }
}

#[test]
fn a_daemon_without_server_page_outputs_or_controls_spins_nowhere() {
    let _turn = turn();
    let music = format!("[audio]\nsource = \"file\"\nfiles = {{ main = {:?} }}\nrepeat = true\n", song::mix());
    let off = |table: &str| format!("[{table}]\nenabled = false\n");
    check(&format!("{music}{}{}", off("server"), off("web")));
    check(&format!("{music}{}", off("server")));
    check(&format!("{music}{}\n[server]\nlisten = \"127.0.0.1:0\"\nannounce = false\n", off("web")));
}

#[test]
fn a_looped_file_of_a_sample_or_a_few_costs_no_core() {
    let _turn = turn();
    let folder = tempfile::TempDir::new().expect("a folder");
    for samples in [1_u32, 10, 480] {
        let path = folder.path().join(format!("{samples}.wav"));
        fs::write(&path, song::steady_wav(samples, 1000)).expect("written");
        check(&format!(
            "[audio]\nsource = \"file\"\nfiles = {{ main = {path:?} }}\nrepeat = true\n\
             [server]\nenabled = false\n[web]\nenabled = false\n"
        ));
    }
}
