//! The address of the daemons.

use crate::exit::Failure;
use crate::stop::Stop;
use downbeat_client::{Session, Settings, View};
use downbeat_protocol::DEFAULT_PORT;
use downbeat_protocol::message::Role;
use std::time::{Duration, Instant};

/// How long to look for the daemon.
const CONNECT: Duration = Duration::from_secs(3);
/// How long to wait between looks at Ctrl-C.
const NAP: Duration = Duration::from_millis(100);

/// The flags that select the daemon.
#[derive(Debug, Clone, clap::Args)]
pub struct Server {
    /// The daemon's address; append @NAME for one network interface, and its standby after a comma
    #[arg(long, value_name = "HOST:PORT", env = "DOWNBEAT_SERVER", default_value_t = format!("127.0.0.1:{DEFAULT_PORT}"))]
    server: String,
    /// Folder for this program's key and its paired daemons [default: $DOWNBEAT_KEYS or the state folder]
    #[arg(long, value_name = "DIR", default_value = "", hide_default_value = true)]
    keys: String,
    /// Follow a daemon on another machine without verifying it
    #[arg(long)]
    allow_unpaired: bool,
}

impl Server {
    /// The settings of a session.
    pub fn settings(&self, name: &str, role: Role) -> Result<Settings, Failure> {
        let settings = Settings::new(&self.address(), name, role);
        let settings = settings.with_keys(&self.keys, "ctl");
        Ok(Settings { allow_unpaired: self.allow_unpaired, ..settings })
    }

    /// Connects to the leading daemon. Returns the session and the first view.
    ///
    /// # Errors
    /// If none answers in time, or on Ctrl-C.
    pub fn connect(&self, name: &str, role: Role, stop: &Stop) -> Result<(Session, View), Failure> {
        self.connect_until(name, role, stop, |view| view.connected)
    }

    /// The same with any of the daemons, also one that stands by.
    pub fn connect_any(&self, name: &str, role: Role, stop: &Stop) -> Result<(Session, View), Failure> {
        self.connect_until(name, role, stop, |view| view.paths.iter().any(|path| path.daemon.is_some()))
    }

    fn connect_until(
        &self,
        name: &str,
        role: Role,
        stop: &Stop,
        is_there: impl Fn(&View) -> bool,
    ) -> Result<(Session, View), Failure> {
        let session = Session::start(self.settings(name, role)?);
        let end = Instant::now() + CONNECT;
        loop {
            let view = session.wait(NAP, &is_there);
            match () {
                () if is_there(&view) => return Ok((session, view)),
                () if stop.asked() => return Err(Failure::Cancelled),
                () if Instant::now() >= end => {
                    let why = if view.why.is_empty() { "no answer" } else { &view.why };
                    let stop = if why.ends_with('?') { "" } else { "." };
                    return Err(Failure::Refused(format!(
                        "no daemon at {}: {why}{stop} Start downbeatd there, or choose another address with --server",
                        self.address()
                    )));
                }
                () => {}
            }
        }
    }

    /// Hosts and ports; a missing port is the default one.
    pub fn address(&self) -> String {
        self.server.split(',').map(|server| whole(server.trim())).collect::<Vec<_>>().join(",")
    }
}

/// An address with a port: the default one if there is none.
pub fn whole(server: &str) -> String {
    if let Some((address, interface)) = server.rsplit_once('@') {
        return format!("{}@{interface}", whole(address));
    }
    if server == "mdns" || server.starts_with("mdns:") {
        return server.into();
    }
    match server.matches(':').count() {
        0 => format!("{server}:{DEFAULT_PORT}"),
        1 => server.into(),
        _ if server.ends_with(']') => format!("{server}:{DEFAULT_PORT}"),
        _ if server.starts_with('[') => server.into(),
        _ => format!("[{server}]:{DEFAULT_PORT}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_was_left_out_is_the_usual_one() {
        let address = |text: &str| Server { server: text.into(), keys: String::new(), allow_unpaired: false }.address();
        assert_eq!(address("booth"), "booth:9440");
        assert_eq!(address("booth:9000"), "booth:9000");
        assert_eq!(address("::1"), "[::1]:9440");
        assert_eq!(address("[::1]"), "[::1]:9440");
        assert_eq!(address("[::1]:9000"), "[::1]:9000");
        assert_eq!(address("mdns, mdns:friday"), "mdns,mdns:friday");
        assert_eq!(address("booth@eth1"), "booth:9440@eth1");
        assert_eq!(address("booth, spare:9000"), "booth:9440,spare:9000");
    }
}
