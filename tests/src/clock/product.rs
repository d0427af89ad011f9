//! The product itself: a real daemon, and sessions on the same machine and behind networks.
//!
//! The daemon's show time is this machine's own time, and everyone shares it: any deviation of a session's clock is its
//! error.

use super::World;
use crate::bench::Distribution;
use crate::network::{Conditions, Host, Link, allowed};
use crate::port::free_port;
use crate::wait::wait_for;
use crate::{Daemon, song};
use downbeat_client::{Session, Stamps, session::Settings};
use downbeat_protocol::message::Role;
use std::time::{Duration, Instant};

/// How often the clocks are looked at.
const LOOK: Duration = Duration::from_millis(5);

/// A session, how far its clock was off, and by which stamps it was kept.
pub struct Followed {
    session: Session,
    /// Nothing where it cannot be measured here.
    pub errors: Distribution,
    /// How its clock was kept in the end.
    pub stamps: Stamps,
    /// The greatest error less what was stated, in nanoseconds: above 0 the clock has left its bound.
    pub beyond: i64,
    /// How often it jumped.
    pub jumps: u64,
}

/// Measures sessions of one daemon, from the second `from` for so many seconds: one on its own machine, and one through
/// a link like each of the worlds, where hosts are allowed.
pub fn follow(worlds: &[World], from: f64, seconds: f64) -> Vec<Followed> {
    let hosts: Vec<Host> = (0..=worlds.len()).filter(|_| allowed()).map(|_| Host::new()).collect();
    let links: Vec<Link> =
        hosts.iter().skip(1).enumerate().map(|(k, host)| Link::between(&hosts[0], host, k as u64 + 1)).collect();
    let port = free_port();
    let config = format!(
        "[audio]\nsource = \"file\"\nfiles = {{ main = {:?} }}\n\
         [server]\nlisten = \"0.0.0.0:{port}\"\nallow-unpaired = true\n",
        song::mix()
    );
    let _daemon =
        hosts.first().map_or_else(|| Daemon::start(&config, None), |host| Daemon::start_on(host, &config, None));
    let start = |server: String, name: &str| {
        Session::start(Settings { allow_unpaired: true, ..Settings::new(&server, name, Role::Viewer) })
    };
    let home = || start(format!("127.0.0.1:{port}"), "home");
    let mut sessions = vec![hosts.first().map_or_else(home, |host| host.inside(home))];
    for (link, host) in links.iter().zip(hosts.iter().skip(1)) {
        sessions.push(host.inside(|| start(format!("{}:{port}", link.addresses()[0]), "away")));
    }
    let mut followed: Vec<Followed> = sessions
        .into_iter()
        .map(|session| Followed {
            session,
            errors: Distribution::default(),
            stamps: Stamps::None,
            beyond: i64::MIN,
            jumps: 0,
        })
        .collect();
    for it in &followed {
        wait_for("the daemon", Duration::from_secs(20), || it.session.view().connected.then_some(()));
    }
    for (link, world) in links.iter().zip(worlds) {
        link.set(Conditions::from(world));
    }
    let begun = Instant::now();
    while begun.elapsed().as_secs_f64() < from + seconds {
        std::thread::sleep(LOOK);
        for it in followed.iter_mut().filter(|_| begun.elapsed().as_secs_f64() >= from) {
            it.look();
        }
    }
    followed
}

impl Followed {
    fn look(&mut self) {
        let clock = self.session.clock();
        let host = Session::host_now();
        let off = (clock.show(host).0 - host.0).abs();
        self.errors.add(off);
        self.beyond = self.beyond.max(off - (clock.error_us * 1e3) as i64);
        (self.stamps, self.jumps) = (clock.stamps, clock.jumps);
    }
}
