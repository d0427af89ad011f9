//! A real PipeWire without sound cards: a sink that plays into nothing drives it, and its JACK library serves clients.

use crate::{Process, wait_for};
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

const SINK: &str = "context.objects = [ { factory = adapter args = { factory.name = support.null-audio-sink \
    node.name = test-sink media.class = Audio/Sink object.linger = true audio.position = [ FL FR ] } } ]\n";

/// PipeWire and its session manager, in a session of their own.
pub struct PipeWire {
    server: Option<Process>,
    manager: Option<Process>,
    folder: TempDir,
}

impl PipeWire {
    /// The ports of a player started by [`play`](Self::play).
    pub const PORTS: [&str; 2] = ["pw-play:output_FL", "pw-play:output_FR"];

    /// Starts it, and makes it what JACK clients of children of this process join.
    pub fn start() -> Self {
        let folder = TempDir::new().expect("a directory of the test's own");
        let drop_ins = folder.path().join("config/pipewire/pipewire.conf.d");
        std::fs::create_dir_all(&drop_ins).expect("a directory of the test's own can be written");
        std::fs::write(drop_ins.join("sink.conf"), SINK).expect("a directory of the test's own can be written");
        let library = Command::new("pw-jack").args(["printenv", "LD_LIBRARY_PATH"]).output();
        let library = library.expect("pw-jack runs; `make test` installs what the tests need").stdout;
        set("LD_LIBRARY_PATH", String::from_utf8_lossy(&library).trim());
        set("XDG_RUNTIME_DIR", &folder.path().display().to_string());
        let mut started = Self { server: None, manager: None, folder };
        started.restart();
        started
    }

    /// Starts it again, at once after it was killed, as its service would.
    pub fn restart(&mut self) {
        let command = |program: &str, folder: &Path| {
            let mut command = Command::new(program);
            command.env("XDG_CONFIG_HOME", folder.join("config")).env("XDG_STATE_HOME", folder.join("state"));
            command
        };
        let folder = self.folder.path();
        self.server = Some(Process::start("pipewire", &mut command("pipewire", folder)));
        wait_for("PipeWire's socket", Duration::from_secs(10), || folder.join("pipewire-0").exists().then_some(()));
        // It asks for a bus of the session, and ends without one.
        let mut manager = command("dbus-run-session", folder);
        self.manager = Some(Process::start("wireplumber", manager.args(["--", "wireplumber"])));
        wait_for("the sink", Duration::from_secs(20), || {
            let ports = Command::new("pw-link").arg("-i").output().expect("pw-link runs").stdout;
            String::from_utf8_lossy(&ports).contains("test-sink:playback_FR").then_some(())
        });
    }

    /// Ends it at once, as a crash would.
    pub fn kill(&mut self) {
        self.server = None;
        // It ends by itself, and takes its bus along.
        if let Some(mut manager) = self.manager.take() {
            manager.wait(Duration::from_secs(10));
        }
    }

    /// Plays a file into the sink.
    pub fn play(&self, file: &Path) -> Process {
        Process::start("pw-play", Command::new("pw-play").arg(file))
    }
}

impl Drop for PipeWire {
    fn drop(&mut self) {
        self.kill();
    }
}

fn set(name: &str, value: &str) {
    #[expect(unsafe_code, reason = "the holder of the turn is the only one to touch the environment")]
    unsafe {
        std::env::set_var(name, value);
    }
}
