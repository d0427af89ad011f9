//! Followers: sessions of the client library, as in every renderer, each on its own thread.

use crate::bench::Distribution;
use crate::host_now_ns;
use downbeat_client::{Session, Settings};
use downbeat_protocol::message::Role;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// Followers that are watched for each row. More would take from the processor what is being measured.
const WATCHED: usize = 8;
/// How often to look whether all are there.
const LOOK: Duration = Duration::from_millis(50);
/// How long all may take to be there.
const GATHER: Duration = Duration::from_secs(30);

/// Followers of one server.
pub struct Crowd(Vec<Session>);

/// What followers saw.
pub struct Seen {
    /// From a row's moment until a program that waits for it has it. Show time is host time here.
    pub late: Distribution,
    /// Rows that followers had in the end, all together.
    pub rows: u64,
    /// Rows that never came, all together.
    pub lost: u64,
    /// Followers that were served in the end.
    pub served: usize,
    /// Followers that had to come back.
    pub cut_off: usize,
}

impl Crowd {
    /// Connects so many and waits until each has a row, or for half a minute: there may be too many for this machine.
    pub fn gather(port: u16, count: usize) -> Self {
        let settings = |number| Settings::new(&format!("127.0.0.1:{port}"), format!("node {number}"), Role::Renderer);
        let sessions: Vec<_> = (0..count).map(|number| Session::start(settings(number))).collect();
        let (crowd, start) = (Self(sessions), Instant::now());
        while crowd.served() < count && start.elapsed() < GATHER {
            std::thread::sleep(LOOK);
        }
        crowd
    }

    /// How many are connected and have a row.
    pub fn served(&self) -> usize {
        self.0.iter().filter(|session| session.newest_row().is_some() && session.view().connected).count()
    }

    /// One of them.
    pub fn any(&self) -> Option<&Session> {
        self.0.first()
    }

    /// Watches for so long.
    pub fn watch(&self, time: Duration) -> Seen {
        let (over, before) = (AtomicBool::new(false), self.tally());
        let step = self.0.len().div_ceil(WATCHED).max(1);
        let late = std::thread::scope(|scope| {
            let watchers: Vec<_> = self.0.iter().step_by(step).map(|it| scope.spawn(|| lateness(it, &over))).collect();
            std::thread::sleep(time);
            over.store(true, Relaxed);
            let mut late = Distribution::default();
            watchers.into_iter().for_each(|watcher| late.join(&watcher.join().expect("a watcher ends")));
            late
        });
        let after = self.tally();
        let newcomers = after.iter().zip(&before).filter(|(after, before)| after.welcomes > before.welcomes).count();
        let sum = |of: fn(&Tally) -> u64, tally: &[Tally]| tally.iter().map(of).sum::<u64>();
        Seen {
            late,
            rows: sum(|it| it.newest, &after).saturating_sub(sum(|it| it.newest, &before)),
            lost: sum(|it| it.lost, &after).saturating_sub(sum(|it| it.lost, &before)),
            served: self.served(),
            cut_off: newcomers,
        }
    }

    fn tally(&self) -> Vec<Tally> {
        let tally = |session: &Session| {
            let view = session.view();
            Tally {
                newest: session.newest_row().map_or(0, |row| row.seq),
                lost: view.rows_lost,
                welcomes: view.welcomes,
            }
        };
        self.0.iter().map(tally).collect()
    }
}

struct Tally {
    newest: u64,
    lost: u64,
    welcomes: u64,
}

fn lateness(session: &Session, over: &AtomicBool) -> Distribution {
    let (mut late, mut newest, mut heard) = (Distribution::default(), 0, session.view().last_heard);
    while !over.load(Relaxed) {
        heard = session.wait(Duration::from_millis(100), |view| view.last_heard > heard).last_heard;
        let now = host_now_ns();
        if let Some(row) = session.newest_row().filter(|row| row.seq > newest) {
            newest = row.seq;
            late.add(now - row.time.0);
        }
    }
    late
}
