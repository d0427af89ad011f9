//! Routes: the page, its files, the code, layouts, and everything else, which is the tree.

use super::NAME;
use super::access::{self, COOKIE, Refusal, Visitor};
use super::files::file;
use super::layouts::{self, Piece};
use super::query::{Answer, HostInfo, answer};
use super::site::Site;
use super::socket::{self, Client};
use crate::clock::host_now;
use crate::edges::places::Standing;
use crate::server::keys::EnterError;
use crate::status::METRICS_TYPE;
use axum::body::{Body, Bytes};
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, post};
use axum::{Extension, Json, Router};
use downbeat_config::show_file;
use downbeat_peer::identity::{Acquaintance, Fingerprint, hex, secret};
use downbeat_protocol::message::Role;
use downbeat_touchosc::Form;
use serde_json::json;
use std::sync::Arc;
use tokio::sync::oneshot;

/// Maximum length of a client's message, in bytes.
const MESSAGE: usize = 64 * 1024;
/// Maximum of bytes waiting for a slow client.
const UNREAD: usize = 1024 * 1024;
/// The figures for Prometheus.
const METRICS: &str = "/metrics";
/// The figures, and the status with its reasons, as JSON.
const STATUS: &str = "/status";
/// Maximum length of a form.
const FORM: usize = 256;
/// How long a browser is remembered, in seconds: a season.
const REMEMBERED: u32 = 180 * 24 * 3600;
/// The page loads nothing from other servers, and no other page may frame it.
const POLICY: &str =
    "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; frame-ancestors 'self'; base-uri 'none'";

/// All routes.
pub fn router(site: Arc<Site>) -> Router {
    Router::new()
        .route("/enter", post(enter))
        .fallback(any(everything))
        .layer(DefaultBodyLimit::max(FORM))
        .with_state(site)
}

type Upgrade = Result<WebSocketUpgrade, WebSocketUpgradeRejection>;

async fn everything(
    State(site): State<Arc<Site>>,
    Extension(visitor): Extension<Visitor>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    upgrade: Upgrade,
) -> Response {
    let wants_page =
        headers.get(header::ACCEPT).is_some_and(|it| it.as_bytes().windows(9).any(|it| it == b"text/html"));
    let path = uri.path();
    // The page's files are not secret, and an unknown browser needs them to ask for the code.
    if path.starts_with("/ui/") || matches!(path, "/sw.js" | "/manifest.webmanifest") {
        return static_file(path, &headers).unwrap_or_else(|| refused(StatusCode::NOT_FOUND, "no such file"));
    }
    let piece = Piece::at(path);
    // Whoever shows a pass needs nothing else for what it is for.
    if let (Some(Piece::File(form)), Some(pass)) = (piece, uri.query().and_then(|query| query.strip_prefix("pass=")))
        && site.context.keys.passes.admits(pass, host_now())
    {
        return layout(&site, form);
    }
    let role = match site.role(visitor, &headers) {
        Ok(role) => role,
        Err(refusal) if wants_page && refusal == Refusal::CodeNeeded => return ask_for_code(&headers),
        Err(refusal) => return refused(StatusCode::UNAUTHORIZED, &refusal.to_string()),
    };
    if let Ok(upgrade) = upgrade {
        let key = headers.get(header::COOKIE).and_then(|cookies| access::key(cookies.to_str().ok()?));
        let paired = key.filter(|key| site.context.keys.known.find(key).is_some()).map(|key| (key, role));
        let (from, peer) = (format!("{NAME}:{}", visitor.peer), visitor.peer);
        let client = Client { from, peer, commands: role == Role::Controller, paired, line: visitor.line };
        return open(site, client, upgrade);
    }
    if !matches!(method, Method::GET | Method::HEAD) {
        return refused(StatusCode::METHOD_NOT_ALLOWED, "set values over the WebSocket or OSC");
    }
    if wants_page
        && uri.query().is_none()
        && let Some(page) = static_file(path, &headers)
    {
        return page;
    }
    match piece {
        Some(Piece::File(form)) => return layout(&site, form),
        Some(Piece::Link(form)) => return link(&site, &headers, form),
        None => {}
    }
    let telemetry = &site.context.telemetry;
    match path {
        METRICS => return dressed(([(header::CONTENT_TYPE, METRICS_TYPE)], telemetry.metrics()).into_response()),
        STATUS => return dressed(Json(telemetry.page()).into_response()),
        _ => {}
    }
    let moment = site.hub.now();
    if path == "/show.toml" {
        let text = show_file(&site.context.show, moment.present().state);
        return dressed((attachment("application/toml", "show.toml"), text).into_response());
    }
    let host = HostInfo { show: &site.context.show, osc_port: site.context.osc_ports.first(), reached: visitor.local };
    match answer(&moment.tree, &moment.present(), &host, path, uri.query()) {
        Answer::Json(json) => dressed(Json(json).into_response()),
        Answer::NoContent => StatusCode::NO_CONTENT.into_response(),
        Answer::BadRequest(why) => refused(StatusCode::BAD_REQUEST, &why),
        Answer::NotFound(why) => refused(StatusCode::NOT_FOUND, &why),
    }
}

