//! The thread `http:web`: accepts connections and serves each.

use super::access::Visitor;
use super::moment::{Hub, Moment};
use super::routes::router;
use super::settings::Settings;
use super::site::Site;
use super::{NAME, Place, WebContext};
use crate::clock::host_now;
use crate::dispatch::Health;
use crate::edges::OpenError;
use crate::edges::liveness;
use crate::edges::places::{Limits, Places, Standing};
use crate::threads::{self, Heart};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router};
use downbeat_protocol::network::canonical;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

/// Maximum of connections. A browser opens six for a page, and keeps one.
const CONNECTIONS: Limits = Limits { all: 512, for_kin: 64, at_home: 64, of_host: 128, silence: None };
/// Time for a client to send its request.
const HEADERS: Duration = Duration::from_secs(5);
/// How long a connection stays open for requests; a browser simply opens another. WebSockets are exempt.
const LIFE: Duration = Duration::from_secs(60);
/// Pause before reusing a failed socket.
const AGAIN: Duration = Duration::from_secs(1);

/// The first byte of a TLS connection (RFC 8446, 5.1); no HTTP method starts with it.
const HANDSHAKE: [u8; 1] = [22];

/// The thread's parameters.
pub struct Served {
    /// None if the port was in use.
    pub listener: Option<TcpListener>,
    pub place: Place,
    /// For HTTPS.
    pub tls: Option<TlsAcceptor>,
    pub settings: Settings,
    pub context: WebContext,
    pub hub: Hub,
}

/// All pages at one moment, for any stream: what the thread serves at its port.
#[derive(Clone)]
pub struct Pages(Router);

/// The running thread.
pub struct Running {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Served {
    /// Starts accepting.
    pub fn start(self, health: Arc<Health>) -> io::Result<Running> {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().thread_name("http:blocking").build()?;
        let (stop, stopped) = oneshot::channel();
        let heart = threads::watchdog().heart(format!("http:{NAME}"));
        let run = move || {
            self.run(&runtime, health, heart, stopped);
            // A disk that hangs must not delay the end.
            runtime.shutdown_background();
        };
        let thread = std::thread::Builder::new().name(format!("http:{NAME}")).spawn(run)?;
        Ok(Running { stop, thread })
    }

    fn run(self, runtime: &Runtime, health: Arc<Health>, heart: Heart, mut stopped: oneshot::Receiver<()>) {
        let Self { listener, place, tls, settings, context, hub } = self;
        let address = place.address;
        let site = Site::new(settings.clone(), place, context, hub, Arc::clone(&health));
        let places = Places::new(CONNECTIONS, site.kin.clone());
        let pages = Pages::of(site);
        runtime.block_on(async {
            tokio::spawn(heart.go_on_beating());
            let mut bound = listener.map_or_else(|| bind(address), Ok);
            let listener = loop {
                match bound.and_then(tokio::net::TcpListener::from_std) {
                    Ok(listener) => break listener,
                    Err(error) => health.set_error(NAME, format!("cannot listen on TCP {address}: {error}; retrying")),
                }
                tokio::select! {
                    () = tokio::time::sleep(AGAIN) => bound = bind(address),
                    _ = &mut stopped => return,
                }
            };
            health.set_error(NAME, "");
            loop {
                tokio::select! {
                    accepted = listener.accept() => match accepted {
                        Ok((stream, peer)) => {
                            let peer = canonical(peer);
                            let is_trusted = settings.trusts(peer.ip());
                            let (leave, left) = oneshot::channel();
                            let leave = move || _ = leave.send(());
                            // Connections beyond the maximum are closed, and may retry.
                            let standing = Standing::of(peer.ip(), is_trusted);
                            let Some(place) = places.enter(peer.ip(), standing, host_now(), leave) else {
                                health.count_dropped(1);
                                continue;
                            };
                            let (pages, tls, health) = (pages.clone(), tls.clone(), Arc::clone(&health));
                            tokio::spawn(async move {
                                tokio::select! {
                                    () = serve(stream, peer, pages, tls, is_trusted) => {}
                                    _ = left => health.count_dropped(1),
                                }
                                drop(place);
                            });
                        }
                        Err(error) => {
                            health.set_error(NAME, format!("cannot accept connections: {error}"));
                            tokio::time::sleep(AGAIN).await;
                            health.set_error(NAME, "");
                        }
                    },
                    // An error means that the server is gone, with the same effect.
                    _ = &mut stopped => return,
                }
            }
        });
    }
}

impl Pages {
    /// Pages of a context, without news.
    ///
    /// # Errors
    /// As [`Web::open`](super::Web::open).
    pub fn open(table: config::Value, context: WebContext) -> Result<Self, OpenError> {
        let settings: Settings = table.try_deserialize()?;
        settings.check()?;
        let place = Place { address: settings.listen, is_secure: settings.tls()?.is_some() };
        let hub = Hub::new(Moment::first(&context));
        Ok(Self::of(Site::new(settings, place, context, hub, Arc::default())))
    }

