//! The clock port: the thread `clock:NAME`, which only serves the time, over plain UDP with keys of the QUIC sessions.
//!
//! QUIC packets carry the time too, but no kernel stamps, only the time when a thread got round to them. The port
//! answers only clients with a current QUIC session, and each question once.

use crate::clock::{ShowClock, host_now};
use crate::dispatch::Health;
use crate::edges::allowance::Allowance;
use crate::threads;
use downbeat_client::clock::Key;
use downbeat_peer::stamped::Stamper;
use downbeat_protocol::HostTime;
use downbeat_protocol::clock_packet::{Answer, LEN, PacketError, Question};
use std::collections::HashMap;
use std::io::{self, ErrorKind};
use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// Requests at once and per second of one session. Clients send at most twenty a second.
const QUESTIONS: (f64, f64) = (100.0, 100.0);
/// Maximum delay to notice the end, and pause after an error.
const LIMIT: Duration = Duration::from_millis(200);

/// Clients that may ask. Clones share the list.
#[derive(Clone, Debug, Default)]
pub struct ClockClients(Arc<Mutex<HashMap<u64, ClockClient>>>);

#[derive(Debug)]
struct ClockClient {
    key: Key,
    /// The number of the last request; those of a session start with 1.
    counter: u64,
    allowance: Allowance,
}

/// Permission for a session. Dropping this revokes it.
#[derive(Debug)]
pub struct Pass {
    clock_clients: ClockClients,
    session: u64,
}

/// Why a request is not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unanswered {
    /// It is invalid.
    #[error(transparent)]
    Packet(#[from] PacketError),
    /// Its session is unknown, or has ended.
    #[error("a request for an unknown session")]
    Unknown,
    /// A repeat, or overtaken by a later one.
    #[error("a repeated request")]
    Replayed,
    /// Too many requests.
    #[error("more than {} requests per second", QUESTIONS.1)]
    TooMany,
}

impl ClockClients {
    /// Permits a session.
    pub fn admit(&self, key: Key) -> Pass {
        let session = key.session();
        let allowance = Allowance::new(QUESTIONS.0, QUESTIONS.1, host_now());
        self.lock().insert(session, ClockClient { key, counter: 0, allowance });
        Pass { clock_clients: self.clone(), session }
    }

    /// The answer to a request received at a moment, or why there is none. `clock` is read last.
    pub fn answer(&self, bytes: &[u8], came: HostTime, clock: &ShowClock) -> Result<[u8; LEN], Unanswered> {
        let mut clock_clients = self.lock();
        let clock_client = clock_clients.get_mut(&Question::session(bytes)?).ok_or(Unanswered::Unknown)?;
        let question = Question::decode(bytes, &clock_client.key)?;
        if question.counter <= clock_client.counter {
            return Err(Unanswered::Replayed);
        }
        clock_client.counter = question.counter;
        if !clock_client.allowance.take(came) {
            return Err(Unanswered::TooMany);
        }
        let received = clock.show(came);
        // A clock corrected between two readings must not run back.
        let answered = clock.now().max(received);
        Ok(Answer { question, received, answered }.encode(&clock_client.key))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, ClockClient>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        self.clock_clients.lock().remove(&self.session);
    }
}

/// The thread's parameters.
pub struct ClockService {
    pub socket: UdpSocket,
    pub clock_clients: ClockClients,
    pub clock: ShowClock,
    pub health: Arc<Health>,
}

