//! The service manager, which is told that a program is ready, alive or stopping (sd_notify(3)).
//!
//! One that hangs no longer reads its socket. What has no room there is dropped: nothing waits for it, least of all a
//! picture.

use std::ffi::OsStr;
use std::fmt::Display;
use std::io::{self, ErrorKind};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

/// Notifies the service manager that has started this process; does nothing without one. Never waits. False if there is
/// no room at the moment: what must arrive is to be said again.
///
/// # Errors
/// The service manager cannot be reached.
pub fn notify(states: &[impl Display]) -> io::Result<bool> {
    std::env::var_os("NOTIFY_SOCKET").map_or(Ok(true), |address| notify_at(&address, states))
}

/// Sends to a path, or to an abstract name after an `@`.
fn notify_at(address: &OsStr, states: &[impl Display]) -> io::Result<bool> {
    let address = match address.as_bytes() {
        [b'@', name @ ..] => SocketAddr::from_abstract_name(name)?,
        _ => SocketAddr::from_pathname(address)?,
    };
    let text: String = states.iter().map(|state| format!("{state}\n")).collect();
    let socket = UnixDatagram::unbound()?;
    socket.set_nonblocking(true)?;
    match socket.send_to_addr(text.as_bytes(), &address) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;
    use std::time::Duration;

    #[test]
    fn a_service_manager_that_reads_nothing_holds_up_nobody_and_hears_again_what_had_no_room() {
        let name = format!("downbeat-notify-{}", std::process::id());
        let path = std::env::temp_dir().join(&name);
        let at_path = UnixDatagram::bind(&path).expect("a socket");
        let by_name = SocketAddr::from_abstract_name(&name).expect("a name");
        let by_name = UnixDatagram::bind_addr(&by_name).expect("a socket");
        for (address, socket) in [(path.clone().into_os_string(), at_path), (format!("@{name}").into(), by_name)] {
            let (tell, told) = channel();
            let to = address.clone();
            std::thread::spawn(move || {
                let sent: Vec<bool> =
                    (0..1000).map(|_| notify_at(&to, &["WATCHDOG=1"]).expect("it is there")).collect();
                tell.send(sent)
            });
            let sent = told.recv_timeout(Duration::from_secs(20)).expect("nothing waits");
            assert_eq!((sent[0], sent[999]), (true, false), "{address:?}");
            let mut bytes = [0; 64];
            let length = socket.recv(&mut bytes).expect("the first");
            assert_eq!(&bytes[..length], b"WATCHDOG=1\n");
            assert!(notify_at(&address, &["READY=1", "STATUS=on"]).expect("it is there"), "there is room again");
            let mut length = 0;
            for _ in sent.iter().filter(|sent| **sent) {
                length = socket.recv(&mut bytes).expect("those that had room");
            }
            assert_eq!(&bytes[..length], b"READY=1\nSTATUS=on\n");
        }
        let _ = std::fs::remove_file(&path);
        assert!(notify_at(path.as_os_str(), &["READY=1"]).is_err(), "it is gone");
    }
}
