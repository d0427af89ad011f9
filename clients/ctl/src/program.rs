//! The programs whose configurations they are: only they know what their files mean.

use downbeat_config::Program;
use std::path::Path;
use std::process::Command;

/// Asks a program something about a configuration, and hands back what it prints; `Err` is what it complains of. The
/// environment is left out.
pub fn ask(program: Program, question: &str, file: &Path) -> Result<Vec<u8>, String> {
    let program = program.name();
    let beside = std::env::current_exe().ok().map(|own| own.with_file_name(program)).filter(|path| path.is_file());
    let mut command = Command::new(beside.unwrap_or_else(|| program.into()));
    command.args([question, "--config"]).arg(file);
    for (name, _) in downbeat_config::environment() {
        command.env_remove(name);
    }
    let output = command.output().map_err(|error| {
        format!("`{program}` cannot be started: {error}. Install it beside downbeatctl or on the PATH: it reads its own files")
    })?;
    let told = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(output.stdout) } else { Err(told.trim_end().to_owned()) }
}
