//! The whole rig: a JACK server and a player, two daemons, two nodes, three receivers and a tablet, on hosts of their
//! own.

use super::desk::Desk;
use super::excuses::Excuses;
use super::midi::{self, Follower};
use super::program::Program;
use super::standstill::Standstill;
use super::tablet::{FADERS, Tablet};
use crate::binaries::binary;
use crate::network::Star;
use crate::{JackServer, Player, host_now_ns, song, takeover, wait_for};
use nix::mount::{MsFlags, mount, umount};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The hosts. The first two are the daemons', the next two the nodes'.
pub const NODES: [usize; 2] = [2, 3];
/// The host of the desk and the media server.
pub const DESK: usize = 4;
/// The tablet.
pub const TABLET: usize = 5;
/// Somebody else.
pub const STRANGER: usize = 6;
const HOSTS: usize = 7;

/// The ports of a daemon: of nodes, of the page, of tablets.
pub const SERVER: u16 = 9_440;
/// The page.
pub const PAGE: u16 = 9_480;
/// Surfaces.
pub const CONTROL: u16 = 9_000;
const UDP: u16 = 9_100;
const TCP: u16 = 9_101;

/// Parameters that strangers and bursts move.
pub const CROWD: usize = 300;
/// The whole picture of both nodes: small, as it is drawn on the processor.
const CANVAS: &str = "96x54";
const FPS: &str = "30";
const LIMIT: Duration = Duration::from_secs(40);
/// Samples of a cycle of JACK: usual for a show with much on one machine.
const BLOCK: u32 = 512;
/// So many beats in a row that are as long as they should be to 20 ms, and the tempo is settled.
const EVEN: usize = 9;
const UNEVEN_NS: i64 = 20_000_000;
/// How long before the end of its file the music stops at the latest.
const SPARE: Duration = Duration::from_secs(600);

/// The rig.
pub struct Rig {
    /// Its daemons.
    pub daemons: [Program; 2],
    /// Its nodes.
    pub nodes: [Program; 2],
    /// The player.
    pub player: Program,
    /// The MIDI machine.
    pub follower: Follower,
    /// The desk.
    pub desk: Desk,
    /// The media server.
    pub media: Desk,
    /// The tablet; it goes with [`finish`](Tablet::finish).
    pub tablet: Option<Tablet>,
    /// JACK.
    pub server: JackServer,
    /// The networks.
    pub star: Star,
    /// Where the logs are.
    pub folder: PathBuf,
    /// Small disks of the daemons' states.
    pub disks: [Disk; 2],
    /// The MIDI machine is switched off.
    pub midi_is_off: bool,
    /// When nothing could run.
    pub standstill: Standstill,
    /// From when on everything has to be right, in [`host_now_ns`].
    pub calm_since: i64,
    patched: Instant,
    patches: Vec<Child>,
}

/// A disk that is soon full.
pub struct Disk(PathBuf);

impl Disk {
    /// Makes one of 2 MB in a folder.
    pub fn new(path: PathBuf) -> Self {
        std::fs::create_dir_all(&path).expect("the folder can be made");
        // What a killed run has left.
        let _ = umount(&path);
        let made = mount(Some("tmpfs"), &path, Some("tmpfs"), MsFlags::empty(), Some("size=2m"));
        made.expect("root may make a disk");
        Self(path)
    }

    /// Fills it up.
    pub fn fill(&self) {
        // It stops where there is no space left.
        let _ = std::fs::write(self.0.join("filler"), vec![0; 4 << 20]);
    }

    /// Makes room again.
    pub fn clear(&self) {
        let _ = std::fs::remove_file(self.0.join("filler"));
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = umount(&self.0);
    }
}