fn open(site: Arc<Site>, client: Client, upgrade: WebSocketUpgrade) -> Response {
    let (leave, left) = oneshot::channel();
    let standing = Standing::of(client.peer.ip(), false);
    let Some(place) = site.sockets.enter(client.peer.ip(), standing, host_now(), move || _ = leave.send(())) else {
        site.health.count_dropped(1);
        return refused(StatusCode::SERVICE_UNAVAILABLE, "too many pages are open; close some");
    };
    let upgrade = upgrade.max_message_size(MESSAGE).max_frame_size(MESSAGE).max_write_buffer_size(UNREAD);
    upgrade.on_upgrade(async move |socket| {
        tokio::select! {
            () = socket::serve(socket, &site, &client) => {}
            _ = left => site.health.count_dropped(1),
        }
        drop(place);
    })
}

/// Takes a code, and remembers its browser.
async fn enter(
    State(site): State<Arc<Site>>,
    Extension(visitor): Extension<Visitor>,
    headers: HeaderMap,
    form: Bytes,
) -> Response {
    // The code is the key here; but another server's page must not submit it.
    if site.role(visitor, &headers) == Err(Refusal::OtherOrigin) {
        return refused(StatusCode::FORBIDDEN, &Refusal::OtherOrigin.to_string());
    }
    let form = String::from_utf8_lossy(&form);
    let code = form.split('&').find_map(|field| field.strip_prefix("code=")).unwrap_or_default();
    // Forms encode spaces as `+` and `%20`.
    let (role, name) = match site.context.keys.codes.enter(&code.replace("%20", " "), visitor.peer.ip(), host_now()) {
        Ok(entered) => entered,
        Err(why) => {
            tracing::warn!("{NAME}: refused a browser at {}: {why}", visitor.peer.ip());
            site.health.count_dropped(1);
            let again = if why == EnterError::Wait { "/ui/enter.html#wait" } else { "/ui/enter.html#wrong" };
            return (StatusCode::SEE_OTHER, [(header::LOCATION, again)]).into_response();
        }
    };
    let Some(token) = secret::<32>() else {
        return refused(StatusCode::INTERNAL_SERVER_ERROR, "the system provides no random numbers");
    };
    let fingerprint = Fingerprint::of(&token);
    // Their disk may take long: only this browser waits.
    let kept = site.context.keys.known.add_aside(Acquaintance { name: name.clone(), role, fingerprint }).await;
    tracing::info!("{NAME}: `{name}` at {} paired as a {}", visitor.peer.ip(), role.name());
    if let Err(error) = kept {
        tracing::warn!(
            "{NAME}: `{name}` is paired only until this daemon exits, because the pairing cannot be stored: {error}"
        );
    }
    let secure = if visitor.is_secure { "; Secure" } else { "" };
    let cookie =
        format!("{COOKIE}={}; Path=/; Max-Age={REMEMBERED}; HttpOnly; SameSite=Strict{secure}", hex::digits(&token));
    (StatusCode::SEE_OTHER, [(header::LOCATION, "/".to_owned()), (header::SET_COOKIE, cookie)]).into_response()
}

/// A file of the page, or notice that the browser has it already.
fn static_file(path: &str, headers: &HeaderMap) -> Option<Response> {
    let (file, kind) = file(path)?;
    let tag = format!("\"{}\"", &hex::digits(&file.metadata.sha256_hash())[..16]);
    let has_it = headers.get(header::IF_NONE_MATCH).is_some_and(|it| it.as_bytes() == tag.as_bytes());
    let body = if has_it { Body::empty() } else { Body::from(file.data) };
    let status = if has_it { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
    let mut response = (status, [(header::CONTENT_TYPE, kind)], body).into_response();
    response.headers_mut().extend(HeaderValue::from_str(&tag).ok().map(|tag| (header::ETAG, tag)));
    Some(dressed(response))
}

/// A layout of the current show.
fn layout(site: &Site, form: Form) -> Response {
    let file = attachment("application/octet-stream", &format!("downbeat-{}.tosc", form.name()));
    match layouts::layout(form, &site.hub.now().tree) {
        Ok(bytes) => dressed((file, bytes).into_response()),
        Err(error) => refused(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

/// The link to a layout as a QR code; no content if no other device can reach it.
fn link(site: &Site, headers: &HeaderMap, form: Form) -> Response {
    let Some(link) = site.layout_link(headers, form.name()) else { return StatusCode::NO_CONTENT.into_response() };
    match layouts::picture(&link) {
        Ok(svg) => dressed(([(header::CONTENT_TYPE, "image/svg+xml")], svg).into_response()),
        Err(why) => refused(StatusCode::INTERNAL_SERVER_ERROR, &why),
    }
}

/// Makes a browser pass a file on rather than show it.
fn attachment(kind: &'static str, name: &str) -> [(header::HeaderName, String); 2] {
    let disposition = format!("attachment; filename=\"{name}\"");
    [(header::CONTENT_TYPE, kind.into()), (header::CONTENT_DISPOSITION, disposition)]
}

fn ask_for_code(headers: &HeaderMap) -> Response {
    let mut page = static_file("/ui/enter.html", headers)
        .unwrap_or_else(|| refused(StatusCode::UNAUTHORIZED, &Refusal::CodeNeeded.to_string()));
    *page.status_mut() = StatusCode::UNAUTHORIZED;
    page
}

fn refused(status: StatusCode, why: &str) -> Response {
    dressed((status, Json(json!({ "ERROR": why }))).into_response())
}

/// Adds the headers of every answer.
fn dressed(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("Accept, Cookie"));
    response
}
