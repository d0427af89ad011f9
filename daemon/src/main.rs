//! `downbeatd`: flags, log, signals. Everything else is in the library.

use clap::Parser;
use clap::error::ErrorKind;
use crossbeam_channel::{Receiver, bounded};
use downbeatd::app;
use downbeatd::config::{Config, Flag, Sources};
use downbeatd::exit::{CODES, Failure};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use signal_hook::iterator::Signals;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;
use tracing_subscriber::EnvFilter;

/// The configuration file used by default, if it exists.
const USUAL_CONFIG: &str = "/etc/downbeat/downbeat.toml";

/// Listen to the music, keep time, and drive every output
#[derive(Debug, Parser)]
#[command(name = "downbeatd", version, after_help = CODES)]
struct Flags {
    /// Configuration file, with drop-ins FILE.d/*.toml [default: /etc/downbeat/downbeat.toml, if it exists]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Set one key, as in --set audio.hop=128; overrides every file
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Analyse an audio file instead of JACK inputs
    #[arg(long, value_name = "FILE")]
    audio: Option<PathBuf>,
    /// Stand by for another daemon of the show, and lead when it dies; may be repeated
    #[arg(long, value_name = "HOST:PORT")]
    standby_of: Vec<String>,
    /// Check the configuration and exit
    #[arg(long)]
    check: bool,
    /// Print the layers and signals of the configured show as JSON and exit
    #[arg(long)]
    describe: bool,
    /// Print the default configuration with its comments and exit
    #[arg(long)]
    defaults: bool,
}

fn main() -> ExitCode {
    match start() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let text = failure.to_string();
            if !text.is_empty() {
                eprintln!("downbeatd: error: {text}");
            }
            ExitCode::from(failure.code())
        }
    }
}

fn start() -> Result<(), Failure> {
    let flags = match Flags::try_parse() {
        Ok(flags) => flags,
        Err(message) => {
            let _ = message.print();
            return match message.kind() {
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Ok(()),
                // Already printed, in colour.
                _ => Err(Failure::Usage(String::new())),
            };
        }
    };
    if flags.defaults {
        print!("{}", downbeatd::config::DEFAULTS);
        return Ok(());
    }
    log_to_stderr();
    let config = Config::load(&flags.sources())?;
    if flags.check {
        app::check(&config)?;
        println!("downbeatd: the configuration is valid");
        return Ok(());
    }
    if flags.describe {
        let json = serde_json::to_string(&app::describe(&config)?);
        println!("{}", json.map_err(|error| Failure::Internal(format!("cannot print the show: {error}")))?);
        return Ok(());
    }
    let stop = signals()?;
    app::run(&config, &stop, || eprintln!("downbeatd: ready"))
}

impl Flags {
    fn sources(&self) -> Sources {
        let usual = Path::new(USUAL_CONFIG);
        let mut flags: Vec<Flag> = self.set.iter().map(|assignment| Flag::set(assignment)).collect();
        if let Some(audio) = &self.audio {
            let written = format!("--audio {}", audio.display());
            flags.push(Flag::new(&written, "audio.source", "file"));
            flags.push(Flag::new(&written, "audio.files.main", audio.display().to_string()));
        }
        if !self.standby_of.is_empty() {
            let written = format!("--standby-of {}", self.standby_of.join(" --standby-of "));
            flags.push(Flag::list(written, "standby.of", &self.standby_of));
        }
        Sources {
            file: self.config.clone().or_else(|| usual.exists().then(|| usual.to_owned())),
            environment: downbeat_config::environment(),
            flags,
        }
    }
}

fn log_to_stderr() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false);
    // The journal has its own times.
    if std::env::var_os("JOURNAL_STREAM").is_some() { log.without_time().init() } else { log.init() }
}

/// Reports when to stop. A second signal ends the process at once, in case the first one hangs.
fn signals() -> Result<Receiver<()>, Failure> {
    let failed = |error: std::io::Error| Failure::Internal(format!("cannot catch signals: {error}"));
    let stopping = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&stopping)).map_err(failed)?;
        flag::register(signal, Arc::clone(&stopping)).map_err(failed)?;
    }
    let mut signals = Signals::new([SIGINT, SIGTERM]).map_err(failed)?;
    let (tell, stop) = bounded(1);
    let wait = move || {
        if let Some(signal) = signals.forever().next() {
            tracing::info!("stopping: signal {signal}");
            let _ = tell.send(());
        }
    };
    thread::Builder::new().name("signals".into()).spawn(wait).map_err(failed)?;
    Ok(stop)
}
