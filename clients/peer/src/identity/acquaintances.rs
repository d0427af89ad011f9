//! The known peers and their roles.

use super::{Fingerprint, FolderError, KeyFolder};
use downbeat_protocol::message::Role;
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;
use tokio::sync::watch;

/// Maximum number of known peers.
const MOST: usize = 1_024;
/// A daemon's file in the folder of keys: the peers that it serves.
pub const PEERS: &str = "peers.toml";
/// The clients' file there: the daemons that they follow. A separate file, so that a daemon on the same machine does
/// not serve them because of it.
pub const DAEMONS: &str = "daemons.toml";
const HEAD: &str =
    "# The peers paired with Downbeat on this machine. Removing one here disconnects it within a second.\n\n";

/// A known peer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acquaintance {
    /// Its name.
    pub name: String,
    /// Its role here; [`Role::Standby`] is another daemon.
    pub role: Role,
    /// Its key.
    pub fingerprint: Fingerprint,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default, rename = "peer")]
    peers: Vec<Acquaintance>,
}

/// All known peers. Clones share them.
#[derive(Clone, Debug)]
pub struct Acquaintances(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// The folder and the name of the file; `None` stores nothing.
    place: Option<(KeyFolder, &'static str)>,
    known: Mutex<(File, Option<SystemTime>)>,
    /// Counts the changes.
    changes: watch::Sender<u64>,
}

impl Acquaintances {
    /// No peers, without a file.
    pub fn none() -> Self {
        let changes = watch::channel(0).0;
        Self(Arc::new(Shared { place: None, known: Mutex::default(), changes }))
    }

    /// The peers in a file of a folder, [`PEERS`] or [`DAEMONS`]; none if the file does not exist.
    ///
    /// # Errors
    /// If the file is unreadable or invalid.
    pub fn load(folder: &KeyFolder, file: &'static str) -> Result<Self, String> {
        let all = Self(Arc::new(Shared { place: Some((folder.clone(), file)), ..Shared::empty() }));
        all.reload()?;
        Ok(all)
    }

    /// The peer with a key.
    pub fn find(&self, fingerprint: &Fingerprint) -> Option<Acquaintance> {
        self.lock().0.peers.iter().find(|peer| peer.fingerprint == *fingerprint).cloned()
    }

    /// All.
    pub fn all(&self) -> Vec<Acquaintance> {
        self.lock().0.peers.clone()
    }

    /// Adds a peer. Replaces one with the same key, and drops the oldest if there are too many. Even if the file cannot
    /// be written, the peer stays known while this program runs.
    pub fn add(&self, peer: Acquaintance) -> Result<(), FolderError> {
        self.change(|peers| {
            peers.retain(|known| known.fingerprint != peer.fingerprint);
            let over = (peers.len() + 1).saturating_sub(MOST);
            peers.drain(..over);
            peers.push(peer);
        })
    }

    /// Removes all peers with a name, or with a fingerprint that begins like this. Returns how many.
    pub fn remove(&self, name: &str) -> Result<usize, FolderError> {
        let before = self.all().len();
        let by_key = |peer: &Acquaintance| name.len() >= 8 && peer.fingerprint.to_string().starts_with(name);
        self.change(|peers| peers.retain(|peer| peer.name != name && !by_key(peer)))?;
        Ok(before - self.all().len())
    }

    /// Wakes when a peer is added or removed.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.0.changes.subscribe()
    }

    /// Reads the file again after an edit. An invalid file changes nothing.
    pub fn reload(&self) -> Result<(), String> {
        let Some((folder, name)) = &self.0.place else { return Ok(()) };
        let changed = std::fs::metadata(folder.file(name)).and_then(|found| found.modified()).ok();
        if self.lock().1 == changed {
            return Ok(());
        }
        self.lock().1 = changed;
        if self.read(folder, name)? {
            self.tell();
        }
        Ok(())
    }

    /// Reads the file. Returns whether it differs from the known peers.
    fn read(&self, folder: &KeyFolder, name: &str) -> Result<bool, String> {
        let path = folder.file(name);
        let text = folder.read(name, false).map_err(|error| error.to_string())?.unwrap_or_default();
        let wrong = |why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
        let text = String::from_utf8(text).map_err(|error| wrong(&error))?;
        let file: File = toml::from_str(&text).map_err(|error| wrong(&error.to_string().trim_end()))?;
        let known = &mut self.lock().0;
        let other = *known != file;
        *known = file;
        Ok(other)
    }

    fn change(&self, change: impl FnOnce(&mut Vec<Acquaintance>)) -> Result<(), FolderError> {
        // Other programs on this machine, and people, write the same file: peers revoked there must not return, and
        // peers paired there must not be lost. Without a lock, writing fails too, as reported below.
        let _lock = self.0.place.as_ref().and_then(|(folder, _)| folder.lock().ok());
        // A file that never existed says less than this run knows; one deleted by hand means no peers.
        let was_there = self.lock().1.is_some();
        if let Some((folder, name)) = &self.0.place
            && (was_there || folder.file(name).exists())
            && let Err(why) = self.read(folder, name)
        {
            tracing::warn!("{why}; rewriting it with the peers that this program knows");
        }
        let file = {
            let mut known = self.lock();
            change(&mut known.0.peers);
            known.0.clone()
        };
        self.tell();
        let Some((folder, name)) = &self.0.place else { return Ok(()) };
        // Names and roles are plain text, so encoding cannot fail.
        let text = toml::to_string(&file).unwrap_or_default();
        folder.write(name, format!("{HEAD}{text}").as_bytes())?;
        self.lock().1 = std::fs::metadata(folder.file(name)).and_then(|found| found.modified()).ok();
        Ok(())
    }

    fn tell(&self) {
        self.0.changes.send_modify(|count| *count += 1);
    }

    fn lock(&self) -> MutexGuard<'_, (File, Option<SystemTime>)> {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    fn empty() -> Self {
        Self { place: None, known: Mutex::default(), changes: watch::channel(0).0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(name: &str) -> Acquaintance {
        Acquaintance { name: name.into(), role: Role::Renderer, fingerprint: Fingerprint::of(name.as_bytes()) }
    }

    fn folder() -> (tempfile::TempDir, KeyFolder) {
        let place = tempfile::tempdir().expect("a folder of the test's own");
        let folder = KeyFolder::find(&place.path().display().to_string());
        (place, folder)
    }

    #[test]
    fn who_was_paired_is_known_after_a_restart_until_revoked() {
        let (_place, folder) = folder();
        let all = Acquaintances::load(&folder, PEERS).expect("nobody yet");
        all.add(peer("left")).expect("kept");
        all.add(peer("right")).expect("kept");
        let again = Acquaintances::load(&folder, PEERS).expect("read");
        assert_eq!(again.find(&peer("left").fingerprint), Some(peer("left")));
        assert_eq!(again.remove("left").expect("written"), 1);
        assert_eq!(Acquaintances::load(&folder, PEERS).expect("read").all(), [peer("right")]);
        assert_eq!(again.remove(&peer("right").fingerprint.to_string()[..8]).expect("written"), 1);
        assert_eq!(again.remove("").expect("written"), 0);
    }

    #[test]
    fn a_change_by_hand_is_seen_and_a_mistake_changes_nothing() {
        let (_place, folder) = folder();
        let all = Acquaintances::load(&folder, PEERS).expect("nobody yet");
        all.add(peer("left")).expect("kept");
        let mut changes = all.changes();
        changes.mark_unchanged();
        // Only a new time stamp triggers reading.
        let write = |text: &str, second: u64| {
            std::fs::write(folder.file(PEERS), text).expect("written");
            let file = std::fs::File::options().write(true).open(folder.file(PEERS)).expect("there");
            file.set_modified(SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(second)).expect("set");
        };
        write("[[peer]]\nname = 3\n", 1);
        let why = all.reload().expect_err("no sense");
        assert!(why.contains(PEERS), "{why}");
        assert_eq!(all.all(), [peer("left")]);
        write("", 2);
        all.reload().expect("empty is nobody");
        assert!(all.all().is_empty() && changes.has_changed().expect("open"));
    }

    #[test]
    fn who_was_revoked_by_another_program_does_not_come_back_with_the_next_pairing() {
        let (_place, folder) = folder();
        let daemon = Acquaintances::load(&folder, PEERS).expect("nobody yet");
        daemon.add(peer("left")).expect("kept");
        let renderer = Acquaintances::load(&folder, PEERS).expect("read");
        daemon.remove("left").expect("written");
        renderer.add(peer("stage")).expect("kept");
        assert_eq!(Acquaintances::load(&folder, PEERS).expect("read").all(), [peer("stage")]);
    }

    #[test]
    fn programs_that_pair_at_the_same_time_lose_nobody() {
        let (_place, folder) = folder();
        let pair = |program: usize| {
            let all = Acquaintances::load(&folder, PEERS).expect("read");
            (0..20).for_each(|number| all.add(peer(&format!("{program}-{number}"))).expect("kept"));
        };
        std::thread::scope(|scope| (0..4).for_each(|program| drop(scope.spawn(move || pair(program)))));
        assert_eq!(Acquaintances::load(&folder, PEERS).expect("read").all().len(), 80);
    }

    #[test]
    fn a_folder_that_others_may_write_in_is_not_believed() {
        use std::os::unix::fs::PermissionsExt;
        let (place, folder) = folder();
        let open = |mode| std::fs::set_permissions(place.path(), std::fs::Permissions::from_mode(mode)).expect("set");
        Acquaintances::load(&folder, PEERS).expect("nobody yet").add(peer("left")).expect("kept");
        open(0o775);
        let why = Acquaintances::load(&folder, PEERS).expect_err("too open");
        assert!(why.contains("chmod 755"), "{why}");
        open(0o755);
        Acquaintances::load(&folder, PEERS).expect("others may look");
    }

    #[test]
    fn whoever_is_paired_last_is_known_even_when_there_are_too_many() {
        let all = Acquaintances::none();
        for number in 0..=MOST {
            all.add(peer(&number.to_string())).expect("kept for this run");
        }
        assert_eq!(all.all().len(), MOST);
        assert!(all.find(&peer(&MOST.to_string()).fingerprint).is_some());
        assert!(all.find(&peer("0").fingerprint).is_none());
    }

    #[test]
    fn a_list_that_others_may_write_is_not_believed() {
        use std::os::unix::fs::PermissionsExt;
        let (_place, folder) = folder();
        Acquaintances::load(&folder, PEERS).expect("nobody yet").add(peer("left")).expect("kept");
        std::fs::set_permissions(folder.file(PEERS), std::fs::Permissions::from_mode(0o666)).expect("set");
        let why = Acquaintances::load(&folder, PEERS).expect_err("too open");
        assert!(why.contains("chmod 644"), "{why}");
    }

    #[test]
    fn where_nothing_can_be_written_it_holds_for_this_run_and_is_told() {
        let all = Acquaintances::load(&KeyFolder::find("/proc/downbeat-keys"), PEERS).expect("nobody yet");
        let why = all.add(peer("left")).expect_err("not kept").to_string();
        assert!(why.contains("/proc/downbeat-keys"), "{why}");
        assert!(all.find(&peer("left").fingerprint).is_some());
    }
}
