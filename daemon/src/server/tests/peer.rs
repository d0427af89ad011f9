//! A hand-written client, which can do everything wrong.

use super::LIMIT;
use downbeat_client::clock::Key;
use downbeat_peer::identity::tls::Holder;
use downbeat_protocol::ALPN;
use downbeat_protocol::message::{self, ClientMessage, Role, ServerMessage};
use quinn::crypto::rustls::QuicClientConfig;
use quinn::{ClientConfig, Connection, ConnectionError, Endpoint, RecvStream, SendStream, TransportConfig, VarInt};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::time::timeout;

pub struct Peer {
    runtime: Runtime,
    _endpoint: Endpoint,
    connection: Connection,
    send: SendStream,
    receive: RecvStream,
}

impl Peer {
    pub fn connect(port: u16) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("runs");
        let (endpoint, connection, (send, receive)) = runtime.block_on(async {
            let endpoint = Endpoint::client(([127, 0, 0, 1], 0).into()).expect("a socket");
            let connecting = endpoint.connect_with(config(), ([127, 0, 0, 1], port).into(), "downbeat");
            let connection = timeout(LIMIT, connecting.expect("connects")).await.expect("in time").expect("connects");
            let streams = connection.open_bi().await.expect("a stream");
            (endpoint, connection, streams)
        });
        Self { runtime, _endpoint: endpoint, connection, send, receive }
    }

    pub fn hello(version: u16) -> ClientMessage {
        ClientMessage::Hello { version, name: "client".into(), role: Role::Viewer, term: 0, epoch: 0, daemon: None }
    }

    pub fn say(&mut self, message: &ClientMessage) {
        assert!(self.try_say(message), "cannot say {message:?}");
    }

    pub fn try_say(&mut self, message: &ClientMessage) -> bool {
        let bytes = message::encode(message).expect("encodes");
        self.runtime.block_on(self.send.write_all(&bytes)).is_ok()
    }

    pub fn say_bytes(&mut self, bytes: &[u8]) {
        self.runtime.block_on(self.send.write_all(bytes)).expect("written");
    }

    pub fn datagram(&mut self, bytes: &'static [u8]) {
        self.connection.send_datagram(bytes.into()).expect("sent");
    }

    pub fn read(&mut self) -> Result<ServerMessage, String> {
        let receive = &mut self.receive;
        let message = async {
            let mut head = [0; 4];
            receive.read_exact(&mut head).await.map_err(|error| error.to_string())?;
            let mut body = vec![0; message::decode_len(head).map_err(|error| error.to_string())?];
            receive.read_exact(&mut body).await.map_err(|error| error.to_string())?;
            message::decode(&body).map_err(|error| error.to_string())
        };
        self.runtime.block_on(async { timeout(LIMIT, message).await }).map_err(|_| "nothing came".to_owned())?
    }

    /// The key of its clock packets.
    pub fn key(&self) -> Key {
        Key::of(&self.connection).expect("the handshake is done")
    }

    /// Waits for the code with which the daemon closes the connection.
    pub fn close_code(&mut self) -> Option<u32> {
        match self.runtime.block_on(async { timeout(LIMIT, self.connection.closed()).await }) {
            Ok(ConnectionError::ApplicationClosed(closed)) => u32::try_from(u64::from(closed.error_code)).ok(),
            other => panic!("not closed by the daemon: {other:?}"),
        }
    }
}

fn config() -> ClientConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut crypto = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("TLS 1.3")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Holder::default()))
        .with_no_client_auth();
    crypto.alpn_protocols = vec![ALPN.to_vec()];
    let mut transport = TransportConfig::default();
    transport
        .keep_alive_interval(Some(Duration::from_millis(200)))
        .stream_receive_window(VarInt::from_u32(64 * 1024))
        .datagram_receive_buffer_size(Some(64 * 1024));
    let mut config = ClientConfig::new(Arc::new(QuicClientConfig::try_from(crypto).expect("a cipher")));
    config.transport_config(Arc::new(transport));
    config
}
