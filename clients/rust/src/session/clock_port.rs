//! The clock port of a daemon: questions and answers over plain UDP, for one connection.

use super::dial_error::DialError;
use super::place::Place;
use crate::clock::Key;
use downbeat_peer::host::host_now;
use downbeat_peer::stamped::{Received, Stamper};
use downbeat_protocol::clock_packet::{Answer, LEN, Question};
use quinn::Connection;
use std::cell::{Cell, RefCell};
use std::io;
use std::net::SocketAddr;
use tokio::io::Interest;
use tokio::net::UdpSocket;

/// A socket, a key, and the number of questions so far.
pub struct ClockPort {
    socket: UdpSocket,
    stamper: RefCell<Stamper>,
    key: Key,
    daemon: SocketAddr,
    asked: Cell<u64>,
    /// The counter of the last answer.
    answered: Cell<u64>,
}

impl ClockPort {
    /// For the daemon of a connection. None without a port.
    pub fn open(place: &Place, connection: &Connection, port: u16) -> Result<Option<Self>, DialError> {
        let Some(key) = Key::of(connection).filter(|_| port != 0) else { return Ok(None) };
        let daemon = SocketAddr::new(connection.remote_address().ip(), port);
        // Not connected: each packet uses the machine's address at that time.
        let socket = place.socket(daemon)?;
        let stamper = RefCell::new(Stamper::of(&socket));
        let socket = UdpSocket::from_std(socket)?;
        Ok(Some(Self { socket, stamper, key, daemon, asked: Cell::new(0), answered: Cell::new(0) }))
    }

    /// Asks. An obstacle (no route, a full queue) may be gone by the next question.
    pub fn ask(&self) {
        self.asked.set(self.asked.get() + 1);
        let question = Question { session: self.key.session(), counter: self.asked.get(), sent: host_now() };
        let _ = self.socket.try_send_to(&question.encode(&self.key), self.daemon);
    }

    /// The next answer, and its arrival time. Ignores anything else.
    pub async fn read(&self) -> io::Result<(Answer, Received)> {
        let mut buffer = [0; LEN + 1];
        loop {
            let receive = || self.stamper.borrow_mut().receive(&self.socket, &mut buffer);
            let received = match self.socket.async_io(Interest::READABLE, receive).await {
                Ok(received) => received,
                // An earlier question was refused (ICMP), which the kernel reports here.
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => continue,
                Err(error) => return Err(error),
            };
            let Ok(answer) = Answer::decode(&buffer[..received.len], &self.key) else { continue };
            let counter = answer.question.counter;
            if answer.question.session == self.key.session()
                && (self.answered.get() + 1..=self.asked.get()).contains(&counter)
            {
                self.answered.set(counter);
                return Ok((answer, received));
            }
        }
    }
}
