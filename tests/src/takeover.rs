//! Two daemons of one show on one JACK server, and a client that follows both while the leader is killed.

use crate::port::free_port;
use crate::{Daemon, JackServer, OscDump, Player, host_now_ns, song, wait_for};
use downbeat_client::session::PathView;
use downbeat_client::{Session, Settings};
use downbeat_protocol::message::Role;
use downbeat_protocol::{HostTime, Timeline};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use tempfile::TempDir;

/// How often the client is looked at: twenty times as often as the least step that is promised.
const LOOK_EVERY: Duration = Duration::from_millis(1);
/// A leader that was not heard for so long does not lead any more, whatever it said last: three hops.
const SPEAKS_NS: i64 = 16_000_000;
/// How long anything may take before it counts as never.
const LIMIT: Duration = Duration::from_secs(30);

/// The rig.
pub struct Rig {
    daemons: [Daemon; 2],
    leader: usize,
    looks: Arc<Mutex<Vec<Look>>>,
    over: Arc<AtomicBool>,
    observer: Option<JoinHandle<()>>,
    /// Where both send their beats.
    pub dump: OscDump,
    _player: Player,
    _server: JackServer,
    _directory: TempDir,
}

/// What the client knew at a moment.
#[derive(Clone, Copy, Debug)]
struct Look {
    at: i64,
    /// Show time minus host time: the leader's clock is host time, so this is the error.
    offset: i64,
    timeline: Timeline,
    row: u64,
    term: u32,
    /// How many daemons led.
    leaders: usize,
}

/// What a takeover was like.
#[derive(Clone, Copy, Debug, Default)]
pub struct Takeover {
    /// The longest time without a new row, in milliseconds.
    pub gap_ms: f64,
    /// The largest step of show time, in milliseconds.
    pub show_step_ms: f64,
    /// The largest step of the beat, in milliseconds.
    pub beat_step_ms: f64,
    /// When that was, in milliseconds after the kill.
    pub beat_step_at_ms: f64,
    /// Beats that were not sent around the takeover, and after the first one that was sent again.
    pub beats_missed: [i64; 2],
    /// How long more than one daemon led, in milliseconds.
    pub two_leaders_ms: f64,
}

impl Rig {
    /// Both daemons, with music that they have locked to and that goes on for so long.
    pub fn start(music_lasts: Duration) -> Self {
        let server = JackServer::start();
        let directory = TempDir::new().expect("a directory of the rig's own");
        let music = music(directory.path(), music_lasts);
        let player = Player::start(&server, &music);
        server.wait_for_port(Player::PORTS[0], LIMIT);
        let dump = OscDump::start();
        let ports = [free_port(), free_port()];
        let daemon = |number: usize| {
            let standby = format!("[standby]\nof = [\"127.0.0.1:{}\"]\n", ports[0]);
            let state = directory.path().join(format!("state-{number}.json"));
            let config = format!(
                "[show]\nname = \"takeover\"\nstate = {state:?}\n{}[bus.main]\nconnect = [\"{}\", \"{}\"]\n\
                 [audio]\nclient = \"daemon{number}\"\n\
                 [server]\nlisten = \"127.0.0.1:{}\"\n\
                 [output.beats]\nkind = \"osc\"\ntarget = \"127.0.0.1:{}\"\nformat = \"messages\"\nsignals = []\n\
                 parameters = []\nevents = [\"beat\"]\n",
                if number == 1 { &standby } else { "" },
                Player::PORTS[0],
                Player::PORTS[1],
                ports[number],
                dump.port,
            );
            Daemon::start(&config, Some(&server))
        };
        let daemons = [daemon(0), daemon(1)];
        let (looks, over) = (Arc::<Mutex<Vec<Look>>>::default(), Arc::<AtomicBool>::default());
        let servers = format!("127.0.0.1:{},127.0.0.1:{}", ports[0], ports[1]);
        let (theirs, end) = (Arc::clone(&looks), Arc::clone(&over));
        let observer = Some(std::thread::spawn(move || observe(&servers, &theirs, &end)));
        let rig = Self {
            daemons,
            leader: 0,
            looks,
            over,
            observer,
            dump,
            _player: player,
            _server: server,
            _directory: directory,
        };
        wait_for("the first beats", LIMIT, || (rig.beats().len() > 16).then_some(()));
        rig.wait_ready(1);
        rig
    }

    /// Kills the leader after a while, looks what happens, and starts it again as the standby of the other one.
    pub fn take_over(&mut self, after: Duration, then: Duration) -> Takeover {
        // The moment is what is tested.
        std::thread::sleep(after);
        let (killed, standby) = (self.leader, 1 - self.leader);
        let term = self.last().term;
        let begun = host_now_ns();
        self.daemons[killed].process.kill();
        wait_for("another leader", LIMIT, || (self.last().term > term).then_some(()));
        // Long enough for what the new leader hears itself to be believed, and for a few beats.
        std::thread::sleep(then);
        self.leader = standby;
        let taken = self.judge(begun);
        self.daemons[killed].restart();
        self.wait_ready(killed);
        taken
    }

