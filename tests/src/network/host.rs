//! A separate machine, as far as networks are concerned.

use nix::sched::{CloneFlags, setns};
use nix::unistd::Uid;
use std::ffi::OsStr;
use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

static NEXT: AtomicU32 = AtomicU32::new(0);
/// What all names begin with; then come the numbers of the process's namespace and of the process.
const PREFIX: &str = "downbeat";

/// Whether this process may make hosts.
pub fn allowed() -> bool {
    let root = Uid::effective().is_root();
    if !root {
        eprintln!("NOT TESTED: hosts with networks between them need root");
    }
    root
}

/// A network namespace. It ends with its owner.
pub struct Host {
    name: String,
}

impl Host {
    /// A host without any network but its own loopback.
    pub fn new() -> Self {
        sweep();
        let name = format!("{PREFIX}-{}-{}-{}", processes(), std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        ip(&["netns", "add", &name]);
        let host = Self { name };
        host.ip(&["link", "set", "lo", "up"]);
        host
    }

    /// The name by which `ip netns exec` knows it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A command that will run on this host.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        Self::command_on(&self.name, program)
    }

    /// The same, by the host's name. `ip` becomes the program, so signals reach it.
    pub(crate) fn command_on(name: &str, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", name]).arg(program);
        command
    }

    /// Does something on this host: sockets that it opens belong there for good.
    pub fn inside<T: Send>(&self, act: impl FnOnce() -> T + Send) -> T {
        std::thread::scope(|scope| {
            let thread = scope.spawn(|| {
                self.enter();
                act()
            });
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }

    /// Gives a network card one more address, with the length of the net.
    pub fn add_address(&self, interface: &str, address: &str) {
        self.ip(&["address", "add", address, "dev", interface]);
    }

    /// Gives a network card another address, both with the length of the net: `10.77.1.2/24`.
    pub fn roam(&self, interface: &str, from: &str, to: &str) {
        // The other way round the second one, of the same net, would go with the first.
        self.ip(&["address", "del", from, "dev", interface]);
        self.ip(&["address", "add", to, "dev", interface]);
    }

    /// Lets it hand on what is for others.
    pub(super) fn forward(&self) {
        let switch = self.inside(|| std::fs::write("/proc/sys/net/ipv4/ip_forward", "1"));
        switch.unwrap_or_else(|error| panic!("{} cannot forward: {error}", self.name));
    }

    /// Moves this thread there.
    pub(super) fn enter(&self) {
        let path = format!("/run/netns/{}", self.name);
        let file = File::open(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        setns(file, CloneFlags::CLONE_NEWNET).unwrap_or_else(|error| panic!("cannot enter {path}: {error}"));
    }

    /// Runs `ip` there.
    pub(super) fn ip(&self, arguments: &[&str]) {
        ip(&[&["-n", &self.name], arguments].concat());
    }
}

impl Default for Host {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = Command::new("ip").args(["netns", "del", &self.name]).status();
    }
}

/// The namespace that the numbers of processes are of: others may have hosts here, too.
fn processes() -> u64 {
    std::fs::metadata("/proc/self/ns/pid").map_or(0, |it| it.ino())
}

/// Removes what killed processes of this namespace have left.
fn sweep() {
    let Ok(entries) = std::fs::read_dir("/run/netns") else { return };
    for name in entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()) {
        let rest = name.strip_prefix(&format!("{PREFIX}-{}-", processes()));
        let owner = rest.and_then(|rest| rest.split('-').next()?.parse::<u32>().ok());
        if owner.is_some_and(|owner| !std::path::Path::new(&format!("/proc/{owner}")).exists()) {
            let _ = Command::new("ip").args(["netns", "del", &name]).output();
        }
    }
}

/// Runs `ip`, from Debian's iproute2.
pub(super) fn ip(arguments: &[&str]) {
    run("ip", arguments);
}

/// Runs a tool that has to succeed.
pub(super) fn run(program: &str, arguments: &[&str]) {
    let output = Command::new(program).args(arguments).output();
    let output = output.unwrap_or_else(|error| panic!("cannot run {program}: {error}; `make test` installs it"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {}: {said}", arguments.join(" "));
}
