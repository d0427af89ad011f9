//! `downbeat-renderer`: one node of the wall.

use clap::Parser;
use downbeat_log::{Settings, print, say};
use downbeat_renderer::config::{self, Flags};
use downbeat_renderer::node::{self, NodeError};
use downbeat_renderer::scenes::SCENES;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// `EX_CONFIG`, `EX_OSERR` and `EX_IOERR` of `sysexits.h`.
const WRONG_CONFIG: u8 = 78;
const SYSTEM: u8 = 71;
const UNWRITABLE: u8 = 74;

/// Our own messages, and warnings of dependencies. EGL without a graphics card, and winit on a bare display server,
/// print warnings of no use.
const LOG: &str = "info,wgpu_core=warn,wgpu_hal=warn,wgpu_hal::gles=off,naga=warn,winit=error";

fn main() -> ExitCode {
    let flags = Flags::parse();
    let _log = downbeat_log::start(Settings { variable: "DOWNBEAT_LOG", filter: LOG, times: true });
    if flags.list_scenes {
        return tell(&SCENES.iter().map(ToString::to_string).collect::<String>());
    }
    if flags.list_monitors {
        return match node::list_monitors() {
            Ok(lines) => tell(&lines.iter().map(|line| format!("{line}\n")).collect::<String>()),
            Err(error) => fail(&error),
        };
    }
    let config = match config::load(&flags, downbeat_config::environment()) {
        Ok(config) => config,
        Err(error) if flags.check => {
            say(&format!("downbeat-renderer: error: {error}"));
            return ExitCode::from(WRONG_CONFIG);
        }
        Err(error) => {
            tracing::error!("{error}");
            return ExitCode::from(WRONG_CONFIG);
        }
    };
    if flags.check {
        return tell("downbeat-renderer: the configuration is valid\n");
    }
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        if let Err(error) = signal_hook::flag::register(signal, Arc::clone(&stop)) {
            tracing::error!("cannot catch signal {signal}: {error}");
            return ExitCode::from(SYSTEM);
        }
    }
    match node::run(config, &stop) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

/// Prints what was asked for.
fn tell(text: &str) -> ExitCode {
    match print(text) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("downbeat-renderer: error: cannot write to standard output: {error}"));
            ExitCode::from(UNWRITABLE)
        }
    }
}

fn fail(error: &NodeError) -> ExitCode {
    tracing::error!("{error}");
    ExitCode::from(error.exit_status())
}
