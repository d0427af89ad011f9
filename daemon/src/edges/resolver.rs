//! Resolves names without blocking.

use crossbeam_channel::{Receiver, Sender, bounded};
use std::io::{self, ErrorKind};
use std::net::{SocketAddr, ToSocketAddrs};

/// Resolves one name on request, on its own thread `resolve:NAME`.
pub struct Resolver {
    /// With an address to keep if it is still one of the name's.
    ask: Sender<Option<SocketAddr>>,
    answers: Receiver<io::Result<SocketAddr>>,
}

impl Resolver {
    /// A resolver of `host:port`, for the output or control `name`.
    pub fn start(name: &str, target: &str) -> Self {
        let (ask, asked) = bounded::<Option<SocketAddr>>(1);
        let (answer, answers) = bounded(1);
        let target = target.to_owned();
        let resolve = move || {
            for keep in asked {
                if answer.send(first(&target, keep)).is_err() {
                    return;
                }
            }
        };
        if let Err(error) = std::thread::Builder::new().name(format!("resolve:{name}")).spawn(resolve) {
            tracing::error!("{name}: cannot start a thread to resolve names: {error}");
        }
        Self { ask, answers }
    }

    /// Starts resolving, unless already in progress.
    pub fn ask(&self) {
        let _ = self.ask.try_send(None);
    }

    /// The same, for whoever is well with an address: a name may have several, in any order.
    pub fn ask_unless(&self, keep: SocketAddr) {
        let _ = self.ask.try_send(Some(keep));
    }

    /// The answer, when ready.
    pub fn answer(&self) -> Option<io::Result<SocketAddr>> {
        self.answers.try_recv().ok()
    }
}

/// The address to keep, if it is one of the name's; otherwise its first one, IPv4 before IPv6: few desks listen on both,
/// and those that do not are older.
fn first(target: &str, keep: Option<SocketAddr>) -> io::Result<SocketAddr> {
    let all: Vec<SocketAddr> = target.to_socket_addrs()?.collect();
    let kept = all.iter().find(|address| keep == Some(**address));
    let best = kept.or(all.iter().find(|address| address.is_ipv4())).or(all.first());
    best.copied().ok_or_else(|| io::Error::new(ErrorKind::NotFound, "the name does not resolve"))
}
