//! `downbeatd`: flags, log, signals. Everything else is in the library.

use clap::Parser;
use clap::error::ErrorKind;
use crossbeam_channel::{Receiver, bounded};
use downbeat_allocator as _;
use downbeat_log::{Settings, print, say};
use downbeatd::app::{self, Ending, Origin, Signal};
use downbeatd::config::{Config, Fault, LastGood, Snapshot, Sources};
use downbeatd::exit::Failure;
use downbeatd::flags::Flags;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::{flag, low_level};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::{Duration, Instant};

/// How long the daemon may take to stop, whatever hangs. It takes less by itself.
const GOODBYE: Duration = Duration::from_millis(1_700);

fn main() -> ExitCode {
    let _log = downbeat_log::start(Settings { variable: "RUST_LOG", filter: "info", times: true });
    match start() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let text = failure.to_string();
            if !text.is_empty() {
                say(&format!("downbeatd: error: {text}"));
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
        return tell(downbeatd::config::DEFAULTS);
    }
    // Files of a configuration may come later; one that somebody has just typed is mistyped.
    if let Some(audio) = &flags.audio {
        app::check_audio(audio)?;
    }
    let sources = flags.sources();
    if flags.check {
        app::check(&Config::load(&sources)?)?;
        return tell("downbeatd: the configuration is valid\n");
    }
    if flags.describe {
        let json = serde_json::to_string(&app::describe(&Config::load(&sources)?)?);
        let json = json.map_err(|error| Failure::Internal(format!("cannot print the show: {error}")))?;
        return tell(&format!("{json}\n"));
    }
    let ending = Ending::default();
    let signals = signals(ending.clone())?;
    let started = start_with(&sources, (&signals, &ending), String::new(), whole(&sources));
    match started {
        // With nothing kept, it has never run with these files: whoever wrote them is there.
        Err(failure @ (Failure::Config(_) | Failure::NoInput(_))) => match last_good(&sources) {
            Some(files) => {
                let why = failure.to_string();
                tracing::error!(
                    "configuration: {}. Starting with it as it was when it was last good",
                    why.lines().map(str::trim).collect::<Vec<_>>().join(" ")
                );
                start_with(&sources, (&signals, &ending), why.clone(), Ok(files))
                    .map_err(|failure| failure.instead_of(why))
            }
            None => Err(failure),
        },
        started => started,
    }
}

/// The files, unless one of them has lost its end since the daemon last ran with them.
fn whole(sources: &Sources) -> Result<Snapshot, Fault> {
    let files = sources.snapshot()?;
    match last_good(sources).and_then(|good| files.cut_off(&good)) {
        Some(fault) => Err(fault),
        None => Ok(files),
    }
}

/// The files as they were when the daemon last ran with them.
fn last_good(sources: &Sources) -> Option<Snapshot> {
    LastGood::of(sources.file.as_deref()?).find()
}

/// Prints what was asked for.
fn tell(text: &str) -> Result<(), Failure> {
    print(text).map_err(|error| Failure::Output(error.to_string()))
}

/// Runs with files of a configuration.
fn start_with(
    sources: &Sources,
    (signals, ending): (&Receiver<Signal>, &Ending),
    mistake: String,
    files: Result<Snapshot, Fault>,
) -> Result<(), Failure> {
    let files = files?;
    let config = Failure::of_panic(|| Ok(Config::of(&files, sources)?))?;
    let origin = Origin { sources: sources.clone(), files, mistake };
    app::run(&config, origin, signals, ending, || say("downbeatd: ready"))
}

/// Reports when to stop and when to read the configuration again. A signal to stop begins the end at once, and ends the
/// process if `main` has not in time: it may be reading from a share that has gone. A second one ends it at once.
fn signals(ending: Ending) -> Result<Receiver<Signal>, Failure> {
    let failed = |error: std::io::Error| Failure::Internal(format!("cannot catch signals: {error}"));
    let stopping = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&stopping)).map_err(failed)?;
        flag::register(signal, Arc::clone(&stopping)).map_err(failed)?;
    }
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM]).map_err(failed)?;
    let (tell, told) = bounded(1);
    let wait = move || {
        for signal in signals.forever() {
            if signal == SIGHUP {
                // One request waits at most: it reads everything.
                let _ = tell.try_send(Signal::Reload);
                continue;
            }
            let deadline = Instant::now() + GOODBYE;
            tracing::info!("stopping: signal {signal}");
            ending.begin();
            // A request to reload may be in its place until `main` comes for it.
            let _ = tell.send_deadline(Signal::Stop, deadline);
            thread::sleep(deadline.saturating_duration_since(Instant::now()));
            tracing::error!(
                "did not stop within {GOODBYE:?} of signal {signal}: ending without it. Is a file of the configuration, or its \
                 keys, on a disk or a share that does not answer?"
            );
            downbeat_log::flush();
            low_level::exit(128 + signal);
        }
    };
    thread::Builder::new().name("signals".into()).spawn(wait).map_err(failed)?;
    Ok(told)
}
