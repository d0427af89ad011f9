//! A UDP destination that survives names that do not resolve, hosts that are off, and programs that are not running.
//!
//! UDP itself reports little, but the system returns an ICMP error for one datagram when sending the next. Sending
//! never blocks: names are resolved on their own thread. What the system does not take (there is no address yet, no route,
//! no room in the socket's buffer) is lost, except what [lasts](Worth::lasts): that is sent once it can be.

use super::osc_ports::OscPorts;
use super::resolver::Resolver;
use super::unsent::Unsent;
use super::worth::Worth;
use crate::dispatch::Health;
use downbeat_peer::backoff::Backoff;
use downbeat_protocol::HostTime;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

/// Delay before the first retry.
const FIRST: Duration = Duration::from_millis(500);
/// Maximum delay before a returning host is found again.
const LONGEST: Duration = Duration::from_secs(8);
/// How often a name is looked up again while all seems well: a host that has moved leaves a quiet address behind, from
/// which no error comes.
const LOOK_UP: Duration = Duration::from_secs(15);
/// Time without errors after which all is well: a refusal comes only after the datagram that caused it.
const WELL_AFTER: Duration = Duration::from_secs(1);

/// How long moving values are spared after a refusal: hundreds a second to nobody cost other outputs time.
const RESTS: Duration = Duration::from_millis(50);
/// How often to check that no control of ours has taken the peer's place.
const LOOK: Duration = Duration::from_secs(1);

/// The peer, reachable or not.
pub struct UdpPeer {
    name: String,
    target: String,
    interface: Option<String>,
    /// Where nothing is sent.
    own: OscPorts,
    health: Arc<Health>,
    socket: Option<(UdpSocket, SocketAddr)>,
    /// Whether the target is a control of ours: nothing is kept for it.
    is_ours: bool,
    /// What lasts and could not be sent yet.
    unsent: Unsent,
    failed: Option<HostTime>,
    /// When a datagram was last refused.
    refused: Option<HostTime>,
    /// Whether the socket itself failed. It keeps the address of ours that it was made with, which may be gone.
    stale: bool,
    resolver: Resolver,
    /// When the name is looked up again although nothing failed; none for a numeric address.
    look_up: Option<HostTime>,
    retry: HostTime,
    /// When to check the address again.
    look: HostTime,
    backoff: Backoff,
}

impl UdpPeer {
    /// The peer at `host:port`, through a network card if one is named; never one of our `own` controls. A numeric
    /// address is ready at once.
    pub fn new(name: &str, target: &str, interface: Option<String>, own: OscPorts, health: Arc<Health>) -> Self {
        let numeric: Option<SocketAddr> = target.parse().ok();
        let is_ours = numeric.is_some_and(|address| own.control_at(address).is_some());
        let open = numeric.filter(|_| !is_ours);
        Self {
            name: name.into(),
            target: target.into(),
            health,
            socket: open.and_then(|address| connect(address, interface.as_deref()).ok()),
            is_ours,
            unsent: Unsent::default(),
            interface,
            own,
            failed: None,
            refused: None,
            stale: false,
            resolver: Resolver::start(name, target),
            look_up: numeric.is_none().then_some(HostTime(i64::MIN)),
            retry: HostTime(i64::MIN),
            look: HostTime(i64::MIN),
            backoff: Backoff::new(FIRST, LONGEST),
        }
    }

    /// Sends a datagram; if that cannot be, keeps it if it lasts, or counts it as dropped. Never blocks.
    pub fn send(&mut self, bytes: &[u8], now: HostTime, worth: Worth) {
        self.catch_up(now);
        let rests = worth == Worth::Moving && self.refused.is_some_and(|at| now < at + RESTS);
        // Nothing overtakes what is kept: a press before the release of the one before would be no press.
        if !rests && self.unsent.is_empty() && self.hand_over(bytes, now) {
            return;
        }
        if !worth.lasts() || self.is_ours || self.unsent.put(bytes.to_owned(), worth) {
            self.health.count_dropped(1);
        }
    }

