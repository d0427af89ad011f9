//! A web page without a browser: a WebSocket that subscribes, sets, and reads values.

use rosc::{OscMessage, OscPacket, OscType};
use std::io::ErrorKind;
use std::net::TcpStream;
use std::time::{Duration, Instant};
use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Error, Message, WebSocket};

/// How long an answer may take on a busy machine before it counts as never.
const LIMIT: Duration = Duration::from_secs(20);

/// An open page.
pub struct Page(WebSocket<MaybeTlsStream<TcpStream>>);

impl Page {
    /// Opens one at a port of this machine.
    pub fn open(port: u16) -> Self {
        Self::over(tungstenite::connect(format!("ws://127.0.0.1:{port}/")).expect("the daemon takes it").0)
    }

    /// One over a WebSocket that is open.
    pub fn over(socket: WebSocket<MaybeTlsStream<TcpStream>>) -> Self {
        let page = Self(socket);
        page.stream().set_read_timeout(Some(LIMIT)).expect("set");
        page
    }

    /// Listens to a path from now on.
    pub fn listen(&mut self, path: &str) {
        let text = format!(r#"{{"COMMAND":"LISTEN","DATA":"{path}"}}"#);
        self.0.send(Message::text(text)).expect("sent");
    }

    /// Sets what is at an address.
    pub fn set(&mut self, address: &str, arg: OscType) {
        let packet = OscPacket::Message(OscMessage { addr: address.into(), args: vec![arg] });
        self.0.send(Message::binary(rosc::encoder::encode(&packet).expect("OSC"))).expect("sent");
    }

    /// The next value of a path; what is told of others meanwhile is passed over.
    pub fn told(&mut self, path: &str) -> Vec<OscType> {
        loop {
            let Message::Binary(bytes) = self.0.read().expect("the daemon answers") else { continue };
            let found = messages(&bytes).into_iter().find(|message| message.addr == path);
            if let Some(message) = found {
                return message.args;
            }
        }
    }

    /// Reads for a time: how many packets came, and how many values.
    pub fn watch(&mut self, time: Duration) -> (usize, usize) {
        let (end, mut packets, mut values) = (Instant::now() + time, 0, 0);
        while let Some(messages) = self.next(end) {
            packets += 1;
            values += messages.len();
        }
        (packets, values)
    }

    /// The messages of the next packet before a moment; none if none comes.
    pub fn next(&mut self, end: Instant) -> Option<Vec<OscMessage>> {
        let mut next = None;
        while let Some(left) = end.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
            self.stream().set_read_timeout(Some(left)).expect("set");
            match self.0.read() {
                Ok(Message::Binary(bytes)) => {
                    next = Some(messages(&bytes));
                    break;
                }
                Ok(_) => {}
                Err(Error::Io(error)) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => break,
                Err(error) => panic!("the daemon hung up: {error}"),
            }
        }
        self.stream().set_read_timeout(Some(LIMIT)).expect("set");
        next
    }

    fn stream(&self) -> &TcpStream {
        let MaybeTlsStream::Plain(stream) = self.0.get_ref() else { unreachable!("no TLS was asked for") };
        stream
    }
}

fn messages(bytes: &[u8]) -> Vec<OscMessage> {
    match rosc::decoder::decode_udp(bytes).expect("OSC").1 {
        OscPacket::Message(message) => vec![message],
        OscPacket::Bundle(bundle) => {
            let message = |packet| match packet {
                OscPacket::Message(message) => Some(message),
                OscPacket::Bundle(_) => None,
            };
            bundle.content.into_iter().filter_map(message).collect()
        }
    }
}
