//! Keeps the clock of one connection: asks the clock port, or over QUIC if that does not answer.

use super::clock_port::ClockPort;
use super::contact::Contact;
use super::view::Stamps;
use crate::clock::Pace;
use downbeat_peer::host::{host_now, slept_ns};
use downbeat_peer::stamped::Stamp;
use downbeat_protocol::HostTime;
use downbeat_protocol::datagram::{Ping, Pong};
use quinn::{Connection, SendDatagramError};
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;
use tokio::time::Instant;

/// Silence of the clock port after which to ask over QUIC as well.
const SILENT_NS: i64 = 300_000_000;
/// How often to ask a silent clock port: it may start to answer.
const AGAIN: u64 = 10;
/// Shorter sleep of the machine counts as a busy daemon.
const SLEPT_NS: i64 = 100_000_000;

/// The state kept across connections.
pub struct Timing {
    contact: Rc<Contact>,
    pace: Cell<Pace>,
    pings: Cell<u32>,
    /// When the clock port last answered.
    answered: Cell<Option<HostTime>>,
    /// This machine's total sleep at the last check.
    slept: Cell<Option<i64>>,
}

impl Timing {
    /// The clock of a daemon before it is connected.
    pub fn new(contact: &Rc<Contact>) -> Self {
        let (pace, pings, answered, slept) = Default::default();
        Self { contact: Rc::clone(contact), pace, pings, answered, slept }
    }

    /// Asks repeatedly, until datagrams can no longer be sent.
    pub async fn keep(&self, connection: &Connection, port: u16) -> SendDatagramError {
        self.pace.set(Pace::new());
        self.answered.set(None);
        let port = ClockPort::open(&self.contact.place, connection, port).unwrap_or_else(|error| {
            tracing::warn!("{}: cannot open a socket for the clock port: {error}", self.contact.server());
            None
        });
        let (mut next, mut turn) = (Instant::now(), 0);
        loop {
            tokio::select! {
                () = self.receive_port(port.as_ref()) => {}
                () = tokio::time::sleep_until(next) => {
                    if self.slept(slept_ns()) {
                        self.pace.set(Pace::new());
                    }
                    if let Err(error) = self.ask(connection, port.as_ref(), turn) {
                        return error;
                    }
                    turn += 1;
                    next = Instant::now() + self.paced(Pace::asked);
                }
            }
        }
    }

    /// One turn: the clock port if it answers, otherwise QUIC.
    fn ask(&self, connection: &Connection, port: Option<&ClockPort>, turn: u64) -> Result<(), SendDatagramError> {
        let now = host_now();
        let silent = self.answered.get().is_none_or(|last| now.since(last) > SILENT_NS);
        if let Some(port) = port.filter(|_| !silent || turn < AGAIN || turn.is_multiple_of(AGAIN)) {
            port.ask();
            if turn == AGAIN && silent {
                tracing::warn!(
                    "{}: no answer from the clock port (does a firewall block it?): the clock runs over QUIC, \
                     less accurately",
                    self.contact.server()
                );
            }
        }
        if silent {
            let pings = &self.pings;
            pings.set(pings.get().wrapping_add(1));
            connection.send_datagram(Ping { id: pings.get(), sent: host_now() }.encode().into())?;
        }
        Ok(())
    }

    /// Answers of the clock port, forever; none without a port.
    async fn receive_port(&self, port: Option<&ClockPort>) {
        let Some(port) = port else { return std::future::pending().await };
        loop {
            let (answer, received) = match port.read().await {
                Ok(heard) => heard,
                Err(error) => {
                    tracing::debug!("{}: the clock port's socket failed: {error}", self.contact.server());
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            };
            self.answered.set(Some(received.at));
            let stamps = match received.stamp {
                Stamp::Kernel => Stamps::Kernel,
                Stamp::Reading => Stamps::Reading,
            };
            let [sent, back] = [answer.question.sent, received.at];
            self.exchanged(sent, (answer.received, answer.answered), back, stamps);
        }
    }

    /// An answer over QUIC.
    pub fn receive_pong(&self, pong: &Pong, heard: HostTime) {
        self.exchanged(pong.sent, (pong.received, pong.answered), heard, Stamps::Quic);
    }

    fn exchanged(
        &self,
        sent: HostTime,
        (received, answered): (downbeat_protocol::ShowTime, downbeat_protocol::ShowTime),
        back: HostTime,
        stamps: Stamps,
    ) {
        let took = {
            let mut hub = self.contact.common.hub.borrow_mut();
            let path = hub.path(self.contact.path);
            let took = path.follower.sample(sent, received, answered, back);
            if took {
                path.stamps = stamps;
            }
            took
        };
        if took {
            let away = u64::try_from(back.since(sent).saturating_sub(answered.since(received))).unwrap_or(0);
            self.paced(|pace| pace.heard(Duration::from_nanos(away)));
            self.contact.common.clock(self.contact.path, back);
        }
    }

    /// Whether this machine slept since the last call, so that its clock cannot be trusted.
    fn slept(&self, slept: Option<i64>) -> bool {
        let before = self.slept.replace(slept);
        let woke = before.zip(slept).is_some_and(|(before, slept)| slept - before > SLEPT_NS);
        if woke {
            tracing::info!("{}: this machine slept: resetting the clock", self.contact.server());
            self.contact.common.hub.borrow_mut().path(self.contact.path).follower.slept();
            self.contact.common.clock(self.contact.path, host_now());
        }
        woke
    }

    fn paced<T>(&self, change: impl FnOnce(&mut Pace) -> T) -> T {
        let mut pace = self.pace.get();
        let result = change(&mut pace);
        self.pace.set(pace);
        result
    }
}
