//! The known peers and their roles.

mod aside;
mod change;

use super::{Fingerprint, FolderError, KeyFolder};
use change::{Change, Pending};
use downbeat_protocol::message::Role;
use serde::{Deserialize, Serialize};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
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

#[derive(Debug, Default)]
struct Shared {
    /// The folder and the name of the file; `None` stores nothing.
    place: Option<(KeyFolder, &'static str)>,
    /// Held while somebody looks at the file, whose disk may hang.
    looking: Mutex<()>,
    /// Never held during that.
    known: Mutex<Known>,
    /// Counts the changes.
    changes: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Known {
    file: File,
    /// What is in memory, and on its way to the file.
    pending: Pending,
    /// How often this program has written the file.
    writes: u64,
    /// The file as it was when it was last read or written; none if it was not there.
    stamp: Option<Stamp>,
    /// Why the file cannot be used now; it is then read again until it can.
    trouble: Option<String>,
}

/// What shows that a file has changed: its content (`mtime`), or who may write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    modified_ns: (i64, i64),
    changed_ns: (i64, i64),
    mode: u32,
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let found = std::fs::metadata(path).ok()?;
        let modified_ns = (found.mtime(), found.mtime_nsec());
        Some(Self { modified_ns, changed_ns: (found.ctime(), found.ctime_nsec()), mode: found.mode() })
    }
}

/// What a file says.
enum Said {
    Peers(Vec<Acquaintance>),
    /// It is not there, or nothing is in it, and how to say that. A disk that is not mounted, an editor at work and a full
    /// disk look like that; a list of nobody that we wrote has its head.
    Nothing(&'static str),
}

impl Said {
    fn by(folder: &KeyFolder, name: &str) -> Result<Self, String> {
        let Some(text) = folder.read(name, false).map_err(|error| error.to_string())? else {
            return Ok(Self::Nothing("is gone"));
        };
        if text.trim_ascii().is_empty() {
            return Ok(Self::Nothing("is empty"));
        }
        let wrong = |why: String| format!("{}: {why}; mend it, or move it away", folder.file(name).display());
        Acquaintances::parse(&text).map(Self::Peers).map_err(wrong)
    }
}

impl Acquaintances {
    /// No peers, without a file.
    pub fn none() -> Self {
        Self(Arc::default())
    }

    /// The peers in a file of a folder, [`PEERS`] or [`DAEMONS`]; none if the file does not exist or is empty, or if it
    /// cannot be used yet: then there is [trouble](Self::trouble).
    pub fn load(folder: &KeyFolder, file: &'static str) -> Self {
        let all = Self(Arc::new(Shared { place: Some((folder.clone(), file)), ..Shared::default() }));
        // It is kept as the trouble.
        let _ = all.reload();
        all
    }

    /// Why the file cannot be used now, and what to do.
    pub fn trouble(&self) -> Option<String> {
        self.lock().trouble.clone()
    }

    /// The peer with a key.
    pub fn find(&self, fingerprint: &Fingerprint) -> Option<Acquaintance> {
        self.lock().file.peers.iter().find(|peer| peer.fingerprint == *fingerprint).cloned()
    }

    /// All.
    pub fn all(&self) -> Vec<Acquaintance> {
        self.lock().file.peers.clone()
    }

    /// Adds a peer, at once, then stores it: its disk may take long. Replaces one with the same key, and drops the
    /// oldest if there are too many. Even if the file cannot be written, the peer stays known while this program runs,
    /// or until the file can be read again.
    ///
    /// # Errors
    /// It cannot be stored. A file that cannot be used is left as it is.
    pub fn add(&self, peer: Acquaintance) -> Result<(), FolderError> {
        self.change(Change::Add(peer)).map(drop)
    }

    /// Removes all peers with a name, or with a fingerprint that begins like this, at once, then stores that. Returns
    /// how many.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub fn remove(&self, name: &str) -> Result<usize, FolderError> {
        self.change(Change::Remove(name.to_owned()))
    }

