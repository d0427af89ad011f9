//! A real player, playing into JACK.

use crate::{JackServer, Process};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// mpv with its JACK output, connected to nothing by itself.
pub struct Player {
    process: Process,
}

impl Player {
    /// The ports that it plays to.
    pub const PORTS: [&str; 2] = ["player:out_0", "player:out_1"];

    /// Starts to play a file once its ports are there.
    pub fn start(server: &JackServer, file: &Path) -> Self {
        Self { process: Process::start("mpv", &mut Self::command(&server.name, file)) }
    }

    /// What starts it, on the server of a name.
    pub fn command(server: &str, file: &Path) -> Command {
        let mut command = Command::new("mpv");
        command
            .env("JACK_DEFAULT_SERVER", server)
            .args(["--no-config", "--no-video", "--no-terminal", "--ao=jack", "--jack-autostart=no"])
            .args(["--jack-connect=no", "--jack-name=player", "--audio-samplerate=48000", "--audio-channels=stereo"])
            .arg(file);
        command
    }

    /// Waits until the file has been played.
    pub fn wait(&mut self, limit: Duration) {
        self.process.wait(limit);
    }
}
