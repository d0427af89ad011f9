//! Runs the programs that own the configurations: only they can check their files.

use downbeat_config::Program;
use std::path::Path;
use std::process::Command;

/// Runs a program on a configuration with the flag `question`, without our environment variables. Returns its standard
/// output.
///
/// # Errors
/// Its standard error, if it fails or does not start.
pub fn ask(program: Program, question: &str, file: &Path) -> Result<Vec<u8>, String> {
    let program = program.name();
    let beside = std::env::current_exe().ok().map(|own| own.with_file_name(program)).filter(|path| path.is_file());
    let mut command = Command::new(beside.unwrap_or_else(|| program.into()));
    command.args([question, "--config"]).arg(file);
    for (name, _) in downbeat_config::environment() {
        command.env_remove(name);
    }
    let output = command.output().map_err(|error| {
        format!(
            "cannot start `{program}`: {error}. Install it next to downbeatctl or on the PATH: it checks its own files"
        )
    })?;
    let told = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(output.stdout) } else { Err(told.trim_end().to_owned()) }
}