    /// Another daemon leads: only releases are kept.
    pub fn silenced(&mut self) {
        self.health.count_dropped(self.unsent.forget_values() as u64);
    }

    /// Sends what is kept, as far as that is possible.
    fn catch_up(&mut self, now: HostTime) {
        while self.socket.is_some()
            && let Some((packet, worth)) = self.unsent.take()
        {
            if !self.hand_over(&packet, now) {
                return self.unsent.put_back(packet, worth);
            }
        }
    }

    /// Hands a datagram to the system; returns whether it is done with. Another time may be better otherwise.
    fn hand_over(&mut self, bytes: &[u8], now: HostTime) -> bool {
        let Some((socket, _)) = &self.socket else { return false };
        let refused = |error: &io::Error| error.kind() == ErrorKind::ConnectionRefused;
        let mut sent = socket.send(bytes);
        if sent.as_ref().is_err_and(refused) {
            // The refused datagram is an earlier one; this one was not sent yet.
            sent = socket.send(bytes);
            let why = format!("nothing listens at {} (is the program running, and is this its port?)", self.target);
            self.health.set_error(&self.name, why);
            (self.failed, self.refused) = (Some(now), Some(now));
            self.health.count_dropped(1);
        }
        match sent {
            Ok(_) => {
                self.health.count_sent();
                true
            }
            Err(error) if refused(&error) => false,
            Err(error) => {
                self.health.set_error(&self.name, format!("cannot send to {}: {error}", self.target));
                self.failed = Some(now);
                self.stale = true;
                // One that is too long will be so another time, and must not hold up the others.
                let is_too_long = error.raw_os_error() == Some(libc::EMSGSIZE);
                if is_too_long {
                    self.health.count_dropped(1);
                }
                is_too_long
            }
        }
    }

    /// Maintenance between datagrams: resolves and connects again, sends what was kept, and records that all is well.
    /// Never blocks.
    pub fn maintain(&mut self, now: HostTime) {
        if now >= self.look {
            self.look = now + LOOK;
            self.look(now);
        }
        if let Some(answer) = self.resolver.answer() {
            self.resolved(answer, now);
        }
        if (self.socket.is_none() || self.failed.is_some()) && now >= self.retry {
            self.resolver.ask();
            self.retry = now + self.backoff.failed();
            self.look_up = self.look_up.map(|_| now + LOOK_UP);
        }
        if let (Some((_, address)), true) = (&self.socket, self.look_up.is_some_and(|at| now >= at)) {
            self.resolver.ask_unless(*address);
            self.look_up = Some(now + LOOK_UP);
        }
        self.catch_up(now);
        if self.socket.is_some() && self.failed.is_some_and(|at| now >= at + WELL_AFTER) {
            self.failed = None;
            self.backoff.reset();
            self.health.set_error(&self.name, "");
        }
    }

    /// A control may be opened later than this, and a machine may get another address.
    fn look(&mut self, now: HostTime) {
        let refused = self.socket.as_ref().and_then(|(_, to)| self.own.refuse(*to).err());
        refused.into_iter().for_each(|why| self.refuse(&why, now));
    }

    fn refuse(&mut self, why: &str, now: HostTime) {
        (self.socket, self.failed, self.is_ours) = (None, Some(now), true);
        self.health.count_dropped(self.unsent.clear() as u64);
        self.health.set_error(&self.name, format!("cannot send to {}: {why}", self.target));
    }

    fn resolved(&mut self, answer: io::Result<SocketAddr>, now: HostTime) {
        if let (Ok(new), Some((_, old))) = (&answer, &self.socket)
            && new == old
            && !self.stale
        {
            return;
        }
        if let Ok(address) = &answer
            && let Err(why) = self.own.refuse(*address)
        {
            return self.refuse(&why, now);
        }
        self.is_ours &= answer.is_err();
        match answer.and_then(|address| connect(address, self.interface.as_deref())) {
            Ok(socket) => (self.socket, self.stale) = (Some(socket), false),
            // A peer that is reachable, or may be again, is not dropped because a name server is down.
            Err(_) if self.socket.is_some() => {}
            Err(error) => {
                self.failed = Some(now);
                self.health.set_error(&self.name, format!("cannot reach {}: {error}", self.target));
            }
        }
    }
}

