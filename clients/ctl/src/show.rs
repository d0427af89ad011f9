//! `downbeatctl show`: the show's cues and rules, as they are now, as a piece of a configuration.

use crate::exit::Failure;
use crate::server::Server;
use crate::stop::Stop;
use downbeat_config::show_file;
use downbeat_protocol::message::Role;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Print the show's cues and rules as they are now
///
/// What was edited while the show ran is in it. Written into a file beside the daemon's configuration
/// (CONFIG.toml.d/show.toml), it is what the daemon starts with.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    server: Server,
    /// Write them into a file instead
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
}

/// Prints or saves.
///
/// # Errors
/// When the daemon is not there, or the file cannot be written.
pub fn run(args: &Args) -> Result<(), Failure> {
    let stop = Stop::listen()?;
    let name = format!("show-{}", std::process::id());
    let (_session, view) = args.server.connect(&name, Role::Viewer, &stop)?;
    let text = show_file(&view.show, &view.state);
    match &args.save {
        Some(path) => store(path, &text),
        None => Ok(write!(std::io::stdout(), "{text}")?),
    }
}

/// Whoever reads the file finds the old or the new one whole.
fn store(path: &Path, text: &str) -> Result<(), Failure> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(".new");
    let draft = PathBuf::from(draft);
    let written = std::fs::write(&draft, text).and_then(|()| std::fs::rename(&draft, path));
    written.map_err(|error| Failure::Output { path: path.to_owned(), why: error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_whole_and_one_that_cannot_be_is_named() {
        let directory = tempfile::TempDir::new().expect("a directory");
        let path = directory.path().join("show.toml");
        store(&path, "# nothing\n").expect("written");
        assert_eq!(std::fs::read_to_string(&path).expect("read"), "# nothing\n");
        let error = store(&directory.path().join("no/show.toml"), "").expect_err("no folder");
        assert!(error.to_string().contains("no/show.toml: cannot be written"), "{error}");
    }
}
