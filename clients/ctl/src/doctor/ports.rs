//! The ports that a configuration asks for.

use serde_json::Value;
use std::net::{Ipv4Addr, SocketAddr};

/// Where a control of kind `osc` listens, if nobody says otherwise.
const OSC: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::UNSPECIFIED), 9000);

/// A port that the daemon listens on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// Its table.
    pub table: String,
    /// What it is for.
    pub purpose: Purpose,
    /// Its address.
    pub address: SocketAddr,
    /// UDP rather than TCP.
    pub udp: bool,
}

/// What a port is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// `listen`.
    Listen,
    /// `clock-port`.
    Clock,
    /// The port after `listen`: the daemon takes any free one for the clock if this one is taken.
    UsualClock,
}

/// The ports of a whole configuration. Port 0 is any free one, about which nothing can be said.
pub fn of(all: &Value) -> Vec<Port> {
    let mut ports = server(&all["server"]);
    ports.extend(port("web", &all["web"], None, false));
    for (name, table) in all["control"].as_object().into_iter().flatten() {
        let is_osc = table["kind"] == "osc";
        let name = format!("control.{name}");
        ports.extend(port(&name, table, is_osc.then_some(OSC), true));
        if is_osc && table["tcp"] != false {
            ports.extend(port(&name, table, Some(OSC), false));
        }
    }
    ports.retain(|port| port.address.port() != 0);
    ports
}

/// The port of a table that is on.
fn port(name: &str, table: &Value, usual: Option<SocketAddr>, udp: bool) -> Option<Port> {
    let address = match table["listen"].as_str() {
        Some(text) => text.parse().ok()?,
        None => usual?,
    };
    let is_on = table["enabled"] != false;
    is_on.then(|| Port { table: name.into(), purpose: Purpose::Listen, address, udp })
}

/// The server has a second port, for the clock.
fn server(table: &Value) -> Vec<Port> {
    let Some(listen) = port("server", table, None, true) else { return Vec::new() };
    let named = table["clock-port"].as_u64().and_then(|port| u16::try_from(port).ok());
    let (number, purpose) = match named {
        Some(number) => (number, Purpose::Clock),
        // After the last one there is none, and after any free one nobody knows which.
        None if listen.address.port() == 0 => (0, Purpose::UsualClock),
        None => (listen.address.port().checked_add(1).unwrap_or(0), Purpose::UsualClock),
    };
    let address = SocketAddr::new(listen.address.ip(), number);
    let clock = Port { purpose, address, ..listen.clone() };
    vec![listen, clock]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Table, number, and whether it is UDP.
    fn told(all: &Value) -> Vec<(String, u16, bool)> {
        of(all).into_iter().map(|port| (port.table, port.address.port(), port.udp)).collect()
    }

    #[test]
    fn the_clock_has_the_named_port_or_the_one_after_the_servers() {
        let server = |number: Option<u16>| {
            let mut table = json!({ "server": { "listen": "0.0.0.0:9440" } });
            number.into_iter().for_each(|number| table["server"]["clock-port"] = number.into());
            told(&table).into_iter().map(|(_, number, _)| number).collect::<Vec<_>>()
        };
        assert_eq!(
            [server(None), server(Some(7000)), server(Some(0))],
            [vec![9440, 9441], vec![9440, 7000], vec![9440]]
        );
    }

    #[test]
    fn an_osc_control_listens_by_udp_and_tcp_unless_told_otherwise() {
        let control = |table: Value| told(&json!({ "control": { "tablet": table } }));
        let port = |number, udp| ("control.tablet".to_owned(), number, udp);
        assert_eq!(control(json!({ "kind": "osc" })), [port(9000, true), port(9000, false)]);
        let quiet = json!({ "kind": "osc", "listen": "127.0.0.1:8000", "tcp": false });
        assert_eq!(control(quiet), [port(8000, true)]);
        assert_eq!(control(json!({ "kind": "osc", "enabled": false })), []);
        assert_eq!(control(json!({ "kind": "midi", "port": "apc" })), []);
    }
}
