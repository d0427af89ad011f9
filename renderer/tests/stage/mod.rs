//! A daemon that plays the rehearsal: welcomes, rows, clock. Records what a node sends to it.

use downbeat_protocol::datagram::{self, Datagram, Head, Pong, Published};
use downbeat_protocol::message::{self, ClientMessage, Daemon, ServerMessage};
use downbeat_protocol::status::Report;
use downbeat_protocol::{ALPN, Row, ShowState, ShowTime, Timeline, VERSION};
use downbeat_renderer::feed::Feed;
use downbeat_renderer::rehearsal::Rehearsal;
use quinn::{Connection, Endpoint, ServerConfig};
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The usual hop: 256 samples at 48 kHz.
const HOP_NS: i64 = 5_333_333;
/// Rows repeated in each datagram.
const REPEATED: u64 = 3;

/// Show time is the same for all stages of a test program: one that is opened again goes on with the show.
fn now() -> ShowTime {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    Rehearsal::DROP.offset(-8_000_000_000) + START.elapsed()
}

/// An open stage; closes when dropped.
pub struct Stage {
    pub address: SocketAddr,
    heard: Arc<Mutex<Received>>,
    runtime: Option<tokio::runtime::Runtime>,
    endpoint: Endpoint,
}

/// What nodes have said.
#[derive(Clone, Default)]
pub struct Received {
    pub hellos: u32,
    pub reports: Vec<Report>,
}

impl Stage {
    /// Opens on an address; port 0 is any.
    pub fn open(address: SocketAddr, state: ShowState) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("runs");
        let endpoint = {
            let _guard = runtime.enter();
            Endpoint::server(tls(), address).expect("a socket")
        };
        let heard = Arc::new(Mutex::new(Received::default()));
        let stage = Self {
            address: endpoint.local_addr().expect("bound"),
            heard: Arc::clone(&heard),
            endpoint: endpoint.clone(),
            runtime: None,
        };
        runtime.spawn(async move {
            while let Some(incoming) = endpoint.accept().await {
                if let Ok(connection) = incoming.await {
                    tokio::spawn(answer(connection.clone(), state.clone(), Arc::clone(&heard)));
                    tokio::spawn(play(connection));
                }
            }
        });
        Self { runtime: Some(runtime), ..stage }
    }

    /// What nodes have said until now.
    pub fn heard(&self) -> Received {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until nodes have said something.
    pub fn wait(&self, at_most: Duration, wanted: impl Fn(&Received) -> bool) -> bool {
        let until = Instant::now() + at_most;
        while !wanted(&self.heard()) {
            if Instant::now() > until {
                return false;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        true
    }

    /// Closes; its address is free when this returns.
    pub fn close(mut self) {
        self.endpoint.close(0u32.into(), b"closed");
        if let Some(runtime) = self.runtime.take() {
            runtime.block_on(self.endpoint.wait_idle());
            drop(self.endpoint);
            runtime.shutdown_timeout(Duration::from_secs(5));
        }
    }
}

fn tls() -> ServerConfig {
    let own = rcgen::generate_simple_self_signed(vec!["downbeat".into()]).expect("a certificate");
    let key = rustls::pki_types::PrivatePkcs8KeyDer::from(own.signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut crypto = rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("TLS 1.3")
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key.into())
        .expect("a certificate");
    crypto.alpn_protocols = vec![ALPN.to_vec()];
    let crypto = quinn::crypto::rustls::QuicServerConfig::try_from(crypto).expect("a cipher");
    ServerConfig::with_crypto(Arc::new(crypto))
}

/// Welcomes a node and listens to it.
async fn answer(connection: Connection, state: ShowState, heard: Arc<Mutex<Received>>) {
    let Ok((mut send, mut receive)) = connection.accept_bi().await else { return };
    let welcome = ServerMessage::Welcome {
        version: VERSION,
        daemon: Daemon { run: 1, term: 0, leads: true, port: 0, early_ns: 0 },
        show: "rehearsal".into(),
        epoch: 1,
        schema: Rehearsal::default().schema().clone(),
        state,
        timeline: Timeline::default(),
        number: 0,
        set: 0,
        clock_port: 0,
    };
    let bytes = message::encode(&welcome).expect("encodes");
    if send.write_all(&bytes).await.is_err() {
        return;
    }
    let mut len = [0; 4];
    while receive.read_exact(&mut len).await.is_ok() {
        let mut body = vec![0; message::decode_len(len).expect("short")];
        if receive.read_exact(&mut body).await.is_err() {
            return;
        }
        let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
        match message::decode(&body).expect("a message") {
            ClientMessage::Hello { .. } => heard.hellos += 1,
            ClientMessage::Report(report) => heard.reports.push(*report),
            _ => {}
        }
    }
}

/// Sends rows as time passes, and answers questions for the time.
async fn play(connection: Connection) {
    let feed = Rehearsal::default();
    let schema = feed.schema().id();
    let row = |seq: u64| {
        let time = ShowTime(seq as i64 * HOP_NS);
        let mut values = Vec::new();
        let timeline = feed.read(time, &mut values).expect("always plays");
        (Row { seq, time, values: values.into() }, timeline)
    };
    let mut next = (now().0 / HOP_NS) as u64;
    loop {
        let due = ShowTime(next as i64 * HOP_NS);
        tokio::select! {
            () = tokio::time::sleep(now().until(due)) => {
                let rows: Vec<_> = (next - REPEATED..=next).map(row).collect();
                let rows: Vec<_> =
                    rows.iter().map(|(row, timeline)| Published { row, timeline, back: 1, number: 0 }).collect();
                for bytes in datagram::encode_rows(Head { epoch: 1, term: 0, schema }, &rows, 1200) {
                    // A full queue loses the datagram, as a network would.
                    let _ = connection.send_datagram(bytes.into());
                }
                next += 1;
            }
            bytes = connection.read_datagram() => {
                let Ok(bytes) = bytes else { return };
                if let Ok(Datagram::Ping(ping)) = datagram::decode(&bytes) {
                    let received = now();
                    let pong = Pong { id: ping.id, sent: ping.sent, received, answered: now() };
                    let _ = connection.send_datagram(pong.encode().into());
                }
            }
        }
    }
}