impl Rig {
    /// Starts everything, and waits until beats come and the standby is ready. `folder` gets the logs.
    pub fn start(folder: &Path, lasts: Duration, excuses: &Excuses, seed: u64) -> Self {
        let star = Star::of(HOSTS, seed);
        let server = JackServer::with_block(BLOCK);
        let music = takeover::music(folder, lasts + SPARE);
        let disks = [0, 1].map(|number| Disk::new(folder.join(format!("disk-{number}"))));
        for number in [0, 1] {
            write_config(folder, number, &star, "");
        }
        let player = player(&server, &music, folder);
        server.wait_for_port(Player::PORTS[0], LIMIT);
        let [desk, media] = star.host(DESK).inside(|| [Desk::udp(UDP), Desk::tcp(TCP)]);
        let daemons = [0, 1].map(|number| daemon(&star, &server, folder, number));
        let mut rig = Self {
            nodes: [0, 1].map(|number| node(&star, folder, number)),
            tablet: None,
            daemons,
            player,
            follower: Follower::default(),
            desk,
            media,
            server,
            star,
            folder: folder.into(),
            disks,
            midi_is_off: false,
            standstill: Standstill::watch(),
            calm_since: 0,
            patched: Instant::now(),
            patches: Vec::new(),
        };
        wait_for("beats everywhere", LIMIT, || {
            rig.tend();
            (rig.desk.beats.count() > EVEN && rig.media.beats.count() > 8 && rig.follower.count() > 200).then_some(())
        });
        let period = period_ns();
        wait_for("an even beat", LIMIT, || {
            rig.tend();
            let beats = rig.desk.beats.since(0);
            let last = &beats[beats.len() - EVEN..];
            last.windows(2).all(|pair| (pair[1].0 - pair[0].0 - period).abs() < UNEVEN_NS).then_some(())
        });
        rig.calm_since = host_now_ns();
        let controls = [0, 1].map(|daemon| (rig.star.address(daemon), CONTROL).into());
        rig.tablet = Some(Tablet::start(rig.star.host(TABLET), controls, excuses, seed));
        rig
    }

    /// Starts again what has ended, and connects what is there; to be called often.
    pub fn tend(&mut self) {
        self.daemons.iter_mut().chain(&mut self.nodes).for_each(Program::tend);
        self.player.tend();
        if !self.midi_is_off {
            self.follower.start(&self.server);
        }
        if self.patched.elapsed() > Duration::from_millis(500) {
            self.patched = Instant::now();
            self.patch();
        }
    }

    /// Both daemons' MIDI clock goes to the one machine, as a merge box does it.
    fn patch(&mut self) {
        self.patches.retain_mut(|child| matches!(child.try_wait(), Ok(None)));
        // JACK answers nobody while one of its clients stands still.
        if !self.patches.is_empty() {
            return;
        }
        for number in [0, 1] {
            let mut command = Command::new("timeout");
            command.args(["5", "jack_connect", "-s", &self.server.name]);
            command.args([&format!("daemon{number}:midi_out"), midi::PORT]);
            // Whatever is not there is connected the next time.
            self.patches.extend(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn());
        }
    }

    /// Writes a daemon's configuration anew, with more in it.
    pub fn configure(&self, number: usize, more: &str) {
        write_config(&self.folder, number, &self.star, more);
    }

    /// Gives a daemon's box another address, or its own again.
    pub fn roam(&self, number: usize, away: bool) {
        let own = self.star.address(number);
        let [a, b, c, _] = own.octets();
        let other = Ipv4Addr::new(a, b, c, 9);
        let (from, to) = if away { (own, other) } else { (other, own) };
        self.star.roam(number, from, to);
    }

    /// Notes what everything uses.
    pub fn sample(&mut self) {
        self.daemons.iter_mut().chain(&mut self.nodes).for_each(Program::sample);
    }
}

fn player(server: &JackServer, music: &Path, folder: &Path) -> Program {
    let (name, music, begun) = (server.name.clone(), music.to_owned(), Instant::now());
    Program::start("player", folder, move |_| {
        let mut command = Player::command(&name, &music);
        command.arg(format!("--start={}", begun.elapsed().as_secs()));
        command
    })
}

