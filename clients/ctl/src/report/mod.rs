//! `downbeatctl report`: everything that helps to understand a problem, in one file, without secrets.
//!
//! | file | noun |
//! |---|---|
//! | `bundle` | the archive |
//! | `configuration` | the files with settings |
//! | `findings` | what `downbeatctl doctor` finds for the user who runs the daemon |
//! | `journal` | the journal's lines |
//! | `redact`, `comments`, `words` | texts without secrets (pure) |
//! | `secrets` | what must not be in it |
//! | `page` | a page of the daemon's web server |

mod bundle;
mod comments;
mod configuration;
mod findings;
mod journal;
pub mod page;
pub mod redact;
mod secrets;
mod words;

use crate::doctor::{self, Answer, Machine, Wanted};
use crate::exit::Failure;
use bundle::Bundle;
use downbeat_config::text;
use secrets::Secrets;
use std::fmt::Write as _;
use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

/// Programs whose versions matter.
const PROGRAMS: [(&str, &[&str]); 7] = [
    ("downbeatd", &["--version"]),
    ("downbeat-renderer", &["--version"]),
    ("jackd", &["--version"]),
    ("pipewire", &["--version"]),
    ("ffmpeg", &["-version"]),
    ("uname", &["-a"]),
    ("vulkaninfo", &["--summary"]),
];

/// Write a report on a problem into one file
///
/// It has the status and the figures of the running daemon, its configuration and that of nodes and JACK, the show's state, the
/// findings of `downbeatctl doctor`, versions, and the last lines of the services' journals. Keys, passwords, tokens and codes are
/// left out, and where they were is said. Run it with sudo: only root may read everything, and the findings are then those of the
/// user who runs the daemon.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The daemon's configuration [default: /etc/downbeat/downbeat.toml, if it exists]
    #[arg(short, long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The archive to write (.tar.gz) [default: downbeat-report-SECONDS.tar.gz here]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Writes the archive and prints its name.
///
/// # Errors
/// If it cannot be written. What cannot be read is noted in it.
pub fn run(args: &Args) -> Result<(), Failure> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |it| it.as_secs());
    let path = args.output.clone().unwrap_or_else(|| format!("downbeat-report-{now}.tar.gz").into());
    let config = doctor::config(args.config.clone());
    // A report on a configuration with a mistake is wanted, too.
    let machine = Machine::this();
    let (wanted, mistake) = match Wanted::read(config.clone(), &machine) {
        Ok(wanted) => (wanted, String::new()),
        Err(fault) => (Wanted::read_rest(config.clone(), &machine), redact::mistake(&fault.to_string())),
    };
    let mut bundle = Bundle::new(now, Secrets::gather(&wanted));
    configuration::add(&mut bundle, &machine, config.as_deref(), &mistake);
    state(&mut bundle, &wanted);
    let pages =
        [("/status", "status.json", redact::json as fn(&str) -> String), ("/metrics", "metrics.txt", redact::lines)];
    for (page, name, clean) in pages {
        match web(&wanted).map(|address| page::get(address, page)) {
            Some(Ok(text)) => bundle.add(name, clean(&text)),
            Some(Err(why)) => bundle.miss(name, &why),
            None => bundle.miss(name, "no [web] in the configuration"),
        }
    }
    bundle.add("doctor.txt", findings::look(&machine, &wanted, config.as_deref()));
    versions(&mut bundle, &machine);
    journal::add(&mut bundle, &machine);
    let (bytes, notes) = bundle.finish().map_err(|why| Failure::Output { path: path.clone(), why: why.to_string() })?;
    bundle::write(&path, &bytes).map_err(|why| Failure::Output { path: path.clone(), why: why.to_string() })?;
    let mut out = std::io::stdout();
    write!(out, "{notes}")?;
    writeln!(out, "{}: look through it before you send it on", path.display())?;
    Ok(())
}

/// The state of the show, which has no secrets but names.
fn state(bundle: &mut Bundle, wanted: &Wanted) {
    let Some(file) = &wanted.state_file else { return bundle.miss("state.json", "no show.state in the configuration") };
    match text::read(file) {
        Ok(text) => bundle.add("state.json", text),
        Err(why) => bundle.miss("state.json", &format!("{}: {why}", file.display())),
    }
}

fn versions(bundle: &mut Bundle, machine: &Machine) {
    let mut text = format!("downbeatctl {}\n", env!("CARGO_PKG_VERSION"));
    for (program, arguments) in PROGRAMS {
        let told = match machine.ask(program, arguments) {
            Answer::Done(told) => told,
            Answer::Failed | Answer::Slow => "does not tell its version".into(),
            Answer::Absent => "not installed".into(),
        };
        // Writing to a text never fails.
        let _ = writeln!(text, "{program}: {}", told.trim_end());
    }
    text += &machine.text("/etc/os-release");
    bundle.add("versions.txt", text);
}

/// Where this machine reaches the page.
fn web(wanted: &Wanted) -> Option<SocketAddr> {
    let mut address = wanted.ports.iter().find(|port| port.table == "web")?.address;
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    Some(address)
}
