//! The thread `quic:NAME`: packets in and out, and a task for each connection.

use super::admission::AdmissionPolicy;
use super::connection::ConnectionHandler;
use super::subscribers::Subscribers;
use crate::dispatch::Health;
use crate::server::ServerContext;
use crate::threads::{self, Heart};
use downbeat_peer::identity::Acquaintances;
use downbeat_protocol::close;
use quinn::{Endpoint, EndpointConfig, Incoming, ServerConfig, TokioRuntime, VarInt};
use std::io;
use std::net::UdpSocket;
use std::pin::pin;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::time::timeout;

/// Number from which a newcomer must first prove its address (RFC 9000, 8.1.2).
const CROWDED: usize = 64;
/// Time to close all connections.
const GOODBYE: Duration = Duration::from_millis(200);
/// Pause before reusing a failed socket.
const AGAIN: Duration = Duration::from_secs(1);
/// How long a look at the pairings may take without a word.
const SLOW: Duration = Duration::from_secs(4);

/// The thread's parameters.
pub struct Listener {
    pub socket: UdpSocket,
    pub config: ServerConfig,
    pub policy: AdmissionPolicy,
    pub context: ServerContext,
    pub subscribers: Subscribers,
    pub health: Arc<Health>,
}

/// The running thread.
pub struct Running {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Listener {
    /// Starts accepting.
    pub fn start(self, name: &str) -> io::Result<Running> {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().thread_name("quic:blocking").build()?;
        let (stop, stopped) = oneshot::channel();
        let thread_name = format!("quic:{name}");
        let heart = threads::watchdog().heart(&thread_name);
        let name = name.to_owned();
        let run = move || {
            self.run(&runtime, &name, heart, stopped);
            // A disk that hangs must not delay the end.
            runtime.shutdown_background();
        };
        let thread = std::thread::Builder::new().name(thread_name).spawn(run)?;
        Ok(Running { stop, thread })
    }

    fn run(self, runtime: &Runtime, name: &str, heart: Heart, mut stopped: oneshot::Receiver<()>) {
        let Self { socket, config, policy, context, subscribers, health } = self;
        let handler = Arc::new(ConnectionHandler::new(policy, context, subscribers, Arc::clone(&health)));
        runtime.block_on(async {
            tokio::spawn(heart.go_on_beating());
            tokio::spawn(watch(handler.context.keys.known.clone()));
            let mut has_failed = false;
            loop {
                let endpoint = match open(&socket, &config) {
                    Ok(endpoint) => endpoint,
                    Err(error) => {
                        has_failed = true;
                        health.set_error(name, format!("socket failed: {error}"));
                        tokio::select! {
                            () = tokio::time::sleep(AGAIN) => continue,
                            _ = &mut stopped => return,
                        }
                    }
                };
                // Another fault, such as that of the clock port, stays.
                if std::mem::take(&mut has_failed) {
                    health.set_error(name, "");
                }
                tokio::select! {
                    () = accept(&endpoint, &handler) => {}
                    // An error means that the output is gone, with the same effect.
                    _ = &mut stopped => {
                        endpoint.close(VarInt::from_u32(close::GOODBYE), b"its server is closing");
                        let _ = timeout(GOODBYE, endpoint.wait_idle()).await;
                        return;
                    }
                }
            }
        });
    }
}

impl Running {
    /// Whether the thread has died.
    pub fn has_died(&self) -> bool {
        self.thread.is_finished()
    }

    /// Closes all connections and ends the thread; the port is then free.
    pub fn stop(self) {
        let Self { stop, thread } = self;
        // The thread may have ended already; then nobody listens.
        let _ = stop.send(());
        let _ = thread.join();
    }
}

fn open(socket: &UdpSocket, config: &ServerConfig) -> io::Result<Endpoint> {
    let socket = socket.try_clone()?;
    Endpoint::new(EndpointConfig::default(), Some(config.clone()), socket, Arc::new(TokioRuntime))
}

/// Checks once a second for manual changes of the pairings. While a look hangs there is no other.
async fn watch(known: Acquaintances) {
    // What was wrong at the start has been told.
    let mut said = known.trouble().unwrap_or_default();
    loop {
        tokio::time::sleep(AGAIN).await;
        let mut look = pin!(known.reload_aside());
        let looked = match timeout(SLOW, &mut look).await {
            Ok(looked) => looked,
            Err(_) => {
                said = "the disk of the list of peers does not answer".into();
                tracing::warn!("pairing: {said}. Until it does, the pairings known so far stay valid");
                look.await
            }
        };
        let wrong = looked.err().unwrap_or_default();
        if !wrong.is_empty() && wrong != said {
            tracing::warn!("pairing: {wrong}. Until then the pairings known so far stay valid");
        } else if wrong.is_empty() && !said.is_empty() {
            tracing::info!("pairing: the list of peers is in use again");
        }
        said = wrong;
    }
}

/// Accepts connections until the socket fails.
async fn accept(endpoint: &Endpoint, handler: &Arc<ConnectionHandler>) {
    while let Some(incoming) = endpoint.accept().await {
        // How many there may be is up to the handler, which knows whose they are.
        match endpoint.open_connections() {
            CROWDED.. if !incoming.remote_address_validated() => prove_address(incoming),
            _ => {
                let handler = Arc::clone(handler);
                tokio::spawn(async move { handler.receive(incoming).await });
            }
        }
    }
}

fn prove_address(incoming: Incoming) {
    if let Err(error) = incoming.retry() {
        error.into_incoming().refuse();
    }
}
