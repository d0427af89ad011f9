//! Where the daemons are.

use crate::exit::Failure;
use downbeat_client::Settings;
use downbeat_protocol::DEFAULT_PORT;
use downbeat_protocol::message::Role;

/// The flag that says where the daemon is.
#[derive(Debug, Clone, clap::Args)]
pub struct Server {
    /// Where the daemon serves QUIC, through a network card where @NAME stands behind it; its standby after a comma
    #[arg(long, value_name = "HOST:PORT", env = "DOWNBEAT_SERVER", default_value_t = format!("127.0.0.1:{DEFAULT_PORT}"))]
    server: String,
    /// Where this program keeps its key and the daemons that it knows [default: $DOWNBEAT_KEYS or the state folder]
    #[arg(long, value_name = "DIR", default_value = "", hide_default_value = true)]
    keys: String,
    /// Follow a daemon on another machine although nobody has checked who it is
    #[arg(long)]
    allow_unpaired: bool,
}

impl Server {
    /// All that it takes to connect.
    pub fn settings(&self, name: &str, role: Role) -> Result<Settings, Failure> {
        let settings = Settings::new(&self.address(), name, role);
        let settings = settings.with_keys(&self.keys, "ctl").map_err(Failure::Config)?;
        Ok(Settings { allow_unpaired: self.allow_unpaired, ..settings })
    }

    /// Hosts and ports; a port that was left out is the usual one.
    pub fn address(&self) -> String {
        self.server.split(',').map(|server| whole(server.trim())).collect::<Vec<_>>().join(",")
    }
}

fn whole(server: &str) -> String {
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
