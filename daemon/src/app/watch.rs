//! What is done after each look at the files of the configuration. Pure.

use crate::config::{NamedFiles, Snapshot};

/// Looks in a row at the same fault until it is told: a file that is being replaced is gone for a moment.
const FAULTS: u32 = 3;
/// Looks in a row at files that rest until they are read.
const RESTS: u32 = 1;
/// The same where one of them has only lost its end: an editor or a copy may still be at it.
const RESTS_IF_SHORTER: u32 = 8;

/// What a look has found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// The files of the configuration.
    pub files: Snapshot,
    /// Those that it names.
    pub named: NamedFiles,
}

/// What the looks have shown.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// The files as last read, whether good or bad; none if they have to be read again.
    read: Option<Found>,
    seen: Found,
    /// On how many looks in a row the files were the same.
    rested: u32,
    /// Why they cannot be read, and on how many looks in a row.
    fault: Option<(String, u32)>,
}

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Wait,
    Read(Snapshot),
    /// Nobody could read the files for a while.
    Refuse(String),
}

impl Watch {
    /// Files that were read.
    pub fn of(found: Found) -> Self {
        Self { read: Some(found.clone()), seen: found, ..Self::default() }
    }

    /// Judges what a look has found, while other files are in force.
    pub fn look(&mut self, found: Result<Found, String>, in_force: &Snapshot) -> Verdict {
        let now = match found {
            Ok(now) => now,
            Err(why) => return self.cannot_be_read(why),
        };
        if self.fault.take().is_some_and(|(_, looks)| looks >= FAULTS) {
            // What was told about them is over.
            self.read = None;
        }
        let rests = now == std::mem::replace(&mut self.seen, now.clone());
        self.rested = if rests { self.rested.saturating_add(1) } else { 0 };
        let wanted = if now.files.is_beginning_of(in_force) { RESTS_IF_SHORTER } else { RESTS };
        let is_due = self.rested >= wanted && self.read.as_ref() != Some(&now);
        if is_due { Verdict::Read(now.files) } else { Verdict::Wait }
    }

    /// Files were read.
    pub fn was_read(&mut self, found: Found) {
        self.read = Some(found);
        self.fault = None;
    }

    /// What was seen last will not be read.
    pub fn give_up(&mut self) {
        self.was_read(self.seen.clone());
    }

    /// It was told why the files cannot be read.
    pub fn was_told(&mut self, why: &str) {
        self.fault = Some((why.to_owned(), FAULTS));
    }

    /// The files have to be read again.
    pub fn forget(&mut self) {
        self.read = None;
    }

    fn cannot_be_read(&mut self, why: String) -> Verdict {
        let looks =
            self.fault.as_ref().filter(|(known, _)| *known == why).map_or(1, |(_, looks)| looks.saturating_add(1));
        self.fault = Some((why.clone(), looks));
        if looks == FAULTS { Verdict::Refuse(why) } else { Verdict::Wait }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BAD: &str = "cannot read show.toml: it is in Latin-1";

    fn files(text: &str) -> Snapshot {
        Snapshot(vec![("show.toml".into(), text.into())])
    }

    fn found(text: &str) -> Found {
        Found { files: files(text), named: NamedFiles::default() }
    }

    /// What is done after each of some looks at the same.
    fn looks(watch: &mut Watch, count: u32, found: Result<&str, &str>, in_force: &str) -> Vec<Verdict> {
        let found = || found.map(self::found).map_err(str::to_owned);
        (0..count).map(|_| watch.look(found(), &files(in_force))).filter(|verdict| *verdict != Verdict::Wait).collect()
    }

    #[test]
    fn a_saved_file_is_read_once_it_rests() {
        let mut watch = Watch::of(found("a\n"));
        assert_eq!(looks(&mut watch, 9, Ok("a\n"), "a\n"), []);
        assert_eq!(looks(&mut watch, 1, Ok("b\n"), "a\n"), []);
        assert_eq!(looks(&mut watch, 1, Ok("b\nc\n"), "a\n"), [], "it is still being written");
        assert_eq!(looks(&mut watch, 1, Ok("b\nc\n"), "a\n"), [Verdict::Read(files("b\nc\n"))]);
        watch.was_read(found("b\nc\n"));
        assert_eq!(looks(&mut watch, 9, Ok("b\nc\n"), "a\n"), [], "also if it was bad");
    }

    #[test]
    fn a_saved_surface_is_read_once_it_rests() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("box.toml");
        let table = [("surface".to_owned(), path.to_string_lossy().into_owned().into())].into();
        let look = |content: &str| {
            std::fs::write(&path, content).expect("written");
            Found { files: files("a\n"), named: NamedFiles::of(&table, &["surface"]) }
        };
        let mut watch = Watch::of(look("1"));
        let mut verdict = |content| watch.look(Ok(look(content)), &files("a\n"));
        assert_eq!(verdict("2"), Verdict::Wait);
        assert_eq!(verdict("3"), Verdict::Wait, "it is still being written");
        assert_eq!(verdict("3"), Verdict::Read(files("a\n")));
        watch.was_read(look("3"));
        assert_eq!(watch.look(Ok(look("3")), &files("a\n")), Verdict::Wait);
    }

    #[test]
    fn what_has_only_lost_its_end_gets_time_to_come_back() {
        for rest in ["", "a\n"] {
            let mut watch = Watch::of(found("a\nb\n"));
            assert_eq!(looks(&mut watch, 5, Ok(rest), "a\nb\n"), [], "a copy that stalls");
            assert_eq!(looks(&mut watch, 9, Ok("a\nb\n"), "a\nb\n"), [], "it has come to its end");
            assert_eq!(looks(&mut watch, 9, Ok(rest), "a\nb\n"), [Verdict::Read(files(rest))], "it was meant so");
        }
    }

    #[test]
    fn what_stays_unreadable_is_told_once_and_read_again_when_it_is_back() {
        let mut watch = Watch::of(found("a\n"));
        assert_eq!(looks(&mut watch, 2, Err(BAD), "a\n"), [], "an editor is replacing it");
        assert_eq!(looks(&mut watch, 2, Ok("a\n"), "a\n"), []);
        assert_eq!(looks(&mut watch, 99, Err(BAD), "a\n"), [Verdict::Refuse(BAD.into())]);
        assert_eq!(looks(&mut watch, 99, Err("gone"), "a\n"), [Verdict::Refuse("gone".into())], "another matter");
        assert_eq!(looks(&mut watch, 1, Ok("a\n"), "a\n"), [Verdict::Read(files("a\n"))], "so that all is well again");
        watch.was_read(found("a\n"));
        watch.was_told(BAD);
        assert_eq!(looks(&mut watch, 9, Err(BAD), "a\n"), [], "whoever asked knows it");
    }

    #[test]
    fn what_could_not_be_read_to_the_end_is_read_again() {
        let mut watch = Watch::of(found("a\n"));
        assert_eq!(looks(&mut watch, 2, Ok("b\n"), "a\n").len(), 1);
        watch.forget();
        assert_eq!(looks(&mut watch, 1, Ok("b\n"), "a\n"), [Verdict::Read(files("b\n"))]);
    }
}