/// A socket that sends to only one address, so that the system reports errors for its datagrams.
fn connect(to: SocketAddr, interface: Option<&str>) -> io::Result<(UdpSocket, SocketAddr)> {
    let any = if to.is_ipv4() { IpAddr::V4(Ipv4Addr::UNSPECIFIED) } else { IpAddr::V6(Ipv6Addr::UNSPECIFIED) };
    let socket = UdpSocket::bind((any, 0))?;
    if let Some(interface) = interface {
        downbeat_peer::interface::bind(&socket, interface).map_err(io::Error::other)?;
    }
    socket.set_broadcast(true)?;
    socket.set_nonblocking(true)?;
    socket.connect(to)?;
    Ok((socket, to))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::Ordering::Relaxed;
    use std::time::Instant;

    fn at(ms: i64) -> HostTime {
        HostTime(ms * 1_000_000)
    }

    /// A peer at an address at which nobody listens.
    fn to_nobody() -> (UdpPeer, SocketAddr, Arc<Health>) {
        let peer = UdpSocket::bind("127.0.0.1:0").expect("a port");
        let address = peer.local_addr().expect("bound");
        let health = Arc::new(Health::default());
        (UdpPeer::new("desk", &address.to_string(), None, OscPorts::default(), Arc::clone(&health)), address, health)
    }

    /// Calls `step` until it is done; a deadline rather than a hope.
    fn until(mut step: impl FnMut() -> bool) {
        let start = Instant::now();
        while !step() {
            assert!(start.elapsed() < Duration::from_secs(5), "waited for nothing");
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_target_that_is_not_there_is_named_and_all_is_well_once_it_is() {
        let (mut link, address, health) = to_nobody();
        until(|| {
            link.send(b"lost", at(0), Worth::Lasting);
            !health.error().is_empty()
        });
        assert!(health.error().contains(&address.to_string()), "{}", health.error());
        assert!(health.dropped.load(Relaxed) > 0);

        let peer = UdpSocket::bind(address).expect("the same port");
        peer.set_read_timeout(Some(Duration::from_secs(5))).expect("a timeout");
        link.send(b"here", at(500), Worth::Moving);
        link.maintain(at(2000));
        assert_eq!(health.error(), "");
        let mut bytes = [0; 8];
        assert_eq!(peer.recv(&mut bytes).map(|length| &bytes[..length] == b"here").ok(), Some(true));
    }

    #[test]
    fn where_nobody_listens_moving_values_are_spared_and_what_stays_is_sent() {
        let (mut link, address, health) = to_nobody();
        until(|| {
            link.send(b"lost", at(0), Worth::Moving);
            link.refused.is_some()
        });
        let sent = || health.sent.load(Relaxed);
        let before = sent();
        (0..200).for_each(|_| link.send(b"level", at(20), Worth::Moving));
        assert_eq!(sent(), before);
        let peer = UdpSocket::bind(address).expect("the same port");
        peer.set_read_timeout(Some(Duration::from_secs(5))).expect("a timeout");
        let come = |what: &[u8]| {
            let mut bytes = [0; 8];
            assert_eq!(peer.recv(&mut bytes).map(|length| bytes[..length] == *what).ok(), Some(true), "{what:?}");
        };
        link.send(b"off", at(30), Worth::Lasting);
        come(b"off");
        // The refusal of what went before may have come with this.
        link.send(b"level", at(130), Worth::Moving);
        come(b"level");
    }

    #[test]
    fn a_name_is_resolved_without_anyone_waiting() {
        let peer = UdpSocket::bind("127.0.0.1:0").expect("a port");
        let port = peer.local_addr().expect("bound").port();
        let health = Arc::new(Health::default());
        let mut link = UdpPeer::new(
            "desk",
            &format!("localhost:{port}"),
            Some("lo".into()),
            OscPorts::default(),
            Arc::clone(&health),
        );
        link.send(b"too early", at(0), Worth::Moving);
        assert_eq!(health.dropped.load(Relaxed), 1);
        until(|| {
            link.maintain(at(0));
            link.socket.is_some()
        });
        link.send(b"x", at(1), Worth::Moving);
        assert_eq!(health.sent.load(Relaxed), 1);
    }

    /// A socket at which a test listens.
    fn listener() -> UdpSocket {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
        socket.set_read_timeout(Some(Duration::from_secs(5))).expect("a timeout");
        socket
    }

    fn next(listener: &UdpSocket) -> Vec<u8> {
        let mut bytes = [0; 64];
        let length = listener.recv(&mut bytes).expect("a datagram");
        bytes[..length].to_vec()
    }

    #[test]
    fn what_lasts_waits_for_a_name_that_has_not_resolved_yet_and_what_moves_is_dropped() {
        let (peer, health) = (listener(), Arc::new(Health::default()));
        let port = peer.local_addr().expect("bound").port();
        let target = format!("localhost:{port}");
        let mut link = UdpPeer::new("desk", &target, None, OscPorts::default(), Arc::clone(&health));
        link.send(b"/hold\0\0\0,i\0\0\0\0\0\x01", at(0), Worth::Lasting);
        link.send(b"/lamp\0\0\0,i\0\0\0\0\0\0", at(0), Worth::Lasting);
        link.send(b"/level\0\0,i\0\0\0\0\0\x01", at(0), Worth::Moving);
        link.send(b"/hold\0\0\0,i\0\0\0\0\0\0", at(0), Worth::Lasting);
        assert_eq!((health.sent.load(Relaxed), health.dropped.load(Relaxed)), (0, 1));
        until(|| {
            link.maintain(at(0));
            link.socket.is_some()
        });
        link.send(b"/next", at(1), Worth::Moving);
        assert_eq!(next(&peer), b"/lamp\0\0\0,i\0\0\0\0\0\0");
        assert_eq!(next(&peer), b"/hold\0\0\0,i\0\0\0\0\0\0", "the last word");
        assert_eq!(next(&peer), b"/next");
        assert_eq!((health.sent.load(Relaxed), health.dropped.load(Relaxed)), (3, 1));
    }

    #[test]
    fn once_another_daemon_leads_only_releases_of_what_was_kept_are_sent() {
        let (peer, health) = (listener(), Arc::new(Health::default()));
        let target = format!("localhost:{}", peer.local_addr().expect("bound").port());
        let mut link = UdpPeer::new("desk", &target, None, OscPorts::default(), Arc::clone(&health));
        link.send(b"/level\0\0,i\0\0\0\0\0\x01", at(0), Worth::Lasting);
        link.send(b"/hold\0\0\0,i\0\0\0\0\0\0", at(0), Worth::Release);
        link.silenced();
        until(|| {
            link.maintain(at(0));
            link.socket.is_some()
        });
        link.send(b"/next", at(1), Worth::Moving);
        assert_eq!(next(&peer), b"/hold\0\0\0,i\0\0\0\0\0\0");
        assert_eq!(next(&peer), b"/next");
        assert_eq!((health.sent.load(Relaxed), health.dropped.load(Relaxed)), (2, 1));
    }

    #[test]
    fn what_lasts_waits_while_the_system_sends_nothing_unless_it_is_too_long_for_ever() {
        let (peer, health) = (listener(), Arc::new(Health::default()));
        let address = peer.local_addr().expect("bound");
        let mut link = UdpPeer::new("desk", &address.to_string(), None, OscPorts::default(), Arc::clone(&health));
        // One without a destination sends as little as one without a route.
        link.socket = Some((UdpSocket::bind("127.0.0.1:0").expect("a port"), address));
        link.send(b"/off", at(0), Worth::Lasting);
        link.send(b"/level", at(0), Worth::Moving);
        assert!(health.error().contains("cannot send"), "{}", health.error());
        assert_eq!((health.sent.load(Relaxed), health.dropped.load(Relaxed)), (0, 1));
        until(|| {
            link.maintain(at(0));
            health.sent.load(Relaxed) == 1
        });
        assert_eq!(next(&peer), b"/off");
        link.send(&vec![b'x'; 70_000], at(1), Worth::Lasting);
        link.send(b"/on", at(1), Worth::Lasting);
        assert_eq!(next(&peer), b"/on");
        assert_eq!(health.dropped.load(Relaxed), 2);
    }

    #[test]
    fn a_name_that_has_moved_is_followed_although_its_old_address_stays_quiet() {
        let [old, new] = [(); 2].map(|()| UdpSocket::bind("127.0.0.1:0").expect("a port"));
        let address = |peer: &UdpSocket| peer.local_addr().expect("bound");
        let health = Arc::new(Health::default());
        let mut link = UdpPeer::new(
            "desk",
            &format!("localhost:{}", address(&new).port()),
            None,
            OscPorts::default(),
            Arc::clone(&health),
        );
        until(|| {
            link.maintain(at(0));
            link.socket.is_some()
        });
        // As if the name had meant the old one until now.
        link.socket = Some(connect(address(&old), None).expect("a socket"));
        link.maintain(at(14_999));
        assert_eq!(link.look_up, Some(at(15_000)), "not yet");
        until(|| {
            link.send(b"x", at(15_000), Worth::Moving);
            link.maintain(at(15_000));
            link.socket.as_ref().is_some_and(|(_, to)| *to == address(&new))
        });
        assert_eq!((health.error(), link.failed), (String::new(), None));
    }

    #[test]
    fn a_name_that_does_not_resolve_is_asked_for_again_with_growing_patience() {
        let health = Arc::new(Health::default());
        let mut link = UdpPeer::new("desk", "no-such-host.invalid:1", None, OscPorts::default(), Arc::clone(&health));
        until(|| {
            link.maintain(at(0));
            !health.error().is_empty()
        });
        assert!(health.error().starts_with("cannot reach no-such-host.invalid:1"), "{}", health.error());
        assert_eq!(link.retry, at(500));
        link.maintain(at(499));
        assert_eq!(link.retry, at(500));
        link.maintain(at(500));
        assert_eq!(link.retry, at(1500));
    }

    #[test]
    fn nothing_is_sent_to_a_control_of_ours_however_its_address_is_written() {
        let control = UdpSocket::bind("0.0.0.0:0").expect("a port");
        let port = control.local_addr().expect("bound").port();
        let own = OscPorts::default();
        own.enter("tablet", control.local_addr().expect("bound"));
        for host in ["127.1", "0", "2130706433", "0x7f.1", "localhost", "127.0.0.1"] {
            let health = Arc::new(Health::default());
            let mut link = UdpPeer::new("desk", &format!("{host}:{port}"), None, own.clone(), Arc::clone(&health));
            until(|| {
                link.maintain(at(0));
                link.send(b"param", at(0), Worth::Lasting);
                !health.error().is_empty()
            });
            assert!(health.error().contains("[control.tablet]"), "{host}: {}", health.error());
            link.send(b"param", at(0), Worth::Lasting);
            assert!(health.sent.load(Relaxed) == 0 && link.unsent.is_empty(), "{host}");
        }
    }

    #[test]
    fn where_a_control_of_ours_opens_later_sending_ends_and_goes_on_when_it_is_gone() {
        let there = UdpSocket::bind("127.0.0.1:0").expect("a port");
        let address = there.local_addr().expect("bound");
        let (health, own) = (Arc::new(Health::default()), OscPorts::default());
        let mut link = UdpPeer::new("desk", &address.to_string(), None, own.clone(), Arc::clone(&health));
        link.maintain(at(0));
        link.send(b"x", at(1), Worth::Moving);
        own.enter("tablet", address);
        link.maintain(at(2_000));
        link.send(b"x", at(2_001), Worth::Moving);
        assert_eq!(health.sent.load(Relaxed), 1);
        assert!(health.error().contains("[control.tablet]"), "{}", health.error());
        own.remove("tablet");
        let mut ms = 3_000;
        until(|| {
            ms += 100;
            link.maintain(at(ms));
            link.socket.is_some() && health.error().is_empty()
        });
    }
}