fn daemon(star: &Star, server: &JackServer, folder: &Path, number: usize) -> Program {
    let (host, server) = (star.host(number).name().to_owned(), server.name.clone());
    let (folder, mine) = (folder.to_owned(), folder.to_owned());
    Program::start(&format!("daemon-{number}"), &mine, move |_| {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &host]).arg(binary("downbeatd"));
        command.arg("--config").arg(folder.join(format!("daemon-{number}.toml")));
        command.env("JACK_DEFAULT_SERVER", &server).env("DOWNBEAT_KEYS", folder.join(format!("keys-{number}")));
        command
    })
}

fn node(star: &Star, folder: &Path, number: usize) -> Program {
    let host = star.host(NODES[number]).name().to_owned();
    let servers = format!("{}:{SERVER},{}:{SERVER}", star.address(0), star.address(1));
    let (folder, mine) = (folder.to_owned(), folder.to_owned());
    Program::start(&format!("node-{number}"), &mine, move |life| {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &host]).arg(binary("downbeat-renderer"));
        command.env("LP_NUM_THREADS", "1").env("DOWNBEAT_KEYS", folder.join(format!("keys-node-{number}")));
        command.env("DOWNBEAT__DISPLAY__PLAYOUT_DELAY_MS", "30").env("DOWNBEAT__HEADLESS__LAG_MS", "4");
        command.args(["--server", &servers, "--name", &format!("node-{number}"), "--canvas", CANVAS, "--fps", FPS]);
        command.args(["--allow-unpaired", "--offscreen", "--frames-log"]).arg(frames_log(&folder, number, life));
        command
    })
}

/// Where a node's life notes its frames.
pub fn frames_log(folder: &Path, number: usize, life: u32) -> PathBuf {
    folder.join(format!("node-{number}-{life}.csv"))
}

fn write_config(folder: &Path, number: usize, star: &Star, more: &str) {
    let (desk, state) = (star.address(DESK), folder.join(format!("disk-{number}")).join("state.json"));
    let leader = match number {
        0 => String::new(),
        _ => format!("\"{}:{SERVER}\"", star.address(0)),
    };
    let standby = format!("[standby]\nof = [{leader}]\nallow-unpaired = true\n");
    let crowd: String = (0..CROWD).map(|it| format!("[parameter.crowd{it}]\n")).collect();
    let faders: String = (0..FADERS).map(|it| format!("[parameter.fader{it}]\n")).collect();
    let shown = "signals = [\"main.level\", \"main.band.*\", \"beat.phase\"]\nparameters = [\"glow\", \"fader*\"]\n";
    let text = format!(
        "[show]\nname = \"soak\"\nstate = {state:?}\n{standby}\
         [audio]\nclient = \"daemon{number}\"\n[bus.main]\nconnect = [\"{}\", \"{}\"]\n\
         [server]\nlisten = \"0.0.0.0:{SERVER}\"\nallow-unpaired = true\nannounce = false\n\
         [web]\nlisten = \"0.0.0.0:{PAGE}\"\nannounce = false\n\
         [control.tablet]\nkind = \"osc\"\nlisten = \"0.0.0.0:{CONTROL}\"\ntrusted = [\"{}/32\"]\n\
         [output.desk]\nkind = \"osc\"\ntarget = \"{desk}:{UDP}\"\nformat = \"messages\"\n{shown}\
         [output.media]\nkind = \"osc\"\ntarget = \"{desk}:{TCP}\"\ntransport = \"tcp\"\nframing = \"length\"\n\
         format = \"messages\"\n{shown}\
         [output.clock]\nkind = \"midi\"\nport = \"jack\"\n\
         [[layer]]\nname = \"back\"\nscene = \"tunnel\"\nscenes = [\"tunnel\", \"echo\", \"spectrum\"]\n\
         [parameter.glow]\nexpression = \"main.level\"\n{faders}{crowd}\
         [rule.scenes]\nwhen = \"phrase\"\ndo = [{{ address = \"/layer/back/scene\", act = \"next\" }}]\n{more}",
        Player::PORTS[0],
        Player::PORTS[1],
        star.address(TABLET),
    );
    let path = folder.join(format!("daemon-{number}.toml"));
    std::fs::write(&path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

/// The length of a beat of the music, in nanoseconds.
pub fn period_ns() -> i64 {
    (60e9 / song::drop().1) as i64
}
