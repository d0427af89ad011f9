//! The thread `standby`: collects statements of other daemons and clients, runs the
//! [election](downbeat_engine::election), and carries out its decision.

use super::Leadership;
use super::following::Following;
use super::part::{Part, PartSlot};
use super::passed::{Missed, Passed};
use super::{Gossip, GossipReceiver};
use crate::board::Board;
use crate::clock::{ShowClock, host_now};
use crate::edges::allowance::Allowance;
use crate::server::keys::Keys;
use crate::threads;
use crossbeam_channel::{Receiver, Sender, never, select};
use downbeat_engine::Mirrored;
use downbeat_engine::election::{Election, Settings, Standing};
use downbeat_protocol::message::Daemon;
use downbeat_protocol::{Action, Command, HostTime};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering::Relaxed};
use std::time::Duration;

/// Polling interval of followed daemons: about once a hop.
const EVERY: Duration = Duration::from_millis(4);
/// How often clients are asked while the leader is silent.
const ASK_EVERY: Duration = Duration::from_millis(15);

/// Commands to pass on of senders whose address may be forged: so many at once, and so many a second. The leader cannot
/// tell them from those of the operator.
const UNPROVEN: (f64, f64) = (400.0, 200.0);

/// What the thread works with.
pub struct Standby {
    /// The show's name.
    pub show: String,
    /// This daemon's standing.
    pub leadership: Leadership,
    /// The show's clock.
    pub clock: ShowClock,
    /// Statements about the leader.
    pub gossip_in: GossipReceiver,
    /// Commands for the leader, while another daemon leads.
    pub forwarded: Receiver<Command>,
    /// The role of the hop thread.
    pub part: PartSlot,
    /// Tells the senders of commands that reach no leader.
    pub refusals: Sender<(String, String)>,
    /// For the operator's page.
    pub board: Arc<Board>,
    /// The port for clients; 0 if there are none.
    pub port: Arc<AtomicU16>,
    /// This daemon's identity and peers.
    pub keys: Keys,
    /// Follow unknown daemons.
    pub allow_unpaired: bool,
    /// The settings of the election.
    pub settings: Settings,
}

impl Standby {
    /// Connects to all other known daemons.
    fn follow(&self) -> Following {
        Following::new(&self.show, &self.leadership, self.port.load(Relaxed), &self.keys, self.allow_unpaired)
    }

    /// Runs until `stop` is dropped.
    pub fn run(self, stop: &Receiver<()>) {
        let now = host_now();
        let mut running = Running {
            election: Election::new(self.settings, now),
            following: self.follow(),
            mirrored: None,
            standing: None,
            asked: now,
            ready: false,
            warned: None,
            unproven: Allowance::new(UNPROVEN.0, UNPROVEN.1, now),
            passed: Passed::new(self.settings.detection),
            heard: HostTime::ZERO,
            standby: self,
        };
        // A closed channel is always ready: without a server nothing ever comes, and waiting for that would spin.
        let mut received = running.standby.gossip_in.received.clone();
        let mut forwarded = running.standby.forwarded.clone();
        loop {
            threads::beat();
            select! {
                recv(stop) -> _ => return,
                recv(received) -> gossip => match gossip {
                    Ok(gossip) => running.learn(gossip),
                    Err(_) => received = never(),
                },
                recv(forwarded) -> command => match command {
                    Ok(command) => running.obey(command),
                    Err(_) => forwarded = never(),
                },
                default(EVERY) => {}
            }
            running.turn(host_now());
        }
    }
}

struct Running {
    standby: Standby,
    election: Election,
    following: Following,
    /// The leader's last report.
    mirrored: Option<Mirrored>,
    /// The last decision carried out.
    standing: Option<Standing>,
    asked: HostTime,
    ready: bool,
    /// The warning that is shown.
    warned: Option<&'static str>,
    /// What may still be passed on of senders whose address may be forged.
    unproven: Allowance,
    /// What was passed on lately.
    passed: Passed,
    /// When a leader's last row came.
    heard: HostTime,
}

impl Running {
    fn learn(&mut self, gossip: Gossip) {
        let now = host_now();
        match gossip {
            Gossip::Daemon(daemon, ip) if daemon.run != self.standby.leadership.run() => {
                self.election.heard(now, daemon.run, daemon.term, daemon.leads);
                if daemon.port != 0 {
                    self.partner(ip, daemon, now);
                }
            }
            Gossip::Daemon(..) => {}
            Gossip::Term(term) => self.election.term(now, term),
            Gossip::LeaderHeard(heard) => {
                self.election.witness(now, heard.term, Duration::from_micros(heard.age_us.into()));
            }
        }
    }