    /// Wakes when a peer is added or removed.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.0.changes.subscribe()
    }

    /// Waits until a key is known.
    pub async fn learns(&self, fingerprint: &Fingerprint) {
        let mut changes = self.changes();
        while self.find(fingerprint).is_none() {
            if changes.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Reads the file again after an edit, or while it could not be used. An invalid file changes nothing, and neither
    /// does one that is gone or empty: only a list that can be read revokes. While another look hangs there is no news.
    ///
    /// # Errors
    /// It cannot be used, and what to do.
    pub fn reload(&self) -> Result<(), String> {
        let Some((folder, name)) = &self.0.place else { return Ok(()) };
        let _looking = match self.0.looking.try_lock() {
            Ok(looking) => looking,
            Err(TryLockError::Poisoned(looking)) => looking.into_inner(),
            Err(TryLockError::WouldBlock) => return self.trouble().map_or(Ok(()), Err),
        };
        let stamp = Stamp::of(&folder.file(name));
        let writes = {
            let known = self.lock();
            if known.trouble.is_none() && known.stamp == stamp {
                return Ok(());
            }
            known.writes
        };
        // What was read may be older than what this program has written meanwhile.
        if self.read(folder, name, |known| known.writes == writes)? {
            self.tell();
        }
        Ok(())
    }

    /// Reads the file, and uses it if it still counts then. Returns whether it differs from the known peers.
    fn read(&self, folder: &KeyFolder, name: &str, counts: impl FnOnce(&Known) -> bool) -> Result<bool, String> {
        let path = folder.file(name);
        // Before the content: a change while it is read is seen the next time.
        let stamp = Stamp::of(&path);
        let said = Said::by(folder, name);
        let known = &mut *self.lock();
        if !counts(known) {
            return Ok(false);
        }
        let peers = said.and_then(|said| match said {
            Said::Nothing(how) if !known.file.peers.is_empty() => Err(format!(
                "{} {how}, and {} pairings with it: put it back; or, to end them, write the line `# nobody` into it",
                path.display(),
                known.file.peers.len()
            )),
            Said::Nothing(_) => Ok(Vec::new()),
            Said::Peers(peers) => Ok(peers),
        });
        known.trouble = peers.as_ref().err().cloned();
        let mut file = File { peers: peers? };
        known.pending.carry_out(&mut file.peers);
        let other = known.file != file;
        (known.file, known.stamp) = (file, stamp);
        Ok(other)
    }

    /// The peers in the text of a file.
    ///
    /// # Errors
    /// If it is invalid, and where.
    pub fn parse(text: &[u8]) -> Result<Vec<Acquaintance>, String> {
        let text = std::str::from_utf8(text).map_err(|error| error.to_string())?;
        let text = text.trim_start_matches('\u{FEFF}');
        let file: File = toml::from_str(text).map_err(|error| error.to_string().trim_end().to_owned())?;
        Ok(file.peers)
    }

    /// Returns how many peers were to be removed.
    fn change(&self, change: Change) -> Result<usize, FolderError> {
        let ticket = {
            let known = &mut *self.lock();
            known.pending.begin(change, &mut known.file.peers)
        };
        self.tell();
        let stored = self.store();
        let removed = self.lock().pending.end(ticket);
        stored.map(|()| removed)
    }

    /// Brings the file up to date with the changes.
    fn store(&self) -> Result<(), FolderError> {
        let Some((folder, name)) = &self.0.place else { return Ok(()) };
        let was_there = self.lock().stamp.is_some();
        // A folder that is gone is on a disk that may return: no other is made in its place.
        let is_away = was_there && !folder.is_there();
        // Other programs on this machine, and people, write the same file: peers revoked there must not return, and
        // peers paired there must not be lost. Where there can be no lock, writing fails too, as reported below.
        let _lock = match (!is_away).then(|| folder.lock()) {
            Some(Err(error @ FolderError::Held { .. })) => return Err(error),
            lock => lock.and_then(Result::ok),
        };
        // It says less than this run knows, and is written anew.
        let is_new = !is_away && matches!(Said::by(folder, name), Ok(Said::Nothing(_)));
        // Whoever wrote it may have meant more than this run knows.
        if !is_new && self.read(folder, name, |_| true).map_err(FolderError::Unusable)? {
            self.tell();
        }
        let file = self.lock().file.clone();
        // Names and roles are plain text, so encoding cannot fail.
        let text = toml::to_string(&file).unwrap_or_default();
        folder.write(name, format!("{HEAD}{text}").as_bytes())?;
        let stamp = Stamp::of(&folder.file(name));
        let known = &mut *self.lock();
        (known.stamp, known.trouble) = (stamp, None);
        known.writes += 1;
        Ok(())
    }

    fn tell(&self) {
        self.0.changes.send_modify(|count| *count += 1);
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
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
        let all = Acquaintances::load(&folder, PEERS);
        all.add(peer("left")).expect("kept");
        all.add(peer("right")).expect("kept");
        let again = Acquaintances::load(&folder, PEERS);
        assert_eq!(again.find(&peer("left").fingerprint), Some(peer("left")));
        assert_eq!(again.remove("left").expect("written"), 1);
        assert_eq!(Acquaintances::load(&folder, PEERS).all(), [peer("right")]);
        assert_eq!(again.remove(&peer("right").fingerprint.to_string()[..8]).expect("written"), 1);
        assert_eq!(again.remove("").expect("written"), 0);
    }

    #[test]
    fn a_change_by_hand_is_seen_and_a_mistake_changes_nothing() {
        let (_place, folder) = folder();
        let all = Acquaintances::load(&folder, PEERS);
        all.add(peer("left")).expect("kept");
        let mut changes = all.changes();
        changes.mark_unchanged();
        let write = |text: &str, second: u64| {
            std::fs::write(folder.file(PEERS), text).expect("written");
            let file = std::fs::File::options().write(true).open(folder.file(PEERS)).expect("there");
            file.set_modified(std::time::UNIX_EPOCH + std::time::Duration::from_secs(second)).expect("set");
        };
        write("[[peer]]\nname = 3\n", 1);
        let why = all.reload().expect_err("no sense");
        assert!(why.contains(PEERS), "{why}");
        assert_eq!(all.all(), [peer("left")]);
        write("# nobody\n", 2);
        all.reload().expect("nobody");
        assert!(all.all().is_empty() && changes.has_changed().expect("open"));
    }

    #[test]
    fn a_list_that_is_gone_or_empty_throws_nobody_out_and_the_next_pairing_writes_it_anew() {
        let (place, folder) = folder();
        let away = place.path().with_extension("away");
        let all = Acquaintances::load(&folder, PEERS);
        all.add(peer("left")).expect("kept");
        let mut changes = all.changes();
        changes.mark_unchanged();
        let text = std::fs::read(folder.file(PEERS)).expect("there");
        let write = |text: &[u8]| folder.write(PEERS, text).expect("written");
        let rename = |from: &Path, to: &Path| std::fs::rename(from, to).expect("renamed");
        let remove = || std::fs::remove_file(folder.file(PEERS)).expect("there");
        let (lose_folder, return_folder) = (|| rename(place.path(), &away), || rename(&away, place.path()));
        for (lose, restore) in [
            (&remove as &dyn Fn(), &(|| write(&text)) as &dyn Fn()),
            (&(|| write(b"")), &(|| write(&text))),
            (&(|| write(b" \n")), &(|| write(&text))),
            (&lose_folder, &return_folder),
        ] {
            lose();
            for _ in 0..2 {
                let why = all.reload().expect_err("nothing to read");
                assert!(why.contains(&folder.file(PEERS).display().to_string()) && why.contains("1 pairings"), "{why}");
            }
            assert_eq!(all.all(), [peer("left")]);
            restore();
            all.reload().expect("there again");
        }
        assert_eq!((all.all(), changes.has_changed().expect("open")), (vec![peer("left")], false));

        lose_folder();
        let why = all.add(peer("stage")).expect_err("a disk that may return").to_string();
        assert!(why.contains("is gone") && !folder.is_there(), "{why}");
        return_folder();
        all.reload().expect("there again");

        for lose in [&remove as &dyn Fn(), &(|| write(b""))] {
            lose();
            assert!(all.reload().is_err());
            all.add(peer("right")).expect("written anew");
            assert_eq!((all.reload(), all.trouble()), (Ok(()), None));
            assert_eq!(Acquaintances::load(&folder, PEERS).all(), [peer("left"), peer("right")]);
        }
        assert_eq!((all.remove("left").ok(), all.remove("right").ok()), (Some(1), Some(1)));
        all.reload().expect("a list of nobody");
        assert!(all.all().is_empty() && Acquaintances::load(&folder, PEERS).trouble().is_none());
    }

    #[test]
    fn who_was_revoked_by_another_program_does_not_come_back_with_the_next_pairing() {
        let (_place, folder) = folder();
        let daemon = Acquaintances::load(&folder, PEERS);
        daemon.add(peer("left")).expect("kept");
        let renderer = Acquaintances::load(&folder, PEERS);
        daemon.remove("left").expect("written");
        renderer.add(peer("stage")).expect("kept");
        assert_eq!(Acquaintances::load(&folder, PEERS).all(), [peer("stage")]);
        assert_eq!(daemon.remove("stage").expect("written"), 1, "one that only the file had");
    }

    #[test]
    fn a_pairing_holds_while_the_disk_takes_long_whatever_is_read_meanwhile() {
        let (_place, folder) = folder();
        let all = Acquaintances::load(&folder, PEERS);
        all.add(peer("left")).expect("kept");
        let held = folder.lock().expect("free");
        let theirs = all.clone();
        let pairing = std::thread::spawn(move || theirs.add(peer("right")));
        let begun = std::time::Instant::now();
        while all.find(&peer("right").fingerprint).is_none() {
            assert!(begun.elapsed() < std::time::Duration::from_secs(2), "it waits for the disk");
            std::thread::yield_now();
        }
        // Who holds the lock revokes the other one.
        folder.write(PEERS, b"# nobody\n").expect("written");
        let file = std::fs::File::options().write(true).open(folder.file(PEERS)).expect("there");
        file.set_modified(std::time::UNIX_EPOCH).expect("set");
        all.reload().expect("nobody");
        assert_eq!(all.all(), [peer("right")]);
        drop(held);
        pairing.join().expect("no panic").expect("kept");
        assert_eq!(Acquaintances::load(&folder, PEERS).all(), [peer("right")]);
        all.reload().expect("as it was written");
        assert_eq!(all.all(), [peer("right")]);
    }

    #[test]
    fn a_pairing_that_another_programs_lock_keeps_from_the_file_holds_for_this_run() {
        let (_place, folder) = folder();
        let all = Acquaintances::load(&folder, PEERS);
        let held = folder.lock().expect("free");
        let why = all.add(peer("left")).expect_err("not kept").to_string();
        assert!(why.contains(".lock"), "{why}");
        assert!(all.find(&peer("left").fingerprint).is_some() && !folder.file(PEERS).exists());
        drop(held);
        all.add(peer("right")).expect("kept");
        assert_eq!(Acquaintances::load(&folder, PEERS).all(), [peer("left"), peer("right")]);
    }

    #[test]
    fn programs_that_pair_at_the_same_time_lose_nobody() {
        let (_place, folder) = folder();
        let pair = |program: usize| {
            let all = Acquaintances::load(&folder, PEERS);
            (0..20).for_each(|number| all.add(peer(&format!("{program}-{number}"))).expect("kept"));
        };
        std::thread::scope(|scope| (0..4).for_each(|program| drop(scope.spawn(move || pair(program)))));
        assert_eq!(Acquaintances::load(&folder, PEERS).all().len(), 80);
    }

    #[test]
    fn a_folder_that_others_may_write_in_is_not_believed() {
        use std::os::unix::fs::PermissionsExt;
        let (place, folder) = folder();
        let open = |mode| std::fs::set_permissions(place.path(), std::fs::Permissions::from_mode(mode)).expect("set");
        Acquaintances::load(&folder, PEERS).add(peer("left")).expect("kept");
        open(0o775);
        let why = Acquaintances::load(&folder, PEERS).trouble().expect("too open");
        assert!(why.contains("chmod 755"), "{why}");
        open(0o755);
        assert_eq!(Acquaintances::load(&folder, PEERS).trouble(), None, "others may look");
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
        Acquaintances::load(&folder, PEERS).add(peer("left")).expect("kept");
        std::fs::set_permissions(folder.file(PEERS), std::fs::Permissions::from_mode(0o666)).expect("set");
        let why = Acquaintances::load(&folder, PEERS).trouble().expect("too open");
        assert!(why.contains("chmod 644"), "{why}");
    }

    #[test]
    fn where_nothing_can_be_written_it_holds_for_this_run_and_is_told() {
        let all = Acquaintances::load(&KeyFolder::find("/proc/downbeat-keys"), PEERS);
        let why = all.add(peer("left")).expect_err("not kept").to_string();
        assert!(why.contains("/proc/downbeat-keys"), "{why}");
        assert!(all.find(&peer("left").fingerprint).is_some());
    }

    #[test]
    fn a_list_that_cannot_be_used_is_left_as_it_is_and_read_once_it_can() {
        use std::os::unix::fs::PermissionsExt;
        let (_place, folder) = folder();
        Acquaintances::load(&folder, PEERS).add(peer("left")).expect("kept");
        let text = std::fs::read(folder.file(PEERS)).expect("there");
        let allow = |mode| std::fs::set_permissions(folder.file(PEERS), std::fs::Permissions::from_mode(mode));
        let write = |text: &[u8]| std::fs::write(folder.file(PEERS), text).expect("written");
        for (spoil, mend) in [
            (&(|| allow(0o666).expect("set")) as &dyn Fn(), &(|| allow(0o600).expect("set")) as &dyn Fn()),
            (&|| write(b"[[peer"), &|| write(&text)),
        ] {
            spoil();
            // A program that starts now, and one that runs.
            let (starts, runs) = (Acquaintances::load(&folder, PEERS), Acquaintances::load(&folder, PEERS));
            assert!(starts.all().is_empty() && starts.trouble().is_some_and(|why| why.contains(PEERS)));
            let spoilt = std::fs::read(folder.file(PEERS)).expect("there");
            for refused in [starts.add(peer("right")).err(), runs.remove("left").err()] {
                let why = refused.expect("not stored").to_string();
                assert!(why.contains(PEERS) && why.contains("then do this again"), "{why}");
            }
            assert_eq!(std::fs::read(folder.file(PEERS)).expect("there"), spoilt);
            assert!(starts.reload().is_err());
            mend();
            starts.reload().expect("mended");
            assert_eq!((starts.all(), starts.trouble()), (vec![peer("left")], None));
        }
    }

    #[test]
    fn a_revocation_by_an_editor_that_leaves_the_file_too_open_counts_once_that_is_mended() {
        use std::os::unix::fs::PermissionsExt;
        let (_place, folder) = folder();
        let all = Acquaintances::load(&folder, PEERS);
        all.add(peer("left")).expect("kept");
        let allow = |mode| std::fs::set_permissions(folder.file(PEERS), std::fs::Permissions::from_mode(mode));
        std::fs::write(folder.file(PEERS), "# nobody\n").expect("written");
        allow(0o664).expect("set");
        assert!(all.reload().expect_err("too open").contains("chmod 644"));
        assert_eq!(all.all(), [peer("left")]);
        allow(0o644).expect("set");
        all.reload().expect("mended");
        assert!(all.all().is_empty());
    }
}
