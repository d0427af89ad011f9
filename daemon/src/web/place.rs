//! Where the page is served, and how others reach it.

use super::{access, layouts};
use crate::clock::host_now;
use crate::server::keys::Passes;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// Where the page is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Where it listens.
    pub address: SocketAddr,
    /// By HTTPS.
    pub is_secure: bool,
}

/// Where the page is served, while it is: for those who point others to it. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Page(Arc<Mutex<Option<Place>>>);

impl Page {
    /// It is served there from now on, or nowhere.
    pub fn set(&self, place: Option<Place>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = place;
    }

    /// Where it is served now.
    pub fn place(&self) -> Option<Place> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// What to do where nobody but this machine can open the page.
    pub const NOT_REACHED: &str = "only the daemon's own machine can open its page: write listen = \"0.0.0.0:9480\" under [web] in its configuration";

    /// A page at a host, with its port where it has one.
    pub fn origin(&self, host: &str) -> String {
        format!("{}://{host}", if self.is_secure { "https" } else { "http" })
    }

    /// Where a browser finds the page, as this machine is reached now; the likeliest first.
    pub fn urls(&self) -> Vec<String> {
        if !self.address.ip().is_unspecified() {
            return vec![self.to_string()];
        }
        let port = self.address.port();
        let reached = downbeat_peer::host::addresses().into_iter().map(|ip| SocketAddr::new(ip, port).to_string());
        reached.chain([format!("{}.local:{port}", access::hostname())]).map(|host| self.origin(&host)).collect()
    }

    /// Where a tablet fetches the layout of a name. None where nobody but this machine can, and where there is no such layout.
    pub fn layout_url(&self, form: &str, passes: &Passes) -> Option<String> {
        let origin = self.urls().into_iter().next().filter(|_| !self.address.ip().is_loopback())?;
        layouts::link(&origin, form, &passes.issue(host_now())?)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.origin(&self.address.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layout_has_a_link_where_others_reach_the_page() {
        let url = |address: &str, is_secure| {
            let place = Place { address: address.parse().expect("an address"), is_secure };
            place.layout_url("phone", &Passes::default())
        };
        let link = url("192.0.2.7:9480", true).expect("a link");
        assert!(link.starts_with("https://192.0.2.7:9480/layout/phone.tosc?pass="), "{link}");
        assert_eq!(url("127.0.0.1:9480", false), None);
    }
}
