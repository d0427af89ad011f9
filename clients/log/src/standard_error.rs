//! Standard error, of which the log takes the original, and libraries the copy that never blocks.
//!
//! Graphics drivers and sound libraries write to it themselves, on any thread. On a paused terminal they would wait
//! there; what they cannot write at once is lost instead.

use std::fs::File;
use std::io::{self, Write, stderr};
use std::os::fd::AsFd;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};

/// Where this process finds its own standard error.
pub const PATH: &str = "/proc/self/fd/2";

/// The original, for the log. It may block.
pub fn take() -> Box<dyn Write + Send> {
    match stderr().as_fd().try_clone_to_owned() {
        Ok(original) => {
            // As before, if it does not work.
            let _ = let_nobody_wait();
            Box::new(File::from(original))
        }
        Err(_) => Box::new(stderr()),
    }
}

/// Lets this process write to its terminal in the background, too, where `stty tostop` would stop all of it at its first
/// line. The programs that it starts inherit that.
pub fn stop_for_no_terminal() {
    // SAFETY: no handler is installed, and the signal exists.
    #[expect(unsafe_code, reason = "the standard library ignores no signal")]
    unsafe {
        libc::signal(libc::SIGTTOU, libc::SIG_IGN);
    }
}

/// Replaces standard error by one that never blocks. A flag on the original would also be set for whoever shares it,
/// such as the shell. A regular file does not block, and a socket cannot be opened again.
fn let_nobody_wait() -> io::Result<()> {
    let kind = std::fs::metadata(PATH)?.file_type();
    if kind.is_char_device() || kind.is_fifo() {
        let copy = File::options().write(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY).open(PATH)?;
        nix::unistd::dup2_stderr(copy)?;
    }
    Ok(())
}
