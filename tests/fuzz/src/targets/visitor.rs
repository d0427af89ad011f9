//! The headers by which the web server decides who asks: `Host`, `Origin`, `Cookie`, one a line.

use downbeat_peer::identity::Acquaintances;
use downbeatd::web::access::{Credentials, Visitor, admit};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Nobody without a code gets in from elsewhere, and no page of another server gets in from this machine.
pub fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.splitn(3, '\n');
    let [host, origin, cookies] = std::array::from_fn(|_| lines.next().unwrap_or_default());
    let known = Acquaintances::none();
    let visitor = |ip: [u8; 4]| Visitor {
        peer: SocketAddr::new(IpAddr::V4(Ipv4Addr::from(ip)), 50_000),
        local: SocketAddr::new(IpAddr::V4(Ipv4Addr::from([192, 0, 2, 1])), 9480),
        is_secure: false,
        line: None,
    };
    for origin in [None, Some(origin)] {
        let credentials = Credentials { host, origin, cookies };
        assert!(admit(visitor([192, 0, 2, 7]), credentials, &known, false).is_err(), "a stranger is let in");
        let here = admit(visitor([192, 0, 2, 1]), credentials, &known, false);
        if origin.is_some_and(|origin| origin.split_once("://").is_none_or(|(_, authority)| authority != host)) {
            assert!(here.is_err(), "the page of another server acts for its reader");
        }
    }
}

/// A browser here, one with a cookie, and one on another server's page.
pub fn seeds() -> Vec<Vec<u8>> {
    let token = "5a".repeat(32);
    [
        "localhost:9480\nhttp://localhost:9480\n".to_owned(),
        format!("192.0.2.1:9480\nhttp://192.0.2.1:9480\nother=1; downbeat={token}"),
        "[::1]:9480\nhttps://example.org\ndownbeat=".to_owned(),
        "box.local\nnull\n".to_owned(),
    ]
    .map(String::into_bytes)
    .into()
}
