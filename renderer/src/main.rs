//! `downbeat-renderer`: one node of the wall.

use clap::Parser;
use downbeat_allocator as _;
use downbeat_log::{Settings, print, say};
use downbeat_renderer::config::{self, Flags};
use downbeat_renderer::node::{self, NodeError};
use downbeat_renderer::scenes::SCENES;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::{flag, low_level};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// `EX_CONFIG`, `EX_OSERR` and `EX_IOERR` of `sysexits.h`.
const WRONG_CONFIG: u8 = 78;
const SYSTEM: u8 = 71;
const UNWRITABLE: u8 = 74;

/// How long a node may take to stop. Its last frame, pictures and lines take less; what takes longer hangs.
const GOODBYE: Duration = Duration::from_millis(1_700);

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
    if let Err(error) = stop_on_signals(&stop) {
        tracing::error!("cannot catch signals: {error}");
        return ExitCode::from(SYSTEM);
    }
    match node::run(config, &stop) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

/// Sets `stop` at the first signal to stop. A second one ends the process at once, and so does time: a disk or a graphics
/// driver may hang.
fn stop_on_signals(stop: &Arc<AtomicBool>) -> std::io::Result<()> {
    for signal in [SIGINT, SIGTERM] {
        flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(stop))?;
        flag::register(signal, Arc::clone(stop))?;
    }
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    let wait = move || {
        let Some(signal) = signals.forever().next() else { return };
        std::thread::sleep(GOODBYE);
        tracing::error!(
            "did not stop within {GOODBYE:?} of signal {signal}: ending without it. Does a disk or the graphics driver hang?"
        );
        downbeat_log::flush();
        low_level::exit(128 + signal);
    };
    std::thread::Builder::new().name("signals".into()).spawn(wait).map(drop)
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
