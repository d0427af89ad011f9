//! Which browsers and programs are admitted, and in which role.
//!
//! Clients on this machine and on trusted networks need no code, but must use one of our own names: otherwise any web
//! page could point its own name here and act for its reader. All others present a token in a cookie, obtained with a
//! code.

use downbeat_peer::identity::{Acquaintances, Fingerprint, at_home, hex};
use downbeat_protocol::message::Role;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::RawFd;

/// The name of the cookie.
pub const COOKIE: &str = "downbeat";

/// Both ends of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visitor {
    /// The other end.
    pub peer: SocketAddr,
    /// Our end.
    pub local: SocketAddr,
    /// By HTTPS.
    pub is_secure: bool,
    /// The socket, which is open for as long as anything is served by it; none for another kind of stream.
    pub line: Option<RawFd>,
}

impl Visitor {
    /// Whether it is on this machine.
    pub fn is_at_home(&self) -> bool {
        at_home(self.peer.ip(), Some(self.local.ip()))
    }
}

/// The origin of a request, by its headers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Credentials<'a> {
    /// The header `Host`.
    pub host: &'a str,
    /// The header `Origin`, which browsers send with requests of other pages.
    pub origin: Option<&'a str>,
    /// The header `Cookie`.
    pub cookies: &'a str,
}

/// Why a client is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A page of another server asks.
    #[error("request from another server's page; open the page of this one")]
    OtherOrigin,
    /// It is unknown.
    #[error("enter a code: run `downbeatctl web` on the daemon's machine to get one")]
    CodeNeeded,
}

/// The role of a request.
///
/// # Errors
/// If it is refused.
pub fn admit(
    visitor: Visitor,
    credentials: Credentials<'_>,
    known: &Acquaintances,
    is_trusted: bool,
) -> Result<Role, Refusal> {
    let authority = |origin: &str| origin.split_once("://").map(|(_, authority)| authority.to_owned());
    if credentials.origin.is_some_and(|origin| authority(origin).as_deref() != Some(credentials.host)) {
        return Err(Refusal::OtherOrigin);
    }
    if let Some(paired) = key(credentials.cookies).and_then(|key| known.find(&key)) {
        return Ok(paired.role);
    }
    let is_free = is_trusted || visitor.is_at_home();
    if is_free && is_own_name(credentials.host) { Ok(Role::Controller) } else { Err(Refusal::CodeNeeded) }
}

/// The peer with the token in a request's cookies, if known.
pub fn key(cookies: &str) -> Option<Fingerprint> {
    token(cookies).map(|token| Fingerprint::of(&token))
}

/// The token in a request's cookies.
fn token(cookies: &str) -> Option<Vec<u8>> {
    let value = cookies.split(';').find_map(|cookie| cookie.trim().strip_prefix(COOKIE)?.strip_prefix('='))?;
    hex::bytes(value).filter(|token| token.len() == 32)
}

/// Whether a `Host` reaches this machine only from itself.
pub fn is_loopback(host: &str) -> bool {
    let name = name(host);
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// A `Host` without its port.
fn name(host: &str) -> &str {
    match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    }
}

/// Whether a `Host` is an address, or a name that this machine has by itself.
fn is_own_name(host: &str) -> bool {
    let name = name(host);
    let is_ours = |name: &str| {
        let name = name.strip_suffix(".local").unwrap_or(name);
        let own = ["localhost".to_owned(), hostname(), announced()];
        !name.is_empty() && own.iter().any(|own| name.eq_ignore_ascii_case(own))
    };
    name.parse::<IpAddr>().is_ok() || is_ours(name)
}

/// This server's name on the local network; other services of this machine announce their own.
pub fn announced() -> String {
    format!("{}-downbeat", hostname())
}

/// This machine's name, without its domain.
pub fn hostname() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    name.trim().split('.').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_peer::identity::Acquaintance;

    fn visitor(peer: &str) -> Visitor {
        let at = |ip: &str| SocketAddr::new(ip.parse().expect("an address"), 9480);
        Visitor { peer: at(peer), local: at("192.0.2.7"), is_secure: false, line: None }
    }

    fn asks(
        peer: &str,
        host: &str,
        origin: Option<&str>,
        cookies: &str,
        known: &Acquaintances,
    ) -> Result<Role, Refusal> {
        admit(visitor(peer), Credentials { host, origin, cookies }, known, peer == "192.0.2.99")
    }

    #[test]
    fn this_machine_is_free_but_not_for_a_page_that_has_its_own_name_lead_here() {
        let nobody = Acquaintances::none();
        let ours = [format!("{}.local:9480", announced()), format!("{}:9480", hostname())];
        let hosts = ["localhost:9480", "127.0.0.1:9480", "[::1]:9480", "192.0.2.7:9480", "LOCALHOST"];
        for host in hosts.into_iter().chain(ours.iter().map(String::as_str)) {
            assert_eq!(asks("127.0.0.1", host, None, "", &nobody), Ok(Role::Controller), "{host}");
        }
        assert_eq!(asks("192.0.2.7", "192.0.2.7:9480", None, "", &nobody), Ok(Role::Controller), "its own address");
        assert_eq!(asks("127.0.0.1", "evil.example:9480", None, "", &nobody), Err(Refusal::CodeNeeded));
        let evil = Some("http://evil.example");
        assert_eq!(asks("127.0.0.1", "localhost:9480", evil, "", &nobody), Err(Refusal::OtherOrigin));
        assert_eq!(asks("127.0.0.1", "localhost:9480", Some("null"), "", &nobody), Err(Refusal::OtherOrigin));
        let ours = Some("http://localhost:9480");
        assert_eq!(asks("127.0.0.1", "localhost:9480", ours, "", &nobody), Ok(Role::Controller));
    }

    #[test]
    fn a_name_that_leads_everybody_to_himself_is_known() {
        assert!(["localhost:9480", "127.0.0.1:9480", "[::1]:9480"].into_iter().all(is_loopback));
        assert!(!["192.0.2.7:9480", "rig.local:9480", "[2001:db8::7]:9480"].into_iter().any(is_loopback));
    }

    #[test]
    fn from_elsewhere_a_token_is_needed_and_tells_the_role() {
        let known = Acquaintances::none();
        let fingerprint = Fingerprint::of(&[7; 32]);
        known.add(Acquaintance { name: "phone".into(), role: Role::Viewer, fingerprint }).expect("kept");
        let cookie = format!("a=b; {COOKIE}={}; c=d", hex::digits(&[7; 32]));
        let host = "rig.example:9480";
        assert_eq!(asks("192.0.2.8", host, None, &cookie, &known), Ok(Role::Viewer));
        assert_eq!(asks("192.0.2.8", host, None, "", &known), Err(Refusal::CodeNeeded));
        let forged = format!("{COOKIE}={}", hex::digits(&[8; 32]));
        assert_eq!(asks("192.0.2.8", host, None, &forged, &known), Err(Refusal::CodeNeeded));
        assert_eq!(asks("192.0.2.99", "192.0.2.7", None, "", &known), Ok(Role::Controller), "a trusted network");
    }
}
