//! The daemon's threads as the system sees them: names, priorities, CPUs, locked memory; with and without permission.

use e2e::binaries::binary;
use e2e::port::free_port;
use e2e::{Daemon, Process, song, turn, wait_for};
use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

const SOON: Duration = Duration::from_secs(20);
/// `SCHED_FIFO` in sched(7); 0 is an ordinary thread.
const FIFO: u32 = 1;

/// A thread, from `/proc/PID/task`.
#[derive(Debug)]
struct Thread {
    policy: u32,
    priority: u32,
    cpus: String,
}

/// The threads of a process by name.
fn threads(process: &Process) -> BTreeMap<String, Thread> {
    let tasks = std::fs::read_dir(format!("/proc/{}/task", process.id())).expect("it runs");
    let read = |task: std::fs::DirEntry| {
        let file = |name: &str| std::fs::read_to_string(task.path().join(name)).ok();
        // Numbers are those of proc(5), less the two before the state.
        let stat = file("stat")?;
        let numbers: Vec<u32> =
            stat.rsplit_once(") ")?.1.split(' ').map(|field| field.trim().parse().unwrap_or(0)).collect();
        let status = file("status")?;
        let cpus = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"))?.trim().to_owned();
        let thread = Thread { priority: numbers[40 - 3], policy: numbers[41 - 3], cpus };
        Some((file("comm")?.trim().to_owned(), thread))
    };
    tasks.filter_map(|task| read(task.ok()?)).collect()
}

/// A show with an output of each transport, a control, pages and nodes; and a `[threads]`.
fn config(threads: &str) -> String {
    let [server, web, osc, far] = [(); 4].map(|()| free_port());
    format!(
        "{threads}\n[audio]\nsource = \"file\"\nfiles = {{ main = {:?} }}\nrepeat = true\n\
         [server]\nlisten = \"127.0.0.1:{server}\"\n[web]\nlisten = \"127.0.0.1:{web}\"\n\
         [control.tablet]\nkind = \"osc\"\nlisten = \"127.0.0.1:{osc}\"\n\
         [output.desk]\nkind = \"osc\"\ntarget = \"127.0.0.1:{far}\"\n\
         [output.media]\nkind = \"osc\"\ntarget = \"127.0.0.1:{far}\"\ntransport = \"tcp\"\n",
        song::mix()
    )
}

/// Its threads, once the last of them is there: the outputs elevate themselves.
fn of(daemon: &Process) -> BTreeMap<String, Thread> {
    let wanted =
        ["hop", "out:desk", "out:media", "tcp:media", "recv:tablet", "http:web", "quic:server", "clock:server"];
    wait_for("every thread", SOON, || {
        let threads = threads(daemon);
        wanted.iter().all(|name| threads.contains_key(*name)).then_some(threads)
    })
}

/// What the daemon has said about its threads.
fn said(process: &Process) -> String {
    process.wait_for_line("threads: ", SOON).1
}

/// Whether this process may elevate threads; each test does what it can without.
fn may_elevate() -> bool {
    let may = Command::new("chrt").args(["-f", "6", "true"]).status().is_ok_and(|status| status.success());
    if !may {
        eprintln!("NOT TESTED: real-time priorities need permission");
    }
    may
}

#[test]
fn every_thread_has_a_name_and_only_those_that_make_the_beat_are_elevated() {
    let _turn = turn();
    if !may_elevate() {
        return;
    }
    let daemon = Daemon::start(&config("[threads]\nrealtime = 20\ncpus = [0]"), None);
    let elevated = |name: &str| match name {
        "hop" => Some(20),
        "out:desk" | "out:media" | "tcp:media" => Some(21),
        _ => None,
    };
    let threads = wait_for("elevated threads", SOON, || {
        let threads = of(&daemon.process);
        let is_up = |(name, it): (&String, &Thread)| elevated(name).is_none_or(|priority| it.priority == priority);
        threads.iter().all(is_up).then_some(threads)
    });
    for (name, thread) in &threads {
        match elevated(name) {
            Some(_) => assert_eq!((thread.policy, thread.cpus.as_str()), (FIFO, "0"), "{name}: {thread:?}"),
            // What anybody can keep busy takes no CPU from the beat.
            None => assert_eq!(thread.policy, 0, "{name}: {thread:?}"),
        }
    }
    // One thread has the name of the program, the first; a second one would be one without a name.
    let named = |process: &Process| {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", process.id())).expect("it runs");
        let names = tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok());
        names.filter(|name| name.trim() == "downbeatd").count()
    };
    assert_eq!(named(&daemon.process), 1, "{threads:?}");
    let said = said(&daemon.process);
    assert!(said.contains("real-time priority 20 for the hop, 21 for outputs; CPUs 0; memory locked ("), "{said}");
}

#[test]
fn ordinary_threads_are_what_a_priority_of_zero_asks_for() {
    let _turn = turn();
    let daemon = Daemon::start(&config("[threads]\nrealtime = 0\nlock-memory = false"), None);
    let threads = of(&daemon.process);
    assert!(threads.values().all(|thread| thread.policy == 0), "{threads:?}");
    let said = said(&daemon.process);
    assert!(said.contains("threads: ordinary priority; memory not locked") && said.contains("INFO"), "{said}");
}

#[test]
fn without_permission_the_show_runs_and_one_line_says_what_to_set() {
    let _turn = turn();
    let directory = TempDir::new().expect("a directory of the test's own");
    let path = directory.path().join("downbeat.toml");
    std::fs::write(&path, config("")).expect("a directory of the test's own can be written");
    // Limits alone do not bind root.
    let mut command = if nix::unistd::Uid::effective().is_root() {
        let mut command = Command::new("setpriv");
        command.args(["--bounding-set", "-sys_nice,-ipc_lock", "--inh-caps", "-sys_nice,-ipc_lock", "prlimit"]);
        command
    } else {
        Command::new("prlimit")
    };
    command.args(["--rtprio=0", "--memlock=65536"]).arg(binary("downbeatd")).arg("--config").arg(&path);
    let daemon = Process::start("downbeatd", &mut command);
    daemon.wait_for_line("downbeatd: ready", SOON);
    let threads = of(&daemon);
    assert!(threads.values().all(|thread| thread.policy == 0), "{threads:?}");
    let said = said(&daemon);
    assert!(
        said.contains("WARN") && said.contains("no real-time priority") && said.contains("memory not locked"),
        "{said}"
    );
    for what in ["LimitRTPRIO=95", "LimitMEMLOCK=infinity", "@audio - rtprio 95", "@audio - memlock unlimited"] {
        assert!(said.contains(what), "{what} is not in: {said}");
    }
    assert_eq!(daemon.text().matches("threads: ").count(), 1, "{}", daemon.text());
}
