//! Resolves names without blocking.

use crossbeam_channel::{Receiver, Sender, bounded};
use std::io::{self, ErrorKind};
use std::net::{SocketAddr, ToSocketAddrs};

/// Resolves one name on request, on its own thread `resolve:NAME`.
pub struct Resolver {
    ask: Sender<()>,
    answers: Receiver<io::Result<SocketAddr>>,
}

impl Resolver {
    /// A resolver of `host:port`, for the output or control `name`.
    pub fn start(name: &str, target: &str) -> Self {
        let (ask, asked) = bounded::<()>(1);
        let (answer, answers) = bounded(1);
        let target = target.to_owned();
        let resolve = move || {
            for () in asked {
                if answer.send(first(&target)).is_err() {
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
        let _ = self.ask.try_send(());
    }

    /// The answer, when ready.
    pub fn answer(&self) -> Option<io::Result<SocketAddr>> {
        self.answers.try_recv().ok()
    }
}

/// The first address of a name, IPv4 before IPv6: few desks listen on both, and those that do not are older.
fn first(target: &str) -> io::Result<SocketAddr> {
    let all: Vec<SocketAddr> = target.to_socket_addrs()?.collect();
    let best = all.iter().find(|address| address.is_ipv4()).or(all.first());
    best.copied().ok_or_else(|| io::Error::new(ErrorKind::NotFound, "the name does not resolve"))
}
