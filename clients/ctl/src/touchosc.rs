//! `downbeatctl touchosc`: a layout for a tablet or a phone.

use crate::exit::Failure;
use crate::pairing;
use crate::program::ask;
use crate::server::Server;
use crate::stop::Stop;
use downbeat_config::Program;
use downbeat_protocol::message::Role;
use downbeat_protocol::tree::Description;
use downbeat_touchosc::{Form, Layout, Version, preview, tosc};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long the daemon may take to describe the show.
const ANSWER: Duration = Duration::from_secs(2);

/// Write a TouchOSC layout for a show, or show a link to it
///
/// Without --output a QR code and a link are printed, by which a tablet fetches the layout from the running daemon.
///
/// With --config, downbeatd reads the show from a configuration; it must be next to downbeatctl or on the PATH.
/// Without, the running daemon describes the show. To connect a tablet, see clients/touchosc/README.md,
/// in /usr/share/doc/downbeat where the package is installed.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Read the daemon's configuration instead of asking a running daemon
    #[arg(short, long, value_name = "FILE", requires = "output")]
    config: Option<PathBuf>,
    #[command(flatten)]
    server: Server,
    /// The layout to write
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The device
    #[arg(long, value_enum, default_value_t = For::Tablet)]
    layout: For,
    /// The file version; 3 for TouchOSC from before 2024
    #[arg(long, value_name = "NUMBER", default_value = "5", value_parser = version)]
    file_version: Version,
    /// Also draw its pages (SVG)
    #[arg(long, value_name = "FILE", requires = "output")]
    preview: Option<PathBuf>,
}

/// The device that a layout is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum For {
    /// A tablet lying flat
    Tablet,
    /// A phone held upright
    Phone,
}

/// Writes the files.
///
/// # Errors
/// If the configuration is invalid, the daemon does not answer, or a file cannot be written.
pub fn run(args: &Args) -> Result<(), Failure> {
    let form = match args.layout {
        For::Tablet => Form::Tablet,
        For::Phone => Form::Phone,
    };
    let Some(output) = &args.output else { return pairing::layout(&args.server, form.name()) };
    let show = match &args.config {
        Some(file) => described(file)?,
        None => told(&args.server)?,
    };
    let layout = Layout::new(form, &show.tree());
    write(output, &tosc(&layout, args.file_version)?)?;
    match &args.preview {
        Some(path) => write(path, preview(&layout, &show.state)?.as_bytes()),
        None => Ok(()),
    }
}

/// The show of a configuration.
fn described(file: &Path) -> Result<Description, Failure> {
    let json = ask(Program::Daemon, "--describe", file).map_err(Failure::Config)?;
    serde_json::from_slice(&json).map_err(|error| {
        Failure::Config(format!(
            "cannot read downbeatd's description of the show: {error}. Install the same version of both"
        ))
    })
}

/// The show of the running daemon.
fn told(server: &Server) -> Result<Description, Failure> {
    let (session, _) = server.connect("touchosc", Role::Viewer, &Stop::listen()?)?;
    let view = session.wait(ANSWER, |view| view.status.is_some());
    let status = view.status.as_deref().cloned().unwrap_or_default();
    Ok(Description { state: (*view.state).clone(), schema: (*view.schema).clone(), status })
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::Output { path: path.to_owned(), why: error.to_string() };
    std::fs::write(path, bytes).map_err(failed)
}

fn version(text: &str) -> Result<Version, String> {
    text.parse().ok().and_then(Version::of).ok_or_else(|| "expected 5, or 3 for an old TouchOSC".into())
}