    /// Another daemon serves clients here: if it leads one day, this one must find it.
    fn partner(&mut self, ip: IpAddr, daemon: Daemon, now: HostTime) {
        let server = SocketAddr::new(ip.to_canonical(), daemon.port).to_string();
        if self.standby.leadership.meet(&server, daemon.run, now, |server| self.following.reaches(server)) {
            tracing::info!("standby: a daemon at {server} belongs to this show");
            self.following = self.standby.follow();
        }
    }

    fn obey(&mut self, command: Command) {
        if command.is_forged_edit() {
            return self.refuse(command, Command::FORGED_EDIT);
        }
        match &command.what {
            Action::TakeLead => self.election.take(host_now()),
            Action::GiveLead if self.standby.leadership.leads() => {
                if !self.election.give(host_now()) {
                    tracing::warn!("standby: cannot hand over the lead: no other daemon is standing by");
                }
            }
            _ => self.pass_on(command, host_now()),
        }
    }

    /// Passes a command on to the leader.
    fn pass_on(&mut self, command: Command, now: HostTime) {
        if matches!(self.standing, Some(Standing::Leading { .. })) {
            // The hop thread does not know it yet.
            return self.refuse(command, "this daemon is just taking the lead: send it again");
        }
        if Command::host(&command.from).is_none() && !self.unproven.take(now) {
            return self.refuse(command, "too many commands at once; this one was dropped");
        }
        match self.following.forward(command.what.clone(), command.when) {
            Ok(()) => self.passed.keep(command, now),
            Err(why) => {
                let why = format!("this daemon stands by, and no leader takes commands ({why}); to lead: /lead/take");
                self.refuse(command, &why);
            }
        }
    }

    /// Tells the sender of a command why it is not obeyed, if there is room.
    fn refuse(&self, command: Command, why: &str) {
        let _ = self.standby.refusals.try_send((command.from, why.to_owned()));
    }

    /// Tells those whose commands a leader may not have taken before it died.
    fn tell_lost(&self, lost: Vec<Command>) {
        for command in lost {
            self.refuse(command, "the leader was lost just then: send it again if nothing happened");
        }
    }

    fn turn(&mut self, now: HostTime) {
        let heard = self.following.look(now);
        for (run, term, leads, at) in heard.daemons {
            self.election.heard(at, run, term, leads);
            self.heard = if leads { self.heard.max(at) } else { self.heard };
        }
        let lost = self.passed.expire(now, self.heard);
        self.tell_lost(lost);
        self.election.ready(now, heard.ready);
        if std::mem::replace(&mut self.ready, heard.ready) != heard.ready && !self.standby.leadership.leads() {
            let words = if heard.ready { "ready to take over" } else { "cannot hear the leader" };
            tracing::info!("standby: {words}");
        }
        self.election.complete(heard.complete);
        let standing = self.election.tick(now);
        self.warn(now);
        if self.election.wonders(now) && now.since(self.asked) > ASK_EVERY.as_nanos() as i64 {
            self.asked = now;
            self.standby.gossip_in.ask(self.election.highest_term());
        }
        if !matches!(standing, Standing::Leading { .. })
            && let Some(leader) = heard.leader
        {
            self.standby.clock.follow(leader.line);
            if self.standby.leadership.epoch() != leader.epoch {
                self.standby.leadership.join(leader.epoch);
            }
            self.standby.part.put(Part::StandBy(leader.mirrored.clone()));
            self.mirrored = Some(leader.mirrored);
        }
        self.carry_out(standing);
    }

    /// Says once when nobody leads, and shows it as long as that is so.
    fn warn(&mut self, now: HostTime) {
        let warning = self.election.warning(now);
        if std::mem::replace(&mut self.warned, warning) == warning {
            return;
        }
        let words = self.election.words();
        match warning {
            Some(warning) => {
                tracing::warn!("standby: {warning}");
                self.standby.board.stand(&format!("{words}; {warning}"));
            }
            None => self.standby.board.stand(&words),
        }
    }

    fn carry_out(&mut self, standing: Standing) {
        if self.standing.as_ref() == Some(&standing) {
            return;
        }
        let Standby { leadership, part, board, .. } = &self.standby;
        match (&standing, self.mirrored.take()) {
            (Standing::Leading { term, .. }, Some(leader)) => {
                let Missed { values, lost } = self.passed.missed(self.heard);
                self.tell_lost(lost);
                part.put(Part::Lead(*term, leader, values));
            }
            (Standing::Leading { term, .. }, None) => {
                let Missed { values, lost } = self.passed.missed(self.heard);
                self.tell_lost(values);
                self.tell_lost(lost);
                leadership.set(*term, true);
            }
            (Standing::Waiting { term, .. }, mirrored) => {
                leadership.set(*term, false);
                self.mirrored = mirrored;
            }
        }
        let words = self.election.words();
        tracing::info!("standby: {words}");
        board.stand(&words);
        self.following.tell(&standing);
        self.standing = Some(standing);
    }
}
