//! Finds outputs and feedback aimed at the daemon's own controls: it would take what it tells for commands.

use crate::config::{Config, Peer};
use crate::edges::own::is_own;
use crate::exit::Failure;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Where an OSC control listens by default.
const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 9000);

/// A failure for each of them, with its place.
pub(super) fn failures(config: &Config) -> Vec<Failure> {
    let osc = |peers: &'_ [Peer]| peers.iter().filter(|peer| peer.kind == "osc").cloned().collect::<Vec<_>>();
    let controls = osc(&config.controls);
    let mut failures = Vec::new();
    let mut aimed = |section: &str, peer: &Peer, key: &str, targets: Vec<String>| {
        for target in targets {
            if let Some(control) = controls.iter().find(|control| reaches(&target, listen(control))) {
                let path = [section, &peer.name, key].map(str::to_owned);
                let why = format!(
                    "{target} is this daemon's own [control.{}]: it would take what it tells for commands. Send to the port of \
                     another program, or give the control another `listen`",
                    control.name
                );
                failures.push(config.fault(&path, why).into());
            }
        }
    };
    for output in osc(&config.outputs) {
        aimed("output", &output, "target", texts(&output, "target"));
    }
    for control in &controls {
        aimed("control", control, "feedback-to", texts(control, "feedback-to"));
        // All that reaches such a control is on this machine; elsewhere, a tablet may well use the same port.
        let own = listen(control).ip();
        if own.is_loopback() {
            let ports = texts(control, "feedback-port").into_iter().filter_map(|port| port.parse().ok());
            let targets = ports.map(|port| SocketAddr::new(own, port).to_string()).collect();
            aimed("control", control, "feedback-port", targets);
        }
    }
    failures
}

/// The text or texts of a key; none if it is something else, which is reported elsewhere.
fn texts(peer: &Peer, key: &str) -> Vec<String> {
    let Some(value) = peer.table.clone().into_table().ok().and_then(|mut table| table.remove(key)) else {
        return Vec::new();
    };
    match value.clone().into_array() {
        Ok(values) => values.into_iter().filter_map(|value| value.into_string().ok()).collect(),
        Err(_) => value.into_string().into_iter().collect(),
    }
}

fn listen(control: &Peer) -> SocketAddr {
    texts(control, "listen").first().and_then(|text| text.parse().ok()).unwrap_or(LISTEN)
}

/// Whether a target, `host:port`, is where a control listens. Other names than this machine's own are not looked up.
fn reaches(target: &str, listen: SocketAddr) -> bool {
    let Some((host, port)) = target.rsplit_once(':') else { return false };
    if port.parse() != Ok(listen.port()) || listen.port() == 0 {
        return false;
    }
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let everywhere = listen.ip().is_unspecified();
    match host.parse::<IpAddr>().map(|ip| ip.to_canonical()) {
        // A target of no address is this machine, and a broadcast reaches it, too.
        Ok(ip) if ip.is_unspecified() || ip == IpAddr::V4(Ipv4Addr::BROADCAST) => {
            everywhere || listen.ip().is_loopback()
        }
        Ok(ip) => ip == listen.ip().to_canonical() || everywhere && is_own(ip),
        Err(_) => is_own_name(host) && (everywhere || listen.ip().is_loopback() || is_own(listen.ip())),
    }
}

fn is_own_name(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_lowercase();
    let own = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default().trim().to_lowercase();
    let short = own.split('.').next().unwrap_or_default().to_owned();
    let is_own = !short.is_empty() && (name == own || name == short || name == format!("{short}.local"));
    is_own || name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(listen: &str) -> SocketAddr {
        listen.parse().expect("an address")
    }

    #[test]
    fn every_name_of_this_machine_is_known() {
        let hostname = std::fs::read_to_string("/proc/sys/kernel/hostname").expect("a name");
        let name = format!("{}:9000", hostname.trim().to_uppercase());
        for target in ["127.0.0.1:9000", "127.0.0.2:9000", "[::1]:9000", "localhost:9000", "0.0.0.0:9000", &name] {
            assert!(reaches(target, at("0.0.0.0:9000")), "{target}");
        }
        assert!(reaches("127.0.0.1:9000", at("127.0.0.1:9000")));
        assert!(reaches("192.0.2.7:9000", at("192.0.2.7:9000")));
        assert!(reaches("255.255.255.255:9000", at("0.0.0.0:9000")));
    }

    #[test]
    fn another_port_or_machine_is_another() {
        assert!(!reaches("127.0.0.1:9001", at("0.0.0.0:9000")));
        assert!(!reaches("192.0.2.10:9000", at("0.0.0.0:9000")));
        assert!(!reaches("desk.example:9000", at("0.0.0.0:9000")));
        assert!(!reaches("127.0.0.1:9000", at("192.0.2.7:9000")), "the control listens elsewhere");
        assert!(!reaches("nonsense", at("0.0.0.0:9000")));
    }
}