    fn of(site: Site) -> Self {
        Self(router(Arc::new(site)))
    }

    /// Answers the requests on a stream until it ends, or its time is up.
    pub async fn converse(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, visitor: Visitor) {
        let service = TowerToHyperService::new(self.0.layer(Extension(visitor)));
        let mut http = hyper::server::conn::http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(HEADERS);
        let mut served = std::pin::pin!(http.serve_connection(TokioIo::new(stream), service).with_upgrades());
        // The client decides how a connection ends, but not when: half a request must not hold a place.
        if timeout(LIFE, served.as_mut()).await.is_err() {
            served.as_mut().graceful_shutdown();
            let _ = timeout(HEADERS, served).await;
        }
    }
}

impl Running {
    /// Whether the thread has died.
    pub fn has_died(&self) -> bool {
        self.thread.is_finished()
    }

    /// Ends every connection and the thread; the port is then free.
    pub fn stop(self) {
        let Self { stop, thread } = self;
        // The thread may have ended already; then nobody listens.
        let _ = stop.send(());
        let _ = thread.join();
    }
}

/// A socket that listens on an address.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Serves a connection. By HTTPS where there is a certificate: then only this machine and trusted networks may go on by plain
/// HTTP, since many programs know nothing else, and others are told where to go.
async fn serve(stream: TcpStream, peer: SocketAddr, pages: Pages, tls: Option<TlsAcceptor>, is_trusted: bool) {
    let Ok(local) = stream.local_addr() else { return };
    let _ = liveness::watch(&stream);
    let visitor = Visitor { peer, local, is_secure: false, line: Some(stream.as_raw_fd()) };
    let Some(tls) = tls else { return pages.converse(stream, visitor).await };
    let mut first = [0];
    let Ok(Ok(1)) = timeout(HEADERS, stream.peek(&mut first)).await else { return };
    if first == HANDSHAKE {
        if let Ok(Ok(stream)) = timeout(HEADERS, tls.accept(stream)).await {
            pages.converse(stream, Visitor { is_secure: true, ..visitor }).await;
        }
    } else if is_trusted || visitor.is_at_home() {
        pages.converse(stream, visitor).await;
    } else {
        Pages(Router::new().fallback(to_https)).converse(stream, visitor).await;
    }
}

async fn to_https(headers: HeaderMap, uri: Uri) -> Response {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, format!("https://{host}{uri}"))]).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::server::keys::Keys;
    use crate::status::{Roster, Telemetry};
    use downbeat_engine::Tick;
    use downbeat_peer::identity::{Acquaintances, KeyFolder, PEERS};
    use downbeat_protocol::message::Role;
    use downbeat_protocol::{Row, Schema, Signal, Timeline, Unit};
    use std::time::Instant;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    /// The answer to a request from another machine.
    async fn ask(pages: Pages, request: String) -> String {
        let at = |host: u8, port: u16| SocketAddr::from(([192, 0, 2, host], port));
        let visitor = Visitor { peer: at(8, 50_000), local: at(7, 9480), is_secure: false, line: None };
        let (theirs, ours) = duplex(1 << 16);
        let (mut answers, mut requests) = tokio::io::split(theirs);
        let mut heard = String::new();
        let (converse, listen) = (pages.converse(ours, visitor), answers.read_to_string(&mut heard));
        let ((), said, read) = tokio::join!(converse, requests.write_all(request.as_bytes()), listen);
        said.and(read).expect("it ends well");
        heard
    }

    fn context(keys: Keys) -> WebContext {
        WebContext {
            show: "proof".into(),
            keys,
            clock: Default::default(),
            schema: Arc::default(),
            state: Arc::default(),
            door: crate::door::door(1).0,
            echoes: Default::default(),
            osc_ports: Default::default(),
            telemetry: Telemetry::new(Roster::default(), Arc::default()),
        }
    }

    /// The defaults.
    fn table() -> config::Value {
        Config::parse("nothing", "").expect("the defaults can be read").web.expect("there is a page").table
    }

    /// The content of the next frame from a server.
    async fn frame(page: &mut TcpStream) -> io::Result<Vec<u8>> {
        page.read_u8().await?;
        let length = match page.read_u8().await? {
            126 => u64::from(page.read_u16().await?),
            127 => page.read_u64().await?,
            short => u64::from(short),
        };
        let mut content = vec![0; length as usize];
        page.read_exact(&mut content).await?;
        Ok(content)
    }

    /// How many frames come before the one that is waited for.
    async fn before(page: &mut TcpStream, mut is_it: impl FnMut(&[u8]) -> bool) -> usize {
        let mut others = 0;
        while !is_it(&frame(page).await.expect("a frame")) {
            others += 1;
        }
        others
    }

    #[test]
    fn a_browser_whose_pairing_waits_for_its_disk_holds_up_no_page() {
        let place = tempfile::tempdir().expect("a folder of the test's own");
        let folder = KeyFolder::find(&place.path().display().to_string());
        let keys = Keys { known: Acquaintances::load(&folder, PEERS), ..Keys::passing() };
        let code = keys.codes.make(Role::Viewer, "phone".into(), host_now()).expect("random numbers");
        let pages = Pages::open(table(), context(keys.clone())).expect("the defaults are sound");
        let ask = |line: &str, body: &str| {
            let head = format!("{line} HTTP/1.1\r\nHost: 192.0.2.7:9480\r\nConnection: close");
            ask(pages.clone(), format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()))
        };
        let held = folder.lock().expect("free");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let begun = Instant::now();
            let entering = tokio::spawn(ask("POST /enter", &format!("code={code}")));
            while keys.known.all().is_empty() {
                assert!(begun.elapsed() < Duration::from_secs(2), "it is not known");
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            let page = ask("GET /ui/enter.html", "").await;
            assert!(page.starts_with("HTTP/1.1 200 "), "{page}");
            assert!(begun.elapsed() < Duration::from_secs(2), "the page waits for the disk: {:?}", begun.elapsed());
            assert!(!entering.is_finished(), "it waits until it is stored");
            drop(held);
            let entered = entering.await.expect("no panic");
            assert!(entered.starts_with("HTTP/1.1 303 ") && entered.contains("set-cookie"), "{entered}");
        });
        assert_eq!(Acquaintances::load(&folder, PEERS).all().len(), 1);
    }

    #[test]
    fn a_page_that_was_away_for_seconds_is_told_the_newest_and_little_of_what_was_meanwhile() {
        // Enough at a time that what is on its way does not all find room at the page.
        let signals = (100..200).map(|number| Signal::scalar(format!("main.s{number}"), Unit::Ratio, [0.0, 1.0]));
        let schema = Schema { signals: signals.collect() };
        let moment = |number: u8| {
            let values = vec![f32::from(number) / 128.0; 100].into();
            let tick = Tick {
                row: Row { values, ..Row::default() },
                timeline: Timeline::default(),
                state: Arc::default(),
                beating: false,
                heard: host_now(),
            };
            Moment::new(tick, Arc::new(schema.clone()), Default::default())
        };
        let hub = Hub::new(moment(0));
        // As often as pages are updated, for ten seconds at most.
        let update = Duration::from_millis(33);
        let stays = async |number| {
            for _ in 0..300 {
                hub.put(moment(number));
                tokio::time::sleep(update).await;
            }
        };
        let settings: Settings = table().try_deserialize().expect("the defaults are sound");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
            let address = listener.local_addr().expect("bound");
            let place = Place { address, is_secure: false };
            let pages = Pages::of(Site::new(settings, place, context(Keys::passing()), hub.clone(), Arc::default()));
            let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
            socket.set_recv_buffer_size(4_096).expect("a socket can be set so");
            let (page, accepted) = tokio::join!(socket.connect(address), listener.accept());
            let (mut page, (stream, peer)) = (page.expect("it listens"), accepted.expect("it has connected"));
            tokio::spawn(serve(stream, peer, pages, None, false));
            let hello = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
            page.write_all(hello.as_bytes()).await.expect("it is connected");
            let mut answer = Vec::new();
            while !answer.ends_with(b"\r\n\r\n") {
                answer.push(page.read_u8().await.expect("an answer"));
            }
            assert!(answer.starts_with(b"HTTP/1.1 101 "), "{}", String::from_utf8_lossy(&answer));
            for number in 100..200 {
                let text = format!("{{\"COMMAND\":\"LISTEN\",\"DATA\":\"/signal/main/s{number}\"}}");
                // One frame of text, with a mask that changes nothing.
                let head = [0x81, 0x80 | text.len() as u8, 0, 0, 0, 0];
                page.write_all(&[&head[..], text.as_bytes()].concat()).await.expect("it is connected");
            }
            // Each value takes 32 bytes of a bundle, whose head takes 16.
            let mut told = 0;
            let is_all = |content: &[u8]| {
                told += content.len().saturating_sub(16) / 32;
                told >= 100
            };
            tokio::select! {
                _ = before(&mut page, is_all) => {}
                () = stays(1) => panic!("it is not told everything"),
            }
            for number in 2..64 {
                hub.put(moment(number));
                tokio::time::sleep(update).await;
            }
            let is_newest = |content: &[u8]| content.last_chunk::<4>().is_some_and(|it| f32::from_be_bytes(*it) == 0.5);
            let old = tokio::select! {
                old = before(&mut page, is_newest) => old,
                () = stays(64) => panic!("it is not told the newest"),
            };
            assert!(old < 30, "of 62 that it has missed, it was told {old}");
        });
    }

    #[test]
    fn whoever_comes_by_plain_http_is_told_the_same_place_by_https() {
        let headers = HeaderMap::from_iter([(header::HOST, "rig.example:9480".parse().expect("a host"))]);
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let answer = runtime.block_on(to_https(headers, Uri::from_static("/strip?a=b")));
        assert_eq!(answer.status(), StatusCode::PERMANENT_REDIRECT);
        assert_eq!(answer.headers()[header::LOCATION], "https://rig.example:9480/strip?a=b");
    }
}