    /// How long two daemons led since the beginning, in milliseconds.
    pub fn two_leaders_ms(&self) -> f64 {
        two_leaders_ms(&self.looks())
    }

    fn wait_ready(&self, daemon: usize) {
        let process = &self.daemons[daemon].process;
        wait_for("a standby that is ready", LIMIT, || {
            process.lines().iter().any(|(_, line)| line.contains("ready to take over")).then_some(())
        });
    }

    fn looks(&self) -> Vec<Look> {
        self.looks.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn last(&self) -> Look {
        let looks = self.looks.lock().unwrap_or_else(PoisonError::into_inner);
        *looks.last().expect("the client has been looked at")
    }

    /// The numbers of the beats that were sent, with when they came.
    fn beats(&self) -> Vec<(i64, i64)> {
        self.dump.to("/beat").iter().map(|beat| (beat.at, beat.number(0) as i64)).collect()
    }

    fn judge(&self, begun: i64) -> Takeover {
        let looks: Vec<Look> = self.looks().into_iter().filter(|look| look.at > begun - 500_000_000).collect();
        let (mut gap, mut show, mut beat, mut beat_at) = (0, 0, 0.0f64, 0);
        let mut fresh = looks[0].at;
        for pair in looks.windows(2) {
            let [before, now] = [pair[0], pair[1]];
            if now.row != before.row {
                gap = gap.max(now.at - fresh);
                fresh = now.at;
            }
            show = show.max((now.offset - before.offset).abs());
            let at = downbeat_protocol::ShowTime(now.at + now.offset);
            let moved = (now.timeline.beats_at(at) - before.timeline.beats_at(at)).as_f64();
            let moved = moved.abs() * now.timeline.beat_ns();
            if moved > beat {
                (beat, beat_at) = (moved, now.at - begun);
            }
        }
        let beats = self.beats();
        let first = beats.iter().position(|(at, _)| *at > begun).unwrap_or(beats.len());
        let missed = |beats: &[(i64, i64)]| {
            beats.windows(2).map(|pair| (pair[1].1 - pair[0].1 - 1).rem_euclid(1 << 20)).filter(|it| *it != 0).sum()
        };
        Takeover {
            gap_ms: gap as f64 * 1e-6,
            show_step_ms: show as f64 * 1e-6,
            beat_step_ms: beat * 1e-6,
            beat_step_at_ms: beat_at as f64 * 1e-6,
            beats_missed: [
                missed(&beats[first.saturating_sub(2)..(first + 1).min(beats.len())]),
                missed(&beats[first..]),
            ],
            two_leaders_ms: two_leaders_ms(&looks),
        }
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        let _ = self.observer.take().map(JoinHandle::join);
    }
}

fn two_leaders_ms(looks: &[Look]) -> f64 {
    let two = looks.windows(2).filter(|pair| pair[0].leaders > 1);
    two.map(|pair| pair[1].at - pair[0].at).sum::<i64>() as f64 * 1e-6
}

fn observe(servers: &str, looks: &Mutex<Vec<Look>>, over: &AtomicBool) {
    let session = Session::start(Settings::new(servers, "observer", Role::Viewer));
    while !over.load(Ordering::Relaxed) {
        std::thread::sleep(LOOK_EVERY);
        let view = session.view();
        let Some(row) = session.newest_row() else { continue };
        let at = host_now_ns();
        // Who leads says so with a row each 5.3 ms.
        let speaks = |path: &&PathView| path.last_row.is_some_and(|row| at - row.0 < SPEAKS_NS);
        let leads = |path: &&PathView| path.daemon.is_some_and(|daemon| daemon.leads);
        let leaders = view.paths.iter().filter(speaks).filter(leads).count();
        let look = Look {
            at,
            offset: view.clock.show(HostTime(at)).0 - at,
            timeline: view.timeline,
            row: row.seq,
            term: view.term,
            leaders,
        };
        looks.lock().unwrap_or_else(PoisonError::into_inner).push(look);
    }
}

/// The demo song's drop over and over, to the sample: nothing in it changes the tempo or the beat.
pub fn music(directory: &Path, lasts: Duration) -> PathBuf {
    let (([start, end], bpm), file) = (song::drop(), directory.join("music.wav"));
    let bars = ((end - start) * bpm / 240.0).round();
    let samples = (bars * 240.0 / bpm * 48_000.0).round();
    let cut = format!(
        "aresample=48000,atrim=start={}:end_sample={},asetpts=PTS-STARTPTS,aloop=loop=-1:size={samples}",
        start,
        (start * 48_000.0 + samples).round(),
    );
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-y", "-i"]).arg(song::mix()).args(["-af", &cut, "-c:a", "pcm_s16le"]);
    command.args(["-t", &lasts.as_secs_f64().to_string()]).arg(&file);
    assert!(command.status().is_ok_and(|status| status.success()), "ffmpeg cuts the drop out of the song");
    file
}
