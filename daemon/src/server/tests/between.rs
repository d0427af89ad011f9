//! A man in the middle between a client and the daemon, with its own key, that relays both.

use downbeat_peer::identity::{Identity, tls};
use quinn::{ClientConfig, Endpoint, RecvStream, SendStream, ServerConfig};
use std::sync::Arc;
use tokio::runtime::Runtime;

pub struct Between {
    pub port: u16,
    _runtime: Runtime,
}

impl Between {
    pub fn and(daemon: u16) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("runs");
        let identity = Identity::new().expect("made");
        let server = ServerConfig::with_crypto(Arc::new(tls::server(&identity).expect("TLS")));
        let client = ClientConfig::new(Arc::new(tls::client(&identity).expect("TLS")));
        let near = runtime.block_on(async { Endpoint::server(server, ([127, 0, 0, 1], 0).into()) }).expect("a socket");
        let port = near.local_addr().expect("bound").port();
        runtime.spawn(async move {
            let far = Endpoint::client(([127, 0, 0, 1], 0).into()).expect("a socket");
            while let Some(incoming) = near.accept().await {
                let (far, client) = (far.clone(), client.clone());
                tokio::spawn(async move {
                    let to_client = incoming.await.ok()?;
                    let to_daemon =
                        far.connect_with(client, ([127, 0, 0, 1], daemon).into(), tls::SERVER_NAME).ok()?.await.ok()?;
                    let (answers, questions) = to_client.accept_bi().await.ok()?;
                    let (asks, hears) = to_daemon.open_bi().await.ok()?;
                    tokio::join!(pass(questions, asks), pass(hears, answers));
                    Some(())
                });
            }
        });
        Self { port, _runtime: runtime }
    }
}

async fn pass(mut from: RecvStream, mut to: SendStream) {
    while let Ok(Some(chunk)) = from.read_chunk(4_096, true).await {
        if to.write_chunk(chunk.bytes).await.is_err() {
            return;
        }
    }
}