/// The running thread. Dropping this ends it.
pub struct Running {
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl ClockService {
    /// Starts answering.
    pub fn start(self, name: &str) -> io::Result<Running> {
        self.socket.set_read_timeout(Some(LIMIT))?;
        let over = Arc::new(AtomicBool::new(false));
        let theirs = Arc::clone(&over);
        let (watchdog, name) = (threads::watchdog(), format!("clock:{name}"));
        let run = move |name: &str| watchdog.run(name, || self.run(&theirs));
        let thread = std::thread::Builder::new().name(name.clone()).spawn(move || run(&name))?;
        Ok(Running { over, thread: Some(thread) })
    }

    fn run(&self, over: &AtomicBool) {
        let mut stamper = Stamper::of(&self.socket);
        // One byte more than any packet of ours, to detect longer ones.
        let mut buffer = [0; LEN + 1];
        while !over.load(Relaxed) {
            threads::beat();
            let received = match stamper.receive(&self.socket, &mut buffer) {
                Ok(received) => received,
                // A timeout; or an earlier answer was refused (ICMP), which the kernel reports here.
                Err(error) if is_usual(&error) => continue,
                Err(error) => {
                    tracing::debug!("the clock port failed: {error}");
                    std::thread::sleep(LIMIT);
                    continue;
                }
            };
            match self.clock_clients.answer(&buffer[..received.len], received.at, &self.clock) {
                Ok(answer) => self.send(&answer, received.from),
                Err(why) => {
                    tracing::trace!("clock port: {why}");
                    self.health.count_dropped(1);
                }
            }
        }
    }

    fn send(&self, answer: &[u8], to: Option<SocketAddr>) {
        let sent = to.is_some_and(|to| self.socket.send_to(answer, to).is_ok());
        if !sent {
            self.health.count_dropped(1);
        }
    }
}

fn is_usual(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted | ErrorKind::ConnectionRefused
    )
}

impl Drop for Running {
    fn drop(&mut self) {
        self.over.store(true, Relaxed);
        if let Some(thread) = self.thread.take() {
            // Its only result is its end.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_protocol::ShowTime;
    use downbeat_protocol::clock_packet::SECRET_LEN;

    fn key(session: u8) -> Key {
        Key::from_secret(&[session; SECRET_LEN])
    }

    fn asked(key: &Key, counter: u64) -> [u8; LEN] {
        Question { session: key.session(), counter, sent: HostTime(5) }.encode(key)
    }

    #[test]
    fn a_session_is_answered_in_show_time_for_as_long_as_it_lasts() {
        let (clock_clients, clock, ours) = (ClockClients::default(), ShowClock::new(1_000_000), key(1));
        assert_eq!(clock_clients.answer(&asked(&ours, 1), host_now(), &clock), Err(Unanswered::Unknown));
        let pass = clock_clients.admit(ours.clone());
        let came = host_now();
        let bytes = clock_clients.answer(&asked(&ours, 1), came, &clock).expect("answered");
        let answer = Answer::decode(&bytes, &ours).expect("ours");
        assert_eq!((answer.question.counter, answer.question.sent), (1, HostTime(5)));
        assert_eq!(answer.received, ShowTime(came.0 + 1_000_000));
        assert!(answer.answered >= answer.received);
        drop(pass);
        assert_eq!(clock_clients.answer(&asked(&ours, 2), host_now(), &clock), Err(Unanswered::Unknown));
    }

    #[test]
    fn a_question_is_answered_once_and_never_for_somebody_else() {
        let (clock_clients, clock, ours, theirs) = (ClockClients::default(), ShowClock::new(0), key(1), key(2));
        let _passes = [clock_clients.admit(ours.clone()), clock_clients.admit(theirs.clone())];
        let now = host_now();
        assert!(clock_clients.answer(&asked(&ours, 5), now, &clock).is_ok());
        for counter in [5, 4, 0] {
            assert_eq!(clock_clients.answer(&asked(&ours, counter), now, &clock), Err(Unanswered::Replayed));
        }
        let forged = Question { session: ours.session(), counter: 6, sent: HostTime(5) }.encode(&theirs);
        assert_eq!(clock_clients.answer(&forged, now, &clock), Err(Unanswered::Packet(PacketError::Forged)));
        assert!(clock_clients.answer(&asked(&ours, 6), now, &clock).is_ok(), "a forged counter does not count");
        assert!(clock_clients.answer(&asked(&theirs, 1), now, &clock).is_ok());
    }

    #[test]
    fn a_flood_of_good_questions_is_answered_at_a_rate() {
        let (clock_clients, clock, ours) = (ClockClients::default(), ShowClock::new(0), key(1));
        let _pass = clock_clients.admit(ours.clone());
        let now = host_now();
        let answered = (1..=300).filter(|counter| clock_clients.answer(&asked(&ours, *counter), now, &clock).is_ok());
        assert_eq!(answered.count(), QUESTIONS.0 as usize);
    }
}
