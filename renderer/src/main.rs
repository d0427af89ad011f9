//! `downbeat-renderer`: one node of the wall.

use clap::Parser;
use downbeat_renderer::config::{self, Flags};
use downbeat_renderer::node::{self, NodeError};
use downbeat_renderer::scenes::SCENES;
use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use tracing_subscriber::EnvFilter;

/// `EX_CONFIG` and `EX_OSERR` of `sysexits.h`.
const WRONG_CONFIG: u8 = 78;
const SYSTEM: u8 = 71;

/// Our own messages, and warnings of dependencies. EGL without a graphics card, and winit on a bare display server,
/// print warnings of no use.
const LOG: &str = "info,wgpu_core=warn,wgpu_hal=warn,wgpu_hal::gles=off,naga=warn,winit=error";

fn main() -> ExitCode {
    let flags = Flags::parse();
    let filter = EnvFilter::try_from_env("DOWNBEAT_LOG").unwrap_or_else(|_| EnvFilter::new(LOG));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
    if flags.list_scenes {
        SCENES.iter().for_each(|scene| print!("{scene}"));
        return ExitCode::SUCCESS;
    }
    if flags.list_monitors {
        return match node::list_monitors() {
            Ok(lines) => {
                lines.iter().for_each(|line| println!("{line}"));
                ExitCode::SUCCESS
            }
            Err(error) => fail(&error),
        };
    }
    let config = match config::load(&flags, downbeat_config::environment()) {
        Ok(config) => config,
        Err(error) if flags.check => {
            eprintln!("downbeat-renderer: error: {error}");
            return ExitCode::from(WRONG_CONFIG);
        }
        Err(error) => {
            tracing::error!("{error}");
            return ExitCode::from(WRONG_CONFIG);
        }
    };
    if flags.check {
        println!("downbeat-renderer: the configuration is valid");
        return ExitCode::SUCCESS;
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

fn fail(error: &NodeError) -> ExitCode {
    tracing::error!("{error}");
    ExitCode::from(error.exit_status())
}
