//! Keeps the clock of one connection: asks the clock port, and over QUIC where that does not answer.

use super::clock_port::ClockPort;
use super::path::Way;
use super::view::Stamps;
use crate::clock::Pace;
use crate::host::{host_now, slept_ns};
use crate::stamped::Stamp;
use downbeat_protocol::HostTime;
use downbeat_protocol::datagram::{Ping, Pong};
use quinn::{Connection, SendDatagramError};
use std::cell::Cell;
use std::time::Duration;
use tokio::time::Instant;

/// So long without an answer of the clock port, and QUIC is asked as well.
const SILENT_NS: i64 = 300_000_000;
/// How often a clock port is asked that does not answer: it may begin to.
const AGAIN: u64 = 10;
/// A machine that slept for less lost no more than a daemon that was busy.
const SLEPT_NS: i64 = 100_000_000;

/// What is kept from one connection to the next.
#[derive(Default)]
pub struct Timing {
    pace: Cell<Pace>,
    pings: Cell<u32>,
    /// When the clock port last answered.
    answered: Cell<Option<HostTime>>,
    /// For how long this machine had slept when it was last looked at.
    slept: Cell<Option<i64>>,
}

impl Way {
    /// Asks again and again, until datagrams cannot be sent any more.
    pub(super) async fn keep_time(&self, connection: &Connection, port: u16) -> SendDatagramError {
        let timing = &self.timing;
        timing.pace.set(Pace::new());
        timing.answered.set(None);
        let port = ClockPort::open(&self.place, connection, port).unwrap_or_else(|error| {
            tracing::warn!("{}: no socket for the clock port: {error}", self.server());
            None
        });
        let (mut next, mut turn) = (Instant::now(), 0);
        loop {
            tokio::select! {
                () = self.hear_port(port.as_ref()) => {}
                () = tokio::time::sleep_until(next) => {
                    if self.slept(slept_ns()) {
                        timing.pace.set(Pace::new());
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

    /// One turn: the clock port if it answers, QUIC if not.
    fn ask(&self, connection: &Connection, port: Option<&ClockPort>, turn: u64) -> Result<(), SendDatagramError> {
        let now = host_now();
        let silent = self.timing.answered.get().is_none_or(|last| now.since(last) > SILENT_NS);
        if let Some(port) = port.filter(|_| !silent || turn < AGAIN || turn.is_multiple_of(AGAIN)) {
            port.ask();
            if turn == AGAIN && silent {
                tracing::warn!(
                    "{}: the clock port does not answer (is it let through a firewall?): the clock is kept over QUIC, \
                     less well",
                    self.server()
                );
            }
        }
        if silent {
            let pings = &self.timing.pings;
            pings.set(pings.get().wrapping_add(1));
            connection.send_datagram(Ping { id: pings.get(), sent: host_now() }.encode().into())?;
        }
        Ok(())
    }

    /// Answers of the clock port, for ever; none where there is no port.
    async fn hear_port(&self, port: Option<&ClockPort>) {
        let Some(port) = port else { return std::future::pending().await };
        loop {
            let (answer, received) = match port.hear().await {
                Ok(heard) => heard,
                Err(error) => {
                    tracing::debug!("{}: the clock port's socket failed: {error}", self.server());
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            };
            self.timing.answered.set(Some(received.at));
            let stamps = match received.stamp {
                Stamp::Kernel => Stamps::Kernel,
                Stamp::Reading => Stamps::Reading,
            };
            let [sent, back] = [answer.question.sent, received.at];
            self.exchanged(sent, (answer.received, answer.answered), back, stamps);
        }
    }

    /// An answer that came over QUIC.
    pub(super) fn hear_pong(&self, pong: &Pong, heard: HostTime) {
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
            let mut hub = self.common.hub.borrow_mut();
            let path = hub.path(self.path);
            let took = path.follower.sample(sent, received, answered, back);
            if took {
                path.stamps = stamps;
            }
            took
        };
        if took {
            let away = u64::try_from(back.since(sent) - answered.since(received)).unwrap_or(0);
            self.paced(|pace| pace.heard(Duration::from_nanos(away)));
            self.common.clock(self.path, back);
        }
    }

    /// Whether this machine slept since this was last asked. Its clock is not to be trusted then.
    fn slept(&self, slept: Option<i64>) -> bool {
        let before = self.timing.slept.replace(slept);
        let woke = before.zip(slept).is_some_and(|(before, slept)| slept - before > SLEPT_NS);
        if woke {
            tracing::info!("{}: this machine slept: the clock is set anew", self.server());
            self.common.hub.borrow_mut().path(self.path).follower.slept();
            self.common.clock(self.path, host_now());
        }
        woke
    }

    fn paced<T>(&self, change: impl FnOnce(&mut Pace) -> T) -> T {
        let mut pace = self.timing.pace.get();
        let result = change(&mut pace);
        self.timing.pace.set(pace);
        result
    }
}
