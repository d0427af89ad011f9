//! Opens a client of a JACK server.

use std::ffi::{CString, c_char};

use ::jack::{
    Client, ClientOptions, ClientStatus,
    jack_sys::{self, jack_client_t, jack_options_t, jack_status_t},
};
use thiserror::Error;

use super::{log, neighbour, settings::JackSettings};

/// Why there is no client.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(super) enum OpenError {
    #[error("cannot load libjack ({0}): install JACK (package jackd2 or pipewire-jack) and restart")]
    Library(String),
    #[error("no JACK server \"{0}\" is running: start one (jackd, QjackCtl, PipeWire); retrying until then")]
    NoServer(String),
    #[error(
        "no JACK server \"{server}\" runs as this user, but one runs as {user}; run both as the same user, or set \
         JACK_PROMISCUOUS_SERVER for both (its value is a group that both belong to)"
    )]
    OtherUser { server: String, user: String },
    #[error("the client name \"{0}\" is empty or too long for JACK, which allows {1} characters; choose another")]
    Name(String, usize),
    #[error("the JACK server \"{server}\" refuses our client ({status}); retrying")]
    Refused { server: String, status: String },
    #[error("the JACK server \"{server}\" refuses the port \"{port}\"; shorten the name or remove special characters")]
    Port { server: String, port: String },
    #[error("the JACK server \"{server}\" does not activate our client ({why}); retrying")]
    Activate { server: String, why: String },
}

/// libjack's own function to open a client; the binding lacks the server's name, which is a variable argument.
type OpenFunction = unsafe extern "C" fn(*const c_char, jack_options_t, *mut jack_status_t, ...) -> *mut jack_client_t;

/// Opens a client. It never starts a server.
pub(super) fn open(settings: &JackSettings) -> Result<Client, OpenError> {
    if let Err(error) = jack_sys::library() {
        return Err(OpenError::Library(error.to_string()));
    }
    log::divert();
    let client = text(&settings.client);
    if client.is_empty() || client.as_bytes().len() > *::jack::CLIENT_NAME_SIZE {
        return Err(OpenError::Name(settings.client.clone(), *::jack::CLIENT_NAME_SIZE));
    }
    match &settings.server {
        None => open_default(&client),
        Some(server) => open_named(&client, &text(server)),
    }
    .map_err(|status| describe(status, settings.server_name()))
}

/// A name as a C string: up to a NUL, which a configuration file can contain but no port.
fn text(name: &str) -> CString {
    CString::new(name.split('\0').next().unwrap_or_default()).unwrap_or_default()
}

fn open_default(client: &CString) -> Result<Client, ClientStatus> {
    match Client::new(&client.to_string_lossy(), ClientOptions::NO_START_SERVER) {
        Ok((client, _)) => Ok(client),
        Err(::jack::Error::ClientError(status)) => Err(status),
        Err(_) => Err(ClientStatus::FAILURE),
    }
}

#[expect(unsafe_code, reason = "the binding cannot pass a server's name")]
fn open_named(client: &CString, server: &CString) -> Result<Client, ClientStatus> {
    let library = jack_sys::library().map_err(|_| ClientStatus::FAILURE)?;
    // SAFETY: this is the function's type in jack/jack.h.
    let open = unsafe { library.get::<OpenFunction>(b"jack_client_open\0") }.map_err(|_| ClientStatus::FAILURE)?;
    let options = ClientOptions::NO_START_SERVER | ClientOptions::SERVER_NAME;
    let mut status: jack_status_t = 0;
    // SAFETY: the strings are terminated and outlive the call; with JackServerName in the options, the one variable
    // argument is the server's name.
    let raw = unsafe { open(client.as_ptr(), options.bits(), &mut status, server.as_ptr()) };
    if raw.is_null() {
        return Err(ClientStatus::from_bits_truncate(status));
    }
    // SAFETY: a new client, with no other owner.
    Ok(unsafe { Client::from_raw(raw) })
}

fn describe(status: ClientStatus, server: String) -> OpenError {
    let absent = ClientStatus::SERVER_FAILED | ClientStatus::SERVER_ERROR;
    if status.intersects(absent) && !status.contains(ClientStatus::VERSION_ERROR) {
        match neighbour::server(&server) {
            Some(user) => OpenError::OtherUser { server, user },
            None => OpenError::NoServer(server),
        }
    } else {
        OpenError::Refused { server, status: format!("{status:?}") }
    }
}
