//! Where the daemon is.

use downbeat_protocol::DEFAULT_PORT;

/// The flag that says where the daemon is.
#[derive(Debug, Clone, clap::Args)]
pub struct Server {
    /// Where the daemon serves QUIC
    #[arg(long, value_name = "HOST:PORT", env = "DOWNBEAT_SERVER", default_value_t = format!("127.0.0.1:{DEFAULT_PORT}"))]
    server: String,
}

impl Server {
    /// Host and port; a port that was left out is the usual one.
    pub fn address(&self) -> String {
        let bracketed_only = self.server.ends_with(']');
        let colons = self.server.matches(':').count();
        match colons {
            0 => format!("{}:{DEFAULT_PORT}", self.server),
            1 => self.server.clone(),
            _ if bracketed_only => format!("{}:{DEFAULT_PORT}", self.server),
            _ if self.server.starts_with('[') => self.server.clone(),
            _ => format!("[{}]:{DEFAULT_PORT}", self.server),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_was_left_out_is_the_usual_one() {
        let address = |text: &str| Server { server: text.into() }.address();
        assert_eq!(address("booth"), "booth:9440");
        assert_eq!(address("booth:9000"), "booth:9000");
        assert_eq!(address("::1"), "[::1]:9440");
        assert_eq!(address("[::1]"), "[::1]:9440");
        assert_eq!(address("[::1]:9000"), "[::1]:9000");
    }
}
