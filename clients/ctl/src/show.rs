//! `downbeatctl show`: the current cues and rules of the show, in the format of the configuration.

use crate::exit::Failure;
use crate::server::Server;
use crate::stop::Stop;
use downbeat_config::show_file;
use downbeat_protocol::message::Role;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Print the show's current cues and rules
///
/// Includes edits made while the show runs. To start the daemon with them, save them beside its configuration
/// (CONFIG.toml.d/show.toml).
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    server: Server,
    /// Write them to a file instead
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
}

/// Prints or saves.
///
/// # Errors
/// If the daemon is absent, or the file cannot be written.
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

/// Writes atomically: a reader sees the whole old or the whole new file.
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
        assert!(error.to_string().contains("no/show.toml: "), "{error}");
    }
}
