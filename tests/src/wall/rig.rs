//! A daemon and four nodes on five hosts.

use super::{Shown, read};
use crate::binaries::binary;
use crate::network::{Conditions, Host, Link};
use crate::{Daemon, JackServer, Process, song, wait_for};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

/// How long after its moment a frame is handed over, in milliseconds. Over cables all rows of a frame are there about 3
/// ms before its moment, which is too little for four nodes to draw in on two cores.
const LAG_MS: f64 = 4.0;
/// Frames a second.
pub const FPS: i64 = 30;
/// The whole picture: small, as it is drawn on the processor four times.
pub const CANVAS: &str = "192x54";
/// Two halves, the whole, and one half once more.
const SLICES: [&str; 4] = ["0,0,96,54", "96,0,96,54", "0,0,192,54", "96,0,96,54"];
const PORT: u16 = 7_420;
const LIMIT: Duration = Duration::from_secs(30);

/// What is shown, and how.
#[derive(Clone, Copy)]
pub struct Setup<'a> {
    /// The layers, and whatever else belongs to the daemon's configuration, in TOML.
    pub show: &'a str,
    /// The playout delay in milliseconds.
    pub delay_ms: f64,
    /// What the links are like.
    pub conditions: Conditions,
    /// Where the daemon hears its music; the demo song over and over when not given.
    pub server: Option<&'a JackServer>,
}

/// The rig. Everything ends with it.
pub struct Rig {
    nodes: Vec<Node>,
    delay_ms: f64,
    _daemon: Daemon,
    links: Vec<Link>,
    hosts: Vec<Host>,
    home: Host,
    directory: TempDir,
}

/// A node that was started.
pub struct Node {
    place: usize,
    log: PathBuf,
    process: Option<Process>,
}

impl Rig {
    /// Starts the daemon, and no node yet.
    pub fn start(setup: &Setup<'_>) -> Self {
        let home = Host::new();
        let hosts: Vec<Host> = SLICES.iter().map(|_| Host::new()).collect();
        let links: Vec<Link> =
            hosts.iter().enumerate().map(|(seed, host)| Link::between(&home, host, seed as u64 + 1)).collect();
        links.iter().for_each(|link| link.set(setup.conditions));
        let source = match setup.server {
            Some(_) => String::new(),
            None => format!("[audio]\nsource = \"file\"\nrepeat = true\nfiles = {{ main = {:?} }}\n", song::mix()),
        };
        let config = format!("{source}[server]\nlisten = \"0.0.0.0:{PORT}\"\nallow-unpaired = true\n{}", setup.show);
        let daemon = Daemon::start_on(&home, &config, setup.server);
        let directory = TempDir::new().expect("a directory of the rig's own");
        Self { nodes: Vec::new(), delay_ms: setup.delay_ms, _daemon: daemon, links, hosts, home, directory }
    }

    /// Sets the playout delay of nodes that are started from now on, in milliseconds.
    pub fn set_delay(&mut self, delay_ms: f64) {
        self.delay_ms = delay_ms;
    }

    /// Starts the node of a place, 0 to 3, and waits for its first frame. Gives the node's number.
    pub fn join(&mut self, place: usize) -> usize {
        let number = self.nodes.len();
        let log = self.directory.path().join(format!("node-{number}.csv"));
        let mut command = self.hosts[place].command(binary("downbeat-renderer"));
        command.env("DOWNBEAT__DISPLAY__PLAYOUT_DELAY_MS", self.delay_ms.to_string());
        command.env("DOWNBEAT__HEADLESS__LAG_MS", LAG_MS.to_string());
        // lavapipe's own threads: four nodes share two cores, and each frame is small.
        command.env("LP_NUM_THREADS", "1");
        command.env("DOWNBEAT_KEYS", self.directory.path().join(format!("keys-{place}")));
        let server = format!("{}:{PORT}", self.links[place].addresses()[0]);
        command.args(["--server", &server, "--name", &format!("node-{place}"), "--canvas", CANVAS]);
        command.args(["--slice", SLICES[place], "--fps", &FPS.to_string(), "--allow-unpaired", "--offscreen"]);
        command.arg("--frames-log").arg(&log);
        let process = Process::start("downbeat-renderer", &mut command);
        wait_for("a log of frames", LIMIT, || std::fs::metadata(&log).is_ok_and(|it| it.len() > 0).then_some(()));
        wait_for("a node's first frames", LIMIT, || (read(&log).len() > 1).then_some(()));
        self.nodes.push(Node { place, log, process: Some(process) });
        number
    }

    /// What a node has drawn so far.
    pub fn shown(&self, node: usize) -> Vec<Shown> {
        read(&self.nodes[node].log)
    }

    /// What `downbeatctl skew` on the daemon's host says of the wall.
    pub fn skew(&self, seconds: u64) -> String {
        let mut command = self.home.command(binary("downbeatctl"));
        command.env("DOWNBEAT_KEYS", self.directory.path().join("keys-ctl"));
        command.args(["skew", "--server", &format!("127.0.0.1:{PORT}"), "--seconds", &seconds.to_string()]);
        let output = command.output().expect("downbeatctl can be started");
        [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat()
    }

    /// Kills a node as a power cut would.
    pub fn kill(&mut self, node: usize) {
        if let Some(mut process) = self.nodes[node].process.take() {
            process.kill();
        }
    }

    /// Ends all nodes and gives the slice and the frames of each. The logs are kept where a folder is named.
    pub fn finish(mut self, kept: Option<&Path>) -> Vec<(&'static str, Vec<Shown>)> {
        for process in self.nodes.iter().filter_map(|node| node.process.as_ref()) {
            process.signal(libc::SIGTERM);
        }
        for process in self.nodes.iter_mut().filter_map(|node| node.process.as_mut()) {
            process.wait(LIMIT);
        }
        if let Some(folder) = kept {
            std::fs::create_dir_all(folder).expect("the folder can be made");
            for log in self.nodes.iter().map(|node| &node.log) {
                let name = log.file_name().expect("a log has a name");
                std::fs::copy(log, folder.join(name)).expect("the folder can be written");
            }
        }
        self.nodes.iter().map(|node| (SLICES[node.place], read(&node.log))).collect()
    }

    /// Changes what the links are like.
    pub fn set(&self, conditions: Conditions) {
        self.links.iter().for_each(|link| link.set(conditions));
    }
}
